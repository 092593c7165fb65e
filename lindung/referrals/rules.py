"""Who sees a referral, who reads what was handed over, who answers it, and what the mailbox tells: pure functions.

`selectors.visible_to` says the same as `may_open` of many referrals at once; a property test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import CASE_WORKER, PARTNER, SUPERVISOR
from lindung.casework import rules as casework
from lindung.casework.rules import CaseFacts

from .models import ACTIVE, SHARED, State

RECEIVERS = frozenset({PARTNER, CASE_WORKER, SUPERVISOR})
"""Roles of a team that may read and answer what is sent to it."""


@dataclass(frozen=True)
class ReferralFacts:
    """What the right to a referral depends on. `case` are the facts of the case that it comes from."""

    case: CaseFacts
    receiving_team: UUID | None
    state: str


def may_send(actor: Actor, facts: ReferralFacts) -> bool:
    """Write, send, revoke: whoever works on the case."""
    return casework.may_work(actor, facts.case)


def may_read_as_sender(actor: Actor, facts: ReferralFacts) -> bool:
    """Whoever may open the case."""
    return casework.may_open(actor, facts.case)


def receives(actor: Actor, facts: ReferralFacts) -> bool:
    """Know that it was sent to one's team. Nobody of a team that the case excludes, and nobody who works with another
    child of the same incident, whatever else they are; a draft is nobody's but the sender's."""
    if actor.is_system or facts.receiving_team is None or facts.state == State.DRAFT:
        return False
    if actor.team_ids & facts.case.exclusions or actor.user_id in facts.case.elsewhere:
        return False
    return facts.receiving_team in actor.teams_with(RECEIVERS)


def may_read_as_receiver(actor: Actor, facts: ReferralFacts) -> bool:
    """Open the granted sections: while they are shared, and no longer."""
    return receives(actor, facts) and facts.state in SHARED


def may_answer(actor: Actor, facts: ReferralFacts) -> bool:
    """Accept, decline, tell what was delivered and how it ended."""
    return receives(actor, facts) and facts.state in ACTIVE


def may_open(actor: Actor, facts: ReferralFacts) -> bool:
    """Tell whether a person may know of a referral at all, from either side."""
    return may_read_as_sender(actor, facts) or receives(actor, facts)


# --- the mailbox ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """One referral as the news of the child sees it. `followed`: a second choice was sent in its place."""

    state: str
    reason: str = ""
    followed: bool = False


def told(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Codes of the sentences for the mailbox (knowledge/told.yaml), what is furthest first, each once.

    A draft tells nothing. A place that said no is told only while no other one was asked. What was a mistake of ours,
    or ended with the case, is not told as news.
    """
    found = {code for standing in standings if (code := _news(standing))}
    return tuple(code for code in _ORDER if code in found)


def _news(one: Standing) -> str:
    if one.state in (State.DECLINED, State.LAPSED):
        return "" if one.followed else "searching"
    if one.state == State.REVOKED:
        return "stopped" if one.reason in _TOLD_WHEN_REVOKED else ""
    return {
        State.SENT: "sent", State.ACCEPTED: "accepted", State.IN_SERVICE: "in_service", State.COMPLETED: "completed",
    }.get(State(one.state), "")  # fmt: skip


_ORDER = ("in_service", "accepted", "sent", "searching", "completed", "stopped")
_TOLD_WHEN_REVOKED = frozenset({"consent_withdrawn", "child_changed_mind", "not_safe"})
