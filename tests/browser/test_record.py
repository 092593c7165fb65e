"""One record from the child's report to the outcome and back into its mailbox, as each of them sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HURRIED
from tools import journey
from tools.installation import ROOT, Installation

BODIES = ROOT / "tests" / "support" / "record_bodies.py"
FITS, NOT_FIT = "Psikolog Rekaan Kupang", ("Perantara Rekaan", "Klinik Rekaan yang Tutup")
FAR = "Psikolog Rekaan Medan"

UNFOLD = "f => { for (let d = f.closest('details'); d; d = d.parentElement.closest('details')) d.open = true }"

OPENED = "Ada petugas yang mendampingi langkah berikutnya."
PLANNED = "Langkah-langkah untuk membantu sudah disusun bersama."
ASKED = "Kami sedang menanyakan siapa yang bisa ikut membantu."
ACCEPTED = "Ada yang siap ikut membantu."
SERVED = "Bantuan tambahan sedang berjalan."
COMPLETED = "Satu bantuan sudah selesai."
CLOSED = "Langkah-langkah bantuan sudah selesai."


@pytest.fixture(scope="module")
def installation(prepared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("record"), **HURRIED).prepare_from(prepared)
    run(made, "seed")
    made.start()
    yield made
    made.stop()


def run(installation: Installation, what: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BODIES), what],
        env=installation.env, cwd=installation.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def fill(page: Page, action: str, values: dict[str, Any]) -> None:
    """Fill in the form whose address ends so, and send it; what is folded away is unfolded first."""
    form = page.locator(f'main form[action$="{action}"]').first
    form.evaluate(
        "f => { for (let d = f.closest('details'); d; d = d.parentElement.closest('details')) d.open = true }"
    )
    for name, value in values.items():
        field = form.locator(f'[name="{name}"]')
        kind = field.first.get_attribute("type") or ""
        if kind in {"radio", "checkbox"}:
            wanted = value if isinstance(value, list) else [value]
            for one in wanted:
                box = field if field.count() == 1 and one is True else form.locator(f'[name="{name}"][value="{one}"]')
                box.check()
        elif field.first.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(str(value))
    form.locator('button:not([name="periksa"])').last.click()
    expect(page.locator("main .notice.stern[role=alert]")).to_have_count(0)


def text(page: Page) -> str:
    return page.locator("main").inner_text()


class Record:
    """The people of one record, each in a browser of their own."""

    def __init__(self, installation: Installation, phone: Callable[..., Page]) -> None:
        self.site, self.people, self.phone = installation.address, installation.people, phone
        self.case = ""
        self.code = ""

    def desk(self, who: str) -> Page:
        page = self.phone(width=1440, height=900)
        journey.sign_in(page, self.site, self.people[who])
        return page

    def go(self, page: Page, path: str = "") -> None:
        page.goto(f"{self.site}{self.case}{path}")

    def box_says(self, sentence: str) -> None:
        """The child looks into the mailbox."""
        child = self.phone()
        journey.open_box(child, self.site, self.code)
        assert sentence in child.inner_text("main")
        child.context.close()


@pytest.fixture
def record(installation: Installation, phone: Callable[..., Page]) -> Record:
    return Record(installation, phone)


def test_a_report_becomes_a_case_a_plan_an_accepted_referral_an_outcome_and_news_for_the_child(
    record: Record, installation: Installation, axe: Callable[[Page], list[str]]
) -> None:
    today = datetime.now(ZoneInfo("Asia/Makassar")).date().isoformat()
    record.code = journey.report(record.phone(), record.site)

    # Triage, an answer, the decision on the police; then the report becomes a case, with nothing typed again.
    analyst = record.desk("analyst")
    journey.answer(analyst, record.site)
    fill(analyst, "/polisi/", {
        "decision": "reported", "reason": "Anak dikenal.", "who_told_child": "Kak Analyst, lewat kotak.",
    })  # fmt: skip
    analyst.locator('main a[href$="/kasus/"]').first.click()
    shown = text(analyst)
    for told in (journey.ACCOUNT["id"], "Kota Kupang", "Terduga pelaku", "dari laporan", "Pemerasan seksual"):
        assert told in shown, told
    assert analyst.locator('[name="age_band"]').input_value() == "13-15"
    assert analyst.locator('[name="sex"]').input_value() == "male"
    assert axe(analyst) == []
    analyst.locator('[name="take"]').uncheck()
    analyst.locator("main form button").last.click()
    analyst.wait_for_url("**/kerja/kasus/**")
    record.case = "/" + "/".join(analyst.url.split("/")[3:6]) + "/"
    assert "Belum ada yang mendampingi anak ini." in text(analyst)
    record.box_says(OPENED)

    # A supervisor gives it to the case worker, who finds what was told and the child's mailbox.
    supervisor = record.desk("supervisor")
    record.go(supervisor, "pendamping/")
    worker_name = "Case Worker"
    choice = supervisor.locator('[name="user"] option').filter(has_text=worker_name).get_attribute("value")
    fill(supervisor, "/pendamping/", {"user": choice, "role": "lead"})
    worker = record.desk("case_worker")
    worker.goto(f"{record.site}/kerja/kasus/")
    assert record.case.split("/")[3][:8].upper() in text(worker)
    record.go(worker)
    assert journey.ANSWER["id"] in text(worker)
    assert axe(worker) == []
    record.go(worker, "orang/tambah/")
    fill(worker, "/orang/tambah/", {"role": "guardian", "standing": "safe", "name": "Ibu Rekaan", "relation": "ibu"})
    assert journey.ACCOUNT["id"] in text(worker)

    # Assessment; the yes of the child and of a guardian who is safe.
    record.go(worker, "rencana/nilai/")
    fill(worker, "/nilai/", {
        "t-threats": "yes", "t-wants_talk": "yes", "needs": "Mau bicara dengan seseorang.", "risk": "high",
    })  # fmt: skip
    record.go(worker, "hak/")
    child_yes = {"giver": "child", "scopes": ["psychological"], "answer": "given", "asked_on": today}
    fill(worker, "/hak/jawaban/", child_yes)
    record.go(worker, "hak/")
    person = worker.locator('[name="person"] option').filter(has_text="Ibu Rekaan").first.get_attribute("value")
    fill(worker, "/hak/jawaban/", {**child_yes, "giver": "guardian", "person": person})

    # A plan with a goal; only who provides it and covers the district is offered; a second person approves.
    record.go(worker, "rencana/baru/")
    fill(worker, "/rencana/baru/", {"wishes": "Ingin tidur nyenyak.", "with_child": True})
    goals = worker.locator('main a[href*="/tujuan/"]').first.evaluate("a => a.href.split('?')[0]")
    worker.goto(f"{goals}?layanan=psychological")
    offered = worker.locator('[name="provider"]').inner_text()
    assert FITS in offered
    assert FAR not in offered
    provider = worker.locator('[name="provider"] option').filter(has_text=FITS).get_attribute("value")
    goal = {"words": "Tidur lebih tenang.", "provider": provider, "working_days": "10"}
    fill(worker, "/tujuan/", goal)
    fill(worker, "/minta/", {})
    supervisor.goto(f"{record.site}/kerja/kasus/")
    assert "Rencana layanan menunggu persetujuanmu" in text(supervisor)
    record.go(supervisor, "rencana/")
    decide(supervisor)
    record.box_says(PLANNED)

    # A referral to the body that provides the service, covers the district, takes boys and is open now.
    record.go(worker, "rujukan/baru/?layanan=psychological")
    shown, _, _rest = text(worker).partition("lembaga belum cocok")
    assert FITS in shown
    assert FAR not in shown
    for name in NOT_FIT:
        assert name not in shown, name
    assert "Boleh dikirim." in shown
    worker.locator('main a[href*="lembaga="]').first.click()
    assert "Tidur lebih tenang." in worker.locator("main form").first.inner_html()
    assert axe(worker) == []
    goals = worker.locator('[name="goal_id"]')
    if goals.count():
        goals.select_option(index=1)
    worker.locator('main form button:not([name="periksa"])').last.click()
    fill(worker, "/kirim/", {})
    record.box_says(ASKED)

    # The partner sees this referral alone, accepts it, says who by voice, delivers, and tells the outcome.
    partner = record.desk("partner")
    partner.goto(f"{record.site}/kerja/rujukan/")
    assert record.case not in partner.content()
    partner.locator('main a[href*="/kerja/rujukan/"]').first.click()
    assert axe(partner) == []
    hidden = partner.goto(f"{record.site}{record.case}")
    assert hidden is not None
    assert hidden.status == 404
    partner.go_back()
    fill(partner, "/terima/", {"words": "Besok pukul sembilan."})
    record.box_says(ACCEPTED)
    fill(partner, "/suara/", {"person": "Psikolog Rekaan"})
    fill(partner, "/layanan/", {"on": today, "minutes": "60", "words": "Pertemuan pertama."})
    record.box_says(SERVED)
    fill(partner, "/hasil/", {"outcome": "reached"})
    record.box_says(COMPLETED)

    # Back at the case: delivered and reached without typing it again; closing is approved by a second person.
    record.go(worker, "rencana/")
    shown = text(worker)
    assert "Tercapai" in shown
    record.go(worker, "penutupan/usul/")
    fill(worker, "/usul/", {
        "reason": "goals_reached", "child_agrees": "yes", "summary": "Tujuan tercapai, anak aman.",
    })  # fmt: skip
    supervisor.goto(f"{record.site}/kerja/kasus/")
    supervisor.locator("main a").filter(has_text="Usulan penutupan menunggu keputusanmu").first.click()
    record.go(supervisor, "penutupan/")
    supervisor.locator('main a[href*="/setujui/"]').first.click()
    decide(supervisor)
    record.box_says(CLOSED)
    record.go(worker)
    assert "Ditutup" in text(worker)

    # And it counts once, in each of the numbers.
    numbers = json.loads(run(installation, "count"))
    assert numbers == dict.fromkeys(("reports", "cases", "closed", "services", "referrals"), 1)


def decide(page: Page) -> None:
    """Agree as the second person."""
    page.locator('main [name="approve"][value="yes"]').first.check()
    page.locator('main form:has([name="approve"]) button:not([name="periksa"])').last.click()
    expect(page.locator("main .notice.stern[role=alert]")).to_have_count(0)
