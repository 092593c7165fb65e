"""The directory in a browser: its pages for everyone, and a CSV file that the browser reads and never sends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from tests.browser.test_for_everyone import overflow
from tools import journey
from tools.installation import Installation

Violations = Callable[[Page], list[str]]
Phone = Callable[..., Page]

SHEET = "kode;nama;jenis;wilayah\r\nbaru.satu;Lembaga Baru;legal_aid;35.09\r\nbaru.dua;Lembaga Dua;legal_aid;92.71\r\n"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_pages_of_the_directory_are_for_everyone(
    prefix: str, installation: Installation, phone: Phone, axe: Violations
) -> None:
    page, site, found = phone(width=1440, height=900), installation.address, {}
    journey.sign_in(page, site, installation.people["supervisor"], "en" if prefix else "id", lambda *_: None)

    def look(name: str) -> None:
        wrong = axe(page)
        page.set_viewport_size({"width": 320, "height": 640})
        if overflow(page) > 0:
            wrong.append(f"{overflow(page)} px too wide at 320 px")
        page.set_viewport_size({"width": 1440, "height": 900})
        if wrong:
            found[name] = wrong

    page.goto(f"{site}{prefix}/kerja/direktori/?daerah=bogor&jk=male&perlu=night")
    look("list")
    page.locator(".directory-rows a").first.click()
    look("body")
    body = page.url
    for name in ("ubah/", "layanan/"):
        page.goto(body + name)
        look(name)
        page.locator("main form button").first.click()
        look(f"{name} sent")
    assert found == {}


def test_a_csv_file_is_read_in_the_browser_and_only_its_text_is_sent(
    installation: Installation, phone: Phone, axe: Violations, tmp_path: Path
) -> None:
    page, site = phone(width=1440, height=900), installation.address
    journey.sign_in(page, site, installation.people["supervisor"], "id", lambda *_: None)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.goto(f"{site}/kerja/direktori/impor/")
    file = tmp_path / "daftar.csv"
    file.write_bytes(SHEET.encode("utf-16"))
    page.set_input_files("#berkas", str(file))
    page.wait_for_function("document.querySelector('textarea.cells').value.startsWith('kode;nama')")
    page.locator('button[value="try"]').click()
    page.wait_for_selector("table")
    assert "96.71" in page.inner_text("table")
    assert axe(page) == []
    assert [request.headers["content-type"] for request in sent] == ["application/x-www-form-urlencoded"]
    assert "daftar.csv" not in (sent[0].post_data or "")
    page.locator("textarea.cells").fill(SHEET.replace("92.71", "96.71"))
    page.locator('button[value="try"]').click()
    page.locator('button[value="import"]').click()
    page.wait_for_url("**/kerja/direktori/?ok=imported")
    (tmp_path / "gambar.csv").write_bytes(b"\x89PNG\x00\x00")
    page.goto(f"{site}/kerja/direktori/impor/")
    page.set_input_files("#berkas", str(tmp_path / "gambar.csv"))
    page.wait_for_function("document.querySelector('.pick-file [role=status]').textContent.length > 10")
    assert page.input_value("textarea.cells") == ""
