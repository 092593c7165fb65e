"""Reads about reports that change hands and about legal holds; `visible_to` stays the one door to the reports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.accounts.rules import SUPERVISOR
from lindung.core import clock
from lindung.places import selectors as places
from lindung.vault import facts
from lindung.vault.models import TeamKey

from . import rules, rules_moves, rules_staff
from .models import OPEN_STATES, Report, ReportExclusion, ReportFact, State
from .models_moves import LegalHold, Transfer, TransferState
from .selectors import keyed_teams

SENT_DAYS = 90
"""How long an answered offer stays in the list of the team that made it."""


def _facts(team: Team) -> rules.TeamFacts:
    return rules.TeamFacts(team.pk, team.kind, team.organisation.kind, team.intake_order, team.province)


def teams_to_ask(actor: Actor, report: Report, concerns: Collection[str]) -> list[Team]:
    """The teams to which this person may offer the report, by name: one query. `concerns`: of its answers."""
    keyed = TeamKey.objects.filter(team=OuterRef("pk"), state=TeamKey.State.ACTIVE)
    hidden = ReportExclusion.objects.filter(report=report, team=OuterRef("pk"))
    rows = Team.objects.filter(Exists(keyed)).annotate(hidden=Exists(hidden))
    teams = list(rows.select_related("organisation").order_by("name"))
    own = next((team for team in teams if team.pk == report.team_id), None)
    if own is None:
        return []
    excluded = {team.pk for team in teams if team.hidden}
    return [
        team
        for team in teams
        if rules_moves.may_offer_to(actor, _facts(own), _facts(team), excluded=excluded, concerns=concerns)
    ]


def _judged_teams(actor: Actor) -> frozenset[UUID]:
    return actor.teams_with(rules_staff.JUDGES)


def seen_reports(actor: Actor, teams: Collection[UUID]) -> Q:
    """What `visible_to` asks of reports of these teams, for rows that have a `report`: without listing all reports.

    The menu asks this with every page, whatever the number of reports.
    """
    return Q(report__team__in=teams) & ~Q(report__state=State.WITHDRAWN) & _unnamed(actor)


def _unnamed(actor: Actor) -> Q:
    """Nothing of a report that a team of this person is excluded from."""
    named = ReportExclusion.objects.filter(report=OuterRef("report"), team__in=actor.team_ids)
    return Q(~Exists(named))


def offers_in(actor: Actor) -> QuerySet[Transfer]:
    """What waits for an answer of this person's teams; `rules_moves.may_see_offer` says the same of one."""
    if actor.is_system:
        return Transfer.objects.none()
    rows = Transfer.objects.filter(state=TransferState.OFFERED, to_team__in=_judged_teams(actor))
    return rows.filter(_unnamed(actor), report__state__in=OPEN_STATES)


def answerable(actor: Actor) -> QuerySet[Transfer]:
    """`offers_in` of the teams whose key the person holds: without it they can neither answer nor see a card."""
    return offers_in(actor).filter(to_team__in=keyed_teams(actor))


def offers_of(actor: Actor) -> QuerySet[Transfer]:
    """Every offer to this person's teams, answered ones too: only to tell "too late" from "never there"."""
    return Transfer.objects.filter(_unnamed(actor), to_team__in=_judged_teams(actor), to_team_id__in=keyed_teams(actor))


def offers_out(actor: Actor, now: datetime | None = None) -> QuerySet[Transfer]:
    """What this person's teams offered to others, the newest first: open ones, and answered ones of the last 90 days.

    An accepted report is not theirs any more: the line says when and to whom, and leads nowhere.
    """
    if actor.is_system:
        return Transfer.objects.none()
    since = (now or clock.now()) - timedelta(days=SENT_DAYS)
    rows = Transfer.objects.filter(from_team__in=_judged_teams(actor)).filter(from_team__in=keyed_teams(actor))
    rows = rows.filter(_unnamed(actor)).filter(Q(state=TransferState.OFFERED) | Q(decided_at__gte=since))
    return rows.order_by("-offered_at", "id")


@dataclass(frozen=True)
class Card:
    """All that a team sees of a report that it is offered, before it says yes."""

    id: UUID
    from_team: str
    to_team: str
    tz: str
    reason: str
    risk: str
    urgent: bool
    danger_now: bool
    channel: str
    language: str
    place: str
    is_help: bool
    offered_at: datetime
    due_at: datetime


def cards(actor: Actor) -> list[Card]:
    """The cards of everything that waits for this person's answer, the most pressing first: two queries."""
    rows = list(answerable(actor).select_related("report", "from_team", "to_team").order_by("due_at", "id"))
    provinces = _provinces([row.report_id for row in rows])
    found = []
    for row in rows:
        report = row.report
        code = rules_moves.card_place(row.to_team.province, provinces.get(report.pk, ""))
        place = places.get(code) if code else None
        found.append(
            Card(
                row.pk, row.from_team.name, row.to_team.name, row.to_team.tz, row.reason, report.risk, row.urgent,
                report.danger_now, report.channel, report.language, place.name if place else "", report.is_help,
                row.offered_at, row.due_at,
            )
        )  # fmt: skip
    return found


def _provinces(reports: list[UUID]) -> dict[UUID, str]:
    """The province of each report by its code, through the statistics key."""
    rows = ReportFact.objects.filter(report__in=reports, field="province").values_list("report_id", "token")
    tokens = [(pk, bytes(token)) for pk, token in rows]
    known = facts.meanings("province", [p.code for p in places.provinces()]) if tokens else {}
    return {pk: known[token] for pk, token in tokens if token in known}


# --- legal holds ----------------------------------------------------------------------------------------------------


def holds_visible_to(actor: Actor) -> QuerySet[LegalHold]:
    """The legal holds, running and ended, of reports that this person sees and whose team they judge for."""
    rows = LegalHold.objects.filter(seen_reports(actor, _judged_teams(actor)), report__team__in=keyed_teams(actor))
    return rows.select_related("report", "report__team", "set_by", "reviewed_by", "lift_asked_by", "lifted_by")


def holds_due(actor: Actor, now: datetime) -> QuerySet[LegalHold]:
    """The running holds of the teams that this person supervises which somebody must look at."""
    rows = holds_visible_to(actor).filter(report__team__in=actor.teams_with((SUPERVISOR,)))
    return rows.filter(lifted_at=None, review_at__lte=now)
