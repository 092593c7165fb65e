"""What somebody does with a report: take it, answer, note, judge, record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lindung.core.deadlines import MEDICAL_WINDOW
from lindung.core.errors import Conflict, NotFound
from lindung.desk import selectors as canned_answers
from lindung.reporting import selectors, services
from lindung.reporting.models import FollowUp
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.panels import desk as canned_panel
from lindung.workspace.views.report import back_to, show, take, visible

in_team = staff_page(*INBOX_ROLES)


@in_team
def claim(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Take a free report; a supervisor may take it out of a colleague's hands."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id)
    try:
        services.claim(actor_of(request), report_id, take_over=request.POST.get("alih") == "1")
    except Conflict as error:
        return too_late(request, report_id, error)
    return back_to(report_id, "claimed")


@in_team
def release(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Give a report back to the queue."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id)
    try:
        services.release(actor_of(request), report_id)
    except Conflict as error:
        return too_late(request, report_id, error)
    return back_to(report_id, "released")


def too_late(request: HttpRequest, report_id: UUID, error: Conflict) -> HttpResponse:
    """Somebody was faster: say who, and lead back."""
    row = selectors.visible_to(actor_of(request)).select_related("claimed_by").filter(pk=report_id).first()
    holder = row.claimed_by.display_name if row and row.claimed_by else ""
    context = {
        "code": "conflict",
        "message": error.message,
        "holder": holder,
        "back": reverse("workspace:report", args=[report_id]) if row else "",
    }
    return render(request, "workspace/failure.html", context, status=409)


@in_team
def message(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Answer the reporter; or put a canned answer into the box, which sends nothing."""
    if request.method == "POST" and "pakai" in request.POST:
        return _put_in(request, report_id)

    def write(data: dict[str, Any]) -> None:
        began_with = data["canned"] if canned_answers.was_offered(actor_of(request), data["canned"]) else ""
        services.post_staff_message(
            actor_of(request),
            keyring_of(request),
            report_id,
            data["text"],
            data["version"],
            canned=began_with,
        )

    return take(request, report_id, "message", write, done="message", anchor="pesan")


def _put_in(request: HttpRequest, report_id: UUID) -> HttpResponse:
    visible(request, report_id)
    row = selectors.visible_to(actor_of(request)).filter(pk=report_id).values_list("team", "language").get()
    version = canned_answers.offered_version(actor_of(request), request.POST.get("pilih", ""), row[0])
    return show(request, report_id, {"message": canned_panel.put_in(version, request.POST, row[1])})


@in_team
def note(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Write a note for colleagues."""

    def write(data: dict[str, Any]) -> None:
        services.add_note(actor_of(request), keyring_of(request), report_id, data["text"])

    return take(request, report_id, "note", write, done="note", anchor="catatan")


@in_team
def triage(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Judge a report."""

    def write(data: dict[str, Any]) -> None:
        received = selectors.visible_to(actor_of(request)).filter(pk=report_id).values_list("received_at", flat=True)
        entry = services.TriageInput(
            risk=data["risk"],
            reason=data["reason"],
            authority=data["authority"],
            next_step=data["next_step"],
            forms=tuple(data["forms"]),
            selfharm=data["selfharm"],
            safety_plan=data["safety_plan"],
            medical_until=received[0] + MEDICAL_WINDOW if data["medical"] == "open" else None,
            medical_over=data["medical"] == "over",
            child_known={"yes": True, "no": False}.get(data["child_known"]),
        )
        services.triage(actor_of(request), keyring_of(request), report_id, entry, data["version"])

    return take(request, report_id, "triage", write, done="triage", anchor="triase")


@in_team
def police(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Record the decision on the police report."""

    def write(data: dict[str, Any]) -> None:
        services.decide_police(
            actor_of(request),
            keyring_of(request),
            report_id,
            data["decision"],
            data["reason"],
            data["who_told_child"],
        )

    return take(request, report_id, "police", write, done="police", anchor="polisi")


@in_team
def handover(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Record who took over, and whether they said yes by voice."""

    def write(data: dict[str, Any]) -> None:
        services.record_handover(actor_of(request), keyring_of(request), report_id, data["person"], data["by_voice"])

    return take(
        request, report_id, "handover", write, done="handover", anchor="serah-terima", rename={"name": "person"}
    )


@in_team
def follow_up(request: HttpRequest, report_id: UUID, follow_up_id: UUID) -> HttpResponse:
    """Mark a follow-up as done."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="lanjut")
    if not FollowUp.objects.filter(pk=follow_up_id, report=report_id).exists():
        raise NotFound
    try:
        services.complete_follow_up(actor_of(request), follow_up_id)
    except Conflict as error:
        return too_late(request, report_id, error)
    return back_to(report_id, "follow_up", "lanjut")


@in_team
def attempt(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Log one try to find or reach the child."""

    def write(data: dict[str, Any]) -> None:
        services.log_attempt(
            actor_of(request),
            keyring_of(request),
            report_id,
            data["channel"],
            data["note"],
            data["stopped"],
            data["stop_reason"],
        )

    return take(request, report_id, "attempt", write, done="attempt", anchor="upaya")
