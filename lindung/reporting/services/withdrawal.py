"""Stopping and changing one's mind, with the receipt alone.

Whoever holds the receipt may be the abuser: nothing is erased at once, and where a child may be in danger a supervisor
looks first, before anything is locked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import Conflict, Unavailable
from lindung.vault import services as vault

from .. import rules, selectors, signals
from .. import state as states
from ..errors import StoppedMeanwhile, TooLate
from ..models import Report, Risk, State, Withdrawal, WithdrawalState
from . import alerts
from .receiving import promise
from .storing import storing
from .visits import Visit, opened, withdrawal_facts

_log = logging.getLogger("lindung.reporting")

RUNNING = (WithdrawalState.WAITING, WithdrawalState.SUPERVISOR)


@dataclass(frozen=True)
class StopResult:
    """What became of the wish to stop.

    `state`: waiting (locked, erased at `shred_at`), supervisor (nothing is locked; `reason` is the code of why), or
    kept (somebody is pressed to stop: the report goes on).
    """

    state: str
    shred_at: datetime | None
    reason: str


def ask(visit: Visit) -> StopResult:
    """Ask to stop. The team's keys go at once and the report is erased after settings.LINDUNG_WITHDRAWAL_DAYS.

    High risk, danger now, a running police-report clock, a legal hold or a referral sends the wish to a supervisor and
    changes nothing else. Asking twice gives the same answer. Raises WrongReceipt, Conflict when the report changed in
    the same moment, Unavailable.
    """
    with storing():
        try:
            with transaction.atomic():
                return _ask(visit)
        except IntegrityError:
            running = Withdrawal.objects.filter(report=visit.report_id, state__in=RUNNING).first()
            if running is None:
                raise
            return _result(running)


def _ask(visit: Visit) -> StopResult:
    report, _keys = opened(visit, lock=True)
    running = Withdrawal.objects.filter(report=report, state__in=RUNNING).first()
    if running is not None:
        return _result(running)
    reason = rules.withdrawal_needs_supervisor(**withdrawal_facts(report))
    now = clock.coarse_now()
    asked = Withdrawal(
        report=report,
        state=WithdrawalState.SUPERVISOR if reason else WithdrawalState.WAITING,
        reason=reason,
        previous_state=report.state,
        asked_at=now,
        shred_at=None if reason else deadlines.withdrawal_end(now, settings.LINDUNG_WITHDRAWAL_DAYS),
    )
    asked.save(force_insert=True)
    if not reason:
        target = states.next_state(report.state, states.Event.WITHDRAW)
        rows = Report.objects.filter(pk=report.pk, state=report.state)
        if rows.update(state=target, version=F("version") + 1) != 1:
            raise Conflict()
        vault.hold(record_id=report.record_id, receipt=visit.receipt)
        alerts.stop(report.pk)
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.withdrawal_asked")
    data = {"state": asked.state, "reason": reason}
    audit.record("report.withdrawal_asked", actor="", subject=report.id.hex, data=data, coarse=True)
    return _result(asked)


def _result(asked: Withdrawal) -> StopResult:
    return StopResult(str(asked.state), asked.shred_at, asked.reason)


def take_keys_away(visit: Visit) -> None:
    """Lock by cryptography what a supervisor allowed to be withdrawn: only a visit brings the receipt that this needs.

    Holding twice is harmless. Whatever fails waits for the next visit; the team sees the report no more in any case.
    """
    try:
        with storing(), transaction.atomic():
            report, _keys = opened(visit, lock=True)
            if report.state == State.WITHDRAWN and not vault.is_held(report.record_id):
                vault.hold(record_id=report.record_id, receipt=visit.receipt)
    except Unavailable:
        _log.warning("withdrawal: keys could not be taken away yet")


def undo(visit: Visit) -> None:
    """Change one's mind within the waiting period: the team gets its keys back, the report its state and new clocks.

    Raises TooLate once the period has passed or the report is being erased, WrongReceipt once it is erased. Undoing
    what does not run changes nothing.
    """
    with storing(), transaction.atomic():
        report, _keys = opened(visit, lock=True)
        asked = Withdrawal.objects.filter(report=report, state__in=RUNNING).first()
        if asked is None:
            if report.state == State.WITHDRAWN:
                raise StoppedMeanwhile()
            return
        if asked.shred_at is not None and clock.now() >= asked.shred_at:
            raise TooLate()
        rows = Withdrawal.objects.filter(pk=asked.pk, state=asked.state)
        if rows.update(state=WithdrawalState.UNDONE) != 1:
            raise Conflict()
        if asked.state == WithdrawalState.WAITING:
            vault.release(record_id=report.record_id, receipt=visit.receipt)
            _go_on(report, asked)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.withdrawal_undone")
        audit.record("report.withdrawal_undone", actor="", subject=report.id.hex, coarse=True)


def _go_on(report: Report, asked: Withdrawal) -> None:
    """Back to where it was; what waited for us gets its full time again, and high risk its alerts."""
    target = states.after_undo(asked.previous_state)
    changes: dict[str, object] = {"state": target, "version": F("version") + 1}
    if target in selectors.WAITING_ON_STAFF:
        now = clock.coarse_now()
        changes["due_at"] = deadlines.response_due(report.risk, now, report.tz)  # type: ignore[arg-type]
        changes["promised_at"] = promise(report.team, report.risk, now, report.tz)
    if Report.objects.filter(pk=report.pk, state=State.WITHDRAWN).update(**changes) != 1:
        raise Conflict()
    report.refresh_from_db()
    if report.risk == Risk.HIGH and target in selectors.WAITING_ON_STAFF:
        alerts.plan(report, clock.coarse_now())
