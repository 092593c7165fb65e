"""The states of a case and the only ways between them: a pure table, no database.

A service looks the next state up here and writes it with one conditional UPDATE (services.access.move). An event that
has no row for a state does not exist there.
"""

from __future__ import annotations

from enum import StrEnum

from lindung.core.errors import Conflict

from .models import State


class Event(StrEnum):
    """What can happen to a case as a whole."""

    ASK_CLOSURE = "ask_closure"  # one person proposes to close
    KEEP_OPEN = "keep_open"  # a second one disagrees, or the first takes it back
    CLOSE = "close"  # a second one agrees
    REOPEN = "reopen"
    MOVE = "move"  # another team said yes to it


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.OPEN, Event.ASK_CLOSURE): State.CLOSING,
    (State.OPEN, Event.MOVE): State.OPEN,
    (State.CLOSING, Event.KEEP_OPEN): State.OPEN,
    (State.CLOSING, Event.CLOSE): State.CLOSED,
    (State.CLOSED, Event.REOPEN): State.OPEN,
}


def next_state(state: str, event: Event) -> State:
    """Return where an event leads. Raises Conflict when there is no such way."""
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise Conflict() from None


def allowed(state: str, event: Event) -> bool:
    """Tell whether an event exists in a state, for buttons that should not be offered otherwise."""
    return (State(state), event) in TRANSITIONS
