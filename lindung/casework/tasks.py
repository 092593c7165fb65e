"""What the clock does in this room: content-free calls to people for whom something waits too long.

A call is the one sentence of reporting's alerts: no id, no name, no reason. For each kind of thing a person is called
once in 24 hours at most, whatever the number, and only while offices of their team are open; an offered case of high
risk calls at any hour. Steps are registered with reporting.tasks in apps.ready.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from lindung.accounts.models import Membership, Team, User
from lindung.accounts.rules import SUPERVISOR
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.reporting.services import alerts

from .models import Case, CaseExclusion, CaseWorker, Risk, State
from .models_closing import Approval, ApprovalState, CallKind, CaseCall, CaseMove, Feedback, FollowUp, MoveState

EVERY = timedelta(hours=24)
RETRY = timedelta(minutes=30)
LOOK_EVERY = timedelta(minutes=5)
APPROVAL_WAITS = timedelta(days=2)
FEEDBACK_WAITS = timedelta(days=1)
REVIEW_TO_SUPERVISOR = timedelta(days=7)

_looked_at: datetime | None = None

Wanted = set[tuple[UUID, bool]]
"""Who should be called, and whether at any hour."""


def call(now: datetime | None = None) -> int:
    """Make the calls that are due; return how many people were called. Several loops at once call once.

    Not more often than every five minutes in one process: nothing here is a matter of minutes.
    """
    global _looked_at
    moment = now or clock.now()
    if now is None and _looked_at is not None and moment - _looked_at < LOOK_EVERY:
        return 0
    _looked_at = moment
    return sum(_call_all(kind, find(moment), moment) for kind, find in _KINDS.items())


# --- who waits for what -----------------------------------------------------------------------------------------------


def _reviews(now: datetime) -> Wanted:
    """Who works on an open case whose review is overdue; a week later its supervisors too."""
    late = Case.objects.filter(state=State.OPEN, review_due_at__lt=now)
    people = CaseWorker.objects.filter(until=None, case__in=late.values("pk"))
    very_late = late.filter(review_due_at__lt=now - REVIEW_TO_SUPERVISOR)
    return {(user, False) for user in people.values_list("user", flat=True).distinct()} | _supervisors(
        very_late.values_list("team", flat=True).distinct()
    )


def _follow_ups(now: datetime) -> Wanted:
    """Who worked on a closed case whose look is due; its supervisors when nobody does any more."""
    # A date, compared with the earliest local day of the country: no zone is called before its own day has come.
    today = worktime.local_day(now, "Asia/Jakarta")
    due = FollowUp.objects.filter(done_at=None, cancelled=False, due_on__lte=today, case__state=State.CLOSED)
    people = CaseWorker.objects.filter(until=None, case__in=due.values("case"))
    left = due.filter(~Exists(CaseWorker.objects.filter(case=OuterRef("case"), until=None)))
    return {(user, False) for user in people.values_list("user", flat=True).distinct()} | _supervisors(
        left.values_list("case__team", flat=True).distinct()
    )


def _moves(now: datetime) -> Wanted:
    """The supervisors of a team that was offered a case: high risk at once; and both teams when the time is over."""
    rows = CaseMove.objects.filter(state=MoveState.OFFERED, case__state=State.OPEN)
    due = rows.filter(Q(case__risk=Risk.HIGH) | Q(answer_due_at__lt=now)).select_related("case")
    found: Wanted = set()
    for row in due:
        high = row.case.risk == Risk.HIGH
        teams = [row.to_team_id, *([row.from_team_id] if row.answer_due_at < now else [])]
        barred = set(
            Membership.objects.filter(
                team__in=CaseExclusion.objects.filter(case=row.case_id).values("team")
            ).values_list("user", flat=True)
        )
        found |= {(user, high) for user, _any in _supervisors(teams) if user not in barred}
    return found


def _approvals(now: datetime) -> Wanted:
    """Supervisors, and who works on it besides who asked, when a question waits for a second person."""
    rows = Approval.objects.filter(state=ApprovalState.OPEN, asked_at__lt=now - APPROVAL_WAITS)
    others = CaseWorker.objects.filter(until=None, case__in=rows.values("case"))
    asked = Approval.objects.filter(case=OuterRef("case"), state=ApprovalState.OPEN, asked_by=OuterRef("user"))
    people = others.filter(~Exists(asked)).values_list("user", flat=True).distinct()
    return {(user, False) for user in people} | _supervisors(rows.values_list("case__team", flat=True).distinct())


def _feedback(now: datetime) -> Wanted:
    """Whoever should read what a child said: the person named, else the supervisors of the team that it went to."""
    rows = Feedback.objects.filter(answered_at=None, at__lt=now - FEEDBACK_WAITS)
    worked = CaseWorker.objects.filter(case=OuterRef("case"), user=OuterRef("for_user"))
    named = rows.filter(~Exists(worked), for_user__isnull=False, for_user__is_active=True)
    unnamed = rows.filter(Q(for_user=None) | Q(for_user__is_active=False) | Exists(worked))
    return {(user, False) for user in named.values_list("for_user", flat=True).distinct()} | _supervisors(
        unnamed.values_list("team", flat=True).distinct()
    )


def _unled(now: datetime) -> Wanted:
    """The supervisors of a team with an open case on which nobody works: a leaver's, or one that moved here."""
    nobody = ~Exists(CaseWorker.objects.filter(case=OuterRef("pk"), until=None))
    rows = Case.objects.filter(nobody, state__in=(State.OPEN, State.CLOSING), opened_at__lt=now - FEEDBACK_WAITS)
    return _supervisors(rows.values_list("team", flat=True).distinct())


