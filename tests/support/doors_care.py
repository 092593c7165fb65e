"""The doors of care for staff: a visit, a threat with what was done, and a diary that not even the team's key opens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.support.doors_casework import write
from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors

PEOPLE = "/kerja/rekan/"
DIARY = "/kerja/aku/harian/"


def care_for_staff(doors: Doors, phone: Phone, case: str) -> None:
    """Write everything that these pages take; `case` is the address of a case."""
    soon, later = (datetime.now(UTC) + timedelta(days=1, hours=hours) for hours in (0, 2))
    times = {"starts_at": f"{soon:%Y-%m-%dT%H:%M}", "back_by": f"{later:%Y-%m-%dT%H:%M}"}
    visit = dict.fromkeys(("place", "reach", "escort", "care"), "")
    write(doors, phone, f"{case}kunjungan/", "/kunjungan/", visit, times)
    assert doors.mark in phone.get(f"{case}kunjungan/").body
    phone.get(PEOPLE)
    about = phone.form("/ancaman/").offered["about"][0]
    chosen = {"kind": "phone", "about": about, "on": f"{datetime.now(UTC):%Y-%m-%d}"}
    write(doors, phone, PEOPLE, "/ancaman/", {"text": ""}, chosen)
    found = re.search(r"/kerja/rekan/ancaman/[0-9a-f-]{36}/", phone.get(PEOPLE).body)
    assert found is not None
    write(doors, phone, found.group(), found.group(), {"text": ""})
    _diary(doors, phone)


def _diary(doors: Doors, phone: Phone) -> None:
    phone.get(DIARY)
    doors.expect("diary begun", phone.fill(phone.form("/harian/"), {}, ("what", "begin")).status, 200)
    form = phone.form("/harian/")
    for how in ("before", "deep"):
        words = {"mood": "2", "text": doors.word("nowhere", f"diary {how}")}
        doors.expect(f"diary {how}", phone.fill(form, words, None, how).status, 500)
    phone.get(DIARY)
    word = doors.word("nowhere", "diary")
    kept = phone.fill(phone.form("/harian/"), {"mood": "2", "text": word}, ("what", "write"))
    doors.expect("diary", kept.status, 200)
    assert word in phone.get(DIARY).body, "its writer reads it"
