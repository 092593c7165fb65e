"""Takedowns on the pages: nothing is typed twice, no address is a link, the whole loop by forms alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.core import clock
from lindung.reporting.models import Report
from lindung.takedown.models import Check, Contact, Item, Notice, State

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LINK = "https://contoh-tautan.invalid/halaman/48213?x=Ab"
SHOWN = "hxxps://contoh-tautan[.]invalid/halaman/48213?x=Ab"
SHA = "ab" * 32
LIST = reverse("workspace:takedown")


def html(response, status=200):
    assert response.status_code == status, (response.status_code, response.content[:400])
    return response.content.decode()


def url(name, *args):
    return reverse(f"workspace:{name}", args=args)


@pytest.fixture
def noon():
    with clock.frozen(NOON):
        yield


def ask(browser, sent, **more):
    data = {
        "given": ["0"],
        "kind": "url",
        "entries": "",
        "addressees": ["iwf"],
        "bases": ["iwf"],
        "platform": "",
        **more,
    }
    return browser.post(url("takedown_add", sent.id), data)


def witness(send, **more):
    return send(path="witness", media_url=f"Saya lihat {LINK}", words="cerita", **more)


def letter_for(browser, *items):
    made = browser.post(url("takedown_notice_make"), {"item": [str(item.pk) for item in items]})
    assert made.status_code == 302
    return urlsplit(made["Location"]).path


def version(item):
    return Item.objects.get(pk=item.pk).version


@pytest.mark.usefixtures("noon")
def test_the_whole_loop_by_forms_alone(cast, analyst, send):
    sent = witness(send)
    page = html(analyst.get(sent.url()))
    assert 'id="hapus"' in page
    panel = page[page.index('aria-labelledby="hapus"') :]
    assert SHOWN in panel
    assert LINK not in panel[: panel.index("</section>")]

    response = ask(analyst, sent)
    assert response["Location"] == sent.url() + "?ok=takedown#hapus"
    page = html(analyst.get(sent.url()))
    assert "Perlu dikirim" in page
    assert 'name="given"' not in page, "what was taken is not offered again"
    item = Item.objects.get()

    page = html(analyst.get(LIST))
    assert item.reference in page
    assert "contoh-tautan" not in page, "the list shows no address"
    letter = letter_for(analyst, item)
    page = html(analyst.get(letter))
    assert SHOWN in page
    assert page.count(LINK) == 1, "the real one stands in the copy alone"
    assert re.search(rf"<textarea[^>]*>[^<]*{re.escape(LINK)}", page)
    for forbidden in ('href="http', "cerita", sent.code):
        assert forbidden not in page
    text = analyst.get(letter + "teks/?bahasa=en")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in text["Content-Disposition"]
    assert LINK in text.content.decode()
    sheet = analyst.get(letter + "iwf/").content.decode()
    assert sheet == f"url,date_seen,platform\r\n{LINK},2026-11-23,\r\n"

    response = analyst.post(letter + "terkirim/", {"reference": "IWF-2026-5", "at": ""})
    assert response["Location"] == letter + "?ok=sent"
    page = html(analyst.get(letter))
    assert "IWF-2026-5" in page
    assert "Sudah kukirim" not in page

    own = url("takedown_item", item.pk)
    with clock.frozen(NOON + timedelta(hours=25)):
        cast.sign_in(analyst, cast.analyst)  # sessions end after an idle hour
        page = html(analyst.get(LIST))
        assert "Belum dijawab lebih dari 24 jam" in page
        answered = analyst.post(own + "jawaban/", {"code": "removed", "words": "Dihapus.", "version": version(item)})
        assert answered["Location"] == own + "?ok=answered"
        assert "Dihapus." in html(analyst.get(own))
    for day, done in ((2, "checked"), (3, "checked"), (4, "gone")):
        with clock.frozen(NOON + timedelta(days=day)):
            cast.sign_in(analyst, cast.analyst)
            data = {"result": "not_there", "method": "address", "version": version(item)}
            response = analyst.post(own + "periksa/", data)
            assert response["Location"] == f"{own}?ok={done}"
            page = html(analyst.get(own))
            assert SHOWN in page
            assert LINK not in page
    assert Item.objects.get().state == State.GONE
    with clock.frozen(NOON + timedelta(days=4, minutes=5)):
        page = html(analyst.get(LIST + "?lihat=done"))
    assert item.reference in page


@pytest.mark.usefixtures("noon")
def test_what_is_wrong_comes_back_beside_its_field_and_nothing_is_stored(analyst, send):
    sent = witness(send)
    for more, words in (
        ({"given": [], "entries": "bukan alamat"}, "Ini bukan alamat internet"),
        ({"given": [], "entries": ""}, "Pilih atau tulis"),
        ({"kind": "md5", "entries": "abc"}, "MD5 terdiri dari 32"),
        ({"addressees": []}, "Pilih sedikitnya satu penerima"),
        ({"bases": ["ite"]}, "Pilih dasar yang cocok"),
        ({"addressees": ["platform"], "bases": ["ite"]}, "Pilih platform"),
        ({"given": ["7"]}, "hapus-isi-given"),
    ):
        page = html(ask(analyst, sent, **more), 422)
        assert words in page, more
        assert "Belum tersimpan" in page
    assert not Item.objects.exists()
    assert ask(analyst, sent, kind="sha256", entries=f"{SHA}\n\n").status_code == 302
    assert Item.objects.count() == 2
    page = html(ask(analyst, sent, given=[], kind="sha256", entries=SHA), 422)
    assert "Semua ini sudah ada" in page
    page = html(analyst.get(sent.url()))
    assert "SHA-256:" in page


@pytest.mark.usefixtures("noon")
def test_a_later_change_is_seen_and_wrong_times_are_said(analyst, send):
    sent = witness(send)
    ask(analyst, sent)
    item = Item.objects.get()
    letter = letter_for(analyst, item)
    wrong = analyst.post(letter + "terkirim/", {"reference": "", "at": "2026-11-23T23:59"})
    assert "Waktu ini belum tiba" in html(wrong, 422)
    assert analyst.post(letter + "terkirim/", {"at": "2026-11-23T12:00"}).status_code == 302, "12.00 WIB is now"
    own = url("takedown_item", item.pk)
    stale = version(item) - 1
    late = analyst.post(own + "periksa/", {"result": "there", "method": "list", "version": stale})
    assert late.status_code == 409
    wrong = analyst.post(own + "periksa/", {"result": "", "method": "list", "version": stale})
    assert "Isi dulu bagian ini" in html(wrong, 422)
    assert not Check.objects.exists()
    there = analyst.post(own + "periksa/", {"result": "there", "method": "list", "version": version(item)})
    assert there["Location"] == own + "?ok=again"
    assert "Perlu dikirim lagi" in html(analyst.get(own))
    ended = analyst.post(own + "akhiri/", {"event": "give_up", "reason": "private_chat", "version": version(item)})
    assert ended["Location"] == own + "?ok=ended"
    assert "Hanya ada di chat pribadi" in html(analyst.get(own))
    assert analyst.post(own + "lagi/", {"version": version(item)})["Location"] == own + "?ok=renewed"
    letter = letter_for(analyst, item)
    assert analyst.post(letter + "batal/")["Location"] == LIST + "?ok=discarded"
    assert analyst.get(letter).status_code == 404


def test_a_triage_that_says_takedown_leads_here(cast, analyst, send):
    from lindung.reporting import services

    sent = send(path="child", words="cerita")
    assert 'id="hapus"' not in html(analyst.get(sent.url()))
    entry = services.TriageInput(risk="medium", reason="Ada tautan.", next_step="takedown", child_known=False)
    services.triage(cast.actor(cast.analyst), cast.keyring(cast.analyst), sent.id, entry, sent.now().version)
    page = html(analyst.get(sent.url()))
    assert '<a href="#hapus">Permintaan hapus</a>' in page
    panel = page[page.index('aria-labelledby="hapus"') :]
    assert "<details open>" in panel[: panel.index("</section>")]


def test_an_adult_who_asks_for_help_has_no_such_panel(analyst, send):
    assert 'id="hapus"' not in html(analyst.get(send(path="worried_self", words="tolong").url()))


@pytest.mark.usefixtures("noon")
def test_a_case_worker_reads_and_finds_no_buttons(cast, browse, analyst, send):
    sent = witness(send)
    ask(analyst, sent)
    item = Item.objects.get()
    letter = letter_for(analyst, item)
    worker = browse(cast.case_worker)
    for page in (sent.url(), LIST, letter, url("takedown_item", item.pk)):
        body = html(worker.get(page))
        assert f'action="{url("takedown_notice_make")}"' not in body or "Buat surat" not in body
        assert '<textarea id="salinan"' not in body
    assert worker.get(letter + "teks/").status_code == 404
    assert worker.post(letter + "terkirim/", {}).status_code == 404
    assert ask(worker, sent).status_code == 404
    assert worker.post(url("takedown_item", item.pk) + "periksa/", {"result": "there"}).status_code == 404
    assert Notice.objects.get().state == "draft"


@pytest.mark.usefixtures("noon")
def test_pages_need_few_queries_whatever_stands_on_them(analyst, send):
    items = []
    for number in range(12):
        sent = send(path="witness", media_url=f"https://contoh{number}.invalid/x", words="cerita")
        ask(analyst, sent)
        items.append(Item.objects.get(report=sent.id))
    letter = letter_for(analyst, *items)
    analyst.post(letter + "terkirim/", {"reference": "R-1"})
    own = url("takedown_item", items[0].pk)
    for page in (LIST, letter, own, url("takedown_statistics"), url("takedown_contacts")):
        analyst.get(page)
        with CaptureQueriesContext(connection) as queries:
            html(analyst.get(page))
        assert len(queries) <= 25, (page, len(queries))
    analyst.get(sent.url())
    with CaptureQueriesContext(connection) as with_panel:
        analyst.get(sent.url())
    own = [query["sql"] for query in with_panel if "takedown_" in query["sql"] and "counted" not in query["sql"]]
    assert len(own) <= 2, "the number in the menu stands in a query of all such numbers"


@pytest.mark.usefixtures("noon")
def test_filters_by_addressee(analyst, send):
    sent = witness(send, online_where=["instagram"])
    ask(analyst, sent, addressees=["iwf", "platform", "komdigi"], bases=["ite", "iwf"], platform="instagram")
    page = html(analyst.get(LIST))
    assert page.count("<button>Buat surat") == 3
    assert "Platform: Instagram" in page
    page = html(analyst.get(LIST + "?kepada=komdigi&lihat=send"))
    assert page.count("<button>Buat surat") == 1
    assert html(analyst.get(LIST + "?kepada=apa&lihat=apa"))
    assert "Tidak ada yang cocok" in html(analyst.get(LIST + "?lihat=look"))
    mixed = analyst.post(url("takedown_notice_make"), {"item": [str(i.pk) for i in Item.objects.all()]})
    assert mixed.status_code == 422
    assert analyst.post(url("takedown_notice_make"), {"item": ["apa"]}).status_code == 404
    assert analyst.post(url("takedown_notice_make"), {})["Location"] == LIST


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_the_register_is_kept_by_staff_and_says_what_is_overdue(cast, browse, analyst):
    page = html(analyst.get(url("takedown_contacts")))
    assert "report[.]iwf[.]org[.]uk" in page
    assert "report.iwf.org.uk" not in page
    assert page.count("belum pernah") == 2
    data = {
        "addressee": "platform", "platform": "instagram", "form_url": "https://contoh.example/lapor",
        "email": "lapor@contoh.example", "asks": "Alamat saja.", "promised_hours": "24",
    }  # fmt: skip
    assert analyst.post(url("takedown_contact_add"), data)["Location"].endswith("?ok=saved")
    assert "sudah ada di daftar" in html(analyst.post(url("takedown_contact_add"), data), 422)
    row = Contact.objects.get(platform="instagram")
    own = url("takedown_contact", row.pk)
    verified = analyst.post(own + "periksa/", {"version": row.version})
    assert verified["Location"].endswith("?ok=verified")
    row.refresh_from_db()
    assert row.verified_by == cast.analyst
    page = html(analyst.get(url("takedown_contacts")))
    assert "hxxps://contoh[.]example/lapor" in page
    assert page.count("belum pernah") == 2
    with clock.frozen(clock.now() + timedelta(days=181)):
        browser = browse(cast.analyst)
        assert "perlu diperiksa lagi" in html(browser.get(url("takedown_contacts")))
    stale = analyst.post(own, {**data, "email": "baru@contoh.example", "version": row.version - 1})
    assert stale.status_code == 422
    assert analyst.post(own, {**data, "email": "baru@contoh.example", "version": row.version}).status_code == 302
    row.refresh_from_db()
    assert (row.email, row.verified_on) == ("baru@contoh.example", None), "a changed way must be verified anew"
    for wrong in ({"form_url": "javascript:alert(1)"}, {"email": "bukan"}, {"promised_hours": "0"}, {"platform": ""}):
        assert analyst.post(own, {**data, **wrong, "version": row.version}).status_code == 422, wrong
    worker = browse(cast.case_worker)
    assert "Tambah kontak" not in html(worker.get(url("takedown_contacts")))
    assert worker.post(own, data).status_code == 404
    assert worker.post(own + "periksa/", {}).status_code == 404


# --- statistics -------------------------------------------------------------------------------------------------------


def test_the_team_sees_its_numbers_and_others_none_that_are_small(cast, browse, send):
    with clock.frozen(NOON):
        analyst = browse(cast.analyst)
        sent = witness(send)
        ask(analyst, sent)
        letter = letter_for(analyst, Item.objects.get())
        analyst.post(letter + "terkirim/", {})
        page = html(analyst.get(url("takedown_statistics")))
        assert "November 2026" in page
        assert "1</td>" in page
        file = analyst.get(url("takedown_statistics_file")).content.decode().splitlines()
        assert file[0].startswith("month,addressee,platform,sent,answered")
        assert file[1] == "2026-11,iwf,,1,0,0,0,,,,"
        assert analyst.get(url("takedown_statistics_file") + "?untuk=luar").content.decode().splitlines()[1] == (
            "2026-11,iwf,,,,,,,,,"
        )
        counting = browse(cast.data_analyst)
        page = html(counting.get(url("takedown_statistics")))
        assert "1</td>" not in page
        assert counting.get(url("takedown_statistics_file")).content.decode().splitlines()[1] == "2026-11,iwf,,,,,,,,,"
        assert counting.get(LIST).status_code == 404
        assert browse(cast.auditor).get(url("takedown_statistics")).status_code == 404
        assert Report.objects.count() == 1
