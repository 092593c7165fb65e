"""How long it takes until somebody answers and until it is gone: definitions, sums, and what leaves the team.

Definitions (also on the page and in docs/takedown.md):

* A request counts in the month in which it was **first sent**, by the calendar of its report's place. Requests that
  were never sent, or that we took back, do not count.
* **Answered**: the addressee answered at least once. Hours: from the first sending to the first answer.
* **Not there**: hours from the first sending to the first check of a person that found nothing.
* **Gone**: closed after the checks on different days. **Still there**: the last check that could tell says so.
* Hours are kept in tenths, rounded half up. The **median** of an even number is the mean of the two in the middle.
  The **90th percentile** is the smallest value that at least nine tenths do not exceed (nearest rank).
* Outside the team a number from 1 to 4 is not shown, nor one from which such a number could be reckoned, nor hours of
  fewer than five requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from lindung.accounts.actors import Actor
from lindung.core import worktime
from lindung.reporting import selectors as reports
from lindung.reporting.models import Report, ReportExclusion
from lindung.reporting.models import State as ReportState
from lindung.reporting.rules import READERS

from .models import Erased, Item, Result, State

SMALLEST = 5
"""The smallest number that is shown outside the team."""


@dataclass(frozen=True)
class Line:
    """One request as the statistics see it. Lengths in tenths of an hour, None when it has not happened."""

    month: date
    addressee: str
    platform: str
    answered: int | None
    not_there: int | None
    gone: bool
    still_there: bool

    def erased(self, team_id: UUID, named: bool) -> Erased:
        """The row that stays when the report is erased."""
        return Erased(
            team_id=team_id,
            month=self.month,
            addressee=self.addressee,
            platform=self.platform,
            answered_tenths=self.answered,
            not_there_tenths=self.not_there,
            gone=self.gone,
            still_there=self.still_there,
            named=named,
        )


@dataclass(frozen=True)
class Row:
    """One line of the table: an addressee, a platform, a month. Hours are None when there is nothing to measure."""

    month: date
    addressee: str
    platform: str
    count: int
    answered: int
    gone: int
    still_there: int
    median_answer: float | None
    p90_answer: float | None
    median_not_there: float | None
    p90_not_there: float | None


@dataclass(frozen=True)
class OutsideRow:
    """A row as it may leave the team. A count is None where it is kept back; hours are None then too."""

    month: date
    addressee: str
    platform: str
    count: int | None
    answered: int | None
    gone: int | None
    still_there: int | None
    median_answer: float | None
    p90_answer: float | None
    median_not_there: float | None
    p90_not_there: float | None


def counts(item: Item) -> bool:
    """Whether a request counts: it was sent, and we did not take it back."""
    return item.first_sent_at is not None and item.state != State.WITHDRAWN


def line_of(item: Item) -> Line:
    """Make the line of a request that counts; `item.report` gives the calendar of its place."""
    sent = item.first_sent_at
    assert sent is not None
    return Line(
        month=worktime.local_day(sent, item.report.tz).replace(day=1),
        addressee=item.addressee,
        platform=item.platform,
        answered=tenths(sent, item.first_answered_at),
        not_there=tenths(sent, item.first_not_there_at),
        gone=item.state == State.GONE,
        still_there=item.last_result == Result.THERE,
    )


def tenths(start: datetime, end: datetime | None) -> int | None:
    """Hours from start to end in tenths, rounded half up; None without an end, 0 when it lies before."""
    if end is None:
        return None
    seconds = max(0, int((end - start).total_seconds()))
    return (seconds + 180) // 360


def median(values: Sequence[int]) -> float | None:
    """The median of tenths of an hour, in hours."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle] / 10
    return (ordered[middle - 1] + ordered[middle]) / 20


