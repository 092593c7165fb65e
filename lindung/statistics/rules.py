"""Who may see statistics: pure decisions. Whoever may see them sees them with the small numbers kept back, always."""

from __future__ import annotations

from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import DATA_ANALYST, SUPERVISOR


def may_see_team(actor: Actor, team_id: UUID) -> bool:
    """The numbers of one team: its supervisors. `selectors.scopes` asks besides that they hold its present key."""
    return not actor.is_system and actor.has_role_in(team_id, SUPERVISOR)


def may_see_organisation(actor: Actor, organisation_id: UUID) -> bool:
    """The numbers of a whole organisation: its data analysts. They open no report and no case."""
    return not actor.is_system and actor.has_role(DATA_ANALYST) and organisation_id in actor.organisation_ids
