"""What need not be kept goes: keys first, then rows, a count stays. What must be kept stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps

from lindung.core import clock
from lindung.reporting import retention, tally, tasks
from lindung.reporting.errors import WrongReceipt
from lindung.reporting.models import Message, Report, ReportFact, State, Tally, Withdrawal
from lindung.reporting.services import mailbox
from lindung.vault import services as vault
from lindung.vault.facts import fact_token
from lindung.vault.models import BlindEntry, SealedField, Tombstone, WrappedKey

from .conftest import Sent
from .staff import CALM, DANGER, Desk, at, events

pytestmark = pytest.mark.django_db(transaction=True)
Send = Callable[..., Sent]

# Sunday 1 March 2026 at 00:30 in Jakarta: still February in UTC.
START = at("2026-02-28 17:30")


@pytest.fixture(autouse=True)
def start() -> Iterator[None]:
    tasks._cleaned_until = 0
    tasks._cleaned_at = None
    with clock.frozen(START):
        yield


def closed(send: Send, desk: Desk, *, read: bool = True, **answers: Any) -> Sent:
    """A report that was judged, answered and closed at START; the reporter has read the answer unless told."""
    sent = send(**{**CALM, **answers})
    desk.triage(sent.report, risk="low", next_step="advice")
    desk.answer(sent.report)
    if read:
        mailbox.view(sent.visit())
    desk.propose(sent.report)
    sent.again()
    return sent


def days(number: float) -> Any:
    return START + timedelta(days=number)


def exists(sent: Sent) -> bool:
    return Report.objects.filter(pk=sent.report.pk).exists()


class TestClosedReports:
    def test_stay_90_days_and_not_one_more(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst)
        assert retention.run(days(90) - timedelta(seconds=1)) == 0
        assert retention.run(days(90)) == 1
        assert not exists(sent)
        assert retention.run(days(90)) == 0

    def test_leave_no_key_no_row_no_field_but_a_tombstone(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst, accounts="@seseorang_123", province="35", happened=["threat_to_spread"])
        record = sent.report.record_id
        assert BlindEntry.objects.filter(record=record).exists()
        retention.run(days(91))
        for model in (WrappedKey, SealedField, BlindEntry):
            assert not model.objects.filter(record=record).exists()
        assert Tombstone.objects.filter(record=record).exists()
        hanging = [m for m in apps.get_app_config("reporting").get_models() if hasattr(m, "report")]
        assert len(hanging) > 8
        assert not [m.__name__ for m in hanging if m._default_manager.filter(report=sent.report.pk).exists()]
        with pytest.raises(WrongReceipt):
            sent.visit()

    def test_leave_one_audit_event_without_content(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst)
        retention.run(days(91))
        (event,) = events(sent.report.pk, "report.erased")
        assert (event.actor, event.data) == ("system", "{}")

    def test_with_an_unread_message_stay(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst)
        message = mailbox.write(sent.visit(), "satu lagi", "text", b"1")
        Report.objects.update(state=State.CLOSED, closed_at=START)
        assert retention.run(days(500)) == 0
        Message.objects.filter(pk=message.pk).update(read_by_staff=True)
        assert retention.run(days(500)) == 1

    def test_with_an_unread_answer_stay_180_days_at_most(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst, read=False)
        assert retention.run(days(179)) == 0
        assert exists(sent)
        assert retention.run(days(180)) == 1

    def test_an_answer_read_late_no_longer_keeps_it(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst, read=False)
        with clock.frozen(days(120)):
            mailbox.view(sent.visit())
        assert retention.run(days(120)) == 1

    def test_on_legal_hold_stay(self, send: Send, analyst: Desk) -> None:
        closed(send, analyst)
        Report.objects.update(legal_hold=True, hold_reason="court")
        assert retention.run(days(1000)) == 0

    def test_that_became_a_case_follow_the_case(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, next_step="case")
        analyst.propose(sent.report)
        assert retention.run(days(1000)) == 0
        assert exists(sent)

    def test_with_a_running_wish_to_stop_wait_for_it(self, send: Send, analyst: Desk) -> None:
        sent = closed(send, analyst)
        Withdrawal.objects.create(report=sent.report, state="supervisor", previous_state="closed", asked_at=START)
        assert retention.run(days(1000)) == 0

    def test_open_reports_are_never_touched(self, send: Send) -> None:
        send(**CALM)
        assert retention.run(days(5000)) == 0

    def test_period_is_a_setting(self, send: Send, analyst: Desk, settings: Any) -> None:
        settings.LINDUNG_RETENTION_DAYS = 30
        closed(send, analyst)
        assert retention.run(days(31)) == 1

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({}, ""),
            ({"outcome": "case"}, "case"),
            ({"legal_hold": True}, "legal_hold"),
            ({"withdrawal_running": True}, "withdrawal"),
            ({"duty_open": True}, "duty_open"),
            ({"unread_by_staff": True}, "unread"),
            ({"unread_by_reporter": True}, "reply_unread"),
        ],
    )
    def test_rule(self, more: dict[str, Any], reason: str) -> None:
        facts = {
            "closed_at": START, "outcome": "advice", "legal_hold": False, "withdrawal_running": False,
            "unread_by_staff": False, "unread_by_reporter": False, "duty_open": False,
        }  # fmt: skip
        assert retention.keep_reason(retention.Kept(**{**facts, **more}), days(90)) == reason
        assert retention.keep_reason(retention.Kept(**facts), days(89)) == "period"


class TestWithdrawals:
    def test_are_erased_when_the_waiting_period_is_over(self, send: Send) -> None:
        sent = send(**CALM)
        mailbox.ask_to_stop(sent.visit())
        assert retention.run_withdrawals(days(7) - timedelta(minutes=1)) == 0
        assert retention.run_withdrawals(days(7)) == 1
        assert not exists(sent)
        assert [e.kind for e in events(sent.report.pk)][-1] == "report.withdrawn"
        assert Tally.objects.get(form=b"").outcome == "withdrawn"

    def test_that_were_undone_are_not(self, send: Send) -> None:
        sent = send(**CALM)
        mailbox.ask_to_stop(sent.visit())
        with clock.frozen(days(3)):
            mailbox.undo_stop(sent.visit())
        assert retention.run_withdrawals(days(30)) == 0
        assert exists(sent)

    def test_that_wait_for_a_supervisor_are_not(self, send: Send) -> None:
        sent = send(**DANGER)
        mailbox.ask_to_stop(sent.visit())
        assert retention.run_withdrawals(days(30)) == 0
        assert exists(sent)

    def test_a_legal_hold_set_meanwhile_keeps_it(self, send: Send) -> None:
        sent = send(**CALM)
        mailbox.ask_to_stop(sent.visit())
        Report.objects.update(legal_hold=True)
        assert retention.run_withdrawals(days(30)) == 0
        assert exists(sent)


class TestTally:
    def test_keeps_month_place_form_age_sex_channel_and_outcome(self, send: Send, analyst: Desk) -> None:
        closed(send, analyst, province="35", regency="35.09", age_band="10-12", sex="female",
               happened=["threat_to_spread"])  # fmt: skip
        forms = {bytes(t) for t in ReportFact.objects.filter(field="form").values_list("token", flat=True)}
        retention.run(days(91))
        whole = Tally.objects.get(form=b"")
        assert whole.month == date(2026, 3, 1), "the month in Jakarta, not in UTC"
        assert bytes(whole.province) == fact_token("province", "35")
        assert bytes(whole.age_band) == fact_token("age_band", "10-12")
        assert bytes(whole.sex) == fact_token("sex", "female")
        assert (whole.channel, whole.outcome, whole.count) == ("portal", "advice", 1)
        assert {bytes(t.form) for t in Tally.objects.exclude(form=b"")} == forms

    def test_counts_each_report_once_and_each_of_its_forms_once(self, send: Send, analyst: Desk) -> None:
        for _ in range(2):
            sent = send(**CALM)
            analyst.triage(sent.report, risk="low", forms=("grooming", "sextortion"), child_known=False)
            analyst.propose(sent.report)
        closed(send, analyst)
        assert retention.run(days(91)) == 3
        assert (tally.reports(), tally.reports(date(2026, 3, 1)), tally.reports(date(2026, 2, 1))) == (3, 3, 0)
        counts = {bytes(t.form): t.count for t in Tally.objects.exclude(form=b"")}
        assert counts == {
            fact_token("form", "grooming"): 2,
            fact_token("form", "sextortion"): 2,
            fact_token("form", tally.NO_FORM): 1,
        }

    def test_holds_no_id(self) -> None:
        assert {f.name for f in Tally._meta.get_fields()} == {
            "id", "month", "province", "form", "age_band", "sex", "channel", "outcome", "count",
        }  # fmt: skip

    def test_is_written_with_the_shredding_or_not_at_all(
        self, send: Send, analyst: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = closed(send, analyst)
        monkeypatch.setattr(retention.audit, "record", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            retention.run(days(91))
        assert exists(sent)
        assert WrappedKey.objects.filter(record=sent.report.record_id).exists()
        assert Tally.objects.count() == 0

    def test_a_restored_backup_is_counted_again_when_its_tombstones_are_replayed(
        self, send: Send, analyst: Desk
    ) -> None:
        sent = closed(send, analyst)
        vault.shred(record_id=sent.report.record_id)
        assert not exists(sent)
        assert tally.reports() == 1


class TestTheLoop:
    def test_erases_both_kinds_and_then_rests(self, send: Send, analyst: Desk) -> None:
        closed(send, analyst)
        sent = send(**CALM)
        mailbox.ask_to_stop(sent.visit())
        first, again = tasks.run_due(days(91)), tasks.run_due(days(91))
        assert (first["withdrawals"], first["retention"]) == (1, 1)
        assert set(again.values()) == {0}

    def test_cleans_after_a_wish_to_stop(self, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
        cleaned: list[int] = []
        monkeypatch.setattr(tasks.vault, "after_shred", lambda: cleaned.append(1) or True)
        assert tasks.clean() == 0
        mailbox.ask_to_stop(send(**CALM).visit())
        assert (tasks.clean(), tasks.clean(), len(cleaned)) == (1, 0, 1)
        mailbox.ask_to_stop(send(**CALM).visit())
        assert (tasks.clean(), len(cleaned)) == (0, 1), "the key tables are not locked again at once"
        with clock.frozen(clock.now() + timedelta(minutes=11)):
            assert (tasks.clean(), len(cleaned)) == (1, 2)

    def test_cleans_again_when_a_long_transaction_was_in_the_way(
        self, send: Send, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = [True, False]
        monkeypatch.setattr(tasks.vault, "after_shred", answers.pop)
        mailbox.ask_to_stop(send(**CALM).visit())
        for minutes, turn in ((0, 1), (11, 1), (22, 0)):
            with clock.frozen(clock.now() + timedelta(minutes=minutes)):
                assert tasks.clean() == turn
