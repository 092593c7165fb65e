"""Who may see and do what for whom among staff, how somebody may go, and what the clock waits for: pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ANALYST, CASE_WORKER, SUPERVISOR

from .models import Visit, VisitLevel, VisitState

STAFF = frozenset({ANALYST, CASE_WORKER, SUPERVISOR})

STRICTNESS = (VisitLevel.ALONE, VisitLevel.PAIR, VisitLevel.ESCORT, VisitLevel.NOT_NOW)
"""From the freest way of going to the strictest."""

GRACE = timedelta(minutes=15)
"""After the promised moment, before anybody is called."""

AGAIN = timedelta(minutes=15)
"""Between two calls while nobody knows that the person is well."""

LONGEST_VISIT = timedelta(hours=12)
DIARY_DAYS = 180
"""Days that entries of a diary are kept."""


def level_of(answers: Collection[str], levels: Mapping[str, VisitLevel]) -> VisitLevel:
    """The strictest way that the answers ask for; alone when none applies."""
    found = [levels[code] for code in answers]
    return max(found, key=STRICTNESS.index, default=VisitLevel.ALONE)


def is_looser(chosen: str, suggested: str) -> bool:
    """Tell whether a chosen way is freer than what the rules ask for."""
    return STRICTNESS.index(VisitLevel(chosen)) < STRICTNESS.index(VisitLevel(suggested))


def first_alarm(back_by: datetime) -> datetime:
    """When the clock first calls for somebody who is out."""
    return back_by + GRACE


def may_move(visit_state: str, target: str) -> bool:
    """The only ways between the states of a visit."""
    return target in _WAYS.get(VisitState(visit_state), frozenset())


_WAYS = {
    VisitState.PLANNED: frozenset({VisitState.OUT, VisitState.CALLED_OFF}),
    VisitState.OUT: frozenset({VisitState.BACK}),
}


def goes(actor: Actor, visit: Visit) -> bool:
    """Whoever goes on a visit: the worker or the companion."""
    return actor.user_id in (visit.worker_id, visit.companion_id)


def may_see_visit(actor: Actor, team_id: UUID, worker_id: UUID, companion_id: UUID | None) -> bool:
    """That somebody is out, and since when: colleagues of the team, so that they can ask. Where: see the case."""
    return actor.has_role_in(team_id, *STAFF) or actor.user_id in (worker_id, companion_id)


def may_see_threat(actor: Actor, team_id: UUID, about: UUID, told_by: UUID) -> bool:
    """A threat is read by who was threatened, who told of it, and supervisors of the team; all as members of it."""
    if not actor.has_role_in(team_id, *STAFF):
        return False
    return actor.user_id in (about, told_by) or actor.has_role_in(team_id, SUPERVISOR)


def may_see_load(actor: Actor, team_id: UUID) -> bool:
    """How much work each of a team carries: its supervisors. How it feels: nobody but the person."""
    return actor.has_role_in(team_id, SUPERVISOR)


def may_plan_talk(actor: Actor, team_id: UUID, user_id: UUID) -> bool:
    """Supervisors for anybody of their team; everybody for themselves."""
    return actor.has_role_in(team_id, SUPERVISOR) or (actor.user_id == user_id and actor.has_role_in(team_id, *STAFF))


def talk_due(last_held: datetime | None, since: datetime, every_days: int) -> datetime:
    """When the next regular talk is due: so many calendar days after the last one, else after the person came."""
    return (last_held or since) + timedelta(days=every_days)


def month_starts(today: date, months: int) -> list[date]:
    """The first days of the last `months` months, this one last."""
    first, found = today.replace(day=1), []
    for _n in range(months):
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]
