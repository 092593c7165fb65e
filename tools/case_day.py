"""A case worker's day in a browser, by the keyboard alone: from the morning over a case to the proposal to close it.

`see(page, name)` is called on every page: pictures are taken there, and accessibility is looked at. In Indonesian.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from tools.desk_day import Hands, See
from tools.installation import ROOT, Installation
from tools.journey import ANSWER, REASON

BODIES = ROOT / "tests" / "support" / "record_bodies.py"
SEND = 'button:not([name="periksa"]):not([name="saran"]):not([formaction]):not([type="button"])'


def seed(made: Installation) -> None:
    """Put bodies into the directory, one of which fits the child of the journey."""
    done = subprocess.run(
        [sys.executable, str(BODIES), "seed"],
        env=made.env, cwd=made.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)


class Day(Hands):
    """The hands of somebody who works on one case. `case`: its address."""

    def __init__(self, page: Page, site: str, see: See) -> None:
        super().__init__(page)
        self.site, self.see, self.case = site, see, ""
        self.today = datetime.now(ZoneInfo("Asia/Makassar")).date()

    def form(self, address: str, how: str = "$") -> str:
        """The form whose address ends so (`how`: or holds it); what is folded around it is opened by the keyboard."""
        form = f'form[action{how}="{address}"]'
        for _ in range(4):
            folded = self.page.locator(f"main details:not([open]):has({form}) > summary").first
            if folded.count() == 0:
                return f"main {form}"
            self.open(folded)
        raise AssertionError(f"{form} stays folded")

    def send(self, form: str) -> None:
        self.press(self.page.locator(f"{form} {SEND}").last)
        refused = self.page.locator("main .notice.stern[role=alert]")
        if refused.count():
            raise AssertionError(refused.first.inner_text())

    def pick(self, form: str, name: str, value: str, text: str = "") -> None:
        """Choose among radio buttons, or go down a list, to a value or to what says the text."""
        field = self.page.locator(f'{form} [name="{name}"]')
        if field.first.evaluate("e => e.tagName") != "SELECT":
            return self.choose(form, name, value)
        self.to(field)
        self.page.keyboard.press("Home")
        for _ in range(field.locator("option").count()):
            chosen, said = field.evaluate("e => [e.value, e.selectedOptions[0].textContent]")
            if (text in said) if text else (chosen == value):
                return None
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow does not come to {name}={text or value}")

    def day(self, name: str, days: int, within: str) -> None:
        """Type a day into a field of the browser, in the order of its parts that this browser has."""
        field = self.to(self.page.locator(f'{within} [name="{name}"]'))
        wanted = self.today + timedelta(days=days)
        for written in (f"{wanted:%m%d%Y}", f"{wanted:%d%m%Y}"):
            self.page.keyboard.type(written)
            if field.input_value() == wanted.isoformat():
                return
            for _ in range(3):
                self.page.keyboard.press("Backspace")
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{name} says {field.input_value()}, not {wanted.isoformat()}")

    def tab(self, path: str) -> None:
        """Go to a part of the case by its tab."""
        self.press(self.page.locator(f'main nav a[href$="{self.case}{path}"]'))


def whole(page: Page, site: str, see: See) -> str:
    """The whole day; the page is signed in, and a report waits that nobody took. Returns the address of the case."""
    day = Day(page, site, see)
    opened(day)
    assessed(day)
    agreed(day)
    planned(day)
    decided(day)
    referred(day)
    proposed(day)
    page.goto(f"{site}/kerja/kasus/")
    see(page, "kasus-pagi")
    return day.case


def opened(day: Day) -> None:
    """From the report to the case, with nothing typed twice, and a message to the child."""
    page = day.page
    page.goto(f"{day.site}/kerja/")
    free = page.locator('main form[action$="/ambil/"]').first.get_attribute("action") or ""
    day.press(page.locator(f'main a[href="{free.removesuffix("ambil/")}"]'))
    day.press(page.locator('form[action$="/ambil/"] button'))
    form = 'form[action$="/triase/"]'
    day.open(page.locator(f"details:has({form}) > summary"))
    for name, value in (("risk", "high"), ("authority", "district"), ("next_step", "case")):
        day.pick(form, name, value)
    day.tick(page.locator(f'{form} input[name="forms"][value="sextortion"]'))
    day.fill("reason", REASON["id"], form)
    day.press(page.locator(f'{form} button:not([formaction]):not([type="button"])').last)
    day.press(page.locator('main a[href$="/kasus/"]'))
    day.see(page, "kasus-jadikan")
    day.press(page.locator(f"main form {SEND}").last)
    day.case = "/" + "/".join(page.url.split("?")[0].split("#")[0].split("/")[3:6]) + "/"
    if not re.fullmatch(r"/kerja/kasus/[0-9a-f-]{36}/", day.case):
        raise AssertionError("the case was not opened")
    form = day.form("/pesan/", "*")
    day.fill("text", ANSWER["id"], form)
    day.send(form)
    day.see(page, "kasus-ringkasan")


def assessed(day: Day) -> None:
    day.tab("rencana/")
    day.press(day.page.locator('main a[href$="/rencana/nilai/"]'))
    form = day.form("/nilai/")
    for name, value in (("t-danger_now", "no"), ("t-threats", "yes"), ("t-wants_talk", "yes"), ("risk", "high")):
        day.pick(form, name, value)
    day.fill("needs", "Mau bicara dengan seseorang.", form)
    day.see(day.page, "kasus-nilai")
    day.send(form)


def agreed(day: Day) -> None:
    """The mother, who is safe, and the yes of the child."""
    day.tab("orang/")
    day.press(day.page.locator('main a[href$="/orang/tambah/"]'))
    form = day.form("/tambah/")
    day.pick(form, "role", "guardian")
    day.pick(form, "standing", "safe")
    day.fill("name", "Ibu Rekaan", form)
    day.fill("relation", "ibu", form)
    day.send(form)
    for giver in ("child", "guardian"):
        day.tab("hak/")
        form = day.form("/hak/jawaban/")
        day.pick(form, "giver", giver)
        if giver == "guardian":
            day.pick(form, "person", "", "Ibu Rekaan")
        day.tick(day.page.locator(f'{form} [name="scopes"][value="psychological"]'))
        day.pick(form, "answer", "given")
        day.send(form)
    day.see(day.page, "kasus-hak")


def planned(day: Day) -> None:
    page = day.page
    day.tab("rencana/")
    day.press(page.locator('main a[href$="/rencana/baru/"]'))
    form = day.form("/rencana/baru/")
    day.fill("wishes", "Ingin tidur nyenyak.", form)
    day.tick(page.locator(f'{form} [name="with_child"]'))
    day.send(form)
    day.press(page.locator('main a[href*="/tujuan/"]'))
    if "layanan=" not in page.url:
        day.press(page.locator('main a[href$="layanan=psychological"]'))
    form = day.form("/tujuan/")
    day.fill("words", "Tidur lebih tenang.", form)
    day.fill("working_days", "10", form)
    day.see(page, "kasus-tujuan")
    day.send(form)
    day.send(day.form("/minta/"))
    day.see(page, "kasus-rencana")


def decided(day: Day) -> None:
    """A best-interests decision with one signature: the second is somebody else's."""
    page = day.page
    day.tab("hak/")
    day.press(page.locator('main a[href$="/hak/keputusan/"]'))
    form = day.form("/hak/keputusan/")
    day.pick(form, "question", "guardian_left_out")
    for box in page.locator(f"{form} textarea").all():
        day.to(box)
        page.keyboard.insert_text("Dibahas bersama anak, dengan kata-katanya sendiri.")
    choices = page.locator(f'{form} input[name="choice"]').evaluate_all("all => all.map(e => e.value)")
    day.pick(form, "choice", next(value for value in choices if value))
    day.day("review_on", 30, form)
    day.see(page, "kasus-keputusan-tulis")
    day.send(form)
    day.press(page.locator('main a[href*="/hak/keputusan/"]:not([href$="/keputusan/"])'))
    day.send(day.form("/tanda-tangan/"))
    day.see(page, "kasus-keputusan")


def referred(day: Day) -> None:
    page = day.page
    day.tab("rujukan/")
    day.press(page.locator('main a[href*="/rujukan/baru/"]'))
    if "layanan=" not in page.url:
        day.pick('main form[method="get"]', "layanan", "psychological")
        day.press(page.locator('main form[method="get"] button').first)
    day.see(page, "kasus-rujukan-pilih")
    day.press(page.locator('main a[href*="lembaga="]'))
    day.see(page, "kasus-rujukan-tulis")
    day.press(page.locator(f"main form {SEND}").last)
    day.send(day.form("/kirim/"))
    day.see(page, "kasus-rujukan")


def proposed(day: Day) -> None:
    """Closing is proposed as far as it goes: a referral that runs stands in its way, and the page says so."""
    day.tab("penutupan/")
    day.see(day.page, "kasus-penutupan")
