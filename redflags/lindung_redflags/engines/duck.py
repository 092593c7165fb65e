"""The catalogue on DuckDB: indicators that count the same payments share one pass over them.

Every feature is a sliding frame RANGE BETWEEN w PRECEDING AND CURRENT ROW over whole seconds, so that payments of one
second agree whatever their order. Before a pass, subjects that cannot reach a threshold are left out: those without
enough payments in any window, or with too little in all their payments together. The payments of a very busy subject
are cut into parts of time; each part takes the payments of the longest window before it along, so that no frame sees
less and none has to be held whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby

import duckdb

from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.engines import evidence, found, keeping, legs, lowering, pruning
from lindung_redflags.engines.conditions_sql import DUCKDB, Writer
from lindung_redflags.engines.legs import Legs
from lindung_redflags.engines.pruning import Hope
from lindung_redflags.reference import Hit

HOT = 200_000
"""Payments of one account from which they are cut into parts."""

_FRAMES = {
    "payments": "count(*)",
    "total": "sum(idr)",
    "parties": "count(DISTINCT other)",
    "countries": "count(DISTINCT other_country)",
    "amounts": "count(DISTINCT CAST(amount AS HUGEINT) * 65536 + cur)",
    "channels": "count(DISTINCT channel)",
}


def hits(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    grids: Mapping[str, int],
    indicators: Iterable[Indicator] | None = None,
    prune: bool = True,
    told: Callable[[str], None] = lambda name: None,
    hot: int = HOT,
) -> list[Hit]:
    """All hits over the tables `acc` and `tx`, sorted. `indicators`: only these; `prune`: leave hopeless subjects out.

    Leaves the table `evidence(a, n, indicator, tx_ids)` with a row for each hit: see the module of that name. `told`:
    is called with the ids of the indicators of each pass before it begins. `hot`: payments of an account from which
    they are cut into parts.
    """
    find(connection, catalogue, grids, indicators, prune, told, hot)
    return found.fetch(connection)


def find(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    grids: Mapping[str, int],
    indicators: Iterable[Indicator] | None = None,
    prune: bool = True,
    told: Callable[[str], None] = lambda name: None,
    hot: int = HOT,
) -> None:
    """As `hits`, but the hits stay in the table `hit`: see the module `found`."""
    found.start(connection)
    evidence.start(connection)
    wanted = [one for one in (catalogue if indicators is None else indicators) if one.computed]
    last = connection.execute("SELECT coalesce(max(t), 0) FROM tx").fetchall()[0][0]
    legs.drop(connection)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE busy AS SELECT a FROM (
            SELECT p AS a, count(*) AS c FROM tx GROUP BY p UNION ALL SELECT q, count(*) FROM tx GROUP BY q
        ) GROUP BY a HAVING sum(c) > {hot}
    """)
    for at in ("in", "out"):
        here = sorted((one for one in wanted if one.at == at), key=lambda one: (*_together(one), one.id))
        if not here:
            continue
        told("payments of each payee" if at == "in" else "payments of each payer")
        made = legs.make(connection, Writer(grids, catalogue.lists), at, here)
        for _, group in groupby(here, key=_together):
            together = list(group)
            told(", ".join(one.id for one in together))
            _Pass(connection, made, together, at, last).run(prune)
    legs.drop(connection)
    connection.execute("DROP TABLE busy")


def _together(one: Indicator) -> tuple[str, bool, bool, bool]:
    """Indicators that agree in this share a pass."""
    features = {test.feature for test in one.tests}
    return repr(one.payments), evidence.pairs_only(one), "passed_on" in features, "declined" in features


