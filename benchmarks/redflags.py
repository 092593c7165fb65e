"""How fast red flags are found, beside what a machine can do at best and what others do.

    python benchmarks/redflags.py                       5,000,000 payments, 500,000 accounts: scan, floor, peers, skew
    python benchmarks/redflags.py --sizes 1 2 5 10 20   also growth, in millions of payments (an account for each ten)
    python benchmarks/redflags.py --world DIR           a world that is there already, instead of making one
    python benchmarks/redflags.py --payments 200000 --only scan floor

Worlds are invented by `redflags synth`. Each measurement is a process of its own, of which clock, CPU and the largest
resident memory are printed. `scan` is the command: Parquet in, alerts with reasons out. `passes` is reading and every
feature and hit of the catalogue, without reasons. `floor`: read the payments, one aggregate for each payee. `seven`:
seven features by sliding frames in plain SQL. `pandas`: three indicators; needs pandas beside lindung-redflags (group
`bench`), and is left out with a word when it is not there. `skew`: 500,000 payments with a fifth of them to one person,
beside the same without.

Needs an environment with lindung-redflags: redflags/.venv of this repository, or --python. All of
it takes about 15 minutes on two quiet cores, growth another 20; a measurement is ended after --limit seconds.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent / "redflags" / ".venv" / "bin" / "python"
TARGETS = {"wall": 60.0, "memory": 4.0, "memory_growth": 8.0, "skew": 1.5}
"""Seconds and GB for 5,000,000 payments; GB for 20,000,000; times."""


@dataclass(frozen=True)
class Measured:
    """Seconds, gigabytes (10^9 bytes), and what the process printed; `failed`: why there is nothing."""

    wall: float
    cpu: float
    memory: float
    said: dict[str, Any] = field(default_factory=dict)
    failed: str = ""

    def line(self, name: str) -> str:
        if self.failed:
            return f"{name:22} {self.failed}"
        return f"{name:22} {self.wall:8.1f} s wall {self.cpu:8.1f} s CPU {self.memory:6.2f} GB"


@dataclass(frozen=True)
class Bench:
    """What was asked for on the command line."""

    python: Path
    folder: Path
    memory: str
    limit: float

    def world(self, payments: int, given: Path | None = None) -> Path:
        """A world of so many payments and a tenth of them accounts."""
        if given is not None:
            return given
        world = self.folder / f"world-{payments}"
        if not world.exists():
            arguments = ["--transactions", payments, "--accounts", payments // 10, "--seed", 1, "--out", world]
            subprocess.run(
                [self.python, "-m", "lindung_redflags.cli", "synth", *map(str, arguments)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        return world

    def measure(self, name: str, world: Path) -> Measured:
        """One measurement in a process of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as out, tempfile.TemporaryFile("w+") as said:
            command = [str(self.python), str(HERE / "redflags_peers.py"), name, str(world), f"{out}/out", self.memory]
            with tempfile.TemporaryFile("w+") as wrong:
                began = time.monotonic()
                process = subprocess.Popen(command, stdout=said, stderr=wrong)
                stop = threading.Timer(self.limit, process.kill)
                stop.start()
                _, status, used = os.wait4(process.pid, 0)
                stop.cancel()
                process.returncode = os.waitstatus_to_exitcode(status)
                wall = time.monotonic() - began
                said.seek(0)
                wrong.seek(0)
                text, errors = said.read(), wrong.read().strip()
        cpu, memory = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9
        if process.returncode < 0:
            return Measured(wall, cpu, memory, failed=f"ended after {wall:.0f} s ({cpu:.0f} s CPU, {memory:.2f} GB)")
        if process.returncode:
            return Measured(wall, cpu, memory, failed=f"did not run: {errors.splitlines()[-1] if errors else '?'}")
        return Measured(wall, cpu, memory, json.loads(text))


def show(bench: Bench, name: str, world: Path, title: str = "") -> Measured:
    """Measure and print."""
    found = bench.measure(name, world)
    print(found.line(title or name), flush=True)
    for key, value in found.said.items():
        print(f"{'':22}   {key}: {json.dumps(value)}", flush=True)
    return found


