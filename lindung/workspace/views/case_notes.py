"""Notes of colleagues, tasks, and what happened to the child itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from lindung.casework.models import CaseNote, CaseTask, ChildEvent
from lindung.workspace.casepage import CASE_ROLES, CasePage, frame, problems, said
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import staff_page
from lindung.workspace.forms import StaffForm

DONE: dict[str, str | Promise] = {
    "note": gettext_lazy("Catatan tersimpan."),
    "task": gettext_lazy("Tugas tersimpan."),
    "task_done": gettext_lazy("Tugas selesai."),
    "event": gettext_lazy("Kabar tentang anak tersimpan."),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def notes(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The notes, the newest first, and the tasks that are open."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    tasks = list(CaseTask.objects.filter(case=case_id).select_related("assignee", "done_by"))
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "notes": [_note(page, row) for row in CaseNote.objects.filter(case=case_id).select_related("author")[::-1]],
        "events": [_event(page, row) for row in ChildEvent.objects.filter(case=case_id).select_related("by")],
        "tasks": [_task(page, row) for row in tasks if row.done_at is None],
        "done_tasks": [_task(page, row) for row in tasks if row.done_at is not None],
    }
    return render_case(page, "workspace/cases/notes.html", context, here="notes", status=status)


def _note(page: CasePage, row: CaseNote) -> dict[str, Any]:
    return {"who": row.author.display_name, "at": page.at(row.at), "text": page.opened.words(row.field).get("text", "")}


def _event(page: CasePage, row: ChildEvent) -> dict[str, Any]:
    return {
        "label": row.get_kind_display(),
        "on": row.on,
        "who": row.by.display_name,
        "text": page.opened.words(row.field).get("text", ""),
    }


def _task(page: CasePage, row: CaseTask) -> dict[str, Any]:
    due = page.deadline(row.due_at, timedelta(hours=24))
    return {
        "id": row.pk,
        "label": page.opened.words(row.field).get("text") or row.get_kind_display(),
        "kind": row.get_kind_display(),
        "assignee": row.assignee.display_name if row.assignee else "",
        "due": due,
        "done": page.at(row.done_at) if row.done_at else "",
        "done_by": row.done_by.display_name if row.done_by else "",
    }
