"""The doors of series and merging. They keep no words: what is typed there must be found nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors


def group(doors: Doors, phone: Phone) -> None:
    """Two reports of the inbox in one series and merged, by reference; then apart again."""
    w = doors.word
    inbox = phone.get("/kerja/").body
    report, other = list(dict.fromkeys(re.findall(r"/kerja/laporan/([0-9a-f-]{36})/", inbox)))[:2]
    page = f"/kerja/laporan/{report}/seri/"
    for name in ("tambah", "gabung"):
        doors.expect("series", phone.get(page).status, 200)
        form = phone.form(f"/{name}/")
        odd = {"other": w("nowhere", f"reference {name}")[:16]}
        doors.expect(f"{name} refused", phone.fill(form, odd).status, 422)
        for how in ("before", "deep"):
            broken = {"other": w("nowhere", f"reference {name} {how}")[:16]}
            doors.expect(f"{name} {how}", phone.fill(form, broken, None, how).status, 500)
        phone.get(page + "?tetap=" + w("nowhere", f"what stayed {name}"))
        doors.expect(name, phone.fill(phone.form(f"/{name}/"), {"other": other[:8]}).status, 200)
    assert other[:8].upper() in phone.page.body
    doors.expect("list", phone.get("/kerja/seri/").status, 200)
    series = re.search(r"/kerja/seri/[0-9a-f-]{36}/", phone.page.body)
    assert series, "no series is listed"
    doors.expect("one series", phone.get(series.group()).status, 200)
    assert doors.mark not in phone.page.body, "a series shows no words"
    phone.get(page)
    doors.expect("apart", phone.fill(phone.form(f"/pisah/{other}/"), {}).status, 200)
