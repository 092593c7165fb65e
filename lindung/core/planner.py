"""What SQLite knows about how rows are spread, without which it picks the wrong index. PostgreSQL keeps its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

EVERY = timedelta(hours=1)
ROWS_LOOKED_AT = 1000
"""By index: enough to tell rare from frequent, and 0.3 s for 100,000 cases."""

_looked_at: datetime | None = None


def refresh(now: datetime) -> int:
    """Look again when an hour has passed since this process last did; returns 1 when it did.

    Not inside a transaction. A connection that is open takes the numbers over when it is opened anew, the very first
    ones at once.
    """
    global _looked_at
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return 0
    if _looked_at is not None and timedelta() <= now - _looked_at < EVERY:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
        cursor.execute("ANALYZE")
    _looked_at = now
    return 1
