"""What people decided about suspects that are held back beside signs of a possible victim.

The file is the institution's own record, with one row for each decision: account_id, class (payer or payee), from and
until (days in UTC, both included), decided_by (a role or a staff id), decided_on, reason. A decision releases the
episodes of that account and class that lie wholly in its days. It says nothing about possible victims.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.reading.checking import Cross, Rows
from lindung_redflags.reading.faults import Collector
from lindung_redflags.reading.kinds import Column, choice, day, words
from lindung_redflags.reading.sources import find

DAY = 86400
_SUSPECTS = ("payer", "payee")
_COLUMNS = (
    Column("account_id", words(required=True), True),
    Column("class", choice(_SUSPECTS, "payer or payee, of which something is held back", required=True), True),
    Column("from", day(required=True), True),
    Column("until", day(required=True, future=False), True),
    Column("decided_by", words(required=True), True),
    Column("decided_on", day(required=True), True),
    Column("reason", words(required=True), True),
)
_CROSSES = (
    Cross("until", '"until" < "from"', "a day not before from"),
    Cross("decided_on", 'decided_on < "from"', "a day not before from: nobody decides about what has not begun"),
)
_TABLE = "CREATE OR REPLACE TEMP TABLE decision AS "
_SHAPE = 'account_id VARCHAR, "class" VARCHAR, "from" INTEGER, "until" INTEGER'


@dataclass(frozen=True)
class Decisions:
    """What was read. `rows`: how many decisions; `sha256`: of the files that they stand in."""

    rows: int = 0
    sha256: tuple[str, ...] = ()


def read(connection: duckdb.DuckDBPyConnection, given: str | None, now: int | None = None) -> Decisions:
    """Make the table `decision(account_id, class, from, until)`, with days since 1970-01-01; empty without a file.

    Raises BadInput where a row is wrong: none is left out. `now`: UTC seconds, by which the future is told.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE decision ({_SHAPE})")
    if given is None:
        return Decisions()
    sources = find(connection, given)
    rows = Rows(sources, _COLUMNS, int(time.time()) if now is None else now, crosses=_CROSSES)
    faults = Collector(None)
    with tempfile.TemporaryDirectory(prefix="redflags-") as folder:
        rows.check(connection, faults, Path(folder))
        faults.check()
        connection.execute(_TABLE + f'SELECT account_id, "class", "from", "until" FROM ({rows.good})')
    return Decisions(rows.count, tuple(source.sha256 for source in sources))


def keep(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the table `decision` to a file."""
    connection.execute(f"COPY decision TO {text(path)} (FORMAT parquet)")


def kept(connection: duckdb.DuckDBPyConnection, path: Path, table: str = "decision") -> None:
    """Make the table from what `keep` wrote."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM read_parquet({text(path)})")


def spans(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, str], Sequence[tuple[int, int]]]:
    """What `alerts.episodes` asks for, from `decision` and `acc`."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    rows = connection.execute(f"""
        SELECT c.a, d."class", d."from" * {DAY}::BIGINT, d."until" * {DAY}::BIGINT + {DAY - 1}
        FROM decision d JOIN acc c USING (account_id) ORDER BY ALL
    """).fetchall()
    for a, subject, begin, end in rows:
        found.setdefault((a, subject), []).append((begin, end))
    return dict(found)


def figures(connection: duckdb.DuckDBPyConnection, decisions: Decisions) -> Mapping[str, Any]:
    """What summary.json says about them, from `decision` and `episode_rows`.

    `released`: alerts that are raised because of a decision; `outgrown`: decisions about an episode that is held back
    again, because it reaches beyond their days; `matched_nothing`: decisions about nothing that is held back.
    """
    begin, end = f'd."from" * {DAY}::BIGINT', f'd."until" * {DAY}::BIGINT + {DAY - 1}'
    mine = 'e.account_id = d.account_id AND e."class" = d."class"'
    released, outgrown, nothing = connection.execute(f"""
        WITH told AS (
            SELECT
                EXISTS (FROM episode_rows e WHERE {mine} AND e.released AND e.first_ts >= {begin}
                    AND e.last_ts <= {end}) AS used,
                EXISTS (FROM episode_rows e WHERE {mine} AND e.held_back AND e.first_ts <= {end}
                    AND e.last_ts >= {begin}) AS touched
            FROM decision d
        )
        SELECT (SELECT count(*) FROM episode_rows WHERE released AND alert_id IS NOT NULL),
            count(*) FILTER (NOT used AND touched), count(*) FILTER (NOT used AND NOT touched) FROM told
    """).fetchall()[0]
    return {
        "given": decisions.rows,
        "released": released,
        "outgrown": outgrown,
        "matched_nothing": nothing,
        "sha256": list(decisions.sha256),
    }
