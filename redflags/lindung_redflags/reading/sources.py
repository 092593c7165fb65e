"""Where rows come from: Parquet, CSV and tables, each as a relation of DuckDB with its columns.

A source is read twice at most. The quick way gives rows alone. When something is wrong, the slow way gives each row its
file and its number too; a CSV file is then read by Python, record by record, so that a torn record is told by its line
and the others still count.
"""

from __future__ import annotations

import codecs
import csv
import glob
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.reading.faults import Collector, Fault, InputFaults

Given = str | Path | Sequence[str | Path]

_PARQUET, _CSV = {".parquet", ".pq"}, {".csv"}
_BLOCK = 1 << 20
_NO_TEXT = re.compile("[\udc80-\udcff]")
"""What bytes that are not UTF-8 are read as."""


@dataclass
class Source:
    """One file or table. `columns`: name in lower case -> (reference, DuckDB type). `number` tells sources apart."""

    name: str
    number: int
    form: str
    columns: dict[str, tuple[str, str]]
    path: Path | None = None
    delimiter: str = ","
    cleaned: Path | None = None
    sha256: str = ""
    size: int = 0

    @property
    def line(self) -> bool:
        return self.form == "csv"

    def slow(self) -> str:
        """The rows with their number from 1 (`_row`) and the number of the source (`_file`), as SQL."""
        if self.form == "parquet":
            relation = f"read_parquet({text(pattern(self.path))}, file_row_number = true)"
            rows = f"SELECT *, file_row_number + 1 AS _row FROM {relation}"
        elif self.form == "csv":
            given = [*self.columns.values(), ("_row", "BIGINT")]
            rows = f"SELECT * FROM {_read_csv([self.cleaned], given, ',', header=False)}"
        else:
            rows = f"SELECT *, row_number() OVER () AS _row FROM {quoted(self.name)}"
        return f"SELECT *, {self.number} AS _file FROM ({rows})"

    def fault(self, row: int, column: str, expected: str) -> Fault:
        return Fault(self.name, row, column, expected, self.line)

    def clean(self, folder: Path, faults: Collector) -> None:
        """Copy the whole records of a CSV file, with their lines, to a new file in the folder; tell the others."""
        if self.path is None or self.cleaned is not None:
            return
        target = folder / f"{self.number}.csv"
        width = len(self.columns)
        with (
            self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as given,
            target.open("w", encoding="utf-8", newline="") as kept,
        ):
            reader = csv.reader(given, delimiter=self.delimiter, strict=True)
            writer = csv.writer(kept, quoting=csv.QUOTE_ALL, lineterminator="\n")
            next(reader)
            for line, record, wrong in _records(reader):
                if record is None:
                    faults.add(self.fault(line, "", wrong))
                elif len(record) != width:
                    faults.add(self.fault(line, "", f"{width} values, as in the first line, not {len(record)}"))
                elif any(_NO_TEXT.search(value) for value in record):
                    faults.add(self.fault(line, "", "text in UTF-8"))
                else:
                    writer.writerow([*record, line])
        self.cleaned = target


def _records(reader: Any) -> Iterator[tuple[int, list[str] | None, str]]:
    """Records with the line on which each begins; lines without anything are no records."""
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                yield line, None, "a closing quotation mark; nothing after this line could be read"
                return
            yield line, None, "values between commas, those with commas or quotation marks in them in quotation marks"
            continue
        if record:
            yield line, record, ""


def quick(sources: Sequence[Source]) -> list[tuple[Source, str]]:
    """The rows of all sources as SQL, sources of one form together, each with one of the sources that it stands for."""
    groups: dict[Any, list[Source]] = {}
    for one in sources:
        alone = one.name if one.form == "table" else ""
        groups.setdefault((one.form, one.delimiter, tuple(one.columns.items()), alone), []).append(one)
    found = []
    for (form, delimiter, *_), group in groups.items():
        first = group[0]
        if form == "table":
            relation = quoted(first.name)
        elif form == "parquet":
            relation = f"read_parquet([{', '.join(text(pattern(one.path)) for one in group)}])"
        else:
            relation = _read_csv([one.path for one in group], list(first.columns.values()), delimiter)
        found.append((first, f"SELECT * FROM {relation}"))
    return found


