"""The published numbers as files: CSV for programs, XLSX for people. Codes and numbers only, never a word of a report.

CSV is one number a line, in ASCII alone: codes, no names, so that no spreadsheet has to guess an encoding and none
needs a byte order mark. XLSX has the names of the active language, in Unicode by its own format. Every text goes
through the guard against formulas, whoever wrote it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lindung.directory.sheets.writing import guarded

from . import knowledge, monthly
from .counts import MONTHS, Scope
from .models import MonthlyReport
from .release import Column, Number, Period, Release
from .vocabulary import label

HEAD = ("source", "version", "period", "dimension", "value", "number", "kept_back", "several")
KEPT = "–"
Cell = str | int | float | None


def csv_of(release: Release) -> str:
    """All months of a year that are over, and the year once it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for name, period in _periods(release):
        for row in _lines(release.source, name, period):
            writer.writerow([guarded(str(cell)) for cell in row])
    return out.getvalue()


def _periods(release: Release) -> Iterator[tuple[str, Period]]:
    for month, period in enumerate(release.months, 1):
        yield f"{release.year}-{month:02d}", period
    if release.whole is not None:
        yield str(release.year), release.whole


def _lines(source: str, name: str, period: Period) -> Iterator[tuple[Cell, ...]]:
    yield _line(source, name, "all", "all", period.total, False)
    if period.hours is not None:
        yield _line(source, name, "median_hours", "accepted", period.hours, False)
    for column in period.columns.values():
        for value, number in column.numbers.items():
            yield _line(source, name, column.dimension, value, number, column.several)


def _line(
    source: str, period: str, dimension: str, value: str, number: float | None, several: bool
) -> tuple[Cell, ...]:
    shown: Cell = "" if number is None else number
    return source, knowledge.version(), period, dimension, value, shown, int(number is None), int(several)


def sheets_of(release: Release, scope: Scope, title: str) -> list[tuple[str, list[list[Cell]]]]:
    """The sheets of a year: one with the numbers of all dimensions by month, one with the definitions."""
    head: list[Cell] = [
        _("Dimensi"),
        _("Nilai"),
        *(f"{release.year}-{m:02d}" for m in range(1, MONTHS + 1)),
        release.year,
    ]
    rows: list[list[Cell]] = [[title, scope.name], [note()], [], head]
    rows.append([_("Semua"), "", *_across(release, lambda period: period.total)])
    for dimension in knowledge.of_source(release.source):
        name = knowledge.dimensions()[dimension].label
        for value in _values(release, dimension):
            cells = _across(release, lambda period, d=dimension, v=value: _cell(period.columns.get(d), v))
            rows.append([name, label(dimension, value), *cells])
    return [(_("Angka"), rows), (_("Definisi"), definition_rows(release.source))]


def _values(release: Release, dimension: str) -> list[str]:
    periods = [period for _name, period in _periods(release)]
    found = [value for p in periods if dimension in p.columns for value in p.columns[dimension].numbers]
    return list(dict.fromkeys(found))


def _cell(column: Column | None, value: str) -> Number:
    return column.numbers.get(value, 0) if column else None


def _across(release: Release, pick: Any) -> list[Cell]:
    cells: list[Cell] = [shown(pick(period)) for period in release.months]
    cells += [""] * (MONTHS - len(cells))
    return [*cells, shown(pick(release.whole)) if release.whole else ""]


def shown(number: float | None) -> Cell:
    return KEPT if number is None else number


def note() -> str:
    """What a dash means."""
    return _("– : tidak ditampilkan, supaya tidak ada anak yang bisa dikenali.")


def definition_rows(source: str = "") -> list[list[Cell]]:
    """What the numbers mean, one line a statistic."""
    head: list[Cell] = [_("Statistik"), _("Arti"), _("Satuan"), _("Pembilang"), _("Penyebut")]
    rows: list[list[Cell]] = [[*head, _("Tidak dihitung"), _("Versi"), _("Sejak")]]
    for one in knowledge.definitions().values():
        if source and one.source != source:
            continue
        rows.append([
            one.label, one.about.label, one.unit.label, one.numerator.label,
            one.denominator.label if one.denominator else "", " ".join(text.label for text in one.not_counted),
            one.version, one.since.isoformat(),
        ])  # fmt: skip
    return rows


def monthly_sheets(made: MonthlyReport, title: str, signed: str) -> list[tuple[str, list[list[Cell]]]]:
    """The sheets of a monthly report: the numbers, and what they mean."""
    rows: list[list[Cell]] = [[title], [signed], [note()], []]
    periods = monthly.periods(made.numbers)
    for one in knowledge.definitions().values():
        if one.source == "takedowns":
            taken = monthly.taken_down(made.numbers)
            sign = "" if taken.whole else _("paling sedikit")
            rows += [[one.label, _("Dikirim"), taken.sent, sign], [one.label, _("Hilang"), taken.gone, sign]]
            continue
        period = periods[one.source]
        rows.append([one.label, _("Semua"), *_headline(one, period)])
        for dimension in one.dimensions if one.measure == "count" else ():
            column = period.columns.get(dimension)
            for value, number in column.numbers.items() if column else ():
                name = knowledge.dimensions()[dimension].label
                rows.append([f"{one.label}: {name}", label(dimension, value), shown(number)])
        rows.append([])
    return [(_("Laporan bulanan"), rows), (_("Definisi"), definition_rows())]


def _headline(one: knowledge.Definition, period: Period) -> list[Cell]:
    if one.measure == "median":
        return [shown(period.hours), one.unit.label]
    if one.measure == "share":
        return [shown(share(period, one)), one.unit.label]
    return [shown(period.total), one.unit.label]


def share(period: Period, one: knowledge.Definition) -> int | None:
    """A share in whole per cent; None when one of its two numbers is kept back or nothing was counted."""
    column = period.columns.get(one.of)
    part = column.numbers.get(one.part) if column else None
    return None if part is None or not period.total else round(100 * part / period.total)


def workbook(sheets: Sequence[tuple[str, list[list[Cell]]]]) -> bytes:
    """Write sheets into an XLSX file: bold first texts, columns wide enough to read, texts never taken for formulas."""
    from openpyxl import Workbook  # half a second of imports that only this needs
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    book = Workbook(write_only=True)
    for name, rows in sheets:
        sheet = book.create_sheet(name[:31])
        for letter, width in zip("ABCDEFGH", (34, 42, 16, 30, 30, 60, 12, 14), strict=True):
            sheet.column_dimensions[letter].width = width
        for place, row in enumerate(rows):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=guarded(value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"
                    cell.alignment = Alignment(wrap_text=len(value) > 60, vertical="top")
                if place == 0 or (row and row[0] in (_("Dimensi"), _("Statistik"))):
                    cell.font = Font(bold=True)
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
