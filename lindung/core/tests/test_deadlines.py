"""The clocks of a report, against dates worked out by hand. Calendar of March 2026: see test_worktime.py."""

# ruff: noqa: DTZ001 - Hypothesis takes the bounds of moments without a zone

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core import deadlines, worktime

WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
ZONES = st.sampled_from([WIB, WITA, WIT])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 1), timezones=ZONES)


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


def test_high_risk_is_answered_within_15_minutes_on_the_night_of_lebaran_too() -> None:
    # Sunday 22 March 2026, second day of Idul Fitri, 01:20 in Kupang.
    received = at(WITA, 2026, 3, 22, 1, 20)
    assert deadlines.response_due("high", received, WITA) == at(WITA, 2026, 3, 22, 1, 35)


def test_high_risk_crosses_midnight_and_the_year() -> None:
    # 23:50 WITA on 31 December 2026 is 22:50 WIB; a quarter of an hour later it is 2027 in Palu and not in Jakarta.
    due = deadlines.response_due("high", at(WITA, 2026, 12, 31, 23, 50), WITA)
    assert due == at(WITA, 2027, 1, 1, 0, 5)
    assert due.astimezone(WIB) == at(WIB, 2026, 12, 31, 23, 5)


def test_medium_risk_is_answered_within_six_hours_of_the_calendar() -> None:
    # Idul Fitri, Saturday 21 March, 20:00 in Jayapura: Sunday 02:00.
    assert deadlines.response_due("medium", at(WIT, 2026, 3, 21, 20), WIT) == at(WIT, 2026, 3, 22, 2)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Tuesday 17 March 2026: We 18 leave, Th 19 Nyepi, Fr 20 leave, weekend, Mo 23 and Tu 24 leave;
        # We 25, Th 26, Fr 27.
        (at(WIB, 2026, 3, 17, 10), at(WIB, 2026, 3, 27, 16)),
        (at(WITA, 2026, 3, 17, 10), at(WITA, 2026, 3, 27, 16)),
        (at(WIT, 2026, 3, 17, 10), at(WIT, 2026, 3, 27, 16)),
        # Nyepi itself, Thursday 19 March, in Denpasar: the same three days.
        (at(WITA, 2026, 3, 19, 12), at(WITA, 2026, 3, 27, 16)),
        # Sunday 22 November 2026, no holiday near: Mo 23, Tu 24, We 25.
        (at(WITA, 2026, 11, 22, 23, 40), at(WITA, 2026, 11, 25, 16)),
        # Wednesday 30 December: Th 31; Fr 1 January free, Mo 4; Tu 5 free (table), We 6.
        (at(WIT, 2026, 12, 30, 23, 59), at(WIT, 2027, 1, 6, 16)),
    ],
)
def test_low_risk_is_answered_by_the_end_of_the_third_working_day(received: datetime, due: datetime) -> None:
    zone = received.tzinfo
    assert isinstance(zone, ZoneInfo)
    assert deadlines.response_due("low", received, zone) == due


def test_low_risk_counts_from_the_local_day_of_the_place() -> None:
    # Tuesday 7 April 2026, 23:40 WITA. Palu and Jakarta: We 8, Th 9, Fr 10.
    # Sorong has Wednesday already: Th 9, Fr 10, Mo 13.
    received = at(WITA, 2026, 4, 7, 23, 40)
    assert deadlines.response_due("low", received, WITA) == at(WITA, 2026, 4, 10, 16)
    assert deadlines.response_due("low", received, WIB) == at(WIB, 2026, 4, 10, 16)
    assert deadlines.response_due("low", received, WIT) == at(WIT, 2026, 4, 13, 16)


def test_an_unknown_risk_has_no_deadline_by_accident() -> None:
    with pytest.raises(ValueError):
        deadlines.response_due("", at(WIB, 2026, 3, 17, 10), WIB)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Eve of Nyepi, Wednesday 18 March 09:00, until Saturday, Idul Fitri, 09:00: not one working day in between.
        (at(WIB, 2026, 3, 18, 9), at(WIB, 2026, 3, 21, 9)),
        # Received in Sorong at 00:40 on Thursday, handled in Jakarta, where it was 22:40 on Wednesday.
        (at(WIT, 2026, 3, 19, 0, 40), at(WIB, 2026, 3, 21, 22, 40)),
        # Wednesday 30 December 23:40 WITA: Saturday 2 January 23:40 WITA.
        (at(WITA, 2026, 12, 30, 23, 40), at(WITA, 2027, 1, 2, 23, 40)),
        # 26 February 2028, leap year: 27, 28, 29.
        (at(WIB, 2028, 2, 26, 6), at(WIB, 2028, 2, 29, 6)),
    ],
)
def test_the_police_clock_runs_exactly_72_hours(received: datetime, due: datetime) -> None:
    assert deadlines.police_due(received) == due


