"""The doors of referrals: drafts, versions, sending, taking back, and the receiver's answers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.support.doors_casework import write
from tests.support.phone import Phone
from tools.installation import ROOT

if TYPE_CHECKING:
    from tests.support.doors import Doors

PARTS = ("t-contact", "t-needs")
_WALL = ZoneInfo("Asia/Jakarta")
"""The clock on the wall of the team and of both bodies."""

SECTIONS = (
    "identity", "contact", "school", "places", "incident", "health", "needs", "safety", "family", "standing",
    "assessment", "plan",
)  # fmt: skip
TICKED: dict[str, Any] = {f"s-{code}": "on" if f"t-{code}" in PARTS else [] for code in SECTIONS}
"""A phone of these tests sends no text that it did not type, so that a ticked section without one would come back."""


def refer(doors: Doors, phone: Phone, case: str) -> None:
    """Send the case to a body with an account and to one on paper; write into every field on both sides."""
    bodies = _bodies(doors)
    tab = f"{case}rujukan/"
    phone.get(f"{case}hak/")
    today = datetime.now(_WALL).date().isoformat()
    yes = {"giver": "child", "answer": "given", "scopes": ["psychological"], "asked_on": today}
    doors.expect("a yes to the referral", phone.fill(phone.form("/hak/jawaban/"), yes).status, 200)
    phone.get(f"{tab}baru/?layanan={doors.word('nowhere', 'service in the address')}")
    here = _draft(doors, phone, tab, bodies["here"])
    write(doors, phone, f"{here}ubah/", "/ubah/", dict.fromkeys(("goal", *PARTS), ""), TICKED)
    write(doors, phone, here, "/kirim/", {"override": ""})
    write(doors, phone, here, "/pesan/", {"words": ""})
    _answer(doors, here)
    doors.expect("news at the sender", phone.get(here).status, 200)
    assert doors.mark in phone.page.body
    paper = _draft(doors, phone, tab, bodies["paper"])
    write(doors, phone, paper, "/kirim/", {"override": ""})
    doors.expect("on paper", phone.get(f"{paper}surat/").status, 200)
    assert doors.mark in phone.page.body
    heard = {"at": datetime.now(_WALL).strftime("%Y-%m-%dT00:00")}
    phone.get(paper)
    wrong = {**heard, "person": doors.word("nowhere", "voice before it was sent")}
    doors.expect("voice refused", phone.fill(phone.form("/suara/"), wrong).status, 422)
    write(doors, phone, paper, "/suara/", {"person": ""}, _now())
    write(doors, phone, paper, "/cabut/", {"words": ""}, {"reason": "not_safe"})
    doors.expect("back at the referrals", phone.get(tab).status, 200)


def _now() -> dict[str, str]:
    return {"at": datetime.now(_WALL).strftime("%Y-%m-%dT%H:%M")}


def _bodies(doors: Doors) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "plant_bodies.py")],
        env=doors.installation.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _draft(doors: Doors, phone: Phone, tab: str, body: str) -> str:
    page = f"{tab}baru/?layanan=psychological&lembaga={body}"
    write(doors, phone, page, f"lembaga={body}", dict.fromkeys(("goal", *PARTS), ""), TICKED)
    found = re.search(rf"{re.escape(tab)}[0-9a-f-]{{36}}/", phone.page.body)
    assert found, "the draft has a page of its own"
    return found.group()


def _answer(doors: Doors, here: str) -> None:
    """The receiver reads what was chosen and writes into every field."""
    partner = doors.sign_in("partner")
    doors.expect("the receiver's list", partner.get("/kerja/rujukan/").status, 200)
    assert doors.mark not in partner.page.body, "a list shows no words"
    page = f"/kerja/rujukan/{here.rstrip('/').rsplit('/', 1)[-1]}/"
    doors.expect("the receiver's page", partner.get(page).status, 200)
    assert doors.mark in partner.page.body
    write(doors, partner, page, "/terima/", {"words": ""})
    write(doors, partner, page, "/suara/", {"person": ""}, _now())
    write(doors, partner, page, "/pesan/", {"words": ""})
    today = {"on": datetime.now(_WALL).date().isoformat()}
    write(doors, partner, page, "/layanan/", {"words": ""}, today)
    write(doors, partner, page, "/hasil/", {"words": ""}, {"outcome": "partly"})
