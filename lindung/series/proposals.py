"""Which other reports may belong to this one: by a shared identifier, or by coded facts and dates; never by words.

What is proposed is decided by rules.py from reports that the person may see. A proposal says why in fixed sentences:
never the identifier, and never how many others there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.core import worktime
from lindung.reporting import selectors as reporting
from lindung.reporting.models import OPEN_STATES, Report, ReportFact
from lindung.reporting.selectors import Naming

from . import rules
from .knowledge import alike
from .models import Why
from .selectors import seen


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
    """The reports that may belong to this one, the weightiest first, then the nearest in time; five queries.

    Empty for a report that the person may not see, a closed one, and one of the path of help. At most
    `alike().proposed`.
    """
    if report.is_help or report.state not in OPEN_STATES or not seen(actor).filter(pk=report.pk).exists():
        return []
    named = reporting.naming_the_same(report, seen(actor))
    facts = _same_facts(report, actor)
    found = _weigh(report, named, facts)
    wanted = {pk: (signs, weight) for pk, signs, weight in found[: alike().proposed]}
    rows = seen(actor).filter(pk__in=wanted, state__in=OPEN_STATES).select_related("team")
    result = [Proposal(row, *wanted[row.pk]) for row in rows]
    order = {pk: index for index, pk in enumerate(wanted)}
    return sorted(result, key=lambda proposal: order[proposal.report.pk])


def _weigh(
    report: Report, named: list[Naming], facts: dict[_Candidate, set[str]]
) -> list[tuple[UUID, tuple[str, ...], int]]:
    rule = alike()
    named_by = Counter(entry.token for entry in named)
    identifiers: dict[_Candidate, list[int]] = {}
    for entry in named:
        candidate = _Candidate(entry.report_id, entry.received_at)
        identifiers.setdefault(candidate, []).append(named_by[entry.token] + 1)
    found = []
    for candidate in identifiers.keys() | facts.keys():
        apart = abs(candidate.received_at - report.received_at)
        signs = rules.signs(
            days_apart=-(-apart // timedelta(days=1)),
            same=facts.get(candidate, ()),
            named_by=identifiers.get(candidate, ()),
            rule=rule,
        )
        if rules.is_proposed(signs, rule):
            weight = rules.points(signs, rule)
            ordered = tuple(sorted(signs, key=lambda code: (-rule.points[code], code)))
            found.append((-weight, apart, candidate.report_id, ordered, weight))
    return [(pk, signs, weight) for _, _, pk, signs, weight in sorted(found)]


def _same_facts(report: Report, actor: Actor) -> dict[_Candidate, set[str]]:
    """Which coded facts other open reports share with this one, of those nearest to it in time; three queries."""
    mine = ReportFact.objects.filter(report=report, field__in=rules.FACTS)
    tokens = {bytes(token): field for field, token in mine.values_list("field", "token")}
    if not tokens:
        return {}
    near = {pk: at for rows in _nearest(report, actor) for pk, at in rows}
    shared = ReportFact.objects.filter(report__in=list(near), field__in=rules.FACTS, token__in=list(tokens))
    found: dict[_Candidate, set[str]] = {}
    for pk, token in shared.values_list("report_id", "token"):
        found.setdefault(_Candidate(pk, near[pk]), set()).add(tokens[bytes(token)])
    return found


def _nearest(report: Report, actor: Actor) -> Iterable[QuerySet[Report, tuple[UUID, datetime]]]:
    """Half of the reports that are looked at were received before this one, half after it."""
    rule, at = alike(), report.received_at
    window, half = timedelta(days=rule.window_days), rule.looked_at // 2
    others = seen(actor).filter(state__in=OPEN_STATES).exclude(Q(pk=report.pk) | Q(path="worried_self"))
    before = others.filter(received_at__lt=at, received_at__gte=at - window).order_by("-received_at", "id")
    after = others.filter(received_at__gte=at, received_at__lte=at + window).order_by("received_at", "id")
    return [rows.values_list("pk", "received_at")[:half] for rows in (before, after)]
