"""Canned answers in the box, hints while writing, and the private page, as staff see them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.audit.models import Event
from lindung.core import clock
from lindung.desk import knowledge, selectors, services
from lindung.desk.models import CannedAnswer, CannedVersion, OwnCount
from lindung.desk.services import AnswerInput
from lindung.reporting import services as reporting
from lindung.reporting.models import Message
from lindung.vault.models import SealedField
from lindung.workspace import care

from .conftest import CALM, DANGER

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
TERMS, OWN, LIST = "/kerja/istilah/", "/kerja/aku/", "/kerja/jawaban/"
HEAVY_TEXT = "Pendampingan psikologis diselenggarakan berdasarkan ketentuan perundangan tersebut."


def html(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


def box(page, name="pesan-text"):
    """What stands in a text box."""
    return re.search(rf'<textarea[^>]*id="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL).group(1)


@pytest.fixture
def offered(cast):
    """An answer that two people agreed on."""
    entry = AnswerInput("pictures", "Diancam", "Threatened", "Dia yang salah, bukan kamu.", "You did nothing wrong.")
    made = services.propose_answer(cast.actor(cast.analyst), entry)
    services.decide_answer(cast.actor(cast.supervisor), made.pk, 1, approve=True)
    return made


# --- an answer into the box -------------------------------------------------------------------------------------------


def test_the_list_speaks_the_reporters_language_and_the_other_one_is_shown_to_staff(analyst, send, offered):
    sent = send(**CALM)
    page = html(analyst.get(sent.url()))
    code = f"{offered.pk.hex}.1"
    assert f'<option value="{code}"' in page
    assert ">Diancam</option>" in page
    form = {"pilih": code, "text": "Halo.", "version": sent.now().version, "pakai": "1"}
    page = html(analyst.post(sent.url("message"), form))
    assert box(page) == "Halo.\n\nDia yang salah, bukan kamu."
    assert "You did nothing wrong." in page
    assert f'name="canned" value="{code}"' in page
    type(sent.now()).objects.filter(pk=sent.id).update(language="en")
    page = html(analyst.get(sent.url()))
    assert ">Threatened</option>" in page
    assert box(html(analyst.post(sent.url("message"), {**form, "text": ""}))) == "You did nothing wrong."


def test_putting_it_into_the_box_sends_nothing_and_keeps_what_was_typed(analyst, send, offered):
    sent = send(**CALM)
    before = sent.now().version
    form = {"pilih": "entah", "text": "Belum selesai", "version": before, "pakai": "1"}
    assert box(html(analyst.post(sent.url("message"), form))) == "Belum selesai"
    page = html(analyst.post(sent.url("message"), {**form, "pilih": f"{offered.pk.hex}.1"}))
    assert "Belum tersimpan" not in page
    assert Message.objects.count() == 0
    assert sent.now().version == before


def test_a_sent_message_remembers_the_answer_sealed_and_the_audit_does_not_tell_it(analyst, send, offered):
    sent, code = send(**CALM), f"{offered.pk.hex}.1"
    form = {"text": "Dia yang salah.", "version": sent.now().version, "canned": code}
    assert analyst.post(sent.url("message"), form).status_code == 302
    message = Message.objects.get()
    field = SealedField.objects.get(field=f"canned:{message.pk.hex}")
    assert field.key_name == "staff"
    assert not Event.objects.filter(data__contains=offered.pk.hex).exists()
    assert not Event.objects.filter(kind="report.message_sent", data__contains="canned").exists()
    page = html(analyst.get(sent.url()))
    assert f'href="{LIST}{offered.pk}/#v1"' in page
    assert "dari jawaban siap pakai, versi 1" in page
    visit = reporting.mailbox.enter(sent.code, "x")
    assert code not in str(reporting.mailbox.view(visit))


def test_a_made_up_answer_is_not_remembered(analyst, send, cast, offered):
    other = services.propose_answer(cast.actor(cast.other_analyst), AnswerInput("first", "a", "b", "c", "d"))
    for odd in (f"{other.pk.hex}.1", "x" * 40, f"{offered.pk.hex}.7"):
        sent = send(**CALM)
        form = {"text": "Terima kasih.", "version": sent.now().version, "canned": odd}
        assert analyst.post(sent.url("message"), form).status_code == 302
    assert not SealedField.objects.filter(field__startswith="canned:").exists()


def test_what_is_not_offered_is_not_in_the_list(analyst, send, cast, offered, browse):
    services.retire_answer(cast.actor(cast.supervisor), offered.pk)
    assert 'name="pilih"' not in html(analyst.get(send(**CALM).url()))
    assert analyst.get(reverse("workspace:canned_text", args=[offered.pk])).status_code == 404


def test_the_script_gets_both_languages(analyst, browse, cast, offered):
    answer = analyst.get(reverse("workspace:canned_text", args=[offered.pk]))
    assert json.loads(answer.content) == {
        "code": f"{offered.pk.hex}.1", "id": "Dia yang salah, bukan kamu.", "en": "You did nothing wrong.",
    }  # fmt: skip
    assert browse(cast.other_analyst).get(reverse("workspace:canned_text", args=[offered.pk])).status_code == 404


# --- the pages of the answers -----------------------------------------------------------------------------------------


def test_an_answer_from_writing_to_approval_and_its_history(analyst, browse, cast):
    form = {
        "topic": "first", "title_id": "Terima kasih", "text_id": f"{HEAVY_TEXT} Ini anak nakal.",
        "title_en": "Thank you", "text_en": "Thank you for telling us.", "version": "0",
    }  # fmt: skip
    page = html(analyst.post(f"{LIST}tambah/", {**form, "periksa": "1"}))
    assert CannedAnswer.objects.count() == 0
    assert "“anak nakal”" in page
    assert "terlalu berat" in page
    assert f'<mark lang="id">{HEAVY_TEXT}</mark>' in page
    assert HEAVY_TEXT in box(page, "jawaban-text_id")
    page = html(analyst.post(f"{LIST}tambah/", {**form, "text_id": "Telepon 0812 3456 7890"}), 422)
    assert "Ada nomor yang bukan nomor umum" in page
    assert "0812 3456 7890" in box(page, "jawaban-text_id")
    assert analyst.post(f"{LIST}tambah/", {**form, "text_id": "Terima kasih, Ibu Sari."}).status_code == 302
    answer = CannedAnswer.objects.get()
    url = f"{LIST}{answer.pk}/"
    page = html(analyst.get(url))
    assert "Kamu yang menulis" in page
    assert "Mungkin ada nama orang" in page
    assert analyst.post(f"{url}putuskan/", {"keputusan": "approve", "version": "1"}).status_code == 404
    second = browse(cast.second_analyst)
    assert second.post(f"{url}putuskan/", {"keputusan": "approve", "version": "1"}).status_code == 302
    changed = {**form, "text_id": "Terima kasih sudah cerita.", "version": "1"}
    assert second.post(f"{url}ubah/", changed).status_code == 302
    page = html(analyst.get(url))
    assert page.index("Terima kasih sudah cerita.") < page.index("Terima kasih, Ibu Sari.")
    assert "versi 1 ditawarkan" in html(analyst.get(LIST))
    assert analyst.post(f"{url}putuskan/", {"keputusan": "approve", "version": "2"}).status_code == 302
    page = html(analyst.get(url))
    assert "Versi lain" in page
    assert "Terima kasih, Ibu Sari." in page
    assert cast.second_analyst.display_name in page


def test_two_writers_read_each_other(analyst, browse, cast, offered):
    url, form = f"{LIST}{offered.pk}/ubah/", {
        "topic": "first", "title_id": "a", "text_id": "Kalimatku.", "title_en": "b", "text_en": "Mine.", "version": "1",
    }  # fmt: skip
    assert browse(cast.supervisor).post(url, {**form, "text_id": "Kalimat penyelia."}).status_code == 302
    page = html(analyst.post(url, form), 409)
    assert "Kalimat penyelia." in page
    assert box(page, "jawaban-text_id") == "Kalimatku."
    assert 'name="version" value="2"' in page
    assert analyst.post(url, {**form, "version": "2"}).status_code == 302
    assert CannedVersion.objects.count() == 3


def test_examples_are_taken_over_and_say_that_no_child_has_tried_them(analyst, browse, cast):
    page = html(analyst.get(LIST))
    assert "Belum dicoba bersama anak" in page
    assert page.count('name="contoh"') == len(knowledge.starters())
    assert analyst.post(f"{LIST}contoh/", {"contoh": ["received", "threatened"]}).status_code == 302
    page = html(analyst.get(LIST))
    assert page.count("usulanmu menunggu") == 2
    assert page.count('name="contoh"') == len(knowledge.starters()) - 2
    assert 'name="contoh"' not in html(browse(cast.case_worker).get(LIST))


def test_the_second_person_decides_on_what_they_read(analyst, browse, cast, offered):
    url = f"{LIST}{offered.pk}/"
    change = {"topic": "first", "title_id": "a", "text_id": "b", "title_en": "c", "text_en": "d", "version": "1"}
    assert analyst.post(f"{url}ubah/", change).status_code == 302
    supervisor = browse(cast.supervisor)
    assert analyst.post(f"{url}ubah/", {**change, "version": "2"}).status_code == 302
    assert supervisor.post(f"{url}putuskan/", {"keputusan": "approve", "version": "2"}).status_code == 409
    assert supervisor.post(f"{url}putuskan/", {"keputusan": "approve", "version": "x"}).status_code == 404
    assert [v.number for v in selectors.offered(cast.actor(cast.analyst))] == [1]


# --- hints ------------------------------------------------------------------------------------------------------------


def ask(browser, text, **more):
    return browser.post(TERMS, {"text": text, **more}, headers={"X-Requested-With": "hints"})


def test_a_text_is_looked_at_and_kept_nowhere(analyst):
    with CaptureQueriesContext(connection) as queries:
        page = html(ask(analyst, "Ia pelacur anak <b>kanari</b>.", ukur="id"))
    assert "eksploitasi seksual anak dalam prostitusi" in page
    assert "<b>" not in page
    assert "<html" not in page
    wrote = [q["sql"] for q in queries if re.match(r"\s*(INSERT|UPDATE|DELETE)", q["sql"])]
    assert all("django_session" in sql for sql in wrote)
    assert not any("kanari" in q["sql"] for q in queries)
    assert "Untuk pembaca 12 tahun:" in page
    assert html(ask(analyst, "Anak itu korban.")).strip() == ""
    assert html(ask(analyst, "x" * 100_000)).strip() == ""


def test_without_script_the_page_of_the_report_comes_back_with_hints(analyst, send):
    sent = send(**CALM)
    page = html(analyst.get(sent.url()))
    assert page.count('name="periksa"') >= 3
    form = {"text": "Anak nakal itu.", "version": sent.now().version, "periksa": "1"}
    page = html(analyst.post(sent.url("message"), form))
    assert box(page) == "Anak nakal itu."
    assert "lebih baik" in page
    assert "Belum tersimpan" not in page
    assert Message.objects.count() == 0
    page = html(analyst.post(sent.url("note"), {"text": "Pelaku kabur.", "periksa": "1"}))
    assert "terduga pelaku" in page
    assert "Pelaku kabur." in box(page, "catatan-text")
    triage = {"risk": "high", "reason": "Mau sama mau, kata tetangga.", "forms": ["sextortion"], "periksa": "1"}
    page = html(analyst.post(sent.url("triage"), triage))
    assert re.search(r'name="risk" value="high"[^>]* checked', page)
    assert re.search(r'name="forms" value="sextortion"[^>]* checked', page)
    assert "Isi dulu" not in page
    assert sent.now().version == 1


def test_the_glossary_can_be_read_and_tried(analyst):
    page = html(analyst.get(TERMS))
    assert "child in conflict with the law" in page
    page = html(analyst.post(TERMS, {"text": HEAVY_TEXT, "periksa": "1"}))
    assert "Tidak ada kata yang perlu diganti." in page
    assert "terlalu berat" in page


def test_a_word_is_pointed_out_once_however_often_it_stands_there(analyst):
    page = html(ask(analyst, "Predator. predator. PREDATOR. Anak nakal."))
    assert page.count("<li>") == 2


def test_hints_speak_english_on_the_english_page(analyst):
    page = analyst.post("/en" + TERMS, {"text": "He is a predator."}, headers={"X-Requested-With": "hints"})
    assert "say rather" in html(page)
    assert "alleged offender" in html(page)


# --- the private page -------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(cast, browse):
    """The browser of the analyst, who signed in at noon."""
    with clock.frozen(NOON):
        return browse(cast.analyst)


def read(browser, send, number, **answers):
    for _ in range(number):
        assert browser.get(send(**answers).url()).status_code == 200


def test_after_eight_heavy_reports_a_break_is_suggested_and_can_be_put_off(worker, send):
    with clock.frozen(NOON):
        read(worker, send, 3, **CALM)
        read(worker, send, 7, **DANGER)
        assert "Waktunya jeda" not in html(worker.get("/kerja/"))
        read(worker, send, 1, **DANGER)
        page = html(worker.get("/kerja/"))
        assert "Kamu membaca 8 laporan berat sejak jeda terakhir." in page
        assert worker.post(OWN, {"what": "later"}).status_code == 302
        assert "Waktunya jeda" not in html(worker.get("/kerja/"))
    for minutes in (10, 20, 29):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert "Waktunya jeda" not in html(worker.get("/kerja/"))
    with clock.frozen(NOON + timedelta(minutes=30)):
        assert "Waktunya jeda" in html(worker.get("/kerja/"))
        assert worker.post(OWN, {"what": "rest"}).status_code == 302
        page = html(worker.get(OWN + "?ok=rest"))
        assert "Selamat beristirahat" in page
        assert "11 laporan dibuka" in page
        assert "8 berat" in page
        assert "1 kali jeda" in page
        assert "Waktunya jeda" not in html(worker.get("/kerja/"))


def test_ninety_minutes_without_a_pause(worker):
    for minutes in range(0, 90, 10):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert "Waktunya jeda" not in html(worker.get("/kerja/jaga/"))
    with clock.frozen(NOON + timedelta(minutes=90)):
        assert "Kamu bekerja 1 jam 30 menit tanpa jeda." in html(worker.get("/kerja/akun/"))
        assert worker.post(OWN, {"what": "today"}).status_code == 302
    with clock.frozen(NOON + timedelta(minutes=100)):
        assert "Waktunya jeda" not in html(worker.get("/kerja/"))


def test_writing_for_long_is_work_too(worker):
    for minutes in range(0, 91, 10):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            ask(worker, "Aku masih menulis.")
    with clock.frozen(NOON + timedelta(minutes=95)):
        assert "Waktunya jeda" in html(worker.get("/kerja/"))


def test_the_page_knows_the_day_the_week_and_whom_to_talk_to(worker, send, cast, browse):
    with clock.frozen(NOON - timedelta(days=2)):
        again = browse(cast.analyst)
        read(again, send, 2, **DANGER)
        again.get(OWN)
    with clock.frozen(NOON):
        fresh = browse(cast.analyst)
        sent = send(**CALM)
        for _ in range(3):
            fresh.get(sent.url())
        page = html(fresh.get(OWN))
        assert "1 laporan dibuka" in page
        assert "3 laporan dibuka" in page
        assert cast.supervisor.display_name in page
        assert "healing119.id" in page
        assert cast.supervisor.display_name not in html(browse(cast.supervisor).get(OWN)).split('id="bicara"')[1]


def test_the_own_account_leads_there_and_that_of_people_without_reports_does_not(worker, cast, browse):
    with clock.frozen(NOON):
        assert f'href="{OWN}"' in html(worker.get("/kerja/akun/"))
        for user in (cast.administrator, cast.auditor, cast.partner):
            assert f'href="{OWN}"' not in html(browse(user).get("/kerja/akun/"))


def test_nobody_else_sees_it_anywhere(worker, send, cast, browse):
    """Whoever else signs in finds neither number nor reminder: on no page, in no export, not as an event."""
    with clock.frozen(NOON):
        read(worker, send, 9, **DANGER)
        assert "9 laporan dibuka" in html(worker.get(OWN))
        events = Event.objects.count()
        worker.post(OWN, {"what": "rest"})
        worker.post(OWN, {"what": "later"})
        assert Event.objects.count() == events
        pages = ["/kerja/", "/kerja/jaga/", "/kerja/akun/", OWN, LIST, "/kerja/orang/", "/kerja/audit/",
                 f"/kerja/orang/{cast.analyst.pk}/", "/kerja/audit/ekspor/"]  # fmt: skip
        for name in ("supervisor", "administrator", "auditor", "second_analyst", "data_analyst"):
            browser = browse(getattr(cast, name))
            for path in pages:
                response = browser.get(path)
                text = b"".join(response.streaming_content) if response.streaming else response.content
                assert b"Waktunya jeda" not in text, (name, path)
                assert b"9 laporan dibuka" not in text, (name, path)
                assert b"9 berat" not in text, (name, path)


def test_what_a_session_remembers_is_sealed_too(worker, send):
    with clock.frozen(NOON):
        read(worker, send, 1, **DANGER)
    session = worker.session
    assert "heavy" not in json.dumps(dict(session), default=str)
    session["care"] = "gibberish"
    session.save()
    with clock.frozen(NOON):
        assert worker.get("/kerja/").status_code == 200


def statements(queries):
    return [q["sql"] for q in queries if not re.match(r"\s*(SAVEPOINT|RELEASE|BEGIN|COMMIT)", q["sql"])]


def test_it_costs_one_query_at_most(worker, send, monkeypatch):
    """Against the same page without it: in the minute of the last page and in a new one, first report and later."""

    def costs(path, moment):
        with clock.frozen(moment), CaptureQueriesContext(connection) as queries:
            assert worker.get(path).status_code == 200
        return len(statements(queries))

    def without(path, moment):
        with monkeypatch.context() as patched:
            patched.setattr(care, "count_opening", lambda request, report: None)
            patched.setattr(care, "touch", lambda request: None)
            return costs(path, moment)

    sent = [send(**DANGER) for _ in range(8)]
    for report in sent:  # a message read for the first time costs a query of its own
        without(report.url(), NOON)
    for step, number in enumerate(range(0, 8, 2)):
        for same_minute in (False, True):
            base = NOON + timedelta(minutes=1 + 4 * step + 2 * same_minute)
            paths = [sent[number + same_minute].url(), "/kerja/", "/kerja/akun/"]
            for path in paths:
                if same_minute:
                    without("/kerja/akun/", base)
                    plain = without(path, base)
                    assert costs(path, base) - plain <= 1, (path, step, same_minute)
                else:
                    plain = without(path, base)
                    assert costs(path, base + timedelta(minutes=1)) - plain <= 1, (path, step, same_minute)
                    base += timedelta(minutes=2)
    assert OwnCount.objects.count() == 1
