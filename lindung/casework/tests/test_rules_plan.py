"""Plans, goals and the checklist as plain values: due dates worked out by hand, ways of a goal, what a move carries.

Calendar of March 2026 (joint decree of three ministers of 2025): Mo 16 and Tu 17 are the last working days; We 18 joint
leave, Th 19 Nyepi, Fr 20 joint leave, Sa 21 and Su 22 Idul Fitri, Mo 23 and Tu 24 joint leave; We 25 work again.
Christmas 2026: Th 24 December joint leave, Fr 25 holiday; Fr 1 January 2027 free.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.casework import rules_closing, rules_plan
from lindung.casework.knowledge import standard as standards
from lindung.casework.models_plan import GOAL_DONE, GoalState, MarkState
from lindung.core import worktime

WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
STANDARD = "pppa-2-2022.1"


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


# --- due dates


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        # Monday 16 March 2026: Tu 17, We 25, Th 26, Fr 27, Mo 30.
        (at(WIB, 2026, 3, 16, 9), 5, date(2026, 3, 30)),
        # Tuesday 17 March, the last day before the leave: We 25.
        (at(WITA, 2026, 3, 17, 15), 1, date(2026, 3, 25)),
        # On Idul Fitri itself, in every zone: We 25, Th 26.
        (at(WIT, 2026, 3, 21, 8), 2, date(2026, 3, 26)),
        # Wednesday 23 December: Mo 28, Tu 29, We 30, Th 31, Mo 4 January.
        (at(WIB, 2026, 12, 23, 10), 5, date(2027, 1, 4)),
        # 23:30 on Monday 6 April in Jakarta is Tuesday 01:30 in Jayapura: Tu 7 there does not count any more.
        (at(WIB, 2026, 4, 6, 23, 30), 1, date(2026, 4, 7)),
        (at(WIB, 2026, 4, 6, 23, 30).astimezone(WIT), 1, date(2026, 4, 8)),
        # 23:30 in Jakarta is 00:30 in Makassar, too.
        (at(WIB, 2026, 4, 6, 23, 30).astimezone(WITA), 1, date(2026, 4, 8)),
        # Ten working days from Wednesday 11 March: Th 12, Fr 13, Mo 16, Tu 17, We 25, Th 26, Fr 27, Mo 30, Tu 31, We 1;
        # Friday 3 April is a holiday and lies behind it.
        (at(WIB, 2026, 3, 11, 10), 10, date(2026, 4, 1)),
        (at(WIB, 2026, 3, 11, 10), 12, date(2026, 4, 6)),
    ],
)
def test_goals_are_due_in_working_days_worked_out_by_hand(start: datetime, days: int, due: date) -> None:
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    assert rules_plan.goal_due(start, days, zone) == due


def test_a_goal_is_never_due_on_a_day_off() -> None:
    start = at(WIT, 2026, 3, 1, 9)
    days = [rules_plan.goal_due(start, n, WIT) for n in range(1, 40)]
    assert all(worktime.is_working_day(day) for day in days)
    assert days == sorted(set(days))


def test_follow_ups_are_calendar_months_and_do_not_know_holidays() -> None:
    # Three months after 21 December 2025 is Saturday 21 March 2026: Idul Fitri, and still that day.
    assert rules_closing.months_later(date(2025, 12, 21), 3) == date(2026, 3, 21)
    assert not worktime.is_working_day(date(2026, 3, 21))
    assert rules_closing.months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)


def test_the_points_with_hours_do_not_know_holidays_and_those_with_working_days_do() -> None:
    items = standards.standards()[STANDARD].items
    eve = at(WIB, 2026, 3, 17, 20)  # Tuesday evening before the long leave
    due = {
        zone: {code: rules_plan.item_due(items[code], eve, zone) for code in items} for zone in (WIB, WITA, WIT)
    }  # fmt: skip
    for zone in (WIB, WITA, WIT):
        assert due[zone]["served_at_once"] == eve
        assert due[zone]["served_6h"] == at(WIB, 2026, 3, 18, 2)
        assert due[zone]["police_clock"] == at(WIB, 2026, 3, 20, 20)
        assert due[zone]["biopsychosocial"] is None
        assert due[zone]["served_3wd"] == at(zone, 2026, 3, 27, 16)


@pytest.mark.parametrize(
    ("due_on", "working_days", "problem"),
    [
        (None, None, "one_of_two"),
        (date(2026, 4, 1), 3, "one_of_two"),
        (None, 0, "working_days_range"),
        (None, 251, "working_days_range"),
        (date(2026, 3, 31), None, "past"),
    ],
)
def test_a_time_that_cannot_be_is_refused(due_on: date | None, working_days: int | None, problem: str) -> None:
    found = rules_plan.due_problem(due_on, working_days, date(2026, 4, 1))
    assert found is not None
    assert found[1] == problem


def test_today_and_any_number_of_working_days_are_fine() -> None:
    assert rules_plan.due_problem(date(2026, 4, 1), None, date(2026, 4, 1)) is None
    assert rules_plan.due_problem(None, 250, date(2026, 4, 1)) is None


# --- goals


def test_what_ended_can_be_taken_up_again_and_never_jumps_between_outcomes() -> None:
    for before in GOAL_DONE:
        assert rules_plan.may_goal_go(before, GoalState.UNDER_WAY)
        assert not any(rules_plan.may_goal_go(before, after) for after in GOAL_DONE)
    assert all(not rules_plan.may_goal_go(state, state) for state in GoalState)
    assert not rules_plan.may_goal_go(GoalState.UNDER_WAY, GoalState.PLANNED)


# --- the checklist


def test_progress_counts_what_applies() -> None:
    stage = standards.standards()[STANDARD].stages[0]
    nothing = rules_plan.progress(stage.items, {}, "high")
    # 14 points, of which one is for medium and one for low.
    assert (nothing.done, nothing.of, nothing.not_applicable) == (0, 12, 0)
    marks = {"case_type": MarkState.DONE, "simfoni": MarkState.NOT_APPLICABLE, "served_6h": MarkState.DONE}
    some = rules_plan.progress(stage.items, marks, "high")
    assert (some.done, some.of, some.not_applicable) == (2, 12, 1)
    assert not some.complete


def test_a_move_carries_the_same_points_and_those_that_were_renamed_and_guesses_none() -> None:
    old = standards.read(_file("lama-1", [("a", ()), ("b", ()), ("c", ())]), "lama.yaml")
    new = standards.read(_file("baru-1", [("a", ()), ("b2", ("b",)), ("d", ()), ("c", ())]), "baru.yaml")
    marks = {"a": "done", "b": "not_applicable", "c": "undone", "x": "done"}
    assert rules_plan.carried(old, new, marks) == {"a": ("a", "done"), "b2": ("b", "not_applicable")}
    assert rules_plan.carried(None, new, marks) == {"a": ("a", "done"), "b2": ("b", "not_applicable")}


def _file(version: str, items: list[tuple[str, tuple[str, ...]]]) -> bytes:
    lines = [
        f"version: {version}", "id: Contoh", "en: Example", "date: 2026-01-01", "in_force: 2026-01-01",
        "sources: {s: invented}", "stages:", "  - code: intake", "    items:",
    ]  # fmt: skip
    for code, was in items:
        more = f", was: [{', '.join(was)}]" if was else ""
        lines.append(f"      - {{code: {code}, id: A, en: B, source: s{more}}}")
    return "\n".join(lines).encode()


# --- wellbeing


def test_the_result_of_a_group_is_the_mean_difference_of_children() -> None:
    pairs = [
        ({"calm": 1, "sleep": 1}, {"calm": 3, "sleep": 2}),  # +1.5
        ({"calm": 4}, {"calm": 4, "sleep": 1}),  # 0: only what both have
        ({}, {"calm": 4}),  # did not answer before
    ]
    assert rules_plan.wellbeing_change(pairs) == (2, 0.75)
    assert rules_plan.wellbeing_change([]) == (0, 0.0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)),
            st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)),
        ),
        max_size=8,
    )
)
def test_the_difference_stays_between_minus_and_plus_three(pairs: list[tuple[dict[str, int], dict[str, int]]]) -> None:
    children, change = rules_plan.wellbeing_change(pairs)
    assert -3 <= change <= 3
    assert children == sum(1 for before, after in pairs if set(before) & set(after))
