"""The page of one report, and the way in which every form on it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import answers as answering
from lindung.reporting import rules_staff, selectors, services, state
from lindung.reporting.models import ClosureProposal, PoliceDecision, State, WithdrawalState
from lindung.reporting.opened import OpenedReport
from lindung.workspace import forms as staff_forms
from lindung.workspace import panels, words
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_moves import TransferForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.reportpage import Page

DONE: dict[str, str | Promise] = {
    "offered": _("Laporan ditawarkan. Tim ini tetap memegangnya sampai tim itu menerima."),
    "taken_back": _("Tawaran ditarik. Laporan tetap pada tim ini."),
    "accepted": _("Laporan ini sekarang pada timmu. Belum ada yang memegangnya: ambil kalau kamu yang menangani."),
    "taken_sent": _("Laporan yang kamu terima sudah tersimpan. Ambil kalau kamu yang menanganinya."),
    "taken_noted": _("Kodenya sudah dicatat. Ambil laporan ini kalau kamu yang menanganinya."),
    "taken_cannot": _("Kodenya tidak disimpan siapa pun. Ambil laporan ini kalau kamu yang menanganinya."),
    "released": _("Laporan dilepas. Rekan lain bisa mengambilnya."),
    "excluded": _("Tim itu tidak bisa melihat laporan ini lagi."),
    "claimed": _("Laporan ini sekarang kamu pegang."),
    "message": _("Pesan terkirim. Pelapor membacanya dengan kodenya."),
    "note": _("Catatan tersimpan."),
    "triage": _("Triase tersimpan."),
    "police": _("Keputusan lapor polisi tersimpan."),
    "handover": _("Serah terima tersimpan."),
    "follow_up": _("Tindak lanjut selesai."),
    "attempt": _("Upaya tersimpan."),
    "proposed": _("Usulan penutupan tersimpan. Orang kedua yang memutuskan."),
    "closed": _("Laporan ditutup."),
    "rejected": _("Usulan penutupan tidak disetujui. Laporan tetap terbuka."),
    "reopened": _("Laporan dibuka lagi."),
    "kept": _("Laporan disimpan. Pelapor membaca alasannya di kotaknya."),
    "hold": _("Penyimpanan hukum diperbarui."),
    "linked": _("Laporan dikaitkan."),
    "unlinked": _("Kaitan dilepas."),
}

ANCHORS = {
    "offered": "tawarkan",
    "taken_back": "tawarkan",
    "message": "pesan",
    "note": "catatan",
    "triage": "triase",
    "police": "polisi",
    "handover": "serah-terima",
    "follow_up": "lanjut",
    "attempt": "upaya",
    "linked": "kaitan",
    "unlinked": "kaitan",
    "proposed": "keputusan",
    "rejected": "keputusan",
    "excluded": "keputusan",
    "hold": "keputusan",
}
"""The panel in which the sentence of DONE is said, which is where the browser lands; the others stand on top."""

FORMS: dict[str, type[StaffForm]] = {
    "message": staff_forms.MessageForm,
    "note": staff_forms.NoteForm,
    "triage": staff_forms.TriageForm,
    "police": staff_forms.PoliceForm,
    "handover": staff_forms.HandoverForm,
    "attempt": staff_forms.AttemptForm,
    "closure": staff_forms.ClosureForm,
    "conflict": staff_forms.ConflictForm,
    "legal_hold": staff_forms.HoldForm,
    "link": staff_forms.LinkForm,
    "transfer": TransferForm,
}


@staff_page(*INBOX_ROLES)
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Everything on one report. Opening it is written into the audit log."""
    return show(request, report_id)


