"""A security key in a real Chromium, which plays the device: set up, signed in with, and every trouble in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tools import journey
from tools.installation import Installation

Violations = Callable[[Page], list[str]]
DEVICE = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}  # fmt: skip
TEXTS = {
    "id": {"cancelled": "Dibatalkan", "late": "Waktunya habis", "known": "sudah terpasang", "off": "JavaScript mati"},
    "en": {"cancelled": "Cancelled", "late": "The time is over", "known": "already set up", "off": "JavaScript is off"},
}
REFUSE = "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
NO_TIME = """() => {
    const form = document.querySelector('[data-security-key]'), wish = JSON.parse(form.dataset.options);
    form.dataset.options = JSON.stringify({ ...wish, timeout: 0 });
}"""


@pytest.fixture
def named(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """Return `named(script=True)`: a page with a security key plugged in. Keys need a name: localhost, no number."""
    contexts = []

    def make(script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="id-ID", java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        return page

    yield make
    for context in contexts:
        context.close()


def first_step(page: Page, site: str, person: dict[str, Any]) -> None:
    page.goto(site + "/masuk/")
    page.fill('input[name="username"]', person["username"])
    page.fill('input[name="passphrase"]', person["passphrase"])
    page.locator("main form button").click()


def press_key(page: Page) -> None:
    page.locator("form[data-security-key] button").click()


def add_key(page: Page, site: str, person: dict[str, Any]) -> None:
    page.goto(site + "/akun/")
    form = page.locator('form:has(input[name="what"][value="key"])')
    form.locator('input[name="passphrase"]').fill(person["passphrase"])
    form.locator("button").click()
    page.wait_for_url("**/masuk/pasang-kunci/")


@pytest.mark.parametrize(("language", "who"), [("id", "analyst"), ("en", "second_analyst")])
def test_a_key_is_set_up_signs_in_and_says_in_words_what_goes_wrong(
    language: str, who: str, installation: Installation, named: Callable[..., Page], axe: Violations
) -> None:
    site = f"http://localhost:{installation.port}" + ("" if language == "id" else "/en") + "/kerja"
    person, words, wrong, page = installation.people[who], TEXTS[language], [], named()
    said = page.locator("#kata-kunci")
    journey.sign_in(page, f"http://localhost:{installation.port}", person, language)

    add_key(page, site, person)
    wrong += axe(page)
    press_key(page)  # without a name: the page says so before anybody looks for the key
    page.locator('.wrong input[name="label"]').wait_for()
    wrong += axe(page)
    page.fill('input[name="label"]', "kunci uji")
    press_key(page)
    page.wait_for_url("**/akun/**")
    assert "kunci uji" in page.inner_text("main")
    wrong += axe(page)
    add_key(page, site, person)
    page.fill('input[name="label"]', "sekali lagi")
    press_key(page)
    said.get_by_text(words["known"]).wait_for()

    page.context.clear_cookies()
    first_step(page, site, person)
    wrong += axe(page)
    page.evaluate(REFUSE)
    press_key(page)
    said.get_by_text(words["cancelled"]).wait_for()
    wrong += axe(page)
    page.evaluate(NO_TIME)
    press_key(page)
    said.get_by_text(words["late"]).wait_for()
    page.reload()
    press_key(page)
    page.wait_for_url(lambda url: "/masuk/" not in url)
    assert page.goto(site + "/akun/").status == 200  # type: ignore[union-attr]

    silent = named(script=False)
    first_step(silent, site, person)
    assert not silent.locator("form[data-security-key]").is_visible()
    assert words["off"] in silent.inner_text("main")
    silent.fill('input[name="code"]', journey.fresh_code(person))
    silent.locator('main form:has(input[name="code"]) button').click()
    assert silent.goto(site + "/akun/").url.endswith("/akun/")  # type: ignore[union-attr]
    assert wrong == []
