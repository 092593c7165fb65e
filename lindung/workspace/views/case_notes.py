"""Notes of colleagues, tasks, and what happened to the child itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import rules, services
from lindung.casework.models import CaseNote, CaseTask, CaseWorker, ChildEvent, TaskKind
from lindung.core.errors import NotFound
from lindung.workspace.casepage import CASE_ROLES, CasePage, Taking, back_to, frame, problems, said, take, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_case_notes import CaseNoteForm, ChildEventForm, TaskForm

DONE: dict[str, str | Promise] = {
    "note": _("Catatan tersimpan."),
    "task": _("Tugas tersimpan."),
    "task_done": _("Tugas selesai."),
    "event": _("Kabar tentang anak tersimpan."),
}

TAB, HERE = "workspace:case_notes", "notes"

in_team = staff_page(*CASE_ROLES)


@in_team
def notes(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The notes, the newest first, and the tasks that are open."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    tasks = list(CaseTask.objects.filter(case=case_id).select_related("assignee", "done_by"))
    people = [(str(worker.user_id), worker.user.display_name) for worker in page.workers]
    first = {"assignee": str(page.actor.user_id)} if str(page.actor.user_id) in dict(people) else {}
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "notes": [_note(page, row) for row in CaseNote.objects.filter(case=case_id).select_related("author")][::-1],
        "events": [_event(page, row) for row in ChildEvent.objects.filter(case=case_id).select_related("by")],
        "tasks": [_task(page, row) for row in tasks if row.done_at is None],
        "done_tasks": [_task(page, row) for row in tasks if row.done_at is not None],
        "may_note": rules.may_work(page.actor, page.facts),
        "forms": {
            "note": refused.get("note") or CaseNoteForm(),
            "task": refused.get("task") or TaskForm(people=people, initial=first),
            "event": refused.get("event") or ChildEventForm(),
        },
    }
    return render_case(page, "workspace/cases/notes.html", context, here=HERE, status=status)


def _note(page: CasePage, row: CaseNote) -> dict[str, Any]:
    return {"who": row.author.display_name, "at": page.at(row.at), "text": page.opened.words(row.field).get("text", "")}


def _event(page: CasePage, row: ChildEvent) -> dict[str, Any]:
    return {
        "label": row.get_kind_display(),
        "on": row.on,
        "who": row.by.display_name,
        "text": page.opened.words(row.field).get("words", ""),
    }


def _task(page: CasePage, row: CaseTask) -> dict[str, Any]:
    return {
        "id": row.pk,
        "label": page.opened.words(row.field).get("words") or row.get_kind_display(),
        "by_hand": row.kind == TaskKind.HAND,
        "assignee": row.assignee.display_name if row.assignee else "",
        "due": page.deadline(row.due_at, timedelta(hours=24)),
        "done": page.at(row.done_at) if row.done_at else "",
        "done_by": row.done_by.display_name if row.done_by else "",
    }


# --- writing ----------------------------------------------------------------------------------------------------------


@in_team
def add_note(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write a note for colleagues who work with this child."""

    def write(data: dict[str, Any]) -> None:
        services.add_note(actor_of(request), keyring_of(request), case_id, data["text"])

    return take(request, case_id, "note", Taking(CaseNoteForm, show, TAB, "note", anchor="catatan"), write)


@in_team
def add_task(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write down something to do."""
    case = visible(request, case_id)
    workers = CaseWorker.objects.filter(case=case, until=None).select_related("user")
    people = [(str(worker.user_id), worker.user.display_name) for worker in workers]

    def write(data: dict[str, Any]) -> None:
        due = TaskForm.at_end_of(data["due"], case.tz)
        assignee = UUID(data["assignee"]) if data["assignee"] else None
        services.add_task(actor_of(request), keyring_of(request), case_id, data["words"], due, assignee_id=assignee)

    taking = Taking(TaskForm, show, TAB, "task", anchor="tugas", form_args={"people": people}, rename={"due_at": "due"})
    return take(request, case_id, "task", taking, write)


@in_team
def finish_task(request: HttpRequest, case_id: UUID, task_id: UUID) -> HttpResponse:
    """Say that a task is done; one that a rule made ends by itself."""
    if not visible(request, case_id).tasks.filter(pk=task_id).exists():
        raise NotFound
    if request.method != "POST":
        return back_to(TAB, case_id, anchor="tugas")
    services.finish_task(actor_of(request), task_id)
    return back_to(TAB, case_id, "task_done", "tugas")


@in_team
def add_event(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write down that the child is missing, was found, moved or died."""

    def write(data: dict[str, Any]) -> None:
        services.record_event(actor_of(request), keyring_of(request), case_id, data["kind"], data["on"], data["words"])

    return take(request, case_id, "event", Taking(ChildEventForm, show, TAB, "event", anchor="kabar"), write)
