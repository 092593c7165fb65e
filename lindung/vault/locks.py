"""Row locks that hold a state still until the transaction ends. SQLite's IMMEDIATE transaction needs none."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def first_shared(rows: models.QuerySet[M]) -> M | None:
    """Return the first row with PostgreSQL's share lock: others may take it too, nobody changes it until the commit.

    Django knows only the exclusive lock, which would put all sends to one team in a row. When somebody changed the row
    while this waited for the lock, the row is looked at again and left out if it no longer fits.
    """
    if connection.vendor != "postgresql":
        return rows.first()
    sql, parameters = rows.query.get_compiler(connection=connection).as_sql()
    return next(iter(rows.model._default_manager.raw(f"{sql} FOR SHARE", parameters)), None)


def need_transaction(what: str) -> None:
    """Raise RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{what}: expected to run inside transaction.atomic")


def need_no_transaction(what: str) -> None:
    """Raise RuntimeError inside a transaction."""
    if connection.in_atomic_block:
        raise RuntimeError(f"{what}: expected to run outside any transaction")
