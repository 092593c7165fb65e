"""What holds for every page: its weight, its dull title, its cookies, its headers, both languages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.utils import translation

from lindung.core.errors import Unavailable
from lindung.places import selectors as places
from lindung.portal.questions import channels, intros, pages, paths, screens
from lindung.portal.tests.conftest import Reporter, button, text_of
from lindung.portal.tests.test_journeys import FULL
from lindung.portal.views import sending

pytestmark = pytest.mark.django_db

MOST_BYTES = 14_000
TELLING = re.compile(
    r"lapor|kekerasan|seksual|anak|korban|foto|disebar|takut|polisi|aman|bahaya|lindung|cerita|story|report|abuse|"
    r"sexual|child|victim|photo|afraid|police|safe|danger|kode|code",
    re.IGNORECASE,
)


def assets(page: Any) -> int:
    """Bytes of the style sheets, scripts and icon of a page, each compressed as it travels."""
    found = re.findall(r'(?:href|src)="/statis/([^"]+)"', page.content.decode())
    assert found
    total = 0
    for name in set(found):
        path = finders.find(name)
        assert isinstance(path, str), name
        total += len(gzip.compress(Path(path).read_bytes(), 9))
    return total


def weight(page: Any) -> int:
    return len(gzip.compress(page.content, 9)) + assets(page)


def every_page(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """Every page in every state, by a name."""
    for name in ("home", "report", "help", "mailbox", "mailbox_lost", "privacy", "done"):
        yield name, reporter.get(name)
    for slug in pages():
        yield f"page {slug}", reporter.get("help_screen", slug)
    for slug in intros():
        yield f"intro {slug}", reporter.get("step", slug)
    for path in ("witness", "child"):
        for slug in reporter.walk(path, FULL):
            yield f"{path} {slug}", reporter.get("step", slug)
    biggest = max(places.provinces(), key=lambda p: len(places.regencies(p.code)))
    reporter.step("provinsi", province=biggest.code)
    yield "regencies", reporter.get("step", "kabupaten")
    yield "found", reporter.post("step", "kabupaten", do="search", q="bandung")
    yield "not found", reporter.post("step", "provinsi", do="search", q="zzzz")
    yield "unknown code", reporter.step("apa", happened="x")
    yield "media", reporter.step("kata", words="data:image/png;base64,AAAA")
    yield "404", reporter.client.get(reporter.url("home") + "tidak/ada/")
    reporter.post("mailbox", code="1234")
    yield "check", reporter.get("check")
    with monkeypatch.context() as patch:
        patch.setattr(sending.services, "receive", _fails)
        yield "unavailable", reporter.post("send")
    reporter.post("send")
    yield "receipt", reporter.get("receipt")
    yield "cannot keep", reporter.get("cannot_keep")
    yield "sent", reporter.step("kata", words="Lagi")
    code = reporter.code()
    reporter.post("receipt", do="saved")
    yield "gone", reporter.step("kata", words="Lagi")
    yield "wrong code", reporter.post("mailbox", code=code[:-1] + "x")
    reporter.post("mailbox", code=code)
    yield "box", reporter.get("mailbox_visit")
    yield "write", reporter.get("mailbox_write")
    yield "empty message", reporter.post("mailbox_write", text="", kind="text", token="t")
    yield "stop", reporter.get("mailbox_stop")
    reporter.post("mailbox_stop", do="stop")
    yield "stopped", reporter.get("mailbox_visit")


def _fails(**_: Any) -> None:
    raise Unavailable()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_is_light_dull_and_whole(reporter: Reporter, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    reporter.language = language
    for name, page in every_page(reporter, monkeypatch):
        body = page.content.decode()
        assert page.status_code in {200, 404, 409, 410, 422, 503}, (name, page.status_code)
        assert weight(page) <= MOST_BYTES, (name, weight(page))
        title = re.search(r"<title>(.*?)</title>", body, re.S)
        assert title is not None
        assert title.group(1).strip()
        assert not TELLING.search(title.group(1)), (name, title.group(1))
        assert f'<html lang="{language}">' in body
        assert body.rstrip().endswith("</html>")
        assert body.count("<h1") == 1, name
        assert 'id="exit"' in body, name
        assert "style=" not in body, name
        assert not re.search(r"\son\w+=", body), name
        assert not re.search(r'(?:src|action)="https?:', body), name
        for link in re.findall(r'<a [^>]*href="https?:[^>]*>', body):
            assert 'rel="noreferrer noopener"' in link, (name, link)
        assert page["Cache-Control"].startswith("no-store"), name
        assert "default-src 'none'" in page["Content-Security-Policy"]
        ids = re.findall(r'\sid="([^"]+)"', body)
        assert len(ids) == len(set(ids)), (name, sorted(i for i in ids if ids.count(i) > 1))
    assert not Session.objects.exists()


@pytest.mark.parametrize("path", list(paths()))
def test_titles_within_a_walk_are_distinct(reporter: Reporter, path: str) -> None:
    met = reporter.walk(path)
    titles = [_title(reporter.get("step", slug)) for slug in met] + [_title(reporter.get("check"))]
    assert len(titles) == len(set(titles)), titles
    assert titles[-1] == f"Langkah {len(titles)} dari {len(titles)}"


def _title(page: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", page.content.decode(), re.S)
    assert found is not None
    return found.group(1).strip()


def test_no_cookie_outlives_the_browser(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, page in every_page(reporter, monkeypatch):
        for key, cookie in page.cookies.items():
            assert not cookie["expires"] or cookie["max-age"] == 0, (name, key)
            assert cookie["max-age"] in {"", 0, None}, (name, key)
            assert cookie["samesite"] == "Strict", (name, key)
            assert cookie["path"] == "/", (name, key)


def test_no_draft_and_no_cookie_before_the_first_post(reporter: Reporter) -> None:
    for slug in intros():
        page = reporter.get("step", slug)
        assert not {"a", "b", "s", "d"} & set(page.cookies)
    page = reporter.get("home")
    assert not page.cookies


def test_one_half_of_the_key_is_closed_to_scripts_and_one_is_not(reporter: Reporter, settings: Any) -> None:
    settings.LINDUNG_HTTPS = True
    page = reporter.step("aman", do="safe")
    assert page.cookies["a"]["httponly"]
    assert not page.cookies["b"]["httponly"]
    assert page.cookies["a"]["secure"]
    assert page.cookies["b"]["secure"]


def test_the_other_language_is_the_same_page(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Halo")
    page = reporter.get("step", "kata").content.decode()
    assert 'href="/en/lapor/kata/"' in page
    page = reporter.client.get("/en/lapor/kata/").content.decode()
    assert "Halo</textarea>" in page
    assert 'href="/lapor/kata/"' in page


def test_everything_is_said_in_both_languages() -> None:
    for screen in [*screens().values(), *pages().values()]:
        for variant in [screen.own, screen.other, *screen.by_path.values()]:
            assert variant.title.id != variant.title.en
            assert (variant.text is None) or variant.text.id != variant.text.en
    with translation.override("en"):
        assert str(screens()["kata"].own.title) == "Tell it in your own words."


def test_phone_numbers_stand_before_any_question(reporter: Reporter) -> None:
    for slug in intros():
        page = reporter.get("step", slug).content.decode()
        assert page.count('href="tel:110"') >= 1
        assert page.count('href="tel:129"') >= 1


def test_help_shows_several_channels_with_the_day_they_were_checked(reporter: Reporter) -> None:
    page = reporter.get("help")
    for channel in channels().values():
        if not channel.hidden:
            assert channel.url in page.content.decode()
    assert "22 November 2026" in text_of(page)


def test_outside_duty_every_page_says_when_somebody_reads(
    reporter: Reporter, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    from lindung.core import clock
    from lindung.reporting.models import DutyShift

    now = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
    start = now + timedelta(hours=11)
    DutyShift.objects.create(
        team=cast.intake, user=cast.analyst, level="analyst", starts_at=start, ends_at=start + timedelta(hours=8)
    )
    with clock.frozen(now):
        for name in ("home", "report", "help", "mailbox", "done"):
            page = text_of(reporter.get(name))
            assert "tidak ada petugas yang membaca" in page, name
            assert "Senin, 23 November, 08.00 WIB" in page, name
    with clock.frozen(start + timedelta(minutes=1)):
        assert "tidak ada petugas" not in text_of(reporter.get("home"))


def test_main_button_comes_first_for_the_enter_key() -> None:
    for screen in screens().values():
        if any(f.kind == "text" for f in screen.fields):
            assert screen.actions[0].code == "next", screen.slug
    assert button("kata", "child") == "skip"


def test_the_icon_and_the_styles_fetch_nothing() -> None:
    for name in ("portal/icon.svg", "portal/portal.css", "core/tokens.css", "portal/portal.js"):
        path = finders.find(name)
        assert isinstance(path, str)
        text = Path(path).read_text()
        assert "@import" not in text
        assert "url(" not in text
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name


def test_the_duty_note_is_remembered_for_a_few_seconds(
    reporter: Reporter, settings: Any, django_assert_num_queries: Any
) -> None:
    from lindung.portal import duty

    settings.LINDUNG_DUTY_CACHE_SECONDS = 15
    reporter.get("home")
    try:
        with django_assert_num_queries(0):
            reporter.get("home")
    finally:
        duty._remembered.clear()
