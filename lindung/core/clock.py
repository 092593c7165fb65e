"""The only place that knows what time it is, so that tests can move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("lindung_clock", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def coarse(moment: datetime) -> datetime:
    """Cut a moment to its whole minute."""
    return moment.replace(second=0, microsecond=0)


def coarse_now() -> datetime:
    """Return the present minute. Visits to the portal are never written more exactly than this."""
    return coarse(now())


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment for the length of a `with` block (tests and demonstration data)."""
    if moment.tzinfo is None:
        raise ValueError("clock.frozen: expected an aware datetime")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
