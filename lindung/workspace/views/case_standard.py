"""The checklist of the service standard in a case, by stage: marks, the stage of the work, a newer version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import services
from lindung.casework.knowledge import standard as standards
from lindung.casework.models_plan import MarkState
from lindung.casework.services import checklist
from lindung.core.errors import NotFound
from lindung.workspace import forms_case_plan as forms
from lindung.workspace import planpage
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CasePage, Taking, frame, problems, said, take, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of
from lindung.workspace.forms import StaffForm
from lindung.workspace.views.case_plan import HERE, in_team

TAB = "workspace:case_checklist"
DONE: dict[str, str | Promise] = {
    "marked": _("Butir tersimpan."),
    "stage": _("Tahap tersimpan."),
    "moved": _("Kasus sekarang mengikuti versi standar yang baru. Tanda pada butir yang sama ikut terbawa."),
}


@in_team
def points(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Every point by stage."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the checklist; `refused` are forms that come back."""
    page = frame(request, case_id)
    present = standards.find(page.case.standard)
    versions, version = planpage.newer_standards(page), {"version": page.case.version}
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "stages": planpage.stages(page, checklist.newest_marks(page.case), seen=checklist.counts(page.case)),
        "standard": planpage.standard_name(page),
        "missing": present is None,
        "sources": list(present.sources.values()) if present else [],
        "in_force": present.in_force if present else None,
        "stage_form": refused.get("stage") or forms.StageForm(initial={"stage": page.case.stage, **version}),
        "standard_form": (refused.get("standard") or forms.StandardForm(initial=version, versions=versions))
        if versions
        else None,
        "back": reverse("workspace:case_plan", args=[case_id]),
    }
    return render_case(page, "workspace/cases/plan_checklist.html", context, here=HERE, status=status)


@in_team
def mark(request: HttpRequest, case_id: UUID, item: str) -> HttpResponse:
    """Mark one point; of two people who do it from the same page, the second sees what the first wrote."""
    case = visible(request, case_id)
    present = standards.find(case.standard)
    if present is None or item not in present.items:
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.MarkForm) -> None:
        data = form.cleaned_data
        services.mark(actor, keyring, case_id, item, data["state"], data["words"], seen=data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        found = checklist.newest_marks(page.case).get(item)
        words = page.opened.words(found.field).get("text", "") if found else ""
        return {"state": found.state if found else MarkState.UNDONE, "words": words}

    wanted = Edit(
        title=present.items[item].label, form=forms.MarkForm, write=write, tab=TAB, here=HERE, done="marked",
        anchor=item, initial=now, version=lambda page: checklist.counts(page.case).get(item, 0),
        lede=_("Sumber: %(source)s") % {"source": present.sources[present.items[item].source]},
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def stage(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say in which stage the work is."""

    def write(data: dict[str, Any]) -> None:
        services.set_stage(actor_of(request), case_id, data["stage"], data["version"])

    taking = Taking(
        form=forms.StageForm, show=show, tab=TAB, done="stage", anchor="tahap",
        theirs=lambda page: [(str(_("Tahap sekarang")), page.case.get_stage_display())],
    )  # fmt: skip
    return take(request, case_id, "stage", taking, write)


@in_team
def move(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Let the case follow a newer version of the standard."""

    def write(data: dict[str, Any]) -> None:
        services.move_standard(actor_of(request), keyring_of(request), case_id, data["to"], data["version"])

    case = visible(request, case_id)
    today = planpage.today(case)
    versions = [(one.version, one.label) for one in standards.newer_than(case.standard, today)]
    taking = Taking(
        form=forms.StandardForm, show=show, tab=TAB, done="moved", anchor="versi", form_args={"versions": versions},
        theirs=lambda page: [(str(_("Standar")), planpage.standard_name(page))],
    )  # fmt: skip
    return take(request, case_id, "standard", taking, write)
