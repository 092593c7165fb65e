"""A newly arrived analyst's first day, by the keyboard alone, on every page without an accessibility violation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tools import desk_day, journey
from tools.installation import Installation


@pytest.mark.parametrize(("language", "width", "colleague"), [("id", 390, "analyst"), ("en", 1440, "second_analyst")])
def test_from_the_first_sign_in_to_the_answer_without_a_pointer(
    language: str,
    width: int,
    colleague: str,
    installation: Installation,
    phone: Callable[..., Page],
    axe: Callable[[Page], list[str]],
) -> None:
    site = installation.address
    code = journey.report(phone(), site, language)
    found: list[str] = []

    def see(page: Page, name: str) -> None:
        found.extend(f"{name}: {violation}" for violation in axe(page))

    cast = installation.people["analyst"]
    newcomer = desk_day.add(installation, f"baru-{language}", cast["organisation"], cast["team"])
    page = phone(width=width, height=900)
    page.set_default_timeout(15_000)
    fingerprint = desk_day.arrive(page, site, newcomer, language, see)

    other = phone(width=width, height=900)
    journey.sign_in(other, site, installation.people[colleague], language)
    desk_day.give_key(other, site, fingerprint, language, see)

    desk_day.work(page, site, language, see)
    assert found == []

    back = phone()
    journey.open_box(back, site, code, language)
    assert journey.ANSWER[language] in back.inner_text("main")
