"""When a break is due, and what a day counts: plain values."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lindung.desk import care, rules
from lindung.desk.care import Day

TODAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 23)
START = 1_000


def test_eight_heavy_reports_or_ninety_minutes_without_a_pause() -> None:
    streak = care.begin(START, TODAY)
    for number in range(7):
        streak = streak.opened(f"{number:08x}", True)
    assert not streak.due(START, 8, 90)
    assert streak.opened("00000007", True).due(START, 8, 90)
    assert not care.begin(START, TODAY).touched(START + 14, TODAY).due(START + 14, 8, 90)
    worked = care.begin(START, TODAY)
    for minute in range(START, START + 91, 10):
        worked = worked.touched(minute, TODAY)
    assert not worked.due(START + 89, 8, 90)
    assert worked.due(START + 90, 8, 90)
    assert not worked.due(START + 90, 0, 0), "a limit of 0 never reminds"


def test_a_gap_is_a_break_and_light_reports_are_not_heavy() -> None:
    streak = care.begin(START, TODAY).opened("a" * 8, True).opened("b" * 8, False)
    assert (streak.heavy, streak.day.opened, streak.day.heavy) == (1, 2, 1)
    back = streak.touched(START + rules.PAUSE_MINUTES, TODAY)
    assert (back.heavy, back.minutes(START + rules.PAUSE_MINUTES)) == (0, 0)
    assert back.day == streak.day, "the counts of the day stay"


def test_the_same_report_counts_once_a_day() -> None:
    streak = care.begin(START, TODAY).opened("a" * 8, True).opened("a" * 8, True)
    assert (streak.day.opened, streak.heavy) == (1, 1)
    assert streak.touched(START + 1, TOMORROW).opened("a" * 8, True).day.opened == 1


def test_putting_off_holds_for_a_while_and_a_break_begins_anew() -> None:
    streak = care.begin(START, TODAY)
    for number in range(9):
        streak = streak.opened(f"{number:08x}", True)
    later = streak.put_off(START + 30)
    assert not later.due(START + 29, 8, 90)
    assert later.due(START + 30, 8, 90)
    rested = streak.rested(START + 5)
    assert not rested.due(START + 5, 8, 90)
    assert (rested.heavy, rested.day.rests, rested.day.heavy) == (0, 1, 9)


@given(st.lists(st.tuples(st.sampled_from(["touch", "open", "rest", "off"]), st.integers(0, 200)), max_size=40))
def test_whatever_happens_it_is_read_as_it_was_written(steps: list[tuple[str, int]]) -> None:
    streak, minute = care.begin(START, TODAY), START
    for what, number in steps:
        minute += number if what == "touch" else 0
        if what == "touch":
            streak = streak.touched(minute, TODAY)
        elif what == "open":
            streak = streak.opened(f"{number:08x}", number % 2 == 0)
        elif what == "rest":
            streak = streak.rested(minute)
        else:
            streak = streak.put_off(minute + number)
        assert care.from_dict(streak.to_dict()) == streak
        assert 0 <= streak.heavy <= streak.day.heavy <= streak.day.opened
        assert streak.minutes(minute) <= minute - START


def test_days_of_two_sessions_add_up() -> None:
    assert Day(TODAY, 2, 1, 0).plus({"opened": 3, "heavy": 2, "rests": 1}) == Day(TODAY, 5, 3, 1)
