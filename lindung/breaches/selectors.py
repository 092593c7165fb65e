"""Reads of the register. What is not this person's does not exist for them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.accounts.rules import ADMINISTRATOR, SUPERVISOR
from lindung.reporting import rules_staff
from lindung.reporting.selectors import keyed_teams
from lindung.reporting.selectors_moves import seen_reports
from lindung.vault.models import TeamKey

from . import rules
from .models import Breach, Notice, State


def visible_breaches(actor: Actor) -> QuerySet[Breach]:
    """Incidents of teams that this person supervises and whose key they hold; for its analysts, those to be closed.

    The second person who closes may be an analyst: an incident with a proposal to close is there for them too.
    """
    if actor.is_system:
        return Breach.objects.none()
    own = Q(team__in=actor.teams_with((SUPERVISOR,)))
    asked = Q(team__in=actor.teams_with(rules_staff.JUDGES), closing_by__isnull=False, state=State.OPEN)
    rows = Breach.objects.filter(own | asked).filter(team__in=keyed_teams(actor))
    return rows.select_related("team", "opened_by", "authority_by", "closing_by", "closed_by")


def notices_here(actor: Actor) -> QuerySet[Notice]:
    """Decisions about reports that this person's supervised teams hold today, whichever team entered the incident.

    A report that moved to another team takes its open decision along: the team that has it decides.
    """
    here = seen_reports(actor, actor.teams_with((SUPERVISOR,)))
    rows = Notice.objects.filter(here, report__team__in=keyed_teams(actor))
    return rows.select_related("breach", "report", "decided_by")


def strange_notices(actor: Actor) -> QuerySet[Notice]:
    """Open decisions about reports of one's teams that belong to an incident of another team."""
    undecided = notices_here(actor).filter(way="", breach__state=State.OPEN)
    return undecided.exclude(breach__team__in=actor.teams_with((SUPERVISOR,)))


def own_notices(breach: Breach) -> QuerySet[Notice]:
    """The decisions that this incident waits for: of reports that its team still holds, and of those erased since.

    Reports that moved away or are hidden from the team are not counted here, not even as a number.
    """
    rows = Notice.objects.filter(breach=breach).filter(Q(report__team=breach.team_id) | Q(report__isnull=True))
    return rows.exclude(report__exclusions__team=breach.team_id)


def teams_to_enter_for(actor: Actor) -> list[Team]:
    """The teams for which this person may enter an incident, those with a key, by name."""
    keyed = TeamKey.objects.filter(team=OuterRef("pk"), state=TeamKey.State.ACTIVE)
    teams = Team.objects.filter(Exists(keyed), kind__in=("intake", "independent")).order_by("name")
    return [team for team in teams if rules.may_open(actor, team.pk, team.kind, team.organisation_id)]


def may_enter(actor: Actor) -> bool:
    """Whether the page of incidents is there at all for this person, beyond second signatures."""
    return actor.has_role(SUPERVISOR, ADMINISTRATOR)
