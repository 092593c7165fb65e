"""Four eyes, the end of a case, and who reads what a child says about us: pure functions, no database."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ANALYST, SUPERVISOR
from lindung.core.worktime import Zone, add_working_days

from .models import Risk
from .models_closing import Subject
from .rules import CaseFacts, may_supervise, may_work

FOLLOW_UP_MONTHS = (3, 6)
"""How long after closing somebody looks how the child is: calendar months of the place."""

HIGH_RISK_ANSWER = timedelta(hours=24)
ANSWER_WORKING_DAYS = 3
"""By when a team says whether it takes a case over."""

_BY_SUPERVISOR = frozenset({Subject.CLOSURE, Subject.MEDIATION, Subject.HOLD})


def may_decide(actor: Actor, facts: CaseFacts, *, subject: str, asked_by: UUID, asker_supervises: bool) -> bool:
    """Tell whether a person may be the second pair of eyes. Never who asked.

    A plan is looked at by anybody else who works on the case. What can leave a child alone if it were wrong (closing,
    anything out of court) is looked at by a supervisor, or by anybody who works on it when a supervisor asked.
    """
    if actor.user_id == asked_by or not may_work(actor, facts):
        return False
    return subject not in _BY_SUPERVISOR or may_supervise(actor, facts) or asker_supervises


def may_read_feedback(
    actor: Actor, *, team_id: UUID, team_kind: str, workers: Collection[UUID], excluded: Collection[UUID]
) -> bool:
    """Tell whether a person may read what a child said about us.

    Supervisors of the team that it went to; of the independent team, its analysts too. Nobody who works or ever worked
    with the child (`workers`), and nobody of a team that the case excludes.
    """
    if actor.is_system or actor.user_id in workers or actor.team_ids & set(excluded):
        return False
    roles = (SUPERVISOR, ANALYST) if team_kind == "independent" else (SUPERVISOR,)
    return actor.has_role_in(team_id, *roles)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day when it is shorter: 30 November and 3 months is 28 February."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def answer_due(risk: str, offered_at: datetime, zone: Zone) -> datetime:
    """By when the asked team answers: 24 calendar hours for high risk, else three working days of that team."""
    if risk == Risk.HIGH:
        return offered_at + HIGH_RISK_ANSWER
    return add_working_days(offered_at, ANSWER_WORKING_DAYS, zone)
