"""The goals of a plan: written in a draft, moved on as the services go, and what was really delivered for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.directory import knowledge as directory
from lindung.directory.models import Does, Organisation, Service
from lindung.vault.services import Keyring, RecordKeys

from .. import reviews, rules_plan, rules_risk, selectors
from ..models import Case, TaskKind
from ..models_plan import GOAL_DONE, Delivery, Goal, GoalState, Plan, PlanState
from . import ruled_tasks
from .access import checked_choice, checked_text, open_case_for, open_keys, seal, unseal
from .beside import hold, tell

LONGEST_MINUTES = 24 * 60

_PROBLEMS: dict[str, str | Promise] = {
    "one_of_two": _("Isi tanggal atau jumlah hari kerja, salah satu saja."),
    "working_days_range": _("Tulis 1 sampai 250 hari kerja."),
    "past": _("Tanggal ini sudah lewat di tempat anak."),
    "not_provided": _("Lembaga ini tidak menyediakan layanan itu sendiri. Pilih yang menyediakan."),
    "outcome_missing": _("Tulis singkat apa yang terjadi dengan layanannya."),
    "day": _("Tanggal layanan tidak bisa di masa depan, dan tidak sebelum laporan masuk."),
    "minutes": _("Tulis lamanya dalam menit, paling lama sehari."),
}


@dataclass(frozen=True)
class GoalInput:
    """A goal as the form gives it: a service, who provides it, by when (a date or working days), and its words."""

    service: str
    words: str = field(repr=False)
    provider_id: UUID | None = None
    due_on: date | None = None
    working_days: int | None = None


def checked_goal(case: Case, entry: GoalInput) -> date:
    """Return the local date on which the goal is due. Raises BadInput with the field.

    Working days count from today at the place of the case, without its holidays and joint leave.
    """
    checked_choice("service", entry.service, tuple(directory.services()))
    checked_text("words", entry.words)
    today = local_day(clock.now(), case.tz)
    problem = rules_plan.due_problem(entry.due_on, entry.working_days, today)
    if problem:
        raise BadInput(problem[0], _PROBLEMS[problem[1]])
    if entry.provider_id is not None and not provides(case, entry.provider_id, entry.service):
        raise BadInput("provider", _PROBLEMS["not_provided"])
    if entry.due_on is not None:
        return entry.due_on
    assert entry.working_days is not None
    return rules_plan.goal_due(clock.now(), entry.working_days, case.tz)


def provides(case: Case, organisation_id: UUID, service: str) -> bool:
    """Tell whether a body itself provides a service, and the case does not exclude its team."""
    rows = Organisation.objects.filter(pk=organisation_id)
    rows = rows.exclude(team__in=case.exclusions.values("team"))
    offered = Service.objects.filter(service=service, does=Does.PROVIDES, active=True)
    return rows.filter(services__in=offered).exists()


def write_goal(case: Case, keys: RecordKeys, goal: Goal, entry: GoalInput, due: date) -> Goal:
    """Fill a new goal and seal its words. Inside a transaction."""
    goal.service, goal.provider_id = entry.service, entry.provider_id
    goal.due_on, goal.working_days = due, entry.working_days
    goal.save(force_insert=True)
    seal(case, keys, goal.field, {"goal": entry.words})
    return goal


def goal_for(actor: Actor, goal_id: UUID, *states: str) -> tuple[Goal, Case]:
    """A goal of a case that the actor works on. Raises NotFound, NotAllowed, CaseClosed; Conflict when its plan is in
    none of `states`."""
    rows = Goal.objects.filter(pk=goal_id, plan__case__in=selectors.visible_to(actor).values("pk"))
    goal = rows.select_related("plan").first()
    if goal is None:
        raise NotFound
    case = open_case_for(actor, goal.plan.case_id)
    if goal.plan.state not in states:
        raise Conflict
    return goal, case


def _bump(goal: Goal, version: int | None, plan_states: tuple[str, ...], **changes: Any) -> None:
    """One conditional UPDATE: the goal is at the version that the person saw, its plan in one of these states."""
    seen = goal.version if version is None else version
    plans = Plan.objects.filter(state__in=plan_states)
    if "state" in changes:
        rows = Goal.objects.filter(pk=goal.pk, version=seen, state=goal.state, plan__in=plans)
    else:
        rows = Goal.objects.filter(pk=goal.pk, version=seen, plan__in=plans)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise Conflict
    goal.refresh_from_db()


def change_goal(actor: Actor, keyring: Keyring, goal_id: UUID, entry: GoalInput, version: int) -> Goal:
    """Write a goal of a draft anew; the earlier words stay sealed. Raises BadInput, Conflict since `version`."""
    goal, case = goal_for(actor, goal_id, PlanState.DRAFT)
    kept = entry.due_on == goal.due_on and entry.working_days is None
    due = goal.due_on if kept and _same_place(case, entry, goal) else checked_goal(case, entry)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        words = unseal(case, keys, goal.field)
        _bump(
            goal, version, (PlanState.DRAFT,), service=entry.service, provider_id=entry.provider_id, due_on=due,
            working_days=goal.working_days if kept else entry.working_days,
        )  # fmt: skip
        seal(case, keys, goal.field, {**words, "goal": checked_text("words", entry.words)})
        tell("case.goal_changed", actor, case, plan=goal.plan_id.hex, goal=goal.pk.hex, service=goal.service)
    return goal


def _same_place(case: Case, entry: GoalInput, goal: Goal) -> bool:
    """A goal that was taken over may be overdue: whoever only mends its words need not move its day."""
    same = (entry.service, entry.provider_id) == (goal.service, goal.provider_id)
    return same and goal.due_on < local_day(clock.now(), case.tz)


def remove_goal(actor: Actor, goal_id: UUID, version: int) -> None:
    """Take a goal out of a draft. One for which something was delivered stays. Raises Conflict."""
    goal, case = goal_for(actor, goal_id, PlanState.DRAFT)
    with transaction.atomic():
        hold(case)
        if goal.deliveries.exists():
            raise Conflict
        _bump(goal, version, (PlanState.DRAFT,))
        goal.delete()
        tell("case.goal_removed", actor, case, plan=goal.plan_id.hex, goal=goal_id.hex)


PRESENT = (PlanState.DRAFT, PlanState.WAITING, PlanState.APPROVED)
"""Services may begin before the paper is approved: high risk is served at once."""


def move_goal(actor: Actor, keyring: Keyring, goal_id: UUID, state: str, words: str, version: int) -> Goal:
    """Say how a goal stands. Outcomes that are not "reached" need words about the services, never about the child.

    Raises BadInput, Conflict for a way that does not exist, a plan that was replaced, or a change since `version`.
    """
    checked_choice("state", state, GoalState)
    outcome = checked_text("words", words, required=False)
    if state in rules_plan.NEEDS_WORDS and not outcome.strip():
        raise BadInput("words", _PROBLEMS["outcome_missing"])
    goal, case = goal_for(actor, goal_id, *PRESENT)
    if not rules_plan.may_goal_go(goal.state, state):
        raise Conflict
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        said = unseal(case, keys, goal.field)
        ended = clock.now() if state in GOAL_DONE else None
        _bump(goal, version, PRESENT, state=state, ended_at=ended)
        seal(case, keys, goal.field, {**said, "outcome": outcome})
        if ended:
            ruled_tasks.end(case, TaskKind.GOAL, goal.pk, actor)
        elif goal.plan.state == PlanState.APPROVED:
            ruled_tasks.ask(case, TaskKind.GOAL, goal.pk, rules_risk.on_day(goal.due_on, case.tz))
        tell("case.goal_moved", actor, case, goal=goal.pk.hex, service=goal.service, state=state)
    return goal


@dataclass(frozen=True)
class DeliveryInput:
    """A service that was really given: the local day, how long, by which body, whether the child was there."""

    on: date
    words: str = field(default="", repr=False)
    minutes: int | None = None
    organisation_id: UUID | None = None
    child_came: bool = True


def record_delivery(actor: Actor, keyring: Keyring, goal_id: UUID, entry: DeliveryInput) -> Delivery:
    """Write down a service that was delivered, also before the plan is approved. It sets a planned goal under way and
    ends the task of the first service. Raises BadInput, NotFound, CaseClosed, Conflict when the plan was replaced.
    """
    goal, case = goal_for(actor, goal_id, *PRESENT)
    words = checked_text("words", entry.words, required=not entry.child_came)
    _check_delivery(case, goal, entry)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        row = Delivery.objects.create(
            goal=goal, on=entry.on, minutes=entry.minutes, organisation_id=entry.organisation_id,
            child_came=entry.child_came, recorded_at=clock.now(), recorded_by_id=actor.user_id,
        )  # fmt: skip
        seal(case, keys, row.field, {"text": words})
        Goal.objects.filter(pk=goal.pk, state=GoalState.PLANNED).update(
            state=GoalState.UNDER_WAY, version=F("version") + 1
        )
        if entry.child_came:
            ruled_tasks.end(case, TaskKind.FIRST, case.pk, actor)
        tell("case.delivered", actor, case, goal=goal.pk.hex, delivery=row.pk.hex, service=goal.service)
    return row


def _check_delivery(case: Case, goal: Goal, entry: DeliveryInput) -> None:
    today = local_day(clock.now(), case.tz)
    if not local_day(reviews.received_at(case), case.tz) <= entry.on <= today:
        raise BadInput("on", _PROBLEMS["day"])
    if entry.minutes is not None and not 1 <= entry.minutes <= LONGEST_MINUTES:
        raise BadInput("minutes", _PROBLEMS["minutes"])
    known = entry.organisation_id in (None, goal.provider_id)
    if not known and not provides(case, entry.organisation_id, goal.service):  # type: ignore[arg-type]
        raise BadInput("organisation", _PROBLEMS["not_provided"])
