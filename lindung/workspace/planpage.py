"""What the tab Rencana shows: rows and sealed words put together for its templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from lindung.casework import reviews, rules_plan, rules_risk
from lindung.casework.knowledge import plan as knowledge
from lindung.casework.knowledge import standard as standards
from lindung.casework.models import Case, Stage
from lindung.casework.models_closing import Approval, ApprovalState, Subject
from lindung.casework.models_plan import (
    GOAL_DONE,
    Assessment,
    CaseReview,
    Conference,
    Delivery,
    Goal,
    GoalState,
    GroupMember,
    Mark,
    MarkState,
    Plan,
    PlanState,
    SafetyPlan,
)
from lindung.casework.services import approving, checklist
from lindung.core import clock
from lindung.core.worktime import describe_day, local_day
from lindung.directory import knowledge as directory
from lindung.directory import selectors as bodies
from lindung.directory.rules import ForWhom
from lindung.workspace.casepage import CasePage
from lindung.workspace.forms_case_plan import SAFETY_LABELS
from lindung.workspace.marks import RISKS

MOST_PROVIDERS = 60
GOAL_CSS = {
    GoalState.REACHED: "low", GoalState.PARTLY: "medium", GoalState.NOT_REACHED: "medium", GoalState.UNDER_WAY: "new",
}  # fmt: skip
PLAN_CSS = {PlanState.DRAFT: "medium", PlanState.WAITING: "new", PlanState.APPROVED: "low"}
MARK_CSS = {MarkState.DONE: "low", MarkState.NOT_APPLICABLE: "outline", MarkState.UNDONE: ""}


def assessments(page: CasePage) -> list[dict[str, Any]]:
    """Every assessment, the newest first, with the rules that fired and why."""
    rows = Assessment.objects.filter(case=page.case).select_related("by").order_by("-at", "-id")
    rules = {rule.code: rule for rule in knowledge.rules()}
    found = []
    for row in rows:
        words = page.opened.words(row.field)
        answers = words.get("answers", {})
        found.append(
            {
                "at": page.at(row.at),
                "by": row.by.display_name,
                "risk": row.risk,
                "risk_label": RISKS[row.risk],
                "suggested": row.suggested,
                "suggested_label": RISKS[row.suggested],
                "below": knowledge.RISKS.index(row.risk) < knowledge.RISKS.index(row.suggested),
                "fired": [rules[code].label for code in words.get("fired", []) if code in rules],
                "missing": [knowledge.items()[code].label for code in words.get("missing", [])],
                "rationale": words.get("rationale", ""),
                "needs": words.get("needs", ""),
                "strengths": _strengths(answers),
                "notes": _notes(words),
                "services": rules_risk.proposed_services(answers),
                "words": words,
            }
        )
    return found


def _strengths(answers: Mapping[str, str]) -> list[str]:
    some = (area for area in knowledge.areas() if area.strengths)
    return [item.label for area in some for item in area.items if answers.get(item.code) == knowledge.YES]


def _notes(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    notes = words.get("notes", {})
    return [(area.label.label, notes[area.code]) for area in knowledge.areas() if area.code in notes]


def suggestion(answers: Mapping[str, str]) -> dict[str, Any]:
    """What the rules say about these answers, for the form."""
    found = rules_risk.suggest(answers)
    return {
        "risk": found.risk,
        "label": RISKS[found.risk],
        "fired": [{"why": rule.label, "risk": rule.risk, "risk_label": RISKS[rule.risk]} for rule in found.fired],
        "missing": [knowledge.items()[code].label for code in found.missing],
    }


def safety_plans(page: CasePage) -> list[dict[str, Any]]:
    """Safety plans, the newest first."""
    rows = SafetyPlan.objects.filter(case=page.case).select_related("by").order_by("-at", "-id")
    today = local_day(page.now, page.tz)
    found = []
    for row in rows:
        words = page.opened.words(row.field)
        found.append(
            {
                "at": page.at(row.at),
                "by": row.by.display_name,
                "with_child": row.with_child,
                "lines": [(label, words.get(part, "")) for part, (label, _help) in SAFETY_LABELS.items()],
                "review": _day(page, row.review_on),
                "late": row.review_on < today,
            }
        )
    return found


def _day(page: CasePage, day: date) -> str:
    return describe_day(day, page.tz)


def plans(page: CasePage) -> list[dict[str, Any]]:
    """Every plan with its goals and what was delivered: draft or waiting first, then the present, then older."""
    deliveries = Delivery.objects.select_related("organisation", "recorded_by")
    goals = Goal.objects.select_related("provider").prefetch_related(Prefetch("deliveries", queryset=deliveries))
    rows = Plan.objects.filter(case=page.case).select_related("made_by").prefetch_related(
        Prefetch("goals", queryset=goals)
    )  # fmt: skip
    order = {PlanState.DRAFT: 0, PlanState.WAITING: 0, PlanState.APPROVED: 1, PlanState.REPLACED: 2}
    ranked = sorted(rows, key=lambda row: (order[PlanState(row.state)], -row.number))
    return [_plan(page, row) for row in ranked]


def _plan(page: CasePage, row: Plan) -> dict[str, Any]:
    words = page.opened.words(row.field)
    state = PlanState(row.state)
    return {
        "id": row.pk,
        "number": row.number,
        "version": row.version,
        "state": state.value,
        "label": state.label,
        "css": PLAN_CSS.get(state, "outline"),
        "by": row.made_by.display_name,
        "at": page.at(row.made_at),
        "with_child": row.with_child,
        "wishes": words.get("wishes", ""),
        "agreed": words.get("agreed", ""),
        "goals": [_goal(page, goal, row) for goal in row.goals.all()],
        "draft": state == PlanState.DRAFT,
        "moves": state != PlanState.REPLACED,
    }


def _goal(page: CasePage, goal: Goal, plan: Plan) -> dict[str, Any]:
    words, state = page.opened.words(goal.field), GoalState(goal.state)
    ended = state in GOAL_DONE
    due = page.deadline(rules_risk.on_day(goal.due_on, page.tz), timedelta(days=3))
    return {
        "id": goal.pk,
        "version": goal.version,
        "service": directory.service_label(goal.service),
        "words": words.get("goal", ""),
        "outcome": words.get("outcome", ""),
        "provider": goal.provider.name if goal.provider else "",
        "state": state.label,
        "css": GOAL_CSS.get(state, "outline"),
        "ended": ended,
        "due": _day(page, goal.due_on),
        "due_css": "" if ended else due.css,
        "due_text": "" if ended else due.text,
        "working_days": goal.working_days,
        "deliveries": [_delivery(page, row) for row in goal.deliveries.all()],
        "removable": plan.state == PlanState.DRAFT and not goal.deliveries.all(),
    }


def _delivery(page: CasePage, row: Delivery) -> dict[str, Any]:
    return {
        "on": _day(page, row.on),
        "minutes": row.minutes,
        "by": row.organisation.name if row.organisation else "",
        "came": row.child_came,
        "text": page.opened.words(row.field).get("text", ""),
        "who": row.recorded_by.display_name,
    }


def approval(page: CasePage) -> dict[str, Any] | None:
    """The open question about a plan, with what this person may do about it; None when nothing waits."""
    rows = Approval.objects.filter(case=page.case, subject=Subject.PLAN, state=ApprovalState.OPEN)
    row = rows.select_related("asked_by").first()
    if row is None:
        return None
    return {
        "id": row.pk,
        "plan": row.plan_id,
        "by": row.asked_by.display_name,
        "at": page.at(row.asked_at),
        "words": page.opened.words(row.field).get("asked", ""),
        "may_decide": page.may_work and approving.may_decide(page.actor, page.case, row),
        "own": row.asked_by_id == page.actor.user_id,
    }


def refused(page: CasePage, plan_id: UUID) -> dict[str, Any] | None:
    """Why the second person did not agree last time, for the draft."""
    rows = Approval.objects.filter(case=page.case, plan=plan_id, state=ApprovalState.REJECTED)
    row = rows.select_related("decided_by").order_by("-decided_at").first()
    if row is None or row.decided_by is None:
        return None
    return {"by": row.decided_by.display_name, "words": page.opened.words(row.field).get("decided", "")}


def open_needs(latest: Mapping[str, Any] | None, shown: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Services that the newest assessment asks for and no present goal has."""
    if latest is None:
        return []
    there = {goal["service"] for plan in shown if plan["state"] != PlanState.REPLACED for goal in plan["goals"]}
    labels = ((code, directory.service_label(code)) for code in latest["services"])
    return [{"code": code, "label": label} for code, label in labels if label not in there]


