"""The cases that were made from a report, and the way to a new one: one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest

from lindung.casework import selectors
from lindung.casework.models import CaseWorker, WorkerRole
from lindung.reporting import rules_staff
from lindung.reporting.models import State
from lindung.reporting.opened import OpenedReport
from lindung.workspace.doors import actor_of


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """What the panel shows; None for the path of help, which never becomes a case."""
    actor, report = actor_of(request), opened.report
    if report.is_help:
        return None
    lead = CaseWorker.objects.filter(case=OuterRef("pk"), until=None, role=WorkerRole.LEAD)
    cases = selectors.visible_to(actor).filter(case_reports__report=report).order_by("opened_at", "id")
    rows = list(cases.annotate(lead=Subquery(lead.values(name=F("user__display_name"))[:1])))
    may_open = rules_staff.may_handle(actor, report.team_id) and report.state != State.WITHDRAWN
    if not rows and not may_open:
        return None
    return {"report_id": report.pk, "cases": rows, "may_open": may_open, "done": request.GET.get("ok") == "case"}
