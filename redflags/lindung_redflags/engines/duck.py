"""The catalogue on DuckDB: indicators that count the same payments share one pass over them.

Every feature is a sliding frame RANGE BETWEEN w PRECEDING AND CURRENT ROW over whole seconds, so that payments of one
second agree whatever their order. Before a pass, subjects that cannot reach a threshold with all their payments
together are left out: a number over a window is never larger than over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

import duckdb

from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.engines import lowering
from lindung_redflags.engines.conditions_sql import DUCKDB, Writer
from lindung_redflags.reference import NEW_PAIR, Hit
from lindung_redflags.rows import EXCLUDED


def hits(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    grids: Mapping[str, int],
    indicators: Iterable[Indicator] | None = None,
    prune: bool = True,
    told: Callable[[str], None] = lambda name: None,
) -> list[Hit]:
    """All hits over the tables `acc` and `tx`, sorted. `indicators`: only these; `prune`: leave hopeless subjects out.

    Leaves the table `evidence(a, n, indicator, tx_ids)`: for each hit the payments that it was taken over. `told`: is
    called with the ids of the indicators of each pass before it begins.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE evidence (a INTEGER, n BIGINT, indicator VARCHAR, tx_ids VARCHAR[])"
    )
    wanted = [one for one in (catalogue if indicators is None else indicators) if one.computed]
    found: list[Hit] = []
    for at in ("in", "out"):
        here = sorted((one for one in wanted if one.at == at), key=lambda one: (repr(one.payments), one.id))
        if not here:
            continue
        writer = Writer(grids, catalogue.lists)
        _legs(connection, at, any(lowering.speaks_of(one, "shared_device") for one in here))
        for _, group in groupby(here, key=lambda one: one.payments):
            together = list(group)
            told(", ".join(one.id for one in together))
            found += _pass(connection, writer, together, prune)
    connection.execute("DROP TABLE IF EXISTS leg")
    return sorted(found)


