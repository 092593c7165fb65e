"""Who sees a case, who works on it, who supervises it: pure functions, no database.

`selectors.visible_to` says the same as `may_open` of many cases at once; a property test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ANALYST, CASE_WORKER, SUPERVISOR

from .models import Risk, State

READERS = frozenset({ANALYST, CASE_WORKER, SUPERVISOR})
"""Roles of a team that may open its cases; a partner never does."""

HELP_PATH = "worried_self"
"""The path of an adult who fears harming a child: help, and never a case."""


@dataclass(frozen=True)
class CaseFacts:
    """What the right to a case depends on.

    `workers`: who works with the child now. `taken`: whether anybody does. `elsewhere`: who works now with another
    child of the same incident.
    """

    team_id: UUID
    exclusions: frozenset[UUID]
    workers: frozenset[UUID]
    taken: bool
    state: str
    elsewhere: frozenset[UUID] = frozenset()


def may_open(actor: Actor, facts: CaseFacts) -> bool:
    """Tell whether a person may see and open a case.

    Supervisors of its team; who works with the child and still has a role in the team; case workers and analysts of
    the team while nobody works with the child and the case is not closed. Nobody of another team or of one that the
    case excludes, whatever else they are, and nobody who only works with another child of the same incident.
    """
    if actor.is_system or actor.team_ids & facts.exclusions:
        return False
    if facts.team_id not in actor.teams_with(READERS):
        return False
    if may_supervise(actor, facts) or actor.user_id in facts.workers:
        return True
    return not facts.taken and facts.state != State.CLOSED and actor.user_id not in facts.elsewhere


def may_work(actor: Actor, facts: CaseFacts) -> bool:
    """Write in a case: who works with the child, and supervisors. Never who works with another child of an incident."""
    if not may_open(actor, facts) or actor.user_id in facts.elsewhere:
        return False
    return actor.user_id in facts.workers or may_supervise(actor, facts)


def may_supervise(actor: Actor, facts: CaseFacts) -> bool:
    """Assign, hand over, put on hold, approve: supervisors of its team, unless the case excludes a team of theirs."""
    if actor.is_system or actor.team_ids & facts.exclusions:
        return False
    return actor.has_role_in(facts.team_id, SUPERVISOR)


def may_take(actor: Actor, facts: CaseFacts) -> bool:
    """Begin to work with a child whom nobody works with yet: whoever sees the case."""
    return may_open(actor, facts) and not facts.taken and actor.user_id not in facts.elsewhere


def may_be_worker(roles: frozenset[tuple[UUID | None, str]], team_id: UUID) -> bool:
    """Tell whether a person with these roles can work on cases of a team: everybody whose role opens reports there."""
    return any(team == team_id and role in READERS for team, role in roles)


def raised(risk: str) -> str:
    """The risk after a child went missing or died: a danger that is over only when a person says so."""
    return Risk.HIGH.value
