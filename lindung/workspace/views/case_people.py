"""Who a case is about and who is around the child: the child, people, guardians and their standing, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from lindung.casework.models import PersonRole, Standing
from lindung.casework.opened import IncidentView, PersonView
from lindung.casework.shapes import ORIGIN
from lindung.reporting import selectors as reports
from lindung.workspace import casewords
from lindung.workspace.casepage import CASE_ROLES, CasePage, frame, problems, said
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import staff_page
from lindung.workspace.forms import StaffForm

DONE: dict[str, str | Promise] = {
    "child": gettext_lazy("Keterangan anak tersimpan."),
    "place": gettext_lazy("Tempat tersimpan."),
    "person": gettext_lazy("Orang ini tersimpan."),
    "removed": gettext_lazy("Orang ini tidak lagi terhitung. Catatannya tetap ada."),
    "incident": gettext_lazy("Kejadian tersimpan."),
}

STANDING_CSS = {Standing.SAFE: "low", Standing.IMPLICATED: "high", Standing.UNKNOWN: "medium", Standing.ABSENT: ""}

in_team = staff_page(*CASE_ROLES)


@in_team
def people(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The child and everybody around it."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    child = page.opened.child
    codes = [code for incident in page.opened.incidents for code in incident.words.get("platforms", ())]
    platforms = reports.platform_labels(codes)
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "child": casewords.child(child),
        "statuses": casewords.statuses(child),
        "factors": casewords.factors(child),
        "places": casewords.four_places(page.opened.places),
        "groups": _groups(page),
        "gone": [_person(page, person) for person in page.opened.people if person.removed_at],
        "incidents": [_incident(page, incident, platforms) for incident in page.opened.incidents],
    }
    return render_case(page, "workspace/cases/people.html", context, here="people", status=status)


def _groups(page: CasePage) -> list[dict[str, Any]]:
    """The people by what they are to the child, guardians first."""
    found = []
    for role in PersonRole:
        some = [_person(page, one) for one in page.opened.people if one.role == role and not one.removed_at]
        if some:
            found.append({"label": role.label, "code": role.value, "people": some})
    return found


def _person(page: CasePage, person: PersonView) -> dict[str, Any]:
    standing = Standing(person.standing) if person.standing else None
    return {
        "id": person.id,
        "name": person.name,
        "role": PersonRole(person.role).label,
        "standing": standing.label if standing else "",
        "standing_css": STANDING_CSS[standing] if standing else "",
        "also_child": person.also_child,
        "implicated": person.is_implicated,
        "told": bool(person.words.get(ORIGIN)),
        "lines": casewords.person(person.words),
        "removed": page.at(person.removed_at) if person.removed_at else "",
    }


def _incident(page: CasePage, incident: IncidentView, platforms: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": incident.incident_id,
        "lines": casewords.incident(incident.words, platforms),
        "added": page.at(incident.added_at),
        "told": incident.report_id is not None,
    }
