"""What is published: the numbers of one source, scope and year with the small ones kept back.

The one place where raw counts become numbers that leave this room. Pages, files and monthly reports read from here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from django.conf import settings

from lindung.core import clock
from lindung.core.worktime import local_day

from . import erased, knowledge, suppression
from .counts import MONTHS, UNKNOWN, Counts, Scope
from .models import Source
from .sources import cases, referrals, reports
from .vocabulary import values

LIVING: Mapping[str, Callable[[Scope, int, int | None], Counts]] = {
    Source.REPORTS: reports.living,
    Source.CASES: cases.opened,
    Source.CLOSED: cases.closed,
    Source.SERVICES: cases.services,
    Source.REFERRALS: referrals.living,
}
REST = {"promise": reports.NONE}
"""The value of those who have none in a dimension where everybody has one, if it is not `unknown`."""

Number = int | None
"""A number, or None for one that is kept back."""


@dataclass(frozen=True)
class Column:
    """One dimension in one period: numbers by value, in the order of the values. `several`: they add up to more."""

    dimension: str
    several: bool
    numbers: Mapping[str, Number]


@dataclass(frozen=True)
class Period:
    """Everything that is published of one month or year. `total` None: kept back, and with it all the rest.

    `least`: the sum of the months that are shown, for a year whose own number is kept back. `hours` and `accepted`:
    the median of the time to acceptance and of how many it is.
    """

    total: Number
    columns: Mapping[str, Column]
    least: int = 0
    hours: float | None = None


@dataclass(frozen=True)
class Release:
    """A year: the months that are over, and the year itself once all of them are."""

    source: str
    year: int
    months: tuple[Period, ...]
    whole: Period | None


def smallest() -> int:
    """The smallest number that is shown."""
    return int(settings.LINDUNG_SMALL_CELL)


def months_over(scope: Scope, year: int) -> int:
    """How many months of a year are over in the scope's zone: nothing is published of a month that runs."""
    today = local_day(clock.now(), scope.tz)
    return MONTHS if today.year > year else today.month - 1 if today.year == year else 0


_known: dict[tuple[str, str, int, int, int | None], tuple[float, Release]] = {}


def release(source: str, scope: Scope, year: int, month: int = 0) -> Release:
    """What is published; remembered in this process for LINDUNG_STATISTICS_SECONDS, right or wrong, 0 for not at all.

    `month`: the dimensions of this one (from 1) are enough; all the others have their numbers alone, and there is no
    year. Who may see it is asked each time, elsewhere.
    """
    over, only = months_over(scope, year), month - 1 if month else None
    key, now = (source, scope.code, year, over, only), time.monotonic()
    found = _known.get(key)
    if found is not None and now - found[0] < settings.LINDUNG_STATISTICS_SECONDS:
        return found[1]
    made = protect(source, year, count(source, scope, year, only), over, only)
    if len(_known) > 200:
        _known.clear()
    _known[key] = (now, made)
    return made


def count(source: str, scope: Scope, year: int, only: int | None = None) -> Counts:
    """What is there and what was erased, before anything is kept back."""
    found = LIVING[source](scope, year, only)
    erased.add_to(found, scope, source, year)
    for dimension in knowledge.of_source(source):
        rows = found.dimensions.setdefault(dimension, {})
        for value in values(dimension):
            rows.setdefault(value, [0] * MONTHS)
        if dimension not in knowledge.several(source):
            rest = REST.get(dimension, UNKNOWN)
            for month, total in enumerate(found.totals):
                missing = total - sum(numbers[month] for numbers in rows.values())
                if missing:
                    found.add(dimension, rest, month, missing)
    return found


def protect(source: str, year: int, found: Counts, over: int, only: int | None = None) -> Release:
    """Keep back what is small. `over`: how many months are over; the numbers of later ones count for nothing."""
    least = smallest()
    totals = [number if month < over else 0 for month, number in enumerate(found.totals)]
    hidden: dict[str, list[suppression.Hidden]] = {}
    tables: dict[str, suppression.Table] = {}
    for dimension in knowledge.of_source(source):
        rows = {
            value: [number if month < over else 0 for month, number in enumerate(numbers)]
            for value, numbers in _ordered(dimension, found.dimensions[dimension]).items()
        }
        table = suppression.Table(rows, additive=dimension not in knowledge.several(source))
        tables[dimension] = table
        hidden[dimension] = [
            suppression.Hidden(frozenset(rows), all=True)
            if suppression.small(totals[month], least)
            else suppression.of_month(table.month(month), least, additive=table.additive)
            for month in range(MONTHS)
        ]
    months = tuple(
        _month(month, totals[month], tables if only in (None, month) else {}, hidden, found.lengths[month])
        for month in range(over)
    )
    whole = _year(totals, tables, hidden, found.lengths, least) if over == MONTHS and only is None else None
    return Release(source, year, months, whole)


def _ordered(dimension: str, rows: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """In the order of the list, what no list knows at the end."""
    known = [value for value in values(dimension) if value in rows]
    return {value: rows[value] for value in [*known, *sorted(set(rows) - set(known))]}


def _month(
    month: int,
    total: int,
    tables: Mapping[str, suppression.Table],
    hidden: Mapping[str, list[suppression.Hidden]],
    lengths: list[int],
) -> Period:
    if suppression.small(total, smallest()):
        return Period(None, {})
    columns = {}
    for dimension, table in tables.items():
        kept = hidden[dimension][month]
        numbers = {value: None if kept.hides(value) else number for value, number in table.month(month).items()}
        columns[dimension] = Column(dimension, not table.additive, numbers)
    return Period(total, columns, total, _hours(columns, lengths))


def _year(
    totals: list[int],
    tables: Mapping[str, suppression.Table],
    hidden: Mapping[str, list[suppression.Hidden]],
    lengths: list[list[int]],
    least: int,
) -> Period:
    shown = sum(number for number in totals if not suppression.small(number, least))
    if not suppression.total_is_safe(totals, least):
        return Period(None, {}, shown)
    columns = {}
    for dimension, table in tables.items():
        kept = suppression.of_year(table, totals, hidden[dimension], least)
        numbers = {value: None if kept.hides(value) else sum(row) for value, row in table.rows.items()}
        columns[dimension] = Column(dimension, not table.additive, numbers)
    every = [length for month in lengths for length in month]
    return Period(sum(totals), columns, sum(totals), _hours(columns, every))


def _hours(columns: Mapping[str, Column], lengths: list[int]) -> float | None:
    """The median in hours, if the number of accepted referrals is shown and large enough."""
    answers = columns.get("answer")
    accepted = answers.numbers.get("accepted") if answers else None
    if not lengths or accepted is None or accepted < smallest():
        return None
    return median(sorted(lengths)) / 10
