"""Working days and readable times, against dates that were worked out by hand with a calendar on the table.

March 2026, joint decree of three ministers of 2025 (Menag 1497, Menaker 2, MenPANRB 5/2025), as the press printed it:

    Mo 16 work     Tu 17 work     We 18 joint leave (Nyepi)  Th 19 Nyepi  Fr 20 joint leave (Idul Fitri)
    Sa 21 Idul Fitri  Su 22 Idul Fitri
    Mo 23 joint leave  Tu 24 joint leave  We 25 work  Th 26 work  Fr 27 work

Dates of 2027 are those of the library's table, which names the decree of September 2026; that decree was not seen.
"""

# ruff: noqa: DTZ001 - Hypothesis takes the bounds of moments without a zone

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core import clock, worktime

WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
ZONES = st.sampled_from([WIB, WITA, WIT, ZoneInfo("Asia/Pontianak")])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 1), timezones=st.just(UTC))


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


# --- what a working day is


def test_lebaran_and_nyepi_of_2026_follow_the_decree() -> None:
    work = [day for day in range(1, 32) if worktime.is_working_day(date(2026, 3, day))]
    # 2-6, 9-13, then only Monday 16 and Tuesday 17, then from Wednesday 25 on.
    assert work == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 25, 26, 27, 30, 31]


def test_the_year_2026_has_17_holidays_and_8_days_of_joint_leave() -> None:
    import holidays

    assert len(holidays.country_holidays("ID", years=2026, categories=(holidays.PUBLIC,))) == 17
    assert len(holidays.country_holidays("ID", years=2026, categories=(holidays.GOVERNMENT,))) == 8
    # 261 weekdays, less 13 holidays and 8 joint leave days that fall on one. Holidays on weekdays: 1 Jan, 16 Jan,
    # 17 Feb, 19 Mar, 3 Apr, 1 May, 14 May, 27 May, 1 Jun, 16 Jun, 17 Aug, 25 Aug, 25 Dec.
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert sum(worktime.is_working_day(day) for day in days) == 261 - 13 - 8


def test_christmas_takes_its_eve_along_and_new_year_stands_alone() -> None:
    assert not worktime.is_working_day(date(2026, 12, 24))  # Thursday, joint leave
    assert not worktime.is_working_day(date(2026, 12, 25))
    assert worktime.is_working_day(date(2026, 12, 31))
    assert not worktime.is_working_day(date(2027, 1, 1))


def test_lebaran_of_2027_by_the_table() -> None:
    # Mo 8 Nyepi, Tu 9 joint leave, We 10 and Th 11 Idul Fitri, Fr 12 and Mo 15 joint leave.
    work = [day for day in range(1, 20) if worktime.is_working_day(date(2027, 3, day))]
    assert work == [1, 2, 3, 4, 5, 16, 17, 18, 19]


def test_a_place_may_have_free_days_of_its_own() -> None:
    galungan = date(2026, 6, 17)
    assert worktime.is_working_day(galungan)
    assert not worktime.is_working_day(galungan, also_off={galungan})


def test_a_moment_is_not_a_day() -> None:
    with pytest.raises(TypeError):
        worktime.is_working_day(datetime(2026, 3, 16, tzinfo=UTC))


def test_years_without_a_decree_are_known_as_such() -> None:
    assert worktime.is_decreed(2026)
    assert worktime.is_decreed(2027)
    assert not worktime.is_decreed(2040)


# --- counting


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        # Monday 16 March: Tu 17 is the first day, We 25 the second, Th 26 the third.
        (at(WIB, 2026, 3, 16, 10), 3, at(WIB, 2026, 3, 26, 16)),
        # Tuesday 17 March, the last day before the long leave: We 25, Th 26, Fr 27.
        (at(WIB, 2026, 3, 17, 10), 3, at(WIB, 2026, 3, 27, 16)),
        # On the morning of Idul Fitri itself: the same three days.
        (at(WIB, 2026, 3, 21, 7), 3, at(WIB, 2026, 3, 27, 16)),
        # One minute before and one after midnight into Wednesday 25: Th 26, Fr 27, Mo 30 for the later one.
        (at(WIB, 2026, 3, 24, 23, 59), 3, at(WIB, 2026, 3, 27, 16)),
        (at(WIB, 2026, 3, 25, 0, 1), 3, at(WIB, 2026, 3, 30, 16)),
        # Wednesday 23 December: Th 24 joint leave, Fr 25 Christmas; Mo 28, Tu 29, We 30.
        (at(WIB, 2026, 12, 23, 11), 3, at(WIB, 2026, 12, 30, 16)),
        # Wednesday 30 December: Th 31; Fr 1 January free, Mo 4; Tu 5 Isra Mikraj (table), We 6.
        (at(WIB, 2026, 12, 30, 11), 3, at(WIB, 2027, 1, 6, 16)),
        # Friday evening, one day: Monday.
        (at(WIB, 2026, 11, 20, 21), 1, at(WIB, 2026, 11, 23, 16)),
        # Thursday 4 March 2027: Fr 5, then Nyepi and Lebaran until Mo 15; Tu 16, We 17.
        (at(WIT, 2027, 3, 4, 15), 3, at(WIT, 2027, 3, 17, 16)),
    ],
)
def test_working_days_worked_out_by_hand(start: datetime, days: int, due: datetime) -> None:
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    result = worktime.add_working_days(start, days, zone)
    assert result == due
    assert result.tzinfo is UTC


