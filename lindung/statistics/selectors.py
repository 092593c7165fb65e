"""Reads that depend on the person: whose numbers they may see, of which years, and which monthly reports."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Organisation, Team
from lindung.core import clock
from lindung.core.errors import NotFound
from lindung.core.worktime import local_day
from lindung.reporting.models import Report
from lindung.reporting.selectors import keyed_teams

from . import rules
from .counts import Scope
from .models import Erased, MonthlyReport

TEAM, ORGANISATION = "team", "organisation"
COUNTRY_TZ = "Asia/Jakarta"
"""The westernmost zone: what is over there is over in the whole country."""

YEARS_BACK = 10


def scopes(actor: Actor) -> list[Scope]:
    """Whose numbers a person may see: three queries.

    Supervisors: each team of theirs whose present key they hold. Data analysts: their organisation, without what its
    independent recipient handles, and never one team of it: the difference to the organisation would be another one.
    """
    held = set(keyed_teams(actor).values_list("team_key__team", flat=True))
    own = [team for team in actor.team_ids if team in held and rules.may_see_team(actor, team)]
    found = [
        Scope(TEAM, team.pk, team.name, ((team.pk, team.tz),), team.tz, named=team.kind == Team.Kind.INDEPENDENT)
        for team in Team.objects.filter(pk__in=own).order_by("name", "pk")
    ]
    bodies = [body for body in actor.organisation_ids if rules.may_see_organisation(actor, body)]
    for body in Organisation.objects.filter(pk__in=bodies).order_by("name", "pk").prefetch_related("teams"):
        teams = [(t.pk, t.tz) for t in body.teams.all() if t.kind != Team.Kind.INDEPENDENT]
        zones = {tz for _pk, tz in teams}
        tz = zones.pop() if len(zones) == 1 else COUNTRY_TZ
        found.append(Scope(ORGANISATION, body.pk, body.name, tuple(sorted(teams)), tz))
    return found


def scope_for(actor: Actor, code: str = "") -> Scope:
    """The scope that an address names, or the first one. Raises NotFound for any other."""
    found = scopes(actor)
    chosen = [scope for scope in found if scope.code == code] if code else found
    if not chosen:
        raise NotFound
    return chosen[0]


def years(scope: Scope) -> list[int]:
    """The years of which there may be numbers, the newest first."""
    teams = [team for team, _tz in scope.teams]
    today = local_day(clock.now(), scope.tz)
    first = Report.objects.filter(team__in=teams).aggregate(first=Min("received_at"))["first"]
    erased = Erased.objects.filter(team__in=teams).aggregate(first=Min("month"))["first"]
    begin = min([day for day in (first and local_day(first, scope.tz), erased) if day], default=today).year
    return list(range(today.year, max(begin, today.year - YEARS_BACK) - 1, -1))


def last_month(scope: Scope) -> date:
    """The first day of the newest month that is over."""
    today = local_day(clock.now(), scope.tz)
    return date(today.year - (today.month == 1), today.month - 1 or 12, 1)


def months_back(scope: Scope, number: int = 24) -> list[date]:
    """The months that are over, the newest first."""
    found = [last_month(scope)]
    while len(found) < number:
        day = found[-1]
        found.append(date(day.year - (day.month == 1), day.month - 1 or 12, 1))
    return found


def monthly_reports(actor: Actor) -> QuerySet[MonthlyReport]:
    """The monthly reports of what a person may see."""
    seen = scopes(actor)
    teams = [scope.id for scope in seen if scope.kind == TEAM]
    bodies = [scope.id for scope in seen if scope.kind == ORGANISATION]
    rows = MonthlyReport.objects.filter(Q(team__in=teams) | Q(organisation__in=bodies))
    return rows.select_related("team", "organisation", "made_by")


def monthly_report(actor: Actor, pk: UUID) -> MonthlyReport:
    """One of them. Raises NotFound for any other."""
    found = monthly_reports(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
