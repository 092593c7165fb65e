"""Keluar cepat: one tap, no script, nothing left."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.core.errors import Unavailable
from lindung.portal.tests.conftest import Reporter
from lindung.vault import drafts

pytestmark = pytest.mark.django_db


def test_one_tap_destroys_the_draft_and_every_cookie(reporter: Reporter, settings: Any) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Rahasia")
    a, b = reporter.client.cookies["a"].value, reporter.client.cookies["b"].value
    page = reporter.get("exit")
    assert page.status_code == 303
    assert page["Location"] == settings.LINDUNG_EXIT_URL
    for name in ("a", "b", "d", "t"):
        assert page.cookies[name]["max-age"] == 0
    assert drafts.load(a, b) is None
    assert page["Cache-Control"].startswith("no-store")


def test_a_mailbox_visit_is_destroyed_too(reporter: Reporter) -> None:
    reporter.walk("young_child")
    code = reporter.send()
    reporter.post("receipt", do="saved")
    reporter.post("mailbox", code=code)
    reporter.get("exit")
    assert reporter.get("mailbox_visit").status_code == 303


def test_leaving_never_fails(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    reporter.step("aman", do="safe")

    def fails(*_: Any) -> None:
        raise Unavailable()

    monkeypatch.setattr(drafts, "destroy", fails)
    page = reporter.get("exit")
    assert page.status_code == 303
    assert page.cookies["a"]["max-age"] == 0


def test_over_tls_the_browser_is_told_to_forget(reporter: Reporter, settings: Any) -> None:
    settings.LINDUNG_HTTPS = True
    assert '"cookies"' in reporter.get("exit")["Clear-Site-Data"]


def test_every_page_says_what_quick_exit_cannot_do(reporter: Reporter) -> None:
    assert "Riwayat browser dan riwayat telepon tetap ada" in reporter.get("home").content.decode()