def test_the_local_day_decides_and_not_the_day_in_jakarta() -> None:
    # Tuesday 7 April 2026, 23:40 in Palu is 15:40 UTC: 22:40 in Jakarta, 00:40 on Wednesday in Sorong.
    late = at(WITA, 2026, 4, 7, 23, 40)
    assert late == datetime(2026, 4, 7, 15, 40, tzinfo=UTC)
    assert worktime.local_day(late, WIB) == date(2026, 4, 7)
    assert worktime.local_day(late, WITA) == date(2026, 4, 7)
    assert worktime.local_day(late, WIT) == date(2026, 4, 8)
    # WIB and WITA count We 8, Th 9, Fr 10; WIT counts Th 9, Fr 10, Mo 13. 16:00 is 09:00, 08:00 and 07:00 UTC.
    assert worktime.add_working_days(late, 3, WIB) == datetime(2026, 4, 10, 9, tzinfo=UTC)
    assert worktime.add_working_days(late, 3, WITA) == datetime(2026, 4, 10, 8, tzinfo=UTC)
    assert worktime.add_working_days(late, 3, WIT) == datetime(2026, 4, 13, 7, tzinfo=UTC)


def test_other_office_hours_and_free_days_of_the_place_move_the_end() -> None:
    start = at(WITA, 2026, 6, 15, 9)  # Monday; Tu 16 is the Islamic new year
    galungan = {date(2026, 6, 17)}
    assert worktime.add_working_days(start, 1, WITA) == at(WITA, 2026, 6, 17, 16)
    assert worktime.add_working_days(start, 1, WITA, also_off=galungan, closes=time(15)) == at(WITA, 2026, 6, 18, 15)


def test_days_between_across_lebaran() -> None:
    # From Mo 16 March to Fr 27 March: Tu 17, We 25, Th 26, Fr 27.
    assert worktime.working_days_between(at(WIB, 2026, 3, 16, 8), at(WIB, 2026, 3, 27, 8), WIB) == 4
    assert worktime.working_days_between(at(WIB, 2026, 3, 27, 8), at(WIB, 2026, 3, 16, 8), WIB) == -4
    assert worktime.working_days_between(at(WIB, 2026, 3, 18, 8), at(WIB, 2026, 3, 24, 8), WIB) == 0
    # The same two moments in two zones: 22:30 on Monday in Jakarta is 00:30 on Tuesday in Jayapura.
    a, b = at(WIB, 2026, 4, 6, 22, 30), at(WIB, 2026, 4, 7, 9)
    assert worktime.working_days_between(a, b, WIB) == 1
    assert worktime.working_days_between(a, b, WIT) == 0


def test_no_day_and_no_zone_are_refused() -> None:
    with pytest.raises(ValueError):
        worktime.add_working_days(at(WIB, 2026, 3, 16, 8), 0, WIB)
    with pytest.raises(ValueError):
        worktime.add_working_days(datetime(2026, 3, 16, 8), 1, WIB)


def test_offices_open_and_close_by_the_clock_on_their_own_wall() -> None:
    # 08:30 in Jakarta is 10:30 in Jayapura; 15:00 in Jakarta is 17:00 there.
    assert not worktime.is_office_open(at(WIB, 2026, 4, 8, 7, 59), WIB)
    assert worktime.is_office_open(at(WIB, 2026, 4, 8, 8), WIB)
    assert worktime.is_office_open(at(WIB, 2026, 4, 8, 15, 59), WIB)
    assert not worktime.is_office_open(at(WIB, 2026, 4, 8, 16), WIB)
    assert not worktime.is_office_open(at(WIB, 2026, 4, 8, 15), WIT)
    assert not worktime.is_office_open(at(WIB, 2026, 3, 24, 10), WIB)
    assert worktime.next_opening(at(WIB, 2026, 3, 17, 9), WIB) == at(WIB, 2026, 3, 25, 8)
    assert worktime.next_opening(at(WIB, 2026, 3, 25, 8), WIB) == at(WIB, 2026, 3, 25, 8)
    assert worktime.next_opening(at(WIB, 2026, 3, 25, 7), WIB) == at(WIB, 2026, 3, 25, 8)


