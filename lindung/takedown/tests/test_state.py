"""The state machine: every way that there is, and what holds whatever happens in whatever order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core.errors import Conflict
from lindung.takedown import rules
from lindung.takedown.models import DONE_STATES, Result, State
from lindung.takedown.state import TRANSITIONS, Event, allowed, next_state

LOOKING = [Event.NOT_THERE, Event.LAST_NOT_THERE, Event.THERE, Event.COULD_NOT_TELL]


def test_every_state_can_be_reached_from_the_first_and_every_open_one_can_be_left() -> None:
    reached, new = {State.DRAFT}, {State.DRAFT}
    while new:
        new = {target for (old, _), target in TRANSITIONS.items() if old in reached} - reached
        reached |= new
    assert reached == set(State)
    for state in State:
        assert {new for (old, _), new in TRANSITIONS.items() if old == state} - {state}, state


def test_nothing_is_looked_at_before_it_was_sent_nor_after_it_ended_without_an_outcome() -> None:
    for state in (State.DRAFT, State.NOT_POSSIBLE, State.WITHDRAWN):
        for event in LOOKING:
            assert not allowed(state, event)
            with pytest.raises(Conflict):
                next_state(state, event)


def test_gone_is_reached_by_looking_alone_and_never_by_what_an_addressee_says() -> None:
    ways = {event for (_, event), new in TRANSITIONS.items() if new == State.GONE}
    assert ways == {Event.LAST_NOT_THERE}


def test_still_there_always_asks_to_send_again() -> None:
    targets = {new for (_, event), new in TRANSITIONS.items() if event == Event.THERE}
    assert targets == {State.DRAFT}
    assert allowed(State.GONE, Event.THERE), "it may come back"


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_in_whatever_order_what_was_never_sent_is_never_gone(
    events,
) -> None:
    state, sent = State.DRAFT, False
    for event in events:
        try:
            new = next_state(state, event)
        except Conflict:
            assert (state, event) not in TRANSITIONS
            continue
        sent = sent or event == Event.SEND
        if new in {State.SENT, State.REMOVED, State.REFUSED, State.ASKS_MORE, State.CHECKING, State.GONE}:
            assert sent
        if state in DONE_STATES and new not in DONE_STATES:
            assert new == State.DRAFT, "what ended begins again with a letter"
        state = new


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 1, 9)), max_size=8), st.integers(1, 5))
def test_the_count_is_of_days_not_of_checks(days: list[date], needed: int) -> None:
    seen: list[date] = []
    for day in days:
        assert rules.completes(seen, day, needed) == (len({*seen, day}) >= needed)
        seen.append(day)


def test_when_somebody_should_look_again() -> None:
    at = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert rules.check_due(State.REMOVED, at) == at
    assert rules.check_due(State.SENT, at) == rules.check_due(State.CHECKING, at) == at + timedelta(hours=24)
    for state in (State.DRAFT, State.REFUSED, State.ASKS_MORE, *DONE_STATES):
        assert rules.check_due(state, at) is None


def standing(address: str, state: str, turn: int = 1, last: str = "") -> rules.Standing:
    return rules.Standing(address.encode(), state, turn, last)


@pytest.mark.parametrize(
    ("standings", "codes"),
    [
        ([], ()),
        ([("a", State.DRAFT)], ()),
        ([("a", State.SENT)], ("sent",)),
        ([("a", State.DRAFT, 2)], ("sent",)),
        ([("a", State.REMOVED)], ("sent",)),
        ([("a", State.GONE)], ("gone",)),
        ([("a", State.GONE), ("a", State.SENT)], ("gone",)),  # one link, two addressees: it is gone all the same
        ([("a", State.GONE), ("a", State.REFUSED)], ("gone",)),
        ([("a", State.GONE), ("a", State.DRAFT, 2, Result.THERE)], ("sent",)),
        ([("a", State.GONE), ("b", State.DRAFT)], ("gone",)),
        ([("a", State.GONE), ("b", State.CHECKING)], ("some_gone",)),
        ([("a", State.GONE), ("b", State.REFUSED)], ("some_gone", "refused")),
        ([("a", State.REFUSED)], ("refused",)),
        ([("a", State.REFUSED), ("a", State.SENT)], ("sent", "refused")),
        ([("a", State.NOT_POSSIBLE), ("b", State.ASKS_MORE)], ("sent", "not_possible")),
    ],
)
def test_what_the_reporter_is_told(standings, codes) -> None:
    assert rules.told(standing(*one) for one in standings) == codes


@given(
    st.lists(st.builds(standing, st.sampled_from("abc"), st.sampled_from(list(State)), st.integers(1, 3)), max_size=6)
)
def test_gone_is_told_only_of_what_is_gone_and_a_refusal_is_never_hidden_behind_another_link(found) -> None:
    codes = rules.told(found)
    kinds = {one.state for one in found}
    assert bool({"gone", "some_gone"} & set(codes)) == (State.GONE in kinds)
    gone = {one.address for one in found if one.state == State.GONE}
    left = {one.state for one in found if one.address not in gone}
    assert ("refused" in codes) == (State.REFUSED in left)
    if "gone" in codes:
        assert not left & {State.SENT, State.REFUSED, State.CHECKING, State.REMOVED}
