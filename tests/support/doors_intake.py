"""Canary words through the pages on which staff type what somebody tells them, and the receipt that is read out."""

from __future__ import annotations

import re

from tests.support.doors import Doors
from tests.support.phone import Phone

TOLD = (
    "danger_place", "words", "online_other", "given_note", "easier_note", "reach_how", "must_not_know", "concern_note",
    "told_before",
)  # fmt: skip
ABOUT_CONSENT = ("caller", "note")
CHOSEN = {
    "danger": "yes", "path": "parent", "keep": ["story", "name", "contact"], "given_by": "parent",
    "given_how": "voice", "reach": "contact",
}  # fmt: skip


def take_in(doors: Doors, phone: Phone) -> str:
    """A call with every free field, its errors before; the receipt said back wrong and right. Returns the receipt."""
    w = doors.word
    doors.expect("ways in", phone.get(f"/kerja/terima/?ok={w('nowhere', 'flag of the intake')}").status, 200)
    doors.expect("no such way", phone.get(f"/kerja/terima/{w('nowhere', 'way in')}/").status, 404)
    doors.expect("call", phone.get("/kerja/terima/phone/").status, 200)
    form = phone.forms()[-1]
    form.action = "/kerja/terima/phone/"
    for how in ("before", "deep"):
        broken = {name: w("nowhere", f"call {name} {how}") for name in (*TOLD, *ABOUT_CONSENT)}
        doors.expect(f"call {how}", phone.fill(form, {**CHOSEN, **broken}, None, how).status, 500)
    long = {"words": "panjang " * 3000 + w("nowhere", "call long"), "caller": w("nowhere", "call refused")}
    doors.expect("call long", phone.fill(form, {**CHOSEN, **long}).status, 422)
    unasked = {"words": w("nowhere", "call without consent"), "caller": w("nowhere", "name without consent")}
    doors.expect("no consent", phone.fill(form, {"danger": "yes", **unasked}).status, 422)
    stale = {"words": w("nowhere", "call of another session"), "token": w("nowhere", "token of a call")}
    doors.expect("another session", phone.fill(form, {**CHOSEN, **stale}).status, 409)
    told = {name: f"Kata {w('reporter', f'call {name}')} 😔" for name in TOLD}
    told["accounts"] = f"@{w('reporter', 'call accounts')}"
    told["media_url"] = f"https://contoh.example/{w('reporter', 'call media_url')}"
    told |= {name: f"Isi {w('staff', f'call {name}')}" for name in ABOUT_CONSENT}
    doors.expect("call", phone.fill(form, {**CHOSEN, **told}).status, 200)
    code = _read_out(doors, phone)
    doors.expect("call again", phone.fill(form, {**CHOSEN, "words": w("nowhere", "call again")}).status, 200)
    assert code[:4] + "<" not in phone.page.body, "the receipt came back"
    return code


def _read_out(doors: Doors, phone: Phone) -> str:
    code = "".join(re.findall(r'class="digits">(\d{4})<', phone.page.body))
    assert len(code) == 20, "no receipt to read out"
    number = len(doors.codes) + 1
    doors.codes.append(code)
    doors.secrets[f"code {number}"] = code
    doors.secrets[f"code in groups {number}"] = " ".join(code[i : i + 4] for i in range(0, 20, 4))
    said = {f"g{n + 1}": code[n * 4 : n * 4 + 4] for n in range(5)}
    wrong = f"{(int(said['g5']) + 1) % 10_000:04d}"
    doors.secrets["code said back wrong"] = code[:16] + wrong
    check = ("do", "check")
    for name, groups, how, status in (
        ("broken", said, "after", 500),
        ("odd", {**said, "g1": doors.word("nowhere", "said back")}, "", 200),
        ("wrong", {**said, "g5": wrong}, "", 200),
        ("right", said, "", 200),
    ):
        form = next(form for form in phone.forms() if "g1" in form.texts)
        doors.expect(f"said back {name}", phone.fill(form, groups, check, how).status, status)
    doors.expect("noted", phone.fill(phone.forms()[-1], {}, ("do", "noted")).status, 200)
    return code


def watch_media(doors: Doors, phone: Phone) -> None:
    """Media monitoring takes an address and a day; a sentence or a name is refused and kept nowhere."""
    w = doors.word
    doors.expect("media", phone.get("/kerja/terima/media/").status, 200)
    form = phone.forms()[-1]
    form.action = "/kerja/terima/media/"
    named = {"media_url": f"https://contoh.example/a {w('nowhere', 'media with a name')}", "seen_on": "2026-11-01"}
    doors.expect("media with words", phone.fill(form, named).status, 422)
    odd = {"media_url": f"https://contoh.example/{w('nowhere', 'media broken')}", "seen_on": "2026-11-01"}
    doors.expect("media broken", phone.fill(form, odd, None, "before").status, 500)
    seen = {"media_url": f"https://contoh.example/{w('staff', 'media address')}", "seen_on": "2026-11-01"}
    doors.expect("media", phone.fill(form, seen).status, 200)
