"""What the mailbox of a report says about the case that was made from it: fixed sentences, without any key.

Whoever holds the receipt may not be the child, and whoever reads along may be the reason for the case: the sentences
(knowledge/told.yaml) name no service, no place and no person. A child reads every step; somebody else who told reads
that somebody goes on with it, and when it ends. While the child is missing, and after a death, the box says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lindung.reporting.models import Report
from lindung.reporting.models import State as ReportState

from . import selectors
from .knowledge import child as knowledge
from .models import Case, Stage, State
from .models_closing import Closure
from .models_plan import Delivery, Plan, PlanState
from .prefill import CHILD_PATHS

OPENED, PLAN, SERVICE, CLOSED, REOPENED = "opened", "plan", "service", "closed", "reopened"


@dataclass(frozen=True)
class Standing:
    """One case as the sentences see it: codes alone."""

    state: str
    stage: str = Stage.INTAKE
    planned: bool = False
    served: bool = False
    reopened: bool = False


def codes(cases: Iterable[Standing], *, by_child: bool) -> tuple[str, ...]:
    """The codes of the sentences, in the order of what happened. Of several cases the furthest counts. Pure."""
    found = list(cases)
    if not found:
        return ()
    going_on = [case for case in found if case.state != State.CLOSED]
    if not going_on:
        return (OPENED, CLOSED) if not by_child else (*_steps(found), CLOSED)
    if not by_child:
        return (OPENED,)
    again = (REOPENED,) if any(case.reopened for case in going_on) else ()
    return (*_steps(found), *again)


def _steps(cases: list[Standing]) -> tuple[str, ...]:
    steps = [OPENED]
    if any(case.planned for case in cases):
        steps.append(PLAN)
    if any(case.served for case in cases):
        steps.append(SERVICE)
    return tuple(steps)


def told(report_id: UUID) -> tuple[str, ...]:
    """The sentences for somebody who holds the receipt; empty without a case, and while the box is silent."""
    made = list(Case.objects.filter(case_reports__report=report_id).order_by("opened_at", "pk"))
    if not made or any(selectors.is_silent(case.pk) for case in made):
        return ()
    report = Report.objects.exclude(state=ReportState.WITHDRAWN).filter(pk=report_id).first()
    if report is None:
        return ()
    sentences = knowledge.told()
    chosen = codes((_standing(case) for case in made), by_child=report.path in CHILD_PATHS)
    return tuple(sentences[code].label for code in chosen)


def _standing(case: Case) -> Standing:
    planned = Plan.objects.filter(case=case, state__in=(PlanState.APPROVED, PlanState.REPLACED))
    return Standing(
        state=case.state,
        stage=case.stage,
        planned=planned.exists(),
        served=Delivery.objects.filter(goal__plan__case=case).exists(),
        reopened=Closure.objects.filter(case=case, reopened_at__isnull=False).exists(),
    )
