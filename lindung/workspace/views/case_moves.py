"""Pages beside the cases: what waits for a second person, cases offered between teams, what children say about us."""

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

from lindung.casework import moves, selectors
from lindung.casework.knowledge import ending
from lindung.casework.models import Case
from lindung.casework.models_closing import CaseMove, Feedback, MoveState
from lindung.casework.services import feedback, moving
from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.workspace import marks, times
from lindung.workspace.casepage import CASE_ROLES
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_case_closing import AnswerFeedbackForm, DeclineMoveForm
from lindung.workspace.menu import JUDGE_ROLES

DONE: dict[str, str | Promise] = {
    "declined": gettext_lazy("Tawaran ditolak. Tim itu tetap memegang kasusnya."),
    "withdrawn": gettext_lazy("Tawaran ditarik. Kasus tetap pada timmu."),
    "accepted": gettext_lazy("Kasus diterima. Pilih siapa yang mendampingi."),
    "answered": gettext_lazy("Tersimpan. Kotak anak memberi tahu bahwa sudah dibaca."),
}
MOST = 200


# --- what waits for a second person -----------------------------------------------------------------------------------


@staff_page(*CASE_ROLES)
def approvals(request: HttpRequest) -> HttpResponse:
    """Questions of colleagues: first those that this person can decide on."""
    actor, now = actor_of(request), clock.now()
    rows = list(moves.approvals_waiting(actor)[:MOST])
    may = moves.decidable(actor, rows)
    found = [
        {
            "url": reverse("workspace:case_approval", args=[row.case_id, row.pk]),
            "label": row.get_subject_display(),
            "case": row.case.reference,
            "risk": row.case.risk,
            "risk_label": marks.RISKS[row.case.risk],
            "by": row.asked_by.display_name,
            "ago": times.ago(row.asked_at, now),
            "mine": row.asked_by_id == actor.user_id,
            "may": row.pk in may,
        }
        for row in rows
    ]
    context = {"ours": [one for one in found if one["may"]], "others": [one for one in found if not one["may"]]}
    return render(request, "workspace/cases/approvals.html", context)


# --- cases offered from team to team ----------------------------------------------------------------------------------


@staff_page("supervisor")
def offers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer of one's teams, and what they offered to others."""
    return _offers(request)


def _offers(request: HttpRequest, *, refused: UUID | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    context = {
        "cards": [_card(card, now, problem if card.id == refused else "") for card in moves.cards(actor)],
        "sent": [_sent(row, now) for row in moves.offers_out(actor, now)[:MOST]],
        "problem": "" if refused else problem,
        "done_text": DONE.get(request.GET.get("ok", ""), ""),
    }
    return render(request, "workspace/cases/offers.html", context, status=status)


def _card(card: moves.Card, now: datetime, problem: str) -> dict[str, Any]:
    return {
        "id": card.id,
        "from": card.from_team,
        "to": card.to_team,
        "risk": card.risk,
        "risk_label": marks.RISKS[card.risk],
        "reason": ending.moves()[card.reason].label if card.reason in ending.moves() else "",
        "offered": times.ago(card.offered_at, now),
        "due": times.deadline(card.due_at, now, card.tz),
        "form": DeclineMoveForm(auto_id=f"tolak-{card.id.hex[:8]}-%s"),
        "problem": problem,
    }


def _sent(row: CaseMove, now: datetime) -> dict[str, Any]:
    ours = row.state != MoveState.ACCEPTED
    return {
        "id": row.pk,
        "reference": row.case.reference,
        "url": reverse("workspace:case_closing", args=[row.case_id]) if ours else "",
        "to": row.to_team.name,
        "by": row.offered_by.display_name,
        "state": row.state,
        "label": row.get_state_display(),
        "why": ending.declines()[row.decline_reason].label if row.decline_reason in ending.declines() else "",
        "open": row.state == MoveState.OFFERED,
        "due": times.deadline(row.answer_due_at, now, row.from_team.tz),
        "answered": times.local(row.answered_at, row.from_team.tz) if row.answered_at else "",
    }


@staff_page("supervisor")
def accept(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Say yes, and go on to the case."""
    if request.method != "POST":
        return _back("workspace:case_offers")
    try:
        case = moving.accept(actor_of(request), keyring_of(request), move_id)
    except Conflict as error:
        return _offers(request, problem=str(error.message), status=409)
    if selectors.visible_to(actor_of(request), Case.objects.filter(pk=case.pk)).exists():
        return HttpResponseRedirect(reverse("workspace:case", args=[case.pk]) + "?ok=accepted")
    return _back("workspace:case_offers", "accepted")


@staff_page("supervisor")
def decline(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Say no, with a reason."""
    if request.method != "POST":
        return _back("workspace:case_offers")
    form = DeclineMoveForm(request.POST)
    if not form.is_valid():
        known = moves.offers_in(actor_of(request)).filter(pk=move_id).exists()
        return _offers(request, refused=move_id, problem=_("Pilih alasannya."), status=422 if known else 404)
    try:
        moving.decline(actor_of(request), move_id, reason=form.cleaned_data["reason"])
    except Conflict as error:
        return _offers(request, problem=str(error.message), status=409)
    return _back("workspace:case_offers", "declined")


@staff_page("supervisor")
def take_back(request: HttpRequest, move_id: UUID) -> HttpResponse:
    """Withdraw an offer of one's own team."""
    if request.method != "POST":
        return _back("workspace:case_offers")
    try:
        moving.take_back(actor_of(request), move_id)
    except Conflict as error:
        return _offers(request, problem=str(error.message), status=409)
    return _back("workspace:case_offers", "withdrawn")


def _back(name: str, done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(name) + (f"?ok={done}" if done else ""))


# --- what children say about us ---------------------------------------------------------------------------------------


@staff_page(*JUDGE_ROLES)
def said_list(request: HttpRequest) -> HttpResponse:
    """What waits to be read, and what was read; without any words."""
    actor, now = actor_of(request), clock.now()
    rows = [_said(row, now) for row in moves.feedback_for(actor)[:MOST]]
    context = {
        "waiting": [row for row in rows if not row["answered"]],
        "read": [row for row in rows if row["answered"]],
        "done_text": DONE.get(request.GET.get("ok", ""), ""),
    }
    return render(request, "workspace/cases/feedback_list.html", context)


def _said(row: Feedback, now: datetime) -> dict[str, Any]:
    return {
        "url": reverse("workspace:case_feedback", args=[row.pk]),
        "kind": row.get_kind_display(),
        "complaint": row.kind == "complaint",
        "mood": ending.moods()[str(row.mood)].label if row.mood else "",
        "ago": times.ago(row.at, now),
        "answered": times.local(row.answered_at, row.team.tz) if row.answered_at else "",
        "team": row.team.name,
        "by_box": row.form_tag is not None,
    }


@staff_page(*JUDGE_ROLES)
def said_one(request: HttpRequest, feedback_id: UUID) -> HttpResponse:
    """Read what a child said, and note what was done about it."""
    form: StaffForm = AnswerFeedbackForm()
    status = 200
    if request.method == "POST":
        form, status = AnswerFeedbackForm(request.POST), 422
        if form.is_valid():
            words = form.cleaned_data["words"]
            feedback.answer(actor_of(request), keyring_of(request), feedback_id, words=words)
            return _back("workspace:case_feedback_list", "answered")
    opened = feedback.open_feedback(actor_of(request), keyring_of(request), feedback_id)
    shown = {"row": _said(opened.row, clock.now()), "words": opened.words, "answer": opened.answer}
    return render(request, "workspace/cases/feedback.html", {**shown, "form": form}, status=status)
