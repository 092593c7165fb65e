"""A case worker's day by the keyboard alone, on a phone and on a desk, no page with an accessibility violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import HURRIED
from tools import case_day, journey
from tools.installation import Installation

_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def installation(prepared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("case-day"), **HURRIED).prepare_from(prepared)
    case_day.seed(made)
    made.start()
    yield made
    made.stop()


@pytest.mark.parametrize(("width", "who"), [(390, "analyst"), (1440, "second_analyst")])
def test_from_the_report_to_a_sent_referral_without_a_pointer(
    width: int,
    who: str,
    installation: Installation,
    phone: Callable[..., Page],
    axe: Callable[[Page], list[str]],
) -> None:
    site = installation.address
    code = journey.report(phone(), site)
    found: list[str] = []

    def see(page: Page, name: str) -> None:
        found.extend(f"{name}: {violation}" for violation in axe(page))
        if page.evaluate(_TOO_WIDE) > 0:
            found.append(f"{name}: wider than the screen")

    page = phone(width=width, height=900)
    page.set_default_timeout(15_000)
    journey.sign_in(page, site, installation.people[who])
    case = case_day.whole(page, site, see)
    assert found == []

    page.goto(f"{site}{case}")
    assert journey.ANSWER["id"] in page.inner_text("main")
    page.goto(f"{site}{case}orang/")
    assert journey.ACCOUNT["id"] in page.inner_text("main"), "it was told in the report and is not typed twice"
    child = phone()
    journey.open_box(child, site, code)
    assert journey.ANSWER["id"] in child.inner_text("main")
    assert "Kami sedang menanyakan siapa yang bisa ikut membantu." in child.inner_text("main")
