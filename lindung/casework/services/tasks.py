"""Things to do by a time. Those that a rule makes end by themselves when what they ask for has happened."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.services import Keyring

from .. import selectors
from ..models import Case, CaseTask, CaseWorker, TaskKind
from .access import case_for, checked_text, open_case_for, open_keys, seal
from .beside import hold, tell


def add_task(
    actor: Actor, keyring: Keyring, case_id: UUID, words: str, due_at: datetime, *, assignee_id: UUID | None = None
) -> CaseTask:
    """Write down something to do; for somebody who works on the case, else for whoever looks first.

    Raises NotFound, NotAllowed, CaseClosed, BadInput.
    """
    words = checked_text("words", words)
    case = open_case_for(actor, case_id)
    _check(case, due_at, assignee_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        row = CaseTask(
            case=case, assignee_id=assignee_id, due_at=due_at, created_at=clock.now(), created_by_id=actor.user_id
        )
        row.save(force_insert=True)
        seal(case, keys, row.field, {"words": words})
        tell("case.task_added", actor, case, task=row.pk)
    return row


def change_task(actor: Actor, task_id: UUID, *, due_at: datetime, assignee_id: UUID | None) -> CaseTask:
    """Give a task another time or another person. Raises NotFound, NotAllowed, CaseClosed, BadInput, Conflict."""
    row, case = _task_for(actor, task_id)
    open_case_for(actor, case.pk)
    _check(case, due_at, assignee_id)
    with transaction.atomic():
        hold(case)
        if CaseTask.objects.filter(pk=row.pk, done_at=None).update(due_at=due_at, assignee=assignee_id) != 1:
            raise Conflict
        row.refresh_from_db()
        tell("case.task_changed", actor, case, task=row.pk)
    return row


def finish_task(actor: Actor, task_id: UUID) -> CaseTask:
    """Say that something is done. What a rule asked for is done by doing it: BadInput. Raises Conflict when it was."""
    row, case = _task_for(actor, task_id)
    if row.kind != TaskKind.HAND:
        raise BadInput("task", _("Tugas ini selesai dengan sendirinya setelah langkahnya dilakukan."))
    with transaction.atomic():
        hold(case, also_closed=True)
        rows = CaseTask.objects.filter(pk=row.pk, done_at=None)
        if rows.update(done_at=clock.now(), done_by=actor.user_id) != 1:
            raise Conflict
        row.refresh_from_db()
        tell("case.task_done", actor, case, task=row.pk)
    return row


def _task_for(actor: Actor, task_id: UUID) -> tuple[CaseTask, Case]:
    row = CaseTask.objects.filter(pk=task_id, case__in=selectors.visible_to(actor).values("pk")).first()
    if row is None:
        raise NotFound
    return row, case_for(actor, row.case_id)


def _check(case: Case, due_at: datetime, assignee_id: UUID | None) -> None:
    if due_at.tzinfo is None:
        raise BadInput("due_at", _("Tulis waktu beserta zonanya."))
    if assignee_id is None:
        return
    if not CaseWorker.objects.filter(case=case, user=assignee_id, until=None).exists():
        raise BadInput("assignee", _("Pilih orang yang mendampingi kasus ini."))
