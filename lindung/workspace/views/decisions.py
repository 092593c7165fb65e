"""Decisions that end, move, hold or connect a report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import selectors, services
from lindung.reporting.errors import NotYet
from lindung.reporting.models import ClosureProposal, ReportLink
from lindung.reporting.services.closing import OBSTACLES
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import ClosureForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.views.actions import too_late
from lindung.workspace.views.report import back_to, show, take, visible

in_team = staff_page(*INBOX_ROLES)


@in_team
def propose_closure(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Propose to close; what still stands in the way is listed with the place on the page."""
    outcome: list[ClosureProposal] = []

    def write(data: dict[str, Any]) -> None:
        outcome.append(services.propose_closure(actor_of(request), report_id, data["reason"], data["safety_checked"]))

    try:
        response = take(request, report_id, "closure", write, done="proposed", anchor="keputusan")
    except NotYet as error:
        return _not_yet(request, report_id, error)
    if outcome and outcome[0].state == ClosureProposal.ProposalState.CONFIRMED:
        return back_to(report_id, "closed")
    return response


def _not_yet(request: HttpRequest, report_id: UUID, error: NotYet) -> HttpResponse:
    anchors = {
        "not_judged": "triase",
        "unread": "pesan",
        "police": "polisi",
        "follow_up": "lanjut",
        "handover": "serah-terima",
        "withdrawal": "berhenti",
    }
    problems = [{"anchor": anchors.get(code, "keputusan"), "text": str(OBSTACLES[code])} for code in error.obstacles]
    return show(request, report_id, {"closure": ClosureForm(request.POST)}, problems=problems, status=422)


@in_team
def decide_closure(request: HttpRequest, report_id: UUID, proposal_id: UUID) -> HttpResponse:
    """Agree or disagree with a closure, as the second person."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="keputusan")
    if not ClosureProposal.objects.filter(pk=proposal_id, report=report_id).exists():
        raise NotFound
    try:
        if request.POST.get("keputusan") == "confirm":
            services.confirm_closure(actor_of(request), proposal_id)
            return back_to(report_id, "closed")
        services.reject_closure(actor_of(request), proposal_id)
        return back_to(report_id, "rejected", "keputusan")
    except NotYet as error:
        return _not_yet(request, report_id, error)
    except Conflict as error:
        return too_late(request, report_id, error)


@in_team
def reopen(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Open a closed report again."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="keputusan")
    try:
        services.reopen(actor_of(request), report_id)
    except Conflict as error:
        return too_late(request, report_id, error)
    return back_to(report_id, "reopened")


@in_team
def conflict_of_interest(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Hide the report from a team that it names. When it is the team that holds it, the page is gone afterwards."""

    def write(data: dict[str, Any]) -> None:
        services.mark_conflict(actor_of(request), keyring_of(request), report_id, UUID(data["team"]))

    response = take(request, report_id, "conflict", write, done="excluded", anchor="keputusan")
    if response.status_code == 302 and not selectors.visible_to(actor_of(request)).filter(pk=report_id).exists():
        return HttpResponseRedirect(reverse("workspace:inbox") + "?ok=moved")
    return response


@in_team
def withdrawal(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """A supervisor decides on a wish to stop that touches somebody's safety."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="berhenti")
    decision = request.POST.get("keputusan", "")
    try:
        services.decide_withdrawal(actor_of(request), report_id, decision)
    except BadInput as error:
        return show(request, report_id, problems=[{"anchor": "berhenti", "text": str(error.message)}], status=422)
    except Conflict as error:
        return too_late(request, report_id, error)
    if decision == "allow":
        return HttpResponseRedirect(reverse("workspace:inbox") + "?ok=stopped")
    return back_to(report_id, "kept", "berhenti")


@in_team
def legal_hold(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Put a report on legal hold. Two people end it, on the page of legal holds."""

    def write(data: dict[str, Any]) -> None:
        services.holding.put_on_hold(actor_of(request), report_id, data["reason"])

    return take(request, report_id, "legal_hold", write, done="hold", anchor="keputusan")


@in_team
def link(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Say that another report belongs to this one, by its short reference."""

    def write(data: dict[str, Any]) -> None:
        other = services.find_by_reference(actor_of(request), data["other"])
        if other is None:
            raise BadInput("other", _("Tidak ada laporan dengan nomor ini yang boleh kamu lihat."))
        services.link_reports(actor_of(request), report_id, other.pk, data["reason"])

    return take(request, report_id, "link", write, done="linked", anchor="kaitan")


@in_team
def unlink(request: HttpRequest, report_id: UUID, link_id: UUID) -> HttpResponse:
    """Take back a link that a colleague made."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="kaitan")
    links = ReportLink.objects.filter(pk=link_id)
    if not (links.filter(report=report_id) | links.filter(other=report_id)).exists():
        raise NotFound
    services.unlink_reports(actor_of(request), link_id)
    return back_to(report_id, "unlinked", "kaitan")
