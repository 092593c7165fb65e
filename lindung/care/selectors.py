"""Reads: who is out, threats that a person may know of, talks that are owed, and how much work each person carries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.leaving import InHand
from lindung.accounts.models import Membership, Team, User
from lindung.accounts.rules import SUPERVISOR
from lindung.casework.models import CaseWorker, Risk, State
from lindung.reporting.models import OPEN_STATES, Report

from . import rules
from .models import Talk, TalkKind, Threat, Visit, VisitState

MONTHS = 6


def out_now(actor: Actor) -> QuerySet[Visit]:
    """Who is out now and who will be, in the person's teams; whom the case names (exclusions) sees nothing of it."""
    teams = actor.teams_with(rules.STAFF)
    rows = Visit.objects.filter(state__in=(VisitState.OUT, VisitState.PLANNED), case__team__in=teams)
    rows = rows.exclude(case__exclusions__team__in=actor.team_ids)
    return rows.select_related("worker", "companion", "case").order_by("-state", "back_by", "id")


def threats_seen(actor: Actor) -> QuerySet[Threat]:
    """The threats that a person may read; `rules.may_see_threat` says the same of one."""
    mine = Q(about=actor.user_id) | Q(told_by=actor.user_id)
    supervised = Q(team__in=actor.teams_with({SUPERVISOR}))
    rows = Threat.objects.filter(mine | supervised, team__in=actor.teams_with(rules.STAFF))
    return rows.select_related("about", "told_by", "team")


@dataclass(frozen=True)
class Load:
    """How much work one person of a team carries. `months`: cases worked on in each of the last months, this one last.

    `talk_due`: when the next regular talk should be; `next_talk`: when one is planned.
    """

    user: User
    cases: int
    high: int
    late: int
    reports: int
    months: tuple[int, ...]
    last_talk: datetime | None
    talk_due: datetime
    next_talk: datetime | None

    @property
    def risen(self) -> bool:
        """Clearly more than half a year ago: a reason to ask, never a judgement."""
        return self.months[-1] >= 2 * max(self.months[0], 2)


def load(actor: Actor, team: Team, now: datetime) -> list[Load]:
    """What each person of a team carries, the most laden first: seven queries. [] for who may not see it."""
    return _loads(team, now) if rules.may_see_load(actor, team.pk) else []


def own_load(actor: Actor, team: Team, now: datetime) -> Load | None:
    """The same of oneself."""
    return next((row for row in _loads(team, now, actor.user_id) if row.user.pk == actor.user_id), None)


def month_names(team: Team, now: datetime) -> list[date]:
    """The months of `Load.months`, by their first days in the zone of the team."""
    return rules.month_starts(now.astimezone(ZoneInfo(team.tz)).date(), MONTHS)


def _loads(team: Team, now: datetime, only: UUID | None = None) -> list[Load]:
    members = Membership.objects.filter(team=team, role__in=rules.STAFF, user__is_active=True)
    if only is not None:
        members = members.filter(user=only)
    people = {user.pk: user for user in User.objects.filter(pk__in=members.values("user"))}
    work = CaseWorker.objects.filter(user__in=people, until=None, case__team=team).exclude(case__state=State.CLOSED)
    cases = Counter(work.values_list("user", flat=True))
    high = Counter(work.filter(case__risk=Risk.HIGH).values_list("user", flat=True))
    late = Counter(work.filter(case__review_due_at__lt=now).values_list("user", flat=True))
    held = Report.objects.filter(claimed_by__in=people, team=team, state__in=OPEN_STATES).order_by()
    reports = dict(held.values_list("claimed_by").annotate(number=Count("pk")))
    talks = Talk.objects.filter(team=team, user__in=people, called_off=False).order_by()
    regular = talks.filter(kind__in=(TalkKind.SUPERVISION, TalkKind.DEBRIEFING))
    last = dict(regular.values_list("user").annotate(at=Max("held_at")))
    coming = dict(talks.filter(held_at=None, planned_at__gte=now).values_list("user").annotate(at=Min("planned_at")))
    months = _months(team, now, list(people))
    every = int(settings.LINDUNG_SUPERVISION_DAYS)
    rows = [
        Load(
            user=user, cases=cases[pk], high=high[pk], late=late[pk], reports=int(reports.get(pk, 0)),
            months=months[pk], last_talk=last.get(pk), talk_due=rules.talk_due(last.get(pk), user.created_at, every),
            next_talk=coming.get(pk),
        )
        for pk, user in people.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.high, -row.cases, -row.reports, row.user.display_name))


def _months(team: Team, now: datetime, people: list[UUID]) -> dict[UUID, tuple[int, ...]]:
    """How many cases each person worked on in each month: one query."""
    zone, starts = ZoneInfo(team.tz), month_names(team, now)
    begins = [datetime.combine(day, time(), zone) for day in starts]
    ends = [*begins[1:], now + timedelta(microseconds=1)]
    rows = CaseWorker.objects.filter(user__in=people, case__team=team).filter(Q(until=None) | Q(until__gte=begins[0]))
    cases: dict[UUID, list[set[UUID]]] = {pk: [set() for _n in starts] for pk in people}
    for user, case, since, until in rows.values_list("user", "case", "since", "until"):
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            if since < end and (until is None or until >= begin):
                cases[user][number].add(case)
    return {pk: tuple(len(found) for found in months) for pk, months in cases.items()}


def in_hand(user_id: UUID) -> list[InHand]:
    """What a leaver still has: visits that are planned or under way."""
    number = Visit.objects.filter(worker=user_id, state__in=(VisitState.PLANNED, VisitState.OUT)).count()
    return [InHand(_("kunjungan yang belum selesai"), number)]
