"""The letter of a notice and the sheet for the IWF's portal: text from a template, nothing stored, nothing sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from lindung.core import worktime

from . import knowledge
from .models import Kind

SHEET_COLUMNS = ("url", "date_seen", "platform")
_KINDS = {Kind.URL: "", Kind.MD5: "MD5", Kind.SHA1: "SHA-1", Kind.SHA256: "SHA-256", Kind.PHOTODNA: "PhotoDNA",
          Kind.PDQ: "PDQ"}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """One line of a letter: what is asked to be taken down, when the report came in, on which platform."""

    kind: str
    basis: str
    seen: date
    platform: str
    address: str = field(repr=False)

    @property
    def line(self) -> str:
        name = _KINDS[Kind(self.kind)]
        return f"{name}: {self.address}" if name else self.address


def letter(
    *, template: str, language: str, number: str, organisation: str, day: date, tz: str, items: Sequence[Listed]
) -> str:
    """Write the letter in a language ("id" or "en"): the subject, an empty line, the text.

    What strangers wrote is filled in last and never read as a template. Raises KeyError for an unknown version.
    """
    made = knowledge.templates()[template]
    used = dict.fromkeys(item.basis for item in items)
    grounds = [knowledge.bases()[code].cite for code in used if code in knowledge.bases()]
    values = {
        "number": number,
        "organisation": organisation,
        "date": _dated(day, tz, language),
        "basis": "; ".join(cite.label_en if language == "en" else cite.label_id for cite in grounds),
        "count": str(len(items)),
    }
    english = language == "en"
    subject = made.subject.label_en if english else made.subject.label_id
    body = made.body.label_en if english else made.body.label_id
    head, found, tail = f"{subject}\n\n{body}".partition("{items}")
    lines = "\n".join(f"{number}. {item.line}" for number, item in enumerate(items, 1))
    return _filled(head, values) + (lines if found else "") + _filled(tail, values)


def _dated(day: date, tz: str, language: str) -> str:
    """A letter always names its year."""
    said = worktime.describe_day(day, tz, language)
    return said if said.endswith(str(day.year)) else f"{said} {day.year}"


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def sheet(items: Iterable[Listed]) -> str:
    """The sheet for the IWF's portal: its own form asks for one address at a time, this is for copying from.

    Addresses alone (hashes stand in the letter), no notes. UTF-8, comma-separated, cells guarded.
    """
    return table(SHEET_COLUMNS, ((i.address, i.seen.isoformat(), i.platform) for i in items if i.kind == Kind.URL))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write comma-separated values that no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded("" if cell is None else str(cell)) for cell in row])
    return out.getvalue()


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run: = + - @, also behind blanks, and control characters."""
    runs = cell.lstrip()[:1] in _RUNS or cell[:1] in _BREAKS
    return f"'{cell}" if runs else cell


_RUNS = tuple("=+-@＝＋－＠")
_BREAKS = tuple("\t\r\n")
