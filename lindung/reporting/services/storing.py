"""Turns trouble of the database into the one thing that a page can say: it was not stored, try again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
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


T = TypeVar("T")
_turn = threading.Lock()
_known: dict[Hashable, tuple[float, Any]] = {}
_REMEMBER_AT_MOST = 256


def lately(key: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` answered within the last settings.LINDUNG_DUTY_CACHE_SECONDS, else ask again; 0 always asks.

    For what changes with the roster and the list of teams, which every send would otherwise ask for.
    """
    now = time.monotonic()
    found = _known.get(key)
    if found is not None and now - found[0] < settings.LINDUNG_DUTY_CACHE_SECONDS:
        value: T = found[1]
        return value
    value = ask()
    if len(_known) >= _REMEMBER_AT_MOST:
        _known.clear()
    _known[key] = (now, value)
    return value


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
