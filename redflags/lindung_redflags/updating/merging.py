"""Earlier payments and new ones together, and which accounts the difference can be felt at.

The tables `tx` and `acc` of what was read become: `known` (all accounts as they are now, with numbers that stay the
same from update to update), `fresh` (payments that are new or restated) and the view `everything` (all payments).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lindung_redflags.catalogue.model import Indicator
from lindung_redflags.engines.conditions_sql import listed, text
from lindung_redflags.errors import BadInput
from lindung_redflags.reading import placing
from lindung_redflags.reading.placing import Place
from lindung_redflags.reading.sources import Given
from lindung_redflags.rows import EXCLUDED
from lindung_redflags.updating.state import ACCOUNT, ALONE, PAYMENT

_FIXED = ("p", "q", "t", "amount", "cur")
"""What a payment that is stated again must have in common with what stood there."""

_OPEN = tuple(name for name in PAYMENT if name not in ("tx_id", *_FIXED))
_FACTS = tuple(name for name in ACCOUNT if name != "account_id")


def merge(
    connection: duckdb.DuckDBPyConnection, out: Path, parts: Sequence[str], given: Given
) -> tuple[dict[str, int], Place | None]:
    """Make `known`, `fresh`, `everything`, `restated`; count what came, and say where the first restated one stands.

    `out`: the result so far; `given`: the files with new payments.
    Raises BadInput when a payment is stated again with other parties, another moment or another amount.
    """
    connection.execute("ALTER TABLE tx RENAME TO new_tx")
    connection.execute("ALTER TABLE acc RENAME TO new_acc")
    _number(connection, out)
    _fresh(connection, out, parts)
    counted = _restated(connection, given)
    place = placing.first(connection, given, "tx_id", "SELECT tx_id FROM restated") if counted["restated"] else None
    connection.execute(f"""
        CREATE VIEW everything AS
        SELECT {", ".join(PAYMENT)} FROM earlier WHERE tx_id NOT IN (SELECT tx_id FROM restated)
        UNION ALL SELECT {", ".join(PAYMENT)} FROM fresh
    """)
    _known(connection)
    return counted, place


def _number(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Accounts of before keep their numbers, others get further ones."""
    connection.execute(f"CREATE TABLE old_acc AS SELECT * FROM read_parquet({text(out / 'state/accounts.parquet')})")
    connection.execute("""
        CREATE TABLE number AS
        SELECT a, account_id FROM old_acc
        UNION ALL
        SELECT CAST(coalesce((SELECT max(a) + 1 FROM old_acc), 0) + row_number() OVER (ORDER BY account_id) - 1
            AS INTEGER), account_id
        FROM new_acc WHERE account_id NOT IN (SELECT account_id FROM old_acc)
    """)


def _fresh(connection: duckdb.DuckDBPyConnection, out: Path, parts: Sequence[str]) -> None:
    files = ", ".join(text(out / "state/payments" / part) for part in parts)
    connection.execute(f"CREATE VIEW earlier AS SELECT * FROM read_parquet([{files}], filename = true)")
    columns = {name: f"x.{name}" for name in PAYMENT} | {"p": "pn.a AS p", "q": "qn.a AS q"}
    connection.execute(f"""
        CREATE TABLE fresh AS
        SELECT {", ".join(columns.values())} FROM new_tx x
        JOIN new_acc pa ON pa.a = x.p JOIN number pn ON pn.account_id = pa.account_id
        JOIN new_acc qa ON qa.a = x.q JOIN number qn ON qn.account_id = qa.account_id
    """)


def _restated(connection: duckdb.DuckDBPyConnection, given: Given) -> dict[str, int]:
    """Find payments that stood there before; those with nothing new in them leave `fresh` again."""
    other = " OR ".join(f"f.{name} <> e.{name}" for name in _FIXED)
    changed = " OR ".join(f"f.{name} IS DISTINCT FROM e.{name}" for name in _OPEN)
    connection.execute(f"""
        CREATE TABLE again AS SELECT tx_id, e.filename, {other} AS other, {changed} AS changed
        FROM fresh f JOIN earlier e USING (tx_id)
    """)
    wrong, same, changes = connection.execute(
        "SELECT count(*) FILTER (other), count(*) FILTER (NOT other AND NOT changed), count(*) FILTER (NOT other AND "
        "changed) FROM again"
    ).fetchall()[0]
    if wrong:
        place = placing.first(connection, given, "tx_id", "SELECT tx_id FROM again WHERE other")
        raise BadInput(
            f"{place}, column tx_id: the tx_id of an earlier payment with other parties, another moment or another "
            f"amount, as in {wrong} of the new payments; expected a tx_id only once, or again with the same parties, "
            "moment, amount and currency"
        )
    connection.execute("CREATE TABLE restated AS SELECT tx_id, filename FROM again WHERE changed")
    connection.execute("DELETE FROM fresh WHERE tx_id IN (SELECT tx_id FROM again WHERE NOT changed)")
    total = connection.execute("SELECT count(*) FROM fresh").fetchall()[0][0]
    return {"new": total - changes, "restated": changes, "unchanged": same}


