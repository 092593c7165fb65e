"""What the clock does: it calls for attention when a letter got no answer. It sends nothing to any addressee."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from lindung.accounts.models import Membership, Team
from lindung.audit import services as audit
from lindung.reporting.models import Report, ReportExclusion
from lindung.reporting.models import State as ReportState
from lindung.reporting.services import alerts

from .models import Item, State

LEASE = timedelta(minutes=15)
"""How long one loop has to deliver, and the wait before the next try."""


def remind(now: datetime) -> int:
    """Call whoever is on duty, once for each letter that was not answered in time; return for how many requests.

    Content-free, one letter a person whatever the number of requests. Several loops at once do no harm: each request
    is leased by one conditional UPDATE. A loop that dies lets its lease run out, and it goes out again.
    """
    due = Item.objects.filter(state=State.SENT, remind_at__lte=now).exclude(report__state=ReportState.WITHDRAWN)
    groups: dict[tuple[UUID, frozenset[UUID]], list[Item]] = {}
    for item in due.select_related("report").order_by("remind_at", "id"):
        leased = Item.objects.filter(pk=item.pk, state=State.SENT, remind_at=item.remind_at)
        if leased.update(remind_at=now + LEASE) == 1:
            groups.setdefault((item.report.team_id, _barred(item.report)), []).append(item)
    teams = {team.pk: team for team in Team.objects.filter(pk__in=[team for team, _ in groups])}
    return sum(_note(items, now) for (team, barred), items in groups.items() if _call(teams[team], barred, now))


def _call(team: Team, barred: frozenset[UUID], now: datetime) -> bool:
    return alerts.tell([person for person in alerts.duty_of(team, now) if person.pk not in barred])


def _barred(report: Report) -> frozenset[UUID]:
    """Members of the team who also belong to one that the report names are not called for it."""
    named = ReportExclusion.objects.filter(report=report).values("team")
    people = Membership.objects.filter(team__in=named, user__memberships__team=report.team_id)
    return frozenset(people.values_list("user_id", flat=True))


def _note(items: list[Item], now: datetime) -> int:
    """Write down for what somebody was called. What was answered meanwhile needs nothing."""
    done = 0
    with transaction.atomic():
        for item in items:
            rows = Item.objects.filter(pk=item.pk, state=State.SENT, remind_at=now + LEASE)
            if rows.update(remind_at=None, reminded_at=now):
                audit.record("takedown.reminded", actor="system", subject=item.pk.hex)
                done += 1
    return done
