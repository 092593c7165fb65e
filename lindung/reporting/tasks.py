"""What the clock does. One loop calls `run_due` every half minute; several loops at once do no harm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError
from django.db.models import Max

from lindung.audit.models import Event
from lindung.core import clock, planner
from lindung.vault import drafts
from lindung.vault import services as vault

from . import retention as retaining
from .services import alerts, reminding
from .services.saved_views import forget_leavers_views

_takes_keys_away = {
    "accounts.rotation_finished",
    "report.withdrawal_asked",
    "report.moved",
    "report.transfer_accepted",
    "report.transfer_declined",
    "report.transfer_withdrawn",
    "report.transfer_fell",
    "report.withdrawn",
    "report.erased",
}
_CLEAN_EVERY = timedelta(minutes=10)
_cleaned_until = 0
_cleaned_at: datetime | None = None

_log = logging.getLogger("lindung.reporting")

Step = Callable[[datetime], "int | None"]
_steps_above: dict[str, Step] = {}


def register_step(name: str, step: Step) -> None:
    """Have `run_due` call `step(now)` in every turn; for the rooms above, in their apps.ready().

    A step is idempotent, stands several loops at once, and returns how much it did. Registering a name again replaces
    its step. Steps run in the order of their names, after the alerts and before anything is erased.
    """
    _steps_above[name] = step


def clean_after(kinds: Iterable[str]) -> None:
    """Have the bytes of keys cleaned away after these audit events too; for the rooms above, in their apps.ready()."""
    _takes_keys_away.update(kinds)


def escalate(now: datetime | None = None) -> int:
    """Plan and deliver alerts; returns how many were delivered."""
    return alerts.escalate(now)


def run_withdrawals(now: datetime | None = None) -> int:
    """Erase withdrawn reports whose waiting period is over; returns how many."""
    return retaining.run_withdrawals(now)


def retention(now: datetime | None = None) -> int:
    """Erase closed reports whose period is over; returns how many."""
    return retaining.run(now)


def clean() -> int:
    """Have PostgreSQL drop the bytes of keys that were taken away since this process last did; 1 when it was needed.

    Whoever erases cleans at once; a wish to stop and a move to another team are cleaned here, within ten minutes, and
    so is what a crash left behind: the first turn of a process always looks at everything. Not more often, because the
    small key tables are locked while they are rewritten (10 s at 100,000 reports), and somebody who stops and undoes
    again and again must not hold up the reports of others.
    """
    global _cleaned_until, _cleaned_at
    if _cleaned_at is not None and clock.now() - _cleaned_at < _CLEAN_EVERY:
        return 0
    taken_away = Event.objects.filter(kind__in=_takes_keys_away, seq__gt=_cleaned_until)
    last = taken_away.aggregate(last=Max("seq"))["last"]
    if last is None:
        return 0
    _cleaned_at = clock.now()
    if vault.after_shred():
        _cleaned_until = last
    return 1


def run_due(now: datetime | None = None) -> dict[str, int]:
    """Do everything that is due, most urgent first; returns what was done, by step.

    Each step is idempotent and stands alone: one that fails is logged without its content, counted as -1, and tried
    again next time, and the others still run.
    """
    moment = now or clock.now()
    steps: tuple[tuple[str, Callable[[], int | None]], ...] = (
        ("alerts", lambda: escalate(moment)),
        ("transfers", lambda: reminding.call_for_answers(moment)),
        *((name, partial(step, moment)) for name, step in sorted(_steps_above.items())),
        ("withdrawals", lambda: run_withdrawals(moment)),
        ("retention", lambda: retention(moment)),
        ("cleaning", clean),
        ("drafts", drafts.purge),
        ("views", forget_leavers_views),
        ("tombstones", vault.sync_tombstones),
        ("planner", lambda: planner.refresh(moment)),
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
