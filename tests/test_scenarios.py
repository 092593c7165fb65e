"""Scenarios 1 to 6 of the review by practice, each from the report to the end of its case. 7 to 12: the next file."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from conftest import Browser
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.casework import rules_risk
from lindung.casework import services as casework
from lindung.casework.errors import Barred, NoConsent
from lindung.casework.models import CaseTask, PlaceRole, State, TaskKind
from lindung.casework.models_closing import FollowUp as LookAfter
from lindung.casework.models_legal import Tip
from lindung.casework.models_rights import Outgoing
from lindung.casework.services import legal, moving, people
from lindung.casework.services import places as lead_places
from lindung.core import clock
from lindung.core.errors import BadInput, NotFound
from lindung.directory import selectors as directory
from lindung.directory.rules import ForWhom
from lindung.portal.tests.conftest import Reporter, text_of
from lindung.referrals import services as referrals
from lindung.referrals import told as referral_news
from lindung.referrals.errors import DoesNotFit
from lindung.reporting import selectors, services
from lindung.reporting.models import PoliceClock, Report
from lindung.reporting.services import alerts, mailbox
from lindung.reporting.tests.conftest import Sent
from lindung.series.services import join, merge
from lindung.takedown import selectors as takedowns
from lindung.takedown import services as takedown
from tests.support.scenarios import SOURCE, Colleague, Office, at, box, listed, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Any) -> Office:
    return Office(cast)


@pytest.fixture
def partner(cast: Any) -> Colleague:
    return Colleague(cast, cast.partner)


def by_the_portal(settings: Any, answers: dict[str, dict[str, Any]], shown: dict[str, str]) -> Sent:
    """A child walks the portal in a browser; each page of `shown` was met and says this."""
    settings.LINDUNG_WALK_MIN_SECONDS = 0
    reporter = Reporter(Browser())
    met = reporter.walk("child", answers)
    for slug, words in shown.items():
        assert slug in met
        assert words in text_of(reporter.get("step", slug))
    code = reporter.send()
    return Sent(Report.objects.get(), code, b"")


def test_1_a_threat_at_night_from_kupang_without_an_address(
    cast: Any, office: Office, partner: Colleague, settings: Any
) -> None:
    """A boy of 14 is threatened in a game for money: Sunday 01:20 WITA, no name, no address."""
    night = at("2026-11-22 01:20", 8)
    for level, user in (("analyst", cast.analyst), ("supervisor", cast.supervisor)):
        hours = night - timedelta(hours=2), night + timedelta(hours=6)
        services.add_shift(office.supervisor.actor, cast.intake.pk, user.pk, level, *hours)
    with clock.frozen(night):
        sent = by_the_portal(
            settings,
            {
                "apa": {"happened": ["threat_to_spread"], "do": "next"},
                "diberi": {"given": ["emoney"], "do": "next"},
                "umur": {"age_band": "13-15", "do": "next"},
                "kelamin": {"sex": "male", "do": "next"},
                "provinsi": {"province": "53", "do": "next"},
                "akun": {"accounts": "@akun_palsu", "do": "next"},
            },
            {"takut": "Take It Down"},
        )
        assert (sent.report.risk, sent.report.tz, sent.report.claimed_by) == ("high", "Asia/Makassar", None)
        alerts.escalate(night)
    assert [letter.to for letter in mail.outbox] == [[cast.analyst.email]]
    assert "akun_palsu" not in mail.outbox[0].body

    with clock.frozen(night + timedelta(minutes=12)):
        office.judge(sent, risk="high", forms=("sextortion",))
        office.analyst.answer(sent.again(), "Jangan membayar dan jangan kirim apa-apa lagi. Simpan nama akunnya.")
        office.analyst.attempt(sent.report, "platform", "Permintaan darurat lewat platform.")
        case = office.case(sent)
        assert not alerts.escalate(night + timedelta(minutes=40)), "somebody is there: nobody else is called"
        assert "Jangan membayar" in box(sent).messages[-1].text
        [police] = legal.police_clocks(case)
        assert police.due_at - sent.report.received_at == timedelta(hours=72)
        office.police(sent)
        office.worker.tips_off(case, "ppatk", "public_information")
        opened = office.worker.opens(case)
        assert opened.child["sex"] == "male"
        assert "address" not in opened.child

    with clock.frozen(at("2026-11-23 10:00", 8)):
        office.worker.both_agree(case, "psychological")
        body = listed("psikolog.kupang", "psychologist", "psychological", ["53"], team=cast.partner_team)
        goal = office.plan(case, "psychological", provider=body.pk)
        referral = office.worker.sends(office.worker.drafts(case, body, "psychological", goal_id=goal.pk))
        assert referral.high_risk
        partner.serves(referral, person="Bu Ratna")
        assert referral_news.told(sent.report.pk)
        case = office.end(case)
    assert (case.state, case.outcome) == (State.CLOSED, "goals_reached")
    assert sent.again().outcome == "case_ended"
    assert box(sent).outcome


def test_2_the_guardian_is_the_alleged_offender(cast: Any, office: Office) -> None:
    """A girl of 11 in Jember reports herself: two people decide, the police within 72 hours."""
    friday = at("2026-11-20 16:00", 7)
    with clock.frozen(friday):
        sent = tell(path="child", age_band="10-12", sex="female", province="35", regency="35.09", happened=["touched"],
                    must_not_know="Ayah")  # fmt: skip
        office.judge(sent, risk="high", forms=("contact",))
        case = office.case(sent)
        father = office.worker.names(case, "guardian", "implicated", name="Pak Doni", contact="081234567890")
        [police] = legal.police_clocks(case)
        assert police.due_at == sent.report.received_at + timedelta(hours=72), "the weekend does not stop this clock"
    with clock.frozen(friday + timedelta(hours=2)):
        body = listed("uptd.jember", "uptd_district", "outreach", ["35.09"])
        with pytest.raises(Barred):
            office.worker.asked(case, "guardian", "outreach", person_id=father.pk)
        office.worker.asked(case, "child", "outreach", "guardian_contact")
        office.worker.asked(case, "official", "outreach", "guardian_contact")
        draft = office.worker.drafts(case, body, "outreach")
        with pytest.raises(NoConsent):
            office.worker.sends(draft)
        decision = office.worker.drafts_decision(case, "guardian_left_out")
        office.worker.signs(decision)
        with pytest.raises(BadInput):
            office.worker.signs(decision)
        with pytest.raises(NoConsent):
            office.worker.sends(draft)
        office.supervisor.signs(decision)
        referral = office.worker.sends(draft)
        assert referral.state == "sent"
        for letter in ("invite_guardian", "call_guardian"):
            with pytest.raises(Barred):
                office.worker.writes(case, letter, person_id=father.pk)
        school = listed("sekolah.wali", "school", "psychosocial", ["35.09"], phone="0812-3456-7890")
        with pytest.raises(Barred):
            office.worker.writes(case, "school_letter", organisation_id=school.pk)
        assert not Outgoing.objects.filter(recipient__isnull=False).exists()
        cautions = referrals.open_sent(*office.worker.hands, referral.pk).newest.sections["cautions"]
        assert "Pak Doni" in cautions
        assert "81234567890" not in cautions
        referrals.heard_voice(*office.worker.hands, referral.pk, person="Bu Sri")
    with clock.frozen(friday + timedelta(hours=60)):
        office.police(sent)
        clock_row = PoliceClock.objects.get(report=sent.report)
        assert clock_row.decision == "reported"
        assert clock_row.decided_at is not None
        assert clock_row.decided_at < clock_row.due_at
        office.worker.hears_the_end(referral)
        case = office.end(case)
    assert case.state == State.CLOSED


def test_3_a_deaf_child_and_a_move_to_another_province(cast: Any, office: Office, partner: Colleague) -> None:
    """A teacher in Sorong reports for a deaf pupil of 13; the child moves to Makassar, and the case with it."""
    Team.objects.filter(pk=cast.other_intake.pk).update(province="96")
    roles = [(cast.other_intake.pk, "analyst"), (cast.other_intake.pk, "supervisor")]
    accounts.set_roles(actor=Actor.system(), user=cast.other_analyst, roles=roles)
    east = Colleague(cast, cast.other_analyst)
    with clock.frozen(at("2026-11-23 09:00", 9)):
        sent = tell(path="professional", who="teacher", age_band="13-15", sex="female", easier=["sign"],
                    happened=["approached"], province="96", regency="96.71")  # fmt: skip
        assert (sent.report.team_id, sent.report.tz) == (cast.other_intake.pk, "Asia/Jayapura")
        east.open(sent.report)
        east.triage(sent.report, risk="medium", next_step="case", forms=("grooming",))
        east.police(sent.again(), "not_enough")
        case = casework.open_from_reports(*east.hands, [sent.report.pk])
        assert east.opens(case).child["accommodations"] == ["sign"]
        casework.set_place(*east.hands, case.pk, PlaceRole.HOME, {"province": "96", "regency": "96.71"})
        casework.set_place(*east.hands, case.pk, PlaceRole.PRESENT, {"province": "73", "regency": "73.71"})
        case = office.again(case)
        assert case.authority == "national", "two provinces: the ministry's task"
        lead = lead_places.lead_of(east.opens(case).places, east.opens(case).child)
        assert (lead.leads[0].kind, lead.help_at) == ("ministry", "73.71")
        offered = moving.offer(*east.hands, case.pk, cast.intake.pk, reason="child_moved", words="Anak pindah.")
        with pytest.raises(NotFound):
            office.supervisor.opens(case)
        moving.accept(*office.supervisor.hands, offered.pk)
        with pytest.raises(NotFound):
            east.opens(case)

    with clock.frozen(at("2026-11-24 10:00", 8)):
        casework.assign(office.supervisor.actor, case.pk, cast.case_worker.pk)
        without = listed("psikolog.a", "psychologist", "psychological", ["73"], sign_language=False)
        signing = listed("psikolog.b", "psychologist", "psychological", ["73"], team=cast.partner_team,
                         sign_language=True)  # fmt: skip
        found = directory.providers("psychological", "73.71", child=ForWhom(sign_language=True))
        assert [(one.organisation, one.fits) for one in found] == [(signing, True), (without, False)]
        office.worker.both_agree(case, "psychological")
        with pytest.raises(DoesNotFit) as refused:
            office.worker.sends(office.worker.drafts(case, without, "psychological"))
        assert [one.code for one in refused.value.found] == ["sign_language"]
        sections = {"contact": "Lewat guru", "needs": "Bahasa isyarat"}
        referral = office.worker.sends(office.worker.drafts(case, signing, "psychological", sections=sections))
        assert "isyarat" in partner.reads(referral).newest.sections["needs"]
        partner.serves(referral)
        case = office.end(case)
    assert (case.state, case.team_id) == (State.CLOSED, cast.intake.pk)
    assert sent.again().outcome == "case_ended"


def test_4_two_witnesses_of_one_link(cast: Any, office: Office) -> None:
    """Two witnesses send the same link; no child is known. One work, two boxes, one notice to the IWF."""
    link = "https://contoh-tautan.invalid/halaman/48213"
    monday = at("2026-11-23 10:00", 7)
    with clock.frozen(monday):
        first, second = (tell(path="witness", media_url=link, words=f"Saksi {n}") for n in (1, 2))
        [found] = selectors.links(first.report, office.analyst.actor)
        assert found.report_id == second.report.pk
        merge(office.analyst.actor, second.report.pk, first.report.pk)
        office.analyst.triage(first.again(), next_step="takedown", forms=("csam",), child_known=False)
        assert not PoliceClock.objects.exists(), "no child is known"
        items = [
            takedown.add(
                *office.analyst.hands, sent.report.pk, entries=[("url", link)], addressees=["iwf"], bases=["iwf"]
            )[0]
            for sent in (first, second)
        ]  # fmt: skip
        notice = takedown.make_notice(office.analyst.actor, [item.pk for item in items])
        assert takedown.export(*office.analyst.hands, notice.pk, "text", "en").count(link) == 1
        takedown.mark_sent(*office.analyst.hands, notice.pk, reference="IWF-2026-77")
    for item in items:
        with clock.frozen(monday + timedelta(hours=1)):
            takedown.answer(*office.analyst.hands, item.pk, "removed")
        for day in (0, 1, 2):
            with clock.frozen(monday + timedelta(days=day, hours=2)):
                item = takedown.check(office.analyst.actor, item.pk, "address", "not_there")
        assert item.state == "gone"

    with clock.frozen(monday + timedelta(days=3)):
        for sent in (first, second):
            office.analyst.answer(sent.again(), f"Untuk {sent.report.reference}.")
            told = takedowns.told(sent.report.pk)
            assert told is not None
            assert "sudah tidak ada lagi" in told.sentences[0]
            assert told.take_it_down == "", "a witness is not offered what is for one's own picture"
        office.analyst.propose(first.again())
    for sent in (first, second):
        view = box(sent)
        assert [one.text for one in view.messages] == [f"Untuk {sent.report.reference}."]
        assert mailbox.enter(sent.code, SOURCE).report_id == sent.report.pk
        assert (sent.again().state, sent.report.outcome) == ("closed", "takedown")
        assert "dihapus" in view.outcome


def test_5_the_hospital_first_and_a_second_choice(cast: Any, office: Office, partner: Colleague) -> None:
    """A mother in Bogor telephones: a child of 9, less than 72 hours ago. The first hospital is full."""
    start = at("2026-11-23 19:00", 7)
    with clock.frozen(start):
        begun = services.begin(office.analyst.actor)
        taken = services.receive_by_staff(
            office.analyst.actor, begun, channel="phone", language="id",
            answers={"path": "parent", "who": "parent", "age_band": "6-9", "sex": "female", "when": "within_72h",
                     "happened": ["touched"], "province": "32", "regency": "32.01"},
            consent={"keep": ["story", "name"], "caller": "Bu Wati", "given_by": "parent", "given_how": "voice",
                     "child_agreed": "yes"},
        )  # fmt: skip
        sent = Sent(Report.objects.get(pk=taken.report_id), begun.code, b"")
        assert (sent.report.channel, sent.report.risk) == ("phone", "high")
        assert sent.report.medical_until is not None
        office.judge(sent, risk="high", forms=("contact",))
        assert sent.again().medical_until is not None
        case = office.case(sent)
        [mother] = [one for one in office.worker.opens(case).people if one.role == "guardian"]
        assert (mother.name, mother.standing) == ("Bu Wati", "unknown"), "telling makes nobody safe"
        people.change_person(*office.worker.hands, mother.id, words={}, role="guardian", standing="safe")
        entry = casework.AssessmentInput({"within_72h": "yes", "safe_place": "yes"}, "high")
        assert rules_risk.proposed_services(entry.answers) == ("health",)
        casework.assess(*office.worker.hands, case.pk, entry, office.again(case).version)
        assert CaseTask.objects.get(case=case, kind=TaskKind.FIRST).due_at == start, "at once, before any plan"
        office.worker.asked(case, "child", "health")
        office.worker.asked(case, "guardian", "health", person_id=mother.id)
        full = listed("rs.satu", "hospital", "health", ["32"], night_admission=True)
        other = listed("rs.dua", "hospital", "health", ["32.01"], team=cast.partner_team, night_admission=True)
        goal = office.plan(case, "health", provider=other.pk)
        first = office.worker.sends(office.worker.drafts(case, full, "health"))
        assert first.next_call_at == start + timedelta(minutes=30), "sent alone stops no clock"
    with clock.frozen(start + timedelta(minutes=10)):
        first = referrals.heard_no(*office.worker.hands, first.pk, "full")
        assert (first.state, first.reason) == ("declined", "full")
        draft = office.worker.drafts(case, other, "health", second_choice_of=first.pk, goal_id=goal.pk)
        second = office.worker.sends(draft)
        partner.serves(second, person="dr. Sari")
    second.refresh_from_db()
    goal.refresh_from_db()
    assert second.voice_at is not None
    assert sent.report.medical_until is not None
    assert second.served_at is not None
    assert second.served_at < sent.report.medical_until, "within the 72 hours"
    assert goal.state == "reached"

    with clock.frozen(start + timedelta(days=2)):
        office.police(sent)
        case = office.end(case)
        assert LookAfter.objects.filter(case=case).count() == 2
    assert (case.state, sent.again().outcome) == (State.CLOSED, "case_ended")


def test_6_a_series_across_the_border(cast: Any, office: Office) -> None:
    """Four reports of three districts name one account; the suspect is abroad; paid by remittance."""
    with clock.frozen(at("2026-11-23 10:00", 7)):
        sent = [
            tell(path=path, age_band="13-15", province=place[:2], regency=place, happened=["paid"],
                 accounts="@akun_luar", given=["remittance"])
            for path, place in (("child", "33.11"), ("child", "33.72"), ("child", "32.01"), ("other_child", "33.11"))
        ]  # fmt: skip
        found = selectors.links(sent[0].report, office.analyst.actor)
        assert {row.report_id for row in found} == {one.report.pk for one in sent[1:]}
        for one in sent[1:]:
            series = join(office.analyst.actor, one.report.pk, sent[0].report.pk, "identifier")
        assert series.members.filter(left_at=None).count() == 4
        office.judge(*sent, risk="medium", forms=("live",))
        for one in sent:
            office.police(one)
        child, friend = sent[0], sent[3]
        cases = [office.case(child, friend), office.case(sent[1]), office.case(sent[2])]
        for case in cases:
            casework.set_place(*office.worker.hands, case.pk, PlaceRole.SUSPECT, {"country": "SG"})
            opened = office.worker.opens(case)
            assert opened.case.authority == "other_country"
            lead = lead_places.lead_of(opened.places, opened.child)
            assert lead.leads[0].kind == "ministry"
            assert [(contact.code, contact.rule) for contact in lead.contacts] == [("polri_interpol", "yes")]
        with pytest.raises(BadInput):
            office.worker.tips_off(cases[0], "police", "public_information")
        office.worker.tips_off(cases[0], "ppatk", "public_information")
        office.worker.tips_off(cases[0], "police", "duty_police")
        assert sorted(Tip.objects.values_list("to", flat=True)) == ["police", "ppatk"]
        ministry = directory.by_code("kemenpppa")
        assert ministry is not None
        for case in cases:
            agreed = "Disepakati lewat telepon."
            case = lead_places.choose_lead(*office.worker.hands, case.pk, ministry.pk, words=agreed)
            assert case.lead_agency_id == ministry.pk
            case = office.end(case, "handed_to_other")
            assert case.state == State.CLOSED
    assert {one.again().outcome for one in sent} == {"case_ended"}
