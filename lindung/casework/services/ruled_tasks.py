"""Tasks that a rule makes: for a goal, a safety plan, a conference, the first service. They need no words of their own.

Called inside the transaction of the service whose rule it is, which writes the one audit event. One open task for a
kind and a subject; whoever leads the case has it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.core import clock

from ..models import Case, CaseTask, CaseWorker, TaskKind, WorkerRole


def ask(case: Case, kind: TaskKind, subject: UUID, due_at: datetime, *, earlier: bool = False) -> CaseTask:
    """Make the task, or give the open one its new time; `earlier`: only if that is sooner."""
    row = CaseTask.objects.filter(case=case, kind=kind, subject=subject, done_at=None).first()
    if row is not None:
        if not earlier or due_at < row.due_at:
            CaseTask.objects.filter(pk=row.pk, done_at=None).update(due_at=due_at)
        return row
    return CaseTask.objects.create(
        case=case, kind=kind, subject=subject, assignee_id=_lead(case), due_at=due_at, created_at=clock.now()
    )


def end(case: Case, kind: TaskKind, subject: UUID, actor: Actor) -> int:
    """Mark the open tasks of a subject as done, because what they asked for happened; return how many."""
    rows = CaseTask.objects.filter(case=case, kind=kind, subject=subject, done_at=None)
    return rows.update(done_at=clock.now(), done_by=actor.user_id)


def end_kind(case: Case, kind: TaskKind, actor: Actor) -> int:
    """The same for every subject of a kind."""
    return CaseTask.objects.filter(case=case, kind=kind, done_at=None).update(
        done_at=clock.now(), done_by=actor.user_id
    )


def _lead(case: Case) -> UUID | None:
    return (
        CaseWorker.objects.filter(case=case, role=WorkerRole.LEAD, until=None).values_list("user_id", flat=True).first()
    )
