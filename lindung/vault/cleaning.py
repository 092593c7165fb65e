"""The bytes that PostgreSQL leaves behind where rows were deleted."""

from __future__ import annotations

import logging
import time

from django.db import connection

from lindung.vault.locks import need_no_transaction

_log = logging.getLogger("lindung.vault")

# Tables that hold wrapped keys, or tokens that must go with their record: small rows, rewritten whole.
_REWRITTEN = ("vault_wrappedkey", "vault_teamkeygrant", "vault_teamkey", "vault_memberkey", "vault_blindentry")
_VACUUMED = ("vault_sealedfield", "vault_sealedrecord")

PATIENCE = 30.0  # seconds


def after_shred() -> bool:
    """Clean what PostgreSQL leaves behind: a plain VACUUM frees a row's place but leaves its bytes in the page.

    The tables with wrapped keys are rewritten with VACUUM FULL, which locks each for the moment it takes (they are
    small); the large ones are vacuumed. Rewriting copies every row that a transaction begun before the deletion could
    still read, and waits for every reader while others wait behind it. So those transactions are waited for first, for
    PATIENCE seconds at most; when one of them outlasts that, nothing is done and False returned: call it again later.
    Nothing to do on SQLite, where secure_delete overwrites at once. Call it after `shred`, `hold`, `transfer` and
    `destroy_old_keys`; raises RuntimeError inside a transaction.
    """
    need_no_transaction("vault.after_shred")
    if connection.vendor != "postgresql":
        return True
    if not _older_transactions_are_over():
        _log.warning("vault: a long transaction keeps the bytes of erased keys on the disk; they are cleaned later")
        return False
    with connection.cursor() as cursor:
        for table in _REWRITTEN:
            cursor.execute(f"VACUUM (FULL) {table}")
        for table in _VACUUMED:
            cursor.execute(f"VACUUM {table}")
    return True


def _older_transactions_are_over() -> bool:
    """Wait until nobody in this database can see what was committed as deleted before now; False: not in time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        horizon = int(cursor.fetchone()[0])
        until = time.monotonic() + PATIENCE
        while True:
            cursor.execute(
                "SELECT x::text::bigint FROM pg_stat_activity, LATERAL (VALUES (backend_xmin), (backend_xid)) v (x) "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND x IS NOT NULL"
            )
            if not any(_precedes(int(xid), horizon) for (xid,) in cursor.fetchall()):
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.05)


def _precedes(xid: int, horizon: int) -> bool:
    """Tell whether a transaction is older than another: their numbers go round in a circle of 2**32."""
    return (xid - horizon) & 0xFFFFFFFF >= 1 << 31
