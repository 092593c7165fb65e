"""The page of one report: what it shows, and every form on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lindung.core import clock
from lindung.reporting import services
from lindung.reporting.models import (
    Attempt,
    ClosureProposal,
    FollowUp,
    Message,
    Platform,
    PoliceClock,
    Report,
    TriageEntry,
)
from lindung.reporting.services import TriageInput

from .conftest import CALM, DANGER

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
NASTY = "<script>alert(1)</script> \u202ekebalik\u0007 {{ 7|add:7 }} '; DROP TABLE x; --"


def html(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


def hidden(page, form, name):
    start = page.index(f'action="{form}"')
    return re.search(rf'name="{name}" value="([^"]*)"', page[start : page.index("</form>", start)]).group(1)


def triage_data(sent, **more):
    return {
        "risk": "medium",
        "authority": "district",
        "next_step": "referral",
        "reason": "Dibaca dan dinilai.",
        "version": sent.now().version,
        **more,
    }


def triaged(cast, sent, user, **more):
    entry = {"risk": "medium", "reason": "Dinilai.", "child_known": False, **more}
    services.triage(cast.actor(user), cast.keyring(user), sent.id, TriageInput(**entry), sent.now().version)


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_it_works(analyst, send):
    sent = send(
        path="child",
        happened=["threat_to_spread"],
        online_where=["whatsapp"],
        province="53",
        regency="53.71",
        easier=["sign"],
        words="ceritaku\nbaris dua",
        must_not_know="jangan bilang sekolah",
    )
    page = html(analyst.get(sent.url()))
    assert f'Laporan <span class="ref">{sent.report.reference}' in page
    assert "ceritaku\nbaris dua" in page
    assert "Ada yang mengancam menyebar foto atau videoku" in page
    assert "Kota Kupang" in page
    assert page.index("Perhatikan dulu") < page.index("jangan bilang sekolah") < page.index("ceritaku")
    assert "WITA" in page


def test_what_a_stranger_wrote_is_shown_and_never_runs(analyst, send):
    sent = send(path="child", words=NASTY)
    page = html(analyst.get(sent.url()))
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "{{ 7|add:7 }}" in page
    assert "\u202e" not in page
    assert "\ufffdkebalik" in page


def test_addresses_are_text_and_never_links(analyst, send):
    sent = send(path="witness", media_url="https://contoh.example/x", accounts="@akun\nhttps://lain.example")
    page = html(analyst.get(sent.url()))
    assert "https://contoh.example/x" in page
    assert 'href="https://' not in page
    assert "Jangan dibuka, jangan dicari." in page


def test_an_empty_report_is_a_report(analyst, send):
    assert "Itu juga laporan" in html(analyst.get(send().url()))


def test_every_text_of_the_page_has_its_label_and_no_inline_style_or_script(analyst, send):
    page = html(analyst.get(send(**DANGER).url()))
    assert "style=" not in page
    assert re.findall(r"<script[^>]*>[^<]*", page) == ['<script src="/statis/workspace/hints.js" defer>']
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    for target in re.findall(r'\bfor="([^"]+)"', page):
        assert target in ids, target
    all_ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(all_ids) == len(ids)


def test_the_page_of_a_long_report_needs_few_queries(cast, analyst, send):
    sent = send(**DANGER)
    for number in range(6):
        sent.write(f"pesan {number}")
    triaged(cast, sent, cast.analyst, risk="high", selfharm=True, next_step="safety_plan", safety_plan="rencana")
    for number in range(4):
        services.add_note(cast.actor(cast.analyst), cast.keyring(cast.analyst), sent.id, f"catatan {number}")
    analyst.get(sent.url())
    with CaptureQueriesContext(connection) as queries:
        analyst.get(sent.url())
    assert len(queries) <= 40


# --- answering --------------------------------------------------------------------------------------------------------


def test_an_answer_reaches_the_reporter(cast, analyst, send):
    sent = send(**CALM)
    page = html(analyst.get(sent.url()))
    data = {"text": "Terima kasih.\r\n Ini bukan salahmu. ", "version": hidden(page, sent.url("message"), "version")}
    response = analyst.post(sent.url("message"), data)
    assert response["Location"] == sent.url() + "?ok=message#pesan"
    assert "Pesan terkirim" in html(analyst.get(sent.url() + "?ok=message"))
    seen = services.mailbox.view(services.mailbox.enter(sent.code, "203.0.113.9"))
    assert seen.messages[-1].text == data["text"]
    assert seen.messages[-1].alias == cast.analyst.alias


def test_a_record_that_changed_shows_both_texts_and_loses_neither(analyst, send):
    sent = send(**CALM)
    page = html(analyst.get(sent.url()))
    data = {name: hidden(page, sent.url("message"), name) for name in ("version", "opened")}
    sent.write("aku mau menambahkan sesuatu")
    data["text"] = "jawabanku yang panjang & <b>penting</b>"
    response = analyst.post(sent.url("message"), data)
    page = html(response, 409)
    assert "jawabanku yang panjang &amp; &lt;b&gt;penting&lt;/b&gt;" in page
    assert "aku mau menambahkan sesuatu" in page
    assert not Message.objects.filter(direction="out").exists()
    again = {name: hidden(page, sent.url("message"), name) for name in ("version", "opened")}
    assert analyst.post(sent.url("message"), {**data, **again}).status_code == 302
    assert Message.objects.filter(direction="out").count() == 1


def test_the_same_form_twice_gives_one_message(analyst, send):
    sent = send(**CALM)
    data = {"text": "Terima kasih sudah cerita.", "version": sent.now().version}
    assert analyst.post(sent.url("message"), data).status_code == 302
    assert analyst.post(sent.url("message"), data).status_code == 409
    assert Message.objects.filter(direction="out").count() == 1


def test_who_does_not_hold_the_report_does_not_answer(cast, analyst, browse, send):
    sent = send(**CALM)
    analyst.post(sent.url("claim"))
    second = browse(cast.second_analyst)
    page = html(second.get(sent.url()))
    assert f'action="{sent.url("message")}"' not in page
    assert "memegang laporan ini" in page
    response = second.post(sent.url("message"), {"text": "tulisan yang tidak hilang", "version": sent.now().version})
    assert "tulisan yang tidak hilang" in html(response, 409)
    assert browse(cast.supervisor).post(sent.url("claim"), {"alih": "1"}).status_code == 302
    assert sent.now().claimed_by_id == cast.supervisor.pk
    assert analyst.post(sent.url("release")).status_code == 409


def test_empty_long_and_picture_texts_come_back_with_the_reason(analyst, send):
    sent = send(**CALM)
    version = sent.now().version
    for text, said in (
        ("   ", "Isi dulu bagian ini."),
        ("x" * 20_001, "20000"),
        ("lihat data:image/png;base64,iVBORw0KGgo=", "tidak pernah diterima"),
    ):
        page = html(analyst.post(sent.url("message"), {"text": text, "version": version}), 422)
        assert said in page
        assert 'href="#pesan-text"' in page
        assert text.strip() in page
    assert not Message.objects.exists()


def test_a_text_that_was_written_past_the_end_of_the_session_comes_back(analyst, send):
    sent = send(**CALM)
    del analyst.cookies["k"]
    page = html(analyst.post(sent.url("message"), {"text": "tulisan yang panjang", "version": 1}), 401)
    assert "tulisan yang panjang" in page
    assert "aku mau cerita" not in page
    assert sent.report.reference not in page.split("<main")[1]
    assert not Message.objects.exists()


def test_a_note_is_for_colleagues_alone(cast, analyst, browse, send):
    sent = send(**CALM)
    assert analyst.post(sent.url("note"), {"text": "catatan rahasia"}).status_code == 302
    assert "catatan rahasia" in html(browse(cast.case_worker).get(sent.url()))
    seen = services.mailbox.view(services.mailbox.enter(sent.code, "203.0.113.9"))
    assert "catatan rahasia" not in str([m.text for m in seen.messages])


# --- judging ----------------------------------------------------------------------------------------------------------


def test_triage_with_its_consequences(analyst, send):
    sent = send(path="child", happened=["threat_to_spread"], words="x")
    page = html(analyst.get(sent.url()))
    assert re.search(r'value="sextortion"[^>]* checked', page)
    data = triage_data(sent, risk="high", forms=["sextortion", "grooming"], child_known="yes", medical="open")
    assert analyst.post(sent.url("triage"), data).status_code == 302
    entry, report = TriageEntry.objects.get(), sent.now()
    assert (entry.risk, entry.next_step, report.risk, report.risk_source) == ("high", "referral", "high", "staff")
    assert report.medical_until == report.received_at + timedelta(hours=72)
    assert PoliceClock.objects.get().due_at == report.received_at + timedelta(hours=72)
    page = html(analyst.get(sent.url()))
    assert "Pemerasan seksual" in page
    assert "Keputusan lapor polisi" in page
    assert "rumah sakit dulu" in page


def test_self_harm_never_ends_with_advice(analyst, send):
    sent = send(path="child", feeling="yes", words="berat")
    page = html(
        analyst.post(sent.url("triage"), triage_data(sent, selfharm="on", risk="high", next_step="advice")), 422
    )
    assert "bukan saran" in page
    assert "Dibaca dan dinilai." in page
    page = html(analyst.post(sent.url("triage"), triage_data(sent, selfharm="on", risk="high", next_step="case")), 422)
    assert "rencana keselamatan" in page.lower()
    data = triage_data(sent, selfharm="on", risk="high", next_step="safety_plan", safety_plan="Kakak menemani.")
    assert analyst.post(sent.url("triage"), data).status_code == 302
    page = html(analyst.get(sent.url()))
    assert "Jangan tinggalkan anak sendirian" in page
    assert "Belum ada serah terima lisan." in page
    assert FollowUp.objects.filter(report=sent.id, kind="selfharm_24h").exists()


def test_triage_that_came_too_late_keeps_every_answer(cast, analyst, browse, send):
    sent = send(**CALM)
    data = triage_data(sent, reason="alasanku", forms=["grooming"])
    sent.write("pesan baru dari pelapor")
    page = html(analyst.post(sent.url("triage"), data), 409)
    assert "alasanku" in page
    assert "pesan baru dari pelapor" in page
    assert re.search(r'value="grooming"[^>]* checked', page)
    assert not TriageEntry.objects.exists()


def test_a_case_worker_does_not_triage(cast, browse, send):
    sent, browser = send(**CALM), browse(cast.case_worker)
    assert f'action="{sent.url("triage")}"' not in html(browser.get(sent.url()))
    assert browser.post(sent.url("triage"), triage_data(sent)).status_code == 404
    assert not TriageEntry.objects.exists()


def test_the_police_decision_with_reason_and_who_told_the_child(cast, browse, send):
    with clock.frozen(NOON):
        sent, analyst = send(**CALM), browse(cast.analyst)
        triaged(cast, sent, cast.analyst, child_known=True, forms=("contact",))
        page = html(analyst.get(sent.url()))
        assert "sisa 3 hari" in page
        assert "Kam 26 Nov, 12.00 WIB" in page
        assert analyst.post(sent.url("police"), {"decision": "reported"}).status_code == 422
        data = {"decision": "not_enough", "reason": "belum jelas", "who_told_child": "Kak Analyst, lewat kotak"}
        assert analyst.post(sent.url("police"), data).status_code == 302
        page = html(analyst.get(sent.url()))
        assert "Kak Analyst, lewat kotak" in page
        assert "Ubah keputusan" in page
        analyst.post(sent.url("police"), {**data, "decision": "reported"})
        assert f'action="{sent.url("police")}"' not in html(analyst.get(sent.url()))


def test_handover_follow_up_and_attempts(cast, analyst, send):
    sent = send(path="child", feeling="yes", words="berat")
    triaged(cast, sent, cast.analyst, risk="high", selfharm=True, next_step="safety_plan", safety_plan="rencana")
    assert analyst.post(sent.url("handover"), {"person": "Petugas krisis", "by_voice": "on"}).status_code == 302
    assert "Petugas krisis" in html(analyst.get(sent.url()))
    row = FollowUp.objects.get(report=sent.id)
    assert analyst.post(sent.url("follow_up", follow_up_id=row.pk)).status_code == 302
    assert analyst.post(sent.url("follow_up", follow_up_id=row.pk)).status_code == 409
    stopped = {"channel": "school", "note": "Sekolah tidak mengenal", "stopped": "on"}
    page = html(analyst.post(sent.url("attempt"), stopped), 422)
    assert "Tulis mengapa upaya dihentikan." in page
    assert "Sekolah tidak mengenal" in page
    assert analyst.post(sent.url("attempt"), {**stopped, "stop_reason": "tidak ada petunjuk"}).status_code == 302
    assert Attempt.objects.get().stopped
    page = html(analyst.get(sent.url()))
    assert "tidak ada petunjuk" in page
    assert "dihentikan" in page


def test_a_follow_up_of_another_report_is_not_done_from_here(cast, analyst, send):
    sent, other = send(path="child", feeling="yes", words="berat"), send(**CALM)
    triaged(cast, sent, cast.analyst, risk="high", selfharm=True, next_step="safety_plan", safety_plan="rencana")
    row = FollowUp.objects.get(report=sent.id)
    assert analyst.post(other.url("follow_up", follow_up_id=row.pk)).status_code == 404


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_closing_needs_what_is_missing_first(analyst, send):
    sent = send(**CALM)
    assert analyst.post(sent.url("closure"), {"reason": "done"}).status_code == 409  # nobody has even taken it
    analyst.post(sent.url("claim"))
    page = html(analyst.post(sent.url("closure"), {"reason": "done"}), 422)
    assert "Belum ada penilaian." in page
    assert 'href="#triase"' in page


def test_two_people_close(cast, analyst, browse, send):
    sent = send(**CALM)
    triaged(cast, sent, cast.analyst)
    page = html(analyst.post(sent.url("closure"), {"reason": "misuse"}), 422)
    assert "keselamatan" in page
    assert analyst.post(sent.url("closure"), {"reason": "misuse", "safety_checked": "on"}).status_code == 302
    proposal = ClosureProposal.objects.get()
    decide = sent.url("closure_decide", proposal_id=proposal.pk)
    assert 'value="confirm"' not in html(analyst.get(sent.url()))
    assert analyst.post(decide, {"keputusan": "confirm"}).status_code == 404
    second = browse(cast.second_analyst)
    assert 'value="confirm"' in html(second.get(sent.url()))
    assert second.post(decide, {"keputusan": "confirm"}).status_code == 302
    assert sent.now().state == "closed"
    assert "Hasil" in html(analyst.get(sent.url()))
    assert analyst.post(sent.url("reopen")).status_code == 302
    assert sent.now().state == "waiting_staff"


def test_one_person_closes_what_is_done(cast, analyst, send):
    sent = send(**CALM)
    triaged(cast, sent, cast.analyst)
    assert analyst.post(sent.url("closure"), {"reason": "done"})["Location"].endswith("?ok=closed")
    assert sent.now().state == "closed"


def test_a_conflict_of_interest_takes_the_report_out_of_sight(cast, analyst, browse, send):
    sent = send(**CALM)
    assert analyst.post(sent.url("conflict"), {"team": str(cast.intake.pk)}).status_code == 422
    response = analyst.post(sent.url("conflict"), {"team": str(cast.intake.pk), "sure": "on"})
    assert response.status_code == 302
    assert response["Location"].endswith("?ok=moved")
    assert analyst.get(sent.url()).status_code == 404
    assert sent.report.reference not in html(analyst.get("/kerja/"))
    assert sent.report.reference in html(browse(cast.independent_analyst).get("/kerja/"))


def test_a_wish_to_stop_at_high_risk_waits_for_the_supervisor(cast, analyst, browse, send):
    sent = send(**DANGER)
    services.mailbox.ask_to_stop(services.mailbox.enter(sent.code, "203.0.113.9"))
    page = html(analyst.get(sent.url()))
    assert "Pelapor meminta berhenti" in page
    assert 'value="allow"' not in page
    assert analyst.post(sent.url("withdrawal"), {"keputusan": "allow"}).status_code == 404
    supervisor = browse(cast.supervisor)
    assert 'value="allow"' in html(supervisor.get(sent.url()))
    assert supervisor.post(sent.url("withdrawal"), {"keputusan": "nonsense"}).status_code == 422
    assert supervisor.post(sent.url("withdrawal"), {"keputusan": "keep"}).status_code == 302
    assert supervisor.post(sent.url("withdrawal"), {"keputusan": "keep"}).status_code == 409
    assert sent.now().state == "new"


def test_a_wish_to_stop_that_is_allowed_locks_the_page(cast, browse, send):
    sent, supervisor = send(**DANGER), browse(cast.supervisor)
    services.mailbox.ask_to_stop(services.mailbox.enter(sent.code, "203.0.113.9"))
    response = supervisor.post(sent.url("withdrawal"), {"keputusan": "allow"})
    assert response["Location"].endswith("?ok=stopped")
    assert supervisor.get(sent.url()).status_code == 404


def test_a_withdrawn_report_does_not_exist_for_the_team(analyst, send):
    sent = send(**CALM)
    services.mailbox.ask_to_stop(services.mailbox.enter(sent.code, "203.0.113.9"))
    assert analyst.get(sent.url()).status_code == 404
    assert sent.report.reference not in html(analyst.get("/kerja/"))


def test_legal_hold_is_the_supervisors(cast, analyst, browse, send):
    sent = send(**CALM)
    assert analyst.post(sent.url("legal_hold"), {"tahan": "1", "reason": "police"}).status_code == 404
    supervisor = browse(cast.supervisor)
    assert supervisor.post(sent.url("legal_hold"), {"tahan": "1"}).status_code == 422
    assert supervisor.post(sent.url("legal_hold"), {"tahan": "1", "reason": "police"}).status_code == 302
    assert sent.now().legal_hold
    page = html(supervisor.get(sent.url()))
    assert "Permintaan resmi polisi" in page
    assert "/kerja/penyimpanan-hukum/" in page
    assert supervisor.post(sent.url("legal_hold"), {"reason": "court"}).status_code == 409
    assert sent.now().hold_reason == "police"


def test_reports_that_name_the_same_account_find_each_other(cast, analyst, send):
    one, two = send(path="child", accounts="@akun_sama_77"), send(path="parent", accounts="@akun_sama_77")
    page = html(analyst.get(one.url()))
    assert two.report.reference in page
    assert "menyebut nama akun yang sama" in page


def test_linking_by_reference_and_back(cast, analyst, browse, send):
    one, two = send(**CALM), send(**CALM)
    page = html(analyst.post(one.url("link"), {"other": "00000000", "reason": "told_before"}), 422)
    assert "Tidak ada laporan dengan nomor ini" in page
    data = {"other": two.report.reference, "reason": "told_before"}
    assert analyst.post(one.url("link"), data).status_code == 302
    page = html(analyst.get(two.url()))
    assert one.report.reference in page
    link = Report.objects.get(pk=one.id).links_made.get()
    other = send(**CALM)
    assert analyst.post(other.url("unlink", link_id=link.pk)).status_code == 404
    assert analyst.post(two.url("unlink", link_id=link.pk)).status_code == 302
    assert one.report.reference not in html(analyst.get(two.url()))


def test_nobody_links_to_what_they_may_not_see(cast, browse, send):
    ours, theirs = send(**CALM), send(path="child", words="x", province="91")
    assert theirs.report.team_id == cast.other_intake.pk
    browser = browse(cast.analyst)
    page = html(browser.post(ours.url("link"), {"other": theirs.report.reference, "reason": "told_before"}), 422)
    assert "Tidak ada laporan dengan nomor ini" in page


@pytest.mark.parametrize(
    "path", ["child", "young_child", "other_child", "parent", "witness", "professional", "worried_self"]
)
def test_every_path_opens_in_both_languages(analyst, send, path):
    sent = send(path=path, words="x")
    html(analyst.get(sent.url()))
    html(analyst.get("/en" + sent.url()))


def test_a_report_with_everything_on_it_asks_at_most_twenty_five_times(cast, analyst, send, settings):
    settings.LINDUNG_DUTY_CACHE_SECONDS = 60  # as a server that runs: lists of teams, people and platforms are warm
    Platform.objects.create(code="aplikasi_baru", name="Aplikasi Baru")
    sent, other = send(**FULL), send(**{**FULL, "online_where": ["instagram"]})
    fill(cast, sent, other)
    analyst.get(sent.url())
    sent.write("satu lagi")  # the next opening has something new to mark
    with CaptureQueriesContext(connection) as found:
        page = html(analyst.get(sent.url()))
    for text in ("Catatan untuk rekan.", "Ibu Rekaan", "Tidak diangkat.", "satu lagi", other.report.reference):
        assert text in page
    own = [query["sql"] for query in found if not PANELS.search(query["sql"])]
    assert len(own) <= 20, "\n".join(sql[:120] for sql in own)
    assert len(found) <= 25, "\n".join(query["sql"][:120] for query in found)


PANELS = re.compile(
    r"(?:FROM|INTO|UPDATE) \"(?:series_|takedown_|desk_|partners_|reporting_reportexclusion|accounts_team)"
)
FULL = {
    "path": "child", "danger": "yes", "words": "cerita", "accounts": "@akun_rekaan", "province": "31",
    "online_where": ["aplikasi_baru"], "media_url": "https://example.org/x",
}  # fmt: skip


def fill(cast, sent, other):
    """Everything that a report's page can show, written through the services."""
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    entry = services.TriageInput(
        risk="high", reason="Dibaca.", next_step="safety_plan", selfharm=True, safety_plan="Bersama bibi.",
        forms=("grooming",), child_known=True,
    )  # fmt: skip
    services.triage(actor, keyring, sent.id, entry, sent.now().version)
    services.post_staff_message(actor, keyring, sent.id, "Kami membaca ceritamu.", sent.now().version)
    services.add_note(actor, keyring, sent.id, "Catatan untuk rekan.")
    services.record_handover(actor, keyring, sent.id, "Ibu Rekaan", True)
    services.log_attempt(actor, keyring, sent.id, "phone", "Tidak diangkat.", False, "")
    services.decide_police(actor, keyring, sent.id, "not_enough", "Belum jelas.", "Kak Analyst")
    services.link_reports(actor, sent.id, other.id, "told_before")
    row = FollowUp.objects.get(report=sent.id, kind="selfharm_24h")
    services.complete_follow_up(actor, row.pk)
    services.propose_closure(actor, sent.id, "misuse", True)
    services.mailbox.ask_to_stop(services.mailbox.enter(sent.code, "x"))
