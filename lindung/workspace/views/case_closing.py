"""The tab Penutupan: ending a case by two people, looks afterwards, opening it again, moving it; every approval."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import rules
from lindung.casework.errors import NotYet
from lindung.casework.knowledge import ending
from lindung.casework.models import State
from lindung.casework.models_closing import Approval, FollowUp, Subject
from lindung.casework.services import approving, closing, feedback, following_up, moving
from lindung.casework.services.access import case_for
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting.services.transferring import NotNow
from lindung.workspace import closingpage
from lindung.workspace import forms_case_closing as forms
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, back_to, frame, problems, said, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

TAB, HERE = "workspace:case_closing", "closing"
DONE: dict[str, str | Promise] = {
    "proposed": _("Usul penutupan terkirim. Orang kedua yang memutuskan."),
    "approved": _("Disetujui."),
    "not_approved": _("Tidak disetujui. Kasus tetap berjalan."),
    "taken_back": _("Usul ditarik."),
    "followed": _("Kabar anak tersimpan."),
    "reopened": _("Kasus dibuka kembali."),
    "offered": _("Kasus ditawarkan. Timmu tetap memegangnya sampai mereka menerima."),
    "withdrawn": _("Tawaran ditarik."),
    "held": _("Tersimpan."),
    "passed": _("Diteruskan kepada orang yang tidak mendampingi anak ini."),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def end(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The tab."""
    page = frame(request, case_id)
    last = closingpage.move(page)
    open_case = page.case.state == State.OPEN
    context = {
        "done_text": said(request, DONE),
        "state": page.case.state,
        "held": page.case.legal_hold,
        "open": open_case,
        "obstacles": [sentence for _code, sentence in closing.obstacles(page.case)] if open_case else [],
        "waiting": closingpage.waiting(page),
        "refused": closingpage.refused(page),
        "closures": closingpage.closures(page),
        "follow_ups": closingpage.follow_ups(page),
        "may_note": rules.may_work(page.actor, page.facts),
        "move": last,
        "may_offer": closingpage.may_offer(page, last),
    }
    return render_case(page, "workspace/cases/closing.html", context, here=HERE)


