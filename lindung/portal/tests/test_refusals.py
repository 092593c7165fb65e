"""What cannot be taken is refused with a clear status, kindly, and the typed text comes back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as some

from lindung.core import clock
from lindung.core.textsafe import holds_media, neutralise
from lindung.portal.questions import paths, screens
from lindung.portal.tests.conftest import Reporter, button, stored, text_of
from lindung.portal.views.sending import _lines
from lindung.vault import drafts

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode()


def test_an_expired_walk_keeps_the_text_and_goes_on_with_one_button(reporter: Reporter) -> None:
    with clock.frozen(START):
        reporter.step("aman", do="safe")
    with clock.frozen(START + timedelta(minutes=32)):
        page = reporter.step("kata", words="Aku menulis lama sekali & pelan")
        assert page.status_code == 410
        assert "Aku menulis lama sekali &amp; pelan</textarea>" in page.content.decode()
        page = reporter.post("continue", path="child", words="Aku menulis lama sekali & pelan")
        assert page["Location"].endswith("/periksa/")
        assert stored(reporter.send())["words"] == "Aku menulis lama sekali & pelan"


def test_without_cookies_an_answer_is_kept_on_the_page(reporter: Reporter) -> None:
    page = reporter.step("kata", words="Tanpa kuki")
    assert page.status_code == 410
    assert "Tanpa kuki" in text_of(page)


def test_going_on_adds_to_a_walk_that_is_alive(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Satu")
    reporter.post("continue", words="Dua")
    assert reporter.row is not None
    assert reporter.row.data["answers"]["words"] == "Satu\r\n\r\nDua"


def test_going_on_with_too_much_loses_nothing(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Satu")
    page = reporter.post("continue", words="x" * site.LINDUNG_WORDS_MAX_CHARACTERS)
    assert page.status_code == 422
    assert "Satu\r\n\r\nxxx" in page.content.decode()


def test_an_old_page_sent_after_the_report_is_told_apart(reporter: Reporter) -> None:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong"}})
    reporter.send()
    page = reporter.step("satu-kalimat", words="Masih ada lagi")
    assert page.status_code == 409
    assert "Masih ada lagi" in text_of(page)


def test_an_old_page_sent_after_leaving_is_told_apart(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.get("exit")
    page = reporter.step("kata", words="Dari halaman lama")
    assert page.status_code == 410
    assert "Dari halaman lama" in text_of(page)


@pytest.mark.parametrize("text", [f"data:image/png;base64,{PICTURE}", f"Ini dia {PICTURE}"])
def test_media_in_disguise_is_refused_kindly(reporter: Reporter, text: str) -> None:
    reporter.step("aman", do="safe")
    page = reporter.step("kata", words=text)
    assert page.status_code == 422
    assert "Tidak perlu foto atau video" in text_of(page)
    assert text in text_of(page)
    assert reporter.row is not None
    assert "words" not in reporter.row.data["answers"]


def test_a_file_is_refused_and_the_text_comes_back(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    body = (
        b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\nTulisanku\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\r\n--x--\r\n"
    )
    page = reporter.client.post(reporter.url("step", "kata"), body, "multipart/form-data; boundary=x")
    assert page.status_code == 415
    assert "Tidak perlu foto atau video" in text_of(page)


def test_a_text_that_is_too_long_says_how_much_and_stays(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    text = "ab " * (site.LINDUNG_WORDS_MAX_CHARACTERS // 3 + 3)
    page = reporter.step("kata", words=text)
    assert page.status_code == 422
    assert f"lebih {len(text) - site.LINDUNG_WORDS_MAX_CHARACTERS} huruf" in text_of(page)
    assert text in page.content.decode()


@pytest.mark.parametrize("body", [b"do=next&words=ab%FFcd", b"do=next&words=ab%00cd"])
def test_broken_bytes_are_refused(reporter: Reporter, body: bytes) -> None:
    reporter.step("aman", do="safe")
    page = reporter.client.post(reporter.url("step", "kata"), body)
    assert page.status_code == 400
    assert "ab" in text_of(page)
    assert "/en/" not in reporter.url("step", "kata")
    page = reporter.client.post("/en" + reporter.url("step", "kata"), body)
    assert "damaged on the way" in text_of(page)


@pytest.mark.parametrize(
    ("slug", "data"),
    [
        ("apa", {"happened": ["nothing_known"]}),
        ("umur", {"age_band": "150"}),
        ("umur", {"age_band": ["u6", "6-9"]}),
        ("provinsi", {"province": "99"}),
        ("kabupaten", {"regency": "99.99"}),
        ("kata", {"do": "no_such_button"}),
    ],
)
def test_unknown_codes_are_refused(reporter: Reporter, slug: str, data: dict[str, Any]) -> None:
    reporter.step("aman", do="safe")
    assert reporter.step(slug, **data).status_code == 422


def test_pages_that_do_not_exist(reporter: Reporter) -> None:
    assert reporter.get("step", "tidak-ada").status_code == 404
    assert reporter.get("help_screen", "tidak-ada").status_code == 404
    assert reporter.client.get("/apa/saja/").status_code == 404
    assert reporter.get("step", "kata").status_code == 303


def test_a_form_without_its_token_keeps_the_text(cast: Any) -> None:
    from conftest import Browser

    strict = Browser(enforce_csrf_checks=True)
    page = strict.post("/lapor/kata/", {"words": "Tanpa token"})
    assert page.status_code == 403
    assert "Tanpa token" in text_of(page)


TEXT_FIELDS = [(s.slug, f.name) for s in screens().values() for f in s.fields if f.kind == "text"]


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=some.sampled_from(TEXT_FIELDS), text=some.text(min_size=1, max_size=300))
def test_any_text_in_any_field_is_kept_and_shown_verbatim(
    reporter: Reporter, where: tuple[str, str], text: str
) -> None:
    slug, name = where
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text) or holds_media(text):
        return
    path = next(p for p in paths().values() if slug in p.steps or screens()[slug].anytime == p.code)
    reporter.client.cookies.clear()
    reporter.step(path.intro, do=button(path.intro, path.code))
    assert reporter.step(slug, **{name: text}).status_code == 303
    row = reporter.row
    assert row is not None
    assert row.data["answers"][name] == text
    # Whatever else a page depends on: it shall be asked.
    row.data["answers"] |= {"danger": "yes", "reach": "contact" if name == "reach_how" else "code_only"}
    row.data["marks"] = ["ask", "must_not_know", "child_in_danger"]
    drafts.save(row)
    assert any(text in line.values for line in _lines(row.data))
    assert escape(neutralise(text)) in reporter.get("check").content.decode()
