"""A report moves or is erased: its requests follow, notices with a mixture go on, the statistics stay whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from lindung.reporting.models import ReportExclusion

from . import statistics
from .models import Entry, Erased, Item, Notice


def on_report_moved(sender: Any, *, report_id: UUID, from_team: UUID, to_team: UUID, **_: Any) -> None:
    """What was not sent yet leaves the letters of the team that had the report; the new team writes its own."""
    waiting = Entry.objects.filter(item__report=report_id, sent_at=None)
    notices = list(waiting.values_list("notice", flat=True))
    waiting.delete()
    drop_empty(notices)


def on_report_erased(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Count what was sent, then let it go: the rows follow their report; a letter about nothing else goes too."""
    items = Item.objects.filter(report=report_id).select_related("report")
    named = ReportExclusion.objects.filter(report=report_id).exists()
    lines = [statistics.line_of(item).erased(item.report.team_id, named) for item in items if statistics.counts(item)]
    Erased.objects.bulk_create(lines)
    notices = list(Entry.objects.filter(item__report=report_id).values_list("notice", flat=True))
    Item.objects.filter(report=report_id).delete()
    drop_empty(notices)


def drop_empty(notice_ids: list[UUID]) -> None:
    """Delete letters on which nothing is left."""
    rest = Entry.objects.filter(notice=OuterRef("pk"))
    Notice.objects.filter(~Exists(rest), pk__in=notice_ids).delete()