class _Pass:
    """One walk over the payments that count for all indicators of a group."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        made: Legs,
        group: Sequence[Indicator],
        at: str,
        last: int,
    ) -> None:
        self.connection, self.legs, self.group, self.at, self.last = connection, made, group, at, last
        self.tests = list(dict.fromkeys(test for one in group for test in one.tests))
        self.keys = "a, other" if evidence.pairs_only(group[0]) else "a"
        self.counts = made.counts[group[0].payments]

    def run(self, prune: bool) -> None:
        """Put the hits and their evidence into the tables of these names."""
        sql, features = self.connection.execute, {test.feature for test in self.tests}
        if "declined" in features:
            self._declined()
        hoping = [self._hope(one) for one in self.group] if prune else []
        hopes = [hope for hope in hoping if hope is not None]
        kept = ""
        if hopes and len(hopes) == len(self.group):
            hopeful = pruning.candidates(self._hopeful_rows(features), self.keys, hopes)
            kept = f" SEMI JOIN ({hopeful}) USING ({self.keys})"
        sql(f"CREATE OR REPLACE TEMP TABLE counted AS SELECT * FROM leg{kept} WHERE {self.counts}")
        if sql("SELECT count(*) FROM counted").fetchall()[0][0] == 0:
            sql("DROP TABLE counted")
            return
        if "passed_on" in features:
            self._flows()
        self._take()
        keeping.keep(self.connection, self.group, self.tests, "SELECT a, other, n, t FROM counted")
        for table in ("counted", "taken", "flows", "refused"):
            sql(f"DROP TABLE IF EXISTS {table}")

    def _hope(self, one: Indicator) -> Hope | None:
        """What an indicator needs; None: nothing can be said."""
        found = pruning.hope(one, lambda test: self.legs.meant[test.of])
        if not any(test.feature == "declined" and _at_least_one(test) for test in one.needed):
            return found
        return Hope((*(found.over_all if found else ()), "bool_or(tried)"), found.close if found else ())

    def _hopeful_rows(self, features: set[str]) -> str:
        """The payments that count, as a relation; `tried`: the same payment was declined before or after."""
        if "declined" not in features:
            return f"(FROM leg WHERE {self.counts})"
        return f"""(
            SELECT leg.*, refused.n IS NOT NULL AS tried FROM leg LEFT JOIN refused ON refused.n = leg.n
            WHERE {self.counts}
        )"""

    def _take(self) -> None:
        """Make the table `taken`: the payments at which an indicator of the group holds, with all values."""
        columns = {test: self._columns(test) for test in self.tests}
        frames = {sql: f"v{k}" for k, sql in enumerate(dict.fromkeys(sql for both in columns.values() for sql in both))}
        selected = ", ".join(f"{sql} AS {name}" for sql, name in frames.items())
        names = {test: (frames[over], frames[under]) for test, (over, under) in columns.items()}
        features = {test.feature for test in self.tests}
        gaps = "".join(
            f", t - lag(t) OVER (PARTITION BY {keys} ORDER BY t, n) AS gap_{entity}"
            for entity, keys in (("account", "a"), ("pair", "a, other"))
            if any(test.feature in {"median_gap", "rising_pace"} and test.entity == entity for test in self.tests)
        )
        rows, part = self._split(f"SELECT *{gaps} FROM counted", max(test.window for test in self.tests))
        windows = sorted({window for test in self.tests for window in _windows(test, part)})
        named = " WINDOW " + ", ".join(f"{name} AS ({frame})" for name, frame in windows) if windows else ""
        beside = "".join(
            f" LEFT JOIN {table} USING (n)"
            for table, feature in (("flows", "passed_on"), ("refused", "declined"))
            if feature in features
        )
        held = {one.id: lowering.held(one, names, self.last, DUCKDB) for one in self.group}
        mine = " AND mine" if part else ""
        self.connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE taken AS
            SELECT a, n, t, {", ".join(f"{sql} AS h{k}" for k, sql in enumerate(held.values()))},
                {", ".join(f"{o} AS over{k}, {u} AS under{k}" for k, (o, u) in enumerate(names.values()))}, other
            FROM (
                SELECT a, n, t, other, pair_after, {"mine, " if part else ""}{selected}
                FROM ({rows}) x{beside}{named}
            ) WHERE ({" OR ".join(held.values())}){mine}
        """)

    def _split(self, rows: str, window: int) -> tuple[str, str]:
        """The rows, and the further column of their partitions: those of busy subjects cut into parts of time.

        A part is as long as the longest window, and takes the one before it along (`mine` is false there).
        """
        if not self.connection.execute("SELECT count(*) FROM busy SEMI JOIN counted USING (a)").fetchall()[0][0]:
            return rows, ""
        size = max(window, 1)
        return (
            f"""
            WITH rows_of AS MATERIALIZED ({rows})
            SELECT *, 0 AS part, true AS mine FROM rows_of ANTI JOIN busy USING (a)
            UNION ALL SELECT *, t // {size}, true FROM rows_of SEMI JOIN busy USING (a)
            UNION ALL SELECT *, t // {size} + 1, false FROM rows_of SEMI JOIN busy USING (a)
        """,
            ", part",
        )

    def _columns(self, test: Test) -> tuple[str, str]:
        """Numerator and denominator of a feature."""
        over = f"OVER {_name(test)}"
        if test.feature in _FRAMES:
            return f"{_FRAMES[test.feature]} {over}", "1"
        if test.feature == "same_amount":
            return f"count(*) {over}", "1"
        if test.feature == "share":
            return _how_many(self.legs.meant[test.of], over), f"count(*) {over}"
        if test.feature == "median_amount":
            within = f"idr {test.op} {lowering.whole(test)}"
            return _how_many(within, over), f"count(*) {over}"
        if test.feature == "median_gap":
            gap = f"gap_{test.entity}"
            within = f"{gap} {test.op} {lowering.whole(test)}"
            return _how_many(within, over), f"nullif(count({gap}) {over}, 0)"
        if test.feature.startswith("rising_"):
            return lowering.rising(test, DUCKDB), "1"
        if test.feature == "passed_on":
            key = f"{test.window}_{test.within}"
            return f"flows.out_{key}", f"nullif(flows.in_{key}, 0)"
        return f"coalesce(refused.d_{test.window}, 0)", "1"

    def _flows(self) -> None:
        """What came in and what left, at each payment that counts."""
        pairs = sorted({(test.window, test.within) for test in self.tests if test.feature == "passed_on"})
        way = 1 if self.at == "in" else 2
        rows, part = self._split(
            """
            SELECT q AS a, n, t, CASE WHEN ph <> qh THEN idr ELSE 0 END AS came, 0 AS gone, 1 AS way FROM tx
            WHERE status = 'completed' AND q IN (SELECT a FROM counted)
            UNION ALL
            SELECT p, n, t, 0, idr, 2 FROM tx WHERE status = 'completed' AND p IN (SELECT a FROM counted)
            """,
            max(max(pair) for pair in pairs),
        )
        columns = ", ".join(
            f"sum(came) OVER (PARTITION BY a{part} {_until_now(window)}) AS in_{window}_{within}, "
            f"sum(gone) OVER (PARTITION BY a{part} {_until_now(within)}) AS out_{window}_{within}"
            for window, within in pairs
        )
        mine = " AND mine" if part else ""
        self.connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE flows AS
            SELECT * EXCLUDE (way{", mine" if part else ""}) FROM (
                SELECT n, way, {"mine, " if part else ""}{columns} FROM ({rows})
            ) WHERE way = {way}{mine}
        """)

    def _declined(self) -> None:
        """How often the same payment was declined, for pairs in which one was."""
        columns = ", ".join(
            f"count(*) FILTER (WHERE status = 'declined')"
            f" OVER (PARTITION BY p, q, amount, cur {_until_now(window)}) AS d_{window}"
            for window in sorted({test.window for test in self.tests if test.feature == "declined"})
        )
        self.connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE refused AS
            SELECT n, {columns} FROM tx
            SEMI JOIN (SELECT p, q, amount, cur FROM tx WHERE status = 'declined') d USING (p, q, amount, cur)
        """)


def _how_many(wanted: str, over: str) -> str:
    """How many rows of a frame are meant; a sum is twice as quick as a count with a filter."""
    return f"sum(CASE WHEN {wanted} THEN 1 ELSE 0 END) {over}"


def _at_least_one(test: Test) -> bool:
    return (test.op in {">=", "=="} and test.fraction >= 1) or (test.op == ">" and test.fraction >= 0)


def _windows(test: Test, part: str) -> list[tuple[str, str]]:
    entity = ("a" if test.entity == "account" else "a, other") + part
    if test.feature == "same_amount":
        entity += ", cur, amount"
    if test.feature in {"passed_on", "declined"}:
        return []
    if test.feature.startswith("rising_"):
        return [(f"r_{test.entity}", f"PARTITION BY {entity} ORDER BY t, n")]
    return [(_name(test), f"PARTITION BY {entity} {_until_now(test.window)}")]


def _until_now(window: int) -> str:
    return f"ORDER BY t RANGE BETWEEN {window} PRECEDING AND CURRENT ROW"


def _name(test: Test) -> str:
    of = "_same" if test.feature == "same_amount" else ""
    return f"w_{test.entity}{of}_{test.window}"


__all__ = ["HOT", "Conditions", "hits"]
