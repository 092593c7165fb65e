"""The directory as a spreadsheet, in the same columns as the import, so that what was written can be read again.

Guarded both ways: in CSV an apostrophe stands before what a spreadsheet program would run, in XLSX every cell is text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet

from .. import checks
from ..hours import write as write_hours
from ..models import Organisation
from . import existing
from .columns import BODY, COLUMNS, SERVICE

Progress = Callable[[int], None]
_ZONES = {zone: label for label, zone in checks.ZONES.items()}


def rows(bodies: QuerySet[Organisation], progress: Progress = lambda done: None) -> Iterator[list[str]]:
    """One row a service, in the order of the columns; a body without one has a row of its own."""
    codes = list(bodies.order_by("code").values_list("code", flat=True))
    for piece in existing.pieces(codes):
        known = existing.load(piece)
        for code in piece:
            if code in known:
                yield from _body(code, known[code])
        progress(len(piece))


def _body(code: str, known: existing.Known) -> Iterator[list[str]]:
    values = {**known.values, "code": code}
    services = [{**values, "service": one} for one, (_, values) in sorted(known.services.items())] or [{}]
    for service in services:
        given = {BODY: values, SERVICE: service}
        yield [_cell(column.field, given[column.of].get(column.field)) for column in COLUMNS]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, date):
        return value.isoformat()
    if name == "hours":
        return write_hours(*value)
    if name == "tz":
        return _ZONES.get(value, value)
    if name == "variants":
        return "; ".join(value)
    if name in {"coverage", "successors"}:
        return " ".join(value)
    return str(value)


def guarded(text: str) -> str:
    """A cell that no spreadsheet program runs."""
    return f"'{text}" if text.startswith(checks.FORMULA_BEGINS) else text


def to_csv(lines: Iterable[list[str]]) -> bytes:
    """UTF-8 with a mark, semicolons between the cells: what Excel opens by a double click where commas are decimals."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([guarded(cell) for cell in line] for line in lines)
    return target.getvalue().encode("utf-8-sig")


def to_xlsx(lines: Iterable[list[str]]) -> bytes:
    """A workbook of one sheet; every cell is text, so that no code loses a zero and nothing is computed."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet("direktori")
    sheet.freeze_panes = "C2"

    def made(text: str, *, head: bool = False) -> Any:
        cell = WriteOnlyCell(sheet, value=text or None)
        if text:
            cell.data_type = "s"  # never a formula, whatever it begins with
        cell.number_format = "@"
        if head:
            cell.font = Font(bold=True)
        return cell

    sheet.append([made(column.name, head=True) for column in COLUMNS])
    for line in lines:
        sheet.append([made(cell) for cell in line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
