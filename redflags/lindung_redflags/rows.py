"""Payments and accounts as plain rows, read from the normalised tables: for the reference and for explanations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

EXCLUDED = ("merchant", "biller", "school", "charity")
"""Kinds of account that are never subjects."""

MINOR_KINDS = ("minor", "student")


@dataclass(frozen=True)
class Account:
    """A row of `acc`; the columns are described where the table is made."""

    a: int
    account_id: str
    h: int
    holder_id: str
    kind: str | None = None
    birth: int | None = None
    opened: int | None = None
    offset_s: int | None = None
    country: str | None = None
    product: str | None = None
    kyc: str | None = None
    customer: bool = True
    listed: bool = True

    @property
    def subject(self) -> bool:
        return self.listed and self.customer and self.kind not in EXCLUDED


@dataclass(frozen=True)
class Payment:
    """A row of `tx`."""

    n: int
    tx_id: str
    t: int
    amount: int
    cur: str
    idr: int
    p: int
    q: int
    ph: int
    qh: int
    pc: str | None = None
    qc: str | None = None
    channel: str | None = None
    status: str = "completed"
    remark: str | None = None
    device: str | None = None
    mcc: str | None = None
    balance: int | None = None
    purpose: str | None = None
    dest: str | None = None


def _rows(connection: duckdb.DuckDBPyConnection, kind: type[Any], table: str) -> list[Any]:
    names = ", ".join(kind.__dataclass_fields__)
    return [kind(*row) for row in connection.execute(f"SELECT {names} FROM {table}").fetchall()]


def accounts(connection: duckdb.DuckDBPyConnection, some: Iterable[int] | None = None) -> dict[int, Account]:
    """Accounts by their number: these, or all."""
    if some is None:
        return {row.a: row for row in _rows(connection, Account, "acc")}
    wanted = _listed(connection, some)
    return {row.a: row for row in _rows(connection, Account, f"acc WHERE a IN (SELECT a FROM {wanted})")}


def _listed(connection: duckdb.DuckDBPyConnection, some: Iterable[int]) -> str:
    """Put numbers of accounts into a table and return its name."""
    connection.execute("CREATE OR REPLACE TEMP TABLE looked_at (a INTEGER)")
    connection.execute("INSERT INTO looked_at SELECT unnest(?::INTEGER[])", [sorted(set(some))])
    return "looked_at"


def payments(connection: duckdb.DuckDBPyConnection) -> list[Payment]:
    """All payments in the order of time and id."""
    return _rows(connection, Payment, "tx ORDER BY n")


class Known(NamedTuple):
    """How many payments touch an account, and the second of the first."""

    payments: int
    first: int


def known(connection: duckdb.DuckDBPyConnection, some: Iterable[int]) -> dict[int, Known]:
    """What there is of these accounts."""
    wanted = _listed(connection, some)
    asked = connection.execute(
        f"""SELECT a, count(*), min(t) FROM (
            SELECT l.a, x.t FROM {wanted} l JOIN tx x ON x.p = l.a
            UNION ALL SELECT l.a, x.t FROM {wanted} l JOIN tx x ON x.q = l.a AND x.p <> l.a
        ) GROUP BY a"""
    )
    return {a: Known(payments, first) for a, payments, first in asked.fetchall()}


def payments_of(
    connection: duckdb.DuckDBPyConnection, some: Iterable[int], devices: bool = False
) -> dict[int, list[Payment]]:
    """For each of these accounts the payments that touch it, in the order of time and id.

    `devices`: also those that anybody received on a device on which the account received.
    """
    _listed(connection, some)
    names = ", ".join(f"x.{name}" for name in Payment.__dataclass_fields__)
    touching = " UNION ".join(f"SELECT l.a, x.n FROM looked_at l JOIN tx x ON x.{side} = l.a" for side in "pq")
    if devices:
        touching += (
            " UNION SELECT d.a, x.n FROM (SELECT DISTINCT l.a, y.device FROM looked_at l JOIN tx y ON y.q = l.a"
            " WHERE y.device IS NOT NULL) d JOIN tx x ON x.device = d.device"
        )
    found: dict[int, list[Payment]] = {}
    for a, *row in connection.execute(
        f"SELECT m.a, {names} FROM ({touching}) m JOIN tx x ON x.n = m.n ORDER BY m.a, x.n"
    ).fetchall():
        found.setdefault(a, []).append(Payment(*row))
    return found
