"""Staff take in what somebody tells: through the same door, with consent, and never to the eyes of whom it names."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lindung.accounts.models import Membership, Team
from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound, SealBroken, Unavailable
from lindung.reporting import inbox, intake, retention, selectors, services
from lindung.reporting.knowledge import intake as knowledge
from lindung.reporting.models import Alert, Report, ReportExclusion
from lindung.reporting.services import mailbox
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry, SealedField, TeamKey, TeamKeyGrant

from .conftest import MONDAY
from .staff import Desk

pytestmark = pytest.mark.django_db

AGREED = {"keep": ["story"], "given_by": "child", "given_how": "voice", "child_agreed": "yes"}
CALL = {"path": "child", "words": "Ada yang mengancam.", "province": "31"}
PEOPLE = tuple(code for code, channel in knowledge.channels().items() if not channel.short)


def take_in(actor: Any, begun: Any = None, **more: Any) -> Any:
    made = {"channel": "phone", "answers": CALL, "consent": AGREED, "language": "id", **more}
    return services.receive_by_staff(actor, begun or services.begin(actor), **made)


# --- the same door --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", PEOPLE)
def test_every_way_in_ends_in_the_same_inbox_sealed(cast: Any, analyst: Desk, channel: str) -> None:
    begun = services.begin(analyst.actor)
    taken = take_in(analyst.actor, begun, channel=channel)
    report = Report.objects.get(pk=taken.report_id)
    assert (report.channel, report.team, report.state) == (channel, cast.intake, "new")
    assert taken.sees
    assert taken.opens
    assert [row.report.pk for row in inbox.listed(analyst.actor)] == [report.pk]
    opened = analyst.open(report)
    assert opened.answers == CALL
    assert opened.intake.channel == channel
    assert opened.taken_in_by == cast.analyst.display_name
    visit = mailbox.enter(begun.code, "x")
    assert visit.report_id == report.pk


def test_the_audit_names_who_took_it_in_and_nothing_of_what_was_told(cast: Any, analyst: Desk) -> None:
    taken = take_in(analyst.actor)
    event = Event.objects.get(kind="report.taken_in")
    assert event.actor == cast.analyst.pk.hex
    assert event.subject == taken.report_id.hex
    assert set(json.loads(event.data)) == {"team", "channel", "risk"}
    assert not Event.objects.filter(kind="report.received").exists()


def test_the_history_says_who_took_it_in(analyst: Desk, cast: Any) -> None:
    report = Report.objects.get(pk=take_in(analyst.actor).report_id)
    first = analyst.open(report).timeline[0]
    assert (first.kind, first.by, first.code) == ("received", cast.analyst.display_name, "phone")


def test_the_same_risk_rules_hold_and_call_for_attention(analyst: Desk) -> None:
    taken = take_in(analyst.actor, answers={**CALL, "danger": "yes", "danger_place": "dekat pasar"})
    report = Report.objects.get(pk=taken.report_id)
    assert (report.risk, report.danger_now) == ("high", True)
    assert Alert.objects.filter(report=report).count() == 3


def test_nothing_that_was_said_lies_in_the_clear(analyst: Desk) -> None:
    canary = "KENARI5512"
    consent = {**AGREED, "keep": ["story", "name", "contact"], "caller": f"{canary} a", "note": f"{canary} b"}
    answers = {**CALL, "words": f"{canary} c", "reach": "contact", "reach_how": f"{canary} d"}
    take_in(analyst.actor, answers=answers, consent=consent)
    haystack = b""
    for model in (Report, SealedField, Event, BlindEntry):
        for row in model.objects.values_list():
            haystack += b"|".join(bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for v in row)
    assert canary.encode() not in haystack


def test_the_receipt_does_not_open_what_staff_wrote_about_consent(analyst: Desk) -> None:
    begun = services.begin(analyst.actor)
    taken = take_in(analyst.actor, begun)
    record = Report.objects.get(pk=taken.report_id).record_id
    keys = vault.open_with_receipt(record_id=record, receipt=receipts.derive(begun.code))
    assert set(vault.get_many(record_id=record, keys=keys)) == {"answers"}
    assert begun.code not in repr(begun)


def test_taking_in_costs_hardly_more_questions_than_the_portal(analyst: Desk) -> None:
    take_in(analyst.actor)
    with CaptureQueriesContext(connection) as queries:
        take_in(analyst.actor, answers={**CALL, "concern": ["school"]})
    statements = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 27, "\n".join(s[:100] for s in statements)


# --- once ----------------------------------------------------------------------------------------------------


def test_a_double_click_gives_one_report_and_one_receipt(analyst: Desk) -> None:
    begun = services.begin(analyst.actor)
    first = take_in(analyst.actor, begun)
    assert take_in(analyst.actor, begun) == first
    assert Report.objects.count() == 1
    assert Event.objects.filter(kind="report.taken_in").count() == 1


def test_the_same_form_under_another_receipt_is_a_conflict(analyst: Desk) -> None:
    begun = services.begin(analyst.actor)
    take_in(analyst.actor, begun)
    with pytest.raises(Conflict):
        take_in(analyst.actor, replace(begun, code=receipts.generate()))
    assert Report.objects.count() == 1


def test_a_form_of_a_colleague_is_another_form(analyst: Desk, second: Desk) -> None:
    begun = services.begin(analyst.actor)
    take_in(analyst.actor, begun)
    assert take_in(second.actor, replace(begun, code=receipts.generate())).report_id
    assert Report.objects.count() == 2


# --- who receives it, and who may see it then -----------------------------------------------------------------------


@pytest.mark.parametrize("concern", ["works_here", "partner", "school"])
def test_what_names_our_own_people_is_not_theirs_to_see_who_typed_it(cast: Any, analyst: Desk, concern: str) -> None:
    taken = take_in(analyst.actor, answers={**CALL, "concern": [concern]})
    report = Report.objects.get(pk=taken.report_id)
    assert report.team == cast.independent
    assert taken.named
    assert not taken.sees
    assert not taken.opens
    assert not selectors.visible_to(analyst.actor).exists()
    assert inbox.listed(analyst.actor) == []
    with pytest.raises(NotFound):
        analyst.open(report)
    excluded = ReportExclusion.objects.filter(report=report, team=cast.intake).exists()
    assert excluded == (concern == "works_here")
    assert Desk(cast, cast.independent_analyst).open(report).taken_in_by == cast.analyst.display_name


def test_a_report_of_another_province_goes_to_its_team_and_the_typist_is_told(cast: Any, analyst: Desk) -> None:
    taken = take_in(analyst.actor, answers={**CALL, "province": "91"})
    assert taken.team_name == cast.other_intake.name
    assert (taken.sees, taken.opens, taken.named) == (False, False, False)
    assert Report.objects.get().team == cast.other_intake
    assert not selectors.visible_to(analyst.actor).exists()


@pytest.mark.parametrize("who", ["analyst", "second_analyst", "case_worker", "supervisor", "independent_analyst"])
def test_analysts_case_workers_and_supervisors_take_in(cast: Any, who: str) -> None:
    assert take_in(cast.actor(getattr(cast, who))).report_id


@pytest.mark.parametrize("who", ["administrator", "auditor", "data_analyst", "partner"])
def test_others_take_nothing_in(cast: Any, who: str) -> None:
    actor = cast.actor(getattr(cast, who))
    with pytest.raises(NotAllowed):
        services.begin(actor)
    begun = services.Begun(cast.analyst.pk, receipts.generate())
    with pytest.raises(NotAllowed):
        take_in(actor, begun)
    assert not Report.objects.exists()


def test_taking_in_needs_no_key_but_opening_does(cast: Any, second: Desk) -> None:
    TeamKeyGrant.objects.filter(member_key__holder=cast.second_analyst.pk).delete()
    taken = take_in(second.actor)
    assert taken.sees
    assert not taken.opens
    with pytest.raises(NotAllowed):
        second.open(Report.objects.get())


def test_when_nobody_may_receive_it_nothing_is_stored(cast: Any, analyst: Desk) -> None:
    TeamKey.objects.filter(team=cast.independent.pk).delete()
    with pytest.raises(Unavailable):
        take_in(analyst.actor, answers={**CALL, "concern": ["works_here"]})
    assert not Report.objects.exists()


def test_who_changed_teams_since_no_longer_sees_it(cast: Any, analyst: Desk) -> None:
    begun = services.begin(analyst.actor)
    assert take_in(analyst.actor, begun).sees
    Membership.objects.filter(user=cast.analyst).update(team=Team.objects.get(pk=cast.other_intake.pk))
    assert not take_in(cast.actor(cast.analyst), begun).sees


# --- consent ----------------------------------------------------------------------------------------------------


def test_consent_is_kept_as_it_was_given(analyst: Desk) -> None:
    consent = {
        "keep": ["contact", "story", "name"], "child_agreed": "not_there", "given_by": "parent", "given_how": "writing",
        "caller": "  Ibu Contoh\r\n", "note": "Boleh dicatat, jangan ke sekolah.",
    }  # fmt: skip
    answers = {**CALL, "reach": "contact", "reach_how": "0812 0000 0000, pagi", "must_not_know": "ayah"}
    taken = take_in(analyst.actor, answers=answers, consent=consent)
    kept = analyst.open(Report.objects.get(pk=taken.report_id)).intake.consent
    assert kept.keep == ("story", "name", "contact")
    assert (kept.child_agreed, kept.given_by, kept.given_how) == ("not_there", "parent", "writing")
    assert (kept.caller, kept.note, kept.reason) == ("  Ibu Contoh\r\n", "Boleh dicatat, jangan ke sekolah.", "")
    assert "Ibu" not in repr(kept)


def test_nothing_to_keep_is_lawful_and_keeps_what_safety_needs(analyst: Desk) -> None:
    answers = {"path": "child", "danger": "yes", "danger_place": "belakang pasar", "happened": ["touched"],
               "when": "within_72h", "must_not_know": "paman"}  # fmt: skip
    consent = {"keep": [], "reason": "life_or_safety", "child_agreed": "no"}
    taken = take_in(analyst.actor, answers=answers, consent=consent)
    opened = analyst.open(Report.objects.get(pk=taken.report_id))
    assert opened.answers == answers
    assert opened.intake.consent.reason == "life_or_safety"
    assert Report.objects.get().medical_until is not None


@pytest.mark.parametrize(
    ("consent", "answers", "field"),
    [
        ({"keep": []}, {"danger": "yes"}, "reason"),
        ({"keep": [], "reason": "because"}, {"danger": "yes"}, "reason"),
        ({"keep": [], "reason": "duty"}, {"words": "cerita"}, "words"),
        ({"keep": [], "reason": "duty"}, {"accounts": "@akun"}, "accounts"),
        ({"keep": [], "reason": "duty"}, {"reach": "contact"}, "keep"),
        ({"keep": [], "reason": "duty", "caller": "Ibu Contoh"}, {}, "caller"),
        ({**AGREED, "caller": "Ibu Contoh"}, {}, "caller"),
        ({**AGREED, "reason": "duty"}, {}, "reason"),
        ({**AGREED, "given_by": ""}, {}, "given_by"),
        ({**AGREED, "given_how": ""}, {}, "given_how"),
        ({**AGREED, "given_how": "by_pigeon"}, {}, "given_how"),
        ({**AGREED, "keep": ["everything"]}, {}, "keep"),
        ({**AGREED, "keep": "story"}, {}, "keep"),
        ({**AGREED, "child_agreed": ["yes"]}, {}, "child_agreed"),
        ({**AGREED, "note": "x" * 2001}, {}, "note"),
        ({**AGREED, "note": "data:image/png;base64,AAAA"}, {}, "note"),
        (AGREED, {"reach": "contact", "reach_how": "0812 0000 0000"}, "keep"),
        (AGREED, {"reach_how": "0812 0000 0000"}, "keep"),
        (AGREED, {"words": "x" * 20_001}, "words"),
        (AGREED, {"happened": ["unheard_of"]}, "happened"),
        (AGREED, {"regency": "99.99"}, "regency"),
        (AGREED, {"not_a_question": "x"}, "answers"),
    ],
)
def test_more_than_may_be_kept_and_what_nobody_knows_is_refused(
    analyst: Desk, consent: dict[str, Any], answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        take_in(analyst.actor, answers=answers, consent=consent)
    assert caught.value.field == field
    assert not Report.objects.exists()


def test_only_the_contact_may_be_kept_when_only_that_was_agreed(analyst: Desk) -> None:
    consent = {"keep": ["contact"], "given_by": "child", "given_how": "voice", "reason": "life_or_safety"}
    answers = {"path": "child", "danger": "yes", "reach": "contact", "reach_how": "0812 0000 0000"}
    taken = take_in(analyst.actor, answers=answers, consent=consent)
    assert analyst.open(Report.objects.get(pk=taken.report_id)).answers == answers


def test_an_unknown_way_in_is_refused(analyst: Desk) -> None:
    for channel in ("portal", "fax", ""):
        with pytest.raises(BadInput):
            take_in(analyst.actor, channel=channel)


# --- media monitoring -----------------------------------------------------------------------------------------------

SEEN = "2026-11-20"


def media(actor: Any, **answers: Any) -> Any:
    seen_on = answers.pop("seen_on", SEEN)
    return take_in(actor, channel="media", answers=answers, consent={}, seen_on=seen_on)


def test_media_monitoring_keeps_addresses_a_day_and_the_platform(analyst: Desk) -> None:
    with clock.frozen(MONDAY):
        taken = media(
            analyst.actor, media_url="https://contoh.example/a/1\r\ncontoh.example/b", online_where=["tiktok"]
        )
    report = Report.objects.get(pk=taken.report_id)
    assert (report.channel, report.path) == ("media", "witness")
    opened = analyst.open(report)
    assert opened.answers["media_url"] == "https://contoh.example/a/1\r\ncontoh.example/b"
    assert opened.intake.seen_on == SEEN
    assert opened.intake.consent is None
    assert BlindEntry.objects.filter(kind="url").count() == 2


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "media_url"),
        ({"media_url": "  \r\n "}, "media_url"),
        ({"media_url": "https://contoh.example/a namanya Budi"}, "media_url"),
        ({"media_url": "anak ini tinggal di sini"}, "media_url"),
        ({"media_url": "Budi"}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"media_url": "\n".join(f"https://contoh.example/{n}" for n in range(41))}, "media_url"),
        ({"media_url": "https://contoh.example/a", "words": "cerita"}, "words"),
        ({"media_url": "https://contoh.example/a", "accounts": "@budi"}, "accounts"),
        ({"media_url": "https://contoh.example/a", "age_band": "13-15"}, "age_band"),
        ({"media_url": "https://contoh.example/a", "seen_on": ""}, "seen_on"),
        ({"media_url": "https://contoh.example/a", "seen_on": "kemarin"}, "seen_on"),
        ({"media_url": "https://contoh.example/a", "seen_on": "2026-11-25"}, "seen_on"),
    ],
)
def test_media_monitoring_refuses_names_stories_and_sentences(
    analyst: Desk, answers: dict[str, Any], field: str
) -> None:
    with clock.frozen(MONDAY), pytest.raises(BadInput) as caught:
        media(analyst.actor, **answers)
    assert caught.value.field == field
    assert not Report.objects.exists()


def test_a_day_that_has_begun_in_the_east_counts_as_today(analyst: Desk) -> None:
    night = MONDAY.replace(hour=16)  # Monday 23:00 in Jakarta, Tuesday 01:00 in Jayapura
    with clock.frozen(night):
        assert media(analyst.actor, media_url="https://contoh.example/a", seen_on="2026-11-24").report_id
    with clock.frozen(night - timedelta(hours=2)), pytest.raises(BadInput):
        media(analyst.actor, media_url="https://contoh.example/a", seen_on="2026-11-24")


# --- what becomes of it ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_whoever_calls_can_stop_and_the_consent_is_locked_and_erased_too(analyst: Desk) -> None:
    begun = services.begin(analyst.actor)
    taken = take_in(analyst.actor, begun)
    record = Report.objects.get(pk=taken.report_id).record_id
    mailbox.ask_to_stop(mailbox.enter(begun.code, "x"))
    with pytest.raises(NotAllowed):
        vault.open_with_team(record_id=record, keyring=analyst.keyring)
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert retention.run_withdrawals() == 1
    assert not SealedField.objects.filter(record=record).exists()
    assert not Report.objects.exists()


def test_a_report_that_moves_to_the_independent_team_takes_its_consent_along(cast: Any, analyst: Desk) -> None:
    report = Report.objects.get(pk=take_in(analyst.actor).report_id)
    services.mark_conflict(analyst.actor, analyst.keyring, report.pk, cast.intake.pk)
    opened = Desk(cast, cast.independent_analyst).open(report)
    assert opened.intake.consent.keep == ("story",)


def test_a_written_intake_reads_back_the_same() -> None:
    consent = intake.Consent(("story",), "yes", "child", "voice", "", "Ibu", "catatan")
    for written in (intake.Intake(uuid4(), "phone", consent), intake.Intake(uuid4(), "media", None, SEEN)):
        assert intake.decode(intake.encode(written)) == written
    for broken in (b"{}", b"\xff", b'{"v":2}', b'{"v":1,"by":"x"}'):
        with pytest.raises(SealBroken):
            intake.decode(broken)