# --- reading


def test_times_read_as_people_say_them() -> None:
    moment = datetime(2026, 11, 23, 6, 0, 59, tzinfo=UTC)  # Monday
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)):
        assert worktime.describe_moment(moment, WITA, "id") == "Senin, 23 November, 14.00 WITA"
        assert worktime.describe_moment(moment, WITA, "en") == "Monday 23 November, 14:00 WITA"
        assert worktime.describe_moment(moment, "Asia/Pontianak", "id") == "Senin, 23 November, 13.00 WIB"
        assert worktime.describe_moment(moment, WIT, "id") == "Senin, 23 November, 15.00 WIT"


def test_another_year_is_named_by_the_calendar_of_the_place() -> None:
    midnight = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 22:30 WIB on Thursday, 00:30 WIT on Friday
    with clock.frozen(datetime(2026, 12, 31, 3, tzinfo=UTC)):
        assert worktime.describe_moment(midnight, WIB, "id") == "Kamis, 31 Desember, 22.30 WIB"
        assert worktime.describe_moment(midnight, WIT, "id") == "Jumat, 1 Januari 2027, 00.30 WIT"
        assert worktime.describe_moment(midnight, WIT, "en") == "Friday 1 January 2027, 00:30 WIT"


def test_the_language_of_the_page_is_the_default() -> None:
    from django.utils import translation

    with clock.frozen(datetime(2026, 5, 1, tzinfo=UTC)):
        for language, text in (("id", "Minggu, 24 Mei"), ("en", "Sunday 24 May")):
            with translation.override(language):
                assert worktime.describe_day(date(2026, 5, 24), WIB) == text


def test_zones_are_named_by_their_label() -> None:
    assert [worktime.zone_label(zone) for zone in (WIB, WITA, WIT, "Asia/Pontianak")] == [
        "WIB",
        "WITA",
        "WIT",
        "WIB",
    ]
    assert worktime.zone_label("Asia/Dili") == "UTC+9"
    assert worktime.zone_label("Asia/Kathmandu") == "UTC+5:45"


# --- properties


@given(ZONES, st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_no_zone_of_indonesia_ever_changes_its_clock(zone: ZoneInfo, moment: datetime) -> None:
    offsets = {"Asia/Makassar": 8, "Asia/Jayapura": 9}
    assert moment.astimezone(zone).utcoffset() == timedelta(hours=offsets.get(zone.key, 7))


@given(MOMENTS, st.integers(1, 30), ZONES)
def test_the_end_is_an_office_closing_on_a_working_day_and_counts_back(
    start: datetime, days: int, zone: ZoneInfo
) -> None:
    due = worktime.add_working_days(start, days, zone)
    assert due.astimezone(zone).time() == time(16)
    assert worktime.is_working_day(worktime.local_day(due, zone))
    assert worktime.working_days_between(start, due, zone) == days
    assert worktime.local_day(due, zone) - worktime.local_day(start, zone) >= timedelta(days=days)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), st.integers(1, 10), ZONES)
def test_later_receipt_is_never_due_earlier(start: datetime, later: timedelta, days: int, zone: ZoneInfo) -> None:
    assert worktime.add_working_days(start, days, zone) <= worktime.add_working_days(start + later, days, zone)
    assert worktime.add_working_days(start, days, zone) < worktime.add_working_days(start, days + 1, zone)


@given(MOMENTS, MOMENTS, MOMENTS, ZONES)
def test_days_between_add_up(a: datetime, b: datetime, c: datetime, zone: ZoneInfo) -> None:
    a, b, c = sorted((a, b, c))
    between = worktime.working_days_between
    assert between(a, b, zone) + between(b, c, zone) == between(a, c, zone)


@given(MOMENTS, ZONES)
def test_the_next_opening_is_open_and_not_past(moment: datetime, zone: ZoneInfo) -> None:
    opening = worktime.next_opening(moment, zone)
    assert opening >= moment
    assert worktime.is_office_open(opening, zone)
