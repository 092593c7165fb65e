"""From a file or pasted cells to a plain table of texts, without judging what stands in it.

CSV in UTF-8 (with or without a mark) or UTF-16 with one; comma, semicolon or tab between cells, as the heading has it.
A byte that is no UTF-8 becomes a lone surrogate, so that its cell can be named. XLSX: the first sheet; formulas keep
their "=", numbers and dates are written out, merged cells are noted. Nothing of a workbook is ever written to disk.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from .faults import Unreadable

MOST_BYTES = 20_000_000
MOST_UNPACKED = 200_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 100
_OLD = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Table:
    """Rows as the spreadsheet numbers them: `rows[0]` is row 1, the headings. `numeric` holds cells that were numbers.

    `merged`: (row, position, cells in words) for each group of merged cells.
    """

    rows: list[list[str]]
    numeric: frozenset[tuple[int, int]] = frozenset()
    merged: list[tuple[int, int, str]] = field(default_factory=list)


def read_file(path: Path) -> Table:
    """Read an XLSX or CSV file. Raises Unreadable; OSError when it is not there."""
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable("too_big", most=MOST_BYTES // 1_000_000)
    content = path.read_bytes()
    if content.startswith(_OLD):
        raise Unreadable("old_format")
    return _workbook(content) if content.startswith(b"PK") else read_text(decode(content))


def decode(content: bytes) -> str:
    """Bytes as text. What is no UTF-8 stays visible as lone surrogates."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "surrogatepass")
    if b"\x00" in content:
        raise Unreadable("not_a_sheet")
    return content.decode("utf-8-sig", "surrogateescape")


def read_text(text: str) -> Table:
    """Read CSV, or cells pasted from a spreadsheet (tabs between them). Raises Unreadable."""
    head = text.lstrip("\ufeff\r\n ").split("\n", 1)[0]
    if not head.strip():
        return Table([])
    separator = max("\t;,", key=head.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            if len(rows) > MOST_ROWS:
                raise Unreadable("too_many_rows", most=MOST_ROWS)
            rows.append(cells)
    except csv.Error:
        raise Unreadable("not_a_sheet") from None
    return Table(_trimmed(rows))


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Without empty rows at the end and empty cells at the end of a row."""
    for cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _workbook(content: bytes) -> Table:
    """The first sheet of an XLSX. What else a workbook may carry is refused before anything is parsed."""
    import openpyxl  # half a second of imports that only this needs

    _look_inside(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=False, keep_links=False)
        sheet = book.worksheets[0]
    except Exception:  # a broken workbook fails in as many ways as it has parts
        raise Unreadable("not_a_sheet") from None
    if sheet.max_row > MOST_ROWS + 1 or sheet.max_column > MOST_COLUMNS:
        raise Unreadable("too_many_rows", most=MOST_ROWS)
    numeric: set[tuple[int, int]] = set()
    rows = [
        [_text(cell.value, numeric, row, position) for position, cell in enumerate(cells)]
        for row, cells in enumerate(sheet.iter_rows(), 1)
    ]
    merged = [(area.min_row, area.min_col - 1, str(area.coord)) for area in sheet.merged_cells.ranges]
    return Table(_trimmed(rows), frozenset(numeric), sorted(merged))


def _look_inside(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise Unreadable("not_a_sheet") from None
    names = [part.filename.lower() for part in parts]
    if len(parts) > 1000 or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("bomb")
    if any("vbaproject" in name for name in names):
        raise Unreadable("macros")
    if any("/media/" in name or "/embeddings/" in name or name.startswith("media/") for name in names):
        raise Unreadable("pictures")


def _text(value: Any, numeric: set[tuple[int, int]], row: int, position: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        numeric.add((row, position))
        return str(int(value)) if float(value).is_integer() else repr(value)
    return value if isinstance(value, str) else "="  # a formula over several cells, a table of values
