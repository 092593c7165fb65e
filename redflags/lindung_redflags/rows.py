"""Payments and accounts as plain Python rows, read from the normalised tables: for the reference and for explanations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
    return [kind(*row) for row in connection.execute(f"SELECT {names} FROM {table}").fetchall()]  # noqa: S608


def accounts(connection: duckdb.DuckDBPyConnection) -> dict[int, Account]:
    """All accounts by their number."""
    return {row.a: row for row in _rows(connection, Account, "acc")}


def payments(connection: duckdb.DuckDBPyConnection, of: Iterable[int] | None = None) -> list[Payment]:
    """All payments in the order of time and id; `of`: only those that touch one of these accounts."""
    if of is None:
        return _rows(connection, Payment, "tx ORDER BY n")
    wanted = ", ".join(str(int(one)) for one in of)
    return _rows(connection, Payment, f"tx WHERE p IN ({wanted}) OR q IN ({wanted}) ORDER BY n") if wanted else []
