"""Erasing a case: some years after it was closed, with its reports, what a child said about us, and every key.

Erasing is always the same: the vault shreds the record (keys first) and sends `record_shredded`; in that transaction
`forget` tells the rooms above (they count, and erase what they hold), deletes the rows and writes the audit event. A
restored backup that replays its tombstones takes the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from lindung.audit import services as audit
from lindung.core import clock
from lindung.reporting import retention as reports
from lindung.reporting.models import Report
from lindung.vault import services as vault

from . import signals
from .models import Case, CaseReport, Incident, State
from .models_closing import Feedback, FollowUp
from .models_legal import Demand, DemandState
from .models_rights import Barred, Consent, Outgoing

_RUNNING = (DemandState.OPEN, DemandState.WITH_LAWYER)


@dataclass(frozen=True)
class Kept:
    """What the decision to keep or to erase a closed case depends on."""

    closed_at: datetime | None
    legal_hold: bool
    report_stays: bool = False
    follow_up_open: bool = False
    feedback_open: bool = False
    demand_open: bool = False


def keep_reason(facts: Kept, now: datetime) -> str:
    """Why a case is kept, as a code; "" when it is to be erased. Pure.

    open; legal_hold; demand (an authority waits for an answer); follow_up (a look after closing was not done);
    feedback (nobody answered what the child said); report (one of its reports cannot go yet); period:
    LINDUNG_CASE_RETENTION_DAYS are not over.
    """
    if facts.closed_at is None:
        return "open"
    for there, code in (
        (facts.legal_hold, "legal_hold"),
        (facts.demand_open, "demand"),
        (facts.follow_up_open, "follow_up"),
        (facts.feedback_open, "feedback"),
        (facts.report_stays, "report"),
    ):
        if there:
            return code
    return "period" if now < facts.closed_at + period() else ""


def period() -> timedelta:
    """How long a closed case is kept."""
    return timedelta(days=int(settings.LINDUNG_CASE_RETENTION_DAYS))


def due(now: datetime) -> QuerySet[Case]:
    """Closed cases whose period is over; `keep_reason` decides on each."""
    rows = Case.objects.filter(state=State.CLOSED, closed_at__lte=now - period(), legal_hold=False)
    return rows.order_by("closed_at", "id")


def run(now: datetime | None = None) -> int:
    """Erase what is due, each case in a transaction of its own; return how many. Running twice erases once.

    One that fails does not keep the others from it; the first error is raised at the end.
    """
    moment = now or clock.now()
    erased, failure = 0, None
    for pk in list(due(moment).values_list("pk", flat=True)):
        try:
            erased += _erase_if_due(pk, moment)
        except Exception as error:
            failure = failure or error
    if erased:
        vault.after_shred()
    if failure:
        raise failure
    return erased


def facts_of(case: Case) -> Kept:
    """What `keep_reason` asks of a case."""
    return Kept(
        closed_at=case.closed_at if case.state == State.CLOSED else None,
        legal_hold=case.legal_hold,
        report_stays=any(reports.stays(report) for report in own_reports(case)),
        follow_up_open=FollowUp.objects.filter(case=case, done_at=None, cancelled=False).exists(),
        feedback_open=Feedback.objects.filter(case=case, answered_at=None).exists(),
        demand_open=Demand.objects.filter(case=case, state__in=_RUNNING).exists(),
    )


def own_reports(case: Case) -> list[Report]:
    """The reports that go with a case: those of no other case."""
    own = CaseReport.objects.filter(case=case).values("report")
    others = CaseReport.objects.filter(report__in=own).exclude(case=case).values("report")
    return list(Report.objects.filter(pk__in=own).exclude(pk__in=others).order_by("pk"))


def _erase_if_due(case_id: UUID, now: datetime) -> int:
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id, state=State.CLOSED).first()
        if case is None or keep_reason(facts_of(case), now):
            return 0
        going = [report.pk for report in own_reports(case)]
        if not vault.shred(record_id=case.record_id):
            forget(case.record_id)  # the keys had gone before; the rows follow now
        for report_id in going:
            reports.erase_with_case(report_id)
    return 1


def forget(record_id: UUID) -> None:
    """Delete the rows of a case whose record was shredded, and write the audit event; inside the shredding."""
    case = Case.objects.filter(record=record_id).first()
    if case is None:
        return
    signals.case_erasing.send(sender=Case, case=case)
    signals.case_erased.send(sender=Case, case_id=case.pk)
    subject, incidents = case.pk.hex, list(case.incidents.values_list("incident_id", flat=True))
    for table in (Outgoing, Barred, Consent):  # they hold on to the people of the case
        table.objects.filter(case=case).delete()
    case.delete()
    Incident.objects.filter(pk__in=incidents, cases=None).delete()
    audit.record("case.erased", actor="system", subject=subject)


def on_record_shredded(sender: Any, *, record_id: UUID, **_: Any) -> None:
    """Receiver of the vault's `record_shredded`."""
    forget(record_id)
