"""The tab Rencana: what is at stake, how the child stays safe, the plan with its goals, who approved it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import rules_plan, services
from lindung.casework.models_closing import Approval, ApprovalState
from lindung.casework.models_plan import Goal, Plan, PlanState
from lindung.casework.services import approving, checklist
from lindung.core.errors import Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.directory import knowledge as directory
from lindung.workspace import forms_case_plan as forms
from lindung.workspace import planpage
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, Taking, back_to, frame, problems, said, take, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

TAB, HERE = "workspace:case_plan", "plan"
DONE: dict[str, str | Promise] = {
    "assessed": _("Penilaian tersimpan. Risiko dan tanggal tinjauan mengikuti keputusanmu."),
    "safety": _("Rencana keselamatan tersimpan."),
    "reviewed": _("Tinjauan tersimpan."),
    "plan": _("Rencana tersimpan sebagai rancangan."),
    "discarded": _("Rancangan disisihkan. Isinya tetap bisa dibaca."),
    "goal": _("Tujuan tersimpan."),
    "goal_removed": _("Tujuan dihapus dari rancangan."),
    "moved": _("Kabar tujuan tersimpan."),
    "delivered": _("Layanan tercatat."),
    "asked": _("Permintaan terkirim. Orang kedua yang memutuskan."),
    "approved": _("Rencana disetujui dan berlaku sekarang."),
    "not_approved": _("Rencana kembali menjadi rancangan."),
    "taken_back": _("Permintaan ditarik. Rencana menjadi rancangan lagi."),
    "conference": _("Konferensi kasus dijadwalkan."),
    "held": _("Hasil konferensi tersimpan."),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def plan(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The tab."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    found = planpage.assessments(page)
    plans, waits = planpage.plans(page), planpage.approval(page)
    present = [one for one in plans if one["state"] != PlanState.REPLACED]
    draft = next((one for one in present if one["draft"]), None)
    safety = planpage.safety_plans(page)
    latest = found[0] if found else None
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "assessment": latest,
        "older": found[1:],
        "safety": safety[0] if safety else None,
        "older_safety": safety[1:],
        "plans": present,
        "replaced": [one for one in plans if one["state"] == PlanState.REPLACED],
        "may_begin": page.may_work and not any(one["state"] != PlanState.APPROVED for one in present),
        "begun": bool(present),
        "needs": planpage.open_needs(latest, present),
        "draft": draft,
        "refusal": planpage.refused(page, draft["id"]) if draft else None,
        "approval": waits,
        "forms": _forms(draft, waits, refused),
        "conferences": planpage.conferences(page),
        "reviews": planpage.case_reviews(page),
        "review_due": page.deadline(page.case.review_due_at, timedelta(days=2)) if page.case.review_due_at else None,
        "stages": planpage.stages(page, checklist.newest_marks(page.case)),
        "standard": planpage.standard_name(page),
        "groups": planpage.memberships(page),
    }
    return render_case(page, "workspace/cases/plan.html", context, here=HERE, status=status)


def _forms(
    draft: Mapping[str, Any] | None, waits: Mapping[str, Any] | None, refused: Mapping[str, StaffForm]
) -> dict[str, StaffForm]:
    found: dict[str, StaffForm] = {}
    if draft and draft["goals"]:
        found["ask"] = forms.AskForm(initial={"version": draft["version"]})
    if waits and waits["may_decide"]:
        found["answer"] = forms.AnswerForm()
    return {**found, **refused}


# --- the plan -------------------------------------------------------------------------------------------------------


@in_team
def new(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin a plan; it takes the open goals of the present one along."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.PlanForm) -> None:
        data = form.cleaned_data
        words = services.PlanWords(wishes=data["wishes"], agreed=data["agreed"])
        services.new_plan(actor, keyring, case_id, words, with_child=data["with_child"], version=data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        row = Plan.objects.filter(case=page.case).exclude(state=PlanState.REPLACED).order_by("-number").first()
        words = page.opened.words(row.field) if row else {}
        hoped = planpage.assessments(page)[:1]
        wishes = words.get("wishes") or (hoped[0]["needs"] if hoped else "")
        return {"wishes": wishes, "agreed": words.get("agreed", "")}

    wanted = Edit(
        title=_("Rencana layanan"), form=forms.PlanForm, write=write, tab=TAB, here=HERE, done="plan",
        anchor="rencana", initial=now, version=lambda page: page.case.version, button=_("Simpan rancangan"),
        lede=_("Susun bersama anak. Tujuan yang belum selesai dari rencana yang berlaku ikut terbawa."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def write(request: HttpRequest, case_id: UUID, plan_id: UUID) -> HttpResponse:
    """Write the words of a draft anew."""
    draft = _plan_of(request, case_id, plan_id)
    actor, keyring = actor_of(request), keyring_of(request)

    def row(page: CasePage) -> Plan:
        return Plan.objects.get(pk=plan_id)

    def save(page: CasePage, form: forms.PlanForm) -> None:
        data = form.cleaned_data
        words = services.PlanWords(wishes=data["wishes"], agreed=data["agreed"])
        services.write_plan(actor, keyring, plan_id, words, with_child=data["with_child"], version=data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        words = page.opened.words(row(page).field)
        return {**{name: words.get(name, "") for name in ("wishes", "agreed")}, "with_child": row(page).with_child}

    wanted = Edit(
        title=_("Ubah rancangan"), form=forms.PlanForm, write=save, tab=TAB, here=HERE, done="plan", anchor="rencana",
        initial=now, version=lambda page: row(page).version,
        more={"remove": {"url": f"{request.path}sisihkan/?v={draft.version}", "label": _("Sisihkan rancangan ini")}},
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _plan_of(request: HttpRequest, case_id: UUID, plan_id: UUID) -> Plan:
    plan = Plan.objects.filter(pk=plan_id, case=visible(request, case_id)).first()
    if plan is None:
        raise NotFound
    return plan


@in_team
def discard(request: HttpRequest, case_id: UUID, plan_id: UUID) -> HttpResponse:
    """Put a draft aside."""
    _plan_of(request, case_id, plan_id)
    if request.method != "POST":
        return back_to(TAB, case_id, anchor="rencana")
    services.discard(actor_of(request), plan_id, _seen(request))
    return back_to(TAB, case_id, "discarded", "rencana")


def _seen(request: HttpRequest) -> int:
    """The version that the page of the button showed; an address without one removes nothing."""
    text = request.GET.get("v", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


@in_team
def ask(request: HttpRequest, case_id: UUID, plan_id: UUID) -> HttpResponse:
    """Ask a second person to approve the draft."""
    _plan_of(request, case_id, plan_id)

    def save(data: dict[str, Any]) -> None:
        services.ask_approval(actor_of(request), keyring_of(request), plan_id, data["words"], data["version"])

    taking = Taking(
        form=forms.AskForm, show=show, tab=TAB, done="asked", anchor="rencana",
        version=lambda page: Plan.objects.get(pk=plan_id).version, theirs=lambda page: _spoken_goals(page, plan_id),
    )  # fmt: skip
    return take(request, case_id, "ask", taking, save)


def _spoken_goals(page: CasePage, plan_id: UUID) -> list[tuple[str, str]]:
    """The goals of a plan as they stand now, for whoever asked with an older page."""
    goals = Goal.objects.filter(plan=plan_id)
    return [(directory.service_label(one.service), page.opened.words(one.field).get("goal", "")) for one in goals]


@in_team
def decide(request: HttpRequest, case_id: UUID, approval_id: UUID) -> HttpResponse:
    """Agree or not, as the second person; or take one's own question back."""
    rows = Approval.objects.filter(pk=approval_id, case=visible(request, case_id), plan__isnull=False)
    if not rows.exists():
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)
    if request.method == "POST" and "tarik" in request.POST:
        approving.take_back(actor, keyring, approval_id)
        return back_to(TAB, case_id, "taken_back", "rencana")

    def save(data: dict[str, Any]) -> None:
        approving.decide(actor, keyring, approval_id, approve=data["approve"] == "yes", words=data["words"])

    taking = Taking(form=forms.AnswerForm, show=show, tab=TAB, done="decided", anchor="rencana")
    response = take(request, case_id, "answer", taking, save)
    if response.status_code == 302 and request.method == "POST":
        agreed = rows.filter(state=ApprovalState.APPROVED).exists()
        return back_to(TAB, case_id, "approved" if agreed else "not_approved", "rencana")
    return response


