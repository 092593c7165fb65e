"""Somebody else takes the phone: over TLS, with the back-forward cache on, nothing brings an answer back."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

from tests.browser.conftest import FLAGS, chromium
from tools import journey
from tools.installation import ROOT, Installation

SECRET = journey.WORDS["id"]


@pytest.fixture(scope="module")
def tls_site(prepared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = Installation(tmp_path_factory.mktemp("tls"), LINDUNG_HTTPS="1").prepare_from(prepared)
    site = f"https://127.0.0.1:{made.port}"
    made.env["LINDUNG_EXIT_URL"] = f"{site}/bantuan/?luar"
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "support" / "tls_server.py"), str(made.folder), str(made.port)],
        env=made.env, cwd=made.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    trusting = ssl._create_unverified_context()
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{site}/healthz", timeout=1, context=trusting)
            break
        except OSError:
            time.sleep(0.1)
    yield site
    server.kill()
    server.wait()


@pytest.fixture(scope="module")
def remembering_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium as people have it: Playwright turns the back-forward cache off, here it stays on."""
    running = browser.browser_type.launch(
        executable_path=chromium(), args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield running
    running.close()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def context(request: pytest.FixtureRequest, remembering_browser: Browser) -> Iterator[BrowserContext]:
    made = remembering_browser.new_context(
        ignore_https_errors=True, java_script_enabled=request.param, viewport={"width": 390, "height": 844}
    )
    yield made
    made.close()


def _write(page: Page, site: str) -> None:
    page.goto(f"{site}/lapor/aman/")
    journey.press(page, "safe")
    journey.press(page, "next")
    page.locator('input[value="hard_to_say"]').check()
    journey.press(page, "next")
    page.fill('textarea[name="words"]', SECRET)
    journey.press(page, "next")


def _back(page: Page) -> None:
    """Press Back once. The tool that drives the browser may lose sight of a page that comes out of memory."""
    before = page.url
    for _ in range(3):
        try:
            page.go_back(wait_until="commit", timeout=5000)
        except BrowserError:
            page.wait_for_timeout(300)
        if page.url != before:
            break
    page.wait_for_timeout(300)
    page.wait_for_load_state("domcontentloaded")


def _everything_behind(page: Page, steps: int = 14) -> list[str]:
    """Go back step by step and read each page, the boxes included."""
    seen = []
    for _ in range(steps):
        _back(page)
        if page.url == "about:blank":
            break
        seen.append(page.content())
        seen += [area.input_value() for area in page.locator("textarea").all()]
    return seen


def test_within_a_walk_back_shows_the_answers(context: BrowserContext, tls_site: str) -> None:
    page = context.new_page()
    _write(page, tls_site)
    _back(page)
    assert page.locator('textarea[name="words"]').input_value() == SECRET


def test_after_sending_no_page_brings_an_answer_back(context: BrowserContext, tls_site: str) -> None:
    page = context.new_page()
    _write(page, tls_site)
    page.goto(f"{tls_site}/lapor/periksa/")
    assert SECRET in page.inner_text("main")
    page.locator('form[action$="/lapor/kirim/"] button').click()
    page.wait_for_url("**/lapor/kode/", timeout=40_000)
    code = re.sub(r"\s+", " ", page.inner_text("main"))
    code = re.search(r"\d{4}(?: \d{4}){4}", code).group()  # type: ignore[union-attr]
    page.locator('main form[action$="/lapor/kode/"] button').first.click()
    page.wait_for_load_state("load")
    behind = _everything_behind(page)
    assert behind
    assert not [text for text in behind if SECRET in text or "tidak berani bilang" in text]
    assert not [text for text in behind if code in re.sub(r"<[^>]+>|\s+", " ", text)]


@pytest.mark.parametrize("way", ["tap", "escape"])
def test_after_leaving_no_page_brings_an_answer_back(way: str, context: BrowserContext, tls_site: str) -> None:
    page = context.new_page()
    _write(page, tls_site)
    _back(page)
    scripted = page.evaluate("true") if context.browser and _runs_scripts(page) else False
    if way == "escape" and scripted:
        for _ in range(3):
            page.keyboard.press("Escape")
    else:
        page.locator("#exit").click()
    page.wait_for_url("**/bantuan/?luar", timeout=10_000)
    assert "b" not in _kept(context, tls_site)
    _wait_until_gone(page, "a", tls_site)
    behind = _everything_behind(page)
    assert not [text for text in behind if SECRET in text]


def _kept(context: BrowserContext, site: str) -> set[str]:
    return {c["name"] for c in context.cookies(site)}


def _wait_until_gone(page: Page, name: str, site: str) -> None:
    """The page leaves at once; half of the key goes with the server's answer, which may come after the new page."""
    for _ in range(100):
        if name not in _kept(page.context, site):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"cookie {name} is still there")


