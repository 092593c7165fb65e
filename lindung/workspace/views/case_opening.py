"""From a report to a case: everything that was told stands there before it is saved, with where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise

from lindung.casework import prefill
from lindung.casework import services as casework
from lindung.casework.errors import AlreadyACase
from lindung.casework.models import CaseReport, PersonRole, Standing
from lindung.casework.prefill import Told
from lindung.casework.services.opening import MOST_REPORTS
from lindung.casework.shapes import ORIGIN
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import rules_staff, services
from lindung.reporting import selectors as reports
from lindung.reporting.models import Report
from lindung.reporting.opened import OpenedReport
from lindung.workspace import casewords, times
from lindung.workspace.casepage import CASE_ROLES, back_to, problems
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_case_people import OpeningForm
from lindung.workspace.marks import RISKS

OFFERED = 12
"""So many related reports are offered to come along; others are added to the case later, by their number."""


@staff_page(*CASE_ROLES)
def open_from_report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Show what the case will begin with, and open it. `laporan`: further reports about the same child."""
    actor = actor_of(request)
    first = reports.visible_to(actor).filter(pk=report_id).first()
    if first is None or first.is_help or not rules_staff.may_handle(actor, first.team_id):
        raise NotFound
    if request.method != "POST" or "perbarui" in request.POST:
        return _show(request, report_id, _also(request))
    form = OpeningForm(request.POST)
    also = _also(request)
    if form.is_valid():
        try:
            case = casework.open_from_reports(
                actor, keyring_of(request), [report_id, *also], for_child=form.changed(),
                another_child=form.cleaned_data["another_child"], take=form.cleaned_data["take"],
            )  # fmt: skip
        except AlreadyACase as error:
            form.problem("another_child", error.message)
        except BadInput as error:
            form.problem(error.field, error.message)
        except Conflict as error:
            form.problem("take", error.message)
            return _show(request, report_id, also, form, status=409)
        else:
            return back_to("workspace:case", case.pk, "opened")
    return _show(request, report_id, also, form, status=422)


def _also(request: HttpRequest) -> list[UUID]:
    """The further reports that were ticked."""
    found = []
    for text in (request.POST or request.GET).getlist("laporan")[:MOST_REPORTS]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _show(
    request: HttpRequest, report_id: UUID, also: Sequence[UUID], form: OpeningForm | None = None, *, status: int = 200
) -> HttpResponse:
    actor, keyring = actor_of(request), keyring_of(request)
    offered = _offered(actor, report_id)
    chosen = [pk for pk in also if pk in {row.pk for row in offered}]
    opened = [services.open_report(actor, keyring, pk) for pk in [report_id, *chosen]]
    begun = prefill.begin([_told(one) for one in opened])
    known = CaseReport.objects.filter(report__in=[report_id, *chosen]).exists()
    initial = {part: begun.child.get(part) for part in OpeningForm.TOLD} | {"told": _sealed_choices(begun.child)}
    form = form or OpeningForm(initial={**initial, "take": True})
    platforms = reports.platform_labels(begun.incident.get("platforms", []))
    first = opened[0].report
    context = {
        "report_id": report_id,
        "reference": first.reference,
        "risk": first.risk,
        "risk_label": RISKS[first.risk],
        "form": form,
        "known": known,
        "offered": [_offer(row, row.pk in chosen) for row in offered],
        "told_labels": [str(casewords.CHILD[part]) for part in OpeningForm.TOLD if part in begun.child.get(ORIGIN, {})],
        "child": [line for line in casewords.child(begun.child) if line.part not in OpeningForm.TOLD],
        "incident": casewords.incident(begun.incident, platforms),
        "places": [line for line in casewords.four_places(begun.places) if line.text],
        "people": [_person(person) for person in begun.people],
        "problems": problems({"form": form}) if form.is_bound else [],
        "back": reverse("workspace:report", args=[report_id]),
    }
    return render(request, "workspace/cases/open.html", context, status=status)


def _offered(actor: Any, report_id: UUID) -> list[Report]:
    """Reports that a colleague linked to this one, of the same team; those merged with it come along by themselves."""
    first = reports.visible_to(actor).filter(pk=report_id).first()
    if first is None:
        raise NotFound
    linked = [row.report_id for row in reports.links(first, actor, seen=True)]
    rows = reports.visible_to(actor).filter(pk__in=linked, team=first.team_id)
    return [row for row in rows.order_by("received_at", "pk") if not row.is_help][:OFFERED]


def _told(opened: OpenedReport) -> Told:
    """What an opened report told, as the case will read it."""
    latest = opened.triage[-1] if opened.triage else None
    caller = opened.intake.consent.caller if opened.intake and opened.intake.consent else ""
    return Told(
        report_id=opened.report.pk,
        path=opened.report.path,
        language=opened.report.language,
        answers=opened.answers,
        forms=latest.forms if latest else (),
        caller=caller,
    )


def _sealed_choices(child: Any) -> str:
    """What was filled in from the reports in the form, so that only what a colleague changes counts as theirs."""
    return "|".join(f"{part}={child[part]}" for part in OpeningForm.TOLD if isinstance(child.get(part), str))


def _offer(report: Report, chosen: bool) -> dict[str, Any]:
    return {
        "id": report.pk,
        "reference": report.reference,
        "at": times.local(report.received_at, report.tz),
        "state": report.get_state_display(),
        "chosen": chosen,
    }


def _person(person: prefill.NewPerson) -> dict[str, Any]:
    label: str | Promise = PersonRole(person.role).label
    standing: str | Promise = Standing(person.standing).label if person.standing else ""
    name = str(person.words.get("name") or "")
    return {"role": label, "standing": standing, "name": name, "lines": casewords.person(person.words)}