def show(
    request: HttpRequest,
    report_id: UUID,
    refused: Mapping[str, StaffForm] | None = None,
    *,
    problems: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the report; `refused` are forms that come back with what was typed and what is wrong with it."""
    opened = services.open_report(actor_of(request), keyring_of(request), report_id)
    context = _context(request, opened, refused or {})
    context["problems"] = (problems or []) + _problems(refused or {})
    return render(request, "workspace/report.html", context, status=status)


def _context(request: HttpRequest, opened: OpenedReport, refused: Mapping[str, StaffForm]) -> dict[str, Any]:
    actor, now, report = actor_of(request), clock.now(), opened.report
    page = Page(opened, actor, now)
    held = report.claimed_by_id not in (None, actor.user_id)
    handles = rules_staff.may_handle(actor, report.team_id)
    platforms = selectors.platform_labels(answering.codes(opened.answers, "online_where"))
    open_now = report.state not in {State.CLOSED, State.WITHDRAWN}
    alone = report.merged_into_id is None
    police_final = opened.police is not None and opened.police.decision == PoliceDecision.REPORTED
    return {
        "report_id": report.pk,
        "done_text": DONE.get(request.GET.get("ok", "")),
        "done_anchor": ANCHORS.get(request.GET.get("ok", ""), ""),
        "head": page.head(),
        "tasks": page.tasks(),
        "words": str(opened.answers.get("words") or ""),
        "heed": words.heed(opened.answers),
        "facts": words.facts(opened.answers, platforms),
        "has_addresses": words.has_addresses(opened.answers),
        "messages": page.thread(),
        "notes": page.notes(),
        "timeline": page.timeline(),
        "triage": page.triage(),
        "risk_reasons": page.risk_reasons(),
        "selfharm": report.selfharm,
        "police": page.police(),
        "handovers": page.handovers(),
        "follow_ups": page.follow_ups(),
        "attempts": page.attempts(),
        "links": page.links(),
        "withdrawal": _withdrawal(opened, page),
        "closure": _closure(opened, page),
        "obstacles": page.obstacles(),
        "forms": _forms(opened, now, refused),
        "held_by_other": held,
        "may_note": handles,
        "may_answer": handles and not held and state.allowed(report.state, state.Event.ANSWER),
        "may_triage": rules_staff.may_triage(actor, report.team_id)
        and not held
        and alone
        and state.allowed(report.state, state.Event.TRIAGE),
        "may_police": rules_staff.may_triage(actor, report.team_id) and open_now and alone and not police_final,
        "may_close": rules_staff.may_propose_closure(actor, report.team_id)
        and not held
        and alone
        and state.allowed(report.state, state.Event.CLOSE),
        "may_reopen": rules_staff.may_triage(actor, report.team_id)
        and alone
        and state.allowed(report.state, state.Event.REOPEN),
        "may_move": rules_staff.may_triage(actor, report.team_id) and state.allowed(report.state, state.Event.MOVE),
        "may_link": rules_staff.may_triage(actor, report.team_id),
        "may_hold": actor.has_role_in(report.team_id, "supervisor"),
        "panels": panels.shown(request, opened, now),
    }


def _forms(opened: OpenedReport, now: datetime, refused: Mapping[str, StaffForm]) -> dict[str, StaffForm]:
    """One form of each kind, empty but for what is known; the refused ones as they were sent."""
    report = opened.report
    seen = {"version": report.version, "opened": now.isoformat()}
    latest = opened.triage[-1] if opened.triage else None
    triage = {
        **seen,
        "risk": report.risk,
        "selfharm": report.selfharm,
        "forms": list(latest.forms) if latest else words.likely_forms(opened.answers),
        "authority": latest.authority if latest else None,
        "next_step": latest.next_step if latest else None,
    }
    initial: dict[str, dict[str, Any]] = {"message": seen, "triage": triage, "conflict": {"team": str(report.team_id)}}
    return {name: refused.get(name) or form(initial=initial.get(name, {})) for name, form in FORMS.items()}


def _withdrawal(opened: OpenedReport, page: Page) -> dict[str, Any] | None:
    row = opened.withdrawal
    if row is None or row.state not in {WithdrawalState.SUPERVISOR, WithdrawalState.REFUSED, WithdrawalState.UNDONE}:
        return None
    return page.withdrawal(row)


def _closure(opened: OpenedReport, page: Page) -> dict[str, Any] | None:
    for row in opened.closures:
        if row.state == ClosureProposal.ProposalState.OPEN:
            proposed = (line for line in opened.timeline if line.ref == row.pk and line.kind == "closure_proposed")
            proposer = next(proposed, None)
            return page.closure(row, proposer.by if proposer else "")
    return None


def _problems(refused: Mapping[str, StaffForm]) -> list[dict[str, str]]:
    """What is wrong, each with the control that it is about."""
    found = []
    for form in refused.values():
        for field, errors in form.errors.items():
            anchor = form[field].auto_id if field in form.fields else form.name
            found += [{"anchor": anchor, "text": str(error)} for error in errors]
    return found


def back_to(report_id: UUID, done: str = "", anchor: str = "") -> HttpResponseRedirect:
    """Lead back to the report, with a code for the sentence that says what happened."""
    query = f"?ok={done}" if done else ""
    fragment = f"#{anchor}" if anchor else ""
    return HttpResponseRedirect(reverse("workspace:report", args=[report_id]) + query + fragment)


def visible(request: HttpRequest, report_id: UUID) -> None:
    """Raise NotFound unless this person may see the report."""
    if not selectors.visible_to(actor_of(request)).filter(pk=report_id).exists():
        raise NotFound


def take(
    request: HttpRequest,
    report_id: UUID,
    kind: str,
    write: Callable[[dict[str, Any]], Any],
    *,
    done: str,
    anchor: str = "",
    rename: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Take one form of the report page: check it, write it through a service, lead back.

    A wrong field comes back beside its form (422), a record that changed meanwhile as a page with both texts (409).
    `rename` maps a service's field to the form's. GET leads to the report; a hidden report is 404 either way.
    """
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor=anchor)
    if "periksa" in request.POST and FORMS[kind].checks_words:
        return show(request, report_id, {kind: FORMS[kind].as_typed(request.POST)})
    form = FORMS[kind](request.POST)
    if form.is_valid():
        try:
            write(form.cleaned_data)
        except BadInput as error:
            form.problem((rename or {}).get(error.field, error.field), error.message)
        except Conflict as error:
            return conflict(request, report_id, kind, error)
        else:
            return back_to(report_id, done, anchor)
    return show(request, report_id, {kind: form}, status=422)


def conflict(request: HttpRequest, report_id: UUID, kind: str, error: Conflict) -> HttpResponse:
    """Both texts beside each other: what was typed, in a form that can be sent again, and what changed meanwhile."""
    opened = services.open_report(actor_of(request), keyring_of(request), report_id)
    now = clock.now()
    since = _moment(request.POST.get("opened", ""), now)
    data = request.POST.copy()
    data["version"], data["opened"] = str(opened.report.version), now.isoformat()
    form = FORMS[kind](data)
    form.is_valid()
    page = Page(opened, actor_of(request), now)
    context = {
        "report_id": report_id,
        "message": error.message,
        "form": form,
        "action": request.path,
        "head": page.head(),
        "changes": page.changes(since),
    }
    return render(request, "workspace/conflict.html", context, status=409)


def _moment(text: str, now: datetime) -> datetime:
    """When the page was opened; the whole history when the form does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=now.tzinfo)
    return clock.coarse(moment) if moment.tzinfo else datetime.min.replace(tzinfo=now.tzinfo)
