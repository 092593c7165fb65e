"""Referrals as browsers see them: choosing a body, what is filled from the case, sending, the receiver's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lindung.casework.models import CaseExclusion
from lindung.casework.models_plan import Delivery, Goal, Plan
from lindung.casework.services.access import open_keys, seal
from lindung.core import clock
from lindung.referrals.models import Referral, State, Version
from lindung.referrals.tests.people import MONDAY, Worker, provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def html(response: Any) -> str:
    assert response.status_code in {200, 409, 422}, response.status_code
    return str(response.content.decode())


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


@pytest.fixture
def sender(cast: Any) -> Worker:
    return Worker(cast, cast.case_worker)


@pytest.fixture
def receiver(cast: Any) -> Worker:
    return Worker(cast, cast.partner)


@pytest.fixture
def body(cast: Any) -> Any:
    return provider(cast.partner_team)


def make(worker: Any, home: str, body: Any, **more: str) -> Referral:
    """A draft through the pages, as it is filled in."""
    address = f"{home}baru/?layanan=psychological&lembaga={body.pk}"
    data = {"goal": "Supaya tidur lebih tenang.", "s-needs": "on", "t-needs": "Bahasa isyarat", **more}
    answer = worker.post(address, data)
    assert answer.status_code == 302, html(answer)
    return Referral.objects.latest("made_at")


class TestTheSendersTab:
    def test_the_need_leads_to_who_provides_it_here_and_takes_this_child(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        other = provider(accepts_girls=False)
        far = provider(regions=["61"])
        only = provider(does="facilitates")
        named = provider(cast.other_intake)
        CaseExclusion.objects.create(case=case, team=cast.other_intake)
        worker = browse(cast.case_worker)
        page = html(worker.get(f"/kerja/kasus/{case.pk}/rujukan/"))
        assert "Belum ada rujukan" in page
        page = html(worker.get(f"/kerja/kasus/{case.pk}/rujukan/baru/?layanan=psychological"))
        fits, rest = page.split("belum cocok</summary>")
        assert body.name in fits
        assert other.name in rest
        assert "tidak menerima anak perempuan" in rest
        assert only.name in rest
        assert "hanya memfasilitasi" in rest
        assert far.name not in page
        assert named.name not in page
        assert "Boleh dikirim." in fits

    def test_the_form_is_filled_from_the_case_and_a_person_looks_at_each_part(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        keys = open_keys(case, sender.keyring)
        seal(case, keys, "child", {"health": "Alergi obat", "accommodations": ["sign"], "sex": "female"})
        plan = Plan.objects.create(case=case, number=1, made_at=clock.now(), made_by=sender.user)
        goal = Goal.objects.create(plan=plan, service="psychological", provider=body, due_on=MONDAY.date())
        seal(case, keys, goal.field, {"goal": "Tidur lebih tenang"})
        worker = browse(cast.case_worker)
        page = html(worker.get(f"/kerja/kasus/{case.pk}/rujukan/baru/?layanan=psychological&lembaga={body.pk}"))
        assert "Tidur lebih tenang" in page
        assert "Alergi obat" in page
        assert re.search(r'name="s-needs"[^>]*checked', page)
        assert not re.search(r'name="s-health"[^>]*checked', page)
        assert "s-suspect" not in page
        referral = make(worker, f"/kerja/kasus/{case.pk}/rujukan/", body, goal_id=str(goal.pk))
        assert referral.goal_id == goal.pk
        assert sender.reads(referral).newest.sections == {"needs": "Bahasa isyarat"}
        empty = worker.post(
            f"/kerja/kasus/{case.pk}/rujukan/baru/?layanan=psychological&lembaga={body.pk}",
            {"goal": "x", "s-health": "on", "t-health": " "},
        )
        assert empty.status_code == 422
        assert "dipilih tapi masih kosong" in html(empty)

    def test_without_a_yes_it_says_what_is_missing_and_sends_nothing(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        case = sender.case()
        worker = browse(cast.case_worker)
        home = f"/kerja/kasus/{case.pk}/rujukan/"
        referral = make(worker, home, body)
        page = html(worker.get(f"{home}{referral.pk}/"))
        assert "Belum boleh dikirim." in page
        answer = worker.post(f"{home}{referral.pk}/kirim/", {"version": value(page, "version")})
        assert answer.status_code == 422
        assert "Tidak terkirim." in html(answer)
        referral.refresh_from_db()
        assert referral.state == State.DRAFT

    def test_a_body_that_does_not_fit_needs_a_written_reason(self, cast: Any, browse: Any, sender: Worker) -> None:
        case = sender.ready_case()
        worker, home = browse(cast.case_worker), f"/kerja/kasus/{case.pk}/rujukan/"
        referral = make(worker, home, provider(does="facilitates"), way="phone")
        page = html(worker.get(f"{home}{referral.pk}/"))
        assert "hanya memfasilitasi" in page
        version = value(page, "version")
        refused = worker.post(f"{home}{referral.pk}/kirim/", {"version": version, "override": ""})
        assert refused.status_code == 422
        assert "tulis mengapa tetap ke sana" in html(refused)
        sent = worker.post(f"{home}{referral.pk}/kirim/", {"version": version, "override": "Satu-satunya di pulau ini"})
        assert sent.status_code == 302
        page = html(worker.get(sent["Location"]))
        assert "Satu-satunya di pulau ini" in page
        assert "Telepon" in page

    def test_on_paper_it_is_printed_and_its_answers_are_written_down(
        self, cast: Any, browse: Any, sender: Worker
    ) -> None:
        case = sender.ready_case()
        worker, home = browse(cast.case_worker), f"/kerja/kasus/{case.pk}/rujukan/"
        body = provider()
        referral = make(worker, home, body)
        here = f"{home}{referral.pk}/"
        assert worker.get(here + "surat/").status_code == 409
        worker.post(here + "kirim/", {"version": 1})
        paper = html(worker.get(here + "surat/"))
        assert body.name in paper
        assert "Bahasa isyarat" in paper
        assert "Supaya tidur lebih tenang." in paper
        assert worker.post(here + "ya/", {"version": 2}).status_code == 302
        today = MONDAY.date().isoformat()
        answer = worker.post(here + "layanan/", {"version": 3, "on": today, "child_came": "on", "words": "Datang"})
        assert answer.status_code == 302
        assert worker.post(here + "hasil/", {"version": 4, "outcome": "reached"}).status_code == 302
        page = html(worker.get(here))
        assert "Tujuan tercapai" in page
        assert worker.post(here + "hasil/", {"version": 5, "outcome": "reached"}).status_code == 409

    def test_taking_it_back_says_so_and_offers_another_body(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        worker, here = browse(cast.case_worker), f"/kerja/kasus/{referral.case_id}/rujukan/{referral.pk}/"
        answer = worker.post(
            here + "cabut/", {"version": referral.version, "reason": "not_safe", "words": "Kabar baru"}
        )
        assert answer.status_code == 302
        page = html(worker.get(answer["Location"]))
        for words in ("Dicabut", "Kabar baru", "pernah membacanya, sekarang tidak lagi", "Pilih lembaga lain"):
            assert words in page
        late = worker.post(here + "cabut/", {"version": referral.version, "reason": "mistake"})
        assert late.status_code == 409

    def test_two_who_change_it_see_both_and_nothing_is_lost(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        worker, here = browse(cast.case_worker), f"/kerja/kasus/{referral.case_id}/rujukan/{referral.pk}/"
        seen = value(html(worker.get(here)), "version")
        sender.amend(referral)
        late = worker.post(here + "pesan/", {"version": seen, "words": "Kapan jadwalnya?"})
        assert late.status_code == 409
        page = html(late)
        assert "Kapan jadwalnya?" in page
        assert "Menunggu jawaban" in page
        again = worker.post(here + "pesan/", {"version": value(page, "version"), "words": "Kapan jadwalnya?"})
        assert again.status_code == 302

    def test_high_risk_waits_for_a_voice(
        self, cast: Any, browse: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        referral = sender.sent(body, sender.ready_case(risk="high"))
        receiver.accept(referral)
        worker, here = browse(cast.supervisor), f"/kerja/kasus/{referral.case_id}/rujukan/{referral.pk}/"
        page = html(worker.get(here))
        assert "Telepon sekarang." in page
        assert "Diterima di layar, menunggu suara" in page
        data = {"version": value(page, "version"), "person": "Bu Ratna, konselor", "at": "2026-11-23T10:00"}
        assert worker.post(here + "suara/", data).status_code == 302
        page = html(worker.get(here))
        assert "Telepon sekarang." not in page
        assert "Bu Ratna, konselor" in page

    def test_pages_stay_within_thirty_queries(
        self, cast: Any, browse: Any, sender: Worker, receiver: Worker, body: Any
    ) -> None:
        case = sender.ready_case()
        for _number in range(3):
            referral = sender.sent(body, case)
            receiver.accept(referral)
            receiver.deliver(referral)
            sender.amend(referral)
        draft = sender.draft(case, body)
        home = f"/kerja/kasus/{case.pk}/rujukan/"
        pages = {
            cast.case_worker: [
                home, f"{home}baru/?layanan=psychological", f"{home}baru/?layanan=psychological&lembaga={body.pk}",
                f"{home}{referral.pk}/", f"{home}{draft.pk}/", f"{home}{referral.pk}/ubah/",
            ],
            cast.partner: ["/kerja/rujukan/?selesai=1", f"/kerja/rujukan/{referral.pk}/"],
        }  # fmt: skip
        for user, addresses in pages.items():
            browser = browse(user)
            for address in addresses:
                with CaptureQueriesContext(connection) as seen:
                    html(browser.get(address))
                # A savepoint is there only because the test itself runs in a transaction.
                asked = [one for one in seen.captured_queries if "SAVEPOINT" not in one["sql"]]
                assert len(asked) <= 30, (address, len(asked))


class TestTheReceiversRoom:
    def test_a_partner_finds_only_what_was_sent_to_them(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        hidden = sender.sent(provider(), referral.case)
        draft = sender.draft(referral.case, body)
        partner = browse(cast.partner)
        assert partner.get("/kerja/")["Location"] == "/kerja/rujukan/"
        page = html(partner.get("/kerja/rujukan/"))
        assert referral.reference in page
        assert hidden.reference not in page
        assert draft.reference not in page
        assert "Lewat kode saja" not in page, "the list holds no word"
        page = html(partner.get(f"/kerja/rujukan/{referral.pk}/"))
        assert "Lewat kode saja" in page
        for address in (
            f"/kerja/rujukan/{hidden.pk}/", f"/kerja/rujukan/{draft.pk}/", f"/kerja/kasus/{referral.case_id}/",
            f"/kerja/kasus/{referral.case_id}/rujukan/{referral.pk}/",
        ):  # fmt: skip
            assert partner.get(address).status_code == 404

    def test_from_yes_to_an_outcome(self, cast: Any, browse: Any, sender: Worker, body: Any) -> None:
        case = sender.ready_case()
        plan = Plan.objects.create(case=case, number=1, state="approved", made_at=clock.now(), made_by=sender.user)
        goal = Goal.objects.create(plan=plan, service="psychological", provider=body, due_on=MONDAY.date())
        referral = sender.sent(body, case, goal_id=goal.pk)
        partner, here = browse(cast.partner), f"/kerja/rujukan/{referral.pk}/"
        page = html(partner.get(here))
        answer = partner.post(here + "terima/", {"version": value(page, "version"), "words": "Kamis pukul 10"})
        assert answer["Location"] == f"{here}?ok=yes"
        page = html(partner.get(here))
        data = {"version": value(page, "version"), "on": "2026-11-23", "minutes": "50", "child_came": "on"}
        assert partner.post(here + "layanan/", data).status_code == 302
        assert Delivery.objects.get().minutes == 50
        page = html(partner.get(here))
        refused = partner.post(here + "hasil/", {"version": value(page, "version"), "outcome": "partly"})
        assert refused.status_code == 422
        data = {"version": value(page, "version"), "outcome": "partly", "words": "Masih dua kali lagi"}
        assert partner.post(here + "hasil/", data).status_code == 302
        page = html(partner.get("/kerja/rujukan/?selesai=1"))
        assert "Tercapai sebagian" in page
        page = html(browse(cast.case_worker).get(f"/kerja/kasus/{case.pk}/rujukan/{referral.pk}/"))
        for words in ("Kamis pukul 10", "50 menit", "Masih dua kali lagi", "Tercapai sebagian"):
            assert words in page

    def test_after_a_no_the_words_are_gone_from_their_page(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        partner, here = browse(cast.partner), f"/kerja/rujukan/{referral.pk}/"
        refused = partner.post(here + "tolak/", {"version": referral.version, "reason": "other", "words": ""})
        assert refused.status_code == 422
        answer = partner.post(here + "tolak/", {"version": referral.version, "reason": "full", "words": "Penuh"})
        assert answer.status_code == 302
        page = html(partner.get(here))
        assert "Isinya sudah tertutup bagi timmu" in page
        assert "Lewat kode saja" not in page
        page = html(browse(cast.case_worker).get(f"/kerja/kasus/{referral.case_id}/rujukan/{referral.pk}/"))
        assert "Pilih lembaga lain" in page

    def test_what_the_sender_changed_meanwhile_keeps_what_was_typed(
        self, cast: Any, browse: Any, sender: Worker, body: Any
    ) -> None:
        referral = sender.sent(body)
        partner, here = browse(cast.partner), f"/kerja/rujukan/{referral.pk}/"
        seen = value(html(partner.get(here)), "version")
        sender.amend(referral)
        late = partner.post(here + "pesan/", {"version": seen, "words": "Boleh bawa adiknya?"})
        assert late.status_code == 409
        page = html(late)
        assert "Boleh bawa adiknya?" in page
        assert "Versi berikut" in page
        sender.revoke(Referral.objects.get())
        gone = partner.post(here + "pesan/", {"version": value(page, "version"), "words": "Boleh bawa adiknya?"})
        assert gone.status_code in {404, 409}

    def test_nobody_else_has_such_a_page(self, cast: Any, browse: Any, sender: Worker, body: Any) -> None:
        referral = sender.sent(body)
        for user in (cast.analyst, cast.case_worker, cast.supervisor, cast.administrator, cast.auditor):
            assert browse(user).get(f"/kerja/rujukan/{referral.pk}/").status_code == 404
        with clock.frozen(MONDAY + timedelta(minutes=1)):
            CaseExclusion.objects.create(case=referral.case, team=cast.partner_team)
        assert browse(cast.partner).get(f"/kerja/rujukan/{referral.pk}/").status_code == 404
        assert Version.objects.count() == 1
