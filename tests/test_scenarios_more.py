"""Scenarios 7 to 12 of the review by practice, each from the report to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conftest import fingerprint_of
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest
from lindung.casework import services as casework
from lindung.casework.errors import Barred, NoCaseFromHelp, SharedWorker
from lindung.casework.errors import NotYet as CaseNotYet
from lindung.casework.models import Case, Person, State
from lindung.casework.models_closing import CaseMove
from lindung.casework.models_rights import Consent
from lindung.casework.services import consents, legal
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.directory import selectors as directory
from lindung.directory.rules import ForWhom
from lindung.referrals import services as referrals
from lindung.referrals.errors import DoesNotFit
from lindung.reporting import inbox, selectors, services
from lindung.reporting.errors import NotYet
from lindung.reporting.models import Alert, FollowUp, Report, ReportFact, ReportLink
from lindung.reporting.services import mailbox
from lindung.series.errors import CannotMerge
from lindung.series.services import join, merge
from lindung.takedown import services as takedown
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry
from tests.support.scenarios import Colleague, Office, at, box, listed, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Any) -> Office:
    return Office(cast)


@pytest.fixture
def partner(cast: Any) -> Colleague:
    return Colleague(cast, cast.partner)


def test_7_a_secret_that_stays_a_secret(cast: Any, office: Office, partner: Colleague) -> None:
    """A boy of 15 in Medan fears that his family learns something private: the list travels, the fact does not."""
    with clock.frozen(at("2026-11-23 10:00", 7)):
        sent = tell(path="child", age_band="13-15", sex="male", province="12", regency="12.71",
                    happened=["asked_images"], must_not_know="Keluargaku")  # fmt: skip
        office.judge(sent, risk="medium", forms=("grooming",))
        office.police(sent, "not_enough")
        case = office.case(sent)
        office.worker.bars(case, "Hal pribadi anak", words=["kejora"])
        office.worker.bars(case, "Sekolahnya", section="school")
        office.worker.asked(case, "child", "psychosocial")
        office.worker.asked(case, "official", "psychosocial")
        office.decided(case, "guardian_left_out")

        girls = listed("rumah.putri", "network", "psychosocial", ["12"], accepts_boys=False)
        boys = listed("rumah.teman", "network", "psychosocial", ["12.71"], team=cast.partner_team, lgbt_safe=True)
        found = directory.find(directory.Search(region="12.71", service="psychosocial", child=ForWhom(sex="male")))
        assert found[0].organisation == boys
        assert girls not in [one.organisation for one in found]
        with pytest.raises(DoesNotFit) as refused:
            office.worker.sends(office.worker.drafts(case, girls, "psychosocial"))
        assert [one.code for one in refused.value.found] == ["boys"]
        for more in ({"goal": "Bicara tentang Kejora"}, {"sections": {"needs": "k e j o r a"}},
                     {"sections": {"school": "SMP Satu"}}):  # fmt: skip
            with pytest.raises(Barred):
                office.worker.drafts(case, boys, "psychosocial", **more)
        referral = office.worker.sends(office.worker.drafts(case, boys, "psychosocial", needs=("lgbt_safe",)))
        got = partner.reads(referral).newest
        assert set(got.sections) == {"contact", "cautions"}
        assert "Keluargaku" in got.sections["cautions"]
        assert "kejora" not in f"{got.goal}{got.sections}".lower()
        partner.serves(referral)
        case = office.end(case)
    assert case.state == State.CLOSED
    assert box(sent).outcome


def test_8_a_child_that_cannot_go_on(cast: Any, office: Office) -> None:
    """A child of 17 in Palu, 23:40 WITA: high risk, somebody at once, handed over by voice, asked again in 24 hours."""
    night = at("2026-11-21 23:40", 8)
    with clock.frozen(night):
        sent = tell(path="child", age_band="16-17", province="72", regency="72.71", feeling="selfharm")
        assert sent.report.risk == "high"
        assert Alert.objects.filter(report=sent.report).count() == 3
        office.analyst.open(sent.report)
        said: dict[str, Any] = {"risk": "high", "selfharm": True, "safety_plan": "Kakak menemani malam ini."}
        wrong: dict[str, Any]
        for wrong in ({"next_step": "advice"}, {"next_step": "safety_plan", "safety_plan": ""},
                      {"next_step": "safety_plan", "risk": "medium"}):  # fmt: skip
            with pytest.raises(BadInput):
                office.analyst.triage(sent.again(), **{**said, **wrong})
        office.analyst.triage(sent.again(), **{**said, "next_step": "safety_plan"})
        office.analyst.answer(sent.again(), "Terima kasih sudah bilang. Kamu tidak sendirian.")
        [follow_up] = FollowUp.objects.filter(report=sent.report)
        assert follow_up.due_at == night + timedelta(hours=24), "of the calendar: tomorrow is a Sunday"
        office.analyst.hand_over(sent.report, "surel ke puskesmas", by_voice=False)
        assert sent.again().state != "referred"
        with pytest.raises(NotYet) as left:
            office.analyst.propose(sent.report)
        assert set(left.value.obstacles) == {"follow_up", "handover"}
        office.analyst.hand_over(sent.report, "Bu Ratna, layanan krisis")
        assert sent.again().state == "referred"
    with clock.frozen(night + timedelta(hours=20)):
        with pytest.raises(NotYet) as left:
            office.analyst.propose(sent.report)
        assert left.value.obstacles == ("follow_up",)
        services.complete_follow_up(office.analyst.actor, follow_up.pk)
        office.analyst.propose(sent.again())
    assert (sent.again().state, sent.report.outcome) == ("closed", "safety_plan")
    assert box(sent).outcome


def test_9_two_children_of_one_event(cast: Any, office: Office, partner: Colleague) -> None:
    """A child of 13 spread invented pictures of a classmate and was hurt before: two statuses, two workers."""
    second = Colleague(cast, cast.second_analyst)
    with clock.frozen(at("2026-11-23 10:00", 7)):
        sent = tell(path="professional", who="teacher", age_band="13-15", sex="female", province="31", regency="31.71",
                    happened=["fake_image"])  # fmt: skip
        office.judge(sent, risk="medium", forms=("ai_csam",))
        office.police(sent, "not_enough")
        classmate = office.case(sent)
        child = casework.open_from_reports(
            *office.analyst.hands, [sent.report.pk], take=False, another_child=True,
            for_child={"age_band": "13-15", "sex": "male"},
        )  # fmt: skip
        with pytest.raises(SharedWorker):
            casework.assign(office.supervisor.actor, child.pk, cast.case_worker.pk)
        casework.assign(office.supervisor.actor, child.pk, second.user.pk)
        with pytest.raises(SharedWorker):
            casework.assign(office.supervisor.actor, classmate.pk, second.user.pk, "co")
        with pytest.raises(NotFound):
            office.worker.opens(child)

        with pytest.raises(BadInput):
            casework.set_statuses(*second.hands, child.pk, ["victim", "hsb_under_12"])
        casework.set_statuses(*second.hands, child.pk, ["victim", "hsb_12_17"])
        assert second.opens(child).child["statuses"] == ["victim", "hsb_12_17"]
        office.worker.names(classmate, "alleged_offender", name="Anak itu", also_child=True)
        assert legal.mediation_possible(office.again(classmate)), "all of them are children: a lawyer may be asked"

        probation = listed("bapas.jakarta", "probation", "legal", ["31"])
        psychologist = listed("psikolog.jakarta", "psychologist", "psychological", ["31"], team=cast.partner_team)
        second.both_agree(child, "legal")
        office.worker.both_agree(classmate, "psychological")
        helped = office.worker.sends(office.worker.drafts(classmate, psychologist, "psychological"))
        guided = second.sends(second.drafts(child, probation, "legal", goal="Pembimbing kemasyarakatan"))
        partner.serves(helped)
        referrals.heard_yes(*second.hands, guided.pk)
        second.hears_the_end(guided)
        office.end(classmate)
        assert sent.again().state != "closed", "one child of the report is still accompanied"
        office.end(child, worker=second)
    assert set(Case.objects.values_list("state", flat=True)) == {State.CLOSED}
    assert (sent.again().state, sent.report.outcome) == ("closed", "case_ended")


def test_10_an_adult_who_asks_for_help_is_no_case(cast: Any, office: Office) -> None:
    """Somebody is afraid of harming a child; nobody is known to be harmed. Help, never a case, never a list."""
    with clock.frozen(at("2026-11-23 10:00", 7)):
        sent = tell(path="worried_self", province="31", accounts="@akun_sendiri", words="Aku ingin dibantu.")
        other = tell(path="child", province="31", accounts="@akun_sendiri")
        assert sent.report.is_help
        [row] = [row for row in inbox.listed(office.analyst.actor) if row.report.pk == sent.report.pk]
        assert row.queue == "help"
        assert selectors.links(other.report, office.analyst.actor) == []
        assert set(ReportFact.objects.filter(report=sent.report).values_list("field", flat=True)) == {"province"}
        assert not BlindEntry.objects.filter(record=sent.report.record_id).exists()

        hands, pk = office.analyst.hands, sent.report.pk
        with pytest.raises(NoCaseFromHelp):
            casework.open_from_reports(*hands, [pk])
        with pytest.raises(BadInput):
            join(office.analyst.actor, pk, other.report.pk, "identifier")
        with pytest.raises(CannotMerge):
            merge(office.analyst.actor, pk, other.report.pk)
        with pytest.raises(BadInput):
            takedown.add(*hands, pk, entries=[("url", "https://contoh.invalid/1")], addressees=["iwf"], bases=["iwf"])

        office.analyst.open(sent.report)
        office.analyst.triage(sent.report, risk="low", next_step="advice", child_known=False)
        office.analyst.answer(sent.again(), "Terima kasih sudah bertanya. Psikolog bisa membantu tanpa menghakimi.")
        assert box(sent).is_help
        assert len(box(sent).messages) == 1
        office.analyst.propose(sent.again())
    assert (sent.again().state, sent.report.outcome) == ("closed", "advice")
    assert not Case.objects.exists()
    assert not Person.objects.exists()


def test_11_six_reports_of_one_side_of_a_quarrel(cast: Any, office: Office) -> None:
    """The child is looked at first; two people close; nobody is called a liar."""
    second = Colleague(cast, cast.second_analyst)
    with clock.frozen(at("2026-11-23 10:00", 7)):
        sent = [
            tell(path="parent", who="parent", age_band="6-9", province="31", words=f"Laporan {n}") for n in range(6)
        ]
        lead, *rest = sent
        for one in rest:
            merge(office.analyst.actor, one.report.pk, lead.report.pk)
        assert [row.report.pk for row in inbox.listed(office.analyst.actor)] == [lead.report.pk]
        for one in sent:
            office.analyst.open(one.again())
        office.analyst.triage(lead.again(), risk="low", next_step="misuse", reason="Anak ditemui dan aman.")
        office.analyst.attempt(lead.report, "school", "Guru kelas bertemu anak.")
        for reason in ("misuse", "done"):
            with pytest.raises(BadInput):
                office.analyst.propose(lead.again(), reason, safety_checked=False)
        proposal = office.analyst.propose(lead.again(), "misuse")
        assert lead.again().state != "closed"
        with pytest.raises(NotAllowed):
            office.analyst.confirm(proposal)
        second.confirm(proposal)
    outcomes = {box(one).outcome for one in sent}
    assert {one.again().state for one in sent} == {"closed"}
    assert len(outcomes) == 1
    for word in ("bohong", "palsu", "salah", "menyalahgunakan"):
        assert not any(word in outcome.lower() for outcome in outcomes)


@pytest.fixture
def independent(cast: Any) -> Office:
    """The independent body with three people of its own, each with the team's key."""
    system, made = Actor.system(), []
    for name, role in (("pendamping", "case_worker"), ("pengawas", "supervisor")):
        user = accounts.add_user(
            actor=system, organisation=cast.independent_organisation, username=name, display_name=name,
            passphrase=f"kunci rumah {name[::-1]} di atas meja", temporary=False, roles=[(cast.independent.pk, role)],
        )  # fmt: skip
        made.append(user)
    first = cast.independent_analyst
    for request in GrantRequest.objects.filter(team=cast.independent):
        heard = fingerprint_of(request.user_id)[:11]
        accounts.decide_grant(actor=cast.actor(first), request=request, keyring=cast.keyring(first), heard=heard)
    return Office(cast, first, *made)


