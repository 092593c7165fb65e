"""A report comes in: whole, once, sealed, and to the right team."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, Unavailable
from lindung.reporting import answers as answering
from lindung.reporting import selectors, services
from lindung.reporting.models import Alert, Report, ReportExclusion, ReportFact
from lindung.reporting.services import receiving
from lindung.vault import facts, receipts
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry, SealedField, SealedRecord, TeamKey, WrappedKey

from .conftest import MONDAY, Sent

FULL: dict[str, Any] = {
    "path": "child", "danger": "no", "who": "self", "happened": ["asked_images", "paid"], "online_where": ["tiktok"],
    "given": ["pulsa"], "age_band": "13-15", "sex": "male", "province": "53", "regency": "53.71", "when": "week",
    "accounts": "@budi_123\r\n0812-3456-7890", "words": "  Kata-kataku 😀\r\n'; --", "reach": "code_only",
}  # fmt: skip

pytestmark = pytest.mark.django_db


def receive(answers: dict[str, Any], code: str, walk: bytes) -> Report:
    return services.receive(answers=answers, code=code, walk_id=walk, language="id", source="203.0.113.9")


def test_an_empty_report_is_received(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    assert sent.report.team == cast.intake
    assert sent.report.risk == "medium"
    assert sent.visit().report_id == sent.report.pk


def test_team_and_receipt_both_read_what_was_written_byte_for_byte(send: Callable[..., Sent], cast: Any) -> None:
    sent = send(**FULL)
    record = sent.report.record_id
    team = vault.open_with_team(record_id=record, keyring=cast.keyring(cast.analyst))
    receipt = vault.open_with_receipt(record_id=record, receipt=receipts.derive(sent.code))
    for keys in (team, receipt):
        stored = answering.decode(vault.get(record_id=record, keys=keys, field=receiving.ANSWERS))
        assert stored == FULL
    assert receipt.staff is None
    assert team.staff is not None


def test_nothing_that_was_written_lies_in_the_clear(send: Callable[..., Sent]) -> None:
    canary = "KENARI7391"
    texts = {code: f"{canary} {code}" for code in ("words", "accounts", "danger_place", "reach_how", "must_not_know")}
    sent = send(**FULL | texts)
    haystack = b""
    for model in (Report, ReportFact, BlindEntry, SealedField, SealedRecord, WrappedKey, Event, Alert):
        for row in model.objects.values_list():
            haystack += b"|".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row)
    for needle in (canary.encode(), base64.b64encode(canary.encode()), canary.encode().hex().encode(), b"53.71"):
        assert needle not in haystack
    assert sent.code.encode() not in haystack
    assert b"203.0.113.9" not in haystack


def test_the_same_walk_gives_the_same_single_report(cast: Any) -> None:
    code, walk = receipts.generate(), secrets.token_bytes(32)
    first = receive(FULL, code, walk)
    assert receive(FULL, code, walk) == first
    assert receive({}, code, walk) == first
    assert Report.objects.count() == SealedRecord.objects.count() == 1
    assert Event.objects.filter(kind="report.received").count() == 1
    assert services.walk_was_received(walk)
    assert not services.walk_was_received(b"another")


def test_a_walk_that_was_received_under_another_receipt_is_a_conflict(cast: Any) -> None:
    walk = secrets.token_bytes(32)
    receive({}, receipts.generate(), walk)
    with pytest.raises(Conflict):
        receive({}, receipts.generate(), walk)
    assert Report.objects.count() == 1


def test_a_send_that_lost_the_race_gives_the_winners_report_and_leaves_nothing_half_written(cast: Any) -> None:
    code, walk = receipts.generate(), secrets.token_bytes(32)
    first = receive(FULL, code, walk)
    before = Event.objects.count()
    assert receive(FULL, code, walk) == first
    assert Report.objects.count() == SealedRecord.objects.count() == 1
    assert Event.objects.count() == before


@pytest.mark.postgres  # SQLite's test database lives in memory, where threads lock each other out
@pytest.mark.django_db(transaction=True)
def test_two_sends_at_the_same_moment_give_one_report(cast: Any) -> None:
    code, walk = receipts.generate(), secrets.token_bytes(32)
    found, start = [], threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            found.append(receive(FULL, code, walk).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert Report.objects.count() == SealedRecord.objects.count() == 1


def test_the_store_is_asked_only_a_few_times(cast: Any) -> None:
    receive({}, receipts.generate(), b"warm")
    with CaptureQueriesContext(connection) as queries:
        receive(FULL | {"concern": ["school"]}, receipts.generate(), b"walk")
    statements = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 24, "\n".join(s[:100] for s in statements)


def test_the_slow_derivation_happens_outside_of_any_transaction(cast: Any, transactional_db: None) -> None:
    seen = []
    real = receipts.derive

    def watched(code: str) -> Any:
        seen.append(connection.in_atomic_block)
        return real(code)

    with mock.patch.object(receipts, "derive", watched):
        receive({}, receipts.generate(), b"walk")
    assert seen == [False]


def test_times_are_whole_minutes(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        report = send(**FULL).again()
    assert report.received_at == MONDAY.replace(second=0)
    event = Event.objects.get(kind="report.received")
    assert event.at == MONDAY.replace(second=0)
    for moment in (report.received_at, report.due_at, report.promised_at):
        assert (moment.second, moment.microsecond) == (0, 0)


def test_the_audit_event_is_coarse_and_holds_codes_only(send: Callable[..., Sent], cast: Any) -> None:
    sent = send(**FULL)
    event = Event.objects.get(kind="report.received")
    assert event.actor == ""
    assert event.subject == sent.report.pk.hex
    assert set(json.loads(event.data)) == {"team", "channel", "risk"}


def test_the_zone_is_that_of_the_place_and_the_promise_is_one_that_somebody_can_keep(send: Callable[..., Sent]) -> None:
    night = MONDAY.replace(day=21, hour=17)  # Sunday 22 November, 00:00 in Jakarta, 01:00 in Kupang; nobody on duty
    with clock.frozen(night):
        report = send(danger="yes", province="53", regency="53.71").again()
    assert report.tz == "Asia/Makassar"
    assert report.risk == "high"
    assert report.due_at == night.replace(minute=15, second=0)
    # Without a roster the office of the team opens on Monday at 08:00 in Jakarta: 01:00 UTC.
    assert report.promised_at == MONDAY.replace(hour=1, minute=15, second=0)


def test_with_somebody_on_duty_the_standard_itself_is_promised(send: Callable[..., Sent], cast: Any) -> None:
    from datetime import timedelta

    from lindung.reporting.models import DutyShift

    DutyShift.objects.create(
        team=cast.intake, user=cast.analyst, starts_at=MONDAY - timedelta(hours=1), ends_at=MONDAY + timedelta(hours=8)
    )
    with clock.frozen(MONDAY):
        report = send(danger="yes").again()
    assert report.promised_at == report.due_at == (MONDAY + timedelta(minutes=15)).replace(second=0)


def test_high_risk_plans_its_alerts_with_the_report(send: Callable[..., Sent]) -> None:
    high, medium = send(danger="yes"), send()
    assert set(Alert.objects.filter(report=high.report).values_list("level", flat=True)) == {
        "analyst", "second", "supervisor",
    }  # fmt: skip
    assert not Alert.objects.filter(report=medium.report).exists()


def test_harm_to_the_body_within_72_hours_opens_the_medical_window(send: Callable[..., Sent]) -> None:
    assert send(happened=["touched"], when="within_72h").report.medical_until is not None
    assert send(happened=["asked_images"], when="within_72h").report.medical_until is None
    assert send(happened=["touched"], when="week").report.medical_until is None


def test_coded_facts_are_tokens(send: Callable[..., Sent]) -> None:
    report = send(**FULL).report
    tokens = {(field, bytes(token)) for field, token in report.facts.values_list("field", "token")}
    assert ("regency", facts.fact_token("regency", "53.71")) in tokens
    assert ("form", facts.fact_token("form", "esp")) in tokens
    assert len(tokens) == 9


def test_the_path_of_an_adult_who_fears_harming_a_child_is_help_and_no_case(send: Callable[..., Sent]) -> None:
    sent = send(path="worried_self", accounts="@aku_sendiri\n0812-3456-7890", happened=["touched"], words="takut")
    assert sent.report.is_help
    assert not BlindEntry.objects.exists()
    assert not ReportFact.objects.exists()
    assert sent.visit()


@pytest.mark.parametrize("concern", ["works_here", "partner", "school"])
def test_a_report_about_our_own_people_goes_to_the_independent_team(
    send: Callable[..., Sent], cast: Any, concern: str
) -> None:
    report = send(concern=[concern], province="31").report
    assert report.team == cast.independent
    named = set(ReportExclusion.objects.filter(report=report).values_list("team_id", flat=True))
    assert cast.independent.pk not in named
    assert (cast.intake.pk in named) == (concern == "works_here")
    assert (cast.partner_team.pk in named) == (concern == "partner")


def test_when_nobody_may_receive_it_nothing_is_stored_and_the_text_can_be_kept(cast: Any) -> None:
    TeamKey.objects.filter(team=cast.independent.pk).delete()
    with pytest.raises(Unavailable):
        receive({"concern": ["works_here"]}, receipts.generate(), b"walk")
    assert not Report.objects.exists()
    assert not SealedRecord.objects.exists()
    assert not Event.objects.filter(kind="report.received").exists()


@pytest.mark.parametrize("where", ["new_record", "put_first"])
def test_a_full_disk_or_dead_server_stores_nothing_and_can_be_tried_again(cast: Any, where: str) -> None:
    code, walk = receipts.generate(), b"walk"
    full = mock.patch.object(vault, where, side_effect=OperationalError("database or disk is full: KENARI"))
    with full, pytest.raises(Unavailable) as caught:
        receive(FULL, code, walk)
    assert "KENARI" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert not SealedRecord.objects.exists()
    assert receive(FULL, code, walk).pk


def test_a_refused_answer_costs_no_derivation_and_stores_nothing(cast: Any) -> None:
    with mock.patch.object(receipts, "derive") as derive, pytest.raises(BadInput):
        receive({"words": "x" * 20_001}, receipts.generate(), b"walk")
    derive.assert_not_called()
    assert not Report.objects.exists()


def test_a_platform_of_the_table_can_be_named(send: Callable[..., Sent]) -> None:
    from lindung.reporting.models import Platform

    Platform.objects.create(code="baru", name="Aplikasi Baru")
    assert "baru" in {p.code for p in selectors.platforms()}
    assert send(online_where=["baru"]).report.pk
    Platform.objects.filter(code="tiktok").update(active=False)
    assert "tiktok" not in {p.code for p in selectors.platforms()}
    assert selectors.platform_label("tiktok") == "TikTok"
