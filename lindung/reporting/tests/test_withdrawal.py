"""Stopping with the receipt: locked at once, undone in time, and never against a child's safety."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed, Unavailable
from lindung.reporting import inbox, selectors
from lindung.reporting.errors import StoppedMeanwhile, TooLate
from lindung.reporting.models import Alert, PoliceClock, Report, State, Withdrawal
from lindung.reporting.services import mailbox, withdrawal
from lindung.vault import services as vault

from .conftest import MONDAY, Sent

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=settings.LINDUNG_WITHDRAWAL_DAYS)


def test_stopping_takes_the_teams_access_away_at_once(send: Callable[..., Sent], cast: Any) -> None:
    sent = send(words="rahasia")
    keyring = cast.keyring(cast.analyst)
    with clock.frozen(MONDAY):
        result = mailbox.ask_to_stop(sent.visit())
    assert result.state == "waiting"
    assert result.shred_at == MONDAY.replace(second=0) + DAYS
    assert sent.again().state == State.WITHDRAWN
    with pytest.raises(NotAllowed):
        vault.open_with_team(record_id=sent.report.record_id, keyring=keyring)
    for person in cast.everybody().values():
        assert sent.report not in selectors.visible_to(cast.actor(person))
    event = Event.objects.get(kind="report.withdrawal_asked")
    assert event.at.second == 0
    assert event.actor == ""


def test_the_page_says_until_when_one_may_change_ones_mind(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        mailbox.ask_to_stop(sent.visit())
        view = mailbox.view(sent.visit())
    assert view.step == "Kamu meminta berhenti. Ceritamu sudah kami kunci dan tidak bisa kami baca."
    assert "Senin, 30 November, 10.00 WIB" in view.next
    assert (view.can_undo, view.can_write, view.can_stop) == (True, False, False)
    assert view.withdrawal is not None
    assert view.withdrawal.state == "waiting"


def test_the_receipt_undoes_it_within_the_period(send: Callable[..., Sent], cast: Any) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        Report.objects.filter(pk=sent.report.pk).update(state=State.CLAIMED, claimed_by=cast.analyst)
        mailbox.ask_to_stop(sent.visit())
    with clock.frozen(MONDAY + DAYS - timedelta(minutes=2)):
        mailbox.undo_stop(sent.visit())
        mailbox.undo_stop(sent.visit())
        now = clock.coarse_now()
    report = sent.again()
    assert report.state == State.CLAIMED
    assert report.due_at == now + timedelta(hours=6)
    assert vault.open_with_team(record_id=report.record_id, keyring=cast.keyring(cast.analyst)).staff
    assert Withdrawal.objects.get().state == "undone"
    assert Event.objects.filter(kind="report.withdrawal_undone").count() == 1
    assert report in selectors.visible_to(cast.actor(cast.analyst))


def test_after_the_period_it_cannot_be_undone(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        mailbox.ask_to_stop(sent.visit())
    with clock.frozen(MONDAY.replace(second=0) + DAYS):
        with pytest.raises(TooLate):
            mailbox.undo_stop(sent.visit())
        assert not mailbox.view(sent.visit()).can_undo
    assert sent.again().state == State.WITHDRAWN


def test_asking_twice_gives_the_same_answer(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        first = mailbox.ask_to_stop(sent.visit())
    with clock.frozen(MONDAY + timedelta(days=2)):
        assert mailbox.ask_to_stop(sent.visit()) == first
    assert Withdrawal.objects.count() == 1


def test_one_may_stop_again_after_changing_ones_mind(send: Callable[..., Sent]) -> None:
    sent = send()
    for _ in range(2):
        assert mailbox.ask_to_stop(sent.visit()).state == "waiting"
        mailbox.undo_stop(sent.visit())
    assert sent.again().state == State.NEW
    assert Withdrawal.objects.filter(state="undone").count() == 2


def _referred(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(state=State.REFERRED)


def _held(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(legal_hold=True)


def _clock(report: Report) -> None:
    PoliceClock.objects.create(report=report, starts_at=clock.now(), due_at=clock.now())


@pytest.mark.parametrize(
    ("answers", "change", "reason"),
    [
        ({"danger": "yes"}, None, "high_risk"),
        ({"feeling": "selfharm"}, None, "high_risk"),
        ({}, _referred, "open_case"),
        ({}, _held, "legal_hold"),
        ({}, _clock, "police_clock"),
    ],
)
def test_where_a_child_may_be_in_danger_a_supervisor_looks_first_and_nothing_is_locked(
    send: Callable[..., Sent], cast: Any, answers: dict[str, Any], change: Any, reason: str
) -> None:
    sent = send(**answers)
    if change:
        change(sent.report)
    before = sent.again().state
    result = mailbox.ask_to_stop(sent.visit())
    assert (result.state, result.reason, result.shred_at) == ("supervisor", reason, None)
    report = sent.again()
    assert report.state == before
    assert vault.open_with_team(record_id=report.record_id, keyring=cast.keyring(cast.analyst)).staff
    assert report in selectors.visible_to(cast.actor(cast.supervisor))
    view = mailbox.view(sent.visit())
    assert view.step_code == "withdrawal_supervisor"
    assert "tetap kami simpan" in view.next
    assert (view.can_write, view.can_undo, view.can_stop) == (True, True, False)
    row = next(r for r in inbox.listed(cast.actor(cast.supervisor)) if r.report == report)
    assert row.withdrawal_waiting
    mailbox.undo_stop(sent.visit())
    assert Withdrawal.objects.get().state == "undone"
    assert sent.again().state == before


def test_a_decided_police_clock_holds_nothing_back(send: Callable[..., Sent]) -> None:
    sent = send()
    _clock(sent.report)
    PoliceClock.objects.update(decision="not_enough")
    assert mailbox.ask_to_stop(sent.visit()).state == "waiting"


def test_what_the_police_have_is_not_erased_by_the_receipt_alone(send: Callable[..., Sent]) -> None:
    sent = send()
    _clock(sent.report)
    PoliceClock.objects.update(decision="reported")
    result = mailbox.ask_to_stop(sent.visit())
    assert (result.state, result.reason) == ("supervisor", "open_case")


def test_what_became_a_case_is_not_erased_by_the_receipt_alone(send: Callable[..., Sent]) -> None:
    sent = send()
    Report.objects.update(state=State.CLOSED, closed_at=clock.now(), outcome="case")
    result = mailbox.ask_to_stop(sent.visit())
    assert (result.state, result.reason) == ("supervisor", "open_case")
    assert sent.again().state == State.CLOSED


def test_nobody_writes_into_a_locked_box(send: Callable[..., Sent]) -> None:
    sent = send()
    mailbox.ask_to_stop(sent.visit())
    with pytest.raises(StoppedMeanwhile):
        mailbox.write(sent.visit(), "halo", "text", "f")


def test_a_state_that_changed_in_the_same_moment_locks_nothing(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    real = withdrawal.opened

    def overtaken(visit: Any, **more: Any) -> Any:
        found = real(visit, **more)
        Report.objects.filter(pk=sent.report.pk).update(state=State.CLOSED)
        return found

    with mock.patch.object(withdrawal, "opened", overtaken), pytest.raises(Conflict):
        mailbox.ask_to_stop(sent.visit())
    assert not Withdrawal.objects.exists()
    assert not vault.is_held(sent.report.record_id)


def test_an_undo_that_lost_against_the_eraser_gives_nothing_back(send: Callable[..., Sent]) -> None:
    sent = send()
    mailbox.ask_to_stop(sent.visit())
    real = withdrawal.opened

    def overtaken(visit: Any, **more: Any) -> Any:
        found = real(visit, **more)
        Withdrawal.objects.update(state="done")
        return found

    with mock.patch.object(withdrawal, "opened", overtaken), pytest.raises((Conflict, StoppedMeanwhile)):
        mailbox.undo_stop(sent.visit())
    assert vault.is_held(sent.report.record_id)


def test_a_database_that_fails_half_way_locks_nothing(send: Callable[..., Sent]) -> None:
    sent = send()
    visit = sent.visit()
    full = mock.patch.object(withdrawal.audit, "record", side_effect=OperationalError("full"))
    with full, pytest.raises(Unavailable):
        mailbox.ask_to_stop(visit)
    assert sent.again().state == State.NEW
    assert not vault.is_held(sent.report.record_id)
    assert not Withdrawal.objects.exists()


def test_a_locked_report_calls_nobody(send: Callable[..., Sent]) -> None:
    sent = send()
    Alert.objects.create(report=sent.report, level="analyst", due_at=clock.now())
    mailbox.ask_to_stop(sent.visit())
    assert not Alert.objects.filter(stopped=False).exists()


def test_another_receipt_stops_nothing(send: Callable[..., Sent]) -> None:
    one, two = send(), send()
    foreign = mailbox.Visit(one.report.pk, one.visit().tag, two.visit().key)
    with pytest.raises(Exception) as caught:
        mailbox.ask_to_stop(foreign)
    assert caught.type.__name__ in {"SealBroken", "NotAllowed", "WrongReceipt"}
    assert one.again().state == State.NEW


def test_a_refusal_is_told_until_somebody_writes_again(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send(danger="yes")
        mailbox.ask_to_stop(sent.visit())
        Withdrawal.objects.update(state="refused", decided_at=clock.now())
        view = mailbox.view(sent.visit())
        assert view.step_code == "withdrawal_refused"
        assert (view.can_write, view.can_stop, view.can_undo) == (True, True, False)
    with clock.frozen(MONDAY + timedelta(minutes=5)):
        mailbox.write(sent.visit(), "Aku tidak setuju", "text", "f")
        assert mailbox.view(sent.visit()).step_code == "new"
