"""The mailbox: what the receipt opens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.utils import translation

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, Unavailable
from lindung.reporting import thread
from lindung.reporting.errors import WrongReceipt
from lindung.reporting.models import Alert, Direction, Message, Report, State
from lindung.reporting.services import mailbox
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.errors import BadReceipt

from .conftest import MONDAY, Sent

pytestmark = pytest.mark.django_db


def answer(cast: Any, sent: Sent, text: str = "Kami percaya kamu.") -> Message:
    """What a colleague's answer leaves behind."""
    report = sent.again()
    keys = vault.open_with_team(record_id=report.record_id, keyring=cast.keyring(cast.analyst))
    message = thread.add(
        report, keys, direction=Direction.OUT, text=text, author_id=cast.analyst.pk, alias=cast.analyst.alias
    )
    Report.objects.filter(pk=report.pk).update(state=State.WAITING_REPORTER, claimed_by=cast.analyst)
    return message


def test_a_receipt_opens_its_own_report_alone(send: Callable[..., Sent]) -> None:
    one, two = send(), send()
    assert one.visit().report_id == one.report.pk
    assert mailbox.enter(receipts.grouped(two.code), "x").report_id == two.report.pk
    mixed = mailbox.Visit(two.report.pk, one.visit().tag, one.visit().key)
    with pytest.raises(WrongReceipt):
        mailbox.view(mixed)


def test_a_wrong_receipt_costs_the_same_derivation_and_tells_nothing(cast: Any) -> None:
    with mock.patch.object(receipts, "derive", wraps=receipts.derive) as derive, pytest.raises(WrongReceipt):
        mailbox.enter(receipts.generate(), "x")
    assert derive.call_count == 1
    with pytest.raises(BadReceipt):
        mailbox.enter("1234", "x")


def test_a_visit_survives_its_store_and_hides_its_keys(send: Callable[..., Sent]) -> None:
    visit = send().visit()
    assert mailbox.Visit.from_dict(visit.to_dict()) == visit
    assert visit.key.hex() not in repr(visit)
    assert str(visit.key) not in repr(visit)
    for broken in ({}, {"report": "x"}, {"report": "0" * 32, "tag": "zz", "key": ""}):
        with pytest.raises(WrongReceipt):
            mailbox.Visit.from_dict(broken)


