"""What the receiver does: yes, no, services, an outcome; what follows in the case; and what is read when it is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from lindung.casework.models import CaseExclusion, CaseTask, TaskKind
from lindung.casework.models_plan import Delivery, Goal, Plan, PlanState
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.referrals import services, tasks
from lindung.referrals.models import News, Referral, State, Version
from lindung.referrals.tests.people import MONDAY, SERVICE, Worker, decide, provider
from lindung.vault import services as vault

pytestmark = pytest.mark.django_db


def goal_of(case: Any, body: Any) -> Goal:
    plan = Plan.objects.create(
        case=case, number=1, state=PlanState.APPROVED, made_at=clock.now(), made_by_id=case.opened_by_id
    )
    return Goal.objects.create(plan=plan, service=SERVICE, provider=body, due_on=MONDAY.date())


class TestTheWay:
    def test_from_a_yes_over_services_to_an_outcome_the_plan_follows(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        goal = goal_of(case, body)
        referral = sender.sent(body, case, goal_id=goal.pk)

        receiver.accept(referral, words="Jadwal pertama Kamis")
        goal.refresh_from_db()
        assert (Referral.objects.get().state, goal.state) == (State.ACCEPTED, "under_way")
        assert Referral.objects.get().next_call_at is None

        receiver.deliver(referral, words="Pertemuan pertama", minutes=45)
        row = Delivery.objects.get()
        assert (row.goal_id, row.organisation_id, row.minutes, row.child_came) == (goal.pk, body.pk, 45, True)
        assert row.recorded_by_id == receiver.user.pk
        assert Referral.objects.get().state == State.IN_SERVICE

        receiver.complete(referral, "partly", words="Lanjut di sekolah")
        goal.refresh_from_db()
        assert goal.state == "partly"
        opened = sender.reads(referral)
        assert {(news.kind, news.text, news.by_receiver) for news in opened.news} == {
            ("accepted", "Jadwal pertama Kamis", True),
            ("delivered", "Pertemuan pertama", True),
            ("completed", "Lanjut di sekolah", True),
        }
        assert opened.referral.reason == "partly"

    def test_a_goal_that_a_new_plan_took_over_is_the_one_that_follows(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        goal = goal_of(case, body)
        referral = sender.sent(body, case, goal_id=goal.pk)
        Plan.objects.filter(pk=goal.plan_id).update(state=PlanState.REPLACED)
        new = Plan.objects.create(case=case, number=2, made_at=clock.now(), made_by=sender.user)
        later = Goal.objects.create(plan=new, service=SERVICE, provider=body, due_on=MONDAY.date())
        receiver.accept(referral)
        receiver.deliver(referral)
        assert Delivery.objects.get().goal_id == later.pk

    def test_words_go_both_ways_and_past_the_gate_from_the_sender(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        services.say(receiver.actor, receiver.keyring, referral.pk, "Bisa besok?")
        with clock.frozen(MONDAY + timedelta(minutes=1)):
            services.say_to_receiver(sender.actor, sender.keyring, referral.pk, "Bisa, pukul sepuluh.")
        for opened in (receiver.opens(referral), sender.reads(referral)):
            assert [news.text for news in opened.news] == ["Bisa besok?", "Bisa, pukul sepuluh."]
        assert [news.by for news in receiver.opens(referral).news] == ["Partner", "Kak Case"]
        assert [news.by for news in sender.reads(referral).news] == ["Kak Partner", "Case Worker"]

    def test_a_later_version_is_read_at_once_and_the_earlier_one_stays(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        receiver.accept(referral)
        sender.amend(referral)
        opened = receiver.opens(referral)
        assert opened.newest.sections == {"contact": "Versi berikut"}
        assert [version.number for version in opened.versions] == [2, 1]
        assert Version.objects.values("record").distinct().count() == 2

    def test_what_is_not_possible_is_refused(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        with pytest.raises(Conflict):
            receiver.deliver(referral)
        with pytest.raises(BadInput):
            receiver.decline(referral, "because")
        with pytest.raises(BadInput):
            receiver.decline(referral, "other")
        receiver.accept(referral)
        with pytest.raises(Conflict):
            receiver.accept(referral)
        for wrong in ({"on": date(2026, 11, 22)}, {"on": date(2026, 11, 24)}, {"minutes": 0}, {"child_came": False}):
            with pytest.raises(BadInput):
                receiver.deliver(referral, **wrong)
        with pytest.raises(BadInput):
            receiver.complete(referral, "not_reached", words="")
        with pytest.raises(Conflict):
            services.accept(receiver.actor, receiver.keyring, referral.pk, version=1)


class TestANo:
    def test_takes_the_keys_and_asks_for_another_body(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        mail.outbox.clear()
        receiver.decline(referral, "full", words="Sampai Januari penuh")
        opened = receiver.opens(referral)
        assert (opened.versions, opened.news) == ((), ())
        assert opened.referral.state == State.DECLINED
        assert [news.text for news in sender.reads(referral).news] == ["Sampai Januari penuh"]
        task = CaseTask.objects.get(kind=TaskKind.REFERRAL, subject=referral.pk)
        assert (task.assignee_id, task.done_at) == (sender.user.pk, None)
        assert [letter.to for letter in mail.outbox] == [[sender.user.email]]

        second = sender.send(sender.draft(referral.case, provider(), second_choice_of=referral.pk))
        task.refresh_from_db()
        assert task.done_at is not None
        assert second.second_choice_of_id == referral.pk

    def test_the_second_choice_lets_a_silent_first_one_lapse(self, sender: Worker, receiver: Worker, body: Any) -> None:
        first = sender.sent(body)
        sender.send(sender.draft(first.case, provider(), second_choice_of=first.pk))
        first.refresh_from_db()
        assert first.state == State.LAPSED
        assert receiver.opens(first).versions == ()


class TestTakenBack:
    def test_the_receiver_reads_no_more_and_nothing_later(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        copied = vault.open_with_team(record_id=referral.versions.get().record_id, keyring=receiver.keyring)
        receiver.accept(referral)
        sender.revoke(referral, "not_safe", words="Ada kabar baru")
        assert receiver.opens(referral).versions == ()
        with pytest.raises(NotAllowed):
            receiver.deliver(referral)
        later = sender.amend(referral)
        assert later.shared_at is None
        first = Version.objects.get(number=1)
        for version in (first, later):
            with pytest.raises(NotAllowed):
                vault.open_with_team(record_id=version.record_id, keyring=receiver.keyring)
        # Who copied the keys reads what was there then, and nothing that was written afterwards.
        assert vault.get(record_id=first.record_id, keys=copied, field="section:contact")
        with pytest.raises(NotAllowed):
            vault.get(record_id=later.record_id, keys=copied, field="section:contact")
        opened = sender.reads(referral)
        assert opened.kept["revoked"] == "Ada kabar baru"
        assert "referral" not in "".join(vault.fields(first.record_id))
        with pytest.raises(Conflict):
            sender.revoke(referral)

    def test_a_yes_that_is_taken_back_stops_it_at_once_and_tells_the_worker(
        self, sender: Worker, receiver: Worker, body: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        case = sender.ready_case()
        referral = sender.sent(body, case)
        other = sender.draft(case, provider())
        receiver.accept(referral)
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            sender.withdraw(case, "guardian")
        referral.refresh_from_db()
        assert (referral.state, referral.reason) == (State.REVOKED, "consent_withdrawn")
        assert receiver.opens(referral).versions == ()
        assert CaseTask.objects.filter(kind=TaskKind.REFERRAL, subject=referral.pk, done_at=None).exists()
        assert [sender.user.email] in [letter.to for letter in mail.outbox]
        other.refresh_from_db()
        assert other.state == State.DRAFT

    def test_a_childs_no_ends_also_what_was_decided_before_it(
        self, cast: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.case()
        decide(cast, case)
        referral = sender.sent(body, case)
        sender.guardian(case)
        with clock.frozen(MONDAY + timedelta(minutes=3)):
            sender.consent(case, answer="refused")
        referral.refresh_from_db()
        assert referral.state == State.REVOKED

    def test_another_purpose_is_not_touched(self, sender: Worker, receiver: Worker, body: Any) -> None:
        case = sender.ready_case(SERVICE, "legal")
        referral = sender.sent(body, case)
        sender.consent(case, "legal", answer="refused")
        referral.refresh_from_db()
        assert referral.state == State.SENT

    def test_a_decision_in_the_place_of_another_carries_on(self, cast: Any, sender: Worker, body: Any) -> None:
        case = sender.case()
        first = decide(cast, case)
        referral = sender.sent(body, case)
        second = decide(cast, case, replaces=first.pk)
        referral.refresh_from_db()
        assert (referral.state, referral.decision_id) == (State.SENT, second.pk)
        decide(cast, case, replaces=second.pk, choice="not_now")
        referral.refresh_from_db()
        assert referral.state == State.REVOKED


class TestWhoReceives:
    def test_nobody_without_a_role_there_and_nobody_of_a_named_team(
        self, cast: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        for user in (cast.analyst, cast.data_analyst, cast.administrator, cast.auditor, cast.other_analyst):
            with pytest.raises(NotFound):
                services.open_received(cast.actor(user), receiver.keyring, referral.pk)
        CaseExclusion.objects.create(case=referral.case, team=cast.partner_team)
        with pytest.raises(NotFound):
            receiver.opens(referral)

    def test_a_role_without_the_key_opens_nothing(self, cast: Any, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.sent(body)
        vault.revoke_grants(holder=receiver.user.pk, team_id=cast.partner_team.pk)
        with pytest.raises(NotAllowed):
            receiver.opens(referral)
        with pytest.raises(NotAllowed):
            receiver.accept(referral)

    def test_a_draft_shows_to_nobody_there(self, sender: Worker, receiver: Worker, body: Any) -> None:
        referral = sender.draft(sender.ready_case(), body)
        with pytest.raises(NotFound):
            receiver.accept(referral)


class TestABodyWithoutAnAccount:
    def test_the_worker_writes_down_what_it_says(self, sender: Worker) -> None:
        body = provider()
        referral = sender.sent(body)
        services.heard_voice(sender.actor, sender.keyring, referral.pk, person="Bu Ratna, penerima tamu")
        today = MONDAY.date()
        services.heard_delivery(
            sender.actor, sender.keyring, referral.pk, services.DeliveredInput(on=today, words="Datang berdua")
        )
        services.heard_outcome(sender.actor, sender.keyring, referral.pk, "reached", words="")
        opened = sender.reads(referral)
        assert {news.person or news.text for news in opened.news} == {"Bu Ratna, penerima tamu", "Datang berdua", ""}
        assert not any(news.by_receiver for news in opened.news)
        assert opened.referral.state == State.COMPLETED

    def test_for_one_with_an_account_only_the_voice_is_written_down(self, sender: Worker, body: Any) -> None:
        referral = sender.sent(body)
        with pytest.raises(NotAllowed):
            services.heard_yes(sender.actor, sender.keyring, referral.pk)
        with pytest.raises(NotAllowed):
            services.heard_outcome(sender.actor, sender.keyring, referral.pk, "reached", words="")
        services.heard_voice(sender.actor, sender.keyring, referral.pk, person="Pak Hadi")
        assert Referral.objects.get().state == State.ACCEPTED
        assert News.objects.get().kind == "voice"


def test_some_weeks_after_the_end_the_receiver_reads_it_no_more(sender: Worker, receiver: Worker, body: Any) -> None:
    referral = sender.sent(body)
    receiver.accept(referral)
    receiver.complete(referral)
    assert receiver.opens(referral).newest.goal
    assert tasks.run(MONDAY + timedelta(days=29)) == 0
    assert tasks.run(MONDAY + timedelta(days=30)) == 1
    assert tasks.run(MONDAY + timedelta(days=30)) == 0
    assert receiver.opens(referral).versions == ()
    assert sender.reads(referral).newest.goal
