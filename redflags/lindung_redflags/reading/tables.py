"""From files and tables of an institution to the two tables that the engines read."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb

from lindung_redflags.reading.checking import Cross, Rows
from lindung_redflags.reading.codes import WIB
from lindung_redflags.reading.faults import Collector, Fault, InputFaults
from lindung_redflags.reading.kinds import ACCOUNTS, RATES, RELATIONS, TRANSACTIONS
from lindung_redflags.reading.quality import Quality, Tally, measure
from lindung_redflags.reading.sources import Given, find

_MADE = ("tx", "acc", "rel")
_OURS = "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, '_rf_')"
_DAY = f"CAST((ts + {WIB}) // 86400 AS INTEGER)"

_IDR = """CASE WHEN amount_idr IS NOT NULL THEN amount_idr
    WHEN l.currency = 'IDR' THEN (amount + 5000) // 10000
    ELSE TRY_CAST((CAST(amount AS HUGEINT) * rate + 500000000000) // 1000000000000 AS BIGINT) END AS idr"""
"""Rupiah, half up: ten-thousandths of the currency times hundred-millionths of rupiah."""


def open_tables(
    connection: duckdb.DuckDBPyConnection,
    transactions: Given,
    accounts: Given,
    *,
    relations: Given | None = None,
    rates: Given | None = None,
    reject: str | Path | None = None,
    now: int | None = None,
) -> Quality:
    """Make the tables `tx`, `acc` and `rel` from files (Parquet or CSV by suffix), folders, patterns or tables.

    `rates`: rupiah for one unit by day and currency, where `amount_idr` is not given. `reject`: a CSV file that takes
    rows that are wrong, so that the others are used; else any fault raises BadInput and no table is made. `now`: UTC
    seconds, by which the future is told.
    """
    existing = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_name IN ('tx', 'acc', 'rel') ORDER BY 1"
    ).fetchall()
    if existing:
        names = ", ".join(row[0] for row in existing)
        raise InputFaults([Fault("the connection", 0, "", f"no tables of the names tx, acc and rel; there is {names}")])
    present = int(time.time()) if now is None else now
    ordered = connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall()[0][0]
    faults = Collector(Path(reject) if reject is not None else None)
    done = False
    try:
        connection.execute("SET preserve_insertion_order = true")
        with tempfile.TemporaryDirectory(prefix="redflags-") as folder:
            quality = _make(connection, transactions, accounts, relations, rates, faults, Path(folder), present)
        done = True
        return quality
    finally:
        if not done:
            for name in _MADE:
                connection.execute(f"DROP TABLE IF EXISTS {name}")
        for (name,) in connection.execute(_OURS).fetchall():
            connection.execute(f"DROP TABLE {name}")
        faults.close(keep=done)
        connection.execute(f"SET preserve_insertion_order = {bool(ordered)}")


def _make(
    connection: duckdb.DuckDBPyConnection, transactions: Given, accounts: Given, relations: Given | None,
    rates: Given | None, faults: Collector, folder: Path, now: int,
) -> Quality:  # fmt: skip
    def rows_of(given: Given, name: str, **more: object) -> Rows:
        return Rows(find(connection, given), COLUMNS[name], now, **more)  # type: ignore[arg-type]

    read: dict[str, Rows] = {}
    if rates is not None:
        read["rates"] = rows_of(rates, "rates", key=("date", "currency"))
    read["accounts"] = rows_of(accounts, "accounts", key=("account_id",), same="holder_id", crosses=(
        Cross("opened_on", "opened_on < birth_date", "a day not before birth_date"),
    ))  # fmt: skip
    if relations is not None:
        read["relations"] = rows_of(relations, "relations", crosses=(
            Cross("holder_b", "holder_a = holder_b", "another holder than holder_a"),
            Cross("until", "until < since", "a day not before since"),
        ))  # fmt: skip
    read["transactions"] = rows_of(
        transactions, "transactions", key=("tx_id",), more=_IDR if rates is not None else _IDR.replace("rate", "NULL"),
        join=f"LEFT JOIN _rf_rate f ON f.day = {_DAY} AND f.currency = l.currency" if rates is not None else "",
        crosses=(
            Cross("payee_id", "payer_id = payee_id", "another account than payer_id"),
            Cross(
                "amount_idr", "idr IS NULL", "amount_idr, or a rate for {} (UTC+7)",
                f"currency || ' on ' || CAST(DATE '1970-01-01' + {_DAY} AS VARCHAR)",
            ),
            Cross("amount_idr", "idr > 1000000000000000", "at most 1,000,000,000,000,000 rupiah"),
        ),
    )  # fmt: skip
    for name, rows in read.items():
        folder.joinpath(name).mkdir()
        rows.check(connection, faults, folder / name)
        if name == "rates":
            faults.check()
            chosen = f"SELECT date AS day, currency, idr AS rate FROM ({rows.good})"
            connection.execute(f"CREATE OR REPLACE TEMP TABLE _rf_rate AS {chosen}")
    faults.check()
    _build(connection, read)
    return measure(connection, {name: _tally(rows) for name, rows in read.items()})