# --- the rest of the tab --------------------------------------------------------------------------------------------


def conferences(page: CasePage) -> list[dict[str, Any]]:
    """Conferences, the newest first."""
    rows = Conference.objects.filter(case=page.case).select_related("by").order_by("-planned_at", "-id")
    return [
        {
            "id": row.pk,
            "planned": page.at(row.planned_at),
            "held": page.at(row.held_at) if row.held_at else "",
            "late": row.held_at is None and row.planned_at < page.now,
            "by": row.by.display_name,
            "words": page.opened.words(row.field),
        }
        for row in rows
    ]


def case_reviews(page: CasePage) -> list[dict[str, Any]]:
    """Looks at the whole case, the newest first."""
    rows = CaseReview.objects.filter(case=page.case).select_related("by").order_by("-at", "-id")
    return [
        {
            "at": page.at(row.at),
            "by": row.by.display_name,
            "text": page.opened.words(row.field).get("text", ""),
            "late": row.due_at is not None and row.due_at < row.at,
        }
        for row in rows
    ]


def memberships(page: CasePage) -> list[dict[str, Any]]:
    """Groups that the child takes part in."""
    rows = GroupMember.objects.filter(case=page.case, group__team=page.case.team_id)
    rows = rows.select_related("group").order_by("joined_at")
    return [
        {"id": row.group_id, "label": knowledge.programmes()[row.group.programme].label, "ended": row.group.ended_on}
        for row in rows
    ]


