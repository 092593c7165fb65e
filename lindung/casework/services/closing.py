"""The end of a case: one person proposes it with its reasons and what came of each goal, a different one agrees.

Nothing ends while something is left to do for the child. With the case its reports end, as far as no other open case
was made from them. Three and six months later somebody looks how the child is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.core.worktime import local_day
from lindung.reporting.models import Report
from lindung.reporting.models import State as ReportState
from lindung.reporting.services import closing as reports
from lindung.vault.services import Keyring, RecordKeys

from .. import rules, rules_closing, rules_risk, selectors, signals
from ..errors import NotYet
from ..knowledge import ending
from ..models import Case, CaseReport, ChildEventKind, State, TaskKind
from ..models_closing import Approval, ApprovalState, CaseMove, Closure, FollowUp, MoveState, Subject
from ..models_legal import Demand, PoliceDuty
from ..models_plan import GOAL_DONE, Goal, GoalState, PlanState
from ..models_rights import Decision, DecisionState
from ..state import Event
from . import approving, demands, ruled_tasks
from .access import case_for, checked_choice, checked_text, move, open_case_for, open_keys, seal, unseal
from .beside import hold

Block = Callable[[Case], Iterable[tuple[str, "str | Promise"]]]
"""block(case) gives what is left to do before the case can end, each as (code, sentence)."""

_blocks: dict[str, Block] = {}


def register_block(room: str, question: Block) -> None:
    """Have `question(case)` asked before a case ends; for rooms above, in their apps.ready(). Again: replaces it."""
    _blocks[room] = question


# --- what is left to do -----------------------------------------------------------------------------------------------


def obstacles(case: Case, *, reason: str = "") -> list[tuple[str, str | Promise]]:
    """What must be done before the case can end, each as (code, sentence); empty when nothing is left."""
    found: list[tuple[str, str | Promise]] = [(code, ending.blocks()[code].label) for code in _own(case, reason)]
    for _room, question in sorted(_blocks.items()):
        found += question(case)
    return found


def _own(case: Case, reason: str) -> list[str]:
    found = []
    others = Approval.objects.filter(case=case, state=ApprovalState.OPEN).exclude(subject=Subject.CLOSURE)
    if others.exists():
        found.append("approval")
    if CaseMove.objects.filter(case=case, state=MoveState.OFFERED).exists():
        found.append("move")
    if PoliceDuty.objects.filter(case=case, decision="").exists():
        found.append("police")
    if Decision.objects.filter(case=case, state=DecisionState.DRAFT).exists():
        found.append("decision")
    if Demand.objects.filter(case=case, state__in=demands.OPEN).exists():
        found.append("demand")
    events = selectors.child_states(case.pk)
    if ChildEventKind.MISSING in events:
        found.append("missing")
    wanted = ending.reasons()[reason].event if reason in ending.reasons() else ""
    if wanted and wanted not in events:
        found.append("not_dead")
    return [*found, *_left_on_reports(case)]


def _reports_to_close(case: Case) -> list[Report]:
    """The reports that end with the case: open, and of no other case that goes on."""
    own = CaseReport.objects.filter(case=case).values("report")
    rest = CaseReport.objects.filter(report__in=own).exclude(case=case).exclude(case__state=State.CLOSED)
    rows = Report.objects.filter(pk__in=own, merged_into=None).exclude(pk__in=rest.values("report"))
    return list(rows.exclude(state__in=[ReportState.CLOSED, ReportState.WITHDRAWN]).order_by("received_at", "id"))


def _left_on_reports(case: Case) -> list[str]:
    codes = [code for report in _reports_to_close(case) for code in reports.obstacles(report)]
    # That it became a case is a judgement of its own.
    known = [f"report_{code}" for code in dict.fromkeys(codes) if code != "not_judged"]
    return [code for code in known if code in ending.blocks()]


# --- proposing and agreeing -------------------------------------------------------------------------------------------


def open_goals(case: Case) -> list[Goal]:
    """Goals of the present plan that have no outcome yet; the proposal gives each one."""
    rows = Goal.objects.filter(plan__case=case, plan__state=PlanState.APPROVED).exclude(state__in=GOAL_DONE)
    return list(rows.select_related("provider").order_by("due_on", "id"))


def propose(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    reason: str,
    summary: str,
    outcomes: Mapping[UUID, tuple[str, str]] | None = None,
    child_agrees: bool | None = None,
    child_says: str = "",
    version: int | None = None,
) -> Approval:
    """Propose to end a case. `outcomes` gives each open goal what came of it and why, in words.

    Raises NotYet with what is left to do, BadInput for a goal without outcome or when nobody asked the child,
    CaseClosed, Conflict when it is proposed already or the case changed since `version`.
    """
    checked_choice("reason", reason, ending.reasons())
    summary, child_says = checked_text("summary", summary), checked_text("child_says", child_says, required=False)
    case = open_case_for(actor, case_id, rules.may_work)
    _check_child(reason, child_agrees, child_says)
    _check_ready(case, reason)
    said = _outcomes(case, outcomes or {})

    def write(case: Case, keys: RecordKeys, row: Approval) -> None:
        closure = Closure(case=case, approval=row, reason=reason, child_agrees=child_agrees)
        closure.save(force_insert=True)
        seal(case, keys, closure.field, {"summary": summary, "child_says": child_says, "goals": said})
        move(case, Event.ASK_CLOSURE)

    return approving.ask(actor, keyring, case_id, Subject.CLOSURE, words=summary, version=version, prepare=write)


def _check_child(reason: str, child_agrees: bool | None, child_says: str) -> None:
    """Where the child can be asked it is asked; a no stands there in its words, for the second person to read."""
    if not ending.reasons()[reason].agreement:
        return
    if child_agrees is None:
        raise BadInput("child_agrees", _("Tanyakan dulu ke anak. Kalau tidak bisa, pilih alasan yang sesuai."))
    if child_agrees is False and not child_says.strip():
        raise BadInput("child_says", _("Tulis apa kata anak."))


def _check_ready(case: Case, reason: str) -> None:
    left = obstacles(case, reason=reason)
    if left:
        raise NotYet(tuple(code for code, _sentence in left))


def _outcomes(case: Case, outcomes: Mapping[UUID, tuple[str, str]]) -> dict[str, dict[str, str]]:
    found = {}
    for goal in open_goals(case):
        state, words = outcomes.get(goal.pk, ("", ""))
        if state not in GOAL_DONE:
            raise BadInput(f"goal-{goal.pk.hex}", _("Pilih hasil tujuan ini."))
        if state != GoalState.REACHED and not words.strip():
            raise BadInput(f"words-{goal.pk.hex}", _("Tulis alasannya."))
        found[goal.pk.hex] = {"state": str(state), "words": checked_text("words", words, required=False)}
    return found


def after_decision(actor: Actor, case: Case, keys: RecordKeys, approval: Approval) -> approving.Told:
    """What a decision about the end of a case leads to; inside its transaction."""
    closure = Closure.objects.get(approval=approval)
    if approval.state != ApprovalState.APPROVED:
        move(case, Event.KEEP_OPEN)
        return None
    _check_ready(case, closure.reason)
    now = clock.now()
    _write_outcomes(case, keys, closure, now)
    for kind in (TaskKind.GOAL, TaskKind.REVIEW, TaskKind.FIRST, TaskKind.SAFETY, TaskKind.CONFERENCE):
        ruled_tasks.end_kind(case, kind, actor)
    move(case, Event.CLOSE, closed_at=now, outcome=closure.reason, review_due_at=None)
    Closure.objects.filter(pk=closure.pk).update(closed_at=now)
    if ending.reasons()[closure.reason].follow_up:
        _plan_follow_ups(case)
    for report in _reports_to_close(case):
        told = "done" if closure.reason == "died" else "case_ended"
        reports.close_with_case(actor, report.pk, told)
    signals.case_closed.send(sender=Case, case_id=case.pk, reason=closure.reason)
    return "case.closed", {"reason": closure.reason}


def _write_outcomes(case: Case, keys: RecordKeys, closure: Closure, now: datetime) -> None:
    goals = unseal(case, keys, closure.field).get("goals", {})
    left = {goal.pk.hex for goal in open_goals(case)}
    if left - set(goals):
        raise NotYet(("goal",))
    for hexed in left:
        rows = Goal.objects.filter(pk=UUID(hex=hexed), plan__case=case)
        rows.update(state=goals[hexed]["state"], ended_at=now)


def _plan_follow_ups(case: Case) -> None:
    day = local_day(clock.now(), case.tz)
    for months in rules_closing.FOLLOW_UP_MONTHS:
        row = FollowUp(case=case, months=months, due_on=rules_closing.months_later(day, months))
        row.save(force_insert=True)
        ruled_tasks.ask(case, TaskKind.FOLLOW_UP, row.pk, rules_risk.on_day(row.due_on, case.tz))


# --- again ------------------------------------------------------------------------------------------------------------


def reopen(actor: Actor, keyring: Keyring, case_id: UUID, *, reason: str, words: str) -> Case:
    """Open a closed case again: who worked with the child, and supervisors. Its later looks are cancelled.

    Raises BadInput, Conflict when it is not closed.
    """
    checked_choice("reason", reason, ending.reopenings())
    words = checked_text("words", words)
    case = case_for(actor, case_id, rules.may_work)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        closure = Closure.objects.filter(case=case, closed_at__isnull=False, reopened_at=None).last()
        if closure is None:
            raise Conflict
        now = clock.now()
        move(case, Event.REOPEN, closed_at=None, outcome="", review_due_at=now)
        Closure.objects.filter(pk=closure.pk).update(reopened_at=now, reopened_by=actor.user_id, reopen_reason=reason)
        FollowUp.objects.filter(case=case, done_at=None, cancelled=False).update(cancelled=True)
        ruled_tasks.end_kind(case, TaskKind.FOLLOW_UP, actor)
        seal(case, keys, closure.field, {**unseal(case, keys, closure.field), "reopened": words})
        signals.case_reopened.send(sender=Case, case_id=case.pk)
        audit.record("case.reopened", actor=actor.audit_name, subject=case.pk.hex, data={"reason": reason})
    return case
