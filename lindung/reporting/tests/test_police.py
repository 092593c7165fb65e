"""The duty to report within 3 x 24 calendar hours: worked out by hand across Lebaran, midnight and three zones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.reporting import services
from lindung.reporting.models import PoliceClock
from lindung.vault import services as vault

from .conftest import MONDAY, Sent
from .staff import CALM, Desk, at, events, later

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]


def test_runs_through_lebaran_in_calendar_hours(send: Send, analyst: Desk) -> None:
    """Received on Thursday 19 March 2026 (Nyepi) at 21:10 WIB; Idul Fitri is on the 21st and 22nd: due Sunday 21:10."""
    with clock.frozen(at("2026-03-19 14:10")):
        report = send(**CALM).report
        analyst.triage(report, forms=("grooming",))
    row = PoliceClock.objects.get()
    assert row.due_at == at("2026-03-22 14:10")
    assert row.due_at.astimezone(ZoneInfo("Asia/Jakarta")).strftime("%A %H:%M") == "Sunday 21:10"


@pytest.mark.parametrize(
    ("zone", "local", "due_local"),
    [
        ("Asia/Jakarta", "2026-12-31 23:50", "2027-01-03 23:50"),  # across the year, WIB
        ("Asia/Makassar", "2026-02-27 00:05", "2026-03-02 00:05"),  # across a short month, WITA
        ("Asia/Jayapura", "2026-11-22 23:59", "2026-11-25 23:59"),  # across midnights, WIT
    ],
)
def test_is_the_same_hour_three_days_on_in_every_zone(
    send: Send, analyst: Desk, zone: str, local: str, due_local: str
) -> None:
    place = ZoneInfo(zone)
    with clock.frozen(datetime.fromisoformat(local).replace(tzinfo=place)):
        analyst.triage(send(**CALM).report, forms=("contact",))
    due = PoliceClock.objects.get().due_at.astimezone(place)
    assert due.strftime("%Y-%m-%d %H:%M") == due_local


def test_is_overdue_from_the_72nd_hour_on_and_not_a_minute_before(send: Send, analyst: Desk) -> None:
    with clock.frozen(MONDAY):
        report = send(**CALM).report
        analyst.triage(report, forms=("grooming",))
        start = clock.coarse(MONDAY)
    for minutes, overdue in ((72 * 60 - 1, False), (72 * 60, True), (72 * 60 + 1, True)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert analyst.open(report).police.overdue is overdue


@pytest.mark.parametrize("decision", ["reported", "not_enough", "lawyer_exception"])
def test_a_decision_stops_it_with_reason_and_who_told_the_child(send: Send, analyst: Desk, decision: str) -> None:
    with clock.frozen(MONDAY):
        report = send(**CALM).report
        analyst.triage(report, forms=("grooming",))
        with later(hours=10):
            analyst.police(report, decision, "Alasan tertulis.", "Kak Analyst, lewat kotak")
        with later(hours=100):
            police = analyst.open(report).police
    assert (police.decision, police.reason, police.who_told_child, police.overdue) == (
        decision, "Alasan tertulis.", "Kak Analyst, lewat kotak", False,
    )  # fmt: skip
    (event,) = events(report.pk, "report.police_decided")
    assert json.loads(event.data) == {"decision": decision, "late": False}


def test_a_late_decision_is_taken_and_marked_late(send: Send, analyst: Desk) -> None:
    with clock.frozen(MONDAY):
        report = send(**CALM).report
        analyst.triage(report, forms=("grooming",))
        with later(hours=73):
            analyst.police(report, "reported")
    assert json.loads(events(report.pk, "report.police_decided")[0].data)["late"] is True


@pytest.mark.parametrize(("reason", "told", "field"), [("", "Kak", "reason"), ("Ada.", "  ", "who_told_child")])
def test_neither_reason_nor_who_told_the_child_is_optional(
    send: Send, analyst: Desk, reason: str, told: str, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        analyst.police(send(**CALM).report, "reported", reason, told)
    assert caught.value.field == field
    assert PoliceClock.objects.count() == 0


def test_an_unknown_decision_is_refused(send: Send, analyst: Desk) -> None:
    with pytest.raises(BadInput):
        analyst.police(send(**CALM).report, "forgotten")


def test_not_enough_may_become_reported_and_both_stay_readable(send: Send, analyst: Desk) -> None:
    report = send(**CALM).report
    analyst.police(report, "not_enough", "Belum ada nama.")
    analyst.police(report, "reported", "Sekarang ada.")
    keys = vault.open_with_team(record_id=report.record_id, keyring=analyst.keyring)
    words = [
        json.loads(vault.get(record_id=report.record_id, keys=keys, field="police", version=version))["reason"]
        for version in (1, 2)
    ]
    assert words == ["Belum ada nama.", "Sekarang ada."]
    assert PoliceClock.objects.get().decision == "reported"


def test_a_report_to_the_police_is_final(send: Send, analyst: Desk) -> None:
    report = send(**CALM).report
    analyst.police(report, "reported")
    with pytest.raises(BadInput):
        analyst.police(report, "not_enough")


def test_is_decided_by_analysts_and_supervisors_of_the_team(send: Send, cast: Any) -> None:
    report = send(**CALM).report
    with pytest.raises(NotAllowed):
        Desk(cast, cast.case_worker).police(report, "reported")
    with pytest.raises(NotFound):
        services.decide_police(
            cast.actor(cast.other_analyst), cast.keyring(cast.other_analyst), report.pk, "reported", "a", "b"
        )
    Desk(cast, cast.supervisor).police(report, "reported")
