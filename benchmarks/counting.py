"""Statistics of a team with many reports: how long the server takes for a page when nothing is remembered.

    python benchmarks/counting.py                                  200,000 reports, both databases
    python benchmarks/counting.py --reports 20000 --database sqlite

Fills an installation of its own as workspace.py does, adds first answers and groups of erased reports, and asks for
the pages as the supervisor and as the data analyst, in one process, with LINDUNG_STATISTICS_SECONDS at 0, so that
every request counts anew. CPU is that of the process: on SQLite all that there is, whatever else the machine does.
Exit code 1 when a page has a median above a second or more than 25 queries.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyotp

from benchmarks.workspace import seed
from tools.installation import ROOT, Installation
from tools.throwaway_postgres import Cluster

MEDIAN, QUERIES = 1000.0, 25


def ask_here(times: int) -> None:
    """The second process: signs in and asks for each page, prints milliseconds and queries by page."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from conftest import Browser

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.LINDUNG_STATISTICS_SECONDS = 0
    people = json.load(sys.stdin)
    fill()
    year = time.gmtime().tm_year
    pages = {
        "reports, a month": f"?periode={year - 1}-05",
        "reports, a whole year": f"?periode={year - 1}",
        "reports, CSV of a year": f"berkas/csv/?periode={year - 1}",
        "reports, XLSX of a year": f"berkas/xlsx/?periode={year - 1}",
        "cases, a month": f"?angka=cases&periode={year - 1}-05",
        "services, a month": f"?angka=services&periode={year - 1}-05",
        "referrals, a month": f"?angka=referrals&periode={year - 1}-05",
        "monthly reports": "bulanan/",
    }
    found: dict[str, Any] = {}
    for who in ("supervisor", "data_analyst"):
        browser, person = Browser(), people[who]
        browser.post("/kerja/masuk/", {"username": person["username"], "passphrase": person["passphrase"]})
        browser.post("/kerja/masuk/kode/", {"code": pyotp.TOTP(person["totp"]).now()})
        for name, address in pages.items():
            taken, worked = [], []
            for _ in range(times):
                with CaptureQueriesContext(connection) as queries:
                    began, busy = time.perf_counter(), time.process_time()
                    response = browser.get("/kerja/statistik/" + address)
                    taken.append((time.perf_counter() - began) * 1000)
                    worked.append((time.process_time() - busy) * 1000)
                assert response.status_code == 200, (who, address, response.status_code)
            found[f"{who}: {name}"] = (statistics.median(taken), statistics.median(worked), len(queries))
        began = time.perf_counter()
        page = browser.get("/kerja/statistik/bulanan/").content.decode()
        scope = page.split('name="untuk" value="')[1].split('"')[0]
        response = browser.post("/kerja/statistik/bulanan/", {"untuk": scope, "bulan": f"{year - 1}-05"})
        assert response.status_code == 302, response.status_code
        took = (time.perf_counter() - began) * 1000
        found[f"{who}: make a monthly report"] = (took, took, 0)
    json.dump(found, sys.stdout)


def fill() -> None:
    """A first answer for three of four reports, and 5,000 groups of erased ones."""
    import random

    from django.db import connection, transaction

    from lindung.accounts.models import Team
    from lindung.statistics.models import Erased, ErasedFact
    from lindung.vault.facts import fact_token

    team, rng = Team.objects.get(kind="intake", organisation__name="organisation"), random.Random(1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO statistics_firstanswer (report_id, in_time) "
            "SELECT id, risk <> 'high' FROM reporting_report "
            "WHERE risk <> 'low' AND id NOT IN (SELECT report_id FROM statistics_firstanswer)"
        )
        year = time.gmtime().tm_year
        groups = [
            Erased(
                source="reports", team=team, month=f"{year - 1}-{rng.randrange(1, 13):02d}-01", cell=rng.randbytes(32),
                count=rng.randrange(1, 5),
            )
            for _ in range(5000)
        ]  # fmt: skip
        Erased.objects.bulk_create(groups)
        rows = Erased.objects.all()
        facts = [
            ("sex", "female"),
            ("age_band", "13-15"),
            ("province", "31"),
            ("channel", "portal"),
            ("risk", "medium"),
        ]
        tokens = [(field, fact_token(field, value)) for field, value in facts]
        ErasedFact.objects.bulk_create(
            [ErasedFact(erased=r, field=f, token=token) for r in rows for f, token in tokens]
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=7, help="requests a page (default 7)")
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask_here(options.times)
        return 0
    well = True
    for database in options.database:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-bench-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare()
            made = seed(installation, options.reports, 0.2)
            print(f"{database}: {made['reports']} reports; load of the machine {os.getloadavg()[0]:.1f}")
            done = subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), "--ask", "--times", str(options.times)],
                env=installation.env, cwd=ROOT, input=json.dumps(installation.people), capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            if done.returncode:
                raise SystemExit(done.stderr)
            print(f"  {'page':<40} {'median':>8} {'CPU':>8} {'queries':>8}")
            for name, (median, busy, queries) in json.loads(done.stdout).items():
                fine = median <= MEDIAN and queries <= QUERIES
                well = well and fine
                print(f"  {name:<40} {median:>5.0f} ms {busy:>5.0f} ms {queries:>8}{'' if fine else '   <- too much'}")
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
