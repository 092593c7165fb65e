"""Sending: once however often it is pressed, never too soon, never a code without a stored report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from lindung.core import clock
from lindung.core.errors import Unavailable
from lindung.portal import duty
from lindung.portal.tests.conftest import Reporter, stored, text_of
from lindung.portal.views import sending
from lindung.reporting.models import Report
from lindung.vault import drafts

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_too_soon_waits_kindly_and_goes_on_by_itself(reporter: Reporter, settings: Any) -> None:
    settings.LINDUNG_WALK_MIN_SECONDS = 20
    with clock.frozen(START):
        reporter.step("aman", do="safe")
    with clock.frozen(START + timedelta(seconds=8)):
        reporter.step("kata", words="Tolong")
        reporter.get("check")
        page = reporter.post("send")
        assert page.status_code == 200
        assert "12 detik" in text_of(page)
        assert page["Refresh"] == "12; url=/lapor/kirim/"
        assert not Report.objects.exists()
    with clock.frozen(START + timedelta(seconds=20)):
        assert reporter.get("send").status_code == 303
        assert stored(reporter.code())["words"] == "Tolong"


def test_a_link_alone_sends_nothing(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.get("check")
    assert reporter.get("send")["Location"].endswith("/periksa/")
    assert not Report.objects.exists()


def test_pressed_twice_gives_one_report_and_the_same_code(reporter: Reporter) -> None:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong aku"}})
    first = reporter.send()
    assert reporter.post("send").status_code == 303
    assert reporter.code() == first
    assert Report.objects.count() == 1


def test_a_send_whose_answer_was_lost_gives_the_same_report(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process died between the commit and the draft: the draft still holds the answers and the code."""
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong aku"}})
    reporter.get("check")
    before = reporter.row
    assert before is not None
    code = before.data["code"]
    reporter.post("send")
    drafts.save(before)
    assert reporter.post("send").status_code == 303
    assert reporter.code() == code
    assert Report.objects.count() == 1
    assert stored(code)["words"] == "Tolong aku"


def test_the_draft_forgets_the_answers_when_they_are_sent(reporter: Reporter) -> None:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong aku"}})
    reporter.send()
    assert reporter.row is not None
    assert "Tolong aku" not in str(reporter.row.data)


def test_after_sending_no_page_brings_an_answer_back(reporter: Reporter) -> None:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong aku"}})
    reporter.send()
    for name, args in (("step", ["satu-kalimat"]), ("step", ["kecil"]), ("check", []), ("send", [])):
        page = reporter.get(name, *args)
        assert page.status_code == 303
        assert page["Location"].endswith("/lapor/kode/")


def test_once_written_down_the_code_is_gone_from_the_phone(reporter: Reporter) -> None:
    reporter.walk("young_child")
    reporter.send()
    a, b = reporter.client.cookies["a"].value, reporter.client.cookies["b"].value
    page = reporter.post("receipt", do="saved")
    assert page.status_code == 303
    assert {page.cookies[name]["max-age"] for name in ("a", "b")} == {0}
    assert drafts.load(a, b) is None
    assert reporter.get("receipt").status_code == 303
    assert reporter.get("done").status_code == 200


def test_somebody_who_cannot_keep_the_code_is_told_that_it_is_all_right(reporter: Reporter) -> None:
    reporter.walk("young_child")
    reporter.send()
    assert "Tidak apa-apa" in text_of(reporter.get("cannot_keep"))
    assert reporter.get("receipt").status_code == 200


@pytest.mark.parametrize("error", [Unavailable(), OperationalError("disk full"), OSError(28, "no space")])
def test_when_nothing_can_be_stored_there_is_no_code_and_nothing_is_lost(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    reporter.walk("child", {"kata": {"words": "Jangan hilang"}})
    reporter.get("check")
    code = reporter.row.data["code"]  # type: ignore[union-attr]

    def fails(**_: Any) -> Report:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(sending.services, "receive", fails)
        page = reporter.post("send")
    assert page.status_code == 503
    body = text_of(page)
    assert code[:4] not in body
    assert "Jangan hilang" in body
    assert "110" in body
    assert "129" in body
    assert "Coba lagi" in body
    assert reporter.post("send").status_code == 303
    assert stored(reporter.code())["words"] == "Jangan hilang"


def test_when_the_drafts_cannot_be_written_the_page_gives_the_text_back(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter.step("aman", do="safe")

    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable()

    for name in ("load", "save"):
        with monkeypatch.context() as patch:
            patch.setattr(drafts, name, fails)
            page = reporter.step("kata", words="Ini tulisanku <i>")
        assert page.status_code == 503
        assert "<textarea" in page.content.decode()
        assert "Ini tulisanku &lt;i&gt;</textarea>" in page.content.decode()
        assert 'name="do" value="next"' in page.content.decode()


def test_home_and_help_need_no_store(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(duty, "portal_duty", fails)
    monkeypatch.setattr(drafts, "load", fails)
    for name in ("home", "help"):
        page = reporter.get(name)
        assert page.status_code == 200
        assert "110" in text_of(page)


def test_a_lost_draft_write_after_the_commit_still_shows_the_code(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong"}})
    reporter.get("check")
    code = reporter.row.data["code"]  # type: ignore[union-attr]

    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable()

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "save", fails)
        page = reporter.post("send")
    assert page.status_code == 200
    assert code[:4] in text_of(page)
    assert stored(code)["words"] == "Tolong"


def test_the_cookies_are_not_changed_by_sending(reporter: Reporter) -> None:
    reporter.walk("young_child")
    reporter.get("check")
    page = reporter.post("send")
    assert not {"a", "b"} & set(page.cookies)
    assert page.cookies["d"]["httponly"]


def test_many_browsers_get_codes_of_their_own(another: Callable[[], Reporter], settings: Any) -> None:
    settings.LINDUNG_WALK_MIN_SECONDS = 0
    codes = set()
    for _ in range(4):
        person = another()
        person.walk("young_child")
        codes.add(person.send())
    assert len(codes) == 4
    assert Report.objects.count() == 4
