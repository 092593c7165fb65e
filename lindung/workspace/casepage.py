"""The frame around every page of a case: who it is about, how it stands, where else to look, and how forms are taken.

A page of a tab is three steps: `frame` opens the case (one audit event), the view adds what its tab shows, `render`
puts both together. `take` takes a form of a tab: a wrong field comes back beside it (422), a record that changed
meanwhile as a page with both texts (409).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as draw
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts.actors import Actor
from lindung.casework import rules, selectors, services
from lindung.casework.models import Case, CaseWorker, State, WorkerRole
from lindung.casework.opened import OpenedCase
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.workspace import times
from lindung.workspace.doors import actor_of, keyring_of
from lindung.workspace.forms import StaffForm
from lindung.workspace.marks import RISKS, Mark
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.times import Deadline

CASE_ROLES = INBOX_ROLES
"""Roles that may ever see a case; which one, `casework.rules.may_open` says."""

REVIEW_NEAR = timedelta(days=2)


@dataclass(frozen=True)
class Tab:
    """One part of a case. `name` is its address; `may` asks the rules for the right to see it."""

    code: str
    label: str | Promise
    name: str
    may: Callable[[Actor, Any], bool] = rules.may_open


TABS: tuple[Tab, ...] = (
    Tab("overview", gettext_lazy("Ringkasan"), "workspace:case"),
    Tab("people", gettext_lazy("Orang"), "workspace:case_people"),
    Tab("rights", gettext_lazy("Hak anak"), "workspace:case_rights"),
    Tab("plan", gettext_lazy("Rencana"), "workspace:case_plan"),
    Tab("legal", gettext_lazy("Hukum"), "workspace:case_legal"),
    Tab("referrals", gettext_lazy("Rujukan"), "workspace:case_referrals"),
    Tab("notes", gettext_lazy("Catatan"), "workspace:case_notes"),
    Tab("closing", gettext_lazy("Penutupan"), "workspace:case_closing"),
)


@dataclass(frozen=True)
class CasePage:
    """One opened case as this person sees it at a moment. `opened` holds sealed words: `repr` leaves them out."""

    request: HttpRequest = field(repr=False)
    actor: Actor
    opened: OpenedCase = field(repr=False)
    facts: Any
    workers: tuple[CaseWorker, ...]
    now: datetime

    @property
    def case(self) -> Case:
        return self.opened.case

    @property
    def tz(self) -> str:
        return self.case.tz

    @property
    def may_work(self) -> bool:
        """Present workers and supervisors, as long as the case is not closed."""
        return self.case.state != State.CLOSED and rules.may_work(self.actor, self.facts)

    @property
    def may_supervise(self) -> bool:
        return rules.may_supervise(self.actor, self.facts)

    @property
    def lead(self) -> CaseWorker | None:
        return next((worker for worker in self.workers if worker.role == WorkerRole.LEAD), None)

    def at(self, moment: datetime) -> str:
        """A moment where the child is, with its zone."""
        return times.local(moment, self.tz)

    def deadline(self, due: datetime, near: timedelta = timedelta(hours=12)) -> Deadline:
        return times.deadline(due, self.now, self.tz, near=near)

    def child_name(self) -> str:
        """What colleagues call the child: the name, else the nickname; "" when neither is known."""
        child = self.opened.child
        return str(child.get("name") or child.get("nickname") or "")

    def head(self) -> dict[str, Any]:
        """The identity bar."""
        case = self.case
        review = self.deadline(case.review_due_at, REVIEW_NEAR) if case.review_due_at else None
        return {
            "id": case.pk,
            "reference": case.reference,
            "child": self.child_name(),
            "risk": case.risk,
            "risk_label": RISKS[case.risk],
            "state": case.get_state_display(),
            "stage": case.get_stage_display(),
            "lead": self.lead.user.display_name if self.lead else "",
            "others": [worker.user.display_name for worker in self.workers if worker.role != WorkerRole.LEAD],
            "mine": any(worker.user_id == self.actor.user_id for worker in self.workers),
            "review": review if case.state == State.OPEN else None,
            "opened": self.at(case.opened_at),
            "closed": self.at(case.closed_at) if case.closed_at else "",
            "marks": self.marks(),
            "implicated": self.implicated(),
        }

    def marks(self) -> list[Mark]:
        """What somebody must know before the first word to anybody."""
        found = []
        if self.implicated():
            found.append(Mark(_("Wali diduga terlibat"), "high"))
        if self.case.legal_hold:
            found.append(Mark(_("Disimpan untuk proses hukum"), "outline"))
        return found

    def implicated(self) -> bool:
        """A guardian is the alleged offender, shields one or benefits: nothing may reach that person."""
        return any(person.is_implicated for person in self.opened.people)

    def tabs(self, here: str) -> list[dict[str, Any]]:
        """The parts of the case that this person may see."""
        return [
            {"label": tab.label, "url": tab_url(tab.name, self.case.pk), "here": tab.code == here}
            for tab in TABS
            if tab.may(self.actor, self.facts)
        ]


def tab_url(name: str, case_id: UUID, anchor: str = "") -> str:
    """The address of a part of a case, at a place on its page."""
    url = reverse(name, args=[case_id])
    return f"{url}#{anchor}" if anchor else url


def frame(request: HttpRequest, case_id: UUID) -> CasePage:
    """Open the case for one page: one audit event. NotFound for whoever may not know of it."""
    actor = actor_of(request)
    opened = services.open_case(actor, keyring_of(request), case_id)
    workers = CaseWorker.objects.filter(case=case_id, until=None).select_related("user").order_by("since", "id")
    return CasePage(request, actor, opened, selectors.facts_seen(actor, opened.case), tuple(workers), clock.now())


def render(
    page: CasePage, template: str, context: Mapping[str, Any] | None = None, *, here: str, status: int = 200
) -> HttpResponse:
    """Draw a page of a case inside its frame. `here` is the code of its tab; `template` extends cases/base.html."""
    shown = {
        "head": page.head(),
        "tabs": page.tabs(here),
        "case_id": page.case.pk,
        "may_work": page.may_work,
        "may_supervise": page.may_supervise,
        "done_text": "",
        "problems": [],
        **(context or {}),
    }
    return draw(page.request, template, shown, status=status)


# --- forms ------------------------------------------------------------------------------------------------------------

Show = Callable[..., HttpResponse]
"""show(request, case_id, refused: Mapping[str, StaffForm], *, status) draws the tab with the forms that came back."""


def problems(refused: Mapping[str, StaffForm]) -> list[dict[str, str]]:
    """What is wrong, each with the control that it is about; for the summary at the top of the page."""
    found = []
    for form in refused.values():
        for name, errors in form.errors.items():
            anchor = form[name].auto_id if name in form.fields else form.name
            found += [{"anchor": anchor, "text": str(error)} for error in errors]
    return found


def said(request: HttpRequest, done: Mapping[str, str | Promise]) -> str:
    """The sentence of what was done a moment ago, by the code in the address."""
    return str(done.get(request.GET.get("ok", ""), ""))


def back_to(name: str, case_id: UUID, done: str = "", anchor: str = "") -> HttpResponseRedirect:
    """Lead back to a tab, with a code for the sentence that says what happened."""
    query = f"?ok={done}" if done else ""
    fragment = f"#{anchor}" if anchor else ""
    return HttpResponseRedirect(reverse(name, args=[case_id]) + query + fragment)


def visible(request: HttpRequest, case_id: UUID) -> Case:
    """The case, as far as this person may know of it; NotFound else."""
    case = selectors.visible_to(actor_of(request)).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


@dataclass(frozen=True)
class Taking:
    """How one form of a tab is taken.

    `show` draws the tab again with what came back; `tab` is the address to lead back to, `done` the code of the
    sentence there, `anchor` the place. `rename` maps a service's field to the form's. `theirs` says what stands in the
    record now, as (label, text) pairs, for the page that shows both texts; `version` what a new try must carry.
    """

    form: type[StaffForm]
    show: Show
    tab: str
    done: str
    anchor: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)
    theirs: Callable[[CasePage], Iterable[tuple[str, str]]] | None = None
    version: Callable[[CasePage], int] | None = None
    form_args: Mapping[str, Any] = field(default_factory=dict)


def take(
    request: HttpRequest, case_id: UUID, kind: str, taking: Taking, write: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Check a form, write it through a service, lead back. GET leads to the tab; a hidden case is 404 either way."""
    visible(request, case_id)
    if request.method != "POST":
        return back_to(taking.tab, case_id, anchor=taking.anchor)
    if "periksa" in request.POST and taking.form.checks_words:
        looked = taking.form.as_typed(request.POST)
        return taking.show(request, case_id, {kind: looked}, status=200)
    form = taking.form(request.POST, **taking.form_args)
    if form.is_valid():
        try:
            write(form.cleaned_data)
        except BadInput as error:
            form.problem(taking.rename.get(error.field, error.field), error.message)
        except Conflict as error:
            return conflict(request, case_id, taking, error)
        else:
            return back_to(taking.tab, case_id, taking.done, taking.anchor)
    return taking.show(request, case_id, {kind: form}, status=422)


def conflict(request: HttpRequest, case_id: UUID, taking: Taking, error: Conflict) -> HttpResponse:
    """Both texts beside each other: what was typed, in a form that can be sent again, and what stands there now."""
    page = frame(request, case_id)
    data = request.POST.copy()
    if "version" in data:
        data["version"] = str(taking.version(page) if taking.version else page.case.version)
    form = taking.form(data, **taking.form_args)
    form.is_valid()
    context = {
        "message": error.message,
        "form": form,
        "action": request.path,
        "back": reverse(taking.tab, args=[case_id]),
        "theirs": list(taking.theirs(page)) if taking.theirs else [],
    }
    return render(page, "workspace/cases/conflict.html", context, here="", status=409)
