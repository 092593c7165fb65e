"""Assessment, safety plan, the look at the whole case, and case conferences: pages of the tab Rencana."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lindung.casework import rules_risk, services
from lindung.casework.models_plan import Conference, SafetyPlan
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.workspace import forms_case_plan as forms
from lindung.workspace import planpage
from lindung.workspace.caseedit import Edit, edit, spoken
from lindung.workspace.casepage import CasePage, Taking, back_to, conflict, frame, problems, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of
from lindung.workspace.views.case_plan import HERE, TAB, in_team, show


@in_team
def assess(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Risk and needs. "Lihat saran" shows what the stated rules give and saves nothing; a person decides."""
    page = frame(request, case_id)
    if not page.may_work:
        raise NotAllowed
    if request.method != "POST":
        found = planpage.assessments(page)[:1]
        filled = forms.AssessmentForm.filled(found[0]["words"]) if found else {}
        return _draw(page, forms.AssessmentForm(initial={**filled, "version": page.case.version}))
    if "saran" in request.POST:
        return _draw(page, forms.AssessmentForm.as_typed(request.POST), request.POST)
    form = forms.AssessmentForm(request.POST)
    if form.is_valid():
        try:
            _write(request, case_id, form)
        except BadInput as error:
            form.problem(error.field, error.message)
        except Conflict as error:
            taking = Taking(
                form=forms.AssessmentForm, show=show, tab=TAB, done="assessed",
                theirs=lambda page: list(spoken(_stands(page))),
            )  # fmt: skip
            return conflict(request, case_id, taking, error)
        else:
            return back_to(TAB, case_id, "assessed", "risiko")
    return _draw(page, form, request.POST, 422)


def _write(request: HttpRequest, case_id: UUID, form: forms.AssessmentForm) -> None:
    data = form.cleaned_data
    entry = services.AssessmentInput(
        answers=form.answers_in(data), risk=data["risk"], rationale=data["rationale"], needs=data["needs"],
        notes=form.notes(),
    )  # fmt: skip
    services.assess(actor_of(request), keyring_of(request), case_id, entry, data["version"])


def _stands(page: CasePage) -> forms.AssessmentForm:
    """The newest assessment as the form would show it, for the page with both texts."""
    found = planpage.assessments(page)[:1]
    if not found:
        return forms.AssessmentForm()
    words = found[0]["words"]
    decided = {"risk": found[0]["risk"], "rationale": words.get("rationale", "")}
    return forms.AssessmentForm(initial={**forms.AssessmentForm.filled(words), **decided})


def _draw(page: CasePage, form: forms.AssessmentForm, data: Any = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "areas": list(form.areas()),
        "suggestion": planpage.suggestion(form.answers_in(data)) if data is not None else None,
        "back": reverse(TAB, args=[page.case.pk]),
        "problems": problems({"form": form}) if form.is_bound else [],
    }
    return render_case(page, "workspace/cases/plan_assess.html", context, here=HERE, status=status)


@in_team
def safety(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What the child does when danger comes. The newest counts; a new one begins with what stood there."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.SafetyForm) -> None:
        data = form.cleaned_data
        entry = services.SafetyInput(
            words={part: data[part] for part in forms.SAFETY_LABELS}, with_child=data["with_child"],
            review_on=data["review_on"],
        )  # fmt: skip
        services.write_safety_plan(actor, keyring, case_id, entry, data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        due = rules_risk.review_due(page.case.risk, page.now, page.tz)
        row = SafetyPlan.objects.filter(case=page.case).order_by("-at", "-id").first()
        words = page.opened.words(row.field) if row else {}
        return {**words, "review_on": due.astimezone(ZoneInfo(page.tz)).date()}

    wanted = Edit(
        title=_("Rencana keselamatan"), form=forms.SafetyForm, write=write, tab=TAB, here=HERE, done="safety",
        anchor="aman", initial=now, version=lambda page: page.case.version,
        lede=_("Buat bersama anak, dengan kata-katanya. Pendek, supaya bisa diingat."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def review(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Look at the whole case again."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.ReviewForm) -> None:
        data = form.cleaned_data
        services.review(actor, keyring, case_id, data["words"], data["version"], next_on=data["next_on"])

    wanted = Edit(
        title=_("Tinjau kasus"), form=forms.ReviewForm, write=write, tab=TAB, here=HERE, done="reviewed",
        anchor="tinjau", version=lambda page: page.case.version,
        lede=_("Lihat semuanya sekali lagi: risiko, rencana, pendapat anak. Kalau risikonya berubah, nilai lagi."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def add_conference(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Plan a conference."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.ConferenceForm) -> None:
        data = form.cleaned_data
        services.plan_conference(actor, keyring, case_id, data["planned_at"], data["invited"], data["agenda"])

    wanted = Edit(
        title=_("Jadwalkan konferensi kasus"), form=forms.ConferenceForm, write=write, tab=TAB, here=HERE,
        done="conference", anchor="konferensi",
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def conference(request: HttpRequest, case_id: UUID, conference_id: UUID) -> HttpResponse:
    """Write down what a conference led to; whoever is second sees both texts."""
    if not Conference.objects.filter(pk=conference_id, case=visible(request, case_id)).exists():
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.HeldForm) -> None:
        data = form.cleaned_data
        entry = services.HeldInput(came=data["came"], agreed=data["agreed"], child_view=data["child_view"])
        services.hold_conference(actor, keyring, conference_id, data["held_at"], entry)

    def now(page: CasePage) -> dict[str, Any]:
        row = Conference.objects.get(pk=conference_id)
        words = page.opened.words(row.field)
        at = (row.held_at or min(row.planned_at, page.now)).astimezone(ZoneInfo(page.tz)).replace(tzinfo=None)
        return {**{part: words.get(part, "") for part in ("came", "child_view", "agreed")}, "held_at": at}

    wanted = Edit(
        title=_("Hasil konferensi kasus"), form=forms.HeldForm, write=write, tab=TAB, here=HERE, done="held",
        anchor="konferensi", initial=now,
    )  # fmt: skip
    return edit(request, case_id, wanted)
