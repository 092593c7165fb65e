"""The desk in a browser: an answer into the box and hints while writing, with script and without, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tools import journey
from tools.installation import Installation

from .test_for_everyone import overflow

Violations = Callable[[Page], list[str]]
OWN = {"id": "Halo, ini Kak Satu.", "en": "Hello, this is One."}
CANNED = {"id": "Yang salah dia, bukan kamu.", "en": "You did nothing wrong."}
LABEL = {"id": "Anak nakal itu pergi.", "en": "A naughty child left."}
BETTER = {"id": "korban", "en": "victim"}
AGREED: set[str] = set()
"""Installations in which an example was taken over and approved."""


def agree_on_examples(phone: Callable[..., Page], installation: Installation) -> None:
    """One person takes an example over, a second one approves it."""
    site = installation.address
    if site in AGREED:
        return
    AGREED.add(site)
    first = phone(script=False, width=1440)
    journey.sign_in(first, site, installation.people["second_analyst"])
    first.goto(f"{site}/kerja/jawaban/")
    for other in first.locator('input[name="contoh"]').all():
        other.set_checked(other.get_attribute("value") == "threatened")
    first.locator('form[action$="/contoh/"] > button').click()
    first.context.close()
    second = phone(script=False, width=1440)
    journey.sign_in(second, site, installation.people["supervisor"])
    second.goto(f"{site}/kerja/jawaban/")
    second.locator("main table a").first.click()
    second.locator('button[value="approve"]').click()
    expect(second.locator(".notice.good")).to_be_visible()
    second.context.close()


def looked_at(page: Page, axe: Violations) -> list[str]:
    """What is wrong with a page at the width it has, and at that of a small phone."""
    wrong, size = axe(page), page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": 640})
    wrong += [f"{overflow(page)} px too wide at 320 px"] if overflow(page) > 0 else []
    page.set_viewport_size(size)
    return wrong


@pytest.mark.parametrize(("script", "language"), [(True, "id"), (False, "en")])
def test_an_answer_into_the_box_and_hints_while_writing(
    script: bool, language: str, installation: Installation, phone: Callable[..., Page], axe: Violations
) -> None:
    site, prefix = installation.address, "" if language == "id" else "/en"
    agree_on_examples(phone, installation)
    journey.report(phone(script=False), site, language)
    page = phone(script=script, width=1440, height=900)
    journey.sign_in(page, site, installation.people["analyst" if script else "case_worker"], language)
    page.goto(f"{site}{prefix}/kerja/")
    page.locator('form[action$="/ambil/"] button').first.click()
    found: dict[str, list[str]] = {}

    form = page.locator('form[action$="/pesan/"]')
    box = form.locator("textarea")
    box.fill(OWN[language])
    form.locator("select").select_option(index=1)
    form.locator('button[name="pakai"]').focus()
    page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile(re.escape(f"{OWN[language]}\n\n{CANNED[language]}")))
    expect(form.locator(".other-language")).to_be_visible()
    if script:
        found["answer in the box"] = looked_at(page, axe)

    box.fill(LABEL[language])
    if not script:
        form.locator('button[name="periksa"]').click()
    expect(form.locator(".hints")).to_contain_text(BETTER[language], timeout=10_000)
    expect(box).to_have_value(LABEL[language])
    assert form.locator(".hints").get_attribute("role") == "status"
    if script:
        found["hints"] = looked_at(page, axe)
        box.fill("Anak itu korban.")
        expect(form.locator(".hints")).to_be_empty(timeout=10_000)
    assert page.locator(".thread li.out").count() == 0, "nothing was sent"

    # What checks the pages is itself a script: the same session in a browser that runs it.
    eye = page if script else phone(width=1440, storage_state=page.context.storage_state())
    for path in ("", "jawaban/", "jawaban/tambah/", "istilah/", "aku/"):
        eye.goto(f"{site}{prefix}/kerja/{path}")
        found[path] = looked_at(eye, axe)
    eye.goto(f"{site}{prefix}/kerja/jawaban/")
    eye.locator("main table a").first.click()
    found["one answer"] = looked_at(eye, axe)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
