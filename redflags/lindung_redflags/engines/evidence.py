"""The payments that hits rest on, each named once in a row of hits, so that a busy account does not name millions.

A hit at second t rests on the payments that count in [t - w, t], w the longest window of its indicator; of the same
other side where the indicator only looks at pairs. The first hit of a row names all of them. A later one names those
that came since the hit before it, as far as they lie in its window; of hits of one second the first one names. A row
ends when the next hit is more than 30 days away. All hits of a row are in one episode, so that together the hits of an
alert name every payment that one of them rests on.
"""

from __future__ import annotations

import duckdb

from lindung_redflags.alerts import TOGETHER
from lindung_redflags.catalogue.model import Indicator


def start(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `evidence`, empty."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE evidence (a INTEGER, n BIGINT, indicator VARCHAR, tx_ids VARCHAR[])"
    )


def reach(one: Indicator) -> int:
    """Seconds of the longest window of an indicator."""
    return max(test.window for test in one.tests)


def pairs_only(one: Indicator) -> bool:
    """Whether an indicator looks only at the payments with the same other side."""
    return all(test.entity == "pair" for test in one.tests)


def naming(one: Indicator, hits: str) -> str:
    """SQL of the hits that name payments: a, other, n, t, `past` the second of the hit before, NULL at the beginning
    of a row, `low` the first second that is named, `ago` the second of the last hit of the row before.

    `hits`: a relation with a, other, n and t of the hits of this indicator.
    """
    who = "a, other" if pairs_only(one) else "a"
    other = "other" if pairs_only(one) else "NULL"
    return f"""
        SELECT a, other, n, t, CASE WHEN t - before <= {TOGETHER} THEN before END AS past,
            CASE WHEN t - before > {TOGETHER} THEN before END AS ago,
            CASE WHEN t - before <= {TOGETHER} AND before >= t - {reach(one)} THEN before + 1
                ELSE t - {reach(one)} END AS low
        FROM (
            SELECT *, lag(t) OVER (PARTITION BY {who} ORDER BY t) AS before
            FROM (SELECT a, {other} AS other, t, min(n) AS n FROM ({hits}) GROUP BY ALL)
        )
    """


def keep(connection: duckdb.DuckDBPyConnection, one: Indicator, hits: str, counted: str) -> None:
    """Add a row (a, n, indicator, tx_ids) to the table `evidence` for each hit; tx_ids may be empty.

    `hits`: as above; `counted`: a relation with a, other, n and t of the payments that count. Needs `tx`.
    """
    same = " AND c.other = k.other" if pairs_only(one) else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE naming AS {naming(one, hits)}")
    connection.execute(f"""
        INSERT INTO evidence
        WITH named AS (
            SELECT k.a, k.n, c.n AS m FROM ({counted}) c ASOF JOIN naming k ON c.a = k.a{same} AND c.t <= k.t
            WHERE c.t >= k.low
            UNION ALL
            SELECT k.a, k.n, c.n FROM ({counted}) c JOIN (FROM naming WHERE ago >= low) k
                ON c.a = k.a{same} AND c.t BETWEEN k.low AND k.ago
        ), lists AS (SELECT d.a, d.n, list(x.tx_id ORDER BY x.n) AS tx_ids FROM named d JOIN tx x ON x.n = d.m
            GROUP BY d.a, d.n)
        SELECT h.a, h.n, '{one.id}', coalesce(l.tx_ids, []) FROM ({hits}) h LEFT JOIN lists l USING (a, n)
    """)
    connection.execute("DROP TABLE naming")
