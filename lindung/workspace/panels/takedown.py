"""What was asked to be taken down for this report, and a form in which nothing is typed twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lindung.reporting import answers as answering
from lindung.reporting.models import NextStep
from lindung.reporting.opened import OpenedReport
from lindung.takedown import addresses, rules, selectors
from lindung.takedown.models import Kind, State
from lindung.takedown.selectors import PanelRow
from lindung.workspace.doors import actor_of
from lindung.workspace.forms_takedown import AddForm

REFUSED = "takedown_form"
"""Where the view leaves a form that came back, for this panel to show."""


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """The requests of a report with their addresses; None for one that is about nothing of the kind."""
    report = opened.report
    if report.is_help:
        return None
    rows = selectors.of_report(report, opened.rest, now)
    offered = addresses.offered(opened.answers)
    judged = bool(opened.triage) and opened.triage[-1].next_step == NextStep.TAKEDOWN
    refused = getattr(request, REFUSED, None)
    if not (rows or offered or judged or refused):
        return None
    known = {addresses.same(row.item.kind, row.address) for row in rows}
    left = [text for text in offered if addresses.same(Kind.URL, text) not in known]
    may_add = rules.may_act(actor_of(request), report.team_id)
    platforms = answering.codes(opened.answers, "online_where")
    initial = {"given": [str(number) for number in range(len(left))], "platform": platforms[0] if platforms else ""}
    return {
        "rows": [_row(row) for row in rows],
        "left": len(left),
        "form": (refused or AddForm(offered=left, initial=initial)) if may_add else None,
        "open": bool(refused) or (judged and not rows),
        "waiting": any(row.item.state == State.DRAFT for row in rows),
        "done": request.GET.get("ok") == "takedown",
    }


def _row(row: PanelRow) -> dict[str, Any]:
    item = row.item
    return {
        "url": reverse("workspace:takedown_item", args=[item.pk]),
        "reference": item.reference,
        "address": addresses.defanged(row.address) if item.kind == Kind.URL else row.address,
        "kind": item.get_kind_display() if item.kind != Kind.URL else "",
        "addressee": item.get_addressee_display(),
        "state": state_label(item.state, item.round),
        "css": STATE_CSS.get(row.group, ""),
        "days": days_text(row.days) if item.state == State.CHECKING else "",
    }


STATE_CSS = {
    selectors.REMIND: "late",
    selectors.LOOK: "near",
    selectors.DECIDE: "near",
    selectors.SEND: "near",
    selectors.DONE: "done",
}


def state_label(state: str, turn: int) -> str:
    """The state in words; a letter that must go out a second time says so."""
    return _("Perlu dikirim lagi") if state == State.DRAFT and turn > 1 else str(State(state).label)


def days_text(days: int) -> str:
    """How far the count is: "tidak ada pada 2 dari 3 hari"."""
    return _("tidak ada pada %(n)s dari %(all)s hari") % {"n": days, "all": selectors.days_needed()}
