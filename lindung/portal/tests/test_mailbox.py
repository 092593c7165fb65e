"""The mailbox: who holds the code reads, writes, stops, and changes their mind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lindung.core import clock
from lindung.core.errors import Unavailable
from lindung.portal import keeping
from lindung.portal.tests.conftest import Reporter, stored, text_of
from lindung.reporting.models import Message, Report, Withdrawal
from lindung.reporting.services import mailbox
from lindung.vault import drafts, receipts

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(reporter: Reporter) -> str:
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong"}})
    code = reporter.send()
    reporter.post("receipt", do="saved")
    return code


@pytest.fixture
def inside(reporter: Reporter, code: str) -> Reporter:
    """A reporter whose box is open."""
    assert reporter.post("mailbox", code=code).status_code == 303
    return reporter


def form_token(page: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found is not None
    return found.group(1)


def test_the_code_opens_the_box_however_it_is_written(reporter: Reporter, code: str) -> None:
    for typed in (code, receipts.grouped(code), "-".join(re.findall("....", code)), f"  {code}  "):
        page = reporter.post("mailbox", code=typed)
        assert page.status_code == 303
        assert page["Location"].endswith("/kotak/isi/")
        reporter.post("mailbox_close")


def test_the_box_says_where_it_stands_with_a_promised_time_in_the_local_zone(inside: Reporter) -> None:
    page = text_of(inside.get("mailbox_visit"))
    assert "Ceritamu sudah sampai" in page
    assert re.search(r"paling lambat \w+, \d+ \w+( \d{4})?, \d\d\.\d\d WIB", page)


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(reporter: Reporter, code: str) -> None:
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    page = reporter.post("mailbox", code=wrong)
    assert page.status_code == 422
    assert "Ada angka yang salah tulis" in text_of(page)
    assert wrong in page.content.decode()
    page = reporter.post("mailbox", code=receipts.generate())
    assert page.status_code == 422
    assert "tidak membuka kotak" in text_of(page)
    assert reporter.post("mailbox", code="").status_code == 422


def test_a_message_sent_twice_is_one_message(inside: Reporter) -> None:
    token = form_token(inside.get("mailbox_visit"))
    text = "Apa aku harus bayar? <script>alert(1)</script>\r\n😀"
    for _ in range(2):
        assert inside.post("mailbox_write", text=text, kind="text", token=token).status_code == 303
    assert Message.objects.count() == 1
    page = inside.get("mailbox_visit")
    assert "<script>alert" not in page.content.decode()
    assert "<script>alert(1)</script>" in text_of(page)


def test_something_can_be_added(inside: Reporter) -> None:
    page = inside.client.get(inside.url("mailbox_write") + "?untuk=tambah")
    inside.post("mailbox_write", text="Namanya beda", kind="addition", token=form_token(page))
    assert Message.objects.get().kind == "addition"
    assert "Kamu menambahkan" in text_of(inside.get("mailbox_visit"))


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_message_is_not_sent(inside: Reporter, text: str) -> None:
    assert inside.post("mailbox_write", text=text, kind="text", token="t").status_code == 422
    assert not Message.objects.exists()


def test_media_and_long_texts_are_refused_with_the_text_kept(inside: Reporter, settings: Any) -> None:
    page = inside.post("mailbox_write", text="data:image/png;base64,AAAA", kind="text", token="t")
    assert page.status_code == 422
    assert "data:image/png" in page.content.decode()
    page = inside.post("mailbox_write", text="y " * settings.LINDUNG_WORDS_MAX_CHARACTERS, kind="text", token="t")
    assert page.status_code == 422
    assert "y y y" in page.content.decode()


def test_stopping_locks_and_can_be_undone(inside: Reporter) -> None:
    Report.objects.update(risk="low", danger_now=False)
    assert "7 hari" in text_of(inside.get("mailbox_stop"))
    assert inside.post("mailbox_stop", do="stop").status_code == 303
    assert Report.objects.get().state == "withdrawn"
    page = inside.get("mailbox_visit")
    assert "Aku berubah pikiran" in text_of(page)
    assert inside.post("mailbox_write", text="Halo", kind="text", token="t").status_code == 409
    assert inside.post("mailbox_undo").status_code == 303
    assert Report.objects.get().state != "withdrawn"


def test_stopping_at_high_risk_says_that_a_supervisor_looks_first(inside: Reporter) -> None:
    Report.objects.update(risk="high")
    assert "Kepala petugas memeriksa dulu" in text_of(inside.get("mailbox_stop"))
    inside.post("mailbox_stop", do="stop")
    assert Withdrawal.objects.get().state == "supervisor"
    assert Report.objects.get().state != "withdrawn"


def test_somebody_who_is_pressed_to_stop_stops_nothing(inside: Reporter) -> None:
    token = form_token(inside.get("mailbox_stop"))
    for _ in range(2):
        assert inside.post("mailbox_stop", do="pressured", text="Paman", token=token).status_code == 303
    assert Message.objects.get().kind == "stop_pressure"
    assert not Withdrawal.objects.exists()
    assert "Terima kasih sudah bilang" in text_of(inside.get("mailbox_visit"))
    again = text_of(inside.get("mailbox_visit"))
    assert "Terima kasih sudah bilang" not in again
    assert "Paman" not in again


def test_the_box_closes_after_half_an_hour_and_the_text_is_kept(reporter: Reporter, code: str) -> None:
    start = datetime.now(UTC)
    with clock.frozen(start):
        reporter.post("mailbox", code=code)
    with clock.frozen(start + timedelta(minutes=33)):
        assert reporter.get("mailbox_visit").status_code == 303
        page = reporter.post("mailbox_write", text="Kalimat panjang", kind="text", token="t")
        assert page.status_code == 410
        assert "Kalimat panjang</textarea>" in page.content.decode()
        page = reporter.post("mailbox", code=code, text="Kalimat panjang")
        assert page["Location"].endswith("/kotak/isi/tulis/")
        assert "Kalimat panjang</textarea>" in reporter.get("mailbox_write").content.decode()


def test_closing_the_box_leaves_nothing_on_the_phone(inside: Reporter) -> None:
    a, b = inside.client.cookies["a"].value, inside.client.cookies["b"].value
    page = inside.post("mailbox_close")
    assert {page.cookies[name]["max-age"] for name in ("a", "b")} == {0}
    assert drafts.load(a, b) is None


def test_a_walk_and_a_visit_live_beside_each_other(reporter: Reporter, code: str) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Cerita kedua")
    reporter.post("mailbox", code=code)
    assert reporter.get("mailbox_visit").status_code == 200
    assert "Cerita kedua" in text_of(reporter.get("step", "kata"))
    reporter.post("mailbox_close")
    assert "Cerita kedua" in text_of(reporter.get("step", "kata"))
    assert reporter.get("mailbox_visit").status_code == 303


def test_a_walk_begun_from_the_box_is_a_report_of_its_own(inside: Reporter) -> None:
    inside.walk("young_child", {"satu-kalimat": {"words": "Lagi"}})
    inside.send()
    assert Report.objects.count() == 2


def test_an_erased_box_says_so(inside: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    Report.objects.update(receipt_tag=b"x" * 32)
    page = inside.get("mailbox_visit")
    assert page.status_code == 410
    assert "sudah dihapus" in text_of(page)


def test_when_the_store_fails_the_message_is_kept(inside: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable()

    monkeypatch.setattr(mailbox, "write", fails)
    page = inside.post("mailbox_write", text="Jangan hilang", kind="text", token="tok")
    assert page.status_code == 503
    assert "Jangan hilang</textarea>" in page.content.decode()
    assert 'name="token" value="tok"' in page.content.decode()


def test_a_lost_code_is_never_recovered(reporter: Reporter) -> None:
    page = text_of(reporter.get("mailbox_lost"))
    assert "tidak bisa membuka kotak lama" in page
    assert "Cerita lagi" in page


def test_another_browser_sees_nothing(inside: Reporter, another: Callable[[], Reporter]) -> None:
    assert another().get("mailbox_visit").status_code == 303


def test_whoever_knew_the_cookies_before_does_not_read_the_box_along(
    code: str, another: Callable[..., Reporter]
) -> None:
    phone, elsewhere = another(), another()
    phone.walk()
    for name in ("a", "b"):
        elsewhere.client.cookies[name] = phone.client.cookies[name].value
    assert elsewhere.row is not None
    assert phone.post("mailbox", code=code).status_code == 303
    assert phone.get("mailbox_visit").status_code == 200
    assert elsewhere.get("mailbox_visit").status_code == 303
    assert elsewhere.row is None


def test_a_walk_goes_on_beside_the_opened_box_and_stays_the_same_one(
    code: str, another: Callable[..., Reporter]
) -> None:
    phone = another()
    phone.walk("young_child", {"satu-kalimat": {"words": "lanjutan"}})
    assert phone.get("check").status_code == 200
    assert phone.row is not None
    name, began = keeping.id_of(phone.row), phone.row.began
    for _ in range(2):
        assert phone.post("mailbox", code=code).status_code == 303
        assert phone.row is not None
        assert (keeping.id_of(phone.row), phone.row.began) == (name, began)
    assert stored(phone.send())["words"] == "lanjutan"
    assert Report.objects.count() == 2
