"""Clocks across midnight, Lebaran and three time zones; who may do what; when the home is never told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.breaches import knowledge, rules
from lindung.core.ids import new_id

TEAM, ORGANISATION = new_id(), new_id()
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "local",
    [
        "2026-11-23 10:00",  # an ordinary Monday
        "2026-11-27 23:59",  # a Friday, a minute before midnight
        "2026-03-19 08:00",  # Lebaran 2026: all offices are closed for days
        "2026-12-31 23:30",  # over the end of the year
        "2028-02-27 12:00",  # a leap day lies between
    ],
)
def test_three_days_are_72_calendar_hours_everywhere(zone: str, local: str) -> None:
    found = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    due = rules.notice_due(found)
    assert due - found == timedelta(hours=72)
    assert due.astimezone(ZoneInfo(zone)).strftime("%H:%M") == local[-5:]
    assert rules.clock_state(due, due - timedelta(minutes=1), None) == "near"
    assert rules.clock_state(due, due, None) == "overdue"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        rules.notice_due(datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


def test_where_a_clock_stands() -> None:
    found = datetime(2026, 3, 20, 16, 0, tzinfo=UTC)
    due = rules.notice_due(found)
    assert rules.clock_state(due, found, None) == "running"
    assert rules.clock_state(due, found + timedelta(hours=65, minutes=59), None) == "running"
    assert rules.clock_state(due, found + timedelta(hours=66), None) == "near"
    assert rules.clock_state(due, found + timedelta(hours=80), None) == "overdue"
    assert rules.clock_state(due, found + timedelta(days=9), due) == "done"
    assert rules.clock_state(due, found + timedelta(days=9), due + timedelta(minutes=1)) == "done_late"


def test_reminders_come_at_24_48_66_and_72_hours_and_then_daily() -> None:
    found, hours, moment = datetime(2026, 3, 20, 16, 30, tzinfo=UTC), [], datetime(2026, 3, 20, 16, 30, tzinfo=UTC)
    for _ in range(6):
        moment = rules.next_reminder(found, moment)
        hours.append((moment - found) // timedelta(hours=1))
    assert hours == [24, 48, 66, 72, 96, 120]
    assert rules.next_reminder(found, found + timedelta(hours=200)) == found + timedelta(hours=216)


@given(st.integers(min_value=0, max_value=60 * 24 * 30))
def test_the_next_reminder_always_lies_ahead_within_a_day(minutes: int) -> None:
    found = datetime(2026, 3, 20, 16, 30, tzinfo=UTC)
    after = found + timedelta(minutes=minutes)
    assert timedelta(0) < rules.next_reminder(found, after) - after <= timedelta(hours=24)


def person(role: str, team: object = TEAM) -> Actor:
    return Actor(new_id(), "x", frozenset({(team, role)}), frozenset({ORGANISATION}))  # type: ignore[arg-type]


def test_who_may_enter_read_and_close() -> None:
    for role, enter, work in (
        ("supervisor", True, True), ("analyst", False, False), ("case_worker", False, False), ("auditor", False, False),
    ):  # fmt: skip
        actor = person(role)
        assert rules.may_open(actor, TEAM, "intake", ORGANISATION) is enter, role
        assert rules.may_work(actor, TEAM) is work, role
    admin = person("administrator", None)
    assert rules.may_open(admin, TEAM, "intake", ORGANISATION)
    assert not rules.may_open(admin, TEAM, "intake", new_id())
    assert not rules.may_work(admin, TEAM)
    elsewhere = person("supervisor", new_id())
    assert not rules.may_open(elsewhere, TEAM, "intake", ORGANISATION)
    assert rules.may_open(elsewhere, TEAM, "independent", new_id()), "it may concern colleagues"
    assert not rules.may_work(elsewhere, TEAM)
    second = person("analyst")
    assert rules.may_close(second, TEAM, new_id())
    assert not rules.may_close(second, TEAM, second.user_id)


def report(**changes: object) -> SimpleNamespace:
    plain = {"danger_now": False, "stop_pressure": False, "selfharm": False, "risk": "low", "path": "parent"}
    return SimpleNamespace(**{**plain, **changes})


@pytest.mark.parametrize(
    ("changes", "answers", "sign"),
    [
        ({"danger_now": True}, {}, "danger_now"),
        ({"stop_pressure": True}, {}, "stop_pressure"),
        ({"selfharm": True}, {}, "selfharm"),
        ({"risk": "high"}, {}, "high_risk"),
        ({"path": "child"}, {}, "child_path"),
        ({"path": "young_child"}, {}, "child_path"),
        ({}, {"must_not_know": "ayah"}, "must_not_know"),
        ({}, {"reach": "code_only"}, "code_only"),
        ({}, {"danger": "yes"}, "danger_now"),
    ],
)
def test_every_sign_keeps_the_home_from_being_told(
    changes: dict[str, object], answers: dict[str, object], sign: str
) -> None:
    assert rules.signs(report(), {"must_not_know": "  ", "reach": "contact"}) == ()
    found = rules.signs(report(**changes), answers)
    assert found == (sign,)
    problem = rules.way_problem("home", unsafe=found, judged_safe=False, reason="x")
    assert problem is not None
    overruled = rules.way_problem("home", unsafe=found, judged_safe=True, reason="sudah dinilai")
    assert (overruled is None) == (sign == "child_path"), "only that the child reports alone can be outweighed"
    for way in ("mailbox", "not_home", "voice", "later", "no_person"):
        assert rules.way_problem(way, unsafe=found, judged_safe=False, reason="karena") is None


def test_what_needs_a_reason() -> None:
    needing = {code for code, way in knowledge.ways().items() if way.reason}
    assert needing == {"voice", "home", "not_home", "later", "no_person"}
    for code in needing:
        assert rules.way_problem(code, unsafe=(), judged_safe=True, reason=" ") == ("reason", "reason_missing")
    assert rules.way_problem("mailbox", unsafe=(), judged_safe=False, reason="") is None


def test_the_file_of_incidents_holds_together() -> None:
    assert set(knowledge.unsafe_signs()) == knowledge.SIGNS
    assert [way.code for way in knowledge.ways().values() if way.tells_home] == ["home"]
    assert all(way.tells for way in knowledge.ways().values() if way.by_mailbox)
    assert knowledge.reminder_hours() == (24, 48, 66)
    assert len(knowledge.contents()) == 3
    for language in ("id", "en"):
        sentence = knowledge.mailbox_sentence(language)
        assert "110" in sentence
        assert "129" in sentence


def test_obstacles() -> None:
    assert rules.obstacles(measures=True, authority=True, undecided=0, later=0) == ()
    assert rules.obstacles(measures=False, authority=False, undecided=1, later=1) == (
        "measures", "authority", "undecided", "later",
    )  # fmt: skip
