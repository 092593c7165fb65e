"""Answers of the database that are good enough for some seconds, kept in the memory of this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings

T = TypeVar("T")
_known: dict[Hashable, tuple[float, Any]] = {}
_REMEMBER_AT_MOST = 256


def lately(key: Hashable, ask: Callable[[], T]) -> T:
    """What `ask` answered within the last settings.LINDUNG_DUTY_CACHE_SECONDS, else ask again; 0 always asks.

    For what changes with the roster, the lists of teams, people and platforms, which every send and every page would
    otherwise ask for. Never for a right: who may see what is asked each time.
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
