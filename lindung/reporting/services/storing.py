"""Turns trouble of the database into the one thing that a page can say: it was not stored, try again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError

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
