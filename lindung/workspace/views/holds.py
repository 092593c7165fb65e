"""Legal holds: what is kept for a legal reason, since when and why, when it must be looked at, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts.actors import Actor
from lindung.accounts.rules import may_decide_withdrawal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import knowledge, rules_moves, rules_staff, selectors_moves, services
from lindung.reporting.knowledge import moves
from lindung.reporting.models_moves import LegalHold
from lindung.reporting.services import holding
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_moves import HoldByNumberForm, LiftForm
from lindung.workspace.menu import JUDGE_ROLES

DONE: dict[str, str | Promise] = {
    "set": gettext_lazy("Laporan disimpan untuk proses hukum."),
    "reviewed": gettext_lazy("Tinjauan tersimpan. Tinjauan berikutnya 90 hari lagi."),
    "asked": gettext_lazy("Usulan tersimpan. Orang kedua yang memutuskan."),
    "lifted": gettext_lazy("Penyimpanan hukum berakhir. Masa simpan biasa berlaku lagi."),
    "kept": gettext_lazy("Laporan tetap disimpan."),
}

in_team = staff_page(*JUDGE_ROLES)


@in_team
def holds(request: HttpRequest) -> HttpResponse:
    """Everything that is on hold, the overdue first, and what was."""
    return _page(request)


def _page(
    request: HttpRequest,
    form: StaffForm | None = None,
    *,
    lift: tuple[UUID, StaffForm] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    rows = list(selectors_moves.holds_visible_to(actor).order_by("review_at", "id"))
    supervises = any(may_decide_withdrawal(actor, team) for team in actor.team_ids)
    context = {
        "rows": [_row(row, actor, now, lift) for row in rows if row.lifted_at is None],
        "ended": [_ended(row) for row in reversed(rows) if row.lifted_at is not None],
        "form": (form or HoldByNumberForm()) if supervises else None,
        "problem": problem,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/moves/holds.html", context, status=status)


def _label(reasons: Any, code: str) -> str:
    return str(reasons[code].label) if code in reasons else ""


def _row(row: LegalHold, actor: Actor, now: datetime, lift: tuple[UUID, StaffForm] | None) -> dict[str, Any]:
    report, tz = row.report, row.report.team.tz
    asked = row.lift_asked_by
    return {
        "id": row.pk,
        "reference": report.reference,
        "url": reverse("workspace:report", args=[report.pk]),
        "team": report.team.name,
        "state": report.get_state_display(),
        "reason": _label(knowledge.hold_reasons(), row.reason),
        "by": row.set_by.display_name if row.set_by else "",
        "since": times.local(row.set_at, tz),
        "review": times.deadline(row.review_at, now, tz, near=rules_moves.HOLD_REVIEW / 6),
        "overdue": row.review_at <= now,
        "reviewed": times.local(row.reviewed_at, tz) if row.reviewed_at else "",
        "reviewer": row.reviewed_by.display_name if row.reviewed_by else "",
        "asked": asked.display_name if asked else "",
        "asked_at": times.local(row.lift_asked_at, tz) if row.lift_asked_at else "",
        "why": _label(moves.lift_reasons(), row.lift_reason),
        "own": row.lift_asked_by_id == actor.user_id,
        "may_confirm": bool(asked)
        and rules_moves.may_confirm_lifting(actor, report.team_id, row.lift_asked_by_id or report.pk),
        "may_keep": bool(asked) and rules_staff.may_triage(actor, report.team_id),
        "supervises": may_decide_withdrawal(actor, report.team_id),
        "form": lift[1] if lift and lift[0] == row.pk else LiftForm(auto_id=f"akhiri-{row.pk.hex[:8]}-%s"),
    }


def _ended(row: LegalHold) -> dict[str, Any]:
    tz = row.report.team.tz
    return {
        "reference": row.report.reference,
        "url": reverse("workspace:report", args=[row.report_id]),
        "reason": _label(knowledge.hold_reasons(), row.reason),
        "since": times.local(row.set_at, tz),
        "until": times.local(row.lifted_at, tz) if row.lifted_at else "",
        "why": _label(moves.lift_reasons(), row.lift_reason),
        "people": [one.display_name for one in (row.lift_asked_by, row.lifted_by) if one],
    }


@in_team
def put(request: HttpRequest) -> HttpResponse:
    """Put a report on hold by its short number."""
    if request.method != "POST":
        return _back()
    form = HoldByNumberForm(request.POST)
    if form.is_valid():
        report = services.find_by_reference(actor_of(request), form.cleaned_data["number"])
        if report is None or not may_decide_withdrawal(actor_of(request), report.team_id):
            form.problem("number", _("Tidak ada laporan dengan nomor ini di tim yang kamu selia."))
        else:
            try:
                holding.put_on_hold(actor_of(request), report.pk, form.cleaned_data["reason"])
            except Conflict:
                form.problem("number", _("Laporan ini sudah disimpan untuk proses hukum."))
            else:
                return _back("set")
    return _page(request, form, status=422)


def _do(request: HttpRequest, deed: Callable[[], Any], done: str) -> HttpResponse:
    if request.method != "POST":
        return _back()
    try:
        deed()
    except Conflict as error:
        return _page(request, problem=str(error.message), status=409)
    return _back(done)


def _report(request: HttpRequest, hold_id: UUID) -> UUID:
    """The report of a hold that this person sees. Raises NotFound."""
    found = selectors_moves.holds_visible_to(actor_of(request)).filter(pk=hold_id).values_list("report_id", flat=True)
    if not found:
        raise NotFound
    return found[0]


@in_team
def review(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Say that a hold is still needed."""
    report_id = _report(request, hold_id)
    return _do(request, lambda: holding.review_hold(actor_of(request), report_id), "reviewed")


@in_team
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Propose to end a hold, as the first of two."""
    report_id = _report(request, hold_id)
    form = LiftForm(request.POST if request.method == "POST" else None, auto_id=f"akhiri-{hold_id.hex[:8]}-%s")
    try:
        reason = str(request.POST.get("reason", ""))
        return _do(request, lambda: holding.ask_to_lift(actor_of(request), report_id, reason), "asked")
    except BadInput:
        form.is_valid()
        return _page(request, lift=(hold_id, form), problem=_("Pilih alasannya."), status=422)


@in_team
def decide(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Agree that a hold ends, as the second person, or keep it."""
    report_id = _report(request, hold_id)
    if request.POST.get("keputusan") == "confirm":
        return _do(request, lambda: holding.confirm_lifting(actor_of(request), report_id), "lifted")
    return _do(request, lambda: holding.keep_hold(actor_of(request), report_id), "kept")


def _back(done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:holds") + (f"?ok={done}" if done else ""))