_KINDS: dict[CallKind, Callable[[datetime], Wanted]] = {
    CallKind.MOVE: _moves,
    CallKind.APPROVAL: _approvals,
    CallKind.REVIEW: _reviews,
    CallKind.FOLLOW_UP: _follow_ups,
    CallKind.FEEDBACK: _feedback,
    CallKind.UNLED: _unled,
}


def _supervisors(teams: Iterable[UUID]) -> Wanted:
    rows = Membership.objects.filter(team__in=list(teams), role=SUPERVISOR, user__is_active=True)
    return {(user, False) for user in rows.values_list("user", flat=True).distinct()}


# --- calling ----------------------------------------------------------------------------------------------------------


def _call_all(kind: CallKind, wanted: Wanted, now: datetime) -> int:
    """Call each person once, outside any transaction. What did not go out is tried again half an hour later."""
    urgent = {user for user, at_once in wanted if at_once}
    people = User.objects.filter(pk__in={user for user, _at_once in wanted}, is_active=True).order_by("pk")
    done = 0
    for person in people:
        if person.pk not in urgent and not _at_work(person, now):
            continue
        if not _lease(person, kind, now):
            continue
        if alerts.tell([person]):
            done += 1
            with transaction.atomic():
                audit.record("case.called", actor="system", subject=person.pk.hex, data={"for": kind.value})
        else:
            CaseCall.objects.filter(user=person, kind=kind, called_at=now).update(called_at=now - EVERY + RETRY)
    return done


def _lease(person: User, kind: CallKind, now: datetime) -> bool:
    """Win the right to call: of several loops one, and once in 24 hours."""
    if CaseCall.objects.filter(user=person, kind=kind, called_at__lte=now - EVERY).update(called_at=now) == 1:
        return True
    if CaseCall.objects.filter(user=person, kind=kind).exists():
        return False
    try:
        with transaction.atomic():
            CaseCall(user=person, kind=kind, called_at=now).save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _at_work(person: User, now: datetime) -> bool:
    """Whether the office of one of the person's teams is open: nobody is called at night about what can wait."""
    zones = Team.objects.filter(memberships__user=person).values_list("tz", flat=True).distinct()
    return any(worktime.is_office_open(now, zone) for zone in zones)
