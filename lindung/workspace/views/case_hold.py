"""What only supervisors do with a case: keep it for legal proceedings, and join children of one incident."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from lindung.casework import rules, selectors, services
from lindung.casework.models import Case
from lindung.core.errors import NotAllowed, NotFound
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, visible
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_case_hold import HoldCaseForm, LiftCaseForm, ShareIncidentForm
from lindung.workspace.views.case_workers import find_case

in_team = staff_page(*CASE_ROLES)


@in_team
def hold(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keep a case from being erased, or ask a second person to end that."""
    case = _supervised(request, case_id)

    def put(page: CasePage, form: HoldCaseForm) -> None:
        services.put_on_hold(actor_of(request), case_id, form.cleaned_data["reason"])

    def lift(page: CasePage, form: LiftCaseForm) -> None:
        services.ask_to_lift(actor_of(request), keyring_of(request), case_id, form.cleaned_data["words"])

    place: dict[str, Any] = {"tab": "workspace:case_closing", "here": "closing", "done": "held", "also_closed": True}
    if case.legal_hold:
        wanted = Edit(
            title=_("Akhiri penyimpanan untuk proses hukum"), form=LiftCaseForm, write=lift,
            lede=_("Berakhir setelah orang kedua setuju."), button=_("Usulkan"), **place,
        )  # fmt: skip
    else:
        wanted = Edit(
            title=_("Simpan untuk proses hukum"), form=HoldCaseForm, write=put,
            lede=_("Selama itu tidak ada yang dihapus dari kasus ini dan laporannya. Dua orang yang mengakhirinya."),
            **place,
        )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def share(request: HttpRequest, case_id: UUID, incident_id: UUID) -> HttpResponse:
    """Say that another child's case is about the same incident; from then on they never share a worker."""
    if not _supervised(request, case_id).incidents.filter(incident=incident_id).exists():
        raise NotFound

    def write(page: CasePage, form: ShareIncidentForm) -> None:
        other = find_case(request, form.cleaned_data["reference"])
        services.share_incident(actor_of(request), case_id, incident_id, other.pk)

    wanted = Edit(
        title=_("Anak lain dari kejadian ini"), form=ShareIncidentForm, write=write, tab="workspace:case_people",
        here="people", done="incident", anchor="kejadian", rename={"other": "reference"},
        lede=_("Sejak itu kedua anak tidak pernah punya pendamping yang sama. Isi kasusnya tetap terpisah."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _supervised(request: HttpRequest, case_id: UUID) -> Case:
    case = visible(request, case_id)
    if not rules.may_supervise(actor_of(request), selectors.facts_of(case)):
        raise NotAllowed
    return case
