"""What the clock does with referrals: reminders, supervisors, the second choice, lapsing, and the end of sharing.

Every step is idempotent and stands several loops at once: each row is leased by one conditional UPDATE before anybody
is called, and what happens to it is decided by another one, so that who accepts in that moment is not overtaken.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from lindung.audit import services as audit
from lindung.core.errors import Conflict

from . import rules_clock
from .models import Referral, State
from .services import calling
from .services.access import hold_case, move, shared, unshare, write
from .state import Event

LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 200


def run(now: datetime) -> int:
    """Everything that is due; returns how much was done."""
    return call(now) + end_sharing(now)


def call(now: datetime) -> int:
    """Make the calls that are due; return how many."""
    rows = _due(now).select_related("case", "organisation", "receiving_team").order_by("next_call_at", "id")
    return sum(_step(row, now) for row in rows[:MOST_AT_ONCE] if _lease(row, now))


def _due(now: datetime) -> QuerySet[Referral]:
    return Referral.objects.filter(next_call_at__lte=now)


def _lease(row: Referral, now: datetime) -> bool:
    """Win the right to call, for two minutes. The version stays: a form that somebody is filling in must not fail."""
    rows = Referral.objects.filter(pk=row.pk, state=row.state, calls=row.calls, next_call_at=row.next_call_at)
    won = rows.update(next_call_at=now + LEASE) == 1
    row.next_call_at = now + LEASE
    return won


def _step(row: Referral, now: datetime) -> int:
    if row.state == State.DECLINED:
        return _after_a_no(row, now)
    if not row.waits:
        return _stand_still(row)
    if row.calls == rules_clock.REMINDER:
        # Both are called, also when one of the two letters does not go out.
        went = [calling.call_workers(row)]
        if row.receiving_team_id is not None:
            went.append(calling.call_receivers(row))
        return _note(row, now, "referral.reminded", went=any(went), reminded_at=now)
    if row.calls == rules_clock.SUPERVISOR:
        went = [calling.call_supervisors(row)]
        return _note(row, now, "referral.supervisor_told", went=any(went), supervisor_told_at=now)
    if row.calls == rules_clock.SECOND:
        went = [calling.call_workers(row)]
        return _note(row, now, "referral.second_offered", went=any(went), task=True, second_offered_at=now)
    if row.state == State.SENT and not row.high_risk:
        return _lapse(row, now)
    return _note(row, now, "referral.supervisor_told", went=calling.call_supervisors(row), supervisor_told_at=now)


def _note(row: Referral, now: datetime, kind: str, *, went: bool, task: bool = False, **changes: Any) -> int:
    """Write down that somebody was called. What did not go out is tried again when the lease has run out.

    Conditional on the lease, so that it overtakes nobody; the version stays as it is.
    """
    if not went:
        return 0
    times = rules_clock.times(row.sent_at or row.made_at, row.risk, row.organisation.tz)
    following = times.due(row.calls + 1, now)
    with transaction.atomic():
        hold_case(row)
        rows = Referral.objects.filter(pk=row.pk, state=row.state, calls=row.calls, next_call_at=row.next_call_at)
        if rows.update(next_call_at=following, calls=row.calls + 1, **changes) != 1:
            return 0
        if task:
            calling.ask(row, now)
        data: dict[str, str | int] = {"case": row.case_id.hex, "number": row.calls + 1}
        audit.record(kind, actor="system", subject=row.pk.hex, data=data)
    return 1


def _lapse(row: Referral, now: datetime) -> int:
    """Nobody answered: the receiver's keys go, and the worker is asked for another body."""
    with transaction.atomic():
        hold_case(row)
        row.refresh_from_db(fields=["version"])
        try:
            move(row, Event.LAPSE, ended_at=now, next_call_at=None)
        except Conflict:
            return 0
        unshare(row)
        calling.ask(row, now)
        audit.record("referral.lapsed", actor="system", subject=row.pk.hex, data={"case": row.case_id.hex})
    calling.call_workers(row)
    return 1


def _after_a_no(row: Referral, now: datetime) -> int:
    """A child at high risk was refused: the supervisors hear of it when nobody else was asked meanwhile."""
    followed = Referral.objects.filter(second_choice_of=row.pk, sent_at__isnull=False).exists()
    if not followed and not calling.call_supervisors(row):
        return 0
    with transaction.atomic():
        rows = Referral.objects.filter(pk=row.pk, state=row.state, next_call_at=row.next_call_at)
        if rows.update(next_call_at=None, supervisor_told_at=row.supervisor_told_at if followed else now) != 1:
            return 0
        if not followed:
            data: dict[str, str | int] = {"case": row.case_id.hex, "number": row.calls + 1}
            audit.record("referral.supervisor_told", actor="system", subject=row.pk.hex, data=data)
    return 1


def _stand_still(row: Referral) -> int:
    Referral.objects.filter(pk=row.pk, state=row.state, next_call_at=row.next_call_at).update(next_call_at=None)
    return 0


def end_sharing(now: datetime) -> int:
    """Take the receiver's keys to what ended some weeks ago; return from how many referrals."""
    rows = Referral.objects.filter(unshare_at__lte=now).select_related("case").order_by("unshare_at", "id")
    return sum(_end_sharing(row) for row in rows[:MOST_AT_ONCE])


def _end_sharing(row: Referral) -> int:
    with transaction.atomic():
        hold_case(row)
        try:
            write(row, unshare_at=None)
        except Conflict:
            return 0
        if not shared(row).exists():
            return 0
        unshare(row)
        audit.record("referral.unshared", actor="system", subject=row.pk.hex, data={"case": row.case_id.hex})
    return 1
