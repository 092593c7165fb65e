"""A report goes from one team to another, as both teams and the child see it; accessible at both widths."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from playwright.sync_api import Page

from tools import journey
from tools.installation import Installation

SEND = """
import secrets, django
django.setup()
from lindung.reporting import services
from lindung.vault import receipts
code = receipts.generate()
services.receive(answers={"path": "child", "danger": "yes", "words": "Contoh: aku takut pulang."}, code=code,
                 walk_id=secrets.token_bytes(16), language="id", source="x")
print(code)
"""
WORDS = "Contoh: anaknya pindah ke sana pekan ini."


def send(installation: Installation) -> str:
    """A report that is there at once; return its receipt."""
    done = subprocess.run(
        [sys.executable, "-c", SEND], env=installation.env, cwd=installation.folder, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_from_offer_to_the_childs_mailbox(
    installation: Installation, phone: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    code, site, wrong = send(installation), installation.address, []

    def see(page: Page, name: str) -> None:
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wrong.extend(f"{name} at {width}: {one}" for one in axe(page))
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            wrong.extend([f"{name}: {too_wide} px too wide at {width}"] if too_wide > 0 else [])

    ours, theirs = phone(width=1440, height=900), phone()
    journey.sign_in(ours, site, installation.people["analyst"])
    ours.locator("main a.ref").first.click()
    report = ours.url
    ours.locator('details:has(form[action$="/tawarkan/"]) > summary').click()
    panel = ours.locator('form[action$="/tawarkan/"]')
    panel.locator('select[name="team"]').select_option(label="other intake")
    panel.locator('textarea[name="words"]').fill(WORDS)
    see(ours, "the report with the form")
    panel.locator("button").last.click()
    assert "Menunggu jawaban other intake" in ours.locator("main").inner_text()
    see(ours, "offered")

    journey.sign_in(theirs, site, installation.people["other_analyst"])
    theirs.locator('nav a[href="/kerja/serah-terima/"]').click()
    card = theirs.locator("main").inner_text()
    assert "Anak berada di wilayah tim itu" in card
    assert WORDS not in card
    assert "takut pulang" not in card
    see(theirs, "the card")
    theirs.locator('form[action$="/terima/"] button').click()
    text = theirs.locator("main").inner_text()
    assert "takut pulang" in text
    assert WORDS in text
    see(theirs, "taken over")

    assert ours.goto(report).status == 404  # type: ignore[union-attr]
    ours.goto(f"{site}/kerja/serah-terima/")
    assert "Diterima" in ours.locator("main").inner_text()
    see(ours, "what was sent")
    child = phone()
    journey.open_box(child, site, code)
    assert "Ceritamu sekarang dibaca tim lain" in child.locator("main").inner_text()
    see(child, "the mailbox")
    assert wrong == []
