"""Every page in every state, in both languages: no accessibility violation, 320 px wide, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation

Violations = Callable[[Page], list[str]]
Phone = Callable[..., Page]

SETTINGS: dict[str, str] = {}
"""The ones of the platform: the wait before a report is sent is one of the steps."""

READING = ("/", "/privasi/", "/lapor/", "/bantuan/", "/kotak/", "/kotak/kode-hilang/", "/lapor/selesai/", "/tidak-ada/")
INTROS = ("aman", "kecil", "bantu", "orang-tua", "pendamping", "tautan", "khawatir", "tidak-kuat", "pernah")
STAFF = {
    "analyst": ("/kerja/", "/kerja/?risk=high", "/kerja/jaga/", "/kerja/platform/", "/kerja/akun/", "/kerja/akses/"),
    "supervisor": (
        "/kerja/jaga/",
        "/kerja/platform/",
        "/kerja/terima/",
        "/kerja/terima/media/",
        "/kerja/serah-terima/",
        "/kerja/serahkan/",
        "/kerja/penyimpanan-hukum/",
        "/kerja/insiden/",
    ),
    "administrator": ("/kerja/insiden/", "/kerja/orang/", "/kerja/mitra-api/", "/kerja/akun/"),
    "auditor": ("/kerja/audit/",),
    "partner": ("/kerja/",),
    "data_analyst": ("/kerja/",),
}


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_step_of_the_journey(language: str, installation: Installation, phone: Phone, axe: Violations) -> None:
    found: dict[str, list[str]] = {}

    def see(page: Page, name: str) -> None:
        wrong = axe(page)
        size = page.viewport_size
        page.set_viewport_size({"width": 320, "height": 640})
        if overflow(page) > 0:
            wrong.append(f"{overflow(page)} px too wide at 320 px")
        assert size is not None
        page.set_viewport_size(size)
        if wrong:
            found[f"{name} {page.url}"] = wrong

    site = installation.address
    who = "analyst" if language == "id" else "second_analyst"
    code = journey.report(phone(), site, language, see)
    staff = phone(width=1440, height=900)
    journey.sign_in(staff, site, installation.people[who], language, see)
    journey.answer(staff, site, language, see)
    child = phone()
    journey.open_box(child, site, code, language, see)
    journey.reply(child, language, see)
    journey.stop_and_go_on(child, see)
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_to_read_and_every_first_page(
    prefix: str, scheme: str, site: str, phone: Phone, axe: Violations
) -> None:
    found = {}
    page = phone(color_scheme=scheme)
    for path in (*READING, *(f"/lapor/{slug}/" for slug in INTROS)):
        page.goto(f"{site}{prefix}{path}")
        wrong = axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        if overflow(page) > 0:
            wrong.append(f"{overflow(page)} px too wide at 320 px")
        page.set_viewport_size({"width": 390, "height": 844})
        if wrong:
            found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_that_says_what_went_wrong(prefix: str, site: str, phone: Phone, axe: Violations) -> None:
    found = {}
    page = phone()

    def look(name: str) -> None:
        wrong = axe(page)
        if wrong:
            found[name] = wrong

    for typed in ("bogor", "zzzz"):
        page.goto(f"{site}{prefix}/bantuan/")
        page.fill('input[name="tempat"]', typed)
        page.locator(".finder button").first.click()
        look(f"help near {typed}")
    page.goto(f"{site}{prefix}/kotak/")
    page.fill('input[name="code"]', "1234 5678")
    page.locator('main form[action$="/kotak/"] button').first.click()
    look("too few digits")
    page.goto(f"{site}{prefix}/lapor/kecil/")
    page.locator("main button").first.click()
    page.fill('textarea[name="words"]', "data:image/png;base64,AAAA")
    journey.press(page, "next")
    assert "data:image" in page.locator('textarea[name="words"]').input_value()
    look("media")
    page.fill('textarea[name="words"]', "kata " * 5000)
    journey.press(page, "next")
    look("too long")
    page.context.clear_cookies(name="a")
    page.fill('textarea[name="words"]', "tulisan yang tidak boleh hilang")
    journey.press(page, "next")
    assert "tulisan yang tidak boleh hilang" in page.content()
    look("expired")
    page.goto(f"{site}{prefix}/kerja/masuk/")
    page.fill('input[name="username"]', "nobody")
    page.fill('input[name="passphrase"]', "wrong passphrase here")
    page.locator("main form button").first.click()
    look("wrong passphrase")
    page.goto(f"{site}{prefix}/kerja/tidak-ada/")
    look("staff not found")
    assert found == {}


@pytest.mark.parametrize("who", STAFF)
def test_every_page_of_the_staff(who: str, installation: Installation, phone: Phone, axe: Violations) -> None:
    found = {}
    page = phone(width=1440, height=900)
    journey.sign_in(page, installation.address, installation.people[who])
    for path in STAFF[who]:
        for prefix in ("", "/en"):
            answer = page.goto(f"{installation.address}{prefix}{path}")
            assert answer is not None
            assert answer.status == 200, path
            wrong = axe(page)
            page.set_viewport_size({"width": 390, "height": 844})
            if overflow(page) > 0:
                wrong.append(f"{overflow(page)} px too wide at 390 px")
            page.set_viewport_size({"width": 1440, "height": 900})
            if wrong:
                found[prefix + path] = wrong
    assert found == {}


_FOCUS_RING = """() => {
    const e = document.activeElement, own = getComputedStyle(e), outer = getComputedStyle(e.parentElement);
    return [own.outlineStyle, own.boxShadow, outer.outlineStyle, outer.boxShadow].join();
}"""


def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the wanted element has the focus, and see that the focus can be seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", wanted):
            ring = page.evaluate(_FOCUS_RING)
            assert ring != "none,none,none,none", f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"{wanted} is not reached with Tab")


def test_a_report_by_keyboard_alone(site: str, phone: Phone) -> None:
    page = phone()
    page.goto(f"{site}/lapor/kecil/")
    _tab_to(page, "main button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/satu-kalimat/")
    _tab_to(page, 'textarea[name="words"]')
    page.keyboard.type("Aku takut pulang.")
    _tab_to(page, 'main button[value="next"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/periksa/")
    _tab_to(page, 'form[action$="/lapor/kirim/"] button')
    page.keyboard.press("Enter")
    page.wait_for_url("**/lapor/kode/", timeout=40_000)
    _tab_to(page, 'form[action$="/lapor/kode/"] button')
    page.keyboard.press("Enter")
    page.wait_for_url("**/selesai/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