def test_the_first_page_says_where_it_stands_and_until_when(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        view = mailbox.view(send(province="53").visit())
        with translation.override("en"):
            english = mailbox.view(send(province="91").visit())
    assert view.step == "Ceritamu sudah sampai. Belum ada yang membacanya."
    # Six hours after 11:00 in Kupang.
    assert view.next.endswith("paling lambat Senin, 23 November, 17.00 WITA.")
    assert english.next.endswith("by Monday 23 November, 18:00 WIT at the latest.")
    assert (view.can_write, view.can_stop, view.can_undo, view.late) == (True, True, False, False)


def test_the_reader_is_an_alias_and_never_a_name(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    answer(cast, sent)
    view = mailbox.view(sent.visit())
    assert view.alias == "Kak Analyst"
    assert "Kak Analyst" in view.step
    assert view.messages[0].alias == "Kak Analyst"


def test_an_answer_is_read_and_marked_to_the_minute(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    answer(cast, sent, "Halo 😀\r\nbaris dua")
    with clock.frozen(MONDAY + timedelta(days=1)):
        view = mailbox.view(sent.visit())
        again = mailbox.view(sent.visit())
    assert view.messages[0].text == "Halo 😀\r\nbaris dua"
    assert (view.new_answers, again.new_answers) == (1, 0)
    row = Message.objects.get()
    assert row.read_by_reporter
    assert row.read_at is not None
    assert row.read_at.second == 0
    assert Event.objects.filter(kind="report.read_by_reporter").count() == 1


def test_a_full_disk_keeps_no_child_from_reading(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    answer(cast, sent)
    visit = sent.visit()
    with mock.patch.object(mailbox.audit, "record", side_effect=OperationalError("full")):
        assert mailbox.view(visit).messages[0].text == "Kami percaya kamu."
    assert not Message.objects.get().read_by_reporter


def test_a_message_is_stored_once_however_often_its_form_comes(send: Callable[..., Sent]) -> None:
    sent = send()
    visit = sent.visit()
    first = mailbox.write(visit, "Aku mau tambah", "text", "form-1")
    assert mailbox.write(visit, "Aku mau tambah", "text", "form-1") == first
    assert mailbox.write(visit, "Aku mau tambah", "text", "form-2") != first
    assert [m.text for m in mailbox.view(visit).messages] == ["Aku mau tambah"] * 2
    assert Event.objects.filter(kind="report.message_received").count() == 2


def test_the_same_form_word_in_another_box_is_another_message(send: Callable[..., Sent]) -> None:
    one, two = send(), send()
    mailbox.write(one.visit(), "satu", "text", "form")
    mailbox.write(two.visit(), "dua", "text", "form")
    assert [m.text for m in mailbox.view(two.visit()).messages] == ["dua"]


def test_messages_of_one_minute_keep_their_order(send: Callable[..., Sent], cast: Any) -> None:
    sent = send()
    with clock.frozen(MONDAY):
        for number in range(6):
            if number % 2:
                answer(cast, sent, str(number))
            else:
                mailbox.write(sent.visit(), str(number), "text", f"f{number}")
    assert [m.text for m in mailbox.view(sent.visit()).messages] == list("012345")


@pytest.mark.parametrize(
    ("text", "kind", "field"),
    [
        ("", "text", "text"),
        ("   ", "addition", "text"),
        ("x" * 20_001, "text", "text"),
        ("data:video/mp4;base64,AAAA", "text", "text"),
        ("x", "system", "kind"),
        ("x", "nonsense", "kind"),
    ],
)
def test_what_cannot_be_a_message_is_refused(send: Callable[..., Sent], text: str, kind: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        mailbox.write(send().visit(), text, kind, "f")
    assert caught.value.field == field
    assert not Message.objects.exists()


def test_an_answer_from_the_reporter_hands_the_next_step_to_staff(send: Callable[..., Sent], cast: Any) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        answer(cast, sent)
    later = MONDAY + timedelta(days=2)
    with clock.frozen(later):
        mailbox.write(sent.visit(), "Aku tidak setuju", "text", "f")
        report = sent.again()
        assert report.state == State.WAITING_STAFF
        assert report.due_at == (later + timedelta(hours=6)).replace(second=0)
        view = mailbox.view(sent.visit())
    assert view.step == "Sekarang giliran kami."


def test_a_closed_box_says_until_when_it_stays(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send(province="53")
        Report.objects.filter(pk=sent.report.pk).update(state=State.CLOSED, closed_at=clock.now(), outcome="done")
        view = mailbox.view(sent.visit())
    assert view.next.endswith("paling sedikit sampai Minggu, 21 Februari 2027, 11.00 WITA.")


def test_news_that_were_promised_for_a_day_that_has_passed_are_not_promised_again(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send(province="53")
        Report.objects.filter(pk=sent.report.pk).update(state=State.REFERRED)
        before = mailbox.view(sent.visit())
    with clock.frozen(MONDAY + timedelta(days=1)):
        after = mailbox.view(sent.visit())
    assert "paling lambat" in before.next
    assert after.step == before.step
    assert after.next == "Kalau belum ada kabar, tulis saja di sini."


def test_writing_to_a_closed_report_opens_it_again(send: Callable[..., Sent]) -> None:
    sent = send()
    Report.objects.filter(pk=sent.report.pk).update(state=State.CLOSED, closed_at=clock.now(), outcome="misuse")
    closed = mailbox.view(sent.visit())
    assert closed.outcome.startswith("Kami sudah membaca dan memeriksa.")
    mailbox.write(sent.visit(), "Terjadi lagi", "text", "f")
    report = sent.again()
    assert (report.state, report.closed_at, report.outcome) == (State.WAITING_STAFF, None, "")


def test_somebody_presses_me_to_stop_is_a_safety_signal_and_stops_nothing(send: Callable[..., Sent]) -> None:
    sent = send()
    result = mailbox.ask_to_stop(sent.visit(), pressured=True)
    mailbox.ask_to_stop(sent.visit(), pressured=True)
    report = sent.again()
    assert result.state == "kept"
    assert (report.state, report.risk, report.stop_pressure) == (State.NEW, "high", True)
    assert Message.objects.get().kind == "stop_pressure"
    assert Alert.objects.filter(report=report, stopped=False).count() == 3
    assert mailbox.view(sent.visit()).stop_goes_to_supervisor


def test_whoever_presses_and_reads_along_sees_nothing_of_the_signal(send: Callable[..., Sent]) -> None:
    sent = send()
    before = mailbox.view(sent.visit())
    mailbox.write(sent.visit(), "Paman memaksaku", "stop_pressure", "f")
    after = mailbox.view(sent.visit())
    assert (after.step_code, after.step, after.messages) == (before.step_code, before.step, before.messages)


def test_pressure_never_puts_off_what_was_promised(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send()
        promised = sent.again().promised_at
    with clock.frozen(MONDAY + timedelta(hours=5)):
        mailbox.write(sent.visit(), "", "stop_pressure", "f")
    assert sent.again().promised_at <= promised
    assert sent.again().due_at <= promised


def test_being_late_is_admitted(send: Callable[..., Sent]) -> None:
    with clock.frozen(MONDAY):
        sent = send()
    with clock.frozen(MONDAY + timedelta(hours=7)):
        view = mailbox.view(sent.visit())
    assert view.late
    assert view.promised_at is None
    assert view.next.startswith("Maaf, kami terlambat")


def test_a_database_that_is_down_says_so_and_stores_nothing(send: Callable[..., Sent]) -> None:
    visit = send().visit()
    down = mock.patch.object(thread.vault, "put_first", side_effect=OperationalError("gone"))
    with down, pytest.raises(Unavailable):
        mailbox.write(visit, "halo", "text", "f")
    assert not Message.objects.exists()
    assert mailbox.write(visit, "halo", "text", "f")


def test_an_erased_report_opens_no_more(send: Callable[..., Sent]) -> None:
    sent = send()
    visit = sent.visit()
    vault.shred(record_id=sent.report.record_id)
    Report.objects.filter(pk=sent.report.pk).delete()
    with pytest.raises(WrongReceipt):
        mailbox.view(visit)
    with pytest.raises(WrongReceipt):
        mailbox.enter(sent.code, "x")


def test_a_question_of_somebody_who_fears_for_themselves_is_called_a_question(send: Callable[..., Sent]) -> None:
    view = mailbox.view(send(path="worried_self").visit())
    assert view.is_help
    assert view.step.startswith("Pertanyaanmu")
