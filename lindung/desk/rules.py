"""Who may do what with canned answers, and when a break is due: pure functions over plain values, no database."""

from __future__ import annotations

from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ANALYST, CASE_WORKER, SUPERVISOR

READERS = (ANALYST, CASE_WORKER, SUPERVISOR)
EDITORS = (ANALYST, SUPERVISOR)

PAUSE_MINUTES = 15
"""So long without a page counts as a break, whatever it was used for."""

LATER_MINUTES = 30
"""How long a prompt that was put off stays away."""

KEPT_DAYS = 30
"""How long the counts of a day are kept."""


def may_use(actor: Actor, organisation_id: UUID, team_id: UUID | None) -> bool:
    """Read and use an answer: whoever answers reporters in that organisation, and in that team if it has one."""
    if team_id is None:
        return organisation_id in actor.organisation_ids and actor.has_role(*READERS)
    return actor.has_role_in(team_id, *READERS)


def may_edit(actor: Actor, organisation_id: UUID, team_id: UUID | None) -> bool:
    """Write, change, retire: analysts and supervisors, in their team or for the whole organisation."""
    if team_id is None:
        return organisation_id in actor.organisation_ids and actor.has_role(*EDITORS)
    return actor.has_role_in(team_id, *EDITORS)


def may_decide(actor: Actor, organisation_id: UUID, team_id: UUID | None, author_id: UUID) -> bool:
    """Approve or send back what somebody else wrote."""
    return actor.user_id != author_id and may_edit(actor, organisation_id, team_id)


def break_is_due(
    *, minutes: int, heavy: int, put_off_until: int, minute: int, most_heavy: int, most_minutes: int
) -> bool:
    """Tell whether to remind somebody of a break.

    `minutes` and `heavy`: since the last break; `minute` is now and `put_off_until` the minute until which the person
    asked not to be reminded. A limit of 0 never reminds.
    """
    if minute < put_off_until:
        return False
    return bool((most_heavy and heavy >= most_heavy) or (most_minutes and minutes >= most_minutes))
