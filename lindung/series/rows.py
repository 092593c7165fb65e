"""Reads and writes the columns that merging touches. Every function runs inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from lindung.core import deadlines
from lindung.reporting.models import Direction, Message, MessageKind, PoliceClock, Report, TriageEntry

from .rules import FIELDS, Snapshot


def read(report: Report) -> Snapshot:
    """The present columns of a report that was read under its lock."""
    return Snapshot(**{name: getattr(report, _column(name)) for name in FIELDS})


def write(report: Report, snapshot: Snapshot, **more: Any) -> None:
    """Write the columns, and `more`, under the next version; refreshes `report`."""
    values = {_column(name): getattr(snapshot, name) for name in FIELDS}
    Report.objects.filter(pk=report.pk).update(**values, **more, version=F("version") + 1)
    report.refresh_from_db()


def _column(name: str) -> str:
    return "claimed_by_id" if name == "claimed_by" else name


def whose_turn(report_id: UUID) -> tuple[bool, bool]:
    """Whether the last message of a thread is ours, and whether it is the reporter's; neither while it is empty."""
    said = Message.objects.filter(report=report_id).exclude(kind=MessageKind.SYSTEM)
    last = said.order_by("-at", "-sort", "-id").values_list("direction", flat=True).first()
    return last == Direction.OUT, last == Direction.IN


def answered(report_id: UUID) -> bool:
    """Whether the reporter of this very thread has our answer to what they wrote last."""
    return whose_turn(report_id)[0]


def police_start(report_id: UUID) -> datetime | None:
    """When the police clock of a report began, if it has one."""
    return PoliceClock.objects.filter(report=report_id).values_list("starts_at", flat=True).first()


def earlier_police(lead: Report, merged: Report) -> None:
    """Let the earlier of two running police clocks count for the lead; a merged one starts it there."""
    other = PoliceClock.objects.filter(report=merged, decision="").values_list("starts_at", flat=True).first()
    if other is None:
        return
    times = {"starts_at": other, "due_at": deadlines.police_due(other)}
    mine, made = PoliceClock.objects.get_or_create(report=lead, defaults=times)
    if not made and mine.running and other < mine.starts_at:
        PoliceClock.objects.filter(pk=mine.pk, decision="").update(**times)


def police_apart(lead: Report, own: datetime | None, since: datetime, merged: Collection[UUID]) -> bool:
    """Give the lead's clock the start that it has without the one that goes: its own, or that of one still merged.

    `own`: its own start before the first merge, which was at `since`; a judgement since then gives it one at the
    receipt. Returns True when the clock stays as it is because somebody has decided.
    """
    mine = PoliceClock.objects.filter(report=lead).first()
    if mine is None:
        return False
    starts = list(PoliceClock.objects.filter(report__in=merged, decision="").values_list("starts_at", flat=True))
    if own is None and TriageEntry.objects.filter(report=lead, at__gte=since).exists():
        own = lead.received_at
    start = min([*starts, own] if own else starts, default=None)
    if start == mine.starts_at:
        return False
    if not mine.running:
        return True
    if start is None:
        mine.delete()
    else:
        PoliceClock.objects.filter(pk=mine.pk).update(starts_at=start, due_at=deadlines.police_due(start))
    return False
