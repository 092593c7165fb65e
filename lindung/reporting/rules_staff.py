"""Who among staff may do what with a report, and what a judgement must hold: pure functions over plain values.

Whether a report may be seen at all is decided before (`rules.may_open`, `selectors.visible_to`); these come on top.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ANALYST, CASE_WORKER, SUPERVISOR

from .models import ClosureReason, NextStep, Risk

HANDLERS = (ANALYST, CASE_WORKER, SUPERVISOR)
JUDGES = (ANALYST, SUPERVISOR)

TWO_PEOPLE = frozenset({ClosureReason.MISUSE, ClosureReason.OUT_OF_SCOPE, ClosureReason.DUPLICATE})
"""Endings that leave a child without service if they are wrong: a second person must agree, after a safety check."""

NEVER_WITH_SELFHARM = frozenset({NextStep.ADVICE, NextStep.OUT_OF_SCOPE, NextStep.MISUSE})
"""Somebody who may not live on is never sent away with advice, and never out of scope."""

NO_FORM_YET = "unknown"
"""Form of the taxonomy for what is not known yet."""

KNOWN_CHILD_PATHS = frozenset({"child", "young_child", "other_child", "parent", "professional"})
"""Who tells from these paths tells of a child that exists, and mostly of one that they know."""


def may_handle(actor: Actor, team_id: UUID) -> bool:
    """Take a report, answer it, note, log attempts and handovers: analysts, case workers, supervisors of its team."""
    return actor.has_role_in(team_id, *HANDLERS)


def may_take_in(actor: Actor) -> bool:
    """Type what somebody tells by phone or in person: analysts, case workers, supervisors; no key is needed."""
    return actor.has_role(*HANDLERS)


def may_triage(actor: Actor, team_id: UUID) -> bool:
    """Judge a report and decide on the police report: analysts and supervisors of its team."""
    return actor.has_role_in(team_id, *JUDGES)


def may_take_over(actor: Actor, team_id: UUID) -> bool:
    """Take a report out of a colleague's hands: supervisors of its team."""
    return actor.has_role_in(team_id, SUPERVISOR)


def may_propose_closure(actor: Actor, team_id: UUID) -> bool:
    """Whoever may judge may propose to close."""
    return may_triage(actor, team_id)


def may_maintain_platforms(actor: Actor) -> bool:
    """The list of apps and games: analysts and supervisors of any team."""
    return actor.has_role(*JUDGES)


def needs_two_people(reason: str, last_step: str | None = None) -> bool:
    """Tell whether an ending needs a second person and a safety check first.

    `last_step`: the next step of the newest judgement. A report judged out of scope or a misuse is not closed by one
    person under the name "done" either.
    """
    return reason in TWO_PEOPLE or last_step in {NextStep.OUT_OF_SCOPE, NextStep.MISUSE}


def police_clock_applies(
    *, path: str, next_step: str, forms: Collection[str], child_known: bool | None
) -> tuple[bool, str]:
    """Tell whether the 3 x 24 hours run, and the code of the reason that is kept with the judgement.

    They run when a child is known to be a victim. `child_known` is what the analyst says; None leaves it to the path
    of the report and to whether a form was named. Whether the duty binds at all is for a lawyer; the clock and the
    decision are recorded either way.
    """
    if next_step in {NextStep.OUT_OF_SCOPE, NextStep.MISUSE}:
        return False, "no_offence_seen"
    if child_known is False:
        return False, "no_child_known"
    if child_known is None and path not in KNOWN_CHILD_PATHS:
        return False, "no_child_known"
    if child_known is None and not set(forms) - {NO_FORM_YET}:
        return False, "no_form_named"
    return True, "child_known_as_victim"


def selfharm_problem(*, selfharm: bool, next_step: str, risk: str, safety_plan: str) -> tuple[str, str] | None:
    """Return (field, code) of what is wrong with a judgement of self-harm, or None.

    Self-harm is an outcome of its own: high risk, a safety plan, never plain advice.
    """
    if not selfharm:
        return ("next_step", "plan_without_selfharm") if next_step == NextStep.SAFETY_PLAN and not safety_plan else None
    if next_step in NEVER_WITH_SELFHARM:
        return "next_step", "never_advice"
    if risk != Risk.HIGH:
        return "risk", "always_high"
    if not safety_plan.strip():
        return "safety_plan", "plan_missing"
    return None
