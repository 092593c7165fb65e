"""A real Chromium against a real server that was started as a user would start it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.installation import Installation

# Playwright keeps an event loop in this thread; these tests never touch the database of the test process.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

HURRIED = {"DJANGO_SETTINGS_MODULE": "tests.support.hurried_settings"}
"""For `Installation`: a report may be sent at once."""

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Return the path of Chromium. Fails with the command to type when there is none."""
    for name in (os.environ.get("LINDUNG_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    pytest.fail("Chromium is not installed. Type: apt-get install --no-install-recommends chromium", pytrace=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with its tables and people, made once a process; each file of tests starts with a copy."""
    return Installation(tmp_path_factory.mktemp("prepared")).prepare()


@pytest.fixture(scope="module")
def installation(
    request: pytest.FixtureRequest, prepared: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The server of one file of tests; a file may say with what settings: SETTINGS."""
    settings = getattr(request.module, "SETTINGS", HURRIED)
    made = Installation(tmp_path_factory.mktemp("site"), **settings).prepare_from(prepared).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(installation: Installation) -> str:
    return installation.address


Phone = Callable[..., Page]


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Phone]:
    """Return `phone(script=True, width=390)`: a fresh page that fails the test on any request to somebody else."""
    contexts: list[BrowserContext] = []
    foreign: list[str] = []

    def make(script: bool = True, width: int = 390, height: int = 844, **more: Any) -> Page:
        context = browser.new_context(
            java_script_enabled=script, viewport={"width": width, "height": height}, locale="id-ID", **more
        )
        contexts.append(context)
        context.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((site, "data:")) else None)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert foreign == [], "the page asked somebody else for something"


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return a function that lists the accessibility violations of a page (WCAG 2.2 A and AA, and best practices)."""
    checker = Axe()

    def violations(page: Page) -> list[str]:
        page.wait_for_load_state("load")
        found = checker.run(page).response["violations"]
        return [f"{v['id']}: {n['target']} {n['html'][:160]}" for v in found for n in v["nodes"]]

    return violations
