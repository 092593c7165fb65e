"""The cases of a colleague go to others before somebody leaves: evenly, each child of an incident to another person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lindung.accounts.models import Team, User
from lindung.casework.models import Case
from lindung.casework.services import workers
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.reporting.services.handing_over import receivers
from lindung.workspace import marks, times
from lindung.workspace.casepage import CASE_ROLES, REVIEW_NEAR
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_moves import HandOverCasesForm


@staff_page(*CASE_ROLES)
def person(request: HttpRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """One person's cases in one team: tick what goes to whom."""
    actor = actor_of(request)
    if not workers.may_hand_over(actor, team_id, user_id):
        raise Http404
    team, whose = Team.objects.filter(pk=team_id).first(), User.objects.filter(pk=user_id).first()
    cases = list(workers.held_by(actor, team_id, user_id))
    if team is None or whose is None or (not cases and not whose.memberships.filter(team=team_id).exists()):
        raise Http404
    form = _form(request, team_id, user_id, cases)
    problem, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                to, what = [UUID(pk) for pk in data["people"]], [UUID(pk) for pk in data["cases"]]
                given = workers.hand_over(actor, team_id, user_id, to, what)
                return HttpResponseRedirect(reverse("workspace:hand_over") + f"?k={len(given)}")
            except BadInput as error:
                form.problem(error.field, error.message)
            except Conflict as error:
                problem, status = str(error.message), 409
        elif set(request.POST.getlist("cases")) - {str(case.pk) for case in cases}:
            problem, status = str(Conflict().message), 409  # one of them is not in these hands any more
    ticked = set(form["cases"].value() or [])
    context = {
        "person": whose,
        "own": whose.pk == actor.user_id,
        "form": form,
        "problem": problem,
        "cases": [_line(case, ticked) for case in cases],
    }
    return render(request, "workspace/moves/cases.html", context, status=status)


def _form(request: HttpRequest, team_id: UUID, user_id: UUID, cases: list[Case]) -> HandOverCasesForm:
    people = [(str(u.pk), u.display_name) for u in receivers(team_id) if u.pk != user_id]
    return HandOverCasesForm(
        request.POST if request.method == "POST" else None,
        cases=[(str(case.pk), case.reference) for case in cases],
        people=people,
        initial={"cases": [str(case.pk) for case in cases]},
    )


def _line(case: Case, ticked: set[str]) -> dict[str, Any]:
    due = case.review_due_at
    return {
        "value": str(case.pk),
        "ticked": str(case.pk) in ticked,
        "reference": case.reference,
        "risk": case.risk,
        "risk_label": marks.RISKS[case.risk],
        "stage": case.get_stage_display(),
        "review": times.deadline(due, clock.now(), case.tz, near=REVIEW_NEAR) if due else None,
    }