@in_team
def propose(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Propose to end the case."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.CloseForm) -> None:
        data = form.cleaned_data
        agrees = {"yes": True, "no": False}.get(data["child_agrees"])
        try:
            closing.propose(
                *hands, case_id, reason=data["reason"], summary=data["summary"], outcomes=form.outcomes(),
                child_agrees=agrees, child_says=data["child_says"], version=data["version"],
            )  # fmt: skip
        except NotYet as left:
            raise BadInput("reason", _left(left)) from None

    wanted = Edit(
        title=_("Usulkan penutupan"), form=forms.CloseForm, write=write, tab=TAB, here=HERE, done="proposed",
        version=lambda page: page.case.version, form_args=lambda page: {"goals": closingpage.goals(page)},
        lede=_("Orang kedua membaca dan memutuskan. Sesudahnya ada tindak lanjut pada bulan ke-3 dan ke-6."),
        button=_("Minta persetujuan orang kedua"),
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _left(left: NotYet) -> str:
    known = ending.blocks()
    return " ".join(f"{known[code].label}." for code in left.obstacles if code in known)


# --- the second person ------------------------------------------------------------------------------------------------


@in_team
def approve(request: HttpRequest, case_id: UUID, approval_id: UUID) -> HttpResponse:
    """The page of one question for a second person: what it is about, and the decision."""
    rows = Approval.objects.filter(pk=approval_id, case=visible(request, case_id))
    if not rows.exists():
        raise NotFound
    if request.method != "POST":
        return _approval(request, case_id, rows.get(), forms.DecideForm())
    hands = actor_of(request), keyring_of(request)
    if "tarik" in request.POST:
        approving.take_back(*hands, approval_id)
        return _after(case_id, rows.get(), "taken_back")
    form = forms.DecideForm(request.POST)
    if form.is_valid():
        agreed = form.cleaned_data["approve"] == "yes"
        try:
            approving.decide(*hands, approval_id, approve=agreed, words=form.cleaned_data["words"])
        except BadInput as error:
            form.problem(error.field, error.message)
        except NotYet as left:
            form.problem("approve", _left(left))
        except Conflict as error:
            form.problem("approve", error.message)
            return _approval(request, case_id, rows.get(), form, status=409)
        else:
            return _after(case_id, rows.get(), "approved" if agreed else "not_approved")
    return _approval(request, case_id, rows.get(), form, status=422)


def _approval(request: HttpRequest, case_id: UUID, row: Approval, form: StaffForm, status: int = 200) -> HttpResponse:
    page = frame(request, case_id)
    context = {
        "approval": closingpage.approval(page, row),
        "form": form,
        "problems": problems({"form": form}) if form.is_bound else [],
        "plan_url": reverse("workspace:case_plan", args=[case_id]) if row.subject == Subject.PLAN else "",
    }
    return render_case(page, "workspace/cases/approval.html", context, here="", status=status)


def _after(case_id: UUID, row: Approval, done: str) -> HttpResponse:
    """Back to where the question came from."""
    tabs = {Subject.PLAN: "workspace:case_plan", Subject.MEDIATION: "workspace:case_legal", Subject.CLOSURE: TAB}
    return back_to(tabs.get(Subject(row.subject), "workspace:case"), case_id, done)


# --- afterwards -------------------------------------------------------------------------------------------------------


@in_team
def follow_up(request: HttpRequest, case_id: UUID, follow_up_id: UUID) -> HttpResponse:
    """Note how the child was found, three or six months after the end."""
    if not FollowUp.objects.filter(pk=follow_up_id, case=visible(request, case_id)).exists():
        raise NotFound
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.FollowUpForm) -> None:
        following_up.done(*hands, follow_up_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Kabar setelah penutupan"), form=forms.FollowUpForm, write=write, tab=TAB, here=HERE,
        done="followed", anchor="menyusul", also_closed=True,
        lede=_("Tanyakan kabarnya saja. Anak boleh tidak mau dihubungi."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Open a closed case again."""
    hands = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.ReopenForm) -> None:
        closing.reopen(*hands, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Buka kembali"), form=forms.ReopenForm, write=write, tab=TAB, here=HERE, done="reopened",
        also_closed=True, button=_("Buka kembali kasus ini"),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def offer(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Offer the case to another team."""
    hands = actor_of(request), keyring_of(request)
    case_for(hands[0], case_id, rules.may_supervise)

    def write(page: CasePage, form: forms.MoveForm) -> None:
        data = form.cleaned_data
        try:
            moving.offer(*hands, case_id, UUID(data["team"]), reason=data["reason"], words=data["words"])
        except NotNow as error:
            raise BadInput("team", error.message) from None

    wanted = Edit(
        title=_("Tawarkan ke tim lain"), form=forms.MoveForm, write=write, tab=TAB, here=HERE, done="offered",
        anchor="pindah", form_args=lambda page: {"teams": closingpage.teams(page)}, button=_("Tawarkan"),
        lede=_("Timmu tetap memegang kasus ini sampai mereka menerima. Kotak anak ikut pindah."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def pass_on(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Pass on what the child said about us."""
    actor = actor_of(request)

    def write(page: CasePage, form: forms.PassOnForm) -> None:
        feedback.from_colleague(actor, case_id, **form.cleaned_data)

    wanted = Edit(
        title=_("Pendapat anak tentang kita"), form=forms.PassOnForm, write=write, tab=TAB, here=HERE, done="passed",
        anchor="pendapat", also_closed=True, button=_("Teruskan"),
        lede=_("Dibaca orang yang tidak mendampingi anak ini. Setelah diteruskan, kamu tidak bisa membacanya lagi."),
    )  # fmt: skip
    return edit(request, case_id, wanted)
