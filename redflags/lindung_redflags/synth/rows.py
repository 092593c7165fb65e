"""Payments while they are made: columns of whole numbers, collected piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from lindung_redflags.synth.seasons import Bools, Ints

CHANNELS = ("bank", "ewallet", "qris", "pulsa", "topup", "gift", "remittance", "card", "crypto", "cash")
STATUSES = ("completed", "declined", "reversed")
REMARKS = (
    None, "belanja", "makan siang", "bayar hutang", "titipan", "arisan", "uang sekolah", "uang kos", "kado", "pesanan",
    "ongkir", "gaji", "THR", "donasi", "keluarga", "biaya sekolah", "seragam", "biaya berobat", "penginapan", "hadiah",
    "iuran kelas", "pulsa", "patungan", "invoice", "birthday", "family support", "school fees", "tabungan", "zakat",
    "listrik",
)  # fmt: skip
"""Everyday texts; some are the innocuous ones that AUSTRAC and FATF publish, and all are common among the innocent."""
CATEGORIES = (None, "5411", "5812", "5651", "5816", "4814", "4511", "7011", "8211", "8398", "4900", "5734", "6051")
PURPOSES = (None, "SALA", "FAMI", "GDDS", "EDUC", "RENT", "CHAR", "SAVG", "OTHR")
POINTS = np.array([10, 15, 20, 25, 50, 75, 100, 150, 200, 300, 500]) * 1000
"""Prices that are asked again and again, in rupiah."""
COLUMNS = ("t", "p", "q", "amount", "cur", "channel", "status", "remark", "mcc", "purpose", "dest", "label")
"""t: UTC seconds; p, q: numbers of accounts; amount: ten-thousandths; dest: index of a country, 0 none; label: number
of a planted case, -1 none; the rest: indexes into the tuples above."""
SAVINGS = -2
"""Label of innocent payments whose amount is set later, from the savings; none of a planted pattern."""
DEFAULTS = {"cur": 0, "channel": 0, "status": 0, "remark": 0, "mcc": 0, "purpose": 0, "dest": 0, "label": -1}
SMALL = {"cur", "channel", "status", "remark", "mcc", "purpose", "dest"}


def channel(name: str) -> int:
    return CHANNELS.index(name)


def remark(name: str) -> int:
    return REMARKS.index(name)


@dataclass
class Rows:
    """A collector. `add` takes arrays of one length or single numbers."""

    pieces: dict[str, list[Ints]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    count: int = 0

    def add(self, t: Ints, **given: ArrayLike) -> None:
        size = len(t)
        if not size:
            return
        given = {**DEFAULTS, **given}
        self.pieces["t"].append(np.asarray(t, dtype=np.int64))
        for name in COLUMNS[1:]:
            kind = np.int8 if name in SMALL else np.int64 if name == "amount" else np.int32
            self.pieces[name].append(np.broadcast_to(np.asarray(given[name], dtype=kind), (size,)))
        self.count += size

    def joined(self) -> dict[str, Ints]:
        """One array a column."""
        return {name: np.concatenate(parts) if parts else np.zeros(0, np.int64) for name, parts in self.pieces.items()}

    def touched(self, size: int) -> Bools:
        """Which of so many accounts pay or are paid so far."""
        found = np.zeros(size, dtype=bool)
        for name in ("p", "q"):
            for piece in self.pieces[name]:
                found[piece] = True
        return found