def skewed(bench: Bench, world: Path) -> Path:
    """The same world with a fifth of all payments to one person at home who is a customer."""
    target = bench.folder / f"{world.name}-skew"
    if not target.exists():
        made = target.with_suffix(".half")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        shutil.copy(world / "accounts.parquet", made)
        sql = f"""
            COPY (
                WITH one AS (
                    SELECT account_id FROM '{world}/accounts.parquet'
                    WHERE kind = 'person' AND is_customer AND country = 'ID' AND opened_on < DATE '2025-01-01'
                    ORDER BY account_id LIMIT 1
                )
                SELECT x.* EXCLUDE (hit, account_id) REPLACE (
                    CASE WHEN hit THEN account_id ELSE payee_id END AS payee_id,
                    CASE WHEN hit THEN 'ID' ELSE payee_country END AS payee_country
                ) FROM (
                    SELECT *, hash(tx_id) % 5 = 0 AND payer_id <> account_id AS hit
                    FROM '{world}/transactions.parquet', one
                ) x
            ) TO '{made}/transactions.parquet' (FORMAT parquet)
        """
        code = "import duckdb, sys; duckdb.sql('SET TimeZone = \\'UTC\\''); duckdb.sql(sys.argv[1])"
        subprocess.run([bench.python, "-c", code, sql], check=True)
        made.rename(target)
    return target


def judged(name: str, value: float, target: float, unit: str) -> None:
    print(
        f"{name}: {value:.2f} {unit}, target {target:g} {unit}: {'held' if value <= target else 'MISSED'}", flush=True
    )


def skew(bench: Bench) -> None:
    """Half a million payments, without and with one person who receives a fifth of them."""
    print("\n# Skew: 500,000 payments, a fifth of them to one person", flush=True)
    even = bench.world(500_000)
    uneven = skewed(bench, even)
    for name in ("passes", "scan"):
        plain, hot = show(bench, name, even, f"{name}, as it is"), show(bench, name, uneven, f"{name}, one hot payee")
        if not plain.failed and not hot.failed:
            judged(f"{name}: hot beside plain, CPU", hot.cpu / plain.cpu, TARGETS["skew"], "times")
            judged(f"{name}: hot beside plain, wall", hot.wall / plain.wall, TARGETS["skew"], "times")


def growth(bench: Bench, sizes: list[float]) -> None:
    """The scan at several sizes, against n log n."""
    print("\n# Growth of the whole scan", flush=True)
    found: list[tuple[int, Measured]] = []
    for size in sizes:
        payments = round(size * 1e6)
        one = show(bench, "scan", bench.world(payments), f"{payments:,} payments")
        if not one.failed:
            found.append((payments, one))
        if sum(payments for payments, _ in found) and size == max(sizes) >= 20 and not one.failed:
            judged("memory at 20 million", one.memory, TARGETS["memory_growth"], "GB")
    if len(found) > 1:
        (n, first), (m, last) = found[0], found[-1]
        for name in ("wall", "cpu"):
            exponent = math.log(getattr(last, name) / getattr(first, name)) / math.log(m / n)
            most = math.log(m * math.log(m) / (n * math.log(n))) / math.log(m / n)
            print(f"{name} grows as n^{exponent:.3f} from {n:,} to {m:,}; n log n is n^{most:.3f} there", flush=True)


def main() -> None:
    """Measure what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payments", type=int, default=5_000_000)
    parser.add_argument("--sizes", type=float, nargs="+", default=[], help="millions of payments, for growth")
    parser.add_argument("--only", nargs="+", default=["scan", "passes", "floor", "seven", "pandas", "skew"])
    parser.add_argument("--world", type=Path, help="a folder that redflags synth wrote")
    parser.add_argument("--folder", type=Path, help="where worlds are made and kept; else in a temporary folder")
    parser.add_argument("--memory", default="3GB", help="what the engine may take; the process takes some more")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which a measurement is ended")
    parser.add_argument("--python", type=Path, default=PYTHON if PYTHON.exists() else Path(sys.executable))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redflags-bench-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(asked.python, folder, asked.memory, asked.limit)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, memory for the engine {asked.memory}")
        usual = [name for name in ("scan", "passes", "floor", "seven", "pandas") if name in asked.only]
        if usual:
            world = bench.world(asked.payments, asked.world)
            print(f"\n# {world.name if asked.world else f'{asked.payments:,} payments'}", flush=True)
            for name in usual:
                one = show(bench, name, world)
                if name == "scan" and not one.failed and not asked.world and asked.payments == 5_000_000:
                    judged("whole catalogue, wall", one.wall, TARGETS["wall"], "s")
                    judged("whole catalogue, memory", one.memory, TARGETS["memory"], "GB")
        if "skew" in asked.only:
            skew(bench)
        if asked.sizes:
            growth(bench, asked.sizes)


if __name__ == "__main__":
    main()
