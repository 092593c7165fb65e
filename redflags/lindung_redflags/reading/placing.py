"""Where a row stands in the files that were given, for rows that turn out to be odd after they were read."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lindung_redflags.reading.faults import Collector
from lindung_redflags.reading.sources import Given, find


@dataclass(frozen=True)
class Place:
    """`row`: the data row from 1, in CSV (`line`) the line of the file from 1."""

    file: str
    row: int
    line: bool

    def __str__(self) -> str:
        return f"{self.file}, {'line' if self.line else 'row'} {self.row}"


def first(connection: duckdb.DuckDBPyConnection, given: Given, column: str, wanted: str) -> Place | None:
    """The first row, in the order of the files, whose column has one of the values that the SQL `wanted` selects."""
    with tempfile.TemporaryDirectory(prefix="redflags-") as folder:
        for source in find(connection, given):
            if source.form == "csv":
                source.clean(Path(folder), Collector(None))
            reference = source.columns[column][0]
            row = connection.execute(
                f"SELECT min(_row) FROM ({source.slow()}) r WHERE CAST(r.{reference} AS VARCHAR) IN ({wanted})"
            ).fetchall()[0][0]
            if row is not None:
                return Place(source.name, row, source.line)
    return None
