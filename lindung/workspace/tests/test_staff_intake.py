"""Staff type what somebody tells them: nothing typed is lost, the receipt is read out once and then gone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from conftest import Browser
from lindung.core import clock
from lindung.core.errors import Unavailable
from lindung.places import selectors as places
from lindung.reporting import services
from lindung.reporting.knowledge import intake as knowledge
from lindung.reporting.knowledge import questions
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox, receiving
from lindung.vault.models import TeamKeyGrant
from lindung.workspace.forms_intake import IntakeForm, MediaForm
from lindung.workspace.receiptwords import spoken

pytestmark = pytest.mark.django_db

PHONE = reverse("workspace:intake_channel", args=["phone"])
MEDIA = reverse("workspace:intake_channel", args=["media"])
TOLD = {
    "path": "child", "language": "id", "words": "Ada yang mengancam lewat gim.", "province": "31", "keep": ["story"],
    "given_by": "child", "given_how": "voice", "child_agreed": "yes",
}  # fmt: skip


def token(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)


def form_of(browser, url=PHONE):
    return {**TOLD, "token": token(browser.get(url))}


def text(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def code_on(page):
    found = re.findall(r'class="digits">(\d{4})<', page.content.decode())
    return "".join(found)


def taken(browser, data=None, url=PHONE):
    """Send one form and open the page behind it."""
    response = browser.post(url, data or form_of(browser, url))
    assert response.status_code == 302, text(response)
    return response["Location"], browser.get(response["Location"])


def test_it_works(analyst, cast):
    page = analyst.get(reverse("workspace:intake"))
    assert all(str(channel.label) in text(page) for channel in knowledge.channels().values())
    where, page = taken(analyst)
    code = code_on(page)
    assert len(code) == 20
    for group in range(5):
        assert spoken(code[group * 4 : group * 4 + 4]) in text(page)
    report = Report.objects.get()
    assert report.channel == "phone"
    assert report.reference in text(page)
    assert mailbox.enter(code, "x").report_id == report.pk
    done = analyst.post(where, {"do": "noted"})
    assert done["Location"] == reverse("workspace:report", args=[report.pk]) + "?ok=taken_noted"
    assert "Kodenya sudah dicatat" in text(analyst.get(done["Location"]))


def test_the_numbers_stand_above_the_first_question(analyst):
    page = analyst.get(PHONE).content.decode()
    for number in ("110", "129", "119"):
        assert page.index(f'href="tel:{number}"') < page.index('name="danger"')
    assert page.index('name="danger"') < page.index('name="words"') < page.index('name="keep"')


@pytest.mark.parametrize("channel", [c for c, way in knowledge.channels().items() if not way.short])
def test_every_way_in_has_its_page_and_asks_every_question(analyst, channel):
    page = analyst.get(reverse("workspace:intake_channel", args=[channel])).content.decode()
    for question in questions().values():
        assert f'name="{question.code}"' in page, question.code
        assert str(question.label) in unescape(page)


def test_an_unknown_way_in_does_not_exist(analyst):
    assert analyst.get(reverse("workspace:intake_channel", args=["fax"])).status_code == 404
    assert analyst.get(reverse("workspace:intake_channel", args=["portal"])).status_code == 404


def test_an_empty_page_is_refused_only_because_nobody_was_asked(analyst):
    response = analyst.post(PHONE, {"token": token(analyst.get(PHONE)), "path": "child"})
    assert response.status_code == 422
    assert "Pilih alasan menyimpan yang perlu saja" in text(response)


def test_a_double_click_shows_the_same_receipt(analyst):
    data = form_of(analyst)
    first, page = taken(analyst, data)
    second, again = taken(analyst, data)
    assert first == second
    assert code_on(page) == code_on(again)
    assert Report.objects.count() == 1


def test_a_form_that_is_sent_again_shows_no_receipt_that_was_noted(analyst):
    data = form_of(analyst)
    where, page = taken(analyst, data)
    code = code_on(page)
    for said in ("noted", "noted"):
        analyst.post(where, {"do": said})
    response = analyst.post(PHONE, data)
    assert response["Location"] == where
    back = analyst.get(where)
    assert back["Location"] == reverse("workspace:intake")
    for url in (reverse("workspace:intake"), reverse("workspace:report", args=[Report.objects.get().pk])):
        assert code[:4] + code[4:8] not in re.sub(r"\s", "", analyst.get(url).content.decode())
    assert Report.objects.count() == 1


def test_two_calls_at_once_keep_their_own_receipts(analyst):
    one, other = form_of(analyst), form_of(analyst)
    first, page_one = taken(analyst, one)
    second, page_two = taken(analyst, other)
    assert first != second
    assert code_on(page_one) != code_on(page_two)
    assert code_on(analyst.get(first)) == code_on(page_one)


def test_the_receipt_lies_nowhere_in_the_clear(analyst, cast):
    where, page = taken(analyst)
    code = code_on(page)
    rows = "".join(str(row.get_decoded()) for row in Session.objects.all())
    for word in (code, code[:8], " ".join(code[i : i + 4] for i in range(0, 20, 4))):
        assert word not in rows
        assert word not in where
    assert "Ada yang mengancam" not in rows


def test_nobody_else_and_no_other_browser_opens_the_page_of_a_receipt(analyst, cast, browse):
    where, _ = taken(analyst)
    assert browse(cast.second_analyst).get(where).status_code == 404
    assert browse(cast.analyst).get(where).status_code == 404
    key = analyst.cookies["k"].value
    del analyst.cookies["k"]
    assert analyst.get(where)["Location"].startswith(reverse("accounts:sign_in"))
    assert key


def test_the_caller_says_the_receipt_back_group_by_group(analyst):
    where, page = taken(analyst)
    code = code_on(page)
    groups = {f"g{n + 1}": code[n * 4 : n * 4 + 4] for n in range(5)}
    right = analyst.post(where, {"do": "check", **groups})
    assert "Kodenya benar semua" in text(right)
    wrong = f"{(int(groups['g3']) + 1) % 10000:04d}"
    page = analyst.post(where, {"do": "check", **groups, "g3": wrong})
    assert "Kelompok 3 belum sama" in text(page)
    assert "Kelompok 2 belum sama" not in text(page)
    assert "salah dengar atau tertukar" in text(page)
    assert page.content.decode().count("belum sama</span>") == 1
    spaced = {name: f" {group[:2]} {group[2:]} " for name, group in groups.items()}
    assert "Kodenya benar semua" in text(analyst.post(where, {"do": "check", **spaced}))
    partly = analyst.post(where, {"do": "check", "g1": groups["g1"]})
    assert "Kelompok 1 belum" not in text(partly)
    assert "Kelompok 5 belum sama" in text(partly)
    rows = "".join(str(row.get_decoded()) for row in Session.objects.all())
    assert wrong not in rows


def test_whoever_cannot_keep_it_is_told_kindly_and_nothing_is_stored(analyst):
    where, _ = taken(analyst)
    done = analyst.post(where, {"do": "cannot"})
    assert "Kodenya tidak disimpan siapa pun" in text(analyst.get(done["Location"]))
    assert analyst.get(where).status_code == 302


def test_digits_are_spoken_in_the_language_of_the_page():
    assert spoken("1230") == "satu dua tiga nol"
    with override("en"):
        assert spoken("4789") == "four seven eight nine"


# --- what was typed comes back --------------------------------------------------------------------------------------


def test_a_refused_form_comes_back_whole(analyst):
    data = {**form_of(analyst), "caller": "Ibu Contoh", "accounts": "@akun_1", "happened": ["paid"], "reach": "contact",
            "sex": "male", "regency": "31.71", "easier": ["sign"], "must_not_know": "ayah"}  # fmt: skip
    response = analyst.post(PHONE, data)
    assert response.status_code == 422
    page = unescape(response.content.decode())
    for words in ("Ada yang mengancam lewat gim.", "Ibu Contoh", "@akun_1", "ayah</textarea>"):
        assert words in page
    for name, value in (("happened", "paid"), ("easier", "sign"), ("reach", "contact")):
        assert re.search(rf'name="{name}" value="{value}"[^>]*checked', page), name
    for value in ("male", "31.71"):
        assert re.search(rf'<option value="{value}" selected', page)
    assert "Namanya hanya boleh disimpan kalau orangnya mengizinkan" in page
    assert 'href="#terima-caller"' in page
    assert token(response) == data["token"]
    assert not Report.objects.exists()


def test_a_regency_of_another_province_is_a_slip_and_not_dropped(analyst):
    response = analyst.post(PHONE, {**form_of(analyst), "province": "31", "regency": "53.71"})
    assert response.status_code == 422
    assert "tidak terletak di provinsi" in text(response)


def test_the_day_is_kept_as_it_was_said_and_cannot_lie_ahead(analyst, cast):
    response = analyst.post(PHONE, {**form_of(analyst), "happened_on": "2999-01-01"})
    assert response.status_code == 422
    assert "Tanggal ini belum terjadi" in text(response)
    taken(analyst, {**form_of(analyst), "happened_on": "2026-02-03"})
    opened = services.open_report(cast.actor(cast.analyst), cast.keyring(cast.analyst), Report.objects.get().pk)
    assert opened.answers["happened_on"] == "2026-02-03"


def test_a_picture_in_disguise_is_refused(analyst):
    response = analyst.post(PHONE, {**form_of(analyst), "words": "data:image/png;base64,AAAA"})
    assert response.status_code == 422
    assert not Report.objects.exists()


def test_a_session_that_ended_gives_every_answer_back_short_ones_too(analyst, client):
    data = {**form_of(analyst), "accounts": "@budi", "danger": "yes"}
    response = client.post(PHONE, data)
    assert response.status_code == 401
    page = text(response)
    for words in ("@budi", "Sedang dalam bahaya", "Ada yang mengancam lewat gim.", places.get("31").name, "Masuk lagi"):
        assert words in page
    assert data["token"] not in response.content.decode()
    untouched = client.post(PHONE, {"path": "child", "language": "id", "token": data["token"], "words": ""})
    assert untouched.status_code == 302
    assert client.post(MEDIA, {"media_url": "a.example/b", "seen_on": "2026-11-20"}).status_code == 401


def test_a_form_of_an_earlier_session_is_kept_and_can_be_sent_again(analyst, cast, browse):
    data = form_of(analyst)
    later = browse(cast.analyst)
    response = later.post(PHONE, data)
    assert response.status_code == 409
    assert "Ada yang mengancam lewat gim." in response.content.decode()
    assert token(response) != data["token"]
    assert not Report.objects.exists()
    taken(later, {**data, "token": token(response)})
    assert Report.objects.count() == 1


@pytest.mark.parametrize("damage", ["", "x", "AAAA" * 40])
def test_a_damaged_token_is_a_new_form_and_no_error(analyst, damage):
    response = analyst.post(PHONE, {**form_of(analyst), "token": damage})
    assert response.status_code == 409
    assert "Ada yang mengancam lewat gim." in response.content.decode()


def test_when_it_cannot_be_stored_the_same_form_can_be_sent_again(analyst, monkeypatch):
    data = form_of(analyst)

    def fails(*args, **kwargs):
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "_store", fails)
        response = analyst.post(PHONE, data)
    assert response.status_code == 503
    assert "Ada yang mengancam lewat gim." in response.content.decode()
    taken(analyst, {**data, "token": token(response)})
    assert Report.objects.count() == 1


# --- whom it names, and where it goes -------------------------------------------------------------------------------


def test_what_names_our_own_people_says_so_before_and_after(analyst, cast):
    assert "kamu dan timmu tidak bisa melihatnya lagi" in text(analyst.get(PHONE))
    where, page = taken(analyst, {**form_of(analyst), "concern": ["works_here"]})
    report = Report.objects.get()
    assert report.team == cast.independent
    assert "tim independen" in text(page)
    assert report.reference not in text(page)
    assert "Ada yang mengancam" not in text(page)
    assert len(code_on(page)) == 20
    assert analyst.post(where, {"do": "noted"})["Location"] == reverse("workspace:intake") + "?ok=noted"
    assert analyst.get(reverse("workspace:report", args=[report.pk])).status_code == 404
    assert report.reference not in text(analyst.get(reverse("workspace:inbox")))


def test_another_team_is_named_with_the_number_to_say_on_the_phone(analyst, cast):
    _, page = taken(analyst, {**form_of(analyst), "province": "91"})
    report = Report.objects.get()
    assert report.team == cast.other_intake
    assert "other intake" in text(page)
    assert report.reference in text(page)
    assert analyst.get(reverse("workspace:report", args=[report.pk])).status_code == 404


def test_whoever_waits_for_the_key_takes_in_and_is_led_to_no_hidden_page(cast, browse):
    browser = browse(cast.second_analyst)
    TeamKeyGrant.objects.filter(member_key__holder=cast.second_analyst.pk).delete()
    where, page = taken(browser)
    assert "belum memegang kunci" in text(page)
    assert browser.post(where, {"do": "noted"})["Location"] == reverse("workspace:intake") + "?ok=noted"


@pytest.mark.parametrize("who", ["administrator", "auditor", "data_analyst", "partner"])
def test_others_find_no_such_page(cast, browse, who):
    browser = browse(getattr(cast, who))
    for url in (reverse("workspace:intake"), PHONE, MEDIA):
        assert browser.get(url).status_code == 404
        assert browser.post(url, TOLD).status_code == 404
        assert reverse("workspace:intake") not in browser.get(reverse("workspace:inbox"), follow=True).content.decode()


# --- media monitoring -----------------------------------------------------------------------------------------------


def test_media_monitoring_has_no_field_for_a_child(analyst):
    page = analyst.get(MEDIA).content.decode()
    form = page[page.index("<form class=") :]
    names = set(re.findall(r'name="(\w+)"', form))
    assert names == {"csrfmiddlewaretoken", "token", "media_url", "seen_on", "online_where"}
    assert {"words", "caller", "accounts"} <= set(IntakeForm().fields)
    assert not {"words", "caller", "accounts", "age_band"} & set(MediaForm().fields)


def test_media_monitoring_shows_no_receipt(analyst):
    seen = clock.now().date().isoformat()
    data = {"token": token(analyst.get(MEDIA)), "media_url": "https://contoh.example/a", "seen_on": seen}
    where, page = taken(analyst, data, MEDIA)
    assert code_on(page) == ""
    report = Report.objects.get()
    done = analyst.post(where, {"do": "sent"})
    page = text(analyst.get(done["Location"]))
    assert "Pemantauan media" in page
    assert "Diterima oleh" in page
    assert report.channel == "media"


@pytest.mark.parametrize("more", [{"media_url": "anak bernama Budi"}, {"seen_on": ""}, {"media_url": ""}])
def test_media_monitoring_refuses_and_keeps_what_was_typed(analyst, more):
    data = {
        "token": token(analyst.get(MEDIA)),
        "media_url": "https://contoh.example/a",
        "seen_on": "2026-01-02",
        **more,
    }
    response = analyst.post(MEDIA, data)
    assert response.status_code == 422
    assert data["media_url"] in response.content.decode()
    assert not Report.objects.exists()


# --- the report's page ----------------------------------------------------------------------------------------------


def test_the_page_of_the_report_shows_way_consent_and_who_took_it_in(analyst, cast):
    data = {**form_of(analyst), "keep": ["story", "name"], "caller": "Ibu <b>Contoh</b>", "note": "jangan ke sekolah"}
    taken(analyst, data)
    response = analyst.get(reverse("workspace:report", args=[Report.objects.get().pk]))
    page = text(response)
    for words in ("Cara masuk dan izin", "Telepon", cast.analyst.display_name, "Ibu <b>Contoh</b>", "jangan ke sekolah",
                  "Ceritanya", "Lisan", "Laporan masuk: Telepon"):  # fmt: skip
        assert words in page, words
    assert "<b>Contoh" not in response.content.decode()


def test_the_panel_asks_the_database_for_one_name_at_most(analyst, send):
    taken(analyst)
    typed = reverse("workspace:report", args=[Report.objects.get().pk])
    portal = send(**TOLD_BY_ITSELF).url()
    counts = []
    for url in (typed, portal):
        analyst.get(url)
        with CaptureQueriesContext(connection) as queries:
            analyst.get(url)
        counts.append(len(queries))
    assert counts[0] <= counts[1] + 1  # the name of whoever took it in, where no other name is looked up


TOLD_BY_ITSELF = {"path": "child", "words": "aku", "province": "31"}


def test_a_report_that_came_by_itself_has_no_such_panel(analyst, send):
    assert "Cara masuk dan izin" not in text(analyst.get(send(**TOLD_BY_ITSELF).url()))


def test_told_before_is_a_hint_to_link_and_opens_no_box(analyst, send):
    old = send(**TOLD_BY_ITSELF)
    new = send(**TOLD_BY_ITSELF, told_before="bulan lalu, lewat HP teman")
    page = analyst.get(new.url())
    assert "bulan lalu, lewat HP teman" in text(page)
    assert 'href="#kaitan"' in page.content.decode()
    response = analyst.post(new.url("link"), {"other": old.report.reference, "reason": "told_before"})
    assert response.status_code == 302
    assert services.mailbox.enter(new.code, "x").report_id == new.id
    assert services.mailbox.enter(old.code, "x").report_id == old.id


def test_it_works_in_english(cast):
    browser = Browser()
    with override("en"):
        cast.sign_in(browser, cast.analyst)
        url = reverse("workspace:intake_channel", args=["phone"])
        page = browser.get(url)
        assert "What may be kept" in text(page)
        _, page = taken(browser, {**form_of(browser, url), "language": "en"}, url)
        assert "Read out this code" in text(page)
        assert spoken(code_on(page)[:4]) in text(page)
    assert Report.objects.get().language == "en"
