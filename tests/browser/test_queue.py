"""The inbox by keys: from row to row, mark, take and open, and nothing at all while the focus is elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_transfer import send
from tools import journey
from tools.installation import Installation


def test_rows_are_walked_marked_taken_and_opened_by_keys(
    installation: Installation, phone: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    for _ in range(3):
        send(installation)
    page = phone(width=1440, height=900)
    journey.sign_in(page, installation.address, installation.people["analyst"])
    page.goto(f"{installation.address}/kerja/")
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(3)

    page.locator("h1").click()
    page.keyboard.press("x")
    assert page.locator("tr[data-row] input:checked").count() == 0, "keys do nothing outside the list"

    page.locator("[data-keys-start]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-keys-help]")).to_be_visible()
    expect(rows.nth(0)).to_be_focused()
    assert axe(page) == []
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    for _ in range(4):
        page.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("x")
    expect(rows.nth(2).locator("input[type=checkbox]")).to_be_checked()
    page.keyboard.press("x")
    expect(rows.nth(2).locator("input[type=checkbox]")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("[data-keys-help]")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("form.filters select").first).to_be_focused()

    last = rows.nth(2).locator("a.ref").get_attribute("href") or ""
    rows.nth(2).focus()
    page.keyboard.press("c")
    page.wait_for_url(f"**{last}**")
    page.goto(f"{installation.address}/kerja/")
    expect(page.locator("tr[data-row]:has(form)")).to_have_count(2)

    page.locator("[data-keys-start]").click()
    first = rows.nth(0).locator("a.ref").get_attribute("href") or ""
    page.keyboard.press("o")
    page.wait_for_url(f"**{first}**")
