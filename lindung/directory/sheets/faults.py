"""What can be wrong with a spreadsheet, in sentences that say what was expected. What was typed is never repeated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    # the sheet as a whole
    "empty_sheet": _("Lembar ini kosong. Baris pertama berisi nama kolom, di bawahnya satu baris satu layanan."),
    "heading_unknown": _("Nama kolom ini tidak dikenal. Daftarnya ada di docs/directory.md."),
    "heading_twice": _("Nama kolom ini ada dua kali."),
    "heading_missing": _("Kolom %(column)s tidak ada."),
    "too_many_cells": _("Baris ini lebih panjang daripada baris nama kolom: ada pemisah yang terselip."),
    "merged": _("Sel-sel ini digabung (%(cells)s). Pisahkan, dan isi setiap sel."),
    # any cell
    "required": _("Sel ini perlu diisi."),
    "encoding": _("Ada huruf yang rusak. Simpan berkasnya sebagai UTF-8."),
    "formula": _("Rumus tidak diterima. Tulis isinya saja, tanpa = + - @ di depan."),
    "hidden": _("Ada huruf tersembunyi. Ketik ulang isinya."),
    "media": _("Gambar, suara, atau video tidak pernah diterima."),
    "person_number": _("Ini seperti nomor induk seseorang. Data pribadi tidak disimpan di sini."),
    "too_long": _("Terlalu panjang: paling banyak %(longest)d huruf."),
    "code": _("Kode: huruf kecil, angka, titik, atau tanda hubung, 2 sampai 40 huruf."),
    "name": _("Tulis nama lembaganya, dengan huruf."),
    "choice": _("Pilih salah satu: %(known)s."),
    "phone": _("Ini bukan nomor telepon. Tulis seperti 021-1234567 atau +62 21 1234567."),
    "lost_digits": _(
        "Nomor ini disimpan sebagai angka: nol di depan hilang. Ubah kolomnya menjadi Teks, lalu ketik lagi."
    ),
    "email": _("Ini bukan alamat surel."),
    "website": _("Ini bukan alamat situs."),
    "region": _("Kode wilayah ini tidak ada. Tulis kode Kemendagri, seperti 35 atau 35.09."),
    "region_closed": _("Kode wilayah ini sudah tidak berlaku. Sekarang: %(instead)s."),
    "lost_zero": _("Nol terakhir hilang: %(instead)s. Ubah kolomnya menjadi Teks, lalu ketik lagi."),
    "zone": _("Tulis WIB, WITA, atau WIT."),
    "yes_no": _("Tulis ya atau tidak; kosongkan kalau belum ditanyakan."),
    "number": _("Tulis angka bulat, paling besar %(most)d."),
    "ages": _("Usia termuda lebih besar daripada usia tertua."),
    "date": _("Tulis tanggal seperti 2026-11-22 atau 22/11/2026."),
    "date_range": _("Tanggal ini tidak mungkin."),
    "dates": _("Berakhir sebelum mulai."),
    "hours": _("Tulis jam buka seperti: Sen-Jum 08.00-16.00; Sab 08.00-12.00, atau 24 jam."),
    "language": _("Tulis kode bahasa seperti id atau jv, dipisah spasi."),
    # what belongs together
    "duplicate_name": _("Lembaga ini sudah ada dengan nama yang mirip, kode %(other)s."),
    "duplicate_in_sheet": _("Nama yang mirip sudah ada di baris %(first)d dengan kode lain."),
    "duplicate_service": _("Layanan ini sudah ada di baris %(first)d untuk lembaga yang sama."),
    "contradiction": _("Isi ini lain daripada di baris %(first)d untuk lembaga yang sama."),
    "unknown_body": _("Kode lembaga ini tidak ada, di daftar maupun di lembar ini."),
    "itself": _("Lembaga tidak bisa menunjuk dirinya sendiri."),
    "without_service": _("Kolom ini tentang layanan, tetapi kolom layanan kosong."),
    "successor_date": _("Tulis tanggal berakhirnya juga."),
    "not_public": _("Rumah aman dan anggota perorangan tidak pernah ditampilkan untuk umum."),
    "secret_address": _("Alamat rumah aman tidak disimpan di sini. Kosongkan."),
    "whole_and_part": _("Tulis indonesia saja, atau kode-kode wilayahnya saja."),
}

FILE_SENTENCES: dict[str, str | Promise] = {
    "too_big": _("Berkas ini terlalu besar: paling besar %(most)s MB."),
    "too_many_rows": _("Terlalu banyak baris: paling banyak %(most)d."),
    "not_a_sheet": _("Ini bukan berkas XLSX atau CSV yang bisa dibaca. Simpan lagi dari program lembar kerja."),
    "old_format": _("Ini berkas XLS lama atau terkunci sandi. Simpan sebagai XLSX tanpa sandi."),
    "macros": _("Berkas ini berisi makro. Simpan sebagai XLSX biasa."),
    "pictures": _("Berkas ini berisi gambar. Gambar tidak pernah diterima. Hapus dulu."),
    "bomb": _("Isi berkas ini jauh lebih besar daripada kelihatannya, jadi tidak dibuka."),
}


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong: row as the spreadsheet numbers it, position of the column (0 is A), its heading."""

    row: int
    position: int
    column: str
    code: str
    more: tuple[tuple[str, Any], ...] = field(default=(), compare=False)

    @property
    def message(self) -> str:
        """What was expected, in the language of the page."""
        return str(SENTENCES[self.code]) % dict(self.more)


class Unreadable(ValueError):
    """The file as a whole cannot be read; `message` says why."""

    def __init__(self, code: str, **more: Any) -> None:
        self.code, self.more = code, more
        super().__init__(code)

    @property
    def message(self) -> str:
        return str(FILE_SENTENCES[self.code]) % self.more


def sentence(code: str, **more: Any) -> str:
    """The sentence of a fault for a form, where the row is clear."""
    return str(SENTENCES[code]) % more


def place(fault: Fault, letter: str) -> str:
    """Where it is: "Baris 17, kolom F (wilayah)"."""
    return gettext("Baris %(row)d, kolom %(letter)s (%(column)s)") % {
        "row": fault.row, "letter": letter, "column": fault.column,
    }  # fmt: skip
