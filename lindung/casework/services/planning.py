"""Plans of services: drawn up with the child, approved by a second person, replaced by the next one.

A plan waiting for approval does not change, so that the second person approves what they read; an approved one changes
only in what became of its goals. What changes more is a new plan, which begins with the goals that are still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_plan, rules_risk, selectors
from ..models import Case, Stage, TaskKind
from ..models_closing import Approval, ApprovalState, Subject
from ..models_plan import GOAL_DONE, Goal, Plan, PlanState
from . import approving, ruled_tasks
from .access import checked_text, lock, open_case_for, open_keys, seal, touch, unseal
from .beside import hold, tell
from .goals import GoalInput, checked_goal, write_goal

_PROBLEMS: dict[str, str | Promise] = {"no_goals": _("Tambahkan paling sedikit satu tujuan.")}


@dataclass(frozen=True)
class PlanWords:
    """The words of a plan, all sealed: what the child wishes and hopes, and what was agreed with whom."""

    wishes: str = field(repr=False)
    agreed: str = field(default="", repr=False)

    def checked(self) -> dict[str, str]:
        return {
            "wishes": checked_text("wishes", self.wishes),
            "agreed": checked_text("agreed", self.agreed, required=False),
        }


def new_plan(
    actor: Actor, keyring: Keyring, case_id: UUID, words: PlanWords, *, with_child: bool, version: int
) -> Plan:
    """Begin a plan as a draft. It takes over the goals of the present plan that have not ended, with their words.

    Raises BadInput, CaseClosed, Conflict when there is a draft or a waiting plan already, or the case changed since
    `version`.
    """
    sealed = words.checked()
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        touch(case, version=version, stage=_stage(case, Stage.PLAN))
        if Plan.objects.filter(case=case, state__in=(PlanState.DRAFT, PlanState.WAITING)).exists():
            raise Conflict
        number = (Plan.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0) + 1
        plan = _made(case, number, actor, with_child)
        seal(case, keys, plan.field, sealed)
        present = Plan.objects.filter(case=case, state=PlanState.APPROVED).first()
        for goal in present.goals.exclude(state__in=GOAL_DONE) if present else ():
            _carry(case, keys, goal, plan)
        tell("case.plan_made", actor, case, plan=plan.pk.hex, number=number, with_child=with_child)
    return plan


def _made(case: Case, number: int, actor: Actor, with_child: bool) -> Plan:
    try:
        with transaction.atomic():
            return Plan.objects.create(
                case=case, number=number, made_at=clock.now(), made_by_id=actor.user_id, with_child=with_child
            )
    except IntegrityError:
        raise Conflict from None


def _carry(case: Case, keys: RecordKeys, goal: Goal, plan: Plan) -> None:
    row = Goal.objects.create(
        plan=plan, service=goal.service, provider_id=goal.provider_id, state=goal.state, due_on=goal.due_on,
        working_days=goal.working_days,
    )  # fmt: skip
    seal(case, keys, row.field, {**unseal(case, keys, goal.field), "carried_from": goal.pk.hex})


def _stage(case: Case, wanted: Stage) -> str:
    """Work that is further on is not set back by paper."""
    order = list(Stage)
    return max(Stage(case.stage), wanted, key=order.index).value


def plan_for(actor: Actor, plan_id: UUID, *states: str) -> tuple[Plan, Case]:
    """A plan of a case that the actor works on. Raises NotFound, NotAllowed, CaseClosed, Conflict in another state."""
    plan = Plan.objects.filter(pk=plan_id, case__in=selectors.visible_to(actor).values("pk")).first()
    if plan is None:
        raise NotFound
    case = open_case_for(actor, plan.case_id)
    if states and plan.state not in states:
        raise Conflict
    return plan, case


def bump(plan: Plan, version: int | None, before: str, **changes: Any) -> None:
    """One conditional UPDATE: the plan is still in the state and at the version that the person saw."""
    seen = plan.version if version is None else version
    rows = Plan.objects.filter(pk=plan.pk, state=before, version=seen)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise Conflict
    plan.refresh_from_db()


def write_plan(
    actor: Actor, keyring: Keyring, plan_id: UUID, words: PlanWords, *, with_child: bool, version: int
) -> Plan:
    """Write the words of a draft anew; the earlier ones stay sealed. Raises BadInput, Conflict since `version`."""
    sealed = words.checked()
    plan, case = plan_for(actor, plan_id, PlanState.DRAFT)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        bump(plan, version, PlanState.DRAFT, with_child=with_child)
        seal(case, keys, plan.field, sealed)
        tell("case.plan_changed", actor, case, plan=plan.pk.hex)
    return plan


def discard(actor: Actor, plan_id: UUID, version: int) -> None:
    """Put a draft aside; it stays readable as replaced. Raises Conflict since `version`."""
    plan, case = plan_for(actor, plan_id, PlanState.DRAFT)
    with transaction.atomic():
        hold(case)
        bump(plan, version, PlanState.DRAFT, state=PlanState.REPLACED)
        tell("case.plan_discarded", actor, case, plan=plan.pk.hex)


def add_goal(actor: Actor, keyring: Keyring, plan_id: UUID, entry: GoalInput) -> Goal:
    """Add a goal to a draft. Raises BadInput, Conflict when the plan is no draft any more."""
    plan, case = plan_for(actor, plan_id, PlanState.DRAFT)
    due = checked_goal(case, entry)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        plan.refresh_from_db()
        bump(plan, None, PlanState.DRAFT)
        goal = write_goal(case, keys, Goal(plan=plan), entry, due)
        tell("case.goal_added", actor, case, plan=plan.pk.hex, goal=goal.pk.hex, service=goal.service)
    return goal


def ask_approval(actor: Actor, keyring: Keyring, plan_id: UUID, words: str, version: int) -> Approval:
    """Ask a second person to approve the draft as it stands now. Raises BadInput without a goal, Conflict."""
    plan, case = plan_for(actor, plan_id, PlanState.DRAFT)
    if not plan.goals.exists():
        raise BadInput("words", _PROBLEMS["no_goals"])

    def prepare(_case: Case, _keys: RecordKeys, _approval: Approval) -> None:
        bump(plan, version, PlanState.DRAFT, state=PlanState.WAITING)

    return approving.ask(actor, keyring, case.pk, Subject.PLAN, plan=plan, words=words, prepare=prepare)


def on_decided(actor: Actor, case: Case, keys: RecordKeys, approval: Approval) -> None:
    """What follows when the second person decided: registered with `approving.on_decided` in apps.ready."""
    plan = Plan.objects.get(approvals=approval)
    if approval.state == ApprovalState.APPROVED:
        on_approved(actor, case, plan)
    else:
        bump(plan, None, PlanState.WAITING, state=PlanState.DRAFT)


def on_approved(actor: Actor, case: Case, plan: Plan) -> None:
    """Make a waiting plan the present one: the earlier is replaced, and each open goal makes a task for its day.

    Inside the transaction of the decision. Goals of the replaced plan that were taken over keep their deliveries there.
    """
    for old in lock(Plan.objects.filter(case=case, state=PlanState.APPROVED)):
        bump(old, None, PlanState.APPROVED, state=PlanState.REPLACED)
    bump(plan, None, PlanState.WAITING, state=PlanState.APPROVED)
    ruled_tasks.end_kind(case, TaskKind.GOAL, actor)
    for goal in plan.goals.exclude(state__in=GOAL_DONE):
        ruled_tasks.ask(case, TaskKind.GOAL, goal.pk, rules_risk.on_day(goal.due_on, case.tz))
    touch(case, stage=_stage(case, Stage.SERVICE))


def today(case: Case) -> date:
    """The local date at the place of a case."""
    return local_day(clock.now(), case.tz)


def goal_states(plan: Plan) -> Mapping[str, int]:
    """How many goals of a plan stand in which state, for the closure and the summary."""
    found: dict[str, int] = {}
    for state in plan.goals.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


__all__ = [
    "PlanWords",
    "add_goal",
    "ask_approval",
    "bump",
    "discard",
    "goal_states",
    "new_plan",
    "on_approved",
    "on_decided",
    "plan_for",
    "rules_plan",
    "today",
    "write_plan",
]
