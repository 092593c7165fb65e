"""Hits as a table: most of them never come near an alert, so they stay with DuckDB, and Python sees the others.

`hit(a, n, indicator, at, over, under)`: for each test of the indicator a numerator and a denominator; NULL, or a
denominator of 0, where a value cannot be told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

import duckdb

from lindung_redflags.alerts import TOGETHER, VICTIM
from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.engines.conditions_sql import DUCKDB
from lindung_redflags.reference import Hit

_AT_ONCE = 100_000


def start(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `hit`, empty."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE hit
            (a INTEGER, n BIGINT, indicator VARCHAR, "at" BIGINT, "over" HUGEINT[], under HUGEINT[])
    """)


def put(connection: duckdb.DuckDBPyConnection, hits: Sequence[Hit]) -> None:
    """Make the table `hit` from a list."""
    start(connection)
    for begin in range(0, len(hits), _AT_ONCE):
        some = hits[begin : begin + _AT_ONCE]
        connection.execute(
            """
            INSERT INTO hit SELECT unnest(?::INTEGER[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[]),
                unnest(?::BIGINT[]), unnest(?::HUGEINT[][]), unnest(?::HUGEINT[][])
            """,
            [
                [hit.a for hit in some],
                [hit.n for hit in some],
                [hit.indicator for hit in some],
                [hit.at for hit in some],
                [[value.numerator for value in hit.observed] for hit in some],
                [[value.denominator for value in hit.observed] for hit in some],
            ],
        )


def fetch(connection: duckdb.DuckDBPyConnection, relation: str = "hit") -> list[Hit]:
    """The hits of a relation with the columns of `hit`, sorted."""
    asked = connection.execute(
        f'SELECT a, indicator, "at", n, "over", under FROM {relation} ORDER BY a, indicator, "at", n'
    )
    found: list[Hit] = []
    while rows := asked.fetchmany(_AT_ONCE):
        found += [
            Hit(a, indicator, at, n, tuple(map(_fraction, over, under))) for a, indicator, at, n, over, under in rows
        ]
    return found


@lru_cache(maxsize=1 << 16)
def _fraction(over: int | None, under: int | None) -> Fraction:
    return Fraction(over, under) if over is not None and under else Fraction(0)


def episodes(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, threshold: int) -> list[Hit]:
    """Make the table `episode(a, class, first_ts, last_ts, score, reached)` of all episodes, as alerts.episodes says;
    return the hits of those whose score reaches the threshold, and of possible victims' that may hold one of them back.
    """
    kinds(connection, catalogue)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE episode AS
        WITH steps AS (
            SELECT h.a, k.class, k.kind_group, k.weight, k.main, h."at",
                coalesce(h."at" - lag(h."at") OVER who > {TOGETHER}, true) AS opens
            FROM hit h JOIN hit_kind k USING (indicator) WINDOW who AS (PARTITION BY h.a, k.class ORDER BY h."at")
        ), numbered AS (
            SELECT *, count(*) FILTER (WHERE opens) OVER (
                PARTITION BY a, class ORDER BY "at" RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS e FROM steps
        ), best AS (
            SELECT a, class, e, kind_group, max(weight) AS weight, bool_or(main) AS main,
                min("at") AS first_ts, max("at") AS last_ts FROM numbered GROUP BY ALL
        ), scored AS (
            SELECT a, class, min(first_ts) AS first_ts, max(last_ts) AS last_ts,
                CAST(CASE WHEN bool_or(main) THEN sum(weight) ELSE 0 END AS INTEGER) AS score
            FROM best GROUP BY a, class, e
        )
        SELECT *, score >= {int(threshold)} AS reached FROM scored
    """)
    return fetch(
        connection,
        f"""(
            SELECT h.* FROM hit h JOIN hit_kind k USING (indicator)
            JOIN (
                FROM episode WHERE reached OR (
                    class = '{VICTIM}' AND score > 0
                    AND a IN (SELECT a FROM episode WHERE reached AND class <> '{VICTIM}')
                )
            ) e
                ON e.a = h.a AND e.class = k.class AND h."at" BETWEEN e.first_ts AND e.last_ts
        )""",
    )


def kinds(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Make the table `hit_kind` of what alerts look at in each indicator, with the limits of its tests."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE hit_kind
            (indicator VARCHAR, class VARCHAR, kind_group VARCHAR, weight INTEGER, main BOOLEAN, threshold VARCHAR)
    """)
    rows: Iterable[str] = (
        f"({DUCKDB.text(one.id)}, {DUCKDB.text(one.subject)}, {DUCKDB.text(one.group)}, {one.weight}, "
        f"{one.kind == 'primary'}, {DUCKDB.text(thresholds(one))})"
        for one in catalogue
    )
    if values := ", ".join(rows):
        connection.execute(f"INSERT INTO hit_kind VALUES {values}")


def thresholds(one: Indicator) -> str:
    """What the tests of an indicator ask for, as a list of JSON."""
    return json.dumps([f"{test.feature} {test.op} {test.value}" for test in one.tests])
