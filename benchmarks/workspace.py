"""The desk with many reports: how long the server takes for the inbox, its filters, and opening a report.

    python benchmarks/workspace.py                                200,000 reports, a fifth of them open, both databases
    python benchmarks/workspace.py --open 1                       all of them open
    python benchmarks/workspace.py --reports 20000 --database sqlite

Starts an installation of its own for each database, fills it (workspace_seed.py says with what), signs in with
passphrase and second factor, and asks over one kept-alive connection, each page `--requests` times in mixed order. The
time is that of the whole answer; the client runs on the same machine. The floor is a staff page without reports in the
same run. Queries are counted in a second process, with the same session on the same database. Exit code 1 when a page
has a median above 150 ms, a p95 above 400 ms or more than 25 queries.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyotp

from tools.installation import ROOT, Installation
from tools.throwaway_postgres import Cluster
from tools.walker import Walker

MEDIAN, P95, QUERIES = 150.0, 400.0, 25
FLOOR = "floor: the account page"


def seed(installation: Installation, reports: int, open_share: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "workspace_seed.py"), str(reports), str(open_share), "20261122"],
        env=installation.env, cwd=installation.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def sign_in(installation: Installation) -> Walker:
    """As an analyst signs in: passphrase, then the code of the app."""
    person = installation.people["analyst"]
    walker = Walker("127.0.0.1", installation.port)
    walker.get("/kerja/masuk/")
    walker.submit({"username": person["username"], "passphrase": person["passphrase"]})
    walker.submit({"code": pyotp.TOTP(person["totp"]).now()})
    if walker.page.status != 200 or "k" not in walker.cookies:
        raise SystemExit("the benchmark could not sign in")
    return walker


def pages(made: dict[str, Any]) -> dict[str, list[str]]:
    """What is asked, by name; of several addresses one after the other."""
    week = (datetime.now(UTC) - timedelta(days=7)).date().isoformat()
    report = "/kerja/laporan/{}/"
    filters = {
        "inbox, first page": ["/kerja/"],
        "inbox, last page": ["/kerja/?akhir=1"],
        "high risk": ["/kerja/?risiko=high"],
        "late": ["/kerja/?hanya=terlambat"],
        "new message": ["/kerja/?hanya=pesan"],
        "not taken": ["/kerja/?siapa=kosong"],
        "mine": ["/kerja/?siapa=saya"],
        "frequent fact (girls)": ["/kerja/?jk=female"],
        "middling fact (a province)": [f"/kerja/?provinsi={code}" for code in ("35", "32", "12")],
        "rare fact (a regency)": [
            f"/kerja/?provinsi={code[:2]}&kabupaten={code}" for code in ("53.71", "31.71", "11.71", "73.71")
        ],
        "two facts, late": ["/kerja/?umur=13-15&bentuk=grooming&hanya=terlambat"],
        "three facts": ["/kerja/?provinsi=35&jk=female&umur=13-15"],
        "by phone, in a week": [f"/kerja/?saluran=phone&dari={week}"],
        "in English": ["/kerja/?bahasa=en"],
        "closed": ["/kerja/?keadaan=closed"],
        "closed, a fact, last page": ["/kerja/?keadaan=closed&jk=male&akhir=1"],
        "closed too, a regency": ["/kerja/?keadaan=all&provinsi=51&kabupaten=51.71"],
    }
    opening = {
        "open: plain report": [report.format(pk) for pk in made["plain"]],
        "open: report with everything": [report.format(pk) for pk in made["full"]],
        f"open: in a group of {len(made['group'])}": [report.format(pk) for pk in made["group"]],
    }
    return {FLOOR: ["/kerja/akun/"], **filters, **opening}


def measure(walker: Walker, wanted: dict[str, list[str]], requests: int, seed: int) -> dict[str, list[float]]:
    """Milliseconds of each request by page, all pages mixed, after one warm-up of each."""
    for addresses in wanted.values():
        ask(walker, addresses[0])
    turns = [(name, addresses[i % len(addresses)]) for name, addresses in wanted.items() for i in range(requests)]
    random.Random(seed).shuffle(turns)
    taken: dict[str, list[float]] = {name: [] for name in wanted}
    for name, address in turns:
        taken[name].append(ask(walker, address))
    return taken


def ask(walker: Walker, address: str) -> float:
    started = time.perf_counter()
    page = walker.request("GET", address, follow=False)
    took = (time.perf_counter() - started) * 1000
    if page.status != 200 or not walker.whole():
        raise SystemExit(f"{address} answered {page.status}")
    return took


def count(installation: Installation, walker: Walker, wanted: dict[str, list[str]]) -> dict[str, int]:
    """The most queries of each page, counted in a process of its own."""
    work = json.dumps({"cookies": walker.cookies, "pages": wanted})
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--count"],
        env=installation.env, cwd=installation.folder, input=work, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def count_here() -> None:
    """The second process: reads cookies and pages, prints the number of queries by page."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    work = json.load(sys.stdin)
    client = Client()
    for name, value in work["cookies"].items():
        client.cookies[name] = value
    found = {}
    for name, addresses in work["pages"].items():
        client.get(addresses[0])
        numbers = []
        for address in addresses[:3]:
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            assert response.status_code == 200, (address, response.status_code)
            numbers.append(len(queries))
        found[name] = max(numbers)
    json.dump(found, sys.stdout)


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def table(taken: dict[str, list[float]], queries: dict[str, int]) -> bool:
    """Print one line a page; returns whether all of them keep the limits."""
    well = True
    print(f"  {'page':<32} {'median':>8} {'p95':>8} {'max':>8} {'queries':>8}")
    for name, values in taken.items():
        median, p95 = statistics.median(values), quantile(values, 0.95)
        fine = median <= MEDIAN and p95 <= P95 and queries[name] <= QUERIES
        well = well and fine
        mark = "" if fine else "   <- too much"
        print(f"  {name:<32} {median:>5.0f} ms {p95:>5.0f} ms {max(values):>5.0f} ms {queries[name]:>8}{mark}")
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=200_000)
    parser.add_argument("--open", type=float, default=0.2, help="share of the reports that are open (default 0.2)")
    parser.add_argument("--requests", type=int, default=100, help="requests a page (default 100)")
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        count_here()
        return 0
    well = True
    for database in options.database:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-bench-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare()
            made = seed(installation, options.reports, options.open)
            installation.start()
            stack.callback(installation.stop)
            print(
                f"{database}: {made['reports']} reports, {options.open:.0%} open; filled in {made['seconds']:.0f} s, "
                f"{made['bulk_seconds']:.0f} of them for rows in bulk; load of the machine {os.getloadavg()[0]:.1f}"
            )
            walker, wanted = sign_in(installation), pages(made)
            taken = measure(walker, wanted, options.requests, options.seed)
            well = table(taken, count(installation, walker, wanted)) and well
            print(f"  load of the machine at the end {os.getloadavg()[0]:.1f}")
    print("all within the limits" if well else "NOT WELL: see above")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
