"""Who may, what fits, when something is due, what the reporter is told: pure functions over plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Standing:
    """One request as the reporter's news sees it. `address` is equal for one address handed to several."""

    address: bytes
    state: str
    turn: int = 1
    last_result: str = ""


def told(standings: Iterable[Standing]) -> tuple[str, ...]:
    """Codes of the sentences for the reporter (knowledge/told.yaml).

    What counts is the link, not how many were asked about it: it is gone when one request says so and no later look
    found it. Nothing is told before something was sent. A refusal and what cannot be asked are told as they are, as
    long as the link is not gone.
    """
    links: dict[bytes, list[Standing]] = {}
    for one in standings:
        links.setdefault(one.address, []).append(one)
    news = [found for same in links.values() if (found := _news(same))]
    gone, rest = {"gone"} in news, [found for found in news if "gone" not in found]
    first = ("some_gone" if rest else "gone",) if gone else ("sent",) if any("sent" in found for found in rest) else ()
    return (*first, *(code for code in ("refused", "not_possible") if any(code in found for found in rest)))


def _news(same: list[Standing]) -> set[str]:
    """What there is to tell of one link."""
    if any(s.state == State.GONE for s in same) and not any(s.last_result == Result.THERE for s in same):
        return {"gone"}
    found = set()
    for one in same:
        if one.state in _ON_THE_WAY or one.state == State.GONE or (one.state == State.DRAFT and one.turn > 1):
            found.add("sent")
        elif one.state in {State.REFUSED, State.NOT_POSSIBLE}:
            found.add(str(one.state))
    return found


_ON_THE_WAY = frozenset({State.SENT, State.REMOVED, State.ASKS_MORE, State.CHECKING})

TELLING = frozenset({Result.THERE, Result.NOT_THERE})
"""Results that say something; "could not tell" changes nothing but the time of the next look."""
