"""Importing the directory: 5,000 rows with forty planted faults, each named; mended, imported in how many seconds.

    python benchmarks/directory_import.py                       5,000 rows, SQLite and PostgreSQL, CSV and XLSX
    python benchmarks/directory_import.py --rows 1000 --database sqlite

Runs the real command in installations of its own. Exit code 1 when a planted fault is not named by its row and column
(or another one is), when a refused sheet left anything behind, or when the mended sheet took 30 seconds or more.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lindung.directory.tests.sheets import as_csv, as_xlsx, invented, plant  # noqa: E402
from tools.installation import Installation  # noqa: E402
from tools.throwaway_postgres import Cluster  # noqa: E402

LIMIT_SECONDS = 30.0
COUNT = """
import django; django.setup()
from lindung.directory.models import Coverage, OpeningHours, Organisation, Service
print(*(model.objects.count() for model in (Organisation, Service, Coverage, OpeningHours)))
"""
PLACE = re.compile(r"Row (\d+), column ([A-Z]+) ")


def counts(place: Installation) -> list[int]:
    """Bodies, services, regions, spans of hours in the database."""
    done = subprocess.run(
        [sys.executable, "-c", COUNT], env=place.env, cwd=place.folder, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


def timed(place: Installation, *arguments: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Run a command and say how long it took, start of Python and Django included."""
    began = time.perf_counter()
    done = place.run(*arguments, check=False)
    return time.perf_counter() - began, done


def measure(label: str, place: Installation, rows: int, form: str) -> list[str]:
    """One sheet on one database: refused, mended, imported, imported again. Returns what went wrong."""
    problems = []
    faulty, sound = place.folder / f"faulty.{form}", place.folder / f"sound.{form}"
    sheet = invented(rows)
    broken = [dict(row) for row in sheet]
    planted = {one.found for one in plant(broken)}
    for path, content in ((faulty, broken), (sound, sheet)):
        if form == "xlsx":
            as_xlsx(content, path)
        else:
            path.write_bytes(as_csv(content))
    before = counts(place)
    refused, done = timed(place, "directory", "import", str(faulty))
    named = [(int(row), column) for row, column in PLACE.findall(done.stderr)]
    if done.returncode != 1 or sorted(named) != sorted((row, column) for row, column, _ in planted):
        problems.append(f"{label}: {len(named)} faults named, {len(planted)} planted, exit code {done.returncode}")
    if counts(place) != before:
        problems.append(f"{label}: a refused sheet left something behind")
    checked, _ = timed(place, "directory", "import", str(sound), "--dry-run")
    taken, done = timed(place, "directory", "import", str(sound))
    after = counts(place)
    if done.returncode or after[1] - before[1] != rows or taken >= LIMIT_SECONDS:
        problems.append(f"{label}: exit code {done.returncode}, {after[1] - before[1]} services, {taken:.1f} s")
    again, done = timed(place, "directory", "import", str(sound))
    if done.returncode or counts(place) != after:
        problems.append(f"{label}: the second import changed something")
    print(
        f"{label:18} {len(named)} of {len(planted)} faults named in {refused:4.1f} s   dry run {checked:4.1f} s   "
        f"import {taken:4.1f} s ({rows / taken:,.0f} rows/s)   again, nothing to do {again:4.1f} s",
        flush=True,
    )
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    wanted = parser.parse_args()
    problems: list[str] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"sqlite": ""}
        if wanted.database != "sqlite":
            cluster = stack.enter_context(Cluster())
            urls = {"sqlite": "", "postgresql": cluster.url}
        for database, url in urls.items():
            if wanted.database not in {database, "both"}:
                continue
            for form in ("csv", "xlsx"):
                place = Installation(folder / f"{database}-{form}", _own(url, form))
                place.run("secrets", "create")
                place.run("migrate")
                problems += measure(f"{database} {form}", place, wanted.rows, form)
    for problem in problems:
        print(f"WRONG: {problem}")
    return 1 if problems else 0


def _own(url: str, form: str) -> str:
    """A database of its own for each form on the same server."""
    if not url:
        return ""
    import psycopg

    name = f"directory_{form}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return re.sub(r"/[^/?]+(\?|$)", rf"/{name}\1", url)


if __name__ == "__main__":
    raise SystemExit(main())