def test_12_about_somebody_at_a_partner(cast: Any, office: Office, independent: Office) -> None:
    """A way of its own, a wish to stop that waits, a lost receipt, a referral taken back, and four eyes at the end."""
    monday = at("2026-11-23 10:00", 7)
    told = {"path": "child", "age_band": "13-15", "province": "31", "regency": "31.71", "concern": ["partner"],
            "happened": ["approached"]}  # fmt: skip
    with clock.frozen(monday):
        old = tell(**told)
        assert old.report.team_id == cast.independent.pk
        for colleague in (office.analyst, office.supervisor, Colleague(cast, cast.partner)):
            assert old.report not in selectors.visible_to(colleague.actor)
            with pytest.raises(NotFound):
                colleague.open(old.report)
        independent.judge(old, risk="medium", forms=("grooming",))
        independent.police(old, "not_enough")
        case = independent.case(old)
        worker = independent.worker
        worker.both_agree(case, "psychological")
        named = listed("mitra.satu", "network", "psychological", ["31"], team=cast.partner_team)
        with pytest.raises(BadInput):
            worker.drafts(case, named, "psychological")
        elsewhere = listed("psikolog.lain", "psychologist", "psychological", ["31"], team=cast.other_intake)
        referral = worker.sends(worker.drafts(case, elsewhere, "psychological"))
        roles = [(cast.other_intake.pk, "case_worker")]
        accounts.set_roles(actor=Actor.system(), user=cast.other_analyst, roles=roles)
        receiver = Colleague(cast, cast.other_analyst)
        assert receiver.reads(referral).newest.sections["contact"]

    with clock.frozen(monday + timedelta(days=2)):
        asked = mailbox.ask_to_stop(old.visit())
        assert (asked.state, asked.reason) == ("supervisor", "open_case"), "somebody works on it: nothing is locked"
        assert box(old).step_code == "withdrawal_supervisor"
        assert worker.opens(case), "and the work goes on"
        with pytest.raises(CaseNotYet) as left:
            worker.proposes_end(case)
        assert "report_withdrawal" in left.value.obstacles
        new = tell(**told, told_before="Senin yang lalu")
        assert new.report.team_id == cast.independent.pk
        independent.analyst.open(new.report)
        services.link_reports(independent.analyst.actor, new.report.pk, old.report.pk, "told_before")
        with pytest.raises(NotAllowed):
            services.decide_withdrawal(independent.analyst.actor, old.report.pk, "keep")
        services.decide_withdrawal(independent.supervisor.actor, old.report.pk, "keep")
        casework.add_report(*worker.hands, case.pk, new.report.pk)
        assert len(worker.opens(case).reports) == 2
        assert box(new).messages == box(old).messages == ()
        assert mailbox.enter(new.code, "x").report_id != mailbox.enter(old.code, "x").report_id

        [yes] = Consent.objects.filter(case=case, giver="child", withdrawn_at=None)
        consents.withdraw(*worker.hands, case.pk, yes.pk)
        referral.refresh_from_db()
        assert (referral.state, referral.reason) == ("revoked", "consent_withdrawn")
        assert receiver.reads(referral).versions == (), "that it was there, and nothing else"
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=referral.versions.get().record_id, keyring=receiver.keyring)
        proposal = worker.proposes_end(case, "child_wishes")
        with pytest.raises(NotAllowed):
            worker.approves(proposal)
        independent.supervisor.approves(proposal)
    assert independent.again(case).state == State.CLOSED
    assert {one.again().state for one in (old, new)} == {"closed"}
    assert Report.objects.exclude(team=cast.independent).count() == 0
    assert ReportLink.objects.count() == 1
    assert not CaseMove.objects.exists()
