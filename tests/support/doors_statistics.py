"""The doors of statistics: whoever works with numbers alone meets no word, and what is typed there is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.doors import Doors


def take_numbers(doors: Doors) -> None:
    """Pages, files and a monthly report, as the supervisor of the team that read everything."""
    w, phone = doors.word, doors.sign_in("supervisor")
    doors.expect("numbers", phone.get("/kerja/statistik/").status, 200)
    for name in ("untuk", "angka", "periode"):
        address = f"/kerja/statistik/?{name}=" + w("nowhere", f"query of the numbers {name}")
        doors.expect(f"numbers {name}", phone.get(address).status, 404)
    phone.get("/kerja/statistik/bulanan/")
    form = phone.form("/bulanan/")
    odd = {"untuk": w("nowhere", "whose numbers"), "bulan": w("nowhere", "month")}
    doors.expect("monthly odd", phone.fill(form, odd).status, 404)
    phone.get("/kerja/statistik/bulanan/")
    form, month = phone.form("/bulanan/"), phone.page.body.split('name="bulan" value="')[1].split('"')[0]
    for how in ("before", "deep"):
        broken = {"bulan": w("nowhere", f"month {how}")}
        doors.expect(f"monthly {how}", phone.fill(form, broken, None, how).status, 500)
    doors.expect("monthly", phone.fill(form, {}, ("bulan", month)).status, 200)
    made = phone.page.path
    assert "/kerja/statistik/bulanan/" in made, made
    for address in (made, "/kerja/statistik/berkas/csv/", "/kerja/statistik/berkas/svg/"):
        doors.expect(address, phone.get(address).status, 200)
        assert doors.mark not in phone.page.body, f"{address} shows a word"
