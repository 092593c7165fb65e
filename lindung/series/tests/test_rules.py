"""What is alike, what is shown, what merging does: without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.reporting.models import OPEN_STATES, State
from lindung.series import rules
from lindung.series.knowledge import alike
from lindung.series.rules import Snapshot

RULE = alike()
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

moments = st.integers(0, 10_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
snapshots = st.builds(
    Snapshot,
    state=st.sampled_from([str(state) for state in OPEN_STATES]),
    risk=st.sampled_from(["high", "medium", "low"]),
    risk_source=st.sampled_from(["rules", "staff"]),
    due_at=moments,
    promised_at=moments,
    claimed_by=st.one_of(st.none(), st.just(uuid4())),
    claimed_at=st.one_of(st.none(), moments),
    medical_until=st.one_of(st.none(), moments),
    danger_now=st.booleans(),
    selfharm=st.booleans(),
    stop_pressure=st.booleans(),
).map(lambda s: replace(s, state="claimed") if s.state == "new" and s.claimed_by else s).map(
    lambda s: replace(s, state="new") if s.state == "claimed" and not s.claimed_by else s
)  # fmt: skip


@pytest.mark.parametrize(
    ("same", "named_by", "days", "proposed"),
    [
        ({"form", "platform", "age_band"}, (), 20, True),
        ({"form", "regency", "age_band"}, (), 30, True),
        ({"form", "platform"}, (), 5, True),
        ({"form", "platform"}, (), 20, False),  # too little
        ({"form", "platform", "regency", "age_band"}, (), 31, False),  # too long ago
        ({"platform", "regency", "age_band"}, (), 1, False),  # another form
        ({"form", "age_band"}, (), 1, False),  # neither place nor platform
        (set(), (2,), 200, True),
        (set(), (RULE.common + 1,), 200, True),
        (set(), (), 1, False),
    ],
)
def test_what_is_proposed(same: set[str], named_by: tuple[int, ...], days: int, proposed: bool) -> None:
    found = rules.signs(days_apart=days, same=same, named_by=named_by, rule=RULE)
    assert rules.is_proposed(found, RULE) is proposed


def test_a_very_common_identifier_is_weak_and_a_rare_one_beside_it_is_not() -> None:
    weak = rules.signs(days_apart=90, same=(), named_by=(RULE.common + 1,), rule=RULE)
    assert weak == {"common_identifier"}
    assert rules.points(weak, RULE) < RULE.enough
    strong = rules.signs(days_apart=90, same=(), named_by=(RULE.common + 1, 2), rule=RULE)
    assert strong == {"identifier"}


@given(st.lists(st.sampled_from([str(state) for state in State]), max_size=5))
def test_a_series_needs_two_and_one_of_them_open(states: list[str]) -> None:
    assert rules.is_shown(states) == (len(states) > 1 and any(state in OPEN_STATES for state in states))


@given(snapshots, snapshots, moments, moments)
def test_the_lead_gets_the_worse_risk_the_marks_of_both_and_never_a_later_time(
    lead: Snapshot, merged: Snapshot, due: datetime, promised: datetime
) -> None:
    after = rules.combined(lead, merged, due_if_raised=due, promised=promised)
    assert after.risk == rules.worse(lead.risk, merged.risk)
    assert after.danger_now == (lead.danger_now or merged.danger_now)
    assert after.selfharm == (lead.selfharm or merged.selfharm)
    if lead.state in rules.OURS:
        assert after.due_at <= lead.due_at
        assert after.promised_at <= lead.promised_at
    if merged.state in rules.OURS:
        assert after.state in rules.OURS, "what waits for us still waits for us"
        assert after.due_at <= merged.due_at
    assert (after.state == State.NEW) <= (after.claimed_by is None)


@given(snapshots, snapshots, moments, moments)
def test_undoing_at_once_puts_everything_back(
    lead: Snapshot, merged: Snapshot, due: datetime, promised: datetime
) -> None:
    after = rules.combined(lead, merged, due_if_raised=due, promised=promised)
    assert rules.put_back(after, lead, after) == rules.PutBack(lead, ())


@given(st.lists(snapshots, min_size=2, max_size=4), st.data(), moments)
def test_taking_one_out_leaves_what_the_others_brought(
    rows: list[Snapshot], data: st.DataObject, due: datetime
) -> None:
    """The one that goes might as well never have been merged, its risk and its marks too."""
    lead, *others = rows
    chain, now = [], lead
    for merged in others:
        after = rules.combined(now, merged, due_if_raised=due, promised=due)
        chain.append(rules.Link(now, after, merged))
        now = after
    gone = data.draw(st.integers(0, len(chain) - 1))
    links, would, was = rules.taken_out(chain, gone, due)
    back = rules.put_back(now, would, was)
    assert back.stayed == ()
    expected = lead
    for merged in others[:gone] + others[gone + 1 :]:
        expected = rules.combined(expected, merged, due_if_raised=due, promised=due)
    for name in ("risk", "danger_now", "selfharm", "stop_pressure", "claimed_by", "state"):
        assert getattr(back.snapshot, name) == getattr(expected, name), name
    assert [link.merged for link in links] == others[:gone] + others[gone + 1 :]


@given(snapshots, snapshots, moments)
def test_what_somebody_decided_since_stays_and_is_said(lead: Snapshot, merged: Snapshot, due: datetime) -> None:
    after = rules.combined(lead, merged, due_if_raised=due, promised=due)
    judged = replace(after, risk="low" if after.risk != "low" else "medium", risk_source="staff")
    back = rules.put_back(judged, lead, after)
    assert back.snapshot.risk == judged.risk
    assert ("risk" in back.stayed) == ((judged.risk, judged.risk_source) != (lead.risk, lead.risk_source))
    assert replace(back.snapshot, risk="", risk_source="") == replace(lead, risk="", risk_source="")


@given(st.sampled_from([str(state) for state in State]), st.booleans())
def test_no_box_tells_of_an_answer_that_is_not_in_it(state: str, answered: bool) -> None:
    shared = rules.shared_state(state, answered=answered)
    if shared == State.WAITING_REPORTER:
        assert answered
    if state in {State.CLOSED, State.REFERRED}:
        assert shared == state


@given(snapshots)
def test_a_snapshot_comes_back_from_what_is_stored(snapshot: Snapshot) -> None:
    assert Snapshot.from_json(snapshot.to_json()) == snapshot
