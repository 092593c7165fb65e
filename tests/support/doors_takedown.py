"""The doors of takedowns: addresses, the addressee's number, what they answered, and what is refused.

The register of contacts is no canary: it holds public facts in the clear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors

_PANEL = 'id="hapus"'


def ask_for_removal(doors: Doors, phone: Phone) -> None:
    """One address from note to check; needs a report in the inbox whose reporter named a link."""
    w = doors.word
    phone.get("/kerja/hapus/?kepada=" + w("nowhere", "filter of takedowns"))
    report = _report_with_a_link(phone)
    form = phone.form("/hapus/")
    plain = {"kind": "url", "addressees": ["iwf"], "bases": ["iwf"], "given": ["0"]}
    for how in ("before", "deep"):
        broken = {**plain, "entries": f"https://contoh.example/{w('nowhere', f'takedown {how}')}"}
        doors.expect(f"takedown {how}", phone.fill(form, broken, None, how).status, 500)
    wrong = {**plain, "entries": f"bukan alamat {w('nowhere', 'no address')}"}
    doors.expect("no address", phone.fill(form, wrong).status, 422)
    phone.get(report)
    word = w("staff", "takedown address")
    right = {**plain, "entries": f"https://contoh.example/{word}"}
    doors.expect("takedown", phone.fill(phone.form("/hapus/"), right).status, 200)
    assert word in phone.page.body
    _send(doors, phone, word)
    _answer(doors, phone, word)


def _report_with_a_link(phone: Phone) -> str:
    for address in dict.fromkeys(re.findall(r"/kerja/laporan/[0-9a-f-]{36}/", phone.get("/kerja/").body)):
        page = phone.get(address).body
        if _PANEL in page and 'name="given"' in page:
            return address
    raise AssertionError("no report in the inbox names a link")


def _send(doors: Doors, phone: Phone, word: str) -> None:
    w = doors.word
    phone.get("/kerja/hapus/")
    assert doors.mark not in phone.page.body, "the list shows no address"
    items = dict(phone.form("/hapus/surat/").offered).get("item") or []
    doors.expect("letter", phone.fill(phone.form("/hapus/surat/"), {"item": list(items)}).status, 200)
    letter = phone.page.path.split("?")[0]
    assert word in phone.page.body
    for file in ("teks/?bahasa=en", "iwf/"):
        status, text = phone.raw("GET", letter + file)
        doors.expect(file, status, 200)
        assert word in text
    form = phone.form("/terkirim/")
    for how in ("before", "deep"):
        broken = {"reference": w("nowhere", f"number {how}"), "at": w("nowhere", f"time {how}")}
        doors.expect(f"sent {how}", phone.fill(form, broken, None, how).status, 500)
    odd = {"reference": w("nowhere", "number"), "at": w("nowhere", "odd time")}
    doors.expect("odd time", phone.fill(form, odd).status, 422)
    number = w("staff", "takedown number")
    doors.expect("sent", phone.fill(phone.form("/terkirim/"), {"reference": number, "at": ""}).status, 200)
    assert number in phone.page.body
    doors.expect("back at the letter", phone.get(letter).status, 200)


def _answer(doors: Doors, phone: Phone, word: str) -> None:
    w = doors.word
    own = next(
        address
        for address in re.findall(r"/kerja/hapus/[0-9a-f-]{36}/", phone.page.body)
        if word in phone.get(address).body
    )
    form = phone.form("/jawaban/")
    for how in ("before", "deep"):
        broken = {"code": "refused", "words": w("nowhere", f"answer {how}")}
        doors.expect(f"answer {how}", phone.fill(form, broken, None, how).status, 500)
    long = {"code": "refused", "words": "panjang " * 3000 + w("nowhere", "long answer")}
    doors.expect("long answer", phone.fill(form, long).status, 422)
    phone.get(own)
    said = w("staff", "takedown answer")
    doors.expect(
        "answer", phone.fill(phone.form("/jawaban/"), {"code": "refused", "words": said, "at": ""}).status, 200
    )
    assert said in phone.page.body
    checked = {"result": "not_there", "method": "list", "at": ""}
    doors.expect("check", phone.fill(phone.form("/periksa/"), checked).status, 200)
    stale = {"result": w("nowhere", "odd result"), "method": w("nowhere", "odd method"), "at": ""}
    form = phone.form("/periksa/")
    form.offered = {}
    doors.expect("odd check", phone.fill(form, stale).status, 422)
    phone.get("/kerja/hapus/statistik/?untuk=" + w("nowhere", "query of statistics"))
