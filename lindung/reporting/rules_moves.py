"""Who may offer a report to whom, what the other team sees of it before it says yes, and when it is reminded: pure.

A report of an independent team (it names our own people, a partner or a school) leaves for an intake team only by the
hand of a supervisor. No report is ever offered to a team that it names or is hidden from.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import SUPERVISOR
from lindung.core import deadlines

from . import rules, rules_staff

HOLDERS = frozenset({"intake", "independent"})
"""Kinds of team that hold reports."""

HOLD_REVIEW = timedelta(days=90)
"""How long a legal hold runs before somebody must look whether it is still needed."""

EVERY_DAY = timedelta(hours=24)
_HIGHER = {"high": "high", "medium": "high", "low": "medium"}


def may_offer_to(
    actor: Actor,
    from_team: rules.TeamFacts,
    to_team: rules.TeamFacts,
    *,
    excluded: Collection[UUID],
    concerns: Collection[str],
) -> bool:
    """Tell whether a person may offer a report of `from_team` to `to_team`.

    `excluded`: teams that the report is hidden from. `concerns`: whom it names, by the answers. A team without a key
    is never asked; the caller leaves it out.
    """
    if to_team.id == from_team.id or to_team.kind not in HOLDERS:
        return False
    if to_team.id in excluded or rules.named_by(to_team, concerns):
        return False
    if from_team.kind == "independent" and to_team.kind != "independent":
        return actor.has_role_in(from_team.id, SUPERVISOR)
    return rules_staff.may_triage(actor, from_team.id)


@dataclass(frozen=True)
class OfferFacts:
    """What the right to see a card depends on."""

    to_team_id: UUID
    excluded_team_ids: frozenset[UUID]
    state: str
    report_state: str


def may_see_offer(actor: Actor, offer: OfferFacts) -> bool:
    """Tell whether a person sees the card of an offered report and may answer: `selectors_moves.offers_in`, of one.

    Analysts and supervisors of the team that is asked, as long as it is asked; nobody who belongs to a team that the
    report is hidden from. Holding the team's key comes on top.
    """
    if actor.is_system or offer.state != "offered" or offer.report_state in {"withdrawn", "closed"}:
        return False
    if actor.team_ids & offer.excluded_team_ids:
        return False
    return rules_staff.may_triage(actor, offer.to_team_id)


def card_place(to_team_province: str, report_province: str) -> str:
    """The province that the card may name: only one that the asked team is there for, by itself or for the country.

    Form, age, sex and district are never on the card: together they can point at one child, and the answer does not
    need them.
    """
    return report_province if to_team_province in {"", report_province} else ""


def answer_due(risk: str, urgent: bool, offered_at: datetime, tz: str) -> datetime:
    """By when an answer is expected: the response time of the risk; of the next higher one when it is urgent."""
    level = _HIGHER[risk] if urgent else risk
    return deadlines.response_due(level, offered_at, tz)  # type: ignore[arg-type]


def first_call(risk: str, urgent: bool, offered_at: datetime, due_at: datetime) -> datetime:
    """When the asked team is first called: at once for what is urgent or of high risk, else when the time is over."""
    return offered_at if urgent or risk == "high" else due_at


def next_call(offered_at: datetime, due_at: datetime, now: datetime) -> datetime:
    """When to call after a call at `now`: when the time is over, once more after as long again, then every day."""
    again = due_at + (due_at - offered_at)
    if now < due_at:
        return due_at
    return again if now < again else now + EVERY_DAY


def call_reaches_both(offered_at: datetime, due_at: datetime, now: datetime) -> bool:
    """From the second time over on, the supervisors of both teams are called, not the duty of the asked one alone."""
    return now >= due_at + (due_at - offered_at)


def may_confirm_lifting(actor: Actor, team_id: UUID, asked_by: UUID) -> bool:
    """The second person who ends a legal hold: another analyst or supervisor of the team."""
    return actor.user_id != asked_by and rules_staff.may_triage(actor, team_id)
