"""Rows of one kind from all their sources, checked: SQL finds what is wrong, Python only tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from lindung_redflags.reading.faults import Collector, InputFaults
from lindung_redflags.reading.kinds import SEX, Around, Column, Reading, WrongType
from lindung_redflags.reading.sources import Source, quick

_AT_ONCE = 10_000
_NOT_OF_ROWS = (duckdb.OutOfMemoryException, duckdb.InterruptException, duckdb.BinderException, duckdb.ParserException)
"""Errors that no row can cause."""


@dataclass(frozen=True)
class Cross:
    """A check over several columns of a row whose columns are right one by one; `sql` is true where it is wrong.

    `detail`: SQL of a text that stands for `{}` in `expected`; only of what says nothing about anybody.
    """

    column: str
    sql: str
    expected: str
    detail: str = "NULL"


@dataclass
class Rows:
    """The rows of all sources of one kind.

    `key`: columns that tell rows apart; `more`: SQL columns made of the others; `join`: a relation joined to `l`, the
    rows. After `check`, `good` is SQL with the columns of `columns` and `more` for every row that can be used.
    """

    sources: Sequence[Source]
    columns: Sequence[Column]
    now: int
    crosses: Sequence[Cross] = ()
    key: tuple[str, ...] = ()
    same: str = ""
    more: str = ""
    join: str = ""
    good: str = ""
    count: int = 0
    read: int = 0
    repeated: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    _checks: dict[tuple[str, str], int] = field(default_factory=dict)

    def present(self, column: str) -> bool:
        """Whether the input has this column."""
        return column in self.sources[0].columns

    def columns_right(self) -> None:
        """Refuse missing and refused columns and types that cannot be read; name those that are ignored."""
        faults = []
        for source in self.sources:
            known = {column.name for column in self.columns}
            for name in source.columns:
                if SEX.fullmatch(name):
                    faults.append(source.fault(0, name, "no column about sex: it is never used; leave it out"))
                elif name not in known and name not in self.ignored:
                    self.ignored.append(name)
            for column in self.columns:
                if column.name not in source.columns:
                    if column.needed:
                        faults.append(source.fault(0, column.name, "this column"))
                    continue
                try:
                    self._read(source, column)
                except WrongType as error:
                    faults.append(source.fault(0, column.name, str(error)))
        if faults:
            raise InputFaults(faults)

    def _read(self, source: Source, column: Column) -> Reading:
        reference, kind = source.columns[column.name]
        currency = f"r.{source.columns['currency'][0]}" if "currency" in source.columns else "NULL"
        return column.reader(f"r.{reference}", kind, Around(currency, self.now))

    def _number(self, column: str, expected: str) -> int:
        return self._checks.setdefault((column, expected), len(self._checks))

    def _sql(self, relations: Sequence[tuple[Source, str]], slow: bool) -> str:
        """Values and `_bad` of every row, as SQL; the slow way also `_codes`, the numbers of the checks that fail."""
        parts = []
        for source, relation in relations:
            values, tests = [], []
            for column in self.columns:
                if column.name not in source.columns:
                    values.append(f'NULL AS "{column.name}"')
                    continue
                reading = self._read(source, column)
                values.append(f'{reading.value} AS "{column.name}"')
                tests += [(sql, self._number(column.name, said)) for sql, said in reading.checks]
            place = ["_file", "_row"] if slow else []
            parts.append(f"SELECT {', '.join([*values, *place])}, {_failing(tests, slow)} AS _own FROM ({relation}) r")
        crosses = _failing([(one.sql, self._number(one.column, one.expected)) for one in self.crosses], slow)
        more = f", {self.more}" if self.more else ""
        wide = f"SELECT l.*{more} FROM ({' UNION ALL '.join(parts)}) l {self.join}"
        if not slow:
            return f"SELECT *, _own OR {crosses} AS _bad FROM ({wide})"
        chosen = f"CASE WHEN len(_own) = 0 THEN {crosses} ELSE _own END AS _codes"
        details = ", ".join(f"CASE WHEN {one.sql} THEN {one.detail} END" for one in self.crosses)
        chosen += f", CAST([{details}] AS VARCHAR[]) AS _details"
        return f"SELECT *, len(_codes) > 0 AS _bad FROM (SELECT *, {chosen} FROM ({wide}))"

    def check(self, connection: duckdb.DuckDBPyConnection, faults: Collector, folder: Path) -> None:
        """Check every row; put what is wrong into `faults` and the SQL of what is right into `good`."""
        self.columns_right()
        everything = self._sql(quick(self.sources), slow=False)
        if self._count(connection, everything):
            self.good = f"SELECT * EXCLUDE (_own, _bad) FROM ({everything})"
            self.read = self.count
            return
        before = faults.count
        for source in self.sources:
            if source.form == "csv":
                source.clean(folder, faults)
        torn = faults.count - before
        everything = self._sql([(source, source.slow()) for source in self.sources], slow=True)
        checks = list(self._checks)
        crossed = {self._number(one.column, one.expected): place for place, one in enumerate(self.crosses)}
        try:
            wrong = connection.execute(
                f"SELECT _file, _row, _codes, _details FROM ({everything}) WHERE _bad ORDER BY _file, _row"
            )
        except _NOT_OF_ROWS:
            raise
        except duckdb.Error:
            self._broken(connection)
            raise
        bad = 0
        while some := wrong.fetchmany(_AT_ONCE):
            bad += len(some)
            for number, row, codes, details in some:
                for code in codes:
                    column, expected = checks[code]
                    if code in crossed and details[crossed[code]] is not None:
                        expected = expected.replace("{}", details[crossed[code]])
                    faults.add(self.sources[number].fault(row, column, expected))
        self.good = f"SELECT * EXCLUDE (_own, _codes, _details, _bad) FROM ({everything}) WHERE NOT _bad"
        if self.key:
            self._repeated(connection, faults)
        if faults.count and faults.reject is None:
            return
        self._count(connection, f"SELECT *, false AS _bad FROM ({self.good})")
        self.read = self.count + bad + self.repeated + torn

    def _count(self, connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
        """Count rows and what is filled in; return whether all rows are right."""
        key = f"({', '.join(self.key)})" if len(self.key) > 1 else "".join(self.key)
        twice = f"count({self.key[0]}) - count(DISTINCT {key})" if self.key else "0"
        filled = ", ".join(f'count("{column.name}")' for column in self.columns)
        sql = f"SELECT count(*), count(*) FILTER (_bad), {twice}, {filled} FROM ({relation})"
        try:
            rows, bad, repeated, *counts = connection.execute(sql).fetchall()[0]
        except _NOT_OF_ROWS:
            raise
        except duckdb.Error:
            if not any(source.form == "csv" for source in self.sources):
                self._broken(connection)
            return False
        self.count = rows
        self.filled = {column.name: count for column, count in zip(self.columns, counts, strict=True)}
        return not bad and not repeated

    def _broken(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Name the sources whose rows cannot be read. What DuckDB says of them may quote a value, so nobody sees it."""
        found = []
        for source in self.sources:
            relations = [(source, source.slow())] if source.cleaned else quick([source])
            sql = self._sql(relations, slow=source.cleaned is not None)
            try:
                connection.execute(f"SELECT max(CAST(COLUMNS(*) AS VARCHAR)) FROM ({sql})").fetchall()
            except _NOT_OF_ROWS:
                raise
            except duckdb.Error:
                found.append(source.fault(0, "", "a file that can be read to its end, with text in UTF-8"))
        raise InputFaults(found or [source.fault(0, "", "rows that can be read") for source in self.sources]) from None

    def _repeated(self, connection: duckdb.DuckDBPyConnection, faults: Collector) -> None:
        """Of rows with one key the first stands; tell the others and leave them out."""
        key = ", ".join(self.key)
        differs = f"{self.same} IS DISTINCT FROM first_value({self.same}) OVER w" if self.same else "false"
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE _rf_repeated_{self.key[0]} AS
            SELECT _file, _row, differs FROM (
                SELECT _file, _row, {differs} AS differs, row_number() OVER w AS number FROM ({self.good})
                WINDOW w AS (PARTITION BY {key} ORDER BY _file, _row)
            ) WHERE number > 1
        """)
        name = " and ".join(self.key)
        found = connection.execute(f"SELECT * FROM _rf_repeated_{self.key[0]} ORDER BY _file, _row").fetchall()
        for number, row, other in found:
            said = f"each {name} only once" + (f", and with one {self.same}" if other else "")
            faults.add(self.sources[number].fault(row, name, said))
        self.repeated = len(found)
        self.good = f"SELECT * FROM ({self.good}) ANTI JOIN _rf_repeated_{self.key[0]} USING (_file, _row)"


def _failing(tests: Sequence[tuple[str, int]], slow: bool) -> str:
    """Whether any of the tests is true, as SQL; the slow way a list of the numbers of those that are."""
    if slow:
        arms = ", ".join(f"CASE WHEN {sql} THEN {number} END" for sql, number in tests)
        return f"list_filter(CAST([{arms}] AS INTEGER[]), lambda code: code IS NOT NULL)"
    return f"CASE {' '.join(f'WHEN {sql} THEN true' for sql, _ in tests)} ELSE false END" if tests else "false"
