"""What happens to a report carries over to those that are handled together with it, in the same transaction.

A claim, a judgement, a decision about the police, a referral and an ending of the lead are those of the merged ones
too. What a merged report's reporter writes wakes the lead; an answer goes into one box alone. A wish to stop, another
team and erasing part the two.

Whoever changes a merged report holds its lead first (`access.hold_lead`), so nobody waits in a ring.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F

from lindung.audit import services as audit
from lindung.core import clock
from lindung.reporting import signals
from lindung.reporting.models import MessageKind, PoliceClock, PoliceDecision, Report, State
from lindung.reporting.services.access import lock
from lindung.reporting.services.mailbox import advance
from lindung.reporting.services.triage import due_times

from . import rules
from .models import Merge
from .rows import answered
from .services.merging import take_apart

SHARED = frozenset(
    {
        "report.claimed",
        "report.released",
        "report.handed_on",
        "report.triaged",
        "report.message_sent",
        "report.handed_over",
        "report.closed",
        "report.reopened",
    }
)
"""What a lead shares with the reports that were merged into it."""

PARTING = frozenset({"report.withdrawal_asked", "report.withdrawal_decided", "report.moved"})
"""After this a report may have to stand alone."""


def on_report_changed(sender: Any, *, report_id: UUID, what: str, **more: Any) -> None:
    """Receiver of reporting's `report_changed`."""
    if more.get("carried") or what not in SHARED | PARTING | {"report.police_decided"}:
        return
    lead_id = Report.objects.filter(pk=report_id).values_list("merged_into", flat=True).first()
    children = list(Report.objects.filter(merged_into=report_id).order_by("pk"))
    if lead_id is None and not children:
        return
    if what in PARTING:
        part(report_id, what, [child.pk for child in children])
    elif what == "report.police_decided":
        _decide(report_id, children)
    elif children:
        lead = Report.objects.select_related("team").get(pk=report_id)
        if what == "report.message_sent":
            _still_waits(lead, children)
        share(lead, what)
    elif lead_id is not None and what == "report.message_sent":
        _answered_one(lead_id, report_id)


def on_message_received(sender: Any, *, report_id: UUID, kind: str, **_: Any) -> None:
    """Receiver of reporting's `message_received`: somebody whose report was merged wrote, and the lead looks new."""
    lead_id = Report.objects.filter(pk=report_id).values_list("merged_into", flat=True).first()
    if lead_id is not None:
        lead = lock(Report.objects.filter(pk=lead_id)).get()
        advance(lead, pressed=kind == MessageKind.STOP_PRESSURE)
        share(lead, "report.message_received")
    elif Report.objects.filter(merged_into=report_id).exists():
        share(Report.objects.get(pk=report_id), "report.message_received")


def on_report_moved(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of reporting's `report_moved`: two reports of different teams are not handled as one."""
    children = list(Report.objects.filter(merged_into=report_id).order_by("pk").values_list("pk", flat=True))
    part(report_id, "report.moved", children)


def share(lead: Report, what: str) -> None:
    """Give every merged report the state and the holder of its lead, and after a judgement its risk."""
    now = clock.now()
    for child in lock(Report.objects.filter(merged_into=lead).order_by("pk")):
        state = rules.shared_state(lead.state, answered=answered(child.pk))
        changes: dict[str, Any] = {
            "state": str(state),
            "claimed_by_id": lead.claimed_by_id,
            "claimed_at": lead.claimed_at,
            "closed_at": lead.closed_at,
            "outcome": lead.outcome,
        }
        if what == "report.triaged":
            changes |= {"risk": lead.risk, "risk_source": lead.risk_source}
            changes |= due_times(child, lead.risk, now) if lead.risk != child.risk else {}
        changed = {name: value for name, value in changes.items() if getattr(child, name) != value}
        if not changed and what != "report.triaged":
            continue
        Report.objects.filter(pk=child.pk).update(**changed, version=F("version") + 1)
        _tell(child.pk, lead.pk, what)


def _tell(child_id: UUID, lead_id: UUID, what: str) -> None:
    """Other rooms and the audit learn of it as of anything that happens to a report."""
    signals.report_changed.send(sender=Merge, report_id=child_id, what=what, carried=True)
    data: dict[str, str | UUID] = {"lead": lead_id, "what": what}
    audit.record("series.carried", actor="system", subject=child_id.hex, data=data)


def _still_waits(lead: Report, children: list[Report]) -> None:
    """One box was answered. While another one waits, the lead stays ours, due when that one is."""
    waiting = [child for child in children if not answered(child.pk)]
    if lead.state != State.WAITING_REPORTER or not waiting:
        return
    due = min(child.due_at for child in waiting)
    Report.objects.filter(pk=lead.pk).update(state=State.WAITING_STAFF, due_at=due, version=F("version") + 1)
    lead.refresh_from_db()


def _answered_one(lead_id: UUID, child_id: UUID) -> None:
    """The box of a merged report was answered: its holder holds all, and when no box waits any more, neither do we."""
    lead = lock(Report.objects.filter(pk=lead_id)).get()
    child = Report.objects.get(pk=child_id)
    boxes = [lead_id, *Report.objects.filter(merged_into=lead_id).values_list("pk", flat=True)]
    changes: dict[str, Any] = {}
    if lead.claimed_by_id is None and child.claimed_by_id is not None:
        changes = {"claimed_by_id": child.claimed_by_id, "claimed_at": child.claimed_at}
        if lead.state == State.NEW:
            changes["state"] = State.CLAIMED
    if lead.state == State.WAITING_STAFF and all(answered(box) for box in boxes):
        changes["state"] = State.WAITING_REPORTER
    if changes:
        Report.objects.filter(pk=lead_id).update(**changes, version=F("version") + 1)
        lead.refresh_from_db()
    share(lead, "report.message_sent")


def _decide(report_id: UUID, children: list[Report]) -> None:
    """The decision of the lead counts for all whose clock runs; its words stay with the lead."""
    made = PoliceClock.objects.filter(report=report_id).values("decision", "decided_at", "decided_by_id").first()
    if made is None or not children:
        return
    clocks = PoliceClock.objects.filter(report__in=children).exclude(decision=PoliceDecision.REPORTED)
    for child_id in list(clocks.values_list("report_id", flat=True)):
        PoliceClock.objects.filter(report=child_id).update(**made)
        _tell(child_id, report_id, "report.police_decided")


def part(report_id: UUID, what: str, children: list[UUID]) -> None:
    """Let a report stand alone when its reporter asks to stop or another team may be named; audited."""
    gone = [report_id] if take_apart(report_id) is not None else []
    locked = Report.objects.filter(pk=report_id, state=State.WITHDRAWN).exists()
    if what == "report.moved" or locked:
        gone += [child for child in children if take_apart(child) is not None]
    for merged_id in gone:
        audit.record("series.unmerged", actor="system", subject=merged_id.hex, data={"what": what})
