"""A case changes hands with everything that it handed over; the mailbox tells of referrals to a child alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lindung.casework.models import CaseReport, ChildEvent
from lindung.casework.services import moving
from lindung.casework.tests.test_moving import receiving
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed
from lindung.referrals import rules, told
from lindung.referrals.models import State, Version
from lindung.referrals.rules import Standing
from lindung.referrals.tests.people import MONDAY, Worker, provider
from lindung.reporting.models import Report
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

pytestmark = pytest.mark.django_db


def opens(worker: Worker, referral: Any) -> list[bool]:
    """Which versions of a referral somebody's keys open, the first one first."""
    found = []
    for version in Version.objects.filter(referral=referral).order_by("number"):
        try:
            vault.open_with_team(record_id=version.record_id, keyring=worker.cast.keyring(worker.user))
            found.append(True)
        except NotAllowed:
            found.append(False)
    return found


@pytest.fixture
def ours(cast: Any) -> Worker:
    return Worker(cast, cast.supervisor)


@pytest.fixture
def theirs(cast: Any) -> Worker:
    """The supervisor of the other team: the analyst of the cast with one role more."""
    return Worker(cast, receiving(cast).user)


def offer(ours: Worker, case: Any) -> Any:
    return moving.offer(
        ours.actor, ours.keyring, case.pk, ours.cast.other_intake.pk, reason="child_moved", words="Anak pindah."
    )


class TestMoving:
    def test_every_version_goes_along_and_the_receiver_keeps_what_is_shared(
        self, sender: Worker, receiver: Worker, ours: Worker, theirs: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        referral, draft = sender.sent(body, case), sender.draft(case, provider())
        move = offer(ours, case)
        sender.amend(referral)  # the child's services do not wait for the answer
        assert opens(theirs, referral) == [False, False]
        assert opens(receiver, referral) == [True, True]
        moving.accept(theirs.actor, theirs.keyring, move.pk)
        assert opens(theirs, referral) == [True, True]
        assert opens(theirs, draft) == [True]
        assert opens(sender, referral) == [False, False]
        assert opens(receiver, referral) == [True, True]
        assert receiver.opens(referral).newest.goal

    def test_nothing_of_it_stays_with_a_team_that_said_no(
        self, sender: Worker, ours: Worker, theirs: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        referral = sender.sent(body, case)
        moving.decline(theirs.actor, offer(ours, case).pk, reason="full")
        assert opens(theirs, referral) == [False]
        assert opens(sender, referral) == [True]
        assert not WrappedKey.objects.filter(recipient="offered").exists()

    def test_a_team_that_received_it_and_takes_the_case_over_reads_on_as_the_sender(
        self, cast: Any, sender: Worker, ours: Worker, theirs: Worker
    ) -> None:
        case = sender.ready_case()
        referral = sender.sent(provider(cast.other_intake), case)
        move = offer(ours, case)
        with pytest.raises(BadInput):
            sender.draft(case, referral.organisation)
        ours.revoke(referral)
        assert opens(theirs, referral) == [False]
        moving.accept(theirs.actor, theirs.keyring, move.pk)
        assert opens(theirs, referral) == [True]
        assert opens(sender, referral) == [False]


class TestTelling:
    def test_each_step_once_what_is_furthest_first(self) -> None:
        both = [Standing(State.SENT), Standing(State.IN_SERVICE), Standing(State.SENT)]
        assert rules.told(both) == ("in_service", "sent")
        assert rules.told([Standing(State.DRAFT)]) == ()
        assert rules.told([Standing(State.DECLINED, "full")]) == ("searching",)
        assert rules.told([Standing(State.DECLINED, "full", followed=True), Standing(State.SENT)]) == ("sent",)
        assert rules.told([Standing(State.LAPSED), Standing(State.COMPLETED)]) == ("searching", "completed")
        assert rules.told([Standing(State.REVOKED, "mistake")]) == ()
        assert rules.told([Standing(State.REVOKED, "consent_withdrawn")]) == ("stopped",)

    def test_a_child_reads_it_and_nobody_else_who_told(
        self, cast: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        report = CaseReport.objects.get(case=case).report_id
        assert told.told(report) == ()
        referral = sender.sent(body, case)
        assert told.told(report) == ("Kami sedang menanyakan siapa yang bisa ikut membantu. Kami tunggu jawabannya.",)
        receiver.accept(referral)
        assert "siap ikut membantu" in told.told(report)[0]
        Report.objects.filter(pk=report).update(path="parent")
        assert told.told(report) == ()
        Report.objects.filter(pk=report).update(path="child")
        with clock.frozen(MONDAY + timedelta(minutes=1)):
            ChildEvent.objects.create(case=case, kind="missing", on=MONDAY.date(), at=clock.now(), by=cast.case_worker)
        assert told.told(report) == (), "nobody knows who reads there now"

    def test_no_sentence_names_a_body_a_service_or_a_place(self) -> None:
        from lindung.directory import knowledge as directory
        from lindung.referrals import knowledge

        words = {word for kind in directory.services().values() for word in kind.label_id.lower().split()}
        telling = words - {"dan", "atau", "untuk", "tentang", "dengan", "oleh", "lain", "penerimaan", "permintaan"}
        for sentence in knowledge.told().values():
            said = set(sentence.label_id.lower().replace(".", " ").replace(",", " ").split())
            assert not said & telling, said & telling
