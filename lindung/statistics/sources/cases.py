"""Cases by the month in which they were opened, or closed, and the services that children received."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from lindung.casework.models import Case, CaseExclusion, CaseFact, State
from lindung.casework.models_legal import Simfoni
from lindung.casework.models_plan import Delivery
from lindung.core.worktime import local_day

from ..counts import UNKNOWN, Counts, Scope, in_year, month_of, month_of_day
from ..erased import Item
from ..models import Source
from ..vocabulary import codes

FACTS = {
    "form": "form", "age_band": "age_band", "sex": "sex", "channel": "channel", "province": "present_province",
}  # fmt: skip
"""The fact of a case by dimension: of its four places the present one is counted."""

CLOSED_FACTS = {name: fact for name, fact in FACTS.items() if name in ("age_band", "sex", "province")}


def opened(scope: Scope, year: int, only: int | None = None) -> Counts:
    """Cases that were opened; not those that another body typed into Simfoni PPA, which counts them."""
    found = Counts()
    for tz, teams in scope.zones.items():
        where, columns = _counted(scope, teams)
        rows = Case.objects.filter(in_year("opened_at", year, tz), *where, **columns).exclude(_elsewhere()).order_by()
        groups = rows.values_list(month_of("opened_at", year, tz), "risk").annotate(n=Count("pk"))
        for month, risk, number in groups:
            found.totals[month] += number
            found.add("risk", risk, month, number)
        _facts(found, scope, year, tz, teams, only, "opened_at", FACTS)
    return found


def closed(scope: Scope, year: int, only: int | None = None) -> Counts:
    """Cases that are closed, by the month of the closing; one that was opened again counts no more."""
    found = Counts()
    for tz, teams in scope.zones.items():
        where, columns = _counted(scope, teams)
        rows = Case.objects.filter(in_year("closed_at", year, tz), *where, state=State.CLOSED, **columns)
        groups = rows.exclude(_elsewhere()).order_by().values_list(month_of("closed_at", year, tz), "outcome")
        for month, outcome, number in groups.annotate(n=Count("pk")):
            found.totals[month] += number
            found.add("closing", outcome or UNKNOWN, month, number)
        _facts(found, scope, year, tz, teams, only, "closed_at", CLOSED_FACTS, case__state=State.CLOSED)
    return found


def services(scope: Scope, year: int, only: int | None = None) -> Counts:
    """Children who came to a service in a month, each once a service and month, however often they came."""
    found = Counts()
    teams = [team for team, _tz in scope.teams]
    where, columns = _counted(scope, teams, "goal__plan__case")
    rows = Delivery.objects.filter(
        *where, child_came=True, on__gte=date(year, 1, 1), on__lt=date(year + 1, 1, 1), **columns
    ).order_by()
    month = month_of_day("on", year)
    child = Count("goal__plan__case", distinct=True)
    for number_of, children in rows.values_list(month).annotate(n=child):
        found.totals[number_of] += children
    for number_of, service, children in rows.values_list(month, "goal__service").annotate(n=child):
        found.add("service", service, number_of, children)
    return found


def _elsewhere(case: str = "pk") -> Exists:
    return Exists(Simfoni.objects.filter(case=OuterRef(case), typed_elsewhere=True))


def _counted(scope: Scope, teams: list[UUID], case: str = "") -> tuple[list[Any], dict[str, Any]]:
    """The conditions of a case that counts, for a query that reaches it by `case` ("" for cases themselves)."""
    where: list[Any] = []
    if not scope.named:
        where.append(~Exists(CaseExclusion.objects.filter(case=OuterRef(case or "pk"))))
    return where, {f"{case}__team__in" if case else "team__in": teams}


def _facts(
    found: Counts,
    scope: Scope,
    year: int,
    tz: str,
    teams: list[UUID],
    only: int | None,
    moment: str,
    fields: dict[str, str],
    **more: Any,
) -> None:
    where, columns = _counted(scope, teams, "case")
    rows = CaseFact.objects.filter(
        in_year(f"case__{moment}", year, tz, only), *where, ~_elsewhere("case"),
        field__in=list(fields.values()), **columns, **more,
    ).order_by()  # fmt: skip
    names = {fact: name for name, fact in fields.items()}
    groups = rows.values_list(month_of(f"case__{moment}", year, tz), "field", "token").annotate(n=Count("pk"))
    for month, fact, token, number in groups:
        value = codes(fact).get(bytes(token))
        if value is not None:
            found.add(names[fact], value, month, number)


def of_case(case: Case) -> list[Item]:
    """What stays of one case when it is erased: its opening, its closing, and the services of each month."""
    named = CaseExclusion.objects.filter(case=case).exists()
    common: dict[str, Any] = {"team_id": case.team_id, "named": named}
    facts: dict[str, list[str]] = {}
    names = {fact: name for name, fact in FACTS.items()}
    for fact, token in CaseFact.objects.filter(case=case, field__in=list(names)).values_list("field", "token"):
        value = codes(fact).get(bytes(token))
        if value is not None:
            facts.setdefault(names[fact], []).append(value)
    found = []
    if not Simfoni.objects.filter(case=case, typed_elsewhere=True).exists():
        month = local_day(case.opened_at, case.team.tz).replace(day=1)
        found.append(Item(source=Source.CASES, month=month, facts={**facts, "risk": [case.risk]}, **common))
        if case.state == State.CLOSED and case.closed_at is not None:
            month = local_day(case.closed_at, case.team.tz).replace(day=1)
            ended = {name: values for name, values in facts.items() if name in CLOSED_FACTS}
            ended["closing"] = [case.outcome or UNKNOWN]
            found.append(Item(source=Source.CLOSED, month=month, facts=ended, **common))
    given: dict[date, set[str]] = {}
    deliveries = Delivery.objects.filter(goal__plan__case=case, child_came=True)
    for day, service in deliveries.values_list("on", "goal__service"):
        given.setdefault(day.replace(day=1), set()).add(service)
    for month, kinds in sorted(given.items()):
        found.append(Item(source=Source.SERVICES, month=month, facts={"service": sorted(kinds)}, **common))
    return found
