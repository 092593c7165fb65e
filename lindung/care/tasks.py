"""What the clock does: it calls for whoever does not come back from a visit, and forgets old entries of diaries."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from lindung.accounts.models import Membership, User
from lindung.accounts.rules import SUPERVISOR
from lindung.audit import services as audit
from lindung.reporting.services import alerts

from . import rules
from .models import DiaryEntry, Visit, VisitState


def alarm(now: datetime) -> int:
    """Call for everybody who is out past the promised moment; return for how many visits.

    The person and the companion first, with whoever is on duty; from the second call on the supervisors too, every 15
    minutes until somebody says that they are back. Content-free, at any hour. Several loops at once do no harm: each
    call is won by one conditional UPDATE.
    """
    due = Visit.objects.filter(state=VisitState.OUT, alarm_at__lte=now).select_related("case__team")
    done = 0
    for visit in due.order_by("alarm_at", "id"):
        won = Visit.objects.filter(pk=visit.pk, state=VisitState.OUT, alarm_at=visit.alarm_at)
        if won.update(alarm_at=now + rules.AGAIN, alarms=F("alarms") + 1) != 1:
            continue
        alerts.tell(_called(visit, now))
        with transaction.atomic():
            audit.record("care.alarmed", actor="system", subject=visit.pk.hex, data={"number": visit.alarms + 1})
        done += 1
    return done


def _called(visit: Visit, now: datetime) -> list[User]:
    team = visit.case.team
    wanted = {visit.worker_id, *([visit.companion_id] if visit.companion_id else [])}
    people = {person.pk: person for person in alerts.duty_of(team, now)}
    if visit.alarms:
        wanted |= set(
            Membership.objects.filter(team=team, role=SUPERVISOR, user__is_active=True).values_list("user", flat=True)
        )
    people |= {person.pk: person for person in User.objects.filter(pk__in=wanted, is_active=True)}
    return list(people.values())


def forget(now: datetime) -> int:
    """Delete entries of diaries that are older than `rules.DIARY_DAYS`; returns how many went."""
    return DiaryEntry.objects.filter(on__lt=now.date() - timedelta(days=rules.DIARY_DAYS)).delete()[0]
