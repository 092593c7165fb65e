"""The first day of a newly arrived analyst in a browser, by the keyboard alone: from the first sign-in to the answer.

`see(page, name)` is called on every page: pictures are taken there, and accessibility is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
from playwright.sync_api import Locator, Page

from tools.installation import Installation
from tools.journey import ANSWER, REASON

See = Callable[[Page, str], None]
FIRST_PASSPHRASE = "sementara untuk hari pertama"
OWN_PASSPHRASE = "perahu hijau di teluk pagi"


_STOPS = """target => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
    const groups = new Set(), from = document.activeElement;
    const after = e => from === document.body || from.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING;
    const before = e => target.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_PRECEDING;
    return stops.filter(e => {
        if (e.disabled || e.tabIndex < 0 || e.type === "hidden" || !e.checkVisibility() || !after(e)) return false;
        if (e.type !== "radio") return before(e);
        const new_one = !groups.has(e.name) && e.name !== target.name;
        groups.add(e.name);
        return new_one && before(e);
    }).length;
}"""
"""How many stops of Tab lie between the focus and a target, at the least: a field of a date has several."""


class Hands:
    """Ten fingers and no pointer. What cannot be reached with Tab fails."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: Locator, most: int = 400) -> Locator:
        """Press Tab until the target has the focus."""
        wanted = target.first
        self._go_towards(wanted)
        for _ in range(most):
            if wanted.evaluate("e => e === document.activeElement"):
                return wanted
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not come to {target}")

    def _go_towards(self, target: Locator) -> None:
        """Press Tab as often as has to be in any case, without looking after each time where it went."""
        for _ in range(target.evaluate(_STOPS)):
            self.page.keyboard.press("Tab")

    def fill(self, name: str, text: str, within: str = "main") -> None:
        """Type into a field over whatever stands in it."""
        self.to(self.page.locator(f'{within} [name="{name}"]'))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def press(self, target: Locator) -> None:
        """Press a button or follow a link."""
        self.to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def open(self, summary: Locator) -> None:
        """Open a part of the page that is folded."""
        if summary.first.evaluate("e => !e.parentElement.open"):
            self.to(summary)
            self.page.keyboard.press("Enter")

    def tick(self, box: Locator) -> None:
        """Tick a box."""
        if not box.first.is_checked():
            self.to(box)
            self.page.keyboard.press("Space")

    def choose(self, within: str, name: str, value: str) -> None:
        """Choose one of several with the arrows, as radio buttons are chosen."""
        every = self.page.locator(f'{within} input[name="{name}"]')
        wanted = self.page.locator(f'{within} input[name="{name}"][value="{value}"]').first
        self._go_towards(every.first)
        for _ in range(400):
            if every.evaluate_all("all => all.includes(document.activeElement)"):
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _ in range(every.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not come to {name}={value}")


@dataclass
class Newcomer:
    """Somebody who was added this morning."""

    username: str
    seed: str = ""


def add(made: Installation, username: str, organisation: str, team: str) -> Newcomer:
    """Add an analyst on the server as an administrator would, with a passphrase for the first time."""
    made.run(
        "user", "add", username, "--organisation", organisation, "--team", team, "--role", "analyst",
        "--name", f"Analis {username}", "--alias", "Kak Cempaka", stdin=f"{FIRST_PASSPHRASE}\n{FIRST_PASSPHRASE}\n",
    )  # fmt: skip
    return Newcomer(username)


def arrive(page: Page, site: str, who: Newcomer, language: str, see: See) -> str:
    """Sign in for the first time, choose a passphrase, set up the second factor; return the key's fingerprint."""
    hands, prefix = Hands(page), "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/")
    hands.fill("username", who.username)
    hands.fill("passphrase", FIRST_PASSPHRASE)
    see(page, "hari-masuk")
    hands.press(page.locator("main form button"))
    see(page, "hari-faktor-kedua")
    who.seed = re.sub(r"\s", "", page.locator("main code").first.inner_text())
    hands.fill("code", pyotp.TOTP(who.seed).now())
    hands.press(page.locator('main form:has([name="code"]) button'))
    see(page, "hari-kode-cadangan")
    hands.press(page.locator("main a.button"))
    see(page, "hari-frasa")
    hands.fill("new_passphrase", OWN_PASSPHRASE)
    hands.fill("again", OWN_PASSPHRASE)
    hands.press(page.locator("main form button"))
    see(page, "hari-menunggu-kunci")
    page.goto(f"{site}{prefix}/kerja/akun/")
    see(page, "hari-akun")
    return page.locator("main #sidik + p code").inner_text()


def give_key(page: Page, site: str, fingerprint: str, language: str, see: See) -> None:
    """A colleague who holds the key compares the fingerprint that was read out, and gives it."""
    hands, prefix = Hands(page), "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/akses/")
    see(page, "hari-rekan-akses")
    hands.press(page.locator("main a.button"))
    see(page, "hari-rekan-putuskan")
    hands.fill("heard", " ".join(fingerprint.split()[:2]))
    hands.press(page.locator('main button[value="grant"]'))


def work(page: Page, site: str, language: str, see: See) -> None:
    """Take the most urgent report, judge it, answer it."""
    hands, prefix = Hands(page), "" if language == "id" else "/en"
    page.goto(f"{site}{prefix}/kerja/")
    see(page, "hari-kotak-masuk")
    free = page.locator('main form[action$="/ambil/"]').first.get_attribute("action") or ""
    hands.press(page.locator(f'main a[href="{free.removesuffix("ambil/")}"]'))
    see(page, "hari-laporan")
    hands.press(page.locator('form[action$="/ambil/"] button'))
    form = 'form[action$="/triase/"]'
    hands.open(page.locator(f"details:has({form}) > summary"))
    for name, value in (("risk", "high"), ("authority", "district"), ("next_step", "advice")):
        hands.choose(form, name, value)
    hands.tick(page.locator(f'{form} input[name="forms"][value="sextortion"]'))
    hands.fill("reason", REASON[language], form)
    see(page, "hari-triase")
    hands.press(page.locator(f'{form} button:not([formaction]):not([type="button"])').last)
    hands.fill("text", ANSWER[language], 'form[action$="/pesan/"]')
    see(page, "hari-menjawab")
    hands.press(page.locator('form[action$="/pesan/"] button:not([formaction]):not([type="button"])').last)
    see(page, "hari-dijawab")


def rest_of_the_day(page: Page, site: str, language: str, see: See, pages: dict[str, str]) -> None:
    """Look at the other pages of the desk; `pages` maps the name of a picture to the address."""
    prefix = "" if language == "id" else "/en"
    for name, path in pages.items():
        page.goto(f"{site}{prefix}{path}")
        see(page, name)