COLUMNS = {"transactions": TRANSACTIONS, "accounts": ACCOUNTS, "relations": RELATIONS, "rates": RATES}


def _build(connection: duckdb.DuckDBPyConnection, read: dict[str, Rows]) -> None:
    payments, listed = read["transactions"], read["accounts"]
    customer = "is_customer" if listed.present("is_customer") else "true"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE _rf_listed AS
        SELECT account_id, CAST(holder_id AS VARCHAR) AS holder_id, kind, birth_date, opened_on,
            CAST(coalesce(utc_offset * 60, region) AS INTEGER) AS offset_s, country, product, kyc_level,
            {customer} AS customer, true AS listed
        FROM ({listed.good})
    """)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE _rf_id AS
        SELECT CAST(row_number() OVER (ORDER BY account_id) - 1 AS INTEGER) AS a, account_id FROM (
            SELECT account_id FROM _rf_listed UNION
            SELECT payer_id FROM ({payments.good}) UNION SELECT payee_id FROM ({payments.good})
        )
    """)
    connection.execute("""
        CREATE TABLE acc AS
        SELECT a, account_id,
            CAST(dense_rank() OVER (ORDER BY coalesce(holder_id, account_id), holder_id IS NULL) - 1 AS INTEGER) AS h,
            coalesce(holder_id, account_id) AS holder_id, CAST(kind AS VARCHAR) AS kind,
            CAST(birth_date AS INTEGER) AS birth,
            CAST(opened_on AS BIGINT) * 86400 - coalesce(offset_s, 0) AS opened, offset_s,
            CAST(country AS VARCHAR) AS country, CAST(product AS VARCHAR) AS product, CAST(kyc_level AS VARCHAR) AS kyc,
            coalesce(customer, false) AS customer, coalesce(listed, false) AS listed
        FROM _rf_id LEFT JOIN _rf_listed USING (account_id) ORDER BY a
    """)
    status = "status" if payments.present("status") else "'completed'"
    texts = {
        "channel": "channel", "remark": "remark", "device_id": "device", "merchant_category": "mcc",
        "purpose_code": "purpose", "destination_country": "dest",
    }  # fmt: skip
    text = {name: f"CAST({given} AS VARCHAR) AS {name}" for given, name in texts.items()}
    connection.execute(f"""
        CREATE TABLE tx AS
        SELECT row_number() OVER () - 1 AS n, * FROM (SELECT tx_id, ts AS t, amount, currency AS cur, idr,
            p.a AS p, q.a AS q, p.h AS ph, q.h AS qh,
            CAST(payer_country AS VARCHAR) AS pc, CAST(payee_country AS VARCHAR) AS qc,
            {text["channel"]}, {status} AS status, {text["remark"]}, {text["device"]}, {text["mcc"]},
            CAST(payer_balance_after AS BIGINT) AS balance, {text["purpose"]}, {text["dest"]}
        FROM ({payments.good}) 
                JOIN acc p ON p.account_id = payer_id JOIN acc q ON q.account_id = payee_id
            ORDER BY t, tx_id
        )
    """)
    if "relations" in read:
        connection.execute(f"""
            CREATE TABLE rel AS
            SELECT x.h AS ha, y.h AS hb, relation, CAST(since AS INTEGER) AS since, CAST(until AS INTEGER) AS until
            FROM ({read["relations"].good})
            LEFT JOIN (SELECT DISTINCT h, holder_id FROM acc WHERE listed) x ON x.holder_id = holder_a
            LEFT JOIN (SELECT DISTINCT h, holder_id FROM acc WHERE listed) y ON y.holder_id = holder_b
            ORDER BY ALL
        """)


def _tally(rows: Rows) -> Tally:
    return Tally(
        read=rows.read,
        used=rows.count,
        repeated=rows.repeated,
        filled=rows.filled,
        absent=[column.name for column in rows.columns if not rows.present(column.name)],
        ignored=sorted(rows.ignored),
        files=[
            {"name": one.name, "bytes": one.size if one.path else None, "sha256": one.sha256 or None}
            for one in rows.sources
        ],
    )
