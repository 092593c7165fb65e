"""A small table as a file, so that no spreadsheet program runs anything that stands in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell

_RUNS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Comma-separated, with a mark of its encoding; an apostrophe stands before what a program would run."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_quiet(cell) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook in which every cell is text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(row=number, column=column)
            if isinstance(cell, Cell):
                cell.value, cell.data_type = _plain(text), "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _quiet(text: str) -> str:
    plain = _plain(text)
    return f"'{plain}" if plain.startswith(_RUNS) else plain


def _plain(text: str) -> str:
    """Without characters that a file of this kind cannot hold."""
    return "".join(character for character in text if character in "\n\t" or character.isprintable())
