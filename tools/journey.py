"""The main job, step by step, in a real browser: a child reports, an analyst answers, the child comes back.

Used by the browser tests and by tools/screenshots.py. Every text is invented, short and clinical. Each step calls
`see(name)`, which a test uses to check the page and the screenshots to keep a picture of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pyotp
from playwright.sync_api import Page

See = Callable[[Page, str], None]
WORDS = {
    "id": "Ada orang di gim yang mengancam. Dia minta uang. Aku takut dan tidak berani bilang siapa pun.",
    "en": "Somebody in a game is threatening me. He wants money. I am afraid and have told nobody.",
}
ACCOUNT = {"id": "akun-contoh-17", "en": "sample-account-17"}
ANSWER = {
    "id": "Terima kasih sudah bilang. Ini bukan salahmu. Jangan membayar. Apakah kamu aman malam ini?",
    "en": "Thank you for telling us. This is not your fault. Do not pay. Are you safe tonight?",
}
REPLY = {"id": "Aku aman. Ibu belum tahu.", "en": "I am safe. My mother does not know yet."}
REASON = {"id": "Ancaman masih berjalan, anak sendirian.", "en": "The threat goes on and the child is alone."}
_CODE = re.compile(r"\d{4}(?:\s\d{4}){4}")


def nothing(page: Page, name: str) -> None:
    """See nothing: for steps that only lead somewhere."""


def press(page: Page, code: str) -> None:
    """Press the button of a step by its code, whatever language it speaks, and wait for the page that follows."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.locator(f'main button[value="{code}"]').first.click()


def report(page: Page, site: str, language: str = "id", see: See = nothing) -> str:
    """Walk from the home page to the receipt as a child; return the code."""
    prefix = "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/")
    see(page, "beranda")
    page.locator('main a[href$="/lapor/aman/"]').last.click()
    see(page, "aman")
    press(page, "safe")
    see(page, "siapa-boleh-tahu")
    press(page, "next")
    for code in ("threat_to_spread", "paid"):
        page.locator(f'input[value="{code}"]').check()
    see(page, "apa")
    press(page, "next")
    see(page, "takut")
    press(page, "next")
    page.fill('textarea[name="words"]', WORDS[language])
    see(page, "kata")
    press(page, "next")
    see(page, "kapan")
    press(page, "ongoing")
    _rest(page, language, see)
    see(page, "periksa")
    page.locator('form[action$="/lapor/kirim/"] button').click()
    if page.url.endswith("/lapor/kirim/"):
        see(page, "tunggu")
        page.wait_for_url("**/lapor/kode/", timeout=40_000)
    see(page, "kode")
    found = _CODE.search(re.sub(r"\s+", " ", page.inner_text("main")))
    if found is None:
        raise AssertionError("the receipt page shows no code")
    page.locator('main form[action$="/lapor/kode/"] button').first.click()
    see(page, "selesai")
    return found.group()


def _rest(page: Page, language: str, see: See) -> None:
    """Answer or skip whatever comes until the summary."""
    for _ in range(25):
        slug = page.url.rstrip("/").rsplit("/", 1)[-1]
        if slug == "periksa":
            return
        see(page, slug)
        if slug == "akun":
            page.fill('textarea[name="accounts"]', ACCOUNT[language])
            press(page, "next")
        elif slug == "di-mana":
            page.locator('input[name="online_where"]').first.check()
            press(page, "next")
        elif slug in _TAPS:
            press(page, _TAPS[slug])
        else:
            press(page, "skip" if page.locator('main button[value="skip"]').count() else "next")
    raise AssertionError("the walk has no end")


_TAPS = {"umur": "13-15", "kelamin": "male", "provinsi": "53", "kabupaten": "53.71"}


def sign_in(page: Page, site: str, person: dict[str, Any], language: str = "id", see: See = nothing) -> None:
    """Sign in with passphrase and authenticator code."""
    prefix = "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/")
    see(page, "masuk")
    page.fill('input[name="username"]', person["username"])
    page.fill('input[name="passphrase"]', person["passphrase"])
    page.locator("main form button").first.click()
    see(page, "masuk-kode")
    page.fill('input[name="code"]', fresh_code(person))
    page.locator("main form button").first.click()
    if page.locator('input[name="code"]').count():
        raise AssertionError("the second factor was not accepted")


def fresh_code(person: dict[str, Any]) -> str:
    """Return a code that this person has not used in this run: each is accepted once."""
    totp = pyotp.TOTP(person["totp"])
    step = int(time.time()) // 30
    if step <= person.get("last_step", 0):
        step = person["last_step"] + 1
        if step > int(time.time()) // 30 + 1:
            time.sleep((step - 1) * 30 - time.time() + 1)
    person["last_step"] = step
    return totp.generate_otp(step)


def answer(page: Page, site: str, language: str = "id", see: See = nothing) -> None:
    """Take the most urgent report that nobody holds, judge it and answer it."""
    prefix = "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/")
    see(page, "antrean")
    free = page.locator('main form[action$="/ambil/"]').first.get_attribute("action") or ""
    page.locator(f'main a[href="{free.removesuffix("ambil/")}"]').first.click()
    see(page, "laporan")
    page.locator('form[action$="/ambil/"] button').first.click()
    page.wait_for_url("**/kerja/laporan/**")
    for form in page.locator('details:has(form[action$="/triase/"]):not([open]) > summary').all():
        form.click()
    for name, value in (("risk", "high"), ("authority", "district"), ("next_step", "advice")):
        page.locator(f'form[action$="/triase/"] input[name="{name}"][value="{value}"]').check()
    page.locator('form[action$="/triase/"] input[name="forms"][value="sextortion"]').check()
    page.locator('form[action$="/triase/"] textarea[name="reason"]').fill(REASON[language])
    see(page, "triase")
    page.locator('form[action$="/triase/"] button').last.click()
    page.locator('form[action$="/pesan/"] textarea').fill(ANSWER[language])
    page.locator('form[action$="/pesan/"] button').last.click()
    see(page, "dijawab")


def open_box(page: Page, site: str, code: str, language: str = "id", see: See = nothing) -> None:
    """Open the mailbox with the receipt."""
    prefix = "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kotak/")
    see(page, "kotak")
    page.fill('input[name="code"]', code)
    page.locator('main form[action$="/kotak/"] button').first.click()
    page.wait_for_url("**/kotak/isi/")


def reply(page: Page, language: str = "id", see: See = nothing) -> None:
    """Read the answer and write back."""
    see(page, "kotak-isi")
    page.fill('main form[action$="/tulis/"] textarea', REPLY[language])
    page.locator('main form[action$="/tulis/"] button').first.click()
    see(page, "kotak-dibalas")


def stop_and_go_on(page: Page, see: See = nothing) -> None:
    """Ask to stop; where that locks the report at once, change one's mind."""
    page.locator('main a[href$="/kotak/isi/berhenti/"]').click()
    see(page, "berhenti")
    page.locator('main button[value="stop"]').click()
    see(page, "berhenti-diminta")
    undo = page.locator('main form[action$="/lanjutkan/"] button')
    if undo.count():
        undo.first.click()
        see(page, "berubah-pikiran")
