"""What another body did for a goal of the plan, told through a referral: rows that need no key of the case.

Called inside the transaction of whoever tells it, who writes the one audit event. The words stay where both sides read
them (the referral); here stand the day, the minutes and who it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F

from lindung.core import clock

from .. import rules_plan, signals
from ..models import Case, CaseTask, TaskKind
from ..models_plan import GOAL_DONE, Delivery, Goal, GoalState, PlanState

PRESENT = (PlanState.DRAFT, PlanState.WAITING, PlanState.APPROVED)


@dataclass(frozen=True)
class Delivered:
    """A service as another body gave it; `by_id` is who wrote it down there."""

    on: date
    minutes: int | None
    organisation_id: UUID
    child_came: bool
    by_id: UUID


def goal_behind(case_id: UUID, goal_id: UUID | None) -> Goal | None:
    """The goal as it stands today: itself, or the one of the present plan for the same service and body."""
    goal = Goal.objects.filter(pk=goal_id, plan__case=case_id).select_related("plan").first() if goal_id else None
    if goal is None or goal.plan.state in PRESENT:
        return goal
    taken_over = Goal.objects.filter(
        plan__case=case_id, plan__state__in=PRESENT, service=goal.service, provider=goal.provider_id
    )
    return taken_over.order_by("-plan__number", "due_on").first()


def under_way(case_id: UUID, goal_id: UUID | None) -> bool:
    """Somebody said yes to a goal: a planned one is under way. True when that changed something."""
    goal = goal_behind(case_id, goal_id)
    return goal is not None and _move(case_id, goal, GoalState.UNDER_WAY, only=(GoalState.PLANNED,))


def delivered(case_id: UUID, goal_id: UUID | None, what: Delivered) -> Delivery | None:
    """Write down a delivery for the goal behind a referral; None when there is no goal (any more)."""
    goal = goal_behind(case_id, goal_id)
    if goal is None:
        return None
    row = Delivery.objects.create(
        goal=goal, on=what.on, minutes=what.minutes, organisation_id=what.organisation_id, child_came=what.child_came,
        recorded_at=clock.now(), recorded_by_id=what.by_id,
    )  # fmt: skip
    _move(case_id, goal, GoalState.UNDER_WAY, only=(GoalState.PLANNED,))
    if what.child_came:
        waiting = CaseTask.objects.filter(case=case_id, kind=TaskKind.FIRST, subject=case_id, done_at=None)
        waiting.update(done_at=clock.now(), done_by=what.by_id)
    signals.case_changed.send(sender=Case, case_id=case_id, what="case.delivered")
    return row


def ended(case_id: UUID, goal_id: UUID | None, state: str, by_id: UUID) -> bool:
    """The service for a goal ended in this state; one that a colleague has ended already stays as they said."""
    goal = goal_behind(case_id, goal_id)
    if goal is None or not rules_plan.may_goal_go(goal.state, state):
        return False
    if not _move(case_id, goal, GoalState(state), only=(GoalState.PLANNED, GoalState.UNDER_WAY)):
        return False
    waiting = CaseTask.objects.filter(case=case_id, kind=TaskKind.GOAL, subject=goal.pk, done_at=None)
    waiting.update(done_at=clock.now(), done_by=by_id)
    return True


def _move(case_id: UUID, goal: Goal, state: GoalState, *, only: tuple[GoalState, ...]) -> bool:
    end = clock.now() if state in GOAL_DONE else None
    rows = Goal.objects.filter(pk=goal.pk, state__in=only)
    if rows.update(state=state, ended_at=end, version=F("version") + 1) != 1:
        return False
    signals.case_changed.send(sender=Case, case_id=case_id, what="case.goal_moved")
    return True
