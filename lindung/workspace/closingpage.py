"""What the tab Penutupan and the page of an approval show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.text import capfirst

from lindung.casework import moves, rules
from lindung.casework.knowledge import ending
from lindung.casework.models import State
from lindung.casework.models_closing import Approval, ApprovalState, CaseMove, Closure, FollowUp, MoveState, Subject
from lindung.casework.models_plan import Goal, GoalState
from lindung.casework.rules_risk import on_day
from lindung.casework.services import approving, closing
from lindung.core.worktime import describe_day, local_day
from lindung.directory import knowledge as directory
from lindung.workspace.casepage import CasePage


def goals(page: CasePage) -> list[tuple[UUID, str]]:
    """The goals that the proposal gives an outcome, in words."""
    return [(goal.pk, _goal(page, goal)) for goal in closing.open_goals(page.case)]


def _goal(page: CasePage, goal: Goal) -> str:
    said = page.opened.words(goal.field).get("goal", "")
    service = capfirst(directory.service_label(goal.service))
    return f"{service}: {said}" if said else service


def approval(page: CasePage, row: Approval) -> dict[str, Any]:
    """A question for a second person, with everything that they look at."""
    words = page.opened.words(row.field)
    open_now = row.state == ApprovalState.OPEN
    return {
        "id": row.pk,
        "subject": row.subject,
        "label": row.get_subject_display(),
        "state": row.get_state_display(),
        "open": open_now,
        "by": row.asked_by.display_name,
        "own": row.asked_by_id == page.actor.user_id,
        "at": page.at(row.asked_at),
        "decided_by": row.decided_by.display_name if row.decided_by else "",
        "decided_at": page.at(row.decided_at) if row.decided_at else "",
        "words": words,
        "may_decide": open_now and approving.may_decide(page.actor, page.case, row),
        "may_take_back": open_now and (row.asked_by_id == page.actor.user_id or page.may_supervise),
        "closure": closure(page, row) if row.subject == Subject.CLOSURE else None,
    }


def closure(page: CasePage, row: Approval) -> dict[str, Any] | None:
    """What the end of the case is proposed with."""
    found = Closure.objects.filter(approval=row).first()
    return _closure(page, found) if found else None


def _closure(page: CasePage, row: Closure) -> dict[str, Any]:
    words = page.opened.words(row.field)
    known = {goal.pk.hex: goal for goal in Goal.objects.filter(plan__case=page.case)}
    outcomes = [
        {"goal": _goal(page, known[hexed]), "state": str(GoalState(said["state"]).label), "words": said["words"]}
        for hexed, said in words.get("goals", {}).items()
        if hexed in known
    ]
    reason = ending.reasons().get(row.reason)
    return {
        "reason": reason.label if reason else row.reason,
        "agrees": row.child_agrees,
        "asked": bool(reason and reason.agreement),
        "summary": words.get("summary", ""),
        "child_says": words.get("child_says", ""),
        "outcomes": outcomes,
        "closed": page.at(row.closed_at) if row.closed_at else "",
        "reopened": page.at(row.reopened_at) if row.reopened_at else "",
        "reopened_by": row.reopened_by.display_name if row.reopened_by else "",
        "reopen_reason": ending.reopenings()[row.reopen_reason].label if row.reopen_reason else "",
        "reopen_words": words.get("reopened", ""),
        "approved_by": row.approval.decided_by.display_name if row.approval.decided_by else "",
        "proposed_by": row.approval.asked_by.display_name,
    }


def closures(page: CasePage) -> list[dict[str, Any]]:
    """How the case ended before, the newest first."""
    rows = Closure.objects.filter(case=page.case, closed_at__isnull=False).order_by("-closed_at")
    rows = rows.select_related("approval__asked_by", "approval__decided_by", "reopened_by")
    return [_closure(page, row) for row in rows]


def waiting(page: CasePage) -> dict[str, Any] | None:
    """The proposal to close that waits for a second person."""
    row = Approval.objects.filter(case=page.case, subject=Subject.CLOSURE, state=ApprovalState.OPEN)
    found = row.select_related("asked_by", "decided_by").first()
    return approval(page, found) if found else None


def refused(page: CasePage) -> dict[str, Any] | None:
    """Why the last proposal was not agreed to, as long as the case goes on."""
    if page.case.state != State.OPEN:
        return None
    row = Approval.objects.filter(case=page.case, subject=Subject.CLOSURE).order_by("-asked_at")
    last = row.select_related("decided_by").first()
    if last is None or last.state != ApprovalState.REJECTED or last.decided_by is None:
        return None
    return {"by": last.decided_by.display_name, "words": page.opened.words(last.field).get("decided", "")}


def follow_ups(page: CasePage) -> list[dict[str, Any]]:
    """The looks after closing."""
    rows = FollowUp.objects.filter(case=page.case).select_related("done_by")
    today = local_day(page.now, page.tz)
    return [
        {
            "id": row.pk,
            "months": row.months,
            "due": describe_day(row.due_on, page.tz),
            "deadline": page.deadline(on_day(row.due_on, page.tz), timedelta(days=7)),
            "open": row.done_at is None and not row.cancelled,
            "now": row.due_on <= today + timedelta(days=14),
            "cancelled": row.cancelled,
            "done": page.at(row.done_at) if row.done_at else "",
            "by": row.done_by.display_name if row.done_by else "",
            "result": ending.results()[row.result].label if row.result in ending.results() else row.result,
            "calls_back": row.result in ending.calls_back() and page.case.state == State.CLOSED,
            "words": page.opened.words(row.field).get("words", ""),
        }
        for row in rows
    ]


def move(page: CasePage) -> dict[str, Any]:
    """Where the case is offered, or the last answer."""
    row = CaseMove.objects.filter(case=page.case).select_related("to_team", "from_team", "offered_by").last()
    if row is None:
        return {"open": False, "row": None}
    return {
        "open": row.state == MoveState.OFFERED,
        "row": row.pk,
        "to": row.to_team.name,
        "from": row.from_team.name,
        "state": row.get_state_display(),
        "reason": ending.moves()[row.reason].label if row.reason in ending.moves() else row.reason,
        "why_not": ending.declines()[row.decline_reason].label if row.decline_reason in ending.declines() else "",
        "due": page.deadline(row.answer_due_at),
        "at": page.at(row.offered_at),
        "here_now": row.state == MoveState.ACCEPTED,
        "words": page.opened.words(row.field).get("words", ""),
    }


def may_offer(page: CasePage, last: dict[str, Any]) -> bool:
    """Supervisors offer an open case that is not offered yet."""
    return page.case.state == State.OPEN and rules.may_supervise(page.actor, page.facts) and not last["open"]


def teams(page: CasePage) -> list[tuple[str, str]]:
    """The teams that can be asked."""
    found = moves.teams_to_ask(page.actor, page.case)
    return [(str(team.pk), f"{team.name} ({team.organisation.name})") for team in found]
