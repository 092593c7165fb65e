"""Erasing what need not be kept: withdrawn reports when their time is over, closed ones after 90 days.

Erasing is always the same: the vault shreds the record (keys first) and sends `record_shredded`; in that transaction
`forget` counts the report, deletes its rows and writes the audit event. A restored backup that replays its tombstones
takes the same way, so its statistics are whole again too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from lindung.audit import services as audit
from lindung.core import clock
from lindung.vault import services as vault

from . import keepers, signals, tally
from .models import (
    Direction,
    FollowUp,
    Message,
    NextStep,
    PoliceClock,
    Report,
    State,
    Withdrawal,
    WithdrawalState,
)

WITHDRAWN = "withdrawn"
RUNNING = (WithdrawalState.WAITING, WithdrawalState.SUPERVISOR)


@dataclass(frozen=True)
class Kept:
    """What the decision to keep or to erase a closed report depends on."""

    closed_at: datetime
    outcome: str
    legal_hold: bool
    withdrawal_running: bool
    unread_by_staff: bool
    unread_by_reporter: bool
    duty_open: bool
    needed_above: bool = False


def keep_reason(facts: Kept, now: datetime) -> str:
    """Why a closed report is kept, as a code; "" when it is to be erased. Pure.

    case: it follows its case. legal_hold. withdrawal: somebody else decides. duty_open: a police decision or a safety
    follow-up is missing. unread: a message that staff have not read. period: LINDUNG_RETENTION_DAYS are not over.
    reply_unread: the reporter has not read an answer; kept for LINDUNG_RETENTION_UNREAD_DAYS at most.
    """
    if facts.outcome == NextStep.CASE or facts.needed_above:
        return "case"
    if facts.legal_hold:
        return "legal_hold"
    if facts.withdrawal_running:
        return "withdrawal"
    if facts.duty_open:
        return "duty_open"
    if facts.unread_by_staff:
        return "unread"
    if now < facts.closed_at + timedelta(days=int(settings.LINDUNG_RETENTION_DAYS)):
        return "period"
    if facts.unread_by_reporter and now < facts.closed_at + timedelta(days=int(settings.LINDUNG_RETENTION_UNREAD_DAYS)):
        return "reply_unread"
    return ""


def due(now: datetime) -> QuerySet[Report]:
    """Closed reports whose period is over; `keep_reason` decides on each."""
    limit = now - timedelta(days=int(settings.LINDUNG_RETENTION_DAYS))
    rows = Report.objects.filter(state=State.CLOSED, closed_at__lte=limit, legal_hold=False)
    return rows.exclude(outcome=NextStep.CASE).order_by("closed_at", "id")


def run(now: datetime | None = None) -> int:
    """Erase what is due, each report in a transaction of its own; return how many. Running twice erases once."""
    moment = now or clock.now()
    return _each(_erase_if_due, list(due(moment).values_list("pk", flat=True)), moment)


def run_withdrawals(now: datetime | None = None) -> int:
    """Erase withdrawn reports whose waiting period is over; return how many."""
    moment = now or clock.now()
    waiting = Withdrawal.objects.filter(state=WithdrawalState.WAITING, shred_at__lte=moment)
    return _each(_erase_withdrawn, list(waiting.values_list("pk", flat=True)), moment)


def _each(erase: Callable[[UUID, datetime], int], found: list[UUID], now: datetime) -> int:
    """Erase one by one; one that fails does not keep the others from it. The first error is raised at the end."""
    erased, failure = 0, None
    for pk in found:
        try:
            erased += erase(pk, now)
        except Exception as error:
            failure = failure or error
    if erased:
        vault.after_shred()
    if failure:
        raise failure
    return erased


def _erase_if_due(report_id: UUID, now: datetime) -> int:
    with transaction.atomic():
        report = Report.objects.select_for_update().filter(pk=report_id, state=State.CLOSED).first()
        if report is None or report.closed_at is None or keep_reason(_facts(report), now):
            return 0
        return _shred(report)


def _erase_withdrawn(withdrawal_id: UUID, now: datetime) -> int:
    """One conditional UPDATE settles the race with somebody who changes their mind in the same second."""
    with transaction.atomic():
        asked = Withdrawal.objects.filter(pk=withdrawal_id).values("report")
        report = Report.objects.select_for_update().filter(pk__in=asked, legal_hold=False).first()
        if report is None:
            return 0
        rows = Withdrawal.objects.filter(pk=withdrawal_id, state=WithdrawalState.WAITING, shred_at__lte=now)
        if rows.update(state=WithdrawalState.DONE) != 1:
            return 0
        return _shred(report)


def _shred(report: Report) -> int:
    if not vault.shred(record_id=report.record_id):
        forget(report.record_id)  # the keys had gone before; the rows follow now
    return 1


def _facts(report: Report) -> Kept:
    messages = Message.objects.filter(report=report)
    duty = PoliceClock.objects.filter(report=report, decision="").exists()
    return Kept(
        closed_at=report.closed_at or clock.now(),
        outcome=report.outcome,
        legal_hold=report.legal_hold,
        withdrawal_running=Withdrawal.objects.filter(report=report, state__in=RUNNING).exists(),
        unread_by_staff=messages.filter(direction=Direction.IN, read_by_staff=False).exists(),
        unread_by_reporter=messages.filter(direction=Direction.OUT, read_by_reporter=False).exists(),
        duty_open=duty or FollowUp.objects.filter(report=report, done_at=None).exists(),
        needed_above=bool(keepers.standing(report.pk)),
    )


def stays(report: Report) -> str:
    """Why a report of a case that is to be erased cannot go with it, as a code of `keep_reason`; "" when it can."""
    if report.state == State.WITHDRAWN:
        return "withdrawal"  # its own time runs
    if report.closed_at is None:
        return "open"
    facts = replace(_facts(report), outcome="", needed_above=False)
    reason = keep_reason(facts, clock.now())
    return "" if reason in {"period", "reply_unread"} else reason


def erase_with_case(report_id: UUID) -> int:
    """Erase a closed report together with the case that was made from it; 1 when that was done.

    For the room above, inside the transaction that erases the case; `vault.after_shred` follows outside.
    """
    report = Report.objects.select_for_update().filter(pk=report_id).first()
    if report is None or stays(report) or keepers.standing(report.pk):
        return 0
    return _shred(report)


def forget(record_id: UUID) -> None:
    """Count a report whose record was shredded, delete its rows, write the audit event; inside the shredding."""
    report = Report.objects.filter(record=record_id).first()
    if report is None:
        return
    stopped = Withdrawal.objects.filter(report=report, state=WithdrawalState.DONE).exists()
    withdrawn = stopped or report.state == State.WITHDRAWN
    outcome = WITHDRAWN if withdrawn else report.outcome
    signals.report_erasing.send(sender=Report, report=report, outcome=outcome)
    tally.add(report, outcome)
    signals.report_erased.send(sender=Report, report_id=report.pk)
    subject = report.pk.hex
    report.delete()
    audit.record("report.withdrawn" if withdrawn else "report.erased", actor="system", subject=subject)


def on_record_shredded(sender: Any, *, record_id: UUID, **_: Any) -> None:
    """Receiver of the vault's `record_shredded`."""
    forget(record_id)
