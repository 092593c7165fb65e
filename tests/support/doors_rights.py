"""The doors of a child's rights in a case: answers, maturity, what may not be told, decisions, letters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.doors_casework import DAY, write
from tests.support.phone import Phone
from tools.walker import Form

if TYPE_CHECKING:
    from tests.support.doors import Doors

PARTS = (
    "question", "options", "child_view", "consulted", "left_out", "left_out_why", "reasons", "told_child",
)  # fmt: skip


def stand_for(doors: Doors, phone: Phone, case: str) -> None:
    """Write into every field of the tab, and open what was written."""
    tab = f"{case}hak/"
    scopes = {"giver": "child", "answer": "given", "scopes": ["health", "guardian_contact"], "asked_on": DAY}
    write(doors, phone, tab, "/hak/jawaban/", {"words": "", "how": "", "official": ""}, scopes)
    write(doors, phone, tab, "/hak/paham/", {"why": ""}, {"judged": "yes"})
    write(doors, phone, tab, "/hak/jangan/", {"what": "", "words": "", "keep": ""}, {"kind": "fact"})
    sheet = {f"part_{part}": "" for part in PARTS}
    review = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    chosen = {"question": "guardian_left_out", "choice": "go_ahead", "review_on": review}
    # The draft itself is plain: the words that replace it are the latest ones, and those are looked for.
    phone.get(f"{tab}keputusan/")
    form = phone.form("/hak/keputusan/")
    for how in ("before", "deep"):
        broken = {name: doors.word("nowhere", f"decision {name} {how}") for name in sheet}
        doors.expect(f"decision {how}", phone.fill(form, {**chosen, **broken}, None, how).status, 500)
    plain = dict.fromkeys(sheet, "Ditimbang.")
    doors.expect("decision", phone.fill(form, {**chosen, **plain}).status, 200)
    _sign_and_change(doors, phone, tab, sheet, chosen)
    _lift(doors, phone, tab)
    _letter(doors, phone, case, tab)
    taken = next(form for form in _on(phone, tab) if re.search(r"/hak/jawaban/[0-9a-f-]{36}/$", form.action))
    write(doors, phone, tab, taken.action.split("/hak")[-1], {"words": ""})
    phone.get(f"{tab}keputusan/?tentang={doors.word('nowhere', 'question in the address')}")
    doors.expect("back at the rights", phone.get(tab).status, 200)


def _on(phone: Phone, page: str) -> list[Form]:
    phone.get(page)
    return phone.forms()


def _sign_and_change(doors: Doors, phone: Phone, tab: str, sheet: dict[str, str], chosen: dict[str, str]) -> None:
    found = re.search(rf"{re.escape(tab)}keputusan/[0-9a-f-]{{36}}/", phone.get(tab).body)
    assert found, "the decision stands on the tab"
    page = found.group()
    write(doors, phone, f"{page}ubah/", "/ubah/", sheet, chosen)
    phone.get(page)
    odd = phone.form("/tanda-tangan/")
    doors.expect("odd signature", phone.fill(odd, {"version": doors.word("nowhere", "odd version")}).status, 409)
    phone.get(page)
    doors.expect("signature", phone.fill(phone.form("/tanda-tangan/"), {}).status, 200)


def _lift(doors: Doors, phone: Phone, tab: str) -> None:
    """Whoever wrote an entry finds no form to take it off; an address of its own is tried by the table of addresses."""
    assert not [form for form in _on(phone, tab) if re.search(r"/hak/jangan/[0-9a-f-]{36}/$", form.action)]


def _letter(doors: Doors, phone: Phone, case: str, tab: str) -> None:
    """The person is grown up by now and said yes: a letter to somebody whom they trust."""
    phone.get(f"{case}orang/anak/siapa/")
    kept = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', phone.page.body))
    doors.expect("grown up", phone.fill(phone.form("/siapa/"), {**kept, "born_on": "2001-01-01"}).status, 200)
    write(doors, phone, f"{case}orang/tambah/", "/tambah/", {"name": "", "relation": ""}, {"role": "trusted"})
    phone.get(f"{tab}surat/")
    names = re.findall(r'<option value="([0-9a-f-]{36})"', phone.page.body.partition('name="organisation"')[0])
    chosen = {"letter": "invite_guardian", "person": names[-1], "language": "id"}
    write(doors, phone, f"{tab}surat/", "/hak/surat/", {"body": "", "phone": ""}, chosen)
    found = re.search(rf"{re.escape(tab)}surat/[0-9a-f-]{{36}}/", phone.page.body)
    assert found, "the letter stands on the tab"
    doors.expect("letter", phone.get(found.group()).status, 200)
