"""The doors of a case: opened from a report, the child, people, what happened, places, notes, tasks, news.

Other parts of a case (rights, plan, law, referrals, ending) have doors of their own, which go on with this case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors

# The name and what the child is called were written when the case was opened.
CHILD_PARTS: dict[str, tuple[str, ...]] = {
    "siapa": ("identity_number", "birth_place", "school", "languages"),
    "hubungi": ("must_not_know", "reach_how", "contact", "address"),
    "kebutuhan": ("accommodations_note", "health", "strengths", "notes"),
}
DAY = "2026-03-20"


def work_on_case(doors: Doors, phone: Phone) -> str:
    """Open a case from a report of the inbox and write everything that its own pages take; return its address."""
    case, child = _open(doors, phone)
    for part, names in CHILD_PARTS.items():
        kept = child if part == "siapa" else {}
        write(doors, phone, f"{case}orang/anak/{part}/", f"/{part}/", dict.fromkeys(names, ""), kept)
    write(doors, phone, f"{case}orang/tempat/suspect/", "/suspect/", {"words": ""})
    write(
        doors, phone, f"{case}orang/tambah/", "/tambah/",
        {"name": "", "contact": "", "address": "", "accounts": "@", "notes": ""}, {"role": "alleged_offender"},
    )  # fmt: skip
    write(doors, phone, f"{case}orang/kejadian/tambah/", "/tambah/", {"summary": ""})
    write(doors, phone, f"{case}catatan/", "/catatan/tambah/", {"text": ""})
    write(doors, phone, f"{case}catatan/", "/catatan/tugas/", {"words": ""}, {"due": DAY})
    write(doors, phone, f"{case}catatan/", "/catatan/kabar/", {"words": ""}, {"kind": "moved", "on": DAY})
    for page in (case, f"{case}orang/", f"{case}catatan/", "/kerja/kasus/", "/kerja/kasus/daftar/"):
        doors.expect("back at the case", phone.get(page).status, 200)
    assert doors.mark not in phone.page.body, "a list of cases shows no words"
    phone.get(f"/kerja/kasus/daftar/?tahap={doors.word('nowhere', 'filter of cases')}")
    phone.get(case)
    for name in ("laporan", "kaitan"):
        odd = {"reference": doors.word("nowhere", f"reference {name}")[:16]}
        doors.expect(f"{name} refused", phone.fill(phone.form(f"/{name}/"), odd).status, 422)
        phone.get(case)
    return case


def write(
    doors: Doors, phone: Phone, page: str, ending: str, typed: dict[str, str], chosen: dict[str, Any] | None = None
) -> None:
    """Send a form of a case: broken before and deep inside, too long, and right.

    `typed` maps each field of free text to what stands before its word. Every word is found on a page afterwards or
    sealed under the team's key.
    """
    what = page.split("/kasus/")[-1].split("/", 1)[-1] + ending
    doors.expect(what, phone.get(page).status, 200)
    form, more = phone.form(ending), chosen or {}
    for how in ("before", "deep"):
        words = {name: before + doors.word("nowhere", f"{what} {name} {how}") for name, before in typed.items()}
        doors.expect(f"{what} {how}", phone.fill(form, {**more, **words}, None, how).status, 500)
    long = {name: "panjang " * 3000 + doors.word("nowhere", f"{what} {name} over-long") for name in typed}
    doors.expect(f"{what} over-long", phone.fill(form, {**more, **long}).status, 422)
    phone.get(page)
    words = {name: before + doors.word("staff", f"{what} {name}") for name, before in typed.items()}
    doors.expect(what, phone.fill(phone.form(ending), {**more, **words}).status, 200)


def _open(doors: Doors, phone: Phone) -> tuple[str, dict[str, str]]:
    """A case from the first report of the inbox that can become one, and what the child is called there."""
    for report in dict.fromkeys(re.findall(r"/kerja/laporan/[0-9a-f-]{36}/", phone.get("/kerja/").body)):
        if phone.get(f"{report}kasus/").status != 200 or doors.mark not in phone.page.body:
            continue
        form = next(form for form in phone.forms() if "nickname" in form.texts)
        for how in ("before", "deep"):
            broken = {name: doors.word("nowhere", f"opening {name} {how}") for name in ("name", "nickname")}
            doors.expect(f"opening {how}", phone.fill(form, broken, None, how).status, 500)
        words = {name: doors.word("staff", f"opening {name}") for name in ("name", "nickname")}
        page = phone.fill(form, {**words, "take": "on"})
        doors.expect("opening", page.status, 200)
        found = re.match(r"/kerja/kasus/[0-9a-f-]{36}/", phone.page.path)
        assert found, phone.page.path
        assert words["name"] in phone.page.body
        return found.group(), words
    raise AssertionError("no report in the inbox can become a case")
