"""Calls to a team that was offered a report and has not answered: content-free, by the clock, at least once each.

What is urgent or of high risk calls that team's duty at once. When the time for an answer is over its duty is called;
when as long again is over, the supervisors of both teams and whoever offered it; then these once a day until somebody
decides. The team that offers keeps the report and its own alerts all the while.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from lindung.accounts.models import Membership, User
from lindung.accounts.rules import SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core import clock

from .. import rules_moves
from ..models import OPEN_STATES, ReportExclusion
from ..models_moves import Transfer, TransferState
from . import alerts

LEASE = timedelta(minutes=2)


def call_for_answers(now: datetime | None = None) -> int:
    """Make the calls that are due; return how many offers somebody was called for. Several loops at once call once."""
    moment = now or clock.now()
    due = _due(moment).select_related("from_team", "to_team", "offered_by").order_by("remind_at", "id")
    return sum(_call(row, moment) for row in due if _lease(row, moment))


def _due(now: datetime) -> QuerySet[Transfer]:
    return Transfer.objects.filter(state=TransferState.OFFERED, report__state__in=OPEN_STATES, remind_at__lte=now)


def _lease(row: Transfer, now: datetime) -> bool:
    rows = Transfer.objects.filter(pk=row.pk, state=TransferState.OFFERED, remind_at=row.remind_at)
    return rows.update(remind_at=now + LEASE) == 1


def _call(row: Transfer, now: datetime) -> int:
    """One call. What did not go out is tried again when the lease has run out."""
    both = rules_moves.call_reaches_both(row.offered_at, row.due_at, now)
    if not alerts.tell(_people(row, now, both), row.reminders + 1):
        return 0
    following = rules_moves.next_call(row.offered_at, row.due_at, now)
    with transaction.atomic():
        rows = Transfer.objects.filter(pk=row.pk, state=TransferState.OFFERED)
        if rows.update(remind_at=following, reminders=F("reminders") + 1) == 1:
            data: dict[str, str | int | bool] = {"transfer": row.pk.hex, "number": row.reminders + 1, "both": both}
            audit.record("report.transfer_called", actor="system", subject=row.report_id.hex, data=data)
    return 1


def _people(row: Transfer, now: datetime, both: bool) -> list[User]:
    """Whom to call; nobody who also belongs to a team that the report is hidden from."""
    if both:
        found = [*members_of(row.to_team_id, SUPERVISOR), *members_of(row.from_team_id, SUPERVISOR)]
        found += [row.offered_by] if row.offered_by.is_active else []
        found = found or alerts.duty_of(row.to_team, now)
    else:
        found = alerts.duty_of(row.to_team, now)
    named = ReportExclusion.objects.filter(report=row.report_id, team=OuterRef("team"))
    barred = set(Membership.objects.filter(Exists(named), user__in=found).values_list("user_id", flat=True))
    return list({person.pk: person for person in found if person.pk not in barred}.values())
