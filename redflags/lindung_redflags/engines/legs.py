"""The payments of all subjects in one direction as a narrow table of whole numbers and flags, for the passes on DuckDB.

Every condition of every indicator is looked at once for each payment; after that no pass touches a text or an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from lindung_redflags.catalogue.model import Conditions, Indicator
from lindung_redflags.engines import lowering
from lindung_redflags.engines.conditions_sql import DUCKDB, Writer
from lindung_redflags.reference import NEW_PAIR
from lindung_redflags.rows import EXCLUDED

_CHEAP = {"foreign", "new_pair", "idr_from", "idr_to", "channels", "other_kinds", "merchant_categories", "after_quiet"}
"""Conditions that cost nothing: asked first, the others only where these hold."""


@dataclass(frozen=True)
class Legs:
    """The columns of the table `leg` that tell whether a payment counts for an indicator, or is meant by a share.

    Further columns: n, t, idr, a, other; codes of other_country, channel, cur; amount; pair_after.
    """

    counts: dict[Conditions, str]
    meant: dict[Conditions, str]


def make(connection: duckdb.DuckDBPyConnection, writer: Writer, at: str, here: Sequence[Indicator]) -> Legs:
    """Make the table `leg` of the completed payments of subjects in one direction."""
    me, other, holder, country, own = ("q", "p", "ph", "pc", "qc") if at == "in" else ("p", "q", "qh", "qc", "pc")
    counts = {wanted: f"c{k}" for k, wanted in enumerate(dict.fromkeys(one.payments for one in here))}
    shares = {
        test.of: [one.payments for one in here if any(t.feature == "share" and t.of == test.of for t in one.tests)]
        for one in here
        for test in one.tests
        if test.feature == "share"
    }
    meant = {wanted: f"f{k}" for k, wanted in enumerate(shares)}
    asked = {name for name in ("new_pair", "after_quiet", "shared_device") if _speak(here, name)}
    if any(one.then_silent for one in here):
        asked.add("pair_after")
    _helpers(connection, at, me, asked, here)
    used = {test.feature for one in here for test in one.tests}
    codes = {
        "other_country": _code(connection, country) if "countries" in used else "",
        "channel": _code(connection, "channel") if "channels" in used else "",
        "cur": _code(connection, "cur") if used & {"amounts", "same_amount"} else "",
        "amount": "x.amount" if used & {"amounts", "same_amount"} else "",
        "pair_after": "x.pair_after" if "pair_after" in asked else "CAST(NULL AS BIGINT)",
    }
    flags = [f"{_lazily(writer, wanted)} AS {name}" for wanted, name in counts.items()]
    for wanted, name in meant.items():
        where = " OR ".join(counts[payments] for payments in dict.fromkeys(shares[wanted]))
        flags.append(f"CASE WHEN {where} THEN {writer.these(wanted)} ELSE false END AS {name}")
    joined = "".join(
        f" LEFT JOIN {table} ON {table}.n = tx.n"
        for table, needed in (
            ("leg_pair", {"new_pair", "pair_after"}),
            ("leg_quiet", {"after_quiet"}),
            ("leg_device", {"shared_device"}),
        )
        if needed & asked
    )
    known = {
        "new_pair": "leg_pair.new_pair" if "new_pair" in asked else "NULL",
        "pair_after": "leg_pair.after" if "pair_after" in asked else "NULL",
        "before": "leg_quiet.before" if "after_quiet" in asked else "NULL",
        "on_device": "leg_device.devices" if "shared_device" in asked else "NULL",
    }
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE leg AS
        SELECT x.n, x.t, x.idr, x.a, x.other,
            {"".join(f"{sql} AS {name}, " for name, sql in codes.items() if sql)}{", ".join(flags)}
        FROM (
            SELECT tx.*, ph = qh AS own, {me} AS a, {other} AS other_a, {holder} AS other, {country} AS other_country,
                {own} AS own_country,
                {", ".join(f"{sql} AS {name}" for name, sql in known.items())}
            FROM tx{joined} WHERE status = 'completed'
        ) x JOIN acc s ON s.a = x.a JOIN acc o ON o.a = x.other_a WHERE {subject("s")}
    """)
    for table in ("leg_quiet", "leg_device"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    return Legs(counts, meant)


def drop(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what `make` leaves."""
    for table in ("leg", "leg_pair"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def subject(alias: str) -> str:
    """Whether an account may be a subject."""
    kinds = DUCKDB.listed(EXCLUDED)
    return f"{alias}.listed AND {alias}.customer AND coalesce({alias}.kind NOT IN {kinds}, true)"


def _speak(here: Sequence[Indicator], name: str) -> bool:
    return any(lowering.speaks_of(one, name) for one in here)


def _lazily(writer: Writer, wanted: Conditions) -> str:
    """All conditions of payments, the dear ones only where the others hold."""
    cheap = Conditions(tuple(pair for pair in wanted if pair[0] in _CHEAP or pair[0] == "own"))
    dear = Conditions(tuple(pair for pair in wanted if pair[0] not in _CHEAP and pair[0] != "own"))
    if not dear:
        return writer.all_of(cheap)
    return f"CASE WHEN {writer.all_of(cheap)} THEN {writer.these(dear)} ELSE false END"


def _code(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """A number for each text of a column, as SQL; NULL stays NULL."""
    rows = connection.execute(f"SELECT DISTINCT {column} FROM tx WHERE {column} IS NOT NULL ORDER BY 1").fetchall()
    values = ", ".join(DUCKDB.text(value) for (value,) in rows)
    return f"CAST(list_position(CAST([{values}] AS VARCHAR[]), x.{column}) AS USMALLINT)"


def _helpers(
    connection: duckdb.DuckDBPyConnection, at: str, me: str, asked: set[str], here: Sequence[Indicator]
) -> None:
    """What other payments say about a payment, by its number: only the tables that are asked for."""
    pairs = bool(asked & {"new_pair", "pair_after"})
    there = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'leg_pair'").fetchall()
    if pairs and not there[0][0]:  # the same in both directions
        connection.execute(f"""
            CREATE TEMP TABLE leg_pair AS
            SELECT n, coalesce(t - lag(t) OVER pair > {NEW_PAIR}, true) AS new_pair, lead(t) OVER pair AS after
            FROM tx WHERE status = 'completed' WINDOW pair AS (PARTITION BY p, q ORDER BY t, n)
        """)
    if "after_quiet" in asked:
        least = min(_values(here, "after_quiet"))
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE leg_quiet AS
            SELECT n, before FROM (
                SELECT n, t, max(CASE WHEN ph <> qh THEN t END) OVER (
                    PARTITION BY {me} ORDER BY t, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ) AS before FROM tx JOIN acc s ON s.a = tx.{me} WHERE status = 'completed' AND {subject("s")}
            ) WHERE t - before >= {least}
        """)
    if "shared_device" in asked:
        least = min(_values(here, "shared_device"))
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE leg_device AS
            WITH shared AS (
                SELECT device, row_number() OVER () AS d FROM tx WHERE status = 'completed' AND device IS NOT NULL
                GROUP BY device HAVING count(DISTINCT q) >= {least}
            ), known AS (
                SELECT n, t, d, lag(n) OVER (PARTITION BY d, q ORDER BY t, n) IS NULL AS first
                FROM (SELECT n, t, q, d FROM tx JOIN shared USING (device) WHERE status = 'completed')
            )
            SELECT n, count(*) FILTER (WHERE first) OVER (
                PARTITION BY d ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS devices FROM known
        """)


def _values(here: Sequence[Indicator], name: str) -> list[int]:
    """All values that a condition of this name is given."""
    found: list[int] = []

    def look(conditions: Conditions) -> None:
        for key, value in conditions:
            if key == name:
                found.append(int(value))
            if key == "any_of":
                for some in value:
                    look(some)

    for one in here:
        look(one.payments)
        for test in one.tests:
            look(test.of)
    return found
