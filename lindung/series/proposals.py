"""Which other reports may belong to this one: by a shared identifier, or by coded facts and dates; never by words.

What is proposed is decided by rules.py from reports that the person may see. A proposal says why in fixed sentences:
never the identifier, and never how many others there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.core import worktime
from lindung.reporting import selectors as reporting
from lindung.reporting.models import HELP_PATH, OPEN_STATES, Report, ReportFact

from . import rules
from .knowledge import alike
from .models import Why


@dataclass(frozen=True)
class Proposal:
    """A report that may belong to the one in hand. `signs`: codes of knowledge/alike.yaml, the weightiest first."""

    report: Report
    signs: tuple[str, ...]
    points: int

    @property
    def month(self) -> date:
        """The first day of the month in which it was received."""
        return worktime.local_day(self.report.received_at, self.report.tz).replace(day=1)

    @property
    def sentences(self) -> list[str]:
        """Why, in the active language."""
        return [alike().signs[code].label for code in self.signs]

    @property
    def weak(self) -> bool:
        """Only a very common identifier speaks for it."""
        return self.points < alike().enough

    @property
    def why(self) -> str:
        """The code of `Why` that is kept when a colleague accepts."""
        return str(Why.IDENTIFIER if {"identifier", "common_identifier"} & set(self.signs) else Why.ALIKE)


@dataclass(frozen=True)
class _Candidate:
    report_id: UUID
    received_at: datetime


def proposals(report: Report, actor: Actor) -> list[Proposal]:
    """The reports that may belong to this one, the weightiest first, then the nearest in time; at most eight queries.

    Empty for a report that the person may not see, a closed one, and one of the path of help. At most
    `alike().proposed`.
    """
    if report.is_help or report.state not in OPEN_STATES:
        return []
    keyed = list(reporting.keyed_teams(actor).values_list("team_key__team", flat=True))
    visible = reporting.visible_to(actor).filter(team__in=keyed)
    if not visible.filter(pk=report.pk).exists():
        return []
    among = visible.filter(state__in=OPEN_STATES)
    named = _named(report, among)
    found = _weigh(report, named, _same_facts(report, among))
    wanted = {pk: (signs, weight) for pk, signs, weight in found[: alike().proposed]}
    still = Exists(among.filter(pk=OuterRef("pk")))
    rows = {row.pk: row for row in Report.objects.filter(still, pk__in=wanted).select_related("team")}
    return [Proposal(rows[pk], *weighed) for pk, weighed in wanted.items() if pk in rows]


def _named(report: Report, among: QuerySet[Report]) -> dict[_Candidate, list[int]]:
    """Reports that name an identifier of this one, each with how many name each of those; two queries.

    All that name a rare identifier are there; of a common one, which is weak, the newest.
    """
    rule, found = alike(), dict[_Candidate, list[int]]()
    for row in reporting.naming_the_same(report, among, max(rule.common, 2 * rule.proposed)):
        found.setdefault(_Candidate(row.report_id, row.received_at), []).append(row.number + 1)
    return found


def _weigh(
    report: Report, named: dict[_Candidate, list[int]], facts: dict[_Candidate, set[str]]
) -> list[tuple[UUID, tuple[str, ...], int]]:
    rule, found = alike(), []
    for candidate in named.keys() | facts.keys():
        apart = abs(candidate.received_at - report.received_at)
        signs = rules.signs(
            days_apart=-(-apart // timedelta(days=1)),
            same=facts.get(candidate, ()),
            named_by=named.get(candidate, ()),
            rule=rule,
        )
        if rules.is_proposed(signs, rule):
            weight = rules.points(signs, rule)
            ordered = tuple(sorted(signs, key=lambda code: (-rule.points[code], code)))
            found.append((-weight, apart, candidate.report_id, ordered, weight))
    return [(pk, signs, weight) for _, _, pk, signs, weight in sorted(found)]


def _same_facts(report: Report, among: QuerySet[Report]) -> dict[_Candidate, set[str]]:
    """Which coded facts other reports share with this one, of those nearest to it in time; three queries."""
    mine = ReportFact.objects.filter(report=report, field__in=rules.FACTS)
    tokens = {bytes(token): field for field, token in mine.values_list("field", "token")}
    found: dict[_Candidate, set[str]] = {}
    for near in _nearest(report, among) if tokens else ():
        shared = ReportFact.objects.filter(report__in=near, field__in=rules.FACTS, token__in=list(tokens))
        for pk, at, token in shared.values_list("report_id", "report__received_at", "token"):
            found.setdefault(_Candidate(pk, at), set()).add(tokens[bytes(token)])
    return found


def _nearest(report: Report, among: QuerySet[Report]) -> Iterable[QuerySet[Report, Any]]:
    """Half of the reports that are looked at were received before this one, half after it."""
    rule, at = alike(), report.received_at
    window, half = timedelta(days=rule.window_days), rule.looked_at // 2
    others = among.exclude(Q(pk=report.pk) | Q(path=HELP_PATH))
    before = others.filter(received_at__lt=at, received_at__gte=at - window).order_by("-received_at", "id")
    after = others.filter(received_at__gte=at, received_at__lte=at + window).order_by("received_at", "id")
    return [rows.values("pk")[:half] for rows in (before, after)]
