"""What each alert of a scan hangs on, worked out in as many processes as there are processors.

Accounts have nothing to do with each other here, so the alerts are dealt out. A process of its own is this module run
as a program: it reads its jobs from standard input and writes what it found to standard output.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import duckdb

from lindung_redflags import rows
from lindung_redflags.alerts import NOTHING, VICTIM, Decided, Episode
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.counterfactual import Counterfactual, Rescan, find, quoting
from lindung_redflags.engines import lowering
from lindung_redflags.rows import Account, Payment

WORTH_IT = 60
"""Alerts from which a second process pays for its start, half a second of a processor."""

MOST = 2_000
"""Payments of an account up to which its alerts are looked at again by the reference, which takes some seconds there.

What an alert about more hangs on is hundreds of payments, and nobody reads them: it says so instead.
"""

Answer = tuple[int, Counterfactual]
"""The second of the account's first payment, and what the alert hangs on."""
Told = Callable[[float], None]


@dataclass(frozen=True)
class Jobs:
    """Alerts with all that is needed to look at them. `payments`: by account those that touch it, in order."""

    catalogue: Catalogue
    threshold: int
    last: int
    accounts: Mapping[int, Account]
    payments: Mapping[int, Sequence[Payment]]
    alerts: Sequence[Episode]
    decided: Decided

    def answers(self, told: Told) -> list[Counterfactual]:
        """Look at each alert. Raises AssertionError where the reference finds none: a fault of the engine."""
        made: list[Counterfactual] = []
        for done, one in enumerate(self.alerts):
            told(done / len(self.alerts))
            again = Rescan(
                self.accounts[one.a],
                self.accounts,
                self.payments[one.a],
                self.catalogue,
                self.catalogue.grids,
                self.threshold,
                self.last,
                self.decided,
            )
            again.only(VICTIM, one.subject)
            hanging = find(again, one)
            if hanging is None:
                raise AssertionError(
                    f"the reference does not confirm the alert of account number {one.a} ({one.subject})"
                )
            made.append(hanging)
        return made

    def part(self, alerts: Sequence[Episode]) -> Jobs:
        """Some of the alerts, with no more than they need."""
        payments = {one.a: self.payments[one.a] for one in alerts}
        sides = {side for some in payments.values() for one in some for side in (one.p, one.q)} | set(payments)
        accounts = {side: self.accounts[side] for side in sides}
        return Jobs(self.catalogue, self.threshold, self.last, accounts, payments, alerts, self.decided)


def all_of(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    threshold: int,
    alerts: Sequence[Episode],
    told: Told = lambda share: None,
    processes: int | None = None,
    decided: Decided = NOTHING,
) -> list[Answer]:
    """An answer for each of these alerts, in their order.

    `told`: called with the share that is done. The tables `acc` and `tx` of the connection are read. `processes`: as
    many as there are processors where there is enough to do.
    """
    known = rows.known(connection, {one.a for one in alerts})
    looked_at = [one for one in alerts if known[one.a].payments <= MOST]
    last = connection.execute("SELECT coalesce(max(t), 0) FROM tx").fetchall()[0][0]
    devices = any(lowering.speaks_of(one, "shared_device") for one in catalogue)
    payments = rows.payments_of(connection, {one.a for one in looked_at}, devices)
    sides = {side for some in payments.values() for one in some for side in (one.p, one.q)}
    accounts = rows.accounts(connection, sides | set(payments))
    jobs = Jobs(catalogue, threshold, last, accounts, payments, looked_at, decided)
    if processes is None:
        processes = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)
        processes = min(processes, max(len(looked_at) // (WORTH_IT // 2), 1))
    answers = iter(jobs.answers(told) if processes < 2 else _apart(jobs, processes, told))
    return [
        (known[one.a].first, next(answers) if known[one.a].payments <= MOST else quoting(catalogue, one, None))
        for one in alerts
    ]


def _apart(jobs: Jobs, processes: int, told: Told) -> list[Counterfactual]:
    """Deal the alerts out, the longest accounts first, and keep a share for this process."""
    order = sorted(range(len(jobs.alerts)), key=lambda place: -len(jobs.payments[jobs.alerts[place].a]))
    shares = [order[number::processes] for number in range(processes)]
    running = [_start(jobs.part([jobs.alerts[place] for place in share])) for share in shares[1:]]
    found: dict[int, Counterfactual] = {}
    try:
        here = jobs.part([jobs.alerts[place] for place in shares[0]])
        found |= zip(shares[0], here.answers(told), strict=True)
        for share, process in zip(shares[1:], running, strict=True):
            out, errors = process.communicate()
            if process.returncode:
                raise AssertionError(errors.decode(errors="replace")[-2000:])
            found |= zip(share, pickle.loads(out), strict=True)  # noqa: S301  (written by our own process)
    finally:
        for process in running:
            process.kill()
            process.wait()
    return [found[place] for place in range(len(jobs.alerts))]


def _start(jobs: Jobs) -> subprocess.Popen[bytes]:
    """A process that works on these. They go through a pipe: nothing of a customer is laid down in a file."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert process.stdin is not None
    pickle.dump(jobs, process.stdin)
    process.stdin.close()
    process.stdin = None
    return process


def _work(given: IO[bytes], out: IO[bytes]) -> None:
    jobs: Any = pickle.load(given)  # noqa: S301  (written by our own process)
    pickle.dump(jobs.answers(lambda share: None), out)


if __name__ == "__main__":
    _work(sys.stdin.buffer, sys.stdout.buffer)
