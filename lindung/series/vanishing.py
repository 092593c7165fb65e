"""A series vanishes with its last open report: by closing, by a wish to stop, by erasing.

What stays is a tally without any id: that a series of so many reports ended in a month. A report that goes to another
team leaves its series.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from lindung.core import clock, worktime
from lindung.reporting.models import OPEN_STATES

from .models import Merge, Series, SeriesMember, SeriesTally
from .services.merging import take_apart

ENDING = frozenset({"report.closed", "report.withdrawal_asked", "report.withdrawal_decided"})


def on_report_changed(sender: Any, *, report_id: UUID, what: str, **_: Any) -> None:
    """Receiver of reporting's `report_changed`."""
    if what == "report.moved":
        _take_out(report_id)
    elif what in ENDING:
        for series_id in _series_of(report_id):
            end_if_over(series_id)


def on_report_moved(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of reporting's `report_moved`: another team reads it now, and what this one made does not go along."""
    _take_out(report_id)


def on_report_erased(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of reporting's `report_erased`, before the row goes. The erasing itself is the audit event."""
    merges = Merge.objects.filter(lead=report_id) | Merge.objects.filter(merged=report_id)
    for merged_id in list(merges.values_list("merged_id", flat=True)):
        take_apart(merged_id)
    _take_out(report_id)


def _take_out(report_id: UUID) -> None:
    found = _series_of(report_id)
    for series_id in found:
        end_if_over(series_id, without=report_id)
    SeriesMember.objects.filter(report=report_id).delete()


def _series_of(report_id: UUID) -> list[UUID]:
    return list(SeriesMember.objects.filter(report=report_id).values_list("series_id", flat=True))


def end_if_over(series_id: UUID, without: UUID | None = None) -> bool:
    """End a series in which no open report, or only one report, is left; True when it has ended.

    `without`: a report that is about to go and counts no more, except in the size of the tally.
    """
    series = Series.objects.filter(pk=series_id).select_for_update().first()
    if series is None:
        return False
    rows = SeriesMember.objects.filter(series=series, left_at=None)
    states = dict(rows.values_list("report_id", "report__state"))
    left = {pk: state for pk, state in states.items() if pk != without}
    if len(left) > 1 and any(state in OPEN_STATES for state in left.values()):
        return False
    if len(states) > 1:
        _count(worktime.local_day(clock.now(), settings.TIME_ZONE).replace(day=1), len(states))
    series.delete()
    return True


def _count(month: date, size: int) -> None:
    """Add one: an UPDATE, and the first time an INSERT; of two at once the slower one updates."""
    cell = SeriesTally.objects.filter(month=month, size=size)
    if cell.update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            SeriesTally.objects.create(month=month, size=size, count=1)
    except IntegrityError:
        cell.update(count=F("count") + 1)
