"""A call is taken in by the keyboard alone, on a phone and on a desk, and the receipt is read out and said back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation

_SEEN = """() => {
    const e = document.activeElement, own = getComputedStyle(e), outer = getComputedStyle(e.parentElement);
    return [own.outlineStyle, own.boxShadow, outer.outlineStyle, outer.boxShadow].join();
}"""
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Axe = Callable[[Page], list[str]]


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the wanted control has a focus that can be seen."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", wanted):
            assert page.evaluate(_SEEN) != "none,none,none,none", f"the focus on {wanted} cannot be seen"
            return
    raise AssertionError(f"{wanted} is not reached with Tab")


def look(page: Page, axe: Axe) -> None:
    assert axe(page) == []
    assert page.evaluate(_TOO_WIDE) <= 0


@pytest.mark.parametrize(("width", "language", "who"), [(390, "id", "analyst"), (1440, "en", "second_analyst")])
def test_a_call_is_taken_in_with_the_keyboard_alone(
    width: int, language: str, who: str, installation: Installation, phone: Callable[..., Page], axe: Axe
) -> None:
    page, prefix = phone(width=width, height=900), "" if language == "id" else "/en"
    journey.sign_in(page, installation.address, installation.people[who], language)
    page.goto(f"{installation.address}{prefix}/kerja/terima/")
    look(page, axe)
    tab_to(page, 'a[href$="/kerja/terima/phone/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/kerja/terima/phone/")
    look(page, axe)

    tab_to(page, 'a[href="tel:110"]')
    tab_to(page, 'input[name="danger"]:checked')
    page.keyboard.press("ArrowDown")  # from "not asked yet", the last one, to the first: in danger now
    tab_to(page, 'textarea[name="danger_place"]')
    page.keyboard.type("dekat masjid hijau")
    tab_to(page, 'textarea[name="words"]')
    page.keyboard.type("Anak menelepon, ada yang mengancam.")
    tab_to(page, "#bagian-kita > summary")
    page.keyboard.press("Enter")
    assert page.locator('#bagian-kita input[value="works_here"]').is_visible()
    tab_to(page, 'input[name="keep"][value="story"]')
    page.keyboard.press("Space")
    tab_to(page, ".send button")
    page.keyboard.press("Enter")

    alert = page.locator('[role="alert"]')
    alert.wait_for()
    look(page, axe)
    assert page.input_value('textarea[name="danger_place"]') == "dekat masjid hijau"
    tab_to(page, '[role="alert"] a')
    page.keyboard.press("Enter")
    for name in ("given_by", "given_how"):
        tab_to(page, f'select[name="{name}"]')
        page.keyboard.press("ArrowDown")
    tab_to(page, ".send button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kerja/terima/hasil/**")
    look(page, axe)
    _read_back(page, axe)

    tab_to(page, 'button[value="noted"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/kerja/laporan/**")
    assert "dekat masjid hijau" in page.inner_text("main")
    assert page.locator("#masuk").is_visible()
    look(page, axe)


def _read_back(page: Page, axe: Axe) -> None:
    """The caller says one digit wrong, then everything right; the receipt leaves the page when it is noted."""
    groups = page.locator(".spoken .digits").all_inner_texts()
    assert [len(group) for group in groups] == [4] * 5
    wrong = [*groups[:2], f"{(int(groups[2]) + 1) % 10_000:04d}", *groups[3:]]
    for said in (wrong, groups):
        for number, group in enumerate(said, start=1):
            tab_to(page, f'input[name="g{number}"]')
            page.keyboard.type(group)
        page.keyboard.press("Enter")
        page.locator(".spoken .right").first.wait_for()
        look(page, axe)
        if said is wrong:
            assert page.locator(".spoken .not-yet").count() == 1
            page.goto(page.url)  # begin again with empty fields
    assert page.locator(".spoken .right").count() == 5
