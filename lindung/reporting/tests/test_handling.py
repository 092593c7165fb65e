"""Taking a report, opening it, answering it: one person at a time, every opening on record, nothing in the clear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound, SealBroken
from lindung.reporting import services
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import Message, Report, State
from lindung.reporting.state import TRANSITIONS, Event, after_undo, allowed, next_state
from lindung.vault.models import SealedField

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, events, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.frozen(MONDAY):
        yield


Send = Callable[..., Sent]


class TestClaim:
    def test_takes_a_new_report_and_says_so_in_the_trail(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        report = analyst.claim(sent.report)
        assert (report.state, report.claimed_by_id) == (State.CLAIMED, analyst.user.pk)
        assert report.version == sent.report.version + 1
        assert [e.actor for e in events(report.pk, "report.claimed")] == [analyst.user.pk.hex]

    def test_taking_it_twice_changes_nothing(self, send: Send, analyst: Desk) -> None:
        report = analyst.claim(send(**CALM).report)
        assert analyst.claim(report).version == report.version
        assert len(events(report.pk, "report.claimed")) == 1

    def test_a_colleague_who_is_slower_is_told(self, send: Send, analyst: Desk, second: Desk) -> None:
        report = analyst.claim(send(**CALM).report)
        with pytest.raises(HeldByColleague):
            second.claim(report)
        assert Report.objects.get(pk=report.pk).claimed_by_id == analyst.user.pk

    def test_the_race_is_settled_by_the_update_alone(
        self, send: Send, analyst: Desk, second: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other one takes it after this one has read that it is free."""
        from lindung.reporting.services import handling

        sent, looked = send(**CALM), handling.report_for

        def slow(actor: Any, report_id: Any, may: Any) -> Report:
            report = looked(actor, report_id, may)
            if actor == analyst.actor:
                second.claim(report)
            return report

        monkeypatch.setattr(handling, "report_for", slow)
        with pytest.raises(HeldByColleague):
            analyst.claim(sent.report)

    def test_a_supervisor_can_take_it_over_and_nobody_else(
        self, send: Send, analyst: Desk, second: Desk, supervisor: Desk
    ) -> None:
        report = analyst.claim(send(**CALM).report)
        with pytest.raises(NotAllowed):
            second.claim(report, take_over=True)
        assert supervisor.claim(report, take_over=True).claimed_by_id == supervisor.user.pk
        with pytest.raises(HeldByColleague):
            analyst.release(report)

    def test_released_it_is_new_again_and_free(self, send: Send, analyst: Desk, second: Desk) -> None:
        report = analyst.claim(send(**CALM).report)
        with pytest.raises(HeldByColleague):
            second.release(report)
        released = analyst.release(report)
        assert (released.state, released.claimed_by_id, released.claimed_at) == (State.NEW, None, None)
        assert second.claim(report).claimed_by_id == second.user.pk

    def test_outsiders_learn_nothing(self, send: Send, cast: Any) -> None:
        report = send(**CALM).report
        for user in (cast.other_analyst, cast.partner, cast.administrator, cast.auditor, cast.data_analyst):
            with pytest.raises(NotFound):
                services.claim(cast.actor(user), report.pk)