def p90(values: Sequence[int]) -> float | None:
    """The 90th percentile by nearest rank, in hours."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = -(-9 * len(ordered) // 10)
    return ordered[rank - 1] / 10


def table(lines: Iterable[Line]) -> list[Row]:
    """Sum lines up by month (newest first), addressee and platform."""
    groups: dict[tuple[date, str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.month, line.addressee, line.platform), []).append(line)
    rows = [_row(key, found) for key, found in groups.items()]
    return sorted(rows, key=lambda row: (-row.month.toordinal(), row.addressee, row.platform))


def _row(key: tuple[date, str, str], lines: list[Line]) -> Row:
    answered = [line.answered for line in lines if line.answered is not None]
    not_there = [line.not_there for line in lines if line.not_there is not None]
    return Row(
        *key,
        count=len(lines),
        answered=len(answered),
        gone=sum(line.gone for line in lines),
        still_there=sum(line.still_there for line in lines),
        median_answer=median(answered),
        p90_answer=p90(answered),
        median_not_there=median(not_there),
        p90_not_there=p90(not_there),
    )


def for_outside(row: Row, not_there: int) -> OutsideRow:
    """Keep back what is small. `not_there`: of how many requests the last two hours are made."""
    if row.count < SMALLEST:
        return OutsideRow(row.month, row.addressee, row.platform, *[None] * 8)

    def safe(number: int) -> int | None:
        rest = row.count - number
        return number if all(part == 0 or part >= SMALLEST for part in (number, rest)) else None

    answered_shown = row.answered >= SMALLEST
    gone_shown = not_there >= SMALLEST
    return OutsideRow(
        row.month,
        row.addressee,
        row.platform,
        count=row.count,
        answered=safe(row.answered),
        gone=safe(row.gone),
        still_there=safe(row.still_there),
        median_answer=row.median_answer if answered_shown else None,
        p90_answer=row.p90_answer if answered_shown else None,
        median_not_there=row.median_not_there if gone_shown else None,
        p90_not_there=row.p90_not_there if gone_shown else None,
    )


def outside_table(lines: Iterable[Line]) -> list[OutsideRow]:
    """The table as it may leave the team."""
    lines = list(lines)
    found: dict[tuple[date, str, str], int] = {}
    for line in lines:
        key = (line.month, line.addressee, line.platform)
        found[key] = found.get(key, 0) + (line.not_there is not None)
    return [for_outside(row, found[row.month, row.addressee, row.platform]) for row in table(lines)]


def lines_for_team(actor: Actor) -> list[Line]:
    """The requests of the actor's own teams, erased ones too, as far as the actor may see their reports."""
    held = set(reports.keyed_teams(actor).values_list("team_key__team", flat=True))
    teams = held & actor.teams_with(READERS)
    erased = Erased.objects.filter(team__in=teams)
    if actor.team_ids - teams or len(teams) > 1:  # they may belong to a team that the report named
        erased = erased.filter(named=False)
    return [*_living(reports.visible_to(actor).filter(team__in=teams)), *_erased(erased)]


def lines_for_organisation(actor: Actor) -> list[Line]:
    """The requests of all teams of the actor's organisations, for people who work with numbers alone.

    Left out is every report that was hidden from some team: they may not learn that there is one.
    """
    ours = actor.organisation_ids
    named = ReportExclusion.objects.filter(report=OuterRef("pk"))
    seen = Report.objects.filter(~Exists(named), team__organisation__in=ours).exclude(state=ReportState.WITHDRAWN)
    return [*_living(seen), *_erased(Erased.objects.filter(team__organisation__in=ours, named=False))]


def lines_of(teams: Iterable[UUID], *, named: bool) -> list[Line]:
    """The requests of some teams, for the room of statistics, which decides who may see them.

    `named`: those about reports that are hidden from some team, too.
    """
    teams = list(teams)
    seen = Report.objects.filter(team__in=teams).exclude(state=ReportState.WITHDRAWN)
    erased = Erased.objects.filter(team__in=teams)
    if not named:
        seen = seen.filter(~Exists(ReportExclusion.objects.filter(report=OuterRef("pk"))))
        erased = erased.filter(named=False)
    return [*_living(seen), *_erased(erased)]


def _living(seen: QuerySet[Report]) -> list[Line]:
    ours = Exists(seen.filter(pk=OuterRef("report_id")))
    items = Item.objects.filter(ours, first_sent_at__isnull=False).exclude(state=State.WITHDRAWN)
    return [line_of(item) for item in items.select_related("report")]


def _erased(rows: QuerySet[Erased]) -> list[Line]:
    return [
        Line(r.month, r.addressee, r.platform, r.answered_tenths, r.not_there_tenths, r.gone, r.still_there)
        for r in rows
    ]
