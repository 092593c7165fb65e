"""A flood does not keep children out: 200 reporters from one address within a minute, while 64 connections flood.

    python benchmarks/flood.py                         on the embedded database; about two minutes
    python benchmarks/flood.py --attackers-from other  the flood comes from an address of its own

Reporters are phones without script. Each begins at some moment of one minute, answers its walk, sends as soon as a
send is accepted (20 s after its walk began) and reads the whole receipt page. The attackers keep one walk each: fresh
cookies, the shortest walk there is, a send at once (which gets the waiting page), a send as soon as it may, cookies
dropped, again. By default they share the reporters' address, as behind one carrier's gateway, so that no fair turn
helps. The client runs on the same cores. Exit code 1 when a reporter was refused or the 95th percentile of a send was
2 s or more, or when the attackers got more than 192 reports in within any minute (64 connections, 20 s for each walk).
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.intake import quantile
from benchmarks.walks import SECONDS_BEFORE_SENDING, Sent, open_walk, send
from tools.installation import Installation
from tools.throwaway_postgres import Cluster
from tools.walker import Walker, wait_until

HOST = "127.0.0.1"
OTHER = "127.0.0.66"
MINUTE = 60.0
WARM_UP = 21.0
"""Seconds that the attackers run before the first reporter comes: their first sends fall due then."""


@dataclass
class Flood:
    """What the attackers got. Times are time.monotonic() seconds."""

    accepted: list[float] = field(default_factory=list)
    told_to_wait: int = 0
    troubles: dict[str, int] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, trouble: str) -> None:
        with self.lock:
            self.troubles[trouble] = self.troubles.get(trouble, 0) + 1

    def busiest_minute(self) -> int:
        """The most reports that were accepted within any 60 seconds."""
        times = sorted(self.accepted)
        return max((sum(1 for t in times[i:] if t < start + MINUTE) for i, start in enumerate(times)), default=0)


def attack(flood: Flood, port: int, source: str) -> None:
    """One connection: walk after walk until the flood is over."""
    while not flood.over.is_set():
        walker = Walker(HOST, port)
        walker._connection = http.client.HTTPConnection(HOST, port, timeout=60, source_address=(source, 0))
        try:
            _one_walk(flood, walker)
        except (OSError, http.client.HTTPException, StopIteration) as error:
            flood.note(type(error).__name__)
            flood.over.wait(0.5)
        finally:
            walker.close()


def _one_walk(flood: Flood, walker: Walker) -> None:
    walker.get("/lapor/kecil/")
    walker.submit({}, next(f for f in walker.forms() if f.action.endswith("/kecil/")), ("do", "next"))
    walker.get("/lapor/periksa/")
    page = walker.submit({}, next(f for f in walker.forms() if f.action.endswith("/kirim/")))
    while not page.path.endswith("/kode/"):
        left = re.search(r"(\d+)[^<]{0,40}detik", page.body)
        if page.status != 200:
            flood.note(f"status {page.status}")
            return
        flood.told_to_wait += 1
        # Whatever the page says: the first second in which a send may be accepted is tried, and each one after.
        if flood.over.wait(max(1.0, int(left.group(1)) if left else 1.0)):
            return
        page = walker.get("/lapor/kirim/")
    with flood.lock:
        flood.accepted.append(time.monotonic())


def report(port: int, begin: float, seed: int) -> Sent | str:
    """One reporter: the whole walk, then the send. Returns the walk, or why it did not even come so far."""
    wait_until(begin)
    try:
        walk = open_walk(HOST, port, seed)
    except Exception as error:  # refused on the way counts like a refused send
        return f"{type(error).__name__}: {error}"
    wait_until(walk.began + SECONDS_BEFORE_SENDING)
    send(walk)
    return walk


def run(installation: Installation, reporters: int, attackers: int, source: str, seed: int) -> bool:
    """Flood and report; print what came of it and tell whether all is well."""
    flood, rng = Flood(), random.Random(seed)
    with ThreadPoolExecutor(attackers) as enemies, ThreadPoolExecutor(reporters) as phones:
        for _ in range(attackers):
            enemies.submit(attack, flood, installation.port, source)
        start = time.monotonic() + WARM_UP
        begins = [start + rng.uniform(0, MINUTE) for _ in range(reporters)]
        running = [phones.submit(report, installation.port, b, seed + i) for i, b in enumerate(begins)]
        results = [future.result() for future in running]
        flood.over.set()
    walks = [walk for walk in results if isinstance(walk, Sent)]
    good = [walk for walk in walks if walk.acknowledged]
    seconds = [walk.seconds for walk in good]
    refused, most = reporters - len(good), flood.busiest_minute()
    print(
        f"  reporters: {len(good)}/{reporters} acknowledged, {refused} refused; a send takes median "
        f"{quantile(seconds, 0.5) * 1000:.0f} ms, p95 {quantile(seconds, 0.95) * 1000:.0f} ms, "
        f"max {max(seconds, default=float('nan')) * 1000:.0f} ms"
    )
    print(
        f"  flood of {attackers} from {source}: {len(flood.accepted)} accepted, {most} in its busiest minute, "
        f"{flood.told_to_wait} times told to wait"
    )
    for problem in [r if isinstance(r, str) else r.problem for r in results if r not in good][:3]:
        print(f"      refused: {problem}")
    for trouble, number in sorted(flood.troubles.items()):
        print(f"      the flood met {trouble}: {number} times")
    return refused == 0 and quantile(seconds, 0.95) < 2.0 and 0 < most <= attackers * 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reporters", type=int, default=200)
    parser.add_argument("--attackers", type=int, default=64)
    parser.add_argument("--attackers-from", choices=["same", "other"], default="same", help="address of the flood")
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"])
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    source = HOST if options.attackers_from == "same" else OTHER
    well = True
    for database in options.database:
        print(f"{database}:")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-flood-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare().start()
            stack.callback(installation.stop)
            well = run(installation, options.reporters, options.attackers, source, options.seed) and well
    print("all well" if well else "NOT WELL: see above")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
