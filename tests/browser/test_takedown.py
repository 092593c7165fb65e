"""A link on its way in a real browser on a phone: noted, on a letter, sent, answered, looked for; in both languages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation

Violations = Callable[[Page], list[str]]
Phone = Callable[..., Page]
LINKS = {"id": "https://satu.contoh.example/x", "en": "https://dua.contoh.example/x"}
SHOWN = {"id": "hxxps://satu[.]contoh[.]example/x", "en": "hxxps://dua[.]contoh[.]example/x"}


def tell(page: Page, site: str) -> str:
    """A witness names two links; return the code."""
    page.goto(f"{site}/lapor/tautan/")
    journey.press(page, "next")
    journey.press(page, "next")
    page.fill('textarea[name="media_url"]', "\n".join(LINKS.values()))
    journey.press(page, "next")
    page.goto(f"{site}/lapor/periksa/")
    page.locator('form[action$="/lapor/kirim/"] button').click()
    page.wait_for_url("**/lapor/kode/", timeout=40_000)
    return " ".join(page.inner_text("main").split())


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_a_link_is_taken_down_on_a_phone_in_both_languages(
    installation: Installation, phone: Phone, axe: Violations
) -> None:
    site = installation.address
    said = tell(phone(), site)
    found: dict[str, list[str]] = {}
    for language, who in (("id", "analyst"), ("en", "second_analyst")):
        page = phone()

        def see(name: str, page: Page = page, language: str = language) -> None:
            wrong = axe(page)
            if overflow(page) > 0:
                wrong.append(f"{overflow(page)} px too wide")
            if wrong:
                found[f"{language} {name}"] = wrong

        journey.sign_in(page, site, installation.people[who], language)
        walk_through(page, site, language, see)
    assert found == {}
    code = journey._CODE.search(said)
    assert code is not None
    box = phone()
    journey.open_box(box, site, code.group())
    assert "sudah kami minta dihapus" in box.inner_text("main")
    assert "contoh.example" not in box.inner_text("main")
    assert axe(box) == []


def walk_through(page: Page, site: str, language: str, see: Callable[[str], None]) -> None:
    """The loop of one link, seen at each stop. Nothing on the way is a link to it."""
    prefix = "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/")
    for door in [a.get_attribute("href") for a in page.locator('main a.ref[href*="/kerja/laporan/"]').all()]:
        page.goto(f"{site}{door}")
        if page.locator('form[action$="/hapus/"] input[name="given"]').count():
            break
    page.locator('details:has(form[action$="/hapus/"]) > summary').click()
    see("form")
    form = page.locator('form[action$="/hapus/"]')
    form.locator("button").click()
    assert page.locator("[role=alert]").count()
    see("refused")
    for box in form.locator('input[name="given"]').all():
        label = page.locator(f'label[for="{box.get_attribute("id")}"]').inner_text()
        box.set_checked(label == SHOWN[language])
    form.locator('input[name="addressees"][value="iwf"]').check()
    form.locator('input[name="bases"][value="iwf"]').check()
    form.locator("button").click()
    assert SHOWN[language] in page.inner_text("main")
    see("noted")
    page.goto(f"{site}{prefix}/kerja/hapus/")
    see("list")
    page.locator('form[action$="/hapus/surat/"] button').first.click()
    see("letter")
    page.locator("details:has(#salinan) > summary").click()
    assert LINKS[language] in page.input_value("#salinan")
    see("copy")
    page.fill('form[action$="/terkirim/"] input[name="reference"]', "IWF-1")
    page.locator('form[action$="/terkirim/"] button').click()
    assert "IWF-1" in page.inner_text("main")
    see("sent")
    page.locator('main a.ref[href*="/kerja/hapus/"]').first.click()
    assert page.locator('a[href*="contoh.example"]').count() == 0
    see("request")
    page.locator('form[action$="/jawaban/"] input[value="removed"]').check()
    page.locator('form[action$="/jawaban/"] button').click()
    page.locator('form[action$="/periksa/"] input[value="not_there"]').check()
    page.locator('form[action$="/periksa/"] input[value="list"]').check()
    page.keyboard.press("Tab")
    page.locator('form[action$="/periksa/"] button').press("Enter")
    page.wait_for_url("**?ok=checked")
    see("checked")
    for address in ("hapus/", "hapus/kontak/", "hapus/statistik/", "hapus/statistik/?untuk=luar", "hapus/?lihat=done"):
        page.goto(f"{site}{prefix}/kerja/{address}")
        see(address)