class TestOpening:
    def test_shows_answers_messages_and_history_in_order(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER, province="31")
        with later(minutes=3):
            sent.visit_message = services.mailbox.write(sent.visit(), "masih di sini", "text", b"1")
        with later(minutes=5):
            analyst.claim(sent.report)
            analyst.note(sent.report, "Menelepon 110.")
        with later(minutes=6):
            analyst.answer(sent.report, "Kami di sini.")
            opened = analyst.open(sent.report)
        assert opened.answers == {**DANGER, "province": "31"}
        assert [(m.direction, m.text) for m in opened.messages] == [("in", "masih di sini"), ("out", "Kami di sini.")]
        assert [n.text for n in opened.notes] == ["Menelepon 110."]
        kinds = [line.kind for line in opened.timeline]
        assert kinds == ["received", "message_in", "note", "claimed", "message_out"]
        assert [line.at for line in opened.timeline] == sorted(line.at for line in opened.timeline)
        assert "answers" in opened.contents

    def test_is_recorded_every_time(self, send: Send, analyst: Desk, supervisor: Desk) -> None:
        report = send(**CALM).report
        analyst.open(report)
        analyst.open(report)
        supervisor.open(report)
        actors = [e.actor for e in events(report.pk, "report.opened")]
        assert actors == [analyst.user.pk.hex, analyst.user.pk.hex, supervisor.user.pk.hex]

    def test_what_was_on_the_page_counts_as_read(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        services.mailbox.write(sent.visit(), "satu", "text", b"1")
        assert analyst.open(sent.report).messages[0].read_by_staff is False
        assert Message.objects.get().read_by_staff is True

    def test_needs_the_key_not_only_the_role(self, send: Send, cast: Any) -> None:
        report = send(**CALM).report
        with pytest.raises(NotAllowed):
            services.open_report(cast.actor(cast.analyst), cast.keyring(cast.other_analyst), report.pk)

    def test_a_withdrawn_report_opens_for_nobody(self, send: Send, analyst: Desk, supervisor: Desk) -> None:
        sent = send(**CALM)
        services.mailbox.ask_to_stop(sent.visit())
        for desk in (analyst, supervisor):
            with pytest.raises((NotFound, NotAllowed)):
                desk.open(sent.report)

    def test_a_changed_text_fails_loudly(self, send: Send, analyst: Desk) -> None:
        report = send(**CALM).report
        note = analyst.note(report, "rahasia")
        row = SealedField.objects.get(field=note.field)
        SealedField.objects.filter(pk=row.pk).update(
            ciphertext=bytes(row.ciphertext)[:-1] + bytes([bytes(row.ciphertext)[-1] ^ 1])
        )
        with pytest.raises(SealBroken):
            analyst.open(report)

    def test_nothing_of_it_shows_in_a_repr(self, send: Send, analyst: Desk) -> None:
        report = send(**{**CALM, "words": "kata rahasia"}).report
        analyst.note(report, "catatan rahasia")
        analyst.answer(report, "jawaban rahasia")
        assert "rahasia" not in repr(analyst.open(report))


class TestMessages:
    def test_carries_the_alias_and_never_the_name(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        message = analyst.answer(sent.report, "Halo, terima kasih.")
        assert message.alias == "Kak Analyst" != analyst.user.display_name
        view = services.mailbox.view(sent.visit())
        assert [(m.alias, m.text) for m in view.messages] == [("Kak Analyst", "Halo, terima kasih.")]
        assert sent.again().state == State.WAITING_REPORTER

    def test_takes_a_free_report_and_respects_one_that_is_held(self, send: Send, analyst: Desk, second: Desk) -> None:
        report = send(**CALM).report
        analyst.answer(report)
        assert Report.objects.get(pk=report.pk).claimed_by_id == analyst.user.pk
        with pytest.raises(HeldByColleague):
            second.answer(report, "Aku juga.")
        assert Message.objects.count() == 1

    def test_a_report_that_changed_meanwhile_keeps_the_text_out(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.answer(sent.report)
        seen = sent.again().version
        services.mailbox.write(sent.visit(), "ada lagi", "text", b"1")
        with pytest.raises(Conflict):
            analyst.answer(sent.report, "Jawaban lama.", version=seen)
        assert Message.objects.filter(direction="out").count() == 1
        assert SealedField.objects.filter(field__startswith="message:").count() == 2

    @pytest.mark.parametrize("text", ["", "   \n", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==", "a" * 20_001])
    def test_refuses_nothing_too_much_and_pictures(self, send: Send, analyst: Desk, text: str) -> None:
        report = send(**CALM).report
        with pytest.raises(BadInput) as caught:
            analyst.answer(report, text)
        assert caught.value.field == "text"
        assert not text.strip() or text not in str(caught.value.message)

    def test_a_closed_report_is_opened_again_first(self, send: Send, analyst: Desk) -> None:
        report = send(**CALM).report
        Report.objects.filter(pk=report.pk).update(state=State.CLOSED)
        with pytest.raises(Conflict):
            analyst.answer(report)

    def test_whoever_may_not_judge_may_still_answer(self, send: Send, cast: Any) -> None:
        report = send(**CALM).report
        worker = Desk(cast, cast.case_worker)
        assert worker.answer(report).alias == "Kak Case"
        with pytest.raises(NotAllowed):
            worker.triage(report)

    @given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_text_comes_back_exactly(self, send: Send, analyst: Desk, text: str) -> None:
        if not text.strip():
            return
        with clock.frozen(MONDAY):
            report = send(**CALM).report
            analyst.answer(report, text)
            assert analyst.open(report).messages[-1].text == text


class TestSealing:
    def test_what_staff_write_is_nowhere_in_the_clear(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        words = {
            "answer": "KENARI-JAWABAN",
            "note": "KENARI-CATATAN",
            "reason": "KENARI-ALASAN",
            "plan": "KENARI-RENCANA",
            "police": "KENARI-POLISI",
            "told": "KENARI-DIBERITAHU",
            "name": "KENARI-NAMA",
            "attempt": "KENARI-USAHA",
            "stop": "KENARI-BERHENTI",
        }
        analyst.answer(sent.report, words["answer"])
        analyst.note(sent.report, words["note"])
        analyst.triage(
            sent.report, risk="high", reason=words["reason"], selfharm=True, safety_plan=words["plan"],
            next_step="safety_plan", forms=("grooming",),
        )  # fmt: skip
        analyst.police(sent.report, "not_enough", words["police"], words["told"])
        analyst.hand_over(sent.report, words["name"])
        analyst.attempt(sent.report, note=words["attempt"], stopped=True, stop_reason=words["stop"])
        dump = everything_stored()
        assert b"KENARI" not in dump
        assert b"Kak Analyst" in dump  # the control: the search does find what is clear
        opened = repr(_plain(analyst.open(sent.report)))
        assert all(word in opened for word in words.values())

    def test_the_receipt_opens_messages_and_no_staff_text(self, send: Send, analyst: Desk) -> None:
        from lindung.vault import services as vault

        sent = send(**CALM)
        note = analyst.note(sent.report, "hanya untuk rekan")
        keys = vault.open_with_receipt(record_id=sent.report.record_id, receipt=sent.visit().receipt)
        with pytest.raises(NotAllowed):
            vault.get(record_id=sent.report.record_id, keys=keys, field=note.field)


class TestStates:
    def test_there_is_no_way_but_those_of_the_table(self) -> None:
        for state in State:
            for event in Event:
                if (state, event) in TRANSITIONS:
                    assert next_state(state, event) in State
                    assert allowed(state, event)
                else:
                    with pytest.raises(Conflict):
                        next_state(state, event)

    def test_out_of_withdrawn_leads_only_the_undoing(self) -> None:
        assert not any(state == State.WITHDRAWN for state, _ in TRANSITIONS)
        for state in State:
            if state == State.WITHDRAWN:
                with pytest.raises(Conflict):
                    after_undo(state)
            else:
                assert after_undo(state) == state

    def test_a_new_report_is_never_closed_unread(self) -> None:
        assert (State.NEW, Event.CLOSE) not in TRANSITIONS
        assert (State.NEW, Event.REFER) not in TRANSITIONS


def _plain(opened: Any) -> Any:
    return [
        [m.text for m in opened.messages],
        [n.text for n in opened.notes],
        [(t.reason, t.safety_plan) for t in opened.triage],
        (opened.police.reason, opened.police.who_told_child),
        [h.name for h in opened.handovers],
        [(a.note, a.stop_reason) for a in opened.attempts],
    ]


def everything_stored() -> bytes:
    """Every value of every table, as bytes."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\0".join(found)