def _known(connection: duckdb.DuckDBPyConnection) -> None:
    """All accounts that are listed now or that a payment names."""
    facts = "kind, birth, opened, offset_s, country, product, kyc"
    connection.execute(f"""
        CREATE TABLE known AS
        SELECT *, CAST(dense_rank() OVER (ORDER BY holder_id, alone) - 1 AS INTEGER) AS h FROM (
            SELECT i.a, i.account_id, coalesce(n.holder_id, i.account_id) AS holder_id, coalesce(n.alone, true)
                AS alone, {facts}, coalesce(n.customer, false) AS customer, coalesce(n.listed, false) AS listed
            FROM number i LEFT JOIN (SELECT *, {ALONE} AS alone FROM new_acc) n USING (account_id)
        ) WHERE listed OR a IN (SELECT p FROM everything UNION SELECT q FROM everything)
    """)


def touch(
    connection: duckdb.DuckDBPyConnection,
    running: Sequence[Indicator],
    last_then: int | None,
    everybody: bool,
) -> None:
    """Make `touched(a)`: the accounts whose hits or reasons may differ now. `everybody`: all of them.

    Needs `redecided(account_id)`: those about whom other decisions are given. `last_then`: the second of the latest
    payment before; between it and the latest now, silences have come to an end.
    """
    connection.execute("CREATE TABLE touched (a INTEGER)")
    if everybody:
        connection.execute("INSERT INTO touched SELECT a FROM known UNION SELECT a FROM old_acc")
        return
    differs = " OR ".join(f"k.{name} IS DISTINCT FROM o.{name}" for name in _FACTS)
    connection.execute(f"""
        CREATE TABLE changed AS
        SELECT coalesce(k.a, o.a) AS a FROM known k FULL JOIN old_acc o ON o.a = k.a
        WHERE k.a IS NULL OR o.a IS NULL OR {differs}
    """)
    found = [
        "SELECT p FROM fresh",
        "SELECT q FROM fresh",
        "SELECT a FROM changed",
        "SELECT a FROM number JOIN redecided USING (account_id)",
        "SELECT e.q FROM everything e JOIN changed c ON c.a = e.p",
        "SELECT e.p FROM everything e JOIN changed c ON c.a = e.q",
    ]
    for one in running:
        if one.then_silent and last_then is not None:
            found.append(f"""
                SELECT {"q" if one.at == "in" else "p"} FROM everything WHERE t + {one.then_silent} > {last_then}
                AND t + {one.then_silent} <= (SELECT max(t) FROM everything)
            """)
    if _devices(running):
        on = "everything e JOIN (SELECT device, min(t) AS t FROM fresh GROUP BY device) d"
        found += [f"SELECT e.{side} FROM {on} ON d.device = e.device AND e.t >= d.t" for side in "pq"]
    for query in found:
        connection.execute(f"INSERT INTO touched {query}")
    connection.execute("CREATE OR REPLACE TABLE touched AS SELECT DISTINCT a FROM touched")


def _devices(running: Sequence[Indicator]) -> bool:
    return any(
        some.speaks_of("shared_device") for one in running for some in (one.payments, *(test.of for test in one.tests))
    )


def as_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Views `tx` and `acc` over everything, for figures about the whole; `n` and holders are left out of `tx`."""
    connection.execute("CREATE VIEW tx AS SELECT * FROM everything")
    connection.execute("CREATE VIEW acc AS SELECT * FROM known")


def around_touched(connection: duckdb.DuckDBPyConnection, running: Sequence[Indicator]) -> None:
    """Tables `tx` and `acc` with what decides the hits of touched accounts; nobody else is a customer in them.

    The payments that touch them, those on devices of these payments, and the latest payment of all, which says how late
    it is.
    """
    connection.execute("DROP VIEW IF EXISTS tx")
    connection.execute("DROP VIEW IF EXISTS acc")
    connection.execute(f"""
        CREATE TABLE subject AS SELECT a FROM touched JOIN known USING (a)
        WHERE listed AND customer AND coalesce(kind NOT IN {listed(EXCLUDED)}, true)
    """)
    near = "p IN (SELECT a FROM subject) OR q IN (SELECT a FROM subject)"
    wanted = f"{near} OR t = (SELECT max(t) FROM everything)"
    if _devices(running):
        connection.execute(f"CREATE TABLE device AS SELECT DISTINCT device FROM everything WHERE {near}")
        wanted += " OR device IN (SELECT device FROM device WHERE device IS NOT NULL)"
    payment = ", ".join(f"e.{name}" for name in PAYMENT)
    connection.execute(f"""
        CREATE TABLE tx AS
        SELECT row_number() OVER (ORDER BY e.t, e.tx_id) - 1 AS n, {payment}, x.h AS ph, y.h AS qh
        FROM (SELECT * FROM everything WHERE {wanted}) e JOIN known x ON x.a = e.p JOIN known y ON y.a = e.q
    """)
    connection.execute("""
        CREATE TABLE acc AS
        SELECT * EXCLUDE (alone) REPLACE (customer AND a IN (SELECT a FROM subject) AS customer) FROM known
        WHERE a IN (SELECT p FROM tx UNION SELECT q FROM tx)
    """)
