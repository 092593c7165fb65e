"""Turns trouble of the database into the one thing that a page can say: it was not stored, try again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError, connection

from lindung.core.errors import Unavailable


@contextmanager
def storing() -> Iterator[None]:
    """Wrap a whole transaction, its commit included. Raises Unavailable for a full disk, a dead server, a timeout.

    The database's own words are dropped: they may quote what a person wrote. A broken constraint passes through.
    """
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError, NotSupportedError):
        raise
    except DatabaseError:
        raise Unavailable() from None


_turn = threading.Lock()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let the sends of this process write one after another on SQLite; nothing on PostgreSQL.

    SQLite lets waiting writers sleep and try again: of many, some sleep for seconds while others pass. Taken around the
    transaction, never inside one.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _turn:
        yield
