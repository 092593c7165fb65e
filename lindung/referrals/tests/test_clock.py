"""Nobody says yes in time: who is called when, that high risk stops for a voice alone, and the days that count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from lindung.audit.models import Event
from lindung.casework.models import Case, CaseTask, TaskKind
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.referrals import rules_clock, services, tasks
from lindung.referrals.models import Referral, State
from lindung.referrals.tests.people import MONDAY, Worker, provider

pytestmark = pytest.mark.django_db


def turn(minutes: float) -> int:
    """Let the clock run once, so many minutes after Monday."""
    now = MONDAY + timedelta(minutes=minutes)
    with clock.frozen(now):
        return tasks.run(now)


def called() -> list[str]:
    """Who was written to since the last look."""
    found = sorted({address for letter in mail.outbox for address in letter.to})
    mail.outbox.clear()
    return [address.partition("@")[0] for address in found]


def high(sender: Worker, body: Any) -> Referral:
    referral = sender.sent(body, sender.ready_case(risk="high"))
    mail.outbox.clear()
    return referral


class TestHighRisk:
    def test_is_called_for_by_the_minute_until_a_named_person_says_yes(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = high(sender, body)
        assert referral.answer_due_at == MONDAY + timedelta(minutes=30)
        assert turn(29) == 0
        assert turn(30) == 1
        assert called() == ["case-worker", "partner"]
        assert turn(31) == 0
        receiver.accept(referral)
        referral.refresh_from_db()
        assert referral.state == State.ACCEPTED
        assert referral.waits
        assert turn(60) == 1
        assert called() == ["supervisor"]
        assert turn(90) == 1
        assert called() == ["case-worker"]
        assert CaseTask.objects.filter(kind=TaskKind.REFERRAL, subject=referral.pk, done_at=None).exists()
        assert turn(209) == 0
        assert turn(210) == 1
        assert called() == ["supervisor"]
        with clock.frozen(MONDAY + timedelta(minutes=215)):
            services.voice(receiver.actor, receiver.keyring, referral.pk, person="Bu Ratna")
        assert turn(2000) == 0
        referral.refresh_from_db()
        assert (referral.next_call_at, referral.waits, referral.voice_by_id) == (None, False, receiver.user.pk)
        assert not CaseTask.objects.filter(kind=TaskKind.REFERRAL, done_at=None).exists()
        kinds = Event.objects.filter(kind__startswith="referral.", actor="system").order_by("seq")
        assert list(kinds.values_list("kind", flat=True)) == [
            "referral.reminded", "referral.supervisor_told", "referral.second_offered", "referral.supervisor_told",
        ]  # fmt: skip

    def test_never_lapses_by_the_clock(self, sender: Worker, body: Any) -> None:
        referral = high(sender, body)
        for minutes in range(30, 4000, 60):
            turn(minutes)
        referral.refresh_from_db()
        assert referral.state == State.SENT
        assert referral.calls > 20

    def test_runs_on_a_holiday_and_at_night(self, sender: Worker, body: Any) -> None:
        christmas = datetime(2026, 12, 24, 19, 0, tzinfo=UTC)
        with clock.frozen(christmas):
            referral = sender.sent(body, sender.ready_case(risk="high"))
        assert referral.answer_due_at == christmas + timedelta(minutes=30)

    def test_a_voice_accepts_by_itself_and_its_name_is_sealed(self, sender: Worker, body: Any) -> None:
        with clock.frozen(MONDAY + timedelta(seconds=40)):  # forms give whole minutes
            referral = high(sender, body)
            heard = MONDAY
            services.heard_voice(sender.actor, sender.keyring, referral.pk, person="Pak Hadi", at=heard)
        referral.refresh_from_db()
        assert (referral.state, referral.voice_at, referral.accepted_at) == (State.ACCEPTED, heard, heard)
        assert [news.person for news in sender.reads(referral).news] == ["Pak Hadi"]
        assert "Hadi" not in str(list(Event.objects.values_list("data", flat=True)))

    def test_a_voice_from_before_it_was_sent_or_from_tomorrow_is_a_mistake(self, sender: Worker, body: Any) -> None:
        referral = high(sender, body)
        for wrong in (timedelta(minutes=-2), timedelta(minutes=2)):
            with pytest.raises(BadInput):
                services.heard_voice(sender.actor, sender.keyring, referral.pk, person="Pak Hadi", at=MONDAY + wrong)
        with pytest.raises(BadInput):
            services.heard_voice(sender.actor, sender.keyring, referral.pk, person=" ")

    def test_after_a_no_the_supervisor_hears_of_it_unless_another_body_was_asked(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = high(sender, body)
        receiver.decline(referral)
        called()
        assert turn(29) == 0
        assert turn(30) == 1
        assert called() == ["supervisor"]
        assert turn(60) == 0
        again = sender.sent(body, referral.case)
        receiver.decline(again)
        sender.send(sender.draft(referral.case, provider(), second_choice_of=again.pk))
        called()
        turn(31)
        assert "supervisor" not in called()


class TestTheOthers:
    @pytest.mark.parametrize(
        ("sent", "risk", "tz", "answer", "lapse"),
        [
            # Monday 23 November 2026, 10:00 WIB: closes at 16:00 WIB, five working days later.
            ("2026-11-23T03:00Z", "medium", "Asia/Jakarta", "2026-11-24T09:00Z", "2026-11-30T09:00Z"),
            ("2026-11-23T03:00Z", "low", "Asia/Makassar", "2026-11-26T08:00Z", "2026-12-03T08:00Z"),
            # Friday 23:30 in Jayapura is Friday 21:30 in Jakarta: the day of sending never counts.
            ("2026-11-20T14:30Z", "medium", "Asia/Jayapura", "2026-11-23T07:00Z", "2026-11-27T07:00Z"),
            # Friday 23:30 in Jakarta is already Saturday 01:30 in Jayapura; both wait for Monday.
            ("2026-11-20T16:30Z", "medium", "Asia/Jayapura", "2026-11-23T07:00Z", "2026-11-27T07:00Z"),
            # Lebaran 2026: joint leave on 20, 23 and 24 March, holidays on 21 and 22; before it Nyepi on 18 and 19.
            ("2026-03-17T03:00Z", "medium", "Asia/Jakarta", "2026-03-25T09:00Z", "2026-03-31T09:00Z"),
            # Christmas on 24 (joint leave) and 25 December, New Year, and Isra Mikraj on Tuesday 5 January 2027.
            ("2026-12-23T03:00Z", "low", "Asia/Jakarta", "2026-12-30T09:00Z", "2027-01-08T09:00Z"),
        ],
    )
    def test_have_working_days_of_the_place_that_is_asked(
        self, sent: str, risk: str, tz: str, answer: str, lapse: str
    ) -> None:
        times = rules_clock.times(datetime.fromisoformat(sent), risk, tz)
        assert times.answer == datetime.fromisoformat(answer)
        assert times.lapse == datetime.fromisoformat(lapse)

    def test_are_reminded_told_offered_again_and_lapse(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        mail.outbox.clear()
        times = rules_clock.times(MONDAY, "medium", "Asia/Jakarta")
        people = []
        for moment in (times.answer, times.supervisor, times.second):
            assert tasks.run(moment - timedelta(minutes=1)) == 0
            assert tasks.run(moment) == 1
            people.append(called())
        assert people == [["case-worker", "partner"], ["supervisor"], ["case-worker"]]
        assert times.lapse is not None
        assert receiver.opens(referral).newest.goal
        assert tasks.run(times.lapse) == 1
        referral.refresh_from_db()
        assert (referral.state, referral.next_call_at) == (State.LAPSED, None)
        assert receiver.opens(referral).versions == ()
        with pytest.raises(Conflict):
            sender.revoke(referral)
        assert tasks.run(times.lapse + timedelta(days=9)) == 0

    def test_a_yes_stops_the_clock(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        receiver.accept(referral)
        assert tasks.run(MONDAY + timedelta(days=20)) == 0

    def test_a_letter_that_does_not_go_out_is_tried_again(
        self, sender: Worker, body: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from lindung.referrals.services import calling

        referral = high(sender, body)
        monkeypatch.setattr(calling.alerts, "tell", lambda *_args: False)
        assert turn(30) == 0
        assert turn(31) == 0
        monkeypatch.undo()
        assert turn(33) == 1
        referral.refresh_from_db()
        assert referral.calls == 1

    def test_nobody_of_a_named_team_is_called(self, cast: Any, sender: Worker, body: Any) -> None:
        referral = high(sender, body)
        from lindung.accounts.models import Membership
        from lindung.casework.models import CaseExclusion

        CaseExclusion.objects.create(case=referral.case, team=cast.other_intake)
        Membership.objects.create(user=cast.partner, team=cast.other_intake, role="case_worker")
        turn(30)
        assert called() == ["case-worker"]


def test_the_risk_at_sending_sets_the_clock_whatever_comes_later(sender: Worker, body: Any) -> None:
    referral = high(sender, body)
    Case.objects.filter(pk=referral.case_id).update(risk="low")
    assert turn(30) == 1
    referral.refresh_from_db()
    assert referral.risk == "high"
