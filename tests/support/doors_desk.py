"""The doors of the desk: texts that are only looked at, answers that are only put into the box, texts that are refused.

Canned answers themselves are no canaries: they are the organisation's own words and stand in the clear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.phone import Phone, encoded
from tools.walker import Form

if TYPE_CHECKING:
    from tests.support.doors import Doors


def use_desk(doors: Doors, phone: Phone) -> None:
    """Everything that somebody types here and that must be kept nowhere; needs a report in the inbox."""
    w = doors.word
    phone.get("/kerja/istilah/")
    form, token = phone.form("/istilah/"), phone.token()
    looked = {"text": f"Anak nakal {w('nowhere', 'text to look at')}"}
    doors.expect("terms", phone.fill(form, looked, ("periksa", "1")).status, 200)
    for how in ("before", "after", "deep"):
        broken = {"text": f"Anak nakal {w('nowhere', f'text to look at {how}')}"}
        doors.expect(f"terms {how}", phone.fill(form, broken, ("periksa", "1"), how).status, 500)
    asked = encoded(csrfmiddlewaretoken=token, ukur="id", text=f"Pelaku {w('nowhere', 'hint for the script')}")
    status, piece = phone.raw("POST", "/kerja/istilah/", asked, X_Requested_With="hints")
    doors.expect("hints", status, 200)
    assert "terduga pelaku" in piece
    _refuse_answers(doors, phone)
    _leave_unsent(doors, phone)
    phone.get("/kerja/aku/?ok=" + w("nowhere", "query of the own page"))
    doors.expect("own", phone.fill(phone.form("/aku/"), {"what": w("nowhere", "odd wish")}).status, 200)
    doors.expect("rest", phone.fill(phone.form("/aku/"), {}, ("what", "rest")).status, 200)


def _refuse_answers(doors: Doors, phone: Phone) -> None:
    w = doors.word
    phone.get("/kerja/jawaban/tambah/")
    form = phone.form("/tambah/")
    fields = ("title_id", "text_id", "title_en", "text_en")

    def typed(name: str, more: str = "") -> dict[str, str]:
        return {"topic": "first", **{f: f"Kata {w('nowhere', f'{name} {f}')}{more}" for f in fields}}

    doors.expect("answer checked", phone.fill(form, typed("checked"), ("periksa", "1")).status, 200)
    doors.expect("answer with a number", phone.fill(form, typed("number", " 0812 3456 7890")).status, 422)
    doors.expect("answer broken", phone.fill(form, typed("broken"), None, "before").status, 500)
    doors.expect("answer deep", phone.fill(form, typed("deep"), None, "deep").status, 500)
    doors.expect("starter", phone.fill(_examples(phone), {"contoh": w("nowhere", "starter")}).status, 200)


def _examples(phone: Phone) -> Form:
    """The form with the examples, without what it offers."""
    phone.get("/kerja/jawaban/")
    form = phone.form("/contoh/")
    form.offered = {}
    return form


def _leave_unsent(doors: Doors, phone: Phone) -> None:
    w = doors.word
    address = re.search(r"/kerja/laporan/[0-9a-f-]{36}/", phone.get("/kerja/").body)
    assert address, "the inbox shows no report"
    for ending, name, button in (
        ("/pesan/", "text", ("pakai", "1")),
        ("/pesan/", "text", ("periksa", "1")),
        ("/catatan/", "text", ("periksa", "1")),
        ("/triase/", "reason", ("periksa", "1")),
    ):
        doors.expect("report", phone.get(address.group()).status, 200)
        form, word = phone.form(ending), w("nowhere", f"unsent {ending} {button[0]}")
        typed = {name: f"Anak nakal {word}"}
        doors.expect(f"unsent {ending}", phone.fill(form, typed, button).status, 200)
        assert word in phone.page.body, "what was typed must come back"
        broken = {name: w("nowhere", f"unsent broken {ending} {button[0]}")}
        doors.expect(f"unsent broken {ending}", phone.fill(form, broken, button, "after").status, 500)
    odd = {"canned": w("nowhere", "canned"), "pilih": w("nowhere", "pilih"), "text": w("nowhere", "put in")}
    phone.get(address.group())
    form = phone.form("/pesan/")
    form.fields = [(k, v) for k, v in form.fields if k not in odd]
    doors.expect("odd answer", phone.fill(form, odd, ("pakai", "1")).status, 200)
