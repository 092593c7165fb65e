"""Two reports become a series and one matter, and are taken apart again, on a phone and on a wide screen."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation

Violations = Callable[[Page], list[str]]
Phone = Callable[..., Page]


def tell(page: Page, site: str) -> str:
    """A witness names a link; return the code."""
    page.goto(f"{site}/lapor/tautan/")
    journey.press(page, "next")
    journey.press(page, "next")
    page.fill('textarea[name="media_url"]', "https://satu.contoh.example/x")
    journey.press(page, "next")
    page.goto(f"{site}/lapor/periksa/")
    page.locator('form[action$="/lapor/kirim/"] button').click()
    page.wait_for_url("**/lapor/kode/", timeout=60_000)
    found = journey._CODE.search(" ".join(page.inner_text("main").split()))
    assert found is not None
    return found.group()


def test_a_series_and_a_merge_and_each_box_stays_its_own(
    installation: Installation, phone: Phone, axe: Violations
) -> None:
    site = installation.address
    codes = [tell(phone(), site) for _ in range(2)]
    page, wrong = phone(), {}

    def see(name: str) -> None:
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            found = axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found += [f"{wide} px too wide"] if wide > 0 else []
            if found:
                wrong[f"{name} {width}"] = found

    journey.sign_in(page, site, installation.people["analyst"], "id")
    page.goto(f"{site}/kerja/?urut=newest")
    reports = re.findall(r"/kerja/laporan/[0-9a-f-]{36}/", page.content())
    page.goto(site + next(iter(dict.fromkeys(reports))))
    lead = page.url
    see("panel")
    page.get_by_role("link", name="Cari laporan yang mirip").click()
    assert "sama-sama menyebut satu akun atau nomor" in page.inner_text("main")
    assert "contoh.example" not in page.content()
    see("proposals")
    page.get_by_role("button", name="Satu seri").first.click()
    page.get_by_role("link", name=re.compile("^Seri [0-9A-F]{8}$")).click()
    assert page.locator("svg rect.bar").count() > 0
    see("series")
    page.get_by_role("link", name="Semua seri").click()
    see("list")
    page.goto(lead + "seri/")
    page.get_by_role("button", name="Gabungkan ke laporan ini").first.click()
    assert "Tiap pelapor tetap punya kotak dan kode sendiri." in page.inner_text("main")
    see("merged")
    page.goto(lead)
    page.fill('textarea[name="text"] >> nth=0', "Terima kasih. Tautannya kami serahkan.")
    page.locator('form[action$="/pesan/"] button').last.click()
    boxes = []
    for code in codes:
        box = phone()
        journey.open_box(box, site, code)
        boxes.append("Tautannya kami serahkan." in box.inner_text("main"))
    assert sorted(boxes) == [False, True], "an answer goes into one box"
    page.goto(lead + "seri/")
    page.get_by_role("button", name="Pisahkan lagi").click()
    see("apart")
    assert wrong == {}
