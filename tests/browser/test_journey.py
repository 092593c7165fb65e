"""The main job in a real browser, with script and without, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation


@pytest.mark.parametrize(("script", "language", "who"), [(False, "id", "analyst"), (True, "en", "second_analyst")])
def test_a_child_reports_is_answered_reads_answers_stops_and_changes_their_mind(
    script: bool, language: str, who: str, installation: Installation, phone: Callable[..., Page]
) -> None:
    site = installation.address
    child = phone(script=script)
    code = journey.report(child, site, language)

    staff = phone(script=script, width=1440, height=900)
    journey.sign_in(staff, site, installation.people[who], language)
    journey.answer(staff, site, language)
    assert journey.WORDS[language] in staff.inner_text("main")
    assert journey.ANSWER[language] in staff.inner_text("main")

    back = phone(script=script)
    journey.open_box(back, site, code, language)
    assert journey.ANSWER[language] in back.inner_text("main")
    journey.reply(back, language)
    assert journey.REPLY[language] in back.inner_text("main")
    journey.stop_and_go_on(back)

    staff.reload()
    assert journey.REPLY[language] in staff.inner_text("main")


def test_the_urgent_one_stands_first(installation: Installation, phone: Callable[..., Page]) -> None:
    """A later report of a child in danger stands above an earlier one that can wait."""
    site = installation.address
    calm = phone()
    calm.goto(f"{site}/lapor/tautan/")
    journey.press(calm, "next")
    journey.press(calm, "next")
    calm.fill('textarea[name="media_url"]', "https://contoh.example/tautan")
    journey.press(calm, "next")
    calm.goto(f"{site}/lapor/periksa/")
    calm.locator('form[action$="/lapor/kirim/"] button').click()
    calm.wait_for_url("**/lapor/kode/", timeout=40_000)

    danger = phone()
    danger.goto(f"{site}/lapor/aman/")
    journey.press(danger, "cannot_call")
    danger.fill('textarea[name="danger_place"]', "dekat masjid hijau di belakang pasar")
    journey.press(danger, "next")
    danger.goto(f"{site}/lapor/periksa/")
    danger.locator('form[action$="/lapor/kirim/"] button').click()
    danger.wait_for_url("**/lapor/kode/", timeout=40_000)

    staff = phone(width=1440)
    journey.sign_in(staff, site, installation.people["supervisor"])
    doors = [a.get_attribute("href") for a in staff.locator('main a[href*="/kerja/laporan/"]').all()]
    pages = []
    for door in dict.fromkeys(doors):
        staff.goto(f"{site}{door}")
        pages.append(staff.inner_text("main"))
    urgent = next(i for i, text in enumerate(pages) if "dekat masjid hijau di belakang pasar" in text)
    waiting = next(i for i, text in enumerate(pages) if "https://contoh.example/tautan" in text)
    assert urgent < waiting