def stages(page: CasePage, marks: Mapping[str, Mark], *, seen: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """The checklist by stage: how far it is, and with `seen` (how many marks each point has) every point."""
    present = standards.find(page.case.standard)
    if present is None:
        return []
    states = checklist.states_of(marks)
    due = reviews.due_items(page.case, present, reviews.received_at(page.case)) if seen is not None else {}
    found = []
    for stage in present.stages:
        far = rules_plan.progress(stage.items, states, page.case.risk)
        items = [] if seen is None else [
            {**_point(page, item, marks.get(item.code), due), "seen": seen.get(item.code, 0)} for item in stage.items
        ]  # fmt: skip
        found.append(
            {
                "code": stage.code,
                "label": Stage(stage.code).label,
                "progress": far,
                "items": items,
                "here": stage.code == page.case.stage,
            }
        )
    return found


def _point(page: CasePage, item: standards.Item, mark: Mark | None, due: Mapping[str, Any]) -> dict[str, Any]:
    state = MarkState(mark.state) if mark else MarkState.UNDONE
    waiting = state == MarkState.UNDONE and item.applies_to(page.case.risk)
    return {
        "code": item.code,
        "label": item.label,
        "state": state.value,
        "state_label": state.label,
        "css": MARK_CSS[state],
        "applies": item.applies_to(page.case.risk),
        "due": page.deadline(due[item.code]) if waiting and item.code in due else None,
        "by": mark.by.display_name if mark else "",
        "at": page.at(mark.at) if mark else "",
        "words": page.opened.words(mark.field).get("text", "") if mark else "",
    }


def standard_name(page: CasePage) -> str:
    """The version that the case follows, in words; its bare name when its file is not here any more."""
    present = standards.find(page.case.standard)
    return present.label if present else page.case.standard


def newer_standards(page: CasePage) -> list[tuple[str, str]]:
    """Versions that the case can be moved to."""
    rows = standards.newer_than(page.case.standard, today(page.case))
    return [(one.version, f"{one.label} ({one.version})") for one in rows]


def today(case: Case) -> date:
    """The local date at the place of a case."""
    return local_day(clock.now(), case.tz)


# --- who provides ---------------------------------------------------------------------------------------------------


def provider_choices(page: CasePage, service: str, *, also: Goal | None = None) -> list[tuple[str, str]]:
    """Bodies that provide a service for where the child is, the best first, each with why it may not do.

    A body of a team that the case excludes is never offered. The present one of `also` is always there.
    """
    place = page.opened.places.get("present") or page.opened.places.get("home") or {}
    region = str(place.get("regency") or place.get("province") or "")
    shut_out = set(page.case.exclusions.values_list("team_id", flat=True))
    found: dict[str, str] = {}
    if also is not None and also.provider is not None:
        found[str(also.provider.pk)] = also.provider.name
    for one in bodies.providers(service, region, child=for_whom(page)):
        body = one.organisation
        if one.refused or (body.team_id and body.team_id in shut_out) or len(found) >= MOST_PROVIDERS:
            continue
        reasons = f" ({', '.join(one.reasons)})" if one.reasons else ""
        found.setdefault(str(body.pk), body.name + reasons)
    return list(found.items())


def for_whom(page: CasePage) -> ForWhom:
    """What the search asks for this child; answered in memory and forgotten."""
    child = page.opened.child
    band = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(child.get("age_band") or ""))
    ages = (int(band[1]), int(band[2])) if band else (None, None)
    sex = str(child.get("sex") or "")
    return ForWhom(age_from=ages[0], age_to=ages[1], sex=sex if sex in {"male", "female"} else "")


def service_rows(wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Every service to choose from; those that the assessment asks for first."""
    first = list(wanted)
    codes = [*first, *(code for code in directory.services() if code not in first)]
    return [
        {"code": code, "label": directory.service_label(code), "asked": code in first, "note": _uptd(code)}
        for code in codes
        if code in directory.services()
    ]


def _uptd(code: str) -> str:
    does = directory.services()[code].uptd
    return _("UPTD PPA memfasilitasi; lembaga lain yang menyediakan") if does == "facilitates" else ""