def _legs(connection: duckdb.DuckDBPyConnection, at: str, devices: bool) -> None:
    """The completed payments of subjects in one direction, with what only all payments together can say."""
    me, other, holder, country = ("q", "p", "ph", "pc") if at == "in" else ("p", "q", "qh", "qc")
    device = (
        "CASE WHEN device IS NOT NULL THEN count(DISTINCT q) OVER"
        " (PARTITION BY device ORDER BY t RANGE UNBOUNDED PRECEDING) END"
        if devices
        else "CAST(NULL AS BIGINT)"
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE leg AS
        WITH pairs AS (
            SELECT *, ph = qh AS own, {device} AS on_device,
                lag(t) OVER pair AS pair_before, lead(t) OVER pair AS pair_after
            FROM tx WHERE status = 'completed' WINDOW pair AS (PARTITION BY p, q ORDER BY t, n)
        )
        SELECT x.*, {me} AS a, {other} AS other_a, {holder} AS other, {country} AS other_country,
            coalesce(t - pair_before > {NEW_PAIR}, true) AS new_pair,
            max(CASE WHEN NOT own THEN t END) OVER (
                PARTITION BY {me} ORDER BY t, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS before
        FROM pairs x JOIN acc s ON s.a = x.{me}
        WHERE s.listed AND s.customer AND coalesce(s.kind NOT IN {DUCKDB.listed(EXCLUDED)}, true)
    """)


def _pass(connection: duckdb.DuckDBPyConnection, writer: Writer, group: list[Indicator], prune: bool) -> list[Hit]:
    """One walk over the payments that count for all indicators of the group."""
    tests = list(dict.fromkeys(test for one in group for test in one.tests))
    flags = {test: writer.these(test.of) for test in tests if test.feature == "share"}
    shares = "".join(f", {held} AS f{number}" for number, held in enumerate(flags.values()))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE counted AS
        SELECT x.*{shares} FROM leg x JOIN acc s ON s.a = x.a JOIN acc o ON o.a = x.other_a
        WHERE {writer.all_of(group[0].payments)}
    """)
    if prune:
        hopeful = " OR ".join(f"({lowering.hope(one)})" for one in group)
        connection.execute(f"DELETE FROM counted WHERE a NOT IN (SELECT a FROM counted GROUP BY a HAVING {hopeful})")
    if "passed_on" in {test.feature for test in tests}:
        _flows(connection, tests)
    if "declined" in {test.feature for test in tests}:
        _declined(connection, tests)
    columns = {test: _columns(test, list(flags).index(test) if test in flags else 0) for test in tests}
    names = {test: (f"over{number}", f"under{number}") for number, test in enumerate(tests)}
    selected = ", ".join(
        f"{columns[test][0]} AS {names[test][0]}, {columns[test][1]} AS {names[test][1]}" for test in tests
    )
    windows = ", ".join(f"{name} AS ({frame})" for name, frame in sorted({w for test in tests for w in _windows(test)}))
    last = connection.execute("SELECT max(t) FROM tx").fetchall()[0][0] or 0
    held = {one.id: lowering.held(one, names, last, DUCKDB) for one in group}
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE taken AS
        WITH gaps AS (
            SELECT *, t - lag(t) OVER (PARTITION BY a ORDER BY t, n) AS gap_account,
                t - lag(t) OVER (PARTITION BY a, other ORDER BY t, n) AS gap_pair
            FROM counted
        ), taken AS (SELECT a, n, t, other, pair_after, {selected} FROM gaps x{" WINDOW " + windows if windows else ""})
        SELECT a, n, t, {", ".join(f"{sql} AS h{k}" for k, sql in enumerate(held.values()))},
            {", ".join(f"{o}, {u}" for o, u in names.values())}, other
        FROM taken WHERE {" OR ".join(held.values())}
    """)
    rows = connection.execute("SELECT * FROM taken").fetchall()
    for number, one in enumerate(group):
        _keep_evidence(connection, number, one)
    connection.execute("DROP TABLE counted")
    connection.execute("DROP TABLE taken")
    return lowering.hits_of(rows, group, tests)


def _keep_evidence(connection: duckdb.DuckDBPyConnection, number: int, one: Indicator) -> None:
    """The payments of the longest window before each hit, of the same other side where only that is looked at."""
    window = max(test.window for test in one.tests)
    same = " AND c.other = k.other" if all(test.entity == "pair" for test in one.tests) else ""
    connection.execute(f"""
        INSERT INTO evidence SELECT k.a, k.n, '{one.id}', list(c.tx_id ORDER BY c.n)
        FROM taken k JOIN counted c ON c.a = k.a AND c.t BETWEEN k.t - {window} AND k.t{same}
        WHERE k.h{number} GROUP BY k.a, k.n
    """)


def _windows(test: Test) -> list[tuple[str, str]]:
    entity = "a" if test.entity == "account" else "a, other"
    found = [(_name(test), f"PARTITION BY {entity} {_until_now(test.window)}")]
    if test.feature.startswith("rising_"):
        found = [(f"r_{test.entity}", f"PARTITION BY {entity} ORDER BY t, n")]
    return [] if test.feature in {"passed_on", "declined"} else found


def _until_now(window: int) -> str:
    return f"ORDER BY t RANGE BETWEEN {window} PRECEDING AND CURRENT ROW"


def _name(test: Test) -> str:
    return f"w_{test.entity}_{test.window}"


def _columns(test: Test, flag: int) -> tuple[str, str]:
    """Numerator and denominator of a feature."""
    over = f"OVER {_name(test)}"
    if test.feature in lowering.GROWING:
        return f"{lowering.GROWING[test.feature]} {over}", "1"
    if test.feature == "share":
        return f"count(*) FILTER (WHERE f{flag}) {over}", f"count(*) {over}"
    if test.feature == "median_amount":
        return f"count(*) FILTER (WHERE idr {test.op} {lowering.whole(test)}) {over}", f"count(*) {over}"
    if test.feature == "median_gap":
        gap = f"gap_{test.entity}"
        return (
            f"count(*) FILTER (WHERE {gap} {test.op} {lowering.whole(test)}) {over}",
            f"nullif(count({gap}) {over}, 0)",
        )
    if test.feature.startswith("rising_"):
        return lowering.rising(test, DUCKDB), "1"
    if test.feature == "passed_on":
        key = f"{test.window}_{test.within}"
        return (
            f"(SELECT w.out_{key} FROM flows w WHERE w.n = x.n AND w.a = x.a)",
            f"(SELECT nullif(w.in_{key}, 0) FROM flows w WHERE w.n = x.n AND w.a = x.a)",
        )
    return f"(SELECT w.d_{test.window} FROM refused w WHERE w.n = x.n)", "1"


def _flows(connection: duckdb.DuckDBPyConnection, tests: list[Test]) -> None:
    """What came in and what left, of the subjects that are left, at each of their payments in either direction."""
    pairs = sorted({(test.window, test.within) for test in tests if test.feature == "passed_on"})
    columns = ", ".join(
        f"sum(came) OVER (PARTITION BY a {_until_now(window)}) AS in_{window}_{within}, "
        f"sum(gone) OVER (PARTITION BY a {_until_now(within)}) AS out_{window}_{within}"
        for window, within in pairs
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE flows AS
        WITH moves AS (
            SELECT q AS a, n, t, CASE WHEN ph <> qh THEN idr ELSE 0 END AS came, 0 AS gone, 1 AS way FROM tx
            WHERE status = 'completed' AND q IN (SELECT a FROM counted)
            UNION ALL
            SELECT p, n, t, 0, idr, 2 FROM tx WHERE status = 'completed' AND p IN (SELECT a FROM counted)
        )
        SELECT DISTINCT ON (a, n) a, n, {columns} FROM moves
    """)


def _declined(connection: duckdb.DuckDBPyConnection, tests: list[Test]) -> None:
    columns = ", ".join(
        f"count(*) FILTER (WHERE status = 'declined') OVER (PARTITION BY p, q, amount, cur {_until_now(window)})"
        f" AS d_{window}"
        for window in sorted({test.window for test in tests if test.feature == "declined"})
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE refused AS SELECT n, {columns} FROM tx")


__all__ = ["Conditions", "hits"]
