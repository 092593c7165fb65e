"""Reminders of an incident whose notices are not done: content-free, at 24, 48 and 66 hours, at the end, then daily."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from lindung.accounts.models import User
from lindung.accounts.rules import ANALYST, SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core import clock
from lindung.reporting.services import alerts

from .. import rules, selectors
from ..models import Breach, State

LEASE = timedelta(minutes=2)


def remind(now: datetime | None = None) -> int:
    """Call the supervisors of every team with an incident that is due for it; return how many incidents.

    The first call goes out when an incident is entered. One conditional UPDATE leases an incident, so that of several
    loops one calls; what did not go out is tried again when the lease has run out.
    """
    moment = now or clock.now()
    due = Breach.objects.filter(state=State.OPEN, remind_at__lte=moment).select_related("team").order_by("remind_at")
    return sum(_remind(breach, moment) for breach in due if _lease(breach, moment))


def _lease(breach: Breach, now: datetime) -> bool:
    rows = Breach.objects.filter(pk=breach.pk, state=State.OPEN, remind_at=breach.remind_at)
    return rows.update(remind_at=now + LEASE) == 1


def _remind(breach: Breach, now: datetime) -> int:
    following = rules.next_reminder(breach.discovered_at, now)
    if breach.reminders and not _waits(breach):
        Breach.objects.filter(pk=breach.pk).update(remind_at=following)
        return 0
    if not alerts.tell(_people(breach), breach.reminders + 1):
        return 0
    with transaction.atomic():
        rows = Breach.objects.filter(pk=breach.pk, state=State.OPEN)
        if rows.update(remind_at=following, reminders=F("reminders") + 1) == 1:
            data = {"number": breach.reminders + 1, "late": now >= breach.due_at}
            audit.record("breach.reminded", actor="system", subject=breach.pk.hex, data=data)
    return 1


def _waits(breach: Breach) -> bool:
    """Whether a notice is still missing: to the authority, or to somebody."""
    rows = selectors.own_notices(breach).filter(way__in=("", "later"), report__isnull=False)
    return breach.authority_told_at is None or rows.exists()


def _people(breach: Breach) -> list[User]:
    """The team's supervisors; without any, its analysts."""
    return list(members_of(breach.team_id, SUPERVISOR)) or list(members_of(breach.team_id, ANALYST))
