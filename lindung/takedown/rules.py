"""Who may, what fits, when something is due, what the reporter is told: pure functions over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.reporting import rules_staff

from .models import Addressee, Result, State

CHECK_AGAIN = timedelta(hours=24)
CHILD_PATHS = frozenset({"child", "young_child"})
"""Who tells from these paths may be the child in the pictures: Take It Down is offered in the mailbox."""


def may_see(actor: Actor, team_id: UUID) -> bool:
    """See requests of the team: whoever may handle its reports."""
    return rules_staff.may_handle(actor, team_id)


def may_act(actor: Actor, team_id: UUID) -> bool:
    """Add, send, record answers, look again: analysts and supervisors of the team. Looking is for trained people."""
    return rules_staff.may_triage(actor, team_id)


def may_keep_contacts(actor: Actor) -> bool:
    """The register of contacts: analysts and supervisors of any team, like the list of platforms."""
    return rules_staff.may_maintain_platforms(actor)


def platform_fits(addressee: str, platform: str) -> bool:
    """A platform is asked by its name; for the others the name is welcome and not needed."""
    return bool(platform) or addressee != Addressee.PLATFORM


def completes(days: Iterable[date], today: date, needed: int) -> bool:
    """Tell whether a "not there" today completes the count: so many different days, in the calendar of the place."""
    return len({*days, today}) >= needed


def check_due(state: str, at: datetime) -> datetime | None:
    """When somebody should look again after something happened at `at`; None when nobody needs to.

    At once when the addressee says that it is gone; a day later while it is being watched or nobody answers.
    """
    if state == State.REMOVED:
        return at
    return at + CHECK_AGAIN if state in {State.SENT, State.CHECKING} else None


def told(states: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Codes of the sentences for the reporter (knowledge/told.yaml), from (state, round) of the report's requests.

    Nothing is told before something was sent. A refusal and what cannot be asked are told as they are.
    """
    on_the_way = any(s in _ON_THE_WAY or (s == State.DRAFT and turn > 1) for s, turn in states)
    gone = any(s == State.GONE for s, _ in states)
    refused = any(s == State.REFUSED for s, _ in states)
    impossible = any(s == State.NOT_POSSIBLE for s, _ in states)
    codes = []
    if gone:
        codes.append("some_gone" if on_the_way or refused or impossible else "gone")
    elif on_the_way:
        codes.append("sent")
    if refused:
        codes.append("refused")
    if impossible:
        codes.append("not_possible")
    return tuple(codes)


_ON_THE_WAY = frozenset({State.SENT, State.REMOVED, State.ASKS_MORE, State.CHECKING})

TELLING = frozenset({Result.THERE, Result.NOT_THERE})
"""Results that say something; "could not tell" changes nothing but the time of the next look."""