def _runs_scripts(page: Page) -> bool:
    return page.locator("html.js").count() == 1


def test_leaving_works_offline(remembering_browser: Browser, tls_site: str) -> None:
    """With the line cut, three Esc still blank the page, dull its title and drop half of the key."""
    context = remembering_browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    _write(page, tls_site)
    _back(page)
    kept = {c["name"]: c["value"] for c in context.cookies(tls_site)}
    context.set_offline(True)
    page.evaluate("window.addEventListener('pagehide', () => {})")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert SECRET not in page.content()
    assert "b" not in _kept(context, tls_site)
    context.set_offline(False)
    # What is left on the phone opens nothing, even though the server never heard of the leaving.
    page.goto(f"{tls_site}/lapor/periksa/")
    assert SECRET not in page.content()
    assert kept["a"]
    context.close()


def test_cookies_end_with_the_browser_and_pages_are_never_stored(context: BrowserContext, tls_site: str) -> None:
    page = context.new_page()
    answers: list[dict[str, Any]] = []
    page.on("response", lambda r: answers.append({"url": r.url, "headers": r.headers}))
    _write(page, tls_site)
    for cookie in context.cookies(tls_site):
        assert cookie["expires"] == -1, cookie["name"]
        assert cookie["secure"], cookie["name"]
        assert cookie["sameSite"] == "Strict", cookie["name"]
    pages = [a for a in answers if "/statis/" not in a["url"]]
    assert pages
    for page_answer in pages:
        assert "no-store" in page_answer["headers"].get("cache-control", ""), page_answer["url"]


def test_the_browser_really_keeps_pages(remembering_browser: Browser, tls_site: str) -> None:
    """Control: without it the tests above would prove nothing. A plain page does come back out of memory."""
    context = remembering_browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.add_init_script(
        "addEventListener('pageshow', e => { if (e.persisted) sessionStorage.setItem('out', 'of memory') })"
    )
    for _ in range(6):  # short of memory or time the browser may drop one page; it does not drop all
        page.goto(f"{tls_site}/bantuan/")
        page.wait_for_timeout(500)
        page.goto(f"{tls_site}/")
        page.go_back(wait_until="commit")
        page.wait_for_timeout(1000)
        if page.evaluate("sessionStorage.getItem('out')") == "of memory":
            break
    assert page.evaluate("sessionStorage.getItem('out')") == "of memory"
    context.close()


def test_titles_are_dull_and_distinct(remembering_browser: Browser, tls_site: str) -> None:
    context = remembering_browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    titles: dict[str, str] = {}

    def keep(seen: Page, name: str) -> None:
        titles[seen.url] = seen.title()

    journey.report(page, tls_site, "id", keep)
    telling = ("lindung", "lapor", "anak", "cerita", "seksual", "foto", "ancam", "aman", "bahaya", "polisi", "korban")
    assert [t for t in titles.values() if any(word in t.lower() for word in telling)] == []
    assert len(set(titles.values())) == len(titles)
    context.close()
