"""Numbers before anything is kept back: they stay inside this room and are shown to nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, Q, SmallIntegerField, Value, When

MONTHS = 12
UNKNOWN = "unknown"
"""The value of whoever has none in a dimension where everybody has one."""


@dataclass(frozen=True)
class Scope:
    """Whose numbers: the teams (with their zones) of a team's supervisor or of an organisation's data analyst.

    `named`: what is hidden from some team counts too. `tz`: where the page says that a month is over.
    """

    kind: str
    id: UUID
    name: str
    teams: tuple[tuple[UUID, str], ...]
    tz: str
    named: bool = False

    @property
    def code(self) -> str:
        """How an address names it."""
        return f"{self.kind}-{self.id.hex}"

    @property
    def zones(self) -> dict[str, list[UUID]]:
        """The teams by time zone: a month begins in each of them at another moment."""
        found: dict[str, list[UUID]] = {}
        for team, tz in self.teams:
            found.setdefault(tz, []).append(team)
        return found


@dataclass
class Counts:
    """Numbers of one year: of each month, and by dimension, value and month. `lengths`: tenths of an hour by month."""

    totals: list[int] = field(default_factory=lambda: [0] * MONTHS)
    dimensions: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    lengths: list[list[int]] = field(default_factory=lambda: [[] for _ in range(MONTHS)])

    def add(self, dimension: str, value: str, month: int, number: int) -> None:
        row = self.dimensions.setdefault(dimension, {}).setdefault(value, [0] * MONTHS)
        row[month] += number


def month_starts(year: int, tz: str) -> list[datetime]:
    """The thirteen moments at which the months of a year begin in a zone, the last one being the end."""
    zone = ZoneInfo(tz)
    days = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    return [datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC) for day in days]


def in_year(column: str, year: int, tz: str, only: int | None = None) -> Q:
    """For a query: a moment that lies in a year of a zone, or in the one month `only` of it (from 0)."""
    starts = month_starts(year, tz)
    first, end = (starts[0], starts[-1]) if only is None else (starts[only], starts[only + 1])
    return Q(**{f"{column}__gte": first, f"{column}__lt": end})


def month_of(column: str, year: int, tz: str) -> Case:
    """For a query: the number of the month, from 0, by comparing alone. A function for dates would be asked row by row
    on SQLite."""
    return _stairs(column, month_starts(year, tz)[1:MONTHS])


def month_of_day(column: str, year: int) -> Case:
    """The same of a column that holds a date."""
    return _stairs(column, [date(year, month, 1) for month in range(2, 13)])


def _stairs(column: str, ends: Iterable[date | datetime]) -> Case:
    steps = [When(**{f"{column}__lt": end}, then=Value(number)) for number, end in enumerate(ends)]
    return Case(*steps, default=Value(MONTHS - 1), output_field=SmallIntegerField())
