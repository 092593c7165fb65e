"""The privacy notice says what is so here, and a lost receipt leads on without opening anything."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.portal.tests.conftest import Reporter, stored, text_of

pytestmark = pytest.mark.django_db


def test_the_notice_speaks_to_a_child_first_and_to_adults_then(reporter: Reporter) -> None:
    page = text_of(reporter.get("privacy"))
    assert page.index("Kamu boleh cerita tanpa nama") < page.index("Untuk orang dewasa")
    assert page.index("Untuk orang dewasa") < page.index("Undang-Undang 27/2022")
    for right in range(5, 14):
        assert f"pasal {right})" in page, right
    for law in ("pasal 15", "pasal 25", "pasal 46"):
        assert law in page


def test_every_number_in_it_is_the_one_that_holds_here(reporter: Reporter, settings: Any) -> None:
    settings.LINDUNG_WITHDRAWAL_DAYS, settings.LINDUNG_RETENTION_DAYS = 11, 222
    settings.LINDUNG_RETENTION_UNREAD_DAYS, settings.LINDUNG_BACKUP_DAYS = 333, 44
    settings.LINDUNG_WALK_IDLE_MINUTES, settings.LINDUNG_CASE_RETENTION_DAYS = 55, 666
    page = text_of(reporter.get("privacy"))
    for words in ("11 hari", "222 hari", "333 hari", "44 hari", "55 menit", "666 hari"):
        assert words in page, words


def test_whom_to_ask_is_a_setting_and_nobody_is_invented(reporter: Reporter, settings: Any) -> None:
    settings.LINDUNG_PRIVACY_CONTACT = ""
    assert "belum diisi" in text_of(reporter.get("privacy"))
    settings.LINDUNG_PRIVACY_CONTACT = "Pengelola Contoh <b>, Jalan Contoh 1"
    page = reporter.get("privacy")
    assert "Pengelola Contoh <b>, Jalan Contoh 1" in text_of(page)
    assert "<b>," not in page.content.decode()
    assert "belum diisi" not in text_of(page)


def test_every_page_leads_to_the_notice(reporter: Reporter) -> None:
    for name in ("home", "report", "help", "mailbox", "mailbox_lost", "done"):
        assert f'href="{reporter.url("privacy")}"' in reporter.get(name).content.decode(), name
    reporter.language = "en"
    assert 'href="/en/privasi/"' in reporter.get("home").content.decode()
    assert "What we keep, and who may know" in text_of(reporter.get("privacy"))


def test_reading_it_sets_no_cookie(reporter: Reporter) -> None:
    assert not reporter.get("privacy").cookies


# --- a lost receipt ---------------------------------------------------------------------------------------------------


def test_a_lost_receipt_is_told_kindly_and_asks_about_when(reporter: Reporter) -> None:
    page = reporter.get("mailbox_lost")
    said = text_of(page)
    assert "Kodemu hilang?" in said
    assert "Kami tidak bisa membuka kotak lama, supaya orang lain juga tidak bisa." in said
    assert "Cerita lagi saja, sebut kira-kira kapan kamu cerita." in said
    assert f'href="{reporter.url("step", "pernah")}"' in page.content.decode()
    assert "Kira-kira kapan kamu pernah cerita?" in text_of(reporter.get("step", "pernah"))


def test_about_when_goes_along_with_the_new_report_and_safety_comes_next(reporter: Reporter) -> None:
    answer = reporter.step("pernah", told_before=" waktu puasa,\r\nlewat HP kakak ")
    assert answer["Location"] == reporter.url("step", "aman")
    reporter.step("aman", do="safe")
    summary = text_of(reporter.get("check"))
    assert "waktu puasa," in summary
    assert "Kira-kira kapan kamu pernah cerita?" in summary
    code = reporter.send()
    assert stored(code)["told_before"] == " waktu puasa,\r\nlewat HP kakak "


def test_it_may_be_skipped_and_leaves_no_line_on_the_summary(reporter: Reporter) -> None:
    assert reporter.step("pernah", do="skip")["Location"] == reporter.url("step", "aman")
    reporter.step("aman", do="safe")
    assert "pernah cerita" not in text_of(reporter.get("check"))


def test_whoever_speaks_for_a_child_keeps_what_they_said_about_when(reporter: Reporter) -> None:
    reporter.step("pernah", told_before="bulan lalu")
    reporter.step("orang-tua")
    code = reporter.send()
    assert stored(code) == {"path": "parent", "told_before": "bulan lalu"}


def test_in_the_middle_of_a_walk_it_comes_back_to_where_the_walk_stood(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("siapa-boleh-tahu")
    assert reporter.step("pernah", told_before="minggu lalu")["Location"] == reporter.url("step", "apa")
