"""Row locks that hold a state still until the transaction ends. SQLite's IMMEDIATE transaction needs none."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, models, transaction


def shared(model: type[models.Model], pk: UUID) -> None:
    """Take the row's share lock on PostgreSQL: others may too, but nobody changes the row until the commit.

    Django knows only the exclusive lock, which would put all sends to one team in a row.
    """
    if connection.vendor != "postgresql":
        return
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR SHARE", [pk])  # noqa: S608 (our own table name)


def need_transaction(what: str) -> None:
    """Raise RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{what}: expected to run inside transaction.atomic")


def need_no_transaction(what: str) -> None:
    """Raise RuntimeError inside a transaction."""
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{what}: expected to run outside any transaction")
