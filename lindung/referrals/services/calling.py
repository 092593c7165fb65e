"""What the sender's worker has to do about a referral, and who is called: content-free, never a name or a place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, User
from lindung.accounts.rules import SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.casework.models import CaseExclusion, CaseIncident, CaseWorker, TaskKind
from lindung.casework.services import ruled_tasks
from lindung.reporting.services import alerts

from .. import rules
from ..models import Referral


def ask(referral: Referral, due_at: datetime) -> None:
    """Put it before whoever leads the case. Inside a transaction."""
    ruled_tasks.ask(referral.case, TaskKind.REFERRAL, referral.pk, due_at, earlier=True)


def end(referral: Referral, actor: Actor) -> None:
    """What was asked for happened. Inside a transaction."""
    ruled_tasks.end(referral.case, TaskKind.REFERRAL, referral.pk, actor)


def call_workers(referral: Referral) -> bool:
    """Call who works with the child, and without anybody the supervisors of the team. True when it went out."""
    return alerts.tell(_fit(referral, workers(referral)) or _fit(referral, supervisors(referral)))


def call_supervisors(referral: Referral) -> bool:
    """Call the supervisors of the sending team, and without any whoever works with the child."""
    return alerts.tell(_fit(referral, supervisors(referral)) or _fit(referral, workers(referral)))


def call_receivers(referral: Referral) -> bool:
    """Call everybody who can answer at the receiving team; nobody for a body without an account here."""
    people = receivers(referral)
    return alerts.tell(people) if people else True


def workers(referral: Referral) -> list[User]:
    """Who works with the child now."""
    rows = CaseWorker.objects.filter(case=referral.case_id, until=None).values("user")
    return list(User.objects.filter(pk__in=rows, is_active=True).order_by("pk"))


def supervisors(referral: Referral) -> list[User]:
    return list(members_of(referral.case.team_id, SUPERVISOR))


def receivers(referral: Referral) -> list[User]:
    """Who of the receiving team may answer: the same people as `rules.receives` lets in."""
    if referral.receiving_team_id is None:
        return []
    people = _fit(referral, list(members_of(referral.receiving_team_id, *rules.RECEIVERS)))
    busy = _elsewhere(referral.case_id)
    return [person for person in people if person.pk not in busy]


def _fit(referral: Referral, people: list[User]) -> list[User]:
    """Without those who also belong to a team that the case excludes."""
    named = CaseExclusion.objects.filter(case=referral.case_id).values("team")
    barred = set(Membership.objects.filter(team__in=named, user__in=people).values_list("user_id", flat=True))
    return [person for person in people if person.pk not in barred]


def _elsewhere(case_id: UUID) -> set[UUID]:
    """Who works with another child of the same incident."""
    shared: QuerySet[CaseIncident] = CaseIncident.objects.filter(case=case_id)
    others = CaseWorker.objects.filter(case__incidents__incident__in=shared.values("incident"), until=None)
    return set(others.exclude(case=case_id).values_list("user_id", flat=True))
