"""What is wrong in the input: where it is and what was expected, never the value itself."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from lindung_redflags.errors import BadInput

SHOWN = 20
"""So many faults are listed; the others are counted."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Fault:
    """One fault. `row`: the data row from 1, in CSV the line of the file from 1, 0: the file as a whole."""

    file: str
    row: int
    column: str
    expected: str
    line: bool = False

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", {'line' if self.line else 'row'} {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: expected {self.expected}"


class InputFaults(BadInput):
    """All faults that were found: `faults` holds the first ones, `count` is the number of all."""

    def __init__(self, faults: Sequence[Fault], count: int | None = None) -> None:
        self.faults = list(faults)[:SHOWN]
        self.count = len(faults) if count is None else count
        lines = [str(fault) for fault in self.faults]
        if self.count > len(lines):
            lines.append(f"... and {self.count - len(lines)} more")
        if self.count > 1:
            lines.insert(0, f"{self.count} faults in the input:")
        super().__init__("\n".join(lines))


class Collector:
    """Takes faults as they are found. With `reject` they go to a CSV file that appears only when all went well."""

    def __init__(self, reject: Path | None) -> None:
        self.reject = reject
        self.count = 0
        self.first: list[Fault] = []
        self._unfinished: Path | None = None
        if reject is not None:
            self._unfinished = reject.with_name(f".{reject.name}.unfinished")
            try:
                self._file = self._unfinished.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise BadInput(f"{reject}: expected a file that can be written") from error
            self._writer = csv.writer(self._file)
            self._writer.writerow(["file", "row", "column", "expected"])

    def add(self, fault: Fault) -> None:
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(fault)
        if self._unfinished:
            self._writer.writerow([_plain(part) for part in astuple(fault)[:4]])

    def check(self) -> None:
        """Raise what was found, unless it is collected in a file."""
        if self.count and self.reject is None:
            raise InputFaults(self.first, self.count)

    def close(self, keep: bool) -> None:
        """Put the file in its place, or leave nothing of it."""
        if not self._unfinished:
            return
        self._file.close()
        if keep and self.reject:
            self._unfinished.replace(self.reject)
        else:
            self._unfinished.unlink(missing_ok=True)


def _plain(value: object) -> object:
    """A spreadsheet takes a text that begins like a formula for one: an apostrophe in front stops that."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