def _read_csv(
    paths: Sequence[Path | None], given: Sequence[tuple[str, str]], delimiter: str, header: bool = True
) -> str:
    columns = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in given)
    options = [
        "auto_detect = false",
        f"header = {header}",
        f"delim = {text(delimiter)}",
        "quote = '\"'",
        "escape = '\"'",
        f"columns = {{{columns}}}",
    ]
    if not header:
        options.append("new_line = '\\n'")
    return f"read_csv([{', '.join(text(pattern(path)) for path in paths)}], {', '.join(options)})"


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def pattern(path: Path | None) -> str:
    """A path that DuckDB does not take for a pattern of several."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def find(connection: duckdb.DuckDBPyConnection, given: Given) -> list[Source]:
    """All sources of what somebody named, each with its columns. Raises InputFaults, without reading rows."""
    named = [given] if isinstance(given, str | Path) else list(given)
    if not named:
        raise InputFaults([Fault("the input", 0, "", "at least one file")])
    found: list[Source] = []
    for one in named:
        if isinstance(one, str) and _is_table(connection, one):
            rows = connection.execute(f"DESCRIBE SELECT * FROM {quoted(one)}").fetchall()
            found.append(Source(one, 0, "table", _unique(one, [(row[0], quoted(row[0]), row[1]) for row in rows])))
            continue
        found += [_file(connection, path) for path in _files(one)]
    for number, source in enumerate(found):
        source.number = number
    names = {tuple(sorted(source.columns)) for source in found}
    if len(names) > 1:
        first = set(found[0].columns)
        faults = []
        for source in found[1:]:
            missing, more = sorted(first - set(source.columns)), sorted(set(source.columns) - first)
            if missing or more:
                said = [f"also {', '.join(missing)}"] if missing else []
                said += [f"no {', '.join(more)}"] if more else []
                faults.append(source.fault(0, "", f"the same columns as in {found[0].name}: {' and '.join(said)}"))
        raise InputFaults(faults)
    return found


def _is_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM information_schema.tables WHERE table_name = ?", [name]).fetchall()
    return bool(found)


def _files(given: str | Path) -> list[Path]:
    path = Path(given)
    known = ", ".join(sorted(_PARQUET | _CSV))
    if path.is_dir():
        ours = (one for one in path.iterdir() if one.suffix.lower() in _PARQUET | _CSV)
        paths = sorted(one for one in ours if not one.name.startswith("."))
        if not paths:
            raise InputFaults([Fault(str(given), 0, "", f"a folder with files {known}")])
        return paths
    if path.exists():
        if path.suffix.lower() not in _PARQUET | _CSV:
            raise InputFaults([Fault(str(given), 0, "", f"a file {known}")])
        return [path]
    paths = [Path(one) for one in sorted(glob.glob(str(given), recursive=True))] if glob.has_magic(str(given)) else []
    if not paths:
        raise InputFaults([Fault(str(given), 0, "", "a file or folder that exists, or a table of the connection")])
    return [one for each in paths for one in _files(each)]


def _file(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    name = str(path)
    try:
        if path.stat().st_size == 0:
            raise InputFaults([Fault(name, 0, "", "a file that is not empty")])
        if path.suffix.lower() in _CSV:
            return _csv(path)
        rows = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({text(pattern(path))})").fetchall()
    except OSError as error:
        raise InputFaults([Fault(name, 0, "", "a file that can be read")]) from error
    except duckdb.Error as error:
        raise InputFaults([Fault(name, 0, "", "a whole Parquet file")]) from error
    source = Source(name, 0, "parquet", _unique(name, [(row[0], quoted(row[0]), row[1]) for row in rows]), path)
    source.sha256, source.size = _hash(path)
    return source


def _csv(path: Path) -> Source:
    with path.open("rb") as file:
        first = file.readline(_BLOCK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputFaults([Fault(str(path), 1, "", "text in UTF-8, not UTF-16", True)])
    try:
        head = first.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputFaults([Fault(str(path), 1, "", "text in UTF-8", True)]) from error
    delimiter = max((",", ";", "\t", "|"), key=head.count)
    try:
        names = next(csv.reader([head], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise InputFaults([Fault(str(path), 1, "", "the names of the columns, on one line", True)]) from error
    if not any(name.strip() for name in names):
        raise InputFaults([Fault(str(path), 1, "", "the names of the columns", True)])
    columns = _unique(str(path), [(name.strip(), f"c{number}", "VARCHAR") for number, name in enumerate(names)])
    source = Source(str(path), 0, "csv", columns, path, delimiter)
    source.sha256, source.size = _hash(path)
    return source


def _unique(name: str, columns: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for column, reference, kind in columns:
        if column.lower() in found:
            raise InputFaults([Fault(name, 0, column, "each column only once")])
        found[column.lower()] = (reference, kind)
    return found


def _hash(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
