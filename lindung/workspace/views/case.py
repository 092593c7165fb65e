"""The first page of a case: what is next, the mailbox of its reports, who and where, and everything that happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.casework import listing_rows, timeline
from lindung.casework.knowledge import law, rights
from lindung.casework.models import (
    CaseReport,
    CaseTask,
    ChildEventKind,
    PersonRole,
    Risk,
    State,
    TaskKind,
    WorkerRole,
)
from lindung.casework.models_closing import ApprovalState, MoveState, Subject
from lindung.casework.models_legal import PoliceDuty, TipTo
from lindung.casework.models_plan import Assessment, Plan, PlanState
from lindung.casework.models_rights import Answer, Consent, Giver
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.directory.knowledge import service_label
from lindung.referrals.models import Referral
from lindung.referrals.models import State as ReferralState
from lindung.reporting import rules_staff, services
from lindung.reporting import state as report_state
from lindung.reporting.models import MessageKind
from lindung.workspace import caseteam, casewords
from lindung.workspace.casepage import CASE_ROLES, CasePage, back_to, frame, problems, said, tab_url, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import MessageForm, StaffForm
from lindung.workspace.forms_case_notes import AddReportForm, LinkCaseForm

DONE: dict[str, str | Promise] = {
    "opened": gettext_lazy("Kasus dibuka. Semua yang sudah diceritakan ikut ke sini."),
    "message": gettext_lazy("Pesan terkirim. Anak membacanya dengan kodenya."),
    "taken": gettext_lazy("Kamu sekarang mendampingi anak ini."),
    "assigned": gettext_lazy("Pendamping kasus ini sudah diganti."),
    "ended": gettext_lazy("Pendampingan diakhiri."),
    "linked": gettext_lazy("Kasus dikaitkan."),
    "unlinked": gettext_lazy("Kaitan dilepas."),
    "report_added": gettext_lazy("Laporan ditambahkan ke kasus ini."),
}

SHOWN_LINES = 30

SENTENCES: dict[str, str | Promise] = {
    "opened": gettext_lazy("Kasus dibuka"),
    "report": gettext_lazy("Laporan ditautkan"),
    "worker": gettext_lazy("Mulai mendampingi"),
    "worker_left": gettext_lazy("Selesai mendampingi"),
    "note": gettext_lazy("Catatan"),
    "event": gettext_lazy("Kabar tentang anak"),
    "task": gettext_lazy("Tugas selesai"),
    "person": gettext_lazy("Orang ditambahkan"),
    "assessment": gettext_lazy("Asesmen risiko dan kebutuhan"),
    "safety_plan": gettext_lazy("Rencana keselamatan"),
    "plan": gettext_lazy("Rencana layanan disusun"),
    "delivery": gettext_lazy("Layanan diberikan"),
    "conference": gettext_lazy("Konferensi kasus"),
    "consent": gettext_lazy("Persetujuan dicatat"),
    "consent_withdrawn": gettext_lazy("Persetujuan ditarik"),
    "decision": gettext_lazy("Keputusan kepentingan terbaik ditandatangani"),
    "approval_asked": gettext_lazy("Diminta persetujuan orang kedua"),
    "approval_decided": gettext_lazy("Keputusan orang kedua"),
    "reopened": gettext_lazy("Kasus dibuka lagi"),
    "follow_up": gettext_lazy("Tindak lanjut setelah penutupan"),
    "move": gettext_lazy("Ditawarkan ke tim lain"),
    "moved": gettext_lazy("Jawaban tim lain"),
    "milestone": gettext_lazy("Langkah hukum dicatat"),
    "interview": gettext_lazy("Anak dimintai keterangan"),
    "demand": gettext_lazy("Aparat meminta data"),
    "tip": gettext_lazy("Informasi diserahkan ke aparat"),
    "referral_sent": gettext_lazy("Rujukan dikirim"),
    "referral_accepted": gettext_lazy("Rujukan diterima"),
    "referral_ended": gettext_lazy("Rujukan berakhir"),
}

CODES: dict[str, Any] = {
    "worker": WorkerRole, "worker_left": WorkerRole, "event": ChildEventKind, "task": TaskKind, "person": PersonRole,
    "assessment": Risk, "consent": Answer, "consent_withdrawn": Giver, "approval_asked": Subject,
    "approval_decided": ApprovalState, "moved": MoveState, "tip": TipTo, "referral_ended": ReferralState,
}  # fmt: skip
"""Choices that have a label for the code of a line."""

TABS = {
    "note": "case_notes", "event": "case_notes", "task": "case_notes", "person": "case_people",
    "assessment": "case_plan", "safety_plan": "case_plan", "plan": "case_plan", "delivery": "case_plan",
    "conference": "case_plan", "consent": "case_rights", "consent_withdrawn": "case_rights", "decision": "case_rights",
    "milestone": "case_legal", "interview": "case_legal", "demand": "case_legal", "tip": "case_legal",
    "approval_asked": "case_closing", "approval_decided": "case_closing", "follow_up": "case_closing",
    "referral_sent": "case_referrals", "referral_accepted": "case_referrals", "referral_ended": "case_referrals",
}  # fmt: skip
"""Where the words of a line stand."""

in_team = staff_page(*CASE_ROLES)


@in_team
def overview(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Everything on one case at a glance. Opening it is written into the audit log."""
    return show(request, case_id, {})


