"""What the stated rules suggest, and by when something is due: against answers and dates worked out by hand.

Calendar of March 2026 (joint decree of three ministers of 2025): Mo 16 and Tu 17 are the last working days; We 18 joint
leave, Th 19 Nyepi, Fr 20 joint leave, Sa 21 and Su 22 Idul Fitri, Mo 23 and Tu 24 joint leave; We 25 work again.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.casework import rules_risk
from lindung.casework.knowledge import plan as knowledge

WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
SAFE = {"danger_now": "no", "selfharm": "no", "guardian_implicated": "no", "safe_place": "yes"}
ANSWERS = st.dictionaries(st.sampled_from(sorted(knowledge.items())), st.sampled_from(knowledge.ANSWERS))


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


# --- the suggestion


@pytest.mark.parametrize(
    ("answers", "risk", "fired"),
    [
        (SAFE, "low", []),
        (SAFE | {"danger_now": "yes"}, "high", ["danger_now"]),
        (SAFE | {"selfharm": "yes"}, "high", ["selfharm"]),
        (SAFE | {"within_72h": "yes"}, "high", ["medical_window"]),
        (SAFE | {"safe_place": "no"}, "high", ["nowhere_tonight"]),
        (SAFE | {"guardian_implicated": "yes"}, "high", ["guardian_implicated"]),
        (SAFE | {"threats": "yes"}, "medium", ["threats_far"]),
        (SAFE | {"threats": "yes", "offender_reach": "yes"}, "high", ["threats", "threats_far", "reach"]),
        (SAFE | {"ongoing": "yes", "offender_reach": "yes"}, "high", ["ongoing_reach", "reach", "ongoing"]),
        (SAFE | {"selfharm": "unknown"}, "medium", ["unknown_selfharm"]),
        (SAFE | {"images_threat": "yes", "fear": "yes"}, "medium", ["images_threat", "fear"]),
        (SAFE | {"stigma": "yes", "out_of_school": "yes", "basic_needs": "yes"}, "low", []),
    ],
)
def test_each_answer_that_raises_the_risk_says_which_rule_fired(
    answers: dict[str, str], risk: str, fired: list[str]
) -> None:
    found = rules_risk.suggest(answers)
    assert found.risk == risk
    assert [rule.code for rule in found.fired] == fired
    assert all(rule.label_id and rule.label_en for rule in found.fired)


def test_what_nobody_asked_is_never_low() -> None:
    assert rules_risk.suggest({}).risk == "medium"
    for code in SAFE:
        without = {other: answer for other, answer in SAFE.items() if other != code}
        found = rules_risk.suggest(without)
        assert (found.risk, found.missing) == ("medium", (code,))


@settings(max_examples=80, deadline=None)
@given(ANSWERS, ANSWERS)
def test_nothing_is_summed_up_and_a_further_yes_never_lowers_the_risk(
    answers: dict[str, str], more: dict[str, str]
) -> None:
    found = rules_risk.suggest(answers)
    order = knowledge.RISKS.index
    assert order(found.risk) == max([order(rule.risk) for rule in found.fired], default=1 if found.missing else 0)
    strengths = {item.code for area in knowledge.areas() if area.strengths for item in area.items}
    only_strengths = {code: answer for code, answer in more.items() if code in strengths}
    assert rules_risk.suggest({**answers, **only_strengths}).risk == found.risk
    worse = {code: "yes" for code, answer in more.items() if answer == "yes" and code != "safe_place"}
    unanswered = {code: a for code, a in answers.items() if a != "unknown"}
    assert order(rules_risk.suggest({**unanswered, **worse}).risk) >= order(_raised(unanswered))


def _raised(answers: dict[str, str]) -> str:
    """The risk from rules alone: that a question was asked at last may make a medium low, and nothing else may."""
    fired = rules_risk.suggest(answers).fired
    return fired[0].risk if fired else "low"


def test_a_person_decides_and_below_the_suggestion_says_why() -> None:
    problem = rules_risk.decision_problem
    assert problem("high", "high", "") is None
    assert problem("low", "high", "") is None
    assert problem("high", "medium", "  ") == ("rationale", "rationale_missing")
    assert problem("high", "low", "Sudah pindah ke tempat aman.") is None
    assert problem("high", "none", "x") == ("risk", "unknown_risk")


# --- clocks


def test_high_and_medium_do_not_know_lebaran() -> None:
    eve = at(WIB, 2026, 3, 20, 22)  # joint leave, the evening before Idul Fitri
    for zone in (WIB, WITA, WIT):
        assert rules_risk.first_service_due("high", eve, zone) == eve
        assert rules_risk.first_service_due("medium", eve, zone) == at(WIB, 2026, 3, 21, 4)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Tuesday 17 March: We 25 is the first working day, Th 26 the second, Fr 27 the third.
        (at(WIB, 2026, 3, 17, 10), at(WIB, 2026, 3, 27, 16)),
        (at(WITA, 2026, 3, 17, 10), at(WITA, 2026, 3, 27, 16)),
        (at(WIT, 2026, 3, 17, 10), at(WIT, 2026, 3, 27, 16)),
        # 22:30 on Tuesday 7 April in Jakarta is already Wednesday in Jayapura: Th 9, Fr 10, Mo 13 there.
        (at(WIB, 2026, 4, 7, 22, 30), at(WIB, 2026, 4, 10, 16)),
        (at(WIB, 2026, 4, 7, 22, 30).astimezone(WIT), at(WIT, 2026, 4, 13, 16)),
    ],
)
def test_the_lowest_risk_counts_working_days_of_the_place(start: datetime, due: datetime) -> None:
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    assert rules_risk.first_service_due("low", start, zone) == due


def test_reviews_run_by_the_calendar_through_lebaran() -> None:
    start = at(WIT, 2026, 3, 14, 9)  # Saturday
    # high: 7 days later is Saturday 21 March, Idul Fitri; medium: 14 days, Saturday 28; low: 30 days, Monday 13 April.
    assert rules_risk.review_due("high", start, WIT) == at(WIT, 2026, 3, 21, 16)
    assert rules_risk.review_due("medium", start, WIT) == at(WIT, 2026, 3, 28, 16)
    assert rules_risk.review_due("low", start, WIT) == at(WIT, 2026, 4, 13, 16)


def test_the_day_of_a_review_is_that_of_the_place() -> None:
    late = datetime(2026, 4, 7, 15, 40, tzinfo=UTC)  # Tuesday 23:40 in Makassar, Wednesday 00:40 in Jayapura
    assert rules_risk.review_due("high", late, WITA) == at(WITA, 2026, 4, 14, 16)
    assert rules_risk.review_due("high", late, WIT) == at(WIT, 2026, 4, 15, 16)
    assert rules_risk.on_day(date(2026, 4, 14), "Asia/Jayapura") == datetime(2026, 4, 14, 7, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([WIB, WITA, WIT]),
    st.sampled_from(knowledge.RISKS),
)
def test_a_review_is_exactly_so_many_local_days_later(start: datetime, zone: ZoneInfo, risk: str) -> None:
    days = rules_risk.review_due(risk, start, zone).astimezone(zone).date() - start.astimezone(zone).date()
    assert days == timedelta(days=knowledge.follows()[risk].review_days)
