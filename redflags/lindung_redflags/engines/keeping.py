"""From the payments at which indicators of a pass hold to hits with their evidence: the same for both engines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import duckdb

from lindung_redflags.catalogue.model import Indicator, Test
from lindung_redflags.engines import evidence
from lindung_redflags.engines.conditions_sql import DUCKDB
from lindung_redflags.reference import Hit, often


def keep(
    connection: duckdb.DuckDBPyConnection, group: Sequence[Indicator], tests: Sequence[Test], counted: str
) -> None:
    """Put the hits of a pass, and what they rest on, into the tables `hit` and `evidence`.

    Needs the table `taken` with a, other, n and t of a payment; for each indicator of the group whether it holds (h0,
    h1 ...); for each test numerator and denominator (over0, under0 ...). `counted`: a relation with a, other, n and t
    of the payments that count, of the subjects with hits at least.
    """
    for number, one in enumerate(group):
        held = f"SELECT a, other, n, t FROM taken WHERE h{number}"
        if one.repeated:
            held += f" AND n IN ({_often(connection, one, held)})"
        places = [tests.index(test) for test in one.tests]
        over, under = (", ".join(f"{name}{place}" for place in places) for name in ("over", "under"))
        connection.execute(f"""
            INSERT INTO hit SELECT a, n, {DUCKDB.text(one.id)}, t + {one.then_silent}, [{over}], [{under}]
            FROM taken SEMI JOIN ({held}) h USING (n)
        """)
        evidence.keep(connection, one, held, counted)
    connection.execute("DROP TABLE IF EXISTS often")


def _often(connection: duckdb.DuckDBPyConnection, one: Indicator, held: str) -> str:
    """The numbers of the payments at which `repeated` holds, as a query."""
    rows = connection.execute(f"SELECT a, t, n FROM ({held}) ORDER BY a, t, n").fetchall()
    kept = [
        hit.n
        for _, mine in groupby(rows, key=lambda row: row[0])
        for hit in often([Hit(a, one.id, t, n) for a, t, n in mine], one)
    ]
    connection.execute("CREATE OR REPLACE TEMP TABLE often AS SELECT unnest(?::BIGINT[]) AS n", [kept])
    return "SELECT n FROM often"
