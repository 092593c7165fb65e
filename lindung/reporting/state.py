"""The states of a report and the only ways between them: a pure table, no database.

A service looks up the next state here and writes it with one conditional `UPDATE ... WHERE state = old`. An event that
has no row for a state does not exist there: `next_state` raises Conflict, because the record is no longer what the
person saw.
"""

from __future__ import annotations

from enum import StrEnum

from lindung.core.errors import Conflict

from .models import OPEN_STATES, State


class Event(StrEnum):
    """What can happen to a report."""

    CLAIM = "claim"  # a colleague takes it
    RELEASE = "release"  # and gives it back
    TRIAGE = "triage"  # a judgement is written
    ANSWER = "answer"  # staff write to the reporter
    WRITE = "write"  # the reporter writes to staff
    REFER = "refer"  # somebody elsewhere accepted it by voice
    CLOSE = "close"
    REOPEN = "reopen"
    MOVE = "move"  # another team receives it (conflict of interest)
    TRANSFER = "transfer"  # another team said yes to it: its turn, whatever was waited for before
    WITHDRAW = "withdraw"  # somebody with the receipt asked to stop


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.NEW, Event.CLAIM): State.CLAIMED,
    (State.NEW, Event.TRIAGE): State.CLAIMED,
    (State.NEW, Event.ANSWER): State.WAITING_REPORTER,
    (State.NEW, Event.WRITE): State.NEW,
    (State.NEW, Event.MOVE): State.NEW,
    (State.NEW, Event.TRANSFER): State.NEW,
    (State.NEW, Event.WITHDRAW): State.WITHDRAWN,
    (State.CLAIMED, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.RELEASE): State.NEW,
    (State.CLAIMED, Event.TRIAGE): State.CLAIMED,
    (State.CLAIMED, Event.ANSWER): State.WAITING_REPORTER,
    (State.CLAIMED, Event.WRITE): State.CLAIMED,
    (State.CLAIMED, Event.REFER): State.REFERRED,
    (State.CLAIMED, Event.CLOSE): State.CLOSED,
    (State.CLAIMED, Event.MOVE): State.NEW,
    (State.CLAIMED, Event.TRANSFER): State.WAITING_STAFF,
    (State.CLAIMED, Event.WITHDRAW): State.WITHDRAWN,
    (State.WAITING_REPORTER, Event.CLAIM): State.WAITING_REPORTER,
    (State.WAITING_REPORTER, Event.RELEASE): State.WAITING_REPORTER,
    (State.WAITING_REPORTER, Event.TRIAGE): State.WAITING_REPORTER,
    (State.WAITING_REPORTER, Event.ANSWER): State.WAITING_REPORTER,
    (State.WAITING_REPORTER, Event.WRITE): State.WAITING_STAFF,
    (State.WAITING_REPORTER, Event.REFER): State.REFERRED,
    (State.WAITING_REPORTER, Event.CLOSE): State.CLOSED,
    (State.WAITING_REPORTER, Event.MOVE): State.NEW,
    (State.WAITING_REPORTER, Event.TRANSFER): State.WAITING_STAFF,
    (State.WAITING_REPORTER, Event.WITHDRAW): State.WITHDRAWN,
    (State.WAITING_STAFF, Event.CLAIM): State.WAITING_STAFF,
    (State.WAITING_STAFF, Event.RELEASE): State.WAITING_STAFF,
    (State.WAITING_STAFF, Event.TRIAGE): State.WAITING_STAFF,
    (State.WAITING_STAFF, Event.ANSWER): State.WAITING_REPORTER,
    (State.WAITING_STAFF, Event.WRITE): State.WAITING_STAFF,
    (State.WAITING_STAFF, Event.REFER): State.REFERRED,
    (State.WAITING_STAFF, Event.CLOSE): State.CLOSED,
    (State.WAITING_STAFF, Event.MOVE): State.NEW,
    (State.WAITING_STAFF, Event.TRANSFER): State.WAITING_STAFF,
    (State.WAITING_STAFF, Event.WITHDRAW): State.WITHDRAWN,
    (State.REFERRED, Event.CLAIM): State.REFERRED,
    (State.REFERRED, Event.RELEASE): State.REFERRED,
    (State.REFERRED, Event.TRIAGE): State.REFERRED,
    (State.REFERRED, Event.ANSWER): State.REFERRED,
    (State.REFERRED, Event.WRITE): State.WAITING_STAFF,
    (State.REFERRED, Event.REFER): State.REFERRED,
    (State.REFERRED, Event.CLOSE): State.CLOSED,
    (State.REFERRED, Event.MOVE): State.NEW,
    (State.REFERRED, Event.TRANSFER): State.WAITING_STAFF,
    (State.REFERRED, Event.WITHDRAW): State.WITHDRAWN,
    (State.CLOSED, Event.WRITE): State.WAITING_STAFF,
    (State.CLOSED, Event.REOPEN): State.WAITING_STAFF,
    (State.CLOSED, Event.WITHDRAW): State.WITHDRAWN,
}
"""Every way there is. Out of `withdrawn` leads only the undoing, back to where the report was: `after_undo`."""


def next_state(state: str, event: Event) -> State:
    """Return where an event leads. Raises Conflict when there is no such way."""
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise Conflict() from None


def allowed(state: str, event: Event) -> bool:
    """Tell whether an event exists in a state, for buttons that should not be offered otherwise."""
    return (State(state), event) in TRANSITIONS


def states_for(event: Event) -> tuple[State, ...]:
    """Return the states in which an event exists, for conditional updates."""
    return tuple(old for old, kind in TRANSITIONS if kind == event)


def after_undo(previous: str) -> State:
    """Return where an undone withdrawal leads: to the state before it. Raises Conflict for anything else."""
    target = State(previous)
    if target not in (*OPEN_STATES, State.CLOSED):
        raise Conflict()
    return target
