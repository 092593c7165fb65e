"""Reports by the month of their receipt, in the zone of the team that holds them now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lindung.core.worktime import local_day
from lindung.reporting.models import HELP_PATH, Report, ReportExclusion, ReportFact, State
from lindung.reporting.retention import WITHDRAWN

from ..counts import Counts, Scope, in_year, month_of
from ..erased import Item
from ..models import Counted, FirstAnswer, Source
from ..vocabulary import codes

FACTS = ("form", "age_band", "sex", "province")
OPEN = "open"
IN_TIME, LATE, NONE = "in_time", "late", "none"


def living(scope: Scope, year: int, only: int | None = None) -> Counts:
    """Count what is there: three queries for each time zone. `only`: facts and answers of this month (from 0) alone."""
    found = Counts()
    for tz, teams in scope.zones.items():
        _columns(found, scope, year, tz, teams)
        _facts(found, scope, year, tz, teams, only)
        _answers(found, scope, year, tz, teams, only)
    return found


def _counted(scope: Scope, teams: list[UUID], report: str = "") -> tuple[list[Any], dict[str, Any]]:
    """The conditions of a report that counts, for a query that reaches it by `report` ("" or "report__")."""
    ref = OuterRef("report" if report else "pk")
    where: list[Any] = [~Q(**{f"{report}path": HELP_PATH}), ~Exists(Counted.objects.filter(report=ref))]
    if not scope.named:
        where.append(~Exists(ReportExclusion.objects.filter(report=ref)))
    return where, {f"{report}team__in": teams, f"{report}merged_into": None}


def _columns(found: Counts, scope: Scope, year: int, tz: str, teams: list[UUID]) -> None:
    where, columns = _counted(scope, teams)
    rows = Report.objects.filter(in_year("received_at", year, tz), *where, **columns).order_by()
    groups = rows.values_list(month_of("received_at", year, tz), "channel", "risk", "state", "outcome")
    for month, channel, risk, state, outcome, number in groups.annotate(n=Count("pk")):
        found.totals[month] += number
        found.add("channel", channel, month, number)
        found.add("risk", risk, month, number)
        found.add("outcome", _outcome(state, outcome), month, number)


def _facts(found: Counts, scope: Scope, year: int, tz: str, teams: list[UUID], only: int | None) -> None:
    where, columns = _counted(scope, teams, "report__")
    rows: QuerySet[ReportFact, Any] = ReportFact.objects.filter(
        in_year("report__received_at", year, tz, only), *where, field__in=FACTS, **columns
    ).order_by()
    groups = rows.values_list(month_of("report__received_at", year, tz), "field", "token").annotate(n=Count("pk"))
    meanings = {field: codes(field) for field in FACTS}
    for month, field, token, number in groups:
        value = meanings[field].get(bytes(token))
        if value is not None:
            found.add(field, value, month, number)


def _answers(found: Counts, scope: Scope, year: int, tz: str, teams: list[UUID], only: int | None) -> None:
    where, columns = _counted(scope, teams, "report__")
    rows = FirstAnswer.objects.filter(in_year("report__received_at", year, tz, only), *where, **columns).order_by()
    groups = rows.values_list(month_of("report__received_at", year, tz), "in_time").annotate(n=Count("pk"))
    for month, in_time, number in groups:
        found.add("promise", IN_TIME if in_time else LATE, month, number)


def _outcome(state: str, outcome: str) -> str:
    if state == State.WITHDRAWN:
        return WITHDRAWN
    return outcome if state == State.CLOSED and outcome else OPEN


def of_report(report: Report, outcome: str) -> Item:
    """What stays of one report when it is erased."""
    facts: dict[str, list[str]] = {
        "channel": [report.channel], "risk": [report.risk], "outcome": [outcome or OPEN],
    }  # fmt: skip
    answer = FirstAnswer.objects.filter(report=report).values_list("in_time", flat=True).first()
    if answer is not None:
        facts["promise"] = [IN_TIME if answer else LATE]
    for field, token in ReportFact.objects.filter(report=report, field__in=FACTS).values_list("field", "token"):
        value = codes(field).get(bytes(token))
        if value is not None:
            facts.setdefault(field, []).append(value)
    return Item(
        source=Source.REPORTS,
        team_id=report.team_id,
        month=local_day(report.received_at, report.team.tz).replace(day=1),
        named=ReportExclusion.objects.filter(report=report).exists(),
        facts=facts,
    )