# --- goals ----------------------------------------------------------------------------------------------------------


@in_team
def add_goal(request: HttpRequest, case_id: UUID, plan_id: UUID) -> HttpResponse:
    """Choose a service, then write the goal."""
    row = _plan_of(request, case_id, plan_id)
    service = str(request.POST.get("service") or request.GET.get("layanan", ""))
    if service not in directory.services():
        return _choose(request, case_id, row)
    actor, keyring = actor_of(request), keyring_of(request)

    def save(page: CasePage, form: forms.GoalForm) -> None:
        services.add_goal(actor, keyring, plan_id, _goal_input(form))

    wanted = Edit(
        title=_("Tujuan: %(service)s") % {"service": directory.service_label(service)}, form=forms.GoalForm,
        write=save, tab=TAB, here=HERE, done="goal", anchor="rencana", initial=lambda page: {"service": service},
        version=lambda page: 0, rename={"provider": "provider"},
        form_args=lambda page: {"providers": planpage.provider_choices(page, service)},
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _choose(request: HttpRequest, case_id: UUID, row: Plan) -> HttpResponse:
    page = frame(request, case_id)
    if not page.may_work or row.state != PlanState.DRAFT:
        raise NotFound
    found = planpage.assessments(page)[:1]
    context = {
        "services": planpage.service_rows(found[0]["services"] if found else ()),
        "back": reverse(TAB, args=[case_id]),
    }
    return render_case(page, "workspace/cases/plan_service.html", context, here=HERE)


def _goal_input(form: forms.GoalForm) -> services.GoalInput:
    data = form.cleaned_data
    return services.GoalInput(
        service=data["service"], words=data["words"], provider_id=form.provider_id(), due_on=data["due_on"],
        working_days=data["working_days"],
    )  # fmt: skip


def _goal_of(request: HttpRequest, case_id: UUID, goal_id: UUID) -> Goal:
    rows = Goal.objects.filter(pk=goal_id, plan__case=visible(request, case_id)).select_related("plan", "provider")
    goal = rows.first()
    if goal is None:
        raise NotFound
    return goal


@in_team
def goal(request: HttpRequest, case_id: UUID, goal_id: UUID) -> HttpResponse:
    """Write a goal of a draft anew."""
    row = _goal_of(request, case_id, goal_id)
    actor, keyring = actor_of(request), keyring_of(request)

    def save(page: CasePage, form: forms.GoalForm) -> None:
        services.change_goal(actor, keyring, goal_id, _goal_input(form), form.cleaned_data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        fresh = Goal.objects.get(pk=goal_id)
        return {
            "service": fresh.service,
            "words": page.opened.words(fresh.field).get("goal", ""),
            "provider": str(fresh.provider_id or ""),
            "due_on": fresh.due_on,
        }

    wanted = Edit(
        title=_("Tujuan: %(service)s") % {"service": directory.service_label(row.service)}, form=forms.GoalForm,
        write=save, tab=TAB, here=HERE, done="goal", anchor="rencana", initial=now,
        version=lambda page: Goal.objects.get(pk=goal_id).version,
        form_args=lambda page: {"providers": planpage.provider_choices(page, row.service, also=row)},
        more={"remove": {"url": f"{request.path}hapus/?v={row.version}", "label": _("Hapus tujuan ini")}},
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def remove_goal(request: HttpRequest, case_id: UUID, goal_id: UUID) -> HttpResponse:
    """Take a goal out of a draft."""
    _goal_of(request, case_id, goal_id)
    if request.method != "POST":
        return back_to(TAB, case_id, anchor="rencana")
    services.remove_goal(actor_of(request), goal_id, _seen(request))
    return back_to(TAB, case_id, "goal_removed", "rencana")


@in_team
def move_goal(request: HttpRequest, case_id: UUID, goal_id: UUID) -> HttpResponse:
    """Say how a goal stands."""
    row = _goal_of(request, case_id, goal_id)
    actor, keyring = actor_of(request), keyring_of(request)

    def save(page: CasePage, form: forms.MoveForm) -> None:
        data = form.cleaned_data
        services.move_goal(actor, keyring, goal_id, data["state"], data["words"], data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        fresh = Goal.objects.get(pk=goal_id)
        return {"state": fresh.state, "words": page.opened.words(fresh.field).get("outcome", "")}

    def states(page: CasePage) -> dict[str, Any]:
        before = Goal.objects.values_list("state", flat=True).get(pk=goal_id)
        return {"states": {before, *rules_plan.WAYS[before]}}

    wanted = Edit(
        title=_("Kabar tujuan: %(service)s") % {"service": directory.service_label(row.service)}, form=forms.MoveForm,
        write=save, tab=TAB, here=HERE, done="moved", anchor="rencana", initial=now, form_args=states,
        version=lambda page: Goal.objects.get(pk=goal_id).version,
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def deliver(request: HttpRequest, case_id: UUID, goal_id: UUID) -> HttpResponse:
    """Write down a service that was really given."""
    row = _goal_of(request, case_id, goal_id)
    if row.plan.state == PlanState.REPLACED:
        raise Conflict
    actor, keyring = actor_of(request), keyring_of(request)

    def save(page: CasePage, form: forms.DeliveryForm) -> None:
        data = form.cleaned_data
        entry = services.DeliveryInput(
            on=data["on"], words=data["words"], minutes=data["minutes"], organisation_id=form.organisation_id(),
            child_came=data["child_came"],
        )  # fmt: skip
        services.record_delivery(actor, keyring, goal_id, entry)

    def now(page: CasePage) -> dict[str, Any]:
        day = local_day(page.now, page.tz)
        return {"on": day, "child_came": True, "organisation": str(row.provider_id or "")}

    wanted = Edit(
        title=_("Layanan yang diberikan: %(service)s") % {"service": directory.service_label(row.service)},
        form=forms.DeliveryForm, write=save, tab=TAB, here=HERE, done="delivered", anchor="rencana", initial=now,
        form_args=lambda page: {"providers": planpage.provider_choices(page, row.service, also=row)},
    )  # fmt: skip
    return edit(request, case_id, wanted)
