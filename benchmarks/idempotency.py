"""However often a machine sends one report, and from however many threads at once: it is one report with one answer.

    python benchmarks/idempotency.py                                 10,000 requests, SQLite and PostgreSQL
    python benchmarks/idempotency.py --requests 1000 --database sqlite

A real server, and 16 connections that send the same Idempotency-Key with the same body from the first moment on; every
hundredth request is another report with a key of its own, sent twice. Afterwards the database is asked what is in it.
Exit code 1 when there is another number of reports than of keys, when one answer differs from the others, or when a
request was answered with anything but 201 (or 429, which is tried again).
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.intake import quantile  # noqa: E402
from tools.installation import Installation  # noqa: E402
from tools.throwaway_postgres import Cluster  # noqa: E402

Post = Callable[[str, dict[str, Any]], tuple[int, bytes]]

BODY: dict[str, Any] = {"path": "professional", "words": "Laporan rekaan dari mesin.", "happened": ["approached"]}
COUNT = """
import django; django.setup()
from lindung.partners.models import Submission
from lindung.reporting.models import Report
from lindung.vault.models import SealedRecord
print(Report.objects.count(), Submission.objects.count(), SealedRecord.objects.count())
"""


@dataclass
class Storm:
    """What came back. `answers`: different answers to the one key; `other_reports`: keys beside it that got theirs."""

    requests: int = 0
    again: int = 0
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)
    other_reports: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answers(self) -> int:
        return len(self.bodies)


def storm(post: Post, *, requests: int, threads: int, others: int, key: str) -> Storm:
    """Send one key `requests` times from so many threads, and `others` reports with keys of their own in between.

    Each of the others is sent twice. `post(key, body)` gives status and answer; 429 is tried again.
    """
    result, start = Storm(), threading.Barrier(threads)
    every = max(1, requests // others) if others else requests + 1

    def send(name: str, body: dict[str, Any]) -> bytes | None:
        while True:
            began = time.perf_counter()
            status, answer = post(name, body)
            with result.lock:
                result.requests += 1
                result.seconds.append(time.perf_counter() - began)
                if status == 201:
                    return answer
                if status != 429:
                    result.problems.append(f"{status}: {answer[:80]!r}")
                    return None
                result.again += 1
            time.sleep(0.05)

    def work(first: int) -> None:
        start.wait(60)
        for number in range(first, requests, threads):
            answer = send(key, BODY)
            if answer is not None:
                with result.lock:
                    result.bodies.add(answer)
            if number % every == every - 1:
                name = str(uuid.uuid4())
                twice = {send(name, {**BODY, "words": f"Laporan lain {number}."}) for _ in range(2)}
                with result.lock:
                    result.other_reports += 1
                    if len(twice) != 1:
                        result.problems.append("one key, two answers")

    running = [threading.Thread(target=_guarded, args=(result, work, n)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return result


def _guarded(result: Storm, work: Callable[[int], None], number: int) -> None:
    try:
        work(number)
    except Exception as error:
        with result.lock:
            result.problems.append(f"{type(error).__name__} in thread {number}")
    finally:
        if "django.db" in sys.modules:  # inside the test suite each thread has a connection of its own
            from django.db import connections

            connections.close_all()


def token_of(installation: Installation) -> str:
    """Make a token on the command line, as an administrator of the server would."""
    done = installation.run(
        "token", "add", "Mesin uji", "--organisation", "partner organisation", "--issuer", "organisation",
        "--purpose", "helpline", "--scope", "report:submit", "--scope", "report:receipt", "--days", "30",
        "--daily-limit", "5000",
    )  # fmt: skip
    return next(word for word in done.stdout.split() if word.startswith("lnd_"))


def poster(port: int, token: str) -> Post:
    """Return `post` with one connection for each thread, kept open as a partner's program would."""
    lines = threading.local()

    def post(key: str, body: dict[str, Any]) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
        for fresh in (False, True):
            if fresh or getattr(lines, "line", None) is None:
                lines.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                lines.line.request("POST", "/api/v1/reports", json.dumps(body), headers)
                answer = lines.line.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                if fresh:
                    raise
        raise AssertionError

    return post


def counted(installation: Installation) -> tuple[int, int, int]:
    """Reports, references and sealed records in the database."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env=installation.env, cwd=installation.folder, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    reports, references, records = (int(word) for word in done.stdout.split())
    return reports, references, records


def run(installation: Installation, requests: int, threads: int) -> bool:
    """Send, count, print; tell whether all is well."""
    post = poster(installation.port, token_of(installation))
    began = time.monotonic()
    result = storm(post, requests=requests, threads=threads, others=max(1, requests // 100), key=str(uuid.uuid4()))
    took = time.monotonic() - began
    reports, references, records = counted(installation)
    wanted = 1 + result.other_reports
    print(
        f"  {result.requests} requests from {threads} threads in {took:.1f} s ({result.requests / took:.0f}/s), "
        f"{result.again} told to come again; one takes median {quantile(result.seconds, 0.5) * 1000:.1f} ms, "
        f"p95 {quantile(result.seconds, 0.95) * 1000:.1f} ms"
    )
    print(
        f"  the one key: {result.answers} answer; all keys: {wanted}; in the database: {reports} reports, "
        f"{references} references, {records} sealed records"
    )
    for problem in result.problems[:5]:
        print(f"      {problem}")
    return result.answers == 1 and reports == references == records == wanted and not result.problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    options = parser.parse_args()
    well = True
    for database in options.database:
        print(f"{database}:")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-idempotency-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare().start()
            stack.callback(installation.stop)
            well = run(installation, options.requests, options.threads) and well
    print("all well" if well else "NOT WELL: see above")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