def show(
    request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, report_id: UUID | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Draw the first page; `refused` is a message that came back, `report_id` the mailbox that it is for."""
    page = frame(request, case_id)
    boxes = _boxes(page, refused, report_id or _wanted(request))
    child = page.opened.child
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "steps": _steps(page),
        "boxes": boxes,
        "lines": _history(page),
        "statuses": casewords.statuses(child),
        "factors": casewords.factors(child),
        "needs": casewords.needs(child),
        "must_not_know": child.get("must_not_know", ""),
        "places": casewords.four_places(page.opened.places),
        "authority": page.case.get_authority_display() if page.case.authority else "",
        "lead_agency": page.case.lead_agency.name if page.case.lead_agency else "",
        "team": caseteam.team(page),
        "linked": caseteam.linked(page),
        "forms": {
            "add_report": refused.get("add_report") or AddReportForm(),
            "link": refused.get("link") or LinkCaseForm(),
        },
    }
    return render_case(page, "workspace/cases/overview.html", context, here="overview", status=status)


def _wanted(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("kotak", ""))
    except ValueError:
        return None


# --- what is next -----------------------------------------------------------------------------------------------------


def _steps(page: CasePage) -> list[dict[str, Any]]:
    """What the work asks for now, in its order, and the open tasks that are due first: two queries."""
    case = page.case
    if case.state == State.CLOSED:
        return []
    has = {
        "assessed": Exists(Assessment.objects.filter(case=OuterRef("pk"))),
        "asked": Exists(Consent.objects.filter(case=OuterRef("pk"), withdrawn_at=None)),
        "planned": Exists(Plan.objects.filter(case=OuterRef("pk"), state=PlanState.APPROVED)),
        "waiting": Exists(Plan.objects.filter(case=OuterRef("pk"), state=PlanState.WAITING)),
        "police": Exists(PoliceDuty.objects.filter(case=OuterRef("pk"), decision="")),
    }
    found: dict[str, Any] = dict(type(case).objects.filter(pk=case.pk).values(**has)[0])
    steps = [
        _step(page, _("Nilai risiko dan kebutuhan"), "case_plan", found["assessed"]),
        _step(page, _("Tanyakan persetujuan anak"), "case_rights", found["asked"]),
        _step(
            page, _("Susun rencana layanan bersama anak"), "case_plan", found["planned"],
            _("menunggu persetujuan") if found["waiting"] else "",
        ),
    ]  # fmt: skip
    if found["police"]:
        steps.insert(0, _step(page, _("Putuskan lapor polisi"), "case_legal", False))
    if case.review_due_at:
        due = page.deadline(case.review_due_at, timedelta(days=2))
        steps.append(
            {"label": _("Tinjauan berkala"), "url": _tab(page, "case_plan"), "state": due.text, "css": due.css}
        )
    for task in CaseTask.objects.filter(case=case, done_at=None)[:4]:
        due = page.deadline(task.due_at, timedelta(hours=24))
        words = page.opened.words(task.field).get("words") or str(task.get_kind_display())
        steps.append({"label": words, "url": _tab(page, "case_notes", "tugas"), "state": due.text, "css": due.css})
    return steps


def _step(page: CasePage, label: str, tab: str, done: bool, state: str = "") -> dict[str, Any]:
    text = _("selesai") if done else state or _("belum")
    return {"label": label, "url": _tab(page, tab), "state": text, "css": "done" if done else "near"}


def _tab(page: CasePage, name: str, anchor: str = "") -> str:
    return tab_url(f"workspace:{name}", page.case.pk, anchor)


# --- reports and their mailboxes --------------------------------------------------------------------------------------


def _boxes(page: CasePage, refused: Mapping[str, StaffForm], wanted: UUID | None) -> list[dict[str, Any]]:
    """The reports of the case; the conversation of one of them stands open: the wanted, an unread, or the first."""
    new = Exists(listing_rows.unread_messages().filter(pk=OuterRef("pk")))
    rows = CaseReport.objects.filter(case=page.case).select_related("report").annotate(new=new)
    links: list[Any] = list(rows.order_by("added_at", "pk"))
    unread = {link.report_id for link in links if link.new}
    ids = [link.report_id for link in links]
    chosen = wanted if wanted in ids else next((pk for pk in ids if pk in unread), ids[0] if ids else None)
    found = []
    for link in links:
        report = link.report
        found.append(
            {
                "id": report.pk,
                "reference": report.reference,
                "url": reverse("workspace:report", args=[report.pk]),
                "state": report.get_state_display(),
                "received": page.at(report.received_at),
                "unread": report.pk in unread,
                "open": report.pk == chosen,
                **(_conversation(page, report.pk, refused) if report.pk == chosen else {}),
            }
        )
    return found


def _conversation(page: CasePage, report_id: UUID, refused: Mapping[str, StaffForm]) -> dict[str, Any]:
    """The messages of one report with a form to answer; nothing when this person may not open the report."""
    try:
        box = services.open_box(page.actor, keyring_of(page.request), report_id)
    except (NotFound, NotAllowed):
        return {"closed": True}
    report = box.report
    held = report.claimed_by_id not in (None, page.actor.user_id)
    answers = report_state.allowed(report.state, report_state.Event.ANSWER)
    may = page.may_work and rules_staff.may_handle(page.actor, report.team_id) and answers and not held
    seen = {"version": report.version, "opened": page.now.isoformat()}
    return {
        "messages": [_message(page, message) for message in box.messages],
        "holder": report.claimed_by.display_name if held and report.claimed_by else "",
        "form": (refused.get("message") or MessageForm(initial=seen)) if may else None,
    }


def _message(page: CasePage, message: Any) -> dict[str, str]:
    ours = message.direction == "out"
    told = message.kind == MessageKind.SYSTEM
    read = _("sudah dibaca") if message.read_by_reporter else _("belum dibaca")
    return {
        "direction": "system" if told else message.direction,
        "who": _("Pemberitahuan") if told else (f"{message.by} ({message.alias})" if ours else _("Anak atau pelapor")),
        "at": page.at(message.at),
        "text": message.text,
        "state": read if ours and not told else "",
    }


@in_team
def message(request: HttpRequest, case_id: UUID, report_id: UUID) -> HttpResponse:
    """Answer in the mailbox of one of the case's reports, without leaving the case."""
    case = visible(request, case_id)
    if not CaseReport.objects.filter(case=case, report=report_id).exists():
        raise NotFound
    if request.method != "POST":
        return _to_box(case_id, report_id)
    if "periksa" in request.POST:
        return show(request, case_id, {"message": MessageForm.as_typed(request.POST)}, report_id=report_id)
    form = MessageForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.post_staff_message(
                actor_of(request), keyring_of(request), report_id, data["text"], data["version"]
            )
        except BadInput as error:
            form.problem(error.field, error.message)
        except Conflict as error:
            return _both(request, case_id, report_id, error)
        else:
            return _to_box(case_id, report_id, "message")
    return show(request, case_id, {"message": form}, report_id=report_id, status=422)


def _to_box(case_id: UUID, report_id: UUID, done: str = "") -> HttpResponse:
    answer = back_to("workspace:case", case_id, done)
    answer["Location"] += f"{'&' if done else '?'}kotak={report_id}#kotak"
    return answer


def _both(request: HttpRequest, case_id: UUID, report_id: UUID, error: Conflict) -> HttpResponse:
    """Somebody wrote meanwhile: the own text in a form that can be sent again, beside what stands there now."""
    page = frame(request, case_id)
    box = services.open_box(page.actor, keyring_of(request), report_id)
    data = request.POST.copy()
    data["version"], data["opened"] = str(box.report.version), page.now.isoformat()
    form = MessageForm(data)
    form.is_valid()
    latest = [_message(page, entry) for entry in box.messages[-3:]]
    context = {
        "message": error.message,
        "form": form,
        "action": request.path,
        "back": reverse("workspace:case", args=[case_id]),
        "theirs": [(f"{entry['who']}, {entry['at']}", entry["text"]) for entry in latest],
    }
    return render_case(page, "workspace/cases/conflict.html", context, here="overview", status=409)


# --- what happened ----------------------------------------------------------------------------------------------------


def _history(page: CasePage) -> list[dict[str, Any]]:
    """Everything that happened, the latest first, with notes in their words."""
    found: list[dict[str, Any]] = []
    for line in timeline.lines(page.case, _referrals(page)):
        shown = _line(page, line)
        if found and not shown["text"] and shown == {**found[-1], "times": 1}:
            found[-1]["times"] += 1  # what was written down in one go, such as a yes for several purposes
        else:
            found.append(shown)
    return found


def _referrals(page: CasePage) -> Iterator[QuerySet[Any, Any]]:
    """When referrals of the case were sent, accepted, served and ended."""
    rows = Referral.objects.filter(case=page.case)
    yield timeline.part("referral_sent", rows, "sent_at", "sent_by", "service")
    yield timeline.part("referral_accepted", rows, "accepted_at", "accepted_by", "service")
    yield timeline.part("referral_ended", rows, "ended_at", "ended_by", "state")


def _line(page: CasePage, line: timeline.Line) -> dict[str, Any]:
    text = ""
    if line.kind in {"note", "event", "task"}:
        words = page.opened.words(f"{line.kind}:{line.ref.hex}")
        text = str(words.get("text") or words.get("words") or "")
    return {
        "title": str(SENTENCES.get(line.kind, line.kind)),
        "label": _label(line),
        "who": line.by,
        "at": page.at(line.at),
        "text": text,
        "times": 1,
        "url": _tab(page, TABS[line.kind]) if line.kind in TABS and not text else "",
    }


def _label(line: timeline.Line) -> str:
    """What the code of a line means, in words; "" for one that tells nothing more."""
    choices = CODES.get(line.kind)
    if choices is not None:
        return str(choices(line.code).label) if line.code in choices.values else ""
    if line.kind in {"delivery", "referral_sent", "referral_accepted"}:
        return service_label(line.code)
    known: Mapping[str, Any] = {"milestone": law.steps, "decision": rights.questions}.get(line.kind, dict)()
    return str(known[line.code].label) if line.code in known else ""
