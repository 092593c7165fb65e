"""The tab of the child's rights: consent explained, decisions signed by two, what is kept from whom, letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from conftest import Browser, Cast
from lindung.accounts.models import User
from lindung.casework import services
from lindung.casework.models import Case, CaseWorker
from lindung.casework.models_rights import Barred, Consent, Decision, DecisionState, Outgoing
from lindung.casework.services import people
from lindung.core import clock
from lindung.workspace.tests.conftest import Sent

from .test_cases import TOLD, page, queries, text, value

pytestmark = pytest.mark.django_db

Send = Callable[..., Sent]
Browse = Callable[[User], Browser]
QUERIES = 30
PARTS = {
    "part_question": "Apakah ayah dilibatkan?", "part_options": "Ya, atau tidak.", "part_child_view": "Aku takut.",
    "part_consulted": "Pendamping kedua.", "part_left_out": "Ayah.", "part_left_out_why": "Diduga terlibat.",
    "part_reasons": "Tidak, supaya aman.", "part_told_child": "",
}  # fmt: skip


@pytest.fixture
def case(cast: Cast, send: Send) -> Case:
    worker, second = cast.case_worker, cast.second_analyst
    found = services.open_from_reports(cast.actor(worker), cast.keyring(worker), [send(**TOLD).id])
    CaseWorker.objects.create(case=found, user=second, role="co", since=clock.now(), assigned_by=worker)
    return found


@pytest.fixture
def worker(cast: Cast, browse: Browse) -> Browser:
    return browse(cast.case_worker)


@pytest.fixture
def second(cast: Cast, browse: Browse) -> Browser:
    return browse(cast.second_analyst)


def url(name: str, case: Case, **more: Any) -> str:
    return reverse(f"workspace:{name}", kwargs={"case_id": case.pk, **more})


def guardian(cast: Cast, case: Case, standing: str = "safe", **words: Any) -> Any:
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    return people.add_person(actor, keyring, case.pk, "guardian", {"name": "Bu Sari", **words}, standing=standing)


def sheet(case: Case, **more: Any) -> dict[str, Any]:
    day = (clock.now() + timedelta(days=10)).date().isoformat()
    return {"question": "guardian_left_out", "scope": "", "choice": "go_ahead", "review_on": day, **PARTS, **more}


def says(browser: Browser, case: Case, giver: str, scope: str, **more: Any) -> Any:
    today = clock.now().date().isoformat()
    body = {"giver": giver, "answer": "given", "scopes": scope, "asked_on": today, "person": "", "words": "", "how": ""}
    return browser.post(url("case_consent", case), {**body, "official": "", **more})


def test_the_page_says_whose_yes_is_asked_and_why(worker: Browser, cast: Cast, case: Case) -> None:
    html = page(worker, url("case_rights", case))
    assert "Wali belum dinilai" in text(html)
    assert "Nilai dulu, jangan menghubungi." in text(html)
    guardian(cast, case)
    html = page(worker, url("case_rights", case))
    assert "Perlu dua jawaban ya, dari anak dan dari wali yang aman." in text(html)
    assert "perlu dipastikan ahli hukum" in text(html)
    guardian(cast, case, "implicated", name="Pak Doni")
    shown = text(page(worker, url("case_rights", case)))
    assert "Tidak ditanya dan tidak diberi tahu: Pak Doni" in shown
    assert "Wali tidak dilibatkan." in shown
    assert queries(worker, url("case_rights", case)) <= QUERIES


def test_an_answer_is_recorded_shown_and_taken_back(worker: Browser, cast: Cast, case: Case) -> None:
    mother = guardian(cast, case)
    assert says(worker, case, "child", "health", words="Aku mau.").status_code == 302
    assert says(worker, case, "guardian", "health", person=str(mother.pk)).status_code == 302
    html = page(worker, url("case_rights", case))
    assert "Layanan kesehatan boleh" in text(html)
    assert "“Aku mau.”" in text(html)
    row = Consent.objects.get(giver="child")
    gone = worker.post(url("case_consent_withdraw", case, consent_id=row.pk), {"words": "Tidak jadi."})
    assert gone.status_code == 302
    html = page(worker, url("case_rights", case))
    assert "Layanan kesehatan berhenti" in text(html)
    assert "Anak bilang tidak." in text(html)
    assert worker.post(url("case_consent_withdraw", case, consent_id=row.pk), {"words": ""}).status_code == 409


def test_who_must_not_be_asked_is_not_offered_and_is_refused(worker: Browser, cast: Cast, case: Case) -> None:
    father = guardian(cast, case, "implicated", name="Pak Doni")
    html = page(worker, url("case_rights", case))
    form = html[html.index('id="izin-person"') :]
    assert "Pak Doni" not in form[: form.index("</select>")]
    refused = says(worker, case, "guardian", "health", person=str(father.pk))
    assert refused.status_code == 422
    assert "Wali ini tidak ditanya dan tidak diberi tahu." in refused.content.decode()
    assert not Consent.objects.exists()


def test_whether_the_child_understands_is_judged_and_both_texts_are_kept(
    worker: Browser, second: Browser, case: Case
) -> None:
    first = {"judged": "yes", "why": "Menjelaskan sendiri.", "version": 0}
    assert worker.post(url("case_maturity", case), first).status_code == 302
    late = second.post(url("case_maturity", case), {"judged": "not_yet", "why": "Kulihat lain.", "version": 0})
    assert late.status_code == 409
    both = text(late.content.decode())
    assert "Kulihat lain." in both
    assert "Menjelaskan sendiri." in both
    assert value(late.content.decode(), "version") == "1"


def test_a_decision_is_drafted_signed_by_two_and_holds(worker: Browser, second: Browser, case: Case) -> None:
    assert worker.post(url("case_decision_new", case), sheet(case)).status_code == 302
    row = Decision.objects.get()
    at = url("case_decision", case, decision_id=row.pk)
    html = page(worker, at)
    assert "Aku takut." in text(html)
    seen = {"version": value(html, "version"), "teks": value(html, "teks")}
    sign = url("case_decision_sign", case, decision_id=row.pk)
    assert worker.post(sign, seen).status_code == 302
    assert "Sekarang giliran orang lain." in text(page(worker, at))
    assert worker.post(sign, {**seen, "version": "2"}).status_code == 422
    assert second.post(sign, seen).status_code == 409
    html = page(second, at)
    assert second.post(sign, {"version": value(html, "version"), "teks": value(html, "teks")}).status_code == 302
    assert Decision.objects.get().state == DecisionState.SIGNED
    shown = text(page(worker, at))
    assert "Case Worker" in shown
    assert "Second Analyst" in shown
    assert queries(worker, at) <= QUERIES


def test_half_a_decision_is_kept_and_not_signed(worker: Browser, case: Case) -> None:
    half = {**sheet(case, choice=""), "part_child_view": "", "part_reasons": ""}
    assert worker.post(url("case_decision_new", case), half).status_code == 302
    row = Decision.objects.get()
    unfinished = worker.post(
        url("case_decision_sign", case, decision_id=row.pk), {"version": row.version, "teks": row.sealed_version}
    )
    assert unfinished.status_code == 422
    shown = text(unfinished.content.decode())
    assert "Belum diisi: Apa kata anak?" in shown
    assert "Pilih dulu apa yang diputuskan." in shown


def test_two_who_change_a_draft_see_both_texts(worker: Browser, second: Browser, case: Case) -> None:
    worker.post(url("case_decision_new", case), sheet(case))
    row = Decision.objects.get()
    at = url("case_decision_change", case, decision_id=row.pk)
    version = value(page(worker, at), "version")
    assert second.post(at, sheet(case, part_reasons="Punya kedua.", version=version)).status_code == 302
    late = worker.post(at, sheet(case, part_reasons="Punya pertama.", version=version))
    assert late.status_code == 409
    both = late.content.decode()
    assert "Punya kedua." in text(both)
    assert "Punya pertama." in text(both)
    again = worker.post(at, sheet(case, part_reasons="Disepakati.", version=value(both, "version")))
    assert again.status_code == 302
    drop = url("case_decision_drop", case, decision_id=row.pk)
    assert worker.post(drop, {"version": Decision.objects.get().version}).status_code == 302
    assert Decision.objects.get().state == DecisionState.DROPPED
    assert worker.get(at).status_code == 302


def test_what_is_kept_is_lifted_by_somebody_else_alone(worker: Browser, second: Browser, case: Case) -> None:
    entry = {"kind": "fact", "what": "Pindah agama", "words": "pindah agama\nkejora", "section": "", "keep": ""}
    assert worker.post(url("case_bar", case), {**entry, "person": ""}).status_code == 302
    row = Barred.objects.get(kind="fact")
    assert "Hanya orang lain yang bisa mencabutnya." in text(page(worker, url("case_rights", case)))
    lift = url("case_bar_lift", case, barred_id=row.pk)
    assert worker.post(lift, {"why": "Sudah boleh."}).status_code == 422
    unasked = second.post(lift, {"why": "Perlu untuk sekolah."})
    assert unasked.status_code == 422
    assert "dua orang perlu memutuskan" in unasked.content.decode()
    assert second.post(lift, {"why": "Anak yang minta.", "agreed": "on"}).status_code == 302
    assert "Anak yang minta." in text(page(worker, url("case_rights", case)))
    short = worker.post(url("case_bar", case), {**entry, "words": "ab", "person": ""})
    assert short.status_code == 422
    assert "Sedikitnya tiga huruf" in short.content.decode()


def test_a_letter_is_made_where_there_is_consent_and_to_nobody_else(worker: Browser, cast: Cast, case: Case) -> None:
    mother = guardian(cast, case)
    father = guardian(cast, case, "implicated", name="Pak Doni")
    at = url("case_letter_new", case)
    html = page(worker, at)
    assert "Bu Sari" in html
    assert "Pak Doni (" not in html[html.index('id="surat-person"') :]
    letter = {"letter": "invite_guardian", "body": "Mohon bertemu.", "phone": "021 1", "language": "id"}
    without = worker.post(at, {**letter, "person": str(mother.pk), "organisation": ""})
    assert without.status_code == 422
    assert "Anak belum ditanya" in without.content.decode()
    assert worker.post(at, {**letter, "person": str(father.pk), "organisation": ""}).status_code == 422
    says(worker, case, "child", "guardian_contact")
    says(worker, case, "guardian", "guardian_contact", person=str(mother.pk))
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    worker.post(url("case_decision_new", case), sheet(case))
    row = Decision.objects.get()
    services.decisions.sign(actor, keyring, case.pk, row.pk, version=1, sealed_version=1)
    other = cast.actor(cast.second_analyst), cast.keyring(cast.second_analyst)
    services.decisions.sign(*other, case.pk, row.pk, version=2, sealed_version=1)
    assert worker.post(at, {**letter, "person": str(mother.pk), "organisation": ""}).status_code == 302
    made = Outgoing.objects.get()
    read = url("case_letter", case, outgoing_id=made.pk)
    assert "Mohon bertemu." in text(page(worker, read))
    entry = {"kind": "person", "what": "Ibu", "words": "", "section": "", "keep": "", "person": str(mother.pk)}
    assert worker.post(url("case_bar", case), entry).status_code == 302
    shown = text(page(worker, read, 409))
    assert "Surat ini tidak boleh dipakai lagi" in shown
    assert "Mohon bertemu." not in shown


def test_who_may_not_know_of_the_case_finds_nothing(cast: Cast, browse: Browse, case: Case) -> None:
    for user in (cast.analyst, cast.other_analyst, cast.administrator):
        browser = browse(user)
        for name in ("case_rights", "case_decision_new", "case_letter_new"):
            assert browser.get(url(name, case)).status_code == 404
        assert says(browser, case, "child", "health").status_code == 404


def test_the_page_reads_in_english_too(worker: Browser, case: Case) -> None:
    html = page(worker, "/en" + url("case_rights", case))
    assert "Whether the guardian is safe is not known." in text(html)
    assert "Izin siapa" not in text(html)


def test_in_a_closed_case_nothing_is_signed_and_a_yes_can_still_be_taken_back(worker: Browser, case: Case) -> None:
    worker.post(url("case_decision_new", case), sheet(case))
    says(worker, case, "child", "health")
    row, yes = Decision.objects.get(), Consent.objects.get()
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=clock.now())
    seen = {"version": row.version, "teks": row.sealed_version}
    assert worker.post(url("case_decision_sign", case, decision_id=row.pk), seen).status_code == 409
    assert worker.post(url("case_consent_withdraw", case, consent_id=yes.pk), {"words": ""}).status_code == 302
    assert Consent.objects.get().withdrawn_at
