"""Canned answers in the form of an answer to the reporter: one is chosen, put into the box, and changed there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from lindung.desk import knowledge, selectors
from lindung.desk.models import CannedVersion
from lindung.reporting import rules_staff
from lindung.reporting.opened import OpenedReport
from lindung.workspace import care
from lindung.workspace.doors import actor_of
from lindung.workspace.forms import MessageForm


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """The list for the reporter's language, with the other language of the chosen one. One query.

    Showing a report to be read is also what counts for the reader's own care; nobody else sees that.
    """
    report, actor = opened.report, actor_of(request)
    if request.method == "GET":
        care.count_opening(request, report)
    if not rules_staff.may_handle(actor, report.team_id):
        return None
    rows = selectors.offered(actor, report.team_id)
    if not rows:
        return None
    language = _language(report.language)
    chosen = next((row for row in rows if selectors.code_of(row) == request.POST.get("pilih")), None)
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        topic = knowledge.topics()[row.topic].label if row.topic in knowledge.topics() else row.topic
        groups.setdefault(topic, []).append(_option(row, language))
    other = "id" if language == "en" else "en"
    return {
        "groups": list(groups.items()),
        "language": language,
        "other": other,
        "chosen": selectors.code_of(chosen) if chosen else "",
        "other_text": chosen.text(other) if chosen else "",
    }


def _option(row: CannedVersion, language: str) -> dict[str, str]:
    url = reverse("workspace:canned_text", args=[row.answer_id])
    return {"code": selectors.code_of(row), "title": row.title(language), "url": url}


def put_in(version: CannedVersion | None, typed: QueryDict, language: str) -> MessageForm:
    """The form of an answer with the text in its box, below what was typed already. Nothing is sent."""
    form = MessageForm.as_typed(typed)
    if version is not None:
        own = str(form.initial.get("text") or "").rstrip()
        form.initial["text"] = f"{own}\n\n{version.text(_language(language))}" if own else version.text(language)
        form.initial["canned"] = selectors.code_of(version)
    return form


def _language(language: str) -> str:
    return "en" if language.startswith("en") else "id"
