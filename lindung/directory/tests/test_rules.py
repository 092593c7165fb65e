"""Hours reckoned by hand, regions that contain each other, children whom a service takes or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.core import worktime
from lindung.directory import hours, rules
from lindung.directory.rules import ForWhom, Hours, Terms

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
OFFICE = tuple(Hours(day, time(8), time(16)) for day in range(5))
NIGHT = (Hours(4, time(20), time(4)),)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- when -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "tz", "open_"),
    [
        # Monday 23 November 2026. 01:00 UTC is 08:00 WIB, 09:00 WITA, 10:00 WIT.
        ("2026-11-23 00:59", WIB, False),
        ("2026-11-23 01:00", WIB, True),
        ("2026-11-23 08:59", WIB, True),
        ("2026-11-23 09:00", WIB, False),
        ("2026-11-23 00:00", WITA, True),
        ("2026-11-23 08:00", WITA, False),
        ("2026-11-22 23:00", WIT, True),  # still Sunday in Jakarta, Monday 08:00 in Sorong
        ("2026-11-22 22:59", WIT, False),
        ("2026-11-21 03:00", WIB, False),  # Saturday
    ],
)
def test_an_office_is_open_by_the_clock_of_its_place(moment: str, tz: str, open_: bool) -> None:
    assert rules.open_at(utc(moment), OFFICE, tz) is open_


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-27 12:59", False),  # Friday 19:59 WIB
        ("2026-11-27 13:00", True),  # 20:00
        ("2026-11-27 17:00", True),  # midnight
        ("2026-11-27 20:59", True),  # Saturday 03:59
        ("2026-11-27 21:00", False),  # 04:00
        ("2026-11-28 14:00", False),  # Saturday 21:00: only Fridays
        ("2026-11-26 18:00", False),  # Friday 01:00: it opened on no Thursday
    ],
)
def test_a_door_that_closes_after_midnight_belongs_to_the_day_on_which_it_opened(moment: str, open_: bool) -> None:
    assert rules.open_at(utc(moment), NIGHT, WIB) is open_


def test_holidays_and_joint_leave_close_a_door_unless_its_hours_say_otherwise() -> None:
    # Lebaran 2026: 21 and 22 March; joint leave 20, 23, 24 March. Thursday 19 March is Nyepi, 18 its joint leave.
    for day in (18, 19, 20, 23, 24):
        noon = utc(f"2026-03-{day} 05:00")
        assert worktime.is_day_off(noon.date())
        assert not rules.open_at(noon, OFFICE, WIB), day
        assert rules.open_at(noon, tuple(Hours(h.weekday, h.opens, h.closes, True) for h in OFFICE), WIB), day
    assert rules.open_at(utc("2026-03-25 05:00"), OFFICE, WIB)
    state = rules.opening(utc("2026-03-17 10:00"), OFFICE, WIB)
    assert not state.open
    assert state.next == utc("2026-03-25 01:00"), "from Tuesday evening to the Wednesday of the week after"


def test_a_span_that_began_on_a_working_day_goes_on_into_the_holiday() -> None:
    # From Sunday 16 August 2026 to Monday 17 August, Independence Day.
    span = (Hours(6, time(22), time(6)),)
    assert rules.open_at(utc("2026-08-16 20:00"), span, WIB), "Monday 03:00, a holiday, but it opened on Sunday"
    assert not rules.open_at(utc("2026-08-17 16:00"), (Hours(0, time(22), time(6)),), WIB), "Monday 23:00, a holiday"


def test_until_when_and_when_next() -> None:
    state = rules.opening(utc("2026-11-23 02:00"), OFFICE, WIB)
    assert (state.open, state.until) == (True, utc("2026-11-23 09:00"))
    state = rules.opening(utc("2026-11-27 10:00"), OFFICE, WIB)
    assert (state.open, state.next) == (False, utc("2026-11-30 01:00")), "Friday evening to Monday morning"
    whole_week = tuple(Hours(day, time(0), time(0)) for day in range(7))
    state = rules.opening(
        utc("2026-11-23 02:00"), tuple(Hours(h.weekday, h.opens, h.closes, True) for h in whole_week), WIB
    )
    assert (state.open, state.until) == (True, None), "day and night, written as seven whole days"
    two = (Hours(0, time(8), time(12)), Hours(0, time(12), time(16)))
    assert rules.opening(utc("2026-11-23 02:00"), two, WIB).until == utc("2026-11-23 09:00"), "two spans that touch"


def test_hours_that_nobody_wrote_down_are_never_open_and_day_and_night_always_is() -> None:
    state = rules.opening(utc("2026-11-23 02:00"), (), WIB)
    assert (state.known, state.open) == (False, False)
    assert rules.open_at(utc("2026-03-21 19:00"), (), WIB, always_open=True)


@pytest.mark.parametrize(
    ("verified", "overdue"),
    [(None, True), (date(2026, 5, 26), False), (date(2026, 5, 25), True), (date(2026, 11, 22), False)],
)
def test_an_entry_is_overdue_after_180_days_or_when_nobody_ever_asked(verified: date | None, overdue: bool) -> None:
    assert rules.is_overdue(verified, date(2026, 11, 22), 180) is overdue


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 23), st.integers(0, 23)),
        min_size=1,
        max_size=5,
        unique_by=lambda t: t[:2],
    ),
    st.integers(0, 60 * 24 * 14),
)
@settings(max_examples=80, deadline=None)
def test_what_is_open_stays_open_until_its_end_and_what_is_closed_opens_when_it_says(
    spans: list[tuple[int, int, int]], minutes: int
) -> None:
    week = tuple(Hours(day, time(opens), time(closes)) for day, opens, closes in spans)
    moment = utc("2026-11-01 00:00") + timedelta(minutes=minutes)  # November 2026 holds no holiday
    state = rules.opening(moment, week, WITA)
    if state.open and state.until:
        assert rules.open_at(state.until - timedelta(seconds=1), week, WITA)
        assert not rules.open_at(state.until, week, WITA)
    if not state.open and state.next:
        assert rules.open_at(state.next, week, WITA)
        assert not rules.open_at(state.next - timedelta(seconds=1), week, WITA)


# --- hours as people write them -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Sen-Jum 08.00-16.00", "Sen-Jum 08.00-16.00"),
        ("senin s/d jumat 8:00 - 16:00; Sab 8.00-12.00", "Sen-Jum 08.00-16.00; Sab 08.00-12.00"),
        ("Mon-Fri 08:00-16:00", "Sen-Jum 08.00-16.00"),
        ("Setiap hari 20.00-04.00 libur", "Setiap hari 20.00-04.00 libur"),
        ("Sen, Rab dan Jum 09.00-12.00, 13.00-15.00",
         "Sen 09.00-12.00, 13.00-15.00; Rab 09.00-12.00, 13.00-15.00; Jum 09.00-12.00, 13.00-15.00"),
        ("Min 00.00-24.00", "Min 00.00-24.00"),
        ("24 jam", "24 jam"),
        ("24/7", "24 jam"),
        ("", ""),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them_and_written_in_one_way(text: str, written: str) -> None:
    assert hours.write(*hours.read(text)) == written
    assert hours.read(written) == hours.read(text)


@pytest.mark.parametrize(
    "text", ["08.00-16.00", "Sen 8-16", "Sen-Jum 08.00", "Sen 25.00-26.00", "Hari kerja 08.00-16.00", "Sen 08.00-08.00",
             "Sen 08.00-12.00; Sen 08.00-16.00", "buka", "Sen-Sel-Rab 08.00-09.00", "Sen 08.60-09.00"],
)  # fmt: skip
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(hours.BadHours):
        hours.read(text)


@given(
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 11)), min_size=1, max_size=10),
    st.booleans(),
    st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_any_week_can_be_written_and_read_again(week: set[tuple[int, int]], holidays: bool, length: int) -> None:
    spans = tuple(sorted(Hours(day, time(hour), time((hour + length) % 24), holidays) for day, hour in week))
    assert hours.read(hours.write(False, spans)) == (False, spans)


# --- where ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covered", "wanted", "there"),
    [
        (["32"], "32.71", True),
        (["32.71"], "32.71", True),
        (["32.71"], "32", False),  # a district's office is not for the whole province
        (["32.01"], "32.71", False),
        (["32.71"], "32.71.05", True),
        (["32.71.05"], "32.71", False),
        (["3"], "32.71", False),
        ([], "32.71", False),
        (["92.71"], "96.71", True),  # written down before Papua Barat Daya was made, asked for today
        (["96.71"], "92.71", True),  # and the other way round
        (["96"], "92.71", True),
        (["92"], "96.71", False),
        ([], "", True),
    ],
)
def test_a_region_covers_what_lies_in_it_also_under_an_old_code(covered: list[str], wanted: str, there: bool) -> None:
    assert rules.covers(covered, wanted) is there
    assert rules.covers(covered, wanted, whole_country=True)


def test_the_nearest_covering_region_counts() -> None:
    assert rules.nearness(["32", "32.71"], "32.71") == 5
    assert rules.nearness(["32"], "32.71", whole_country=True) == 2
    assert rules.nearness([], "32.71", whole_country=True) == 1
    assert rules.nearness(["33"], "32.71") == 0


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("35", ("", ())), ("35.09", ("", ())), ("35.09.01", ("", ())), ("35.09.01.2001", ("", ())),
        ("99", ("unknown", ())), ("35.99", ("unknown", ())), ("35.09.1", ("unknown", ())), ("3509", ("unknown", ())),
        ("92.71", ("closed", ("96.71",))), ("11.1", ("lost_zero", ("11.10",))), ("35.9", ("unknown", ())),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_region_code(code: str, problem: tuple[str, tuple[str, ...]]) -> None:
    assert rules.region_problem(code) == problem


# --- for whom -------------------------------------------------------------------------------------------------------

GIRLS = Terms(age_from=6, age_to=17, accepts_girls=True, accepts_boys=False, siblings=True, sign_language=None)


@pytest.mark.parametrize(
    ("child", "codes"),
    [
        (ForWhom(), []),
        (ForWhom(age_from=11, age_to=11, sex="female"), []),
        (ForWhom(age_from=11, age_to=11, sex="male"), [("boys", True)]),
        (ForWhom(age_from=3, age_to=3), [("age", True)]),
        (ForWhom(age_from=3, age_to=6), [("age", False)]),  # a band that reaches in: ask
        (ForWhom(age_to=18), [("age", True)]),
        (ForWhom(siblings=True), []),
        (ForWhom(sign_language=True), [("sign_language", False)]),  # nobody asked yet is never yes
        (ForWhom(sex="female", night=True, language="jv"), [("night", False), ("language", False)]),
    ],
)
def test_what_stands_between_a_child_and_a_service(child: ForWhom, codes: list[tuple[str, bool]]) -> None:
    assert [(one.code, one.sure) for one in rules.hindrances(GIRLS, child)] == codes


def test_a_language_that_is_not_among_those_known_is_a_sure_hindrance() -> None:
    terms = Terms(languages=("id", "jv"))
    assert rules.hindrances(terms, ForWhom(language="jv")) == ()
    assert [(one.code, one.sure) for one in rules.hindrances(terms, ForWhom(language="su"))] == [("language", True)]


# --- who ------------------------------------------------------------------------------------------------------------


def test_the_command_line_may_all_of_it_and_a_person_without_a_role_nothing() -> None:
    system, nobody = Actor.system(), Actor(user_id=Actor.system().user_id, username="x")
    for may in (rules.may_read, rules.may_edit, rules.may_link_team):
        assert may(system)
        assert not may(nobody)
