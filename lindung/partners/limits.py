"""How many reports of machines may wait for their turn at once: threads of the server are kept for people.

Whoever waits at the gate holds a thread. Places live in the memory of the one process that serves; nothing is written.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from .errors import TooMany

_lock = threading.Lock()
_taken: Counter[UUID] = Counter()


@contextmanager
def place(token_id: UUID) -> Iterator[None]:
    """Hold one of a token's settings.LINDUNG_API_SENDS_AT_ONCE places; twice as many are there for all tokens together.

    Raises TooMany at once when none is free: a machine can come again, a child should not have to wait behind it.
    """
    most = int(settings.LINDUNG_API_SENDS_AT_ONCE)
    with _lock:
        if _taken[token_id] >= most or _taken.total() >= 2 * most:
            raise TooMany(1)
        _taken[token_id] += 1
    try:
        yield
    finally:
        with _lock:
            _taken[token_id] -= 1
            if not _taken[token_id]:
                del _taken[token_id]
