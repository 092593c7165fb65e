"""The columns of the spreadsheet: the contract of docs/directory.md, as a table that reading and writing share.

One row is one service of one body. What belongs to the body stands in its first row; below it may stay empty or say
the same. A column that is not in the sheet leaves what is known as it is; an empty cell empties it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

BODY, SERVICE = "body", "service"


@dataclass(frozen=True)
class Column:
    """One column: its heading in both languages, the field it fills, whether a new entry needs it."""

    name: str
    english: str
    field: str
    of: str
    required: bool = False
    longest: int = 200


COLUMNS = (
    Column("kode", "code", "code", BODY, required=True, longest=40),
    Column("nama", "name", "name", BODY, required=True),
    Column("jenis", "kind", "kind", BODY, required=True, longest=120),
    Column("nama_lain", "other_names", "variants", BODY, longest=1000),
    Column("induk", "affiliation", "affiliation", BODY, longest=40),
    Column("wilayah", "region", "region", BODY, longest=13),
    Column("alamat", "address", "address", BODY, longest=300),
    Column("telepon", "phone", "phone", BODY, longest=60),
    Column("whatsapp", "whatsapp", "whatsapp", BODY, longest=60),
    Column("surel", "email", "email", BODY, longest=120),
    Column("situs", "website", "website", BODY),
    Column("zona", "zone", "tz", BODY, longest=40),
    Column("publik", "public", "public", BODY, longest=20),
    Column("sumber", "source", "source", BODY),
    Column("sejak", "since", "since", BODY, longest=20),
    Column("berakhir", "until", "until", BODY, longest=20),
    Column("pengganti", "successors", "successors", BODY, longest=200),
    Column("diperiksa", "verified", "verified_on", BODY, longest=20),
    Column("layanan", "service", "service", SERVICE, longest=120),
    Column("peran", "does", "does", SERVICE, required=True, longest=120),
    Column("cakupan", "coverage", "coverage", SERVICE, required=True, longest=2000),
    Column("usia_dari", "age_from", "age_from", SERVICE, longest=12),
    Column("usia_sampai", "age_to", "age_to", SERVICE, longest=12),
    Column("laki_laki", "boys", "accepts_boys", SERVICE, longest=20),
    Column("perempuan", "girls", "accepts_girls", SERVICE, longest=20),
    Column("saudara", "siblings", "siblings", SERVICE, longest=20),
    Column("dengan_ibu", "with_mother", "with_mother", SERVICE, longest=20),
    Column("aman_lgbt", "lgbt_safe", "lgbt_safe", SERVICE, longest=20),
    Column("kursi_roda", "wheelchair", "wheelchair", SERVICE, longest=20),
    Column("bahasa_isyarat", "sign_language", "sign_language", SERVICE, longest=20),
    Column("terima_malam", "night_admission", "night_admission", SERVICE, longest=20),
    Column("jam", "hours", "hours", SERVICE, longest=300),
    Column("bahasa", "languages", "languages", SERVICE, longest=100),
    Column("agama_makanan", "faith_and_food", "faith_and_food", SERVICE, longest=120),
    Column("kapasitas", "capacity", "capacity", SERVICE, longest=12),
    Column("biaya", "fee", "fee", SERVICE, longest=120),
    Column("kontak", "contact", "contact", SERVICE, longest=120),
    Column("catatan", "notes", "notes", SERVICE, longest=300),
    Column("aktif", "active", "active", SERVICE, longest=20),
)

FIELDS = {column.field: column for column in COLUMNS}
QUESTIONS = (
    "accepts_boys", "accepts_girls", "siblings", "with_mother", "lgbt_safe", "wheelchair", "sign_language",
    "night_admission",
)  # fmt: skip
"""Fields whose empty cell means that nobody asked yet."""

WHOLE_COUNTRY = "indonesia"


@cache
def by_heading() -> dict[str, Column]:
    """Each column by its heading in either language."""
    return {heading: column for column in COLUMNS for heading in (column.english, column.name)}


def letter(position: int) -> str:
    """The letters over a column, from its position: 0 is A, 26 is AA."""
    letters, position = "", position + 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
