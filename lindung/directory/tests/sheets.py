"""Sheets of invented bodies, as large as wished, and forty faults of more than fifteen kinds to plant in them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from lindung.directory.sheets.columns import COLUMNS, FIELDS, letter
from lindung.places import selectors as places

HEADINGS = [column.name for column in COLUMNS]
_KINDS = (
    ("UPTD PPA Contoh", "uptd_district", (("outreach", "provides"), ("legal", "provides"))),
    ("RSUD Contoh", "hospital", (("health", "provides"), ("psychological", "provides"))),
    ("LBH Contoh", "legal_aid", (("legal", "provides"), ("rights_information", "provides"))),
    ("Rumah Aman Contoh", "shelter", (("shelter", "provides"), ("psychosocial", "facilitates"))),
    ("Psikolog Contoh", "psychologist", (("psychological", "provides"), ("psychosocial", "provides"))),
)

Row = dict[str, str]


def invented(count: int) -> list[Row]:
    """So many rows, two services a body, up to 5,140: one body of each kind for every regency and city."""
    regencies = [place for province in places.provinces() for place in places.regencies(province.code)]
    made = []
    for number in range(count):
        turn, place = divmod(number // 2, len(regencies))
        name, kind, services = _KINDS[turn]
        region = regencies[place]
        service, does = services[number % 2]
        row = dict.fromkeys(HEADINGS, "")
        row |= {
            "kode": f"contoh.{kind}.{region.code}".replace("_", "-"), "nama": f"{name} {region.name}", "jenis": kind,
            "wilayah": region.code, "sumber": "Data contoh", "layanan": service, "peran": does,
            "cakupan": region.code, "usia_dari": "0", "usia_sampai": "17", "laki_laki": "ya", "perempuan": "ya",
            "bahasa_isyarat": "tidak", "jam": "Sen-Jum 08.00-16.00; Sab 08.00-12.00", "bahasa": "id",
            "telepon": f"0{number // 2:04d}-000000", "publik": "tidak" if kind == "shelter" else "ya",
            "diperiksa": "2026-10-01", "kontak": "Meja layanan", "aktif": "ya",
        }  # fmt: skip
        made.append(row)
    return made


@dataclass(frozen=True)
class Planted:
    """A fault in the row `row` (as the spreadsheet numbers it): what to write, and what has to be found there."""

    row: int
    column: str
    code: str
    value: str = ""

    @property
    def found(self) -> tuple[int, str, str]:
        return self.row, letter(HEADINGS.index(self.column)), self.code


_FAULTS = (
    # column, what stands there, what has to be found
    ("wilayah", "99.01", "region"), ("wilayah", "35.99", "region"), ("cakupan", "00", "region"),
    ("wilayah", "92.71", "region_closed"), ("cakupan", "91.01", "region_closed"),
    ("cakupan", "11.1", "lost_zero"),
    ("jenis", "panti", "choice"), ("layanan", "pijat", "choice"), ("peran", "membantu", "choice"),
    ("jam", "Sen-Jum 09.15", "hours"), ("jam", "Senin 25.00-26.00", "hours"), ("jam", "buka terus", "hours"),
    ("jam", "Sen 08.00-08.00", "hours"),
    ("nama", "=HYPERLINK(\"http://contoh.invalid\")", "formula"), ("catatan", "@SUM(A1)", "formula"),
    ("kontak", "+cmd|' /C calc'!A0", "formula"), ("alamat", "-2+3", "formula"),
    ("nama", "UPTD PPA CafÃ©", "encoding"), ("alamat", "Jalan Melati \ufffd 3", "encoding"),
    ("kode", "", "required"), ("nama", "", "required"), ("peran", "", "required"), ("cakupan", "", "required"),
    ("kode", "Kode Dengan Spasi", "code"),
    ("laki_laki", "kadang-kadang", "yes_no"), ("bahasa_isyarat", "2", "yes_no"),
    ("kapasitas", "sepuluh", "number"), ("usia_sampai", "-3", "number"), ("usia_dari", "18", "ages"),
    ("diperiksa", "31/02/2026", "date"), ("diperiksa", "2031-01-01", "date_range"),
    ("telepon", "tanya Bu RT", "phone"), ("surel", "layanan.contoh", "email"), ("situs", "http://", "website"),
    ("catatan", "hidden\u202etext", "hidden"), ("catatan", "NIK 3174012345678901", "person_number"),
    ("alamat", "Jalan rahasia 1", "secret_address"),
    ("biaya", "x" * 121, "too_long"),
    ("induk", "tidak-ada", "unknown_body"),
    ("nama", "UPT PPPA (contoh)", "duplicate_in_sheet"),
)  # fmt: skip


def plant(rows: list[Row]) -> list[Planted]:
    """Write the forty faults into rows that lie apart, each in the first row of a body of its own."""
    assert len(_FAULTS) == 40
    shelters = [number for number, row in enumerate(rows) if row["jenis"] == "shelter" and number % 2 == 0]
    units = [number for number, row in enumerate(rows) if row["jenis"] == "uptd_district" and number % 2 == 0]
    planted = []
    for turn, (column, value, code) in enumerate(_FAULTS):
        at = shelters[0] if code == "secret_address" else units[2 * turn + 1]
        if code == "duplicate_in_sheet":  # the same unit of the same district under another code and spelling
            twin = rows[units[2 * turn + 2]]
            value = twin["nama"].replace("UPTD PPA", "UPT PPPA").replace("Kabupaten", "Kab.")
            rows[at] |= {"wilayah": twin["wilayah"], "cakupan": twin["cakupan"]}
            rows[at + 1] |= {"nama": "", "wilayah": ""}
            rows[at]["nama"] = value
            planted.append(Planted(units[2 * turn + 2] + 2, "nama", code, value))
            continue
        rows[at][column] = value
        if column in {"kode", "nama", "jenis", "wilayah", "alamat", "telepon", "surel", "situs", "induk", "diperiksa"}:
            rows[at + 1][column] = "" if column != "kode" else rows[at + 1]["kode"]
        planted.append(Planted(at + 2, column, code, value))
    return planted


def as_csv(rows: list[Row], separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """The rows as a CSV file."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, HEADINGS, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode(encoding)


def as_xlsx(rows: list[Row], path: Path, *, merge: str = "", numbers: dict[str, Any] | None = None) -> Path:
    """The rows as a workbook; `merge` joins cells, `numbers` puts a number into a cell ("H5")."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append([row[name] or None for name in HEADINGS])
    for cell, number in (numbers or {}).items():
        sheet[cell] = number
    if merge:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def cell(column: str, row: int) -> str:
    """The address of a cell by its heading."""
    return f"{letter(HEADINGS.index(column))}{row}"


assert set(HEADINGS) == {column.name for column in FIELDS.values()}
