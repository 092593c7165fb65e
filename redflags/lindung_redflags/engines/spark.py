"""The catalogue on Spark, hit for hit what DuckDB finds: no sliding frame, no distinct window, only running sums.

The normalised tables go to Spark as Parquet, and what it finds comes back the same way, so that reading, alerts and
reasons are shared. Everything about one subject is brought together once for each direction; each pass after that is a
walk without a shuffle.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.engines import evidence, found, keeping, lowering, pruning
from lindung_redflags.engines.conditions_sql import DUCKDB, SAID, SPARK, Writer
from lindung_redflags.engines.spark_session import session
from lindung_redflags.engines.sweep import Sweep
from lindung_redflags.reference import NEW_PAIR, Hit
from lindung_redflags.rows import EXCLUDED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ACCOUNT = {
    "a": "INTEGER", "kind": "VARCHAR", "birth": "INTEGER", "opened": "BIGINT", "offset_s": "INTEGER",
    "country": "VARCHAR", "product": "VARCHAR", "kyc": "VARCHAR", "customer": "BOOLEAN", "listed": "BOOLEAN",
}  # fmt: skip
_PAYMENT = {
    "n": "BIGINT", "tx_id": "VARCHAR", "t": "BIGINT", "amount": "BIGINT", "cur": "VARCHAR", "idr": "BIGINT",
    "p": "INTEGER", "q": "INTEGER", "ph": "INTEGER", "qh": "INTEGER", "pc": "VARCHAR", "qc": "VARCHAR",
    "channel": "VARCHAR", "status": "VARCHAR", "device": "VARCHAR", "mcc": "VARCHAR", "balance": "BIGINT",
    "purpose": "VARCHAR", "dest": "VARCHAR",
}  # fmt: skip
_ALWAYS = ("n", "tx_id", "t", "amount", "cur", "idr", "channel")
"""Columns of a payment that every pass may use."""


def hits(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    grids: Mapping[str, int],
    indicators: Iterable[Indicator] | None = None,
    prune: bool = True,
    told: Callable[[str], None] = lambda name: None,
    *,
    folder: Path | None = None,
    memory: str = "4GB",
) -> list[Hit]:
    """All hits over the tables `acc` and `tx` of the connection, sorted, as `duck.hits`."""
    find(connection, catalogue, grids, indicators, prune, told, folder=folder, memory=memory)
    return found.fetch(connection)


def find(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    grids: Mapping[str, int],
    indicators: Iterable[Indicator] | None = None,
    prune: bool = True,
    told: Callable[[str], None] = lambda name: None,
    *,
    folder: Path | None = None,
    memory: str = "4GB",
) -> None:
    """As `duck.find`: leaves the tables `hit` and `evidence` in the connection.

    `folder`: where tables lie between DuckDB and Spark; on a cluster all its machines must see it. `memory`: of a Spark
    of this machine.
    """
    found.start(connection)
    evidence.start(connection)
    wanted = [one for one in (catalogue if indicators is None else indicators) if one.computed]
    with tempfile.TemporaryDirectory(prefix="spark-", dir=folder) as inside, session(Path(inside), memory) as spark:
        _Scan(connection, spark, Path(inside), Writer(grids, catalogue.lists, SPARK), prune, told).run(wanted)


class _Scan:
    """One scan: the tables in Spark, and the number of files that were written."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spark: SparkSession,
        folder: Path,
        writer: Writer,
        prune: bool,
        told: Callable[[str], None],
    ) -> None:
        self.connection, self.spark, self.folder, self.writer = connection, spark, folder, writer
        self.prune, self.told = prune, told
        self.last, sum_ = connection.execute("SELECT coalesce(max(t), 0), coalesce(sum(idr), 0) FROM tx").fetchall()[0]
        self.money = "BIGINT" if sum_ < 1 << 62 else "DECIMAL(28, 0)"

    def run(self, wanted: list[Indicator]) -> None:
        self._bring("acc", _ACCOUNT)
        self._bring("tx", _PAYMENT, f"{SAID} AS said" if any(lowering.speaks_of(i, "words") for i in wanted) else "")
        moves = self._moves() if any(test.feature == "passed_on" for one in wanted for test in one.tests) else None
        for at in ("in", "out"):
            here = sorted((one for one in wanted if one.at == at), key=lambda one: (*_together(one), one.id))
            if not here:
                continue
            self.told("payments of each payee" if at == "in" else "payments of each payer")
            leg = self._leg(at, here)
            for _, group in groupby(here, key=_together):
                together = list(group)
                self.told(", ".join(one.id for one in together))
                self._pass(together)
            leg.unpersist()
        if moves:
            moves.unpersist()

    def _bring(self, table: str, columns: Mapping[str, str], more: str = "") -> None:
        """A table of DuckDB as a view of Spark."""
        path = self.folder / f"{table}.parquet"
        shown = [f"CAST({name} AS {kind}) AS {name}" for name, kind in columns.items()] + ([more] if more else [])
        self.connection.execute(
            f"COPY (SELECT {', '.join(shown)} FROM {table} x) TO {DUCKDB.text(path)} (FORMAT parquet)"
        )
        self.spark.read.parquet(str(path)).createOrReplaceTempView(table)

    def _view(self, name: str, sql: str, keep: bool = False) -> DataFrame:
        made = self.spark.sql(sql)
        if keep:
            made = made.persist()
        made.createOrReplaceTempView(name)
        return made

    def _gather(self) -> str:
        """The hint that brings all rows of a subject together."""
        return f"/*+ REPARTITION({self.spark.conf.get('spark.sql.shuffle.partitions')}, a) */"

    def _moves(self) -> DataFrame:
        """What came in from others and what left, for each subject."""
        return self._view(
            "all_moves",
            f"""
            SELECT {self._gather()} * FROM (
                SELECT q AS a, t, CASE WHEN ph <> qh THEN idr ELSE 0 END AS came, CAST(0 AS BIGINT) AS gone FROM tx
                WHERE status = 'completed'
                UNION ALL
                SELECT p, t, 0, idr FROM tx WHERE status = 'completed'
            ) WHERE a IN (SELECT a FROM acc WHERE {_SUBJECT})
            """,
            keep=True,
        )

    def _leg(self, at: str, here: list[Indicator]) -> DataFrame:
        """The completed payments of subjects in one direction, with what only all payments together can say."""
        me, other, holder, country, own = ("q", "p", "ph", "pc", "qc") if at == "in" else ("p", "q", "qh", "qc", "pc")
        used = self._used(here)
        columns = [f"x.{name}" for name in {*_PAYMENT, "said"} if name in _ALWAYS or name in used["x"]]
        later = []
        if any(one.then_silent for one in here):
            later.append(f"lead(t) OVER {_PAIR} AS pair_after")
        else:
            later.append("CAST(NULL AS BIGINT) AS pair_after")
        if "new_pair" in used["x"]:
            later.append(f"coalesce(t - lag(t) OVER {_PAIR} > {NEW_PAIR}, true) AS new_pair")
        if "before" in used["x"]:
            later.append(
                "max(CASE WHEN NOT own THEN t END) OVER"
                " (PARTITION BY a ORDER BY t, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
            )
        people = "".join(
            f", struct({', '.join(f'{who}.{name}' for name in sorted(names))}) AS {who}"
            for who in "so"
            if (names := used[who])
        )
        payments = "(SELECT * FROM tx WHERE status = 'completed')"
        if "on_device" in used["x"]:
            columns.append("x.on_device")
            payments = _DEVICES
        joined = f"JOIN acc o ON o.a = x.{other}" if used["o"] else ""
        leg = self._view(
            "leg",
            f"""
            SELECT *, {", ".join(later)} FROM (
                SELECT {self._gather()} {", ".join(columns)}, x.ph = x.qh AS own, x.{me} AS a, x.{other} AS other_a,
                    x.{holder} AS other, x.{country} AS other_country,
                    x.{own} AS own_country{people}
                FROM {payments} x JOIN (SELECT * FROM acc WHERE {_SUBJECT}) s ON s.a = x.{me} {joined}
            )
            """,
            keep=True,
        )
        if any(test.feature == "declined" for one in here for test in one.tests):
            self._view(
                "declines",
                f"SELECT {me} AS a, {other} AS other_a, cur, amount, t FROM tx WHERE status = 'declined'",
            )
        return leg

    def _used(self, here: list[Indicator]) -> dict[str, set[str]]:
        """The columns that conditions speak of: of the payment (x), of the subject (s), of the other account (o)."""
        said = " ".join(
            [self.writer.all_of(one.payments) for one in here]
            + [self.writer.these(test.of) for one in here for test in one.tests]
        )
        found: dict[str, set[str]] = {"x": set(), "s": set(), "o": set()}
        for who, name in re.findall(r"\b([xso])\.(\w+)", said):
            if who == "x" or name in _ACCOUNT:
                found[who].add(name)
        return found

    def _pass(self, group: list[Indicator]) -> None:
        """One walk over the payments that count for all indicators of the group."""
        tests = list(dict.fromkeys(test for one in group for test in one.tests))
        flags = [test for test in tests if test.feature == "share"]
        sweep = Sweep(SPARK, tests, flags, self.last, self.money)
        counted = self._counted(group, flags)
        try:
            if counted.isEmpty():
                return
            if sweep.speaks_of("move"):
                self._view("moves", "SELECT * FROM all_moves WHERE a IN (SELECT a FROM counted)")
            if sweep.speaks_of("declined"):
                self._view("refused", "SELECT * FROM declines WHERE a IN (SELECT a FROM counted)")
            names = {test: (f"over{number}", f"under{number}") for number, test in enumerate(tests)}
            holds = [lowering.held(one, names, self.last, SPARK) for one in group]
            taken = self._write(f"""
                SELECT a, n, t, {", ".join(f"{sql} AS h{number}" for number, sql in enumerate(holds))},
                    {", ".join(f"{over}, {under}" for over, under in names.values())}, other
                FROM ({sweep.query(names)}) WHERE {" OR ".join(holds)}
            """)
            sql = self.connection.execute
            sql(f"CREATE OR REPLACE TEMP TABLE taken AS SELECT * FROM {self._read(taken)}")
            if sql("SELECT count(*) FROM taken").fetchall()[0][0]:
                rested = self._read(self._write("SELECT a, other, n, t FROM counted"))
                keeping.keep(self.connection, group, tests, f"SELECT a, other, n, t FROM {rested}")
            sql("DROP TABLE taken")
        finally:
            counted.unpersist()

    def _counted(self, group: list[Indicator], flags: list[Test]) -> DataFrame:
        """The payments that count, without the subjects for whom none of the indicators can hold."""
        shares = "".join(f", {self.writer.these(test.of)} AS f{number}" for number, test in enumerate(flags))
        columns = ", ".join(f"x.{name}" for name in (*_ALWAYS, "a", "other_a", "other", "other_country", "pair_after"))
        sql = f"SELECT {columns}{shares} FROM leg x WHERE {self.writer.all_of(group[0].payments)}"
        hopes = [
            pruning.hope(one, lambda test: f"f{flags.index(test)}", f"sum(CAST(idr AS {self.money}))") for one in group
        ]
        if self.prune and None not in hopes:
            self._view("candidates", sql)
            keys = "a, other" if evidence.pairs_only(group[0]) else "a"
            hopeful = pruning.candidates("candidates", keys, [hope for hope in hopes if hope is not None])
            sql = f"SELECT c.* FROM candidates c LEFT SEMI JOIN ({hopeful}) k USING ({keys})"
        return self._view("counted", sql, keep=True)

    def _write(self, sql: str) -> str:
        """What a query finds, as a folder of Parquet files; its path."""
        number = sum(1 for _ in self.folder.glob("found-*"))
        path = str(self.folder / f"found-{number}")
        self.spark.sql(sql).write.parquet(path)
        return path

    @staticmethod
    def _read(path: str) -> str:
        """What was written, for DuckDB."""
        return f"read_parquet({DUCKDB.text(path + '/*.parquet')})"


def _together(one: Indicator) -> tuple[str, bool, list[str]]:
    """Indicators that agree in this share a pass: the fewer payments each looks at, the fewer are left."""
    apart = sorted({test.feature for test in one.tests} & {"passed_on", "declined"})
    return repr(one.payments), evidence.pairs_only(one), apart


_SUBJECT = f"listed AND customer AND coalesce(kind NOT IN {SPARK.listed(EXCLUDED)}, true)"
_PAIR = "(PARTITION BY a, other_a ORDER BY t, n)"
_DEVICES = """(
    SELECT *, CAST(NULL AS BIGINT) AS on_device FROM tx WHERE status = 'completed' AND device IS NULL
    UNION ALL
    SELECT * EXCEPT (known_before), sum(CASE WHEN known_before IS NULL THEN 1 ELSE 0 END)
        OVER (PARTITION BY device ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    FROM (
        SELECT *, lag(n) OVER (PARTITION BY device, q ORDER BY t, n) AS known_before FROM tx
        WHERE status = 'completed' AND device IS NOT NULL
    )
)"""
"""Completed payments with the number of accounts that have received on their device so far."""

__all__ = ["Conditions", "hits"]
