"""The report about one month, as numbers that are kept: what a release shows of it, and the takedowns.

Shape of `MonthlyReport.numbers`:
`{"smallest": 5, "periods": {source: {"total", "hours", "columns": {dimension: {"several", "numbers"}}}},
"takedowns": {"sent", "gone", "whole"}}`; a number that is kept back is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lindung.takedown import statistics as takedowns

from .counts import Scope
from .release import LIVING, Column, Period, release, smallest


@dataclass(frozen=True)
class Takedowns:
    """Requests first sent in a month and those of them that are gone, from the lines that may be shown outside.

    `whole`: no line was kept back, so the numbers are not just "at least".
    """

    sent: int
    gone: int
    whole: bool


def takedowns_of(scope: Scope, year: int, month: int = 0) -> Takedowns:
    """The sum of what the page of response times shows outside a team, of a month or (0) a year.

    Nothing is added to it: a number that is not shown there cannot be reckoned from here.
    """
    lines = takedowns.lines_of([team for team, _tz in scope.teams], named=scope.named)
    rows = [
        row
        for row in takedowns.outside_table(lines)
        if row.month.year == year and (not month or row.month.month == month)
    ]
    shown = [row for row in rows if row.count is not None]
    return Takedowns(
        sent=sum(row.count or 0 for row in shown),
        gone=sum(row.gone or 0 for row in shown),
        whole=len(shown) == len(rows) and all(row.gone is not None for row in shown),
    )


def numbers_of(scope: Scope, month: date) -> dict[str, Any]:
    """Everything that the report of a month holds. The month must be over."""
    periods = {
        str(source): _period_to_json(release(str(source), scope, month.year, month.month).months[month.month - 1])
        for source in LIVING
    }
    taken = takedowns_of(scope, month.year, month.month)
    return {
        "smallest": smallest(),
        "periods": periods,
        "takedowns": {"sent": taken.sent, "gone": taken.gone, "whole": taken.whole},
    }


def periods(numbers: Mapping[str, Any]) -> dict[str, Period]:
    """What `numbers_of` wrote, by source."""
    return {source: _period_from_json(value) for source, value in numbers["periods"].items()}


def taken_down(numbers: Mapping[str, Any]) -> Takedowns:
    return Takedowns(**numbers["takedowns"])


def _period_to_json(period: Period) -> dict[str, Any]:
    columns = {
        name: {"several": column.several, "numbers": dict(column.numbers)} for name, column in period.columns.items()
    }
    return {"total": period.total, "hours": period.hours, "columns": columns}


def _period_from_json(value: Mapping[str, Any]) -> Period:
    columns = {name: Column(name, one["several"], one["numbers"]) for name, one in value["columns"].items()}
    return Period(value["total"], columns, value["total"] or 0, value["hours"])
