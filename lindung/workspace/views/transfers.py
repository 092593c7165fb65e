"""Reports that are offered from team to team: the list in and out, offering, answering, taking back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.reporting import selectors, selectors_moves
from lindung.reporting.knowledge import moves
from lindung.reporting.knowledge.intake import channel_label
from lindung.reporting.models_moves import Transfer, TransferState
from lindung.reporting.selectors_moves import Card
from lindung.reporting.services import transferring
from lindung.workspace import marks, times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_moves import DeclineForm
from lindung.workspace.menu import INBOX_ROLES, JUDGE_ROLES
from lindung.workspace.views.report import back_to, take

DONE: dict[str, str | Promise] = {
    "declined": gettext_lazy("Tawaran ditolak. Tim itu tetap memegang laporannya."),
    "withdrawn": gettext_lazy("Tawaran ditarik. Laporan tetap pada timmu."),
    "offered": gettext_lazy("Laporan ditawarkan. Timmu tetap memegangnya sampai mereka menerima."),
}


@staff_page(*JUDGE_ROLES)
def transfers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer of one's teams, and what one's teams offered to others."""
    return _page(request)


def _page(request: HttpRequest, *, refused: UUID | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    sent = selectors_moves.offers_out(actor, now).select_related("report", "from_team", "to_team", "offered_by")
    rows = list(sent[:200])
    context = {
        "cards": [_card(card, now, problem if card.id == refused else "") for card in selectors_moves.cards(actor)],
        "sent": [_sent(row, now) for row in rows],
        "problem": problem,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/moves/transfers.html", context, status=status)


def _card(card: Card, now: datetime, problem: str) -> dict[str, Any]:
    reasons = moves.transfer_reasons()
    return {
        "id": card.id,
        "from": card.from_team,
        "to": card.to_team,
        "risk": card.risk,
        "risk_label": marks.RISKS[card.risk],
        "urgent": card.urgent,
        "danger": card.danger_now,
        "help": card.is_help,
        "reason": reasons[card.reason].label if card.reason in reasons else "",
        "channel": channel_label(card.channel) or (_("Portal") if card.channel == "portal" else ""),
        "language": "English" if card.language == "en" else "Bahasa Indonesia",
        "place": card.place,
        "offered": times.ago(card.offered_at, now),
        "due": times.deadline(card.due_at, now, card.tz),
        "form": DeclineForm(auto_id=f"tolak-{card.id.hex[:8]}-%s"),
        "problem": problem,
    }


def _sent(row: Transfer, now: datetime) -> dict[str, Any]:
    """One line of what was offered. What another team accepted leads nowhere any more."""
    ours = row.state != TransferState.ACCEPTED
    declines = moves.decline_reasons()
    return {
        "id": row.pk,
        "reference": row.report.reference,
        "url": reverse("workspace:report", args=[row.report_id]) if ours else "",
        "to": row.to_team.name,
        "by": row.offered_by.display_name,
        "offered": times.local(row.offered_at, row.from_team.tz),
        "state": row.state,
        "label": TransferState(row.state).label,
        "decided": times.local(row.decided_at, row.from_team.tz) if row.decided_at else "",
        "why": declines[row.decline_reason].label if row.decline_reason in declines else "",
        "open": row.state == TransferState.OFFERED,
        "due": times.deadline(row.due_at, now, row.from_team.tz),
    }


@staff_page(*INBOX_ROLES)
def offer(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Offer a report to another team, from its page."""

    def write(data: dict[str, Any]) -> None:
        transferring.offer(
            actor_of(request), keyring_of(request), report_id, data["team"], data["reason"], data["words"],
            data["urgent"],
        )  # fmt: skip

    return take(request, report_id, "transfer", write, done="offered", anchor="tawarkan")


@staff_page(*JUDGE_ROLES)
def accept(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """Say yes, and go on to the report."""
    if request.method != "POST":
        return _back()
    try:
        report = transferring.accept(actor_of(request), keyring_of(request), transfer_id)
    except Conflict as error:
        return _too_late(request, error)
    if selectors.visible_to(actor_of(request)).filter(pk=report.pk).exists():
        return back_to(report.pk, "accepted")
    return _back()


@staff_page(*JUDGE_ROLES)
def decline(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """Say no, with a reason."""
    if request.method != "POST":
        return _back()
    form = DeclineForm(request.POST)
    if not form.is_valid():
        known = selectors_moves.answerable(actor_of(request)).filter(pk=transfer_id).exists()
        return _page(request, refused=transfer_id, problem=_("Pilih alasannya."), status=422 if known else 404)
    try:
        transferring.decline(actor_of(request), transfer_id, form.cleaned_data["reason"])
    except Conflict as error:
        return _too_late(request, error)
    return _back("declined")


@staff_page(*JUDGE_ROLES)
def take_back(request: HttpRequest, transfer_id: UUID) -> HttpResponse:
    """Withdraw an offer of one's own team."""
    if request.method != "POST":
        return _back()
    try:
        row = transferring.take_back(actor_of(request), transfer_id)
    except Conflict as error:
        return _too_late(request, error)
    if request.POST.get("dari") == "laporan":
        return back_to(row.report_id, "taken_back", "tawarkan")
    return _back("withdrawn")


def _too_late(request: HttpRequest, error: Conflict) -> HttpResponse:
    """Somebody was faster: the list as it is now, with that sentence."""
    return _page(request, problem=str(error.message), status=409)


def _back(done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:transfers") + (f"?ok={done}" if done else ""))
