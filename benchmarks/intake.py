"""Nothing is lost: sends reports through the real front door and opens every receipt afterwards.

    python benchmarks/intake.py                 2,000 reports at concurrency 1, 4, 16, 64 on both databases
    python benchmarks/intake.py --kill 30       SIGKILL to the server (and to PostgreSQL) in the middle of sends
    python benchmarks/intake.py --reports 200 --concurrency 16 --database sqlite

Default settings of the platform, full sealing and receipt derivation. Walks are opened beforehand (a send is accepted
20 seconds after its walk began). A report counts as acknowledged when the client has the whole receipt page. The client
runs on the same cores. The floor in the same run: what derivations alone, and one synced write, cost on this machine.
Exit code 1 when anything was lost, refused, doubled or changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from argon2.low_level import Type, hash_secret_raw

from benchmarks.walks import Sent, open_walks, send
from tools.installation import ROOT, Installation
from tools.throwaway_postgres import Cluster

# Measured on an idle machine of two cores, proof of work included; see the README of this folder.
PEER = "GlobaLeaks 5.0.95: 2.8/s at 1; 3.6/s at 4 with 13.8 % lost; 3.6/s at 16 with 15.6 % lost"


def floor() -> None:
    """Print what the machine can do at best: derivations on two threads, and one synced transaction after another."""
    number = 60

    def derive(i: int) -> None:
        hash_secret_raw(str(i).encode(), b"0" * 16, 2, 19456, 1, 32, Type.ID)

    with ThreadPoolExecutor(2) as pool:
        started = time.monotonic()
        list(pool.map(derive, range(number)))
        rate = number / (time.monotonic() - started)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        db = sqlite3.connect(Path(folder) / "floor", isolation_level=None)
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE t (b BLOB)")
        started = time.monotonic()
        for _ in range(200):
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO t VALUES (?)", (os.urandom(2000),))
            db.execute("COMMIT")
        write = (time.monotonic() - started) / 200
        db.close()
    print(
        f"floor: {rate:.1f} derivations/s on two threads ({2000 / rate:.0f} ms each); "
        f"one synced write {write * 1000:.1f} ms"
    )


def verify(installation: Installation, walks: Iterable[Sent]) -> dict[str, Any]:
    """Open every acknowledged receipt in a process of its own."""
    lines = "\n".join(json.dumps({"code": w.code, "answers": w.answers}) for w in walks if w.acknowledged)
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "verify.py")],
        env=installation.env, input=lines, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(q * len(values)))] if values else float("nan")


def load(installation: Installation, reports: int, concurrency: int, seed: int, before: int) -> tuple[int, bool]:
    """One row of the table. Returns how many reports there are now and whether all is well."""
    walks = open_walks("127.0.0.1", installation.port, reports, seed)
    started = time.monotonic()
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(send, walks))
    took = time.monotonic() - started
    good = [w for w in walks if w.acknowledged]
    # A retried send, and a double click, must show the same code and make no second report.
    again = random.Random(seed).sample(good, min(40, len(good)))
    codes = {id(w): w.code for w in again}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(send, [w for w in again for _ in range(2)]))
    doubled = sum(1 for w in again if w.codes_seen != {codes[id(w)]})
    found = verify(installation, walks)
    seconds = [w.seconds for w in good]
    rate = len(good) / took
    extra = found["reports"] - before - len(good)
    print(
        f"  {concurrency:>3} at once: {len(good)}/{reports} acknowledged, {reports - len(good)} refused, "
        f"{found['missing']} lost, {found['different']} changed, {extra + doubled} doubled, "
        f"{found['half_written']} half-written; {rate:.1f}/s, median {statistics.median(seconds) * 1000:.0f} ms, "
        f"p95 {quantile(seconds, 0.95) * 1000:.0f} ms, max {max(seconds) * 1000:.0f} ms"
    )
    for walk in [w for w in walks if not w.acknowledged][:3]:
        print(f"      not acknowledged: {walk.problem}")
    for names in found["differing"]:
        print(f"      changed: {', '.join(names)}")
    well = len(good) == reports and not (
        found["missing"] or found["different"] or extra or doubled or found["half_written"]
    )
    if concurrency == 16:
        well = well and rate >= 25
    return found["reports"], well


def kill(installation: Installation, cluster: Cluster | None, times: int, seed: int) -> bool:
    """SIGKILL in the middle of sends, then retry every interrupted one."""
    rng = random.Random(seed)
    size = 24
    walks = open_walks("127.0.0.1", installation.port, times * size, seed)
    interrupted = changed = 0
    for number in range(times):
        batch = walks[number * size : (number + 1) * size]
        with ThreadPoolExecutor(16) as pool:
            running = [pool.submit(send, w) for w in batch]
            time.sleep(rng.uniform(0.02, 0.7))
            if cluster is not None and number % 2:
                cluster.kill()
                cluster.start()
            else:
                installation.kill()
            for future in running:
                future.result()
        if cluster is None or not number % 2:
            installation.start()
        acknowledged = {id(w): w.code for w in batch if w.acknowledged}
        cut = [w for w in batch if not w.acknowledged]
        interrupted += len(cut)
        for walk in batch:  # the ones already acknowledged are sent again too: the same code must come back
            walk.walker.close()
            for _ in range(20):
                walk.acknowledged = False
                send(walk)
                if walk.acknowledged:
                    break
                time.sleep(0.3)
        changed += sum(1 for w in batch if id(w) in acknowledged and w.code != acknowledged[id(w)])
        print(f"\r  {number + 1}/{times} kills, {interrupted} sends interrupted", end="", flush=True)
    found = verify(installation, walks)
    good = sum(w.acknowledged for w in walks)
    doubled = found["reports"] - len(walks)
    print(
        f"\r  {times} kills, {interrupted} sends interrupted and retried: {good}/{len(walks)} acknowledged in the end, "
        f"{found['missing']} acknowledged lost, {found['different']} changed, {changed} with another code, "
        f"{doubled} doubled, {found['half_written']} half-written, "
        f"{found['events'] - found['reports']} audit events too many or few"
    )
    bad = found["missing"] or found["different"] or changed or doubled or found["half_written"]
    return good == len(walks) and not bad and found["events"] == found["reports"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=2000, help="reports for each concurrency (default 2000)")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument(
        "--kill", type=int, default=0, metavar="TIMES", help="kill mode: how often (at least 30 to mean anything)"
    )
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    floor()
    print(f"peer, measured elsewhere on two idle cores: {PEER}")
    well = True
    for database in options.database:
        print(f"{database}:")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-bench-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare().start()
            stack.callback(installation.stop)
            if options.kill:
                well = kill(installation, cluster, options.kill, options.seed) and well
                continue
            reports = 0
            for i, concurrency in enumerate(options.concurrency):
                seed = options.seed + i * 1_000_000
                reports, fine = load(installation, options.reports, concurrency, seed, reports)
                well = well and fine
    print("all well" if well else "NOT WELL: see above")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
