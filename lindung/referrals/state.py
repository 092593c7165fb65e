"""The states of a referral and the only ways between them: a pure table, no database.

A service looks up the next state here and writes it with one conditional `UPDATE ... WHERE state = old AND version =
seen`. An event that has no row for a state does not exist there: `next_state` raises Conflict.
"""

from __future__ import annotations

from enum import StrEnum

from lindung.core.errors import Conflict

from .models import State


class Event(StrEnum):
    """What can happen to a referral."""

    SEND = "send"
    ACCEPT = "accept"
    VOICE = "voice"  # a named person accepted by voice
    DECLINE = "decline"
    SERVE = "serve"  # a service was delivered
    COMPLETE = "complete"
    REVOKE = "revoke"  # the sender takes it back, or the yes behind it
    LAPSE = "lapse"  # nobody answered in time, or the second choice was sent


_S, _A, _I = State.SENT, State.ACCEPTED, State.IN_SERVICE

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.DRAFT, Event.SEND): _S,
    (_S, Event.ACCEPT): _A,
    (_S, Event.VOICE): _A,
    (_A, Event.VOICE): _A,
    (_I, Event.VOICE): _I,
    # Also after a yes: a place that was promised may be gone on the day.
    (_S, Event.DECLINE): State.DECLINED,
    (_A, Event.DECLINE): State.DECLINED,
    (_A, Event.SERVE): _I,
    (_I, Event.SERVE): _I,
    (_A, Event.COMPLETE): State.COMPLETED,
    (_I, Event.COMPLETE): State.COMPLETED,
    **{(old, Event.REVOKE): State.REVOKED for old in (_S, _A, _I)},
    (_S, Event.LAPSE): State.LAPSED,
}
"""Every way there is. Nothing leads out of an end: a new try is a new referral, with its consent asked again."""


def next_state(state: str, event: Event) -> State:
    """Return where an event leads. Raises Conflict when there is no such way."""
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise Conflict() from None


def allowed(state: str, event: Event) -> bool:
    """Tell whether an event exists in a state, for buttons that should not be offered otherwise."""
    return (State(state), event) in TRANSITIONS
