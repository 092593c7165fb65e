"""A referral leaves on a ground, past the gate, to a body that fits; and what the receiver opens of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lindung.audit.models import Event
from lindung.casework.errors import Barred, CaseClosed, NoConsent
from lindung.casework.models import Case, CaseExclusion, Standing
from lindung.casework.models_rights import Answer, BarredKind, Giver, Outgoing
from lindung.casework.services import barring
from lindung.casework.services.barring import BarInput
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.referrals import services
from lindung.referrals.errors import DoesNotFit
from lindung.referrals.models import Referral, State, Version, Way
from lindung.referrals.tests.people import MONDAY, SERVICE, Worker, decide, provider
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

pytestmark = pytest.mark.django_db


class TestTheGround:
    def test_with_the_yes_of_those_who_count_it_is_sent(self, sender: Worker, body: Any) -> None:
        referral = sender.sent(body)
        assert (referral.state, referral.way, referral.ground) == (State.SENT, Way.PLATFORM, "uu_27_2022_25_2")
        assert referral.consent is not None
        assert referral.decision is None
        assert referral.sent_at == MONDAY
        assert Outgoing.objects.get().organisation_id == body.pk
        [event] = Event.objects.filter(kind="referral.sent")
        assert event.subject == referral.pk.hex
        assert referral.case_id.hex in event.data

    def test_without_a_yes_nothing_leaves(self, sender: Worker, body: Any) -> None:
        case = sender.case()
        referral = sender.draft(case, body)
        with pytest.raises(NoConsent):
            sender.send(referral)
        referral.refresh_from_db()
        assert (referral.state, referral.sent_at) == (State.DRAFT, None)
        assert not Version.objects.filter(shared_at__isnull=False).exists()
        assert not Outgoing.objects.exists()

    def test_a_yes_for_something_else_is_none_for_this(self, sender: Worker, body: Any) -> None:
        case = sender.ready_case("legal")
        with pytest.raises(NoConsent):
            sender.send(sender.draft(case, body))

    def test_a_decision_of_two_people_stands_in_its_place(self, cast: Any, sender: Worker, body: Any) -> None:
        case = sender.case()
        made = decide(cast, case)
        referral = sender.send(sender.draft(case, body))
        assert (referral.decision_id, referral.consent_id, referral.ground) == (made.pk, None, "best_interests")

    def test_a_childs_no_needs_a_decision_made_after_it(self, cast: Any, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        referral = sender.draft(case, body)
        with clock.frozen(MONDAY + timedelta(minutes=5)):
            sender.consent(case, answer=Answer.REFUSED)
            with pytest.raises(NoConsent):
                sender.send(referral)
        with clock.frozen(MONDAY + timedelta(minutes=9)):
            decide(cast, case, question="child_disagrees")
            assert sender.send(referral).ground == "best_interests"

    def test_the_database_itself_refuses_to_call_sent_what_has_no_ground(self, sender: Worker, body: Any) -> None:
        referral = sender.draft(sender.case(), body)
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.filter(pk=referral.pk).update(state=State.SENT, sent_at=clock.now())


class TestTheBody:
    def test_who_only_facilitates_is_not_the_right_one(self, sender: Worker) -> None:
        referral = sender.draft(sender.ready_case(), provider(does="facilitates"))
        with pytest.raises(DoesNotFit) as refused:
            sender.send(referral)
        assert [one.code for one in refused.value.found] == ["not_provider"]

    @pytest.mark.parametrize(
        ("offered", "told", "expected"),
        [
            ({"regions": ["32"]}, {}, ["not_covered"]),
            ({"regions": ["31.71"]}, {}, []),
            ({"whole_country": True, "regions": []}, {"province": "", "regency": ""}, []),
            ({"accepts_boys": False}, {"sex": "male"}, ["boys"]),
            ({"accepts_boys": None}, {"sex": "male"}, ["boys"]),
            ({"accepts_boys": False}, {}, []),
            ({"age_from": 16}, {}, ["age"]),
            ({"sign_language": False}, {"easier": ["sign"]}, ["sign_language"]),
            ({"active": False}, {}, ["not_active"]),
            ({}, {"age_band": "unknown"}, ["age_unknown"]),
            ({"always_open": False, "night_admission": False}, {}, []),
        ],
    )
    def test_it_takes_this_child_where_it_is(
        self, sender: Worker, offered: Any, told: Any, expected: list[str]
    ) -> None:
        referral = sender.draft(sender.ready_case(**told), provider(**offered))
        if not expected:
            assert sender.send(referral).overridden == ""
            return
        with pytest.raises(DoesNotFit) as refused:
            sender.send(referral)
        assert [one.code for one in refused.value.found] == expected
        assert len(refused.value.words) == len(expected)

    def test_when_it_is_urgent_it_must_be_open_or_take_children_at_night(self, sender: Worker) -> None:
        case = sender.ready_case(risk="high")
        office = {"weekday": 0, "opens": "08:00", "closes": "16:00"}
        by_day = provider(always_open=False, night_admission=False, hours_of_day=[office])
        with clock.frozen(MONDAY + timedelta(hours=12)):
            with pytest.raises(DoesNotFit) as refused:
                sender.send(sender.draft(case, by_day))
            assert [one.code for one in refused.value.found] == ["closed", "night"]
            assert sender.send(sender.draft(case, provider(always_open=False, hours_of_day=[office]))).state == "sent"
        assert sender.send(sender.draft(case, by_day)).overridden == ""

    def test_a_written_reason_sends_it_all_the_same(self, sender: Worker) -> None:
        referral = sender.sent(provider(accepts_girls=None, does="facilitates"), override="Satu-satunya yang ada")
        assert referral.overridden == "not_provider girls?"
        assert sender.reads(referral).kept["override"] == "Satu-satunya yang ada"

    def test_nobody_is_asked_who_is_gone_or_never_offered_it(self, sender: Worker) -> None:
        case = sender.ready_case()
        for body in (provider(until=MONDAY.date()), provider(service="legal")):
            with pytest.raises(BadInput) as refused:
                sender.send(sender.draft(case, body), override="tetap")
            assert refused.value.field == "organisation"

    def test_a_body_that_the_case_names_is_never_asked(self, cast: Any, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        referral = sender.draft(case, body)
        CaseExclusion.objects.create(case=case, team=cast.partner_team)
        with pytest.raises(BadInput):
            sender.send(referral)
        with pytest.raises(BadInput):
            sender.draft(case, body)

    def test_ones_own_team_is_no_other_body(self, cast: Any, sender: Worker) -> None:
        with pytest.raises(BadInput):
            sender.draft(sender.ready_case(), provider(cast.intake))

    def test_a_body_whose_team_changed_since_is_not_sent_what_was_written_for_the_other(
        self, cast: Any, sender: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        draft, going_on = sender.draft(case, body), sender.sent(body, case)
        body.team = cast.other_intake
        body.save()
        with pytest.raises(BadInput):
            sender.send(draft)
        with pytest.raises(BadInput):
            sender.amend(going_on)
        assert Version.objects.filter(shared_at__isnull=False).count() == 1

    def test_without_a_team_here_it_goes_on_paper(self, sender: Worker) -> None:
        referral = sender.sent(provider())
        assert (referral.way, referral.receiving_team_id) == (Way.LETTER, None)
        assert WrappedKey.objects.filter(record__kind="referral").count() == 2


class TestTheGate:
    def test_a_barred_fact_stops_the_draft_and_the_sending(self, cast: Any, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        referral = sender.draft(case, body, goal="Keluarga tahu tentang pesantren lama")
        entry = BarInput(kind=BarredKind.FACT, what="Asal sekolah", words=["pesantren"])
        barring.bar(sender.actor, sender.keyring, case.pk, entry)
        with pytest.raises(Barred) as refused:
            sender.send(referral)
        assert "pesantren" not in str(refused.value.message)
        with pytest.raises(Barred):
            sender.draft(case, body, sections={"contact": "p e s a n t r e n"})

    def test_a_number_that_nobody_may_call_stops_the_goal_and_the_sections(self, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        sender.guardian(case, Standing.IMPLICATED, name="Pak Doni", relation="ayah", contact="081234567890")
        for words in ({"goal": "Hubungi ayah di 0812-3456-7890"}, {"sections": {"needs": "tanya +62 812 3456 7890"}}):
            with pytest.raises(Barred) as refused:
                sender.draft(case, body, **words)
            assert "3456" not in str(refused.value.message)
        assert not Version.objects.exists()

    def test_a_barred_section_stays_in(self, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        entry = BarInput(kind=BarredKind.FACT, what="Kesehatan", section="health")
        barring.bar(sender.actor, sender.keyring, case.pk, entry)
        with pytest.raises(Barred):
            sender.draft(case, body, sections={"health": "apa pun"})

    def test_what_may_not_be_told_travels_as_an_instruction_without_its_words(
        self, cast: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        referral = sender.draft(case, body)
        sender.guardian(case, Standing.IMPLICATED, name="Pak Doni", relation="ayah", contact="081234567890")
        decide(cast, case, question="guardian_left_out")
        entry = BarInput(kind=BarredKind.FACT, what="Diagnosis lama", words=["diagnosis"])
        barring.bar(sender.actor, sender.keyring, case.pk, entry)
        sender.send(referral)
        text = receiver.opens(referral).newest.sections["cautions"]
        assert "Pak Doni" in text
        assert "081234567890" not in text
        assert "iagnosis" not in text
        assert len(text.splitlines()) == 2
        assert Version.objects.filter(referral=referral).count() == 2, "a version of its own, because the list changed"

    def test_a_service_never_gets_what_it_does_not_need(self, sender: Worker, body: Any) -> None:
        for sections in ({"suspect": "nama"}, {"nothing": "x"}):
            with pytest.raises(BadInput):
                sender.draft(sender.ready_case(), body, sections=sections)


class TestWhoOpensIt:
    def test_the_receiver_reads_what_was_chosen_and_nothing_else(
        self, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = sender.draft(sender.ready_case(), body)
        with pytest.raises(NotFound):
            receiver.opens(referral)
        sender.send(referral)
        opened = receiver.opens(referral)
        assert opened.newest.goal == "Pendampingan psikologis setelah ancaman"
        assert opened.newest.sections == {"contact": "Lewat kode saja", "needs": "Bahasa Jawa"}
        assert opened.kept == {}
        with pytest.raises(NotFound):
            receiver.reads(referral)
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=referral.case.record_id, keyring=receiver.keyring)

    def test_colleagues_who_may_not_open_the_case_do_not_open_its_referrals(
        self, cast: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        for user in (cast.analyst, cast.other_analyst, cast.independent_analyst):
            with pytest.raises(NotFound):
                Worker(cast, user).reads(referral)
        assert Worker(cast, cast.supervisor).reads(referral).newest.goal

    def test_a_draft_can_be_thrown_away_with_its_words(self, sender: Worker, body: Any) -> None:
        referral = sender.draft(sender.ready_case(), body)
        record = referral.versions.get().record_id
        services.discard(sender.actor, referral.pk)
        assert not Referral.objects.exists()
        assert vault.fields(record) == {}
        sent = sender.sent(body)
        with pytest.raises(Conflict):
            services.discard(sender.actor, sent.pk)

    def test_two_who_write_the_same_draft_lose_nothing(self, sender: Worker, body: Any) -> None:
        referral = sender.draft(sender.ready_case(), body)
        sender.amend(referral, version=1)
        with pytest.raises(Conflict):
            sender.amend(referral, version=1, goal="Yang lain")
        assert len(sender.reads(referral).versions) == 2

    def test_nothing_is_sent_from_a_closed_case(self, sender: Worker, body: Any) -> None:
        referral = sender.draft(sender.ready_case(), body)
        Case.objects.filter(pk=referral.case_id).update(state="closed", closed_at=clock.now())
        with pytest.raises(CaseClosed):
            sender.send(referral)

    def test_who_does_not_work_on_the_case_sends_nothing(self, cast: Any, sender: Worker, body: Any) -> None:
        referral = sender.draft(sender.ready_case(), body)
        with pytest.raises(NotFound):
            Worker(cast, cast.analyst).send(referral)


def test_the_yes_of_a_guardian_alone_is_not_enough_for_a_child_who_understands(sender: Worker, body: Any) -> None:
    case = sender.case()
    guardian = sender.guardian(case)
    sender.consent(case, giver=Giver.GUARDIAN, person=guardian.pk)
    with pytest.raises(NoConsent):
        sender.sent(body, case)
    sender.consent(case, SERVICE)
    assert sender.sent(body, case).state == State.SENT
