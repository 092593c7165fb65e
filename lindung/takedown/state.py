"""The states of a request and the only ways between them: a pure table, no database.

A service looks up the next state here and writes it with one conditional `UPDATE ... WHERE state = old AND version =
seen`. An event that has no row for a state does not exist there: `next_state` raises Conflict.
"""

from __future__ import annotations

from enum import StrEnum

from lindung.core.errors import Conflict

from .models import State


class Event(StrEnum):
    """What can happen to a request."""

    SEND = "send"
    ANSWER_REMOVED = "removed"  # the addressee says that it is gone
    ANSWER_REFUSED = "refused"
    ANSWER_ASKS_MORE = "asks_more"
    NOT_THERE = "not_there"  # a person looked: it is not there
    LAST_NOT_THERE = "last_not_there"  # the same, on the day that completes the count
    THERE = "there"  # a person looked: it is (again) there
    COULD_NOT_TELL = "could_not_tell"
    GIVE_UP = "give_up"  # nobody can be asked
    WITHDRAW = "withdraw"  # we take the request back
    RENEW = "renew"  # ask again


_ENDED = (State.NOT_POSSIBLE, State.WITHDRAWN)
_D, _S, _C = State.DRAFT, State.SENT, State.CHECKING
_SAID = {
    Event.ANSWER_REMOVED: State.REMOVED,
    Event.ANSWER_REFUSED: State.REFUSED,
    Event.ANSWER_ASKS_MORE: State.ASKS_MORE,
}

TRANSITIONS: dict[tuple[State, Event], State] = {
    (_D, Event.SEND): _S,
    # An answer counts until somebody has looked; afterwards only a refusal changes where we stand.
    **{(old, event): new for old in (_S, *_SAID.values()) for event, new in _SAID.items()},
    (_C, Event.ANSWER_REMOVED): _C,
    (_C, Event.ANSWER_ASKS_MORE): _C,
    (_C, Event.ANSWER_REFUSED): _C,
    # Looking again.
    **{(old, Event.NOT_THERE): _C for old in (_S, *_SAID.values(), _C)},
    **{(old, Event.LAST_NOT_THERE): State.GONE for old in (_S, *_SAID.values(), _C)},
    **{(old, Event.THERE): _D for old in (_S, *_SAID.values(), _C, State.GONE)},
    **{(old, Event.COULD_NOT_TELL): old for old in (_S, *_SAID.values(), _C)},
    # Ending, and asking again.
    **{(old, Event.GIVE_UP): State.NOT_POSSIBLE for old in (_D, _S, State.REFUSED, State.ASKS_MORE)},
    **{(old, Event.WITHDRAW): State.WITHDRAWN for old in (_D, _S, *_SAID.values(), _C)},
    **{(old, Event.RENEW): _D for old in (_S, State.REFUSED, State.ASKS_MORE, *_ENDED)},
}
"""Every way there is. Out of what ended leads only asking again, and out of `gone` only that it came back."""


def next_state(state: str, event: Event) -> State:
    """Return where an event leads. Raises Conflict when there is no such way."""
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise Conflict() from None


def allowed(state: str, event: Event) -> bool:
    """Tell whether an event exists in a state, for buttons that should not be offered otherwise."""
    return (State(state), event) in TRANSITIONS
