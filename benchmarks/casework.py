"""Casework with many cases: how long the server takes for the morning, the list, its filters, and the page of a case.

    python benchmarks/casework.py                                 100,000 cases, a fifth of them open, both databases
    python benchmarks/casework.py --open 1                        all of them open
    python benchmarks/casework.py --cases 20000 --database sqlite

Made as workspace.py: an installation of its own for each database, filled by casework_seed.py, asked over one
kept-alive connection, each page `--requests` times in mixed order. Two people ask: a case worker with sixty cases of
her own, and the supervisor, who sees all of them. Exit code 1 when a page has a median above 150 ms, a p95 above
400 ms or more than 30 queries.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyotp

from benchmarks import workspace
from tools.installation import ROOT, Installation
from tools.throwaway_postgres import Cluster
from tools.walker import Walker

QUERIES = 30
PEOPLE = ("case-worker", "supervisor")


def seed(installation: Installation, cases: int, open_share: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "casework_seed.py"), str(cases), str(open_share), "20261122"],
        env=installation.env, cwd=installation.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def sign_in(installation: Installation, made: dict[str, Any], name: str) -> Walker:
    """Sign in with passphrase and the code of the app."""
    person = made["people"][name]
    walker = Walker("127.0.0.1", installation.port)
    walker.get("/kerja/masuk/")
    walker.submit({"username": person["username"], "passphrase": person["passphrase"]})
    walker.submit({"code": pyotp.TOTP(person["totp"]).now()})
    if walker.page.status != 200 or "k" not in walker.cookies:
        raise SystemExit("the benchmark could not sign in")
    return walker


def pages(made: dict[str, Any], name: str) -> dict[str, list[str]]:
    """What is asked, by name; of several addresses one after the other."""
    listed = "/kerja/kasus/daftar/"
    found = {
        workspace.FLOOR: ["/kerja/akun/"],
        "morning": ["/kerja/kasus/"],
        "list, next review first": [f"{listed}?urut=tinjauan"],
        "list, highest risk first": [f"{listed}?urut=risiko"],
        "list, latest change first": [f"{listed}?urut=berubah"],
        "list, newest first": [f"{listed}?urut=baru"],
        "high risk": [f"{listed}?risiko=high&urut=tinjauan"],
        "late": [f"{listed}?hanya=terlambat&urut=tinjauan"],
        "mine": [f"{listed}?siapa=saya&urut=tinjauan"],
        "nobody's": [f"{listed}?siapa=kosong&urut=tinjauan"],
        "a stage": [f"{listed}?tahap=plan&urut=berubah"],
        "frequent fact (girls)": [f"{listed}?jk=female&urut=tinjauan"],
        "middling fact (a province)": [f"{listed}?provinsi={code}&urut=tinjauan" for code in ("35", "32", "12")],
        "rare fact (a regency)": [
            f"{listed}?provinsi={code[:2]}&kabupaten={code}&urut=risiko" for code in ("53.71", "31.71", "11.71")
        ],
        "three facts": [f"{listed}?provinsi=35&jk=female&umur=13-15&urut=tinjauan"],
        "closed": [f"{listed}?keadaan=closed&urut=berubah"],
        "closed too, a regency": [f"{listed}?keadaan=all&provinsi=51&kabupaten=51.71&urut=baru"],
    }
    if name == "supervisor":
        found["morning of the whole team"] = ["/kerja/kasus/?lihat=tim"]
    for tab, path in {"overview": "", "people": "orang/", "notes": "catatan/"}.items():
        found[f"case: {tab}"] = [f"/kerja/kasus/{pk}/{path}" for pk in made["full"]]
    found["case: overview of a new one"] = [f"/kerja/kasus/{pk}/" for pk in made["plain"]]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--open", type=float, default=0.2, help="share of the cases that are open (default 0.2)")
    parser.add_argument("--requests", type=int, default=50, help="requests a page and person (default 50)")
    parser.add_argument("--database", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    workspace.QUERIES = QUERIES
    well = True
    for database in options.database:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lindung-bench-")))
            cluster = stack.enter_context(Cluster()) if database == "postgresql" else None
            installation = Installation(folder, cluster.url if cluster else "").prepare()
            made = seed(installation, options.cases, options.open)
            installation.start()
            stack.callback(installation.stop)
            print(
                f"{database}: {made['cases']} cases, {options.open:.0%} open; filled in {made['seconds']:.0f} s; "
                f"load of the machine {os.getloadavg()[0]:.1f}"
            )
            for name in PEOPLE:
                print(f"  as the {name}")
                walker, wanted = sign_in(installation, made, name), pages(made, name)
                taken = workspace.measure(walker, wanted, options.requests, options.seed)
                well = workspace.table(taken, workspace.count(installation, walker, wanted)) and well
            print(f"  load of the machine at the end {os.getloadavg()[0]:.1f}")
    print("all within the limits" if well else "NOT WELL: see above")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