def test_the_medical_window_is_only_known_for_recent_harm() -> None:
    received = at(WIB, 2026, 3, 20, 5, 30)
    assert deadlines.medical_window_until("within_72h", received) == at(WIB, 2026, 3, 23, 5, 30)
    for code in ("week", "month", "year", "longer", "ongoing", "unknown", ""):
        assert deadlines.medical_window_until(code, received) is None


def test_escalation_at_two_in_the_morning_of_a_holiday() -> None:
    # Idul Fitri, 02:00 WIB: analyst at once, second at 02:15, supervisor at 02:30.
    steps = deadlines.escalation_steps(at(WIB, 2026, 3, 21, 2))
    assert [(s.level, s.at) for s in steps] == [
        ("analyst", at(WIB, 2026, 3, 21, 2)),
        ("second", at(WIB, 2026, 3, 21, 2, 15)),
        ("supervisor", at(WIB, 2026, 3, 21, 2, 30)),
    ]


def test_escalation_across_midnight_in_two_zones() -> None:
    # 23:40 WITA: second at 23:55, supervisor at 00:10 of the next day; in Jakarta still the same evening, 23:10.
    _, second, supervisor = deadlines.escalation_steps(at(WITA, 2026, 4, 7, 23, 40))
    assert second.at == at(WITA, 2026, 4, 7, 23, 55)
    assert supervisor.at == at(WITA, 2026, 4, 8, 0, 10) == at(WIB, 2026, 4, 7, 23, 10)


def test_escalation_follows_the_setting() -> None:
    _, second, supervisor = deadlines.escalation_steps(at(WIB, 2026, 4, 7, 12), minutes=5)
    assert (second.at, supervisor.at) == (at(WIB, 2026, 4, 7, 12, 5), at(WIB, 2026, 4, 7, 12, 10))
    with pytest.raises(ValueError):
        deadlines.escalation_steps(at(WIB, 2026, 4, 7, 12), minutes=0)


def test_self_harm_is_followed_up_the_next_day_whatever_day_it_is() -> None:
    # Friday 20 March 23:40 WITA, then comes Idul Fitri.
    assert deadlines.selfharm_follow_up_due(at(WITA, 2026, 3, 20, 23, 40)) == at(WITA, 2026, 3, 21, 23, 40)


def test_a_withdrawal_ends_after_its_days() -> None:
    # Monday 28 December, 7 days: Monday 4 January, the same minute.
    assert deadlines.withdrawal_end(at(WIT, 2026, 12, 28, 9, 15), 7) == at(WIT, 2027, 1, 4, 9, 15)
    with pytest.raises(ValueError):
        deadlines.withdrawal_end(at(WIT, 2026, 12, 28, 9, 15), 0)


def test_moments_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 3, 17, 10)
    for function in (deadlines.police_due, deadlines.escalation_steps, deadlines.selfharm_follow_up_due):
        with pytest.raises(ValueError):
            function(naive)
    with pytest.raises(ValueError):
        deadlines.response_due("low", naive, WIB)


@given(MOMENTS, ZONES)
def test_every_answer_is_in_utc_and_in_the_order_of_risk(received: datetime, zone: ZoneInfo) -> None:
    high, medium, low = (deadlines.response_due(risk, received, zone) for risk in ("high", "medium", "low"))  # type: ignore[arg-type]
    assert received < high < medium < low
    assert {moment.tzinfo for moment in (high, medium, low, deadlines.police_due(received))} == {UTC}


@given(MOMENTS, ZONES)
def test_low_is_never_before_the_third_following_day_of_the_place(received: datetime, zone: ZoneInfo) -> None:
    due = deadlines.response_due("low", received, zone)
    assert worktime.local_day(due, zone) >= worktime.local_day(received, zone) + timedelta(days=3)
    assert worktime.working_days_between(received, due, zone) == 3


@given(
    MOMENTS,
    st.timedeltas(timedelta(0), timedelta(days=30)),
    ZONES,
    st.sampled_from(["high", "medium", "low"]),
)
def test_later_receipt_is_never_due_earlier(
    received: datetime, later: timedelta, zone: ZoneInfo, risk: deadlines.Risk
) -> None:
    again = received.astimezone(UTC) + later
    assert deadlines.response_due(risk, received, zone) <= deadlines.response_due(risk, again, zone)
    assert deadlines.police_due(received) <= deadlines.police_due(again)


@given(MOMENTS, ZONES)
def test_only_low_risk_knows_zones(received: datetime, zone: ZoneInfo) -> None:
    assert deadlines.response_due("high", received, zone) - received == timedelta(minutes=15)
    assert deadlines.response_due("medium", received, zone) - received == timedelta(hours=6)
    assert deadlines.police_due(received) - received == timedelta(hours=72)
