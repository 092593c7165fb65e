"""Visits for one case: what is considered before somebody goes, and those that were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Membership, User
from lindung.care import rules, services
from lindung.care.knowledge import visit_rules
from lindung.care.models import VisitState
from lindung.workspace.casepage import CASE_ROLES, CasePage, Taking, frame, problems, said, take, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_care import VisitForm

DONE: dict[str, str | Promise] = {
    "planned": _("Kunjungan direncanakan. Catat di halaman Rekan ketika berangkat dan kembali."),
}
TAB, HERE = "workspace:case_visits", "notes"

in_team = staff_page(*CASE_ROLES)


@in_team
def visits(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The visits of a case; a POST plans one."""
    if request.method != "POST":
        return show(request, case_id, {})
    case = visible(request, case_id)

    def write(data: dict[str, Any]) -> None:
        zone = ZoneInfo(case.tz)
        plan = services.VisitPlan(
            starts_at=data["starts_at"].replace(tzinfo=zone), back_by=data["back_by"].replace(tzinfo=zone),
            place=data["place"], reach=data["reach"], answers=tuple(data["answers"]), level=data["level"],
            companion=UUID(data["companion"]) if data["companion"] else None, escort=data["escort"], care=data["care"],
        )  # fmt: skip
        services.plan_visit(actor_of(request), keyring_of(request), case_id, plan)

    people = _people(case.team_id, actor_of(request).user_id)
    taking = Taking(VisitForm, show, TAB, "planned", form_args={"people": people})
    return take(request, case_id, "visit", taking, write)


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the page; `refused` is the form that comes back."""
    page = frame(request, case_id)
    form = refused.get("visit") or VisitForm(
        people=_people(page.case.team_id, page.actor.user_id), initial={"answers": _known(page)}
    )
    rows = services.open_visits(page.actor, keyring_of(request), case_id) if page.may_work else []
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "visits": [_visit(page, row) for row in rows],
        "form": form if page.may_work else None,
    }
    return render_case(page, "workspace/care/visits.html", context, here=HERE, status=status)


def _known(page: CasePage) -> list[str]:
    """What the case already tells: a guardian who is implicated may be there."""
    return ["offender_there"] if page.implicated() else []


def _people(team_id: UUID, me: UUID) -> list[tuple[str, str]]:
    rows = Membership.objects.filter(team=team_id, role__in=rules.STAFF, user__is_active=True).exclude(user=me)
    people = User.objects.filter(pk__in=rows.values("user")).order_by("display_name", "pk")
    return [(str(user.pk), user.display_name) for user in people]


def _visit(page: CasePage, opened: services.OpenedVisit) -> dict[str, Any]:
    row, questions = opened.visit, visit_rules().questions
    return {
        "who": row.worker.display_name,
        "companion": row.companion.display_name if row.companion else "",
        "state": row.get_state_display(),
        "waiting": row.state in (VisitState.PLANNED, VisitState.OUT),
        "level": row.get_level_display(),
        "starts": page.at(row.starts_at),
        "back_by": page.at(row.back_by),
        "words": opened.words,
        "answers": [questions[code].label for code in opened.words.get("answers", ()) if code in questions],
    }
