"""What the tests of the staff pages share: real reports, and browsers that signed in with both steps."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from conftest import Browser
from lindung.accounts.models import User
from lindung.reporting import services
from lindung.reporting.models import Report
from lindung.vault import receipts

DANGER = {"path": "child", "danger": "yes", "danger_place": "dekat pasar", "words": "tolong aku"}
CALM = {"path": "child", "words": "aku mau cerita", "province": "31"}


@pytest.fixture(autouse=True)
def _indonesian():
    """A request in English leaves its language behind in the thread; addresses are then made in English too."""
    with override("id"):
        yield


class Sent:
    """A report with what its reporter keeps."""

    def __init__(self, report: Report, code: str) -> None:
        self.report, self.code, self.id = report, code, report.pk

    def url(self, name: str = "report", **more: Any) -> str:
        return reverse(f"workspace:{name}", kwargs={"report_id": self.id, **more})

    def now(self) -> Report:
        return Report.objects.get(pk=self.id)

    def write(self, text: str) -> None:
        visit = services.mailbox.enter(self.code, "203.0.113.9")
        services.mailbox.write(visit, text, "text", secrets.token_hex(8))


@pytest.fixture
def send(cast: Any) -> Callable[..., Sent]:
    """Return `send(**answers)`: everything sealed, a real receipt."""

    def make(**answers: Any) -> Sent:
        code = receipts.generate()
        report = services.receive(
            answers=answers, code=code, walk_id=secrets.token_bytes(32), language="id", source="203.0.113.9"
        )
        return Sent(report, code)

    return make


@pytest.fixture
def browse(cast: Any) -> Callable[[User], Browser]:
    """Return `browse(user)`: a browser in which that person signed in with both steps."""

    def make(user: User) -> Browser:
        browser = Browser()
        cast.sign_in(browser, user)
        return browser

    return make


@pytest.fixture
def analyst(cast: Any, browse: Callable[[User], Client]) -> Client:
    """The browser of the first analyst of the intake team."""
    return browse(cast.analyst)
