"""A reporter for the tests: follows the front door as a browser without script does."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from lindung.portal.questions import paths, screens
from lindung.reporting import answers as answering
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox
from lindung.vault import drafts
from lindung.vault import services as vault


class Reporter:
    """One browser and the walk in it."""

    def __init__(self, client: Client, language: str = "id") -> None:
        self.client, self.language = client, language
        self.page: Any = None

    def url(self, name: str, *args: str) -> str:
        with translation.override(self.language):
            return reverse(f"portal:{name}", args=args)

    def get(self, name: str, *args: str) -> Any:
        self.page = self.client.get(self.url(name, *args))
        return self.page

    def post(self, name: str, *args: str, **data: Any) -> Any:
        self.page = self.client.post(self.url(name, *args), data)
        return self.page

    def step(self, slug: str, **data: Any) -> Any:
        """Post a page of the walk; `do` defaults to the main button."""
        return self.post("step", slug, **{"do": "next", **data})

    @property
    def row(self) -> drafts.Walk | None:
        cookies = self.client.cookies
        return drafts.load(cookies["a"].value, cookies["b"].value) if "a" in cookies and "b" in cookies else None

    def walk(self, path: str = "child", answers: dict[str, dict[str, Any]] | None = None) -> list[str]:
        """Walk to the summary with these posted fields by page, every other page skipped; return the pages met."""
        answers = answers or {}
        slug, met = paths()[path].intro, []
        while True:
            met.append(slug)
            assert self.get("step", slug).status_code == 200, slug
            response = self.step(slug, **answers.get(slug, {"do": button(slug, path)}))
            assert response.status_code == 303, (slug, response.status_code)
            target = response["Location"].rstrip("/").rsplit("/", 1)[-1]
            if target == "periksa":
                return met
            slug = target
            assert len(met) < 40

    def send(self) -> str:
        """Check, send, and return the code."""
        assert self.get("check").status_code == 200
        assert self.post("send").status_code == 303
        return self.code()

    def code(self) -> str:
        """The code on the receipt page, as 20 digits."""
        page = self.get("receipt")
        assert page.status_code == 200
        return re.sub(r"\D", "", "".join(re.findall(r"<b>(\d{4})</b>", page.content.decode())))


def button(slug: str, path: str) -> str:
    """Skip if one can, otherwise go on."""
    codes = [a.code for a in screens()[slug].actions if a.on(path)]
    return "skip" if "skip" in codes else codes[0]


def text_of(page: Any) -> str:
    """A page as a reader sees it: no tags, no entities."""
    return unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))


def stored(code: str) -> dict[str, Any]:
    """The answers of the report that a code opens."""
    visit = mailbox.enter(code, "test")
    report = Report.objects.get(pk=visit.report_id)
    keys = vault.open_with_receipt(record_id=report.record_id, receipt=visit.receipt)
    return answering.decode(vault.get(record_id=report.record_id, keys=keys, field="answers"))


@pytest.fixture
def reporter(client: Client, cast: Any, settings: Any) -> Reporter:
    """A reporter whose sends are never too soon."""
    settings.LINDUNG_WALK_MIN_SECONDS = 0
    return Reporter(client)


@pytest.fixture
def another(cast: Any) -> Callable[[], Reporter]:
    """Makes more reporters, each with a browser of their own."""
    from conftest import Browser

    return lambda language="id": Reporter(Browser(), language)
