"""What the clock does. One loop calls `run_due` every half minute; several loops at once do no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError

from lindung.core import clock
from lindung.vault import drafts
from lindung.vault import services as vault

from . import retention as retaining
from .services import alerts

_log = logging.getLogger("lindung.reporting")


def escalate(now: datetime | None = None) -> int:
    """Plan and deliver alerts; returns how many were delivered."""
    return alerts.escalate(now)


def run_withdrawals(now: datetime | None = None) -> int:
    """Erase withdrawn reports whose waiting period is over; returns how many."""
    return retaining.run_withdrawals(now)


def retention(now: datetime | None = None) -> int:
    """Erase closed reports whose period is over; returns how many."""
    return retaining.run(now)


def run_due(now: datetime | None = None) -> dict[str, int]:
    """Do everything that is due, most urgent first; returns what was done, by step.

    Each step is idempotent and stands alone: one that fails is logged without its content, counted as -1, and tried
    again next time, and the others still run.
    """
    moment = now or clock.now()
    steps: tuple[tuple[str, Callable[[], int | None]], ...] = (
        ("alerts", lambda: escalate(moment)),
        ("withdrawals", lambda: run_withdrawals(moment)),
        ("retention", lambda: retention(moment)),
        ("drafts", drafts.purge),
        ("tombstones", vault.sync_tombstones),
    )
    return {name: _guarded(name, step) for name, step in steps}


def _guarded(name: str, step: Callable[[], int | None]) -> int:
    try:
        return int(step() or 0)
    except DatabaseError:
        _log.error("tasks: the database did not take step %s", name)
    except Exception:
        _log.exception("tasks: step %s failed", name)
    return -1
