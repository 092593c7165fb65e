"""Work that changes hands within a team: who holds how much, and giving it to colleagues before somebody leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.casework.services import workers
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.reporting.models import Report
from lindung.reporting.services import handing_over
from lindung.workspace import marks, times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_moves import HandOverForm
from lindung.workspace.menu import INBOX_ROLES


@staff_page(*INBOX_ROLES)
def overview(request: HttpRequest) -> HttpResponse:
    """Everybody's work for supervisors, the own work for everybody else."""
    actor = actor_of(request)
    teams = Team.objects.filter(pk__in=actor.teams_with(INBOX_ROLES)).order_by("name")
    given = request.GET.get("n", "")
    count = int(given) if given.isdigit() and len(given) < 5 else 0
    done = ngettext("%(n)d laporan diserahkan.", "%(n)d laporan diserahkan.", count) % {"n": count} if count else ""
    cases = request.GET.get("k", "")
    count = int(cases) if cases.isdigit() and len(cases) < 5 else 0
    done = ngettext("%(n)d kasus diserahkan.", "%(n)d kasus diserahkan.", count) % {"n": count} if count else done
    context = {
        "teams": [{"team": team, "rows": _rows(actor, team)} for team in teams],
        "me": actor.user_id,
        "done_text": done,
    }
    return render(request, "workspace/moves/workloads.html", context)


def _rows(actor: Actor, team: Team) -> list[dict[str, Any]]:
    """Everybody's load, with how many cases they work on."""
    cases = workers.held_in(actor, team.pk)
    return [{"load": row, "cases": cases.get(row.user_id, 0)} for row in handing_over.workloads(actor, team)]


@staff_page(*INBOX_ROLES)
def person(request: HttpRequest, team_id: UUID, user_id: UUID) -> HttpResponse:
    """One person's work in one team: tick what goes to whom."""
    actor = actor_of(request)
    if not handing_over.may_hand_over(actor, team_id, user_id):
        raise Http404
    team = Team.objects.filter(pk=team_id).first()
    whose = User.objects.filter(pk=user_id).first()
    reports = list(handing_over.held_by(actor, team_id, user_id))
    known = team is not None and whose is not None
    if not known or (not reports and not whose.memberships.filter(team=team_id).exists()):  # type: ignore[union-attr]
        raise Http404
    form = _form(request, team_id, user_id, reports)
    problem, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                to, what = [UUID(pk) for pk in data["people"]], [UUID(pk) for pk in data["reports"]]
                given = handing_over.hand_over(actor, team_id, user_id, to, what)
                return HttpResponseRedirect(reverse("workspace:hand_over") + f"?n={len(given)}")
            except BadInput as error:
                form.problem(error.field, error.message)
            except Conflict as error:
                problem, status = str(error.message), 409
                reports = list(handing_over.held_by(actor, team_id, user_id))
        elif set(request.POST.getlist("reports")) - {str(report.pk) for report in reports}:
            problem, status = str(Conflict().message), 409  # one of them is not in these hands any more
    context = _context(request, team, whose, reports, form)
    return render(request, "workspace/moves/person.html", {**context, "problem": problem}, status=status)


def _form(request: HttpRequest, team_id: UUID, user_id: UUID, reports: list[Report]) -> HandOverForm:
    people = [(str(u.pk), u.display_name) for u in handing_over.receivers(team_id) if u.pk != user_id]
    return HandOverForm(
        request.POST if request.method == "POST" else None,
        reports=[(str(report.pk), report.reference) for report in reports],
        people=people,
        initial={"reports": [str(report.pk) for report in reports]},
    )


def _context(
    request: HttpRequest, team: Team | None, whose: User | None, reports: list[Report], form: HandOverForm
) -> dict[str, Any]:
    assert team is not None
    assert whose is not None
    now = clock.now()
    ticked = set(form["reports"].value() or [])
    shifts = handing_over.shifts_to_come(team.pk, whose.pk, now)
    return {
        "team": team,
        "person": whose,
        "own": whose.pk == actor_of(request).user_id,
        "form": form,
        "reports": [
            {
                "value": str(report.pk),
                "ticked": str(report.pk) in ticked,
                "reference": report.reference,
                "risk": report.risk,
                "risk_label": marks.RISKS[report.risk],
                "state": report.get_state_display(),
                "marks": marks.marks_of(report, new_message=False, now=now),
                "due": times.deadline(report.due_at, now, report.tz),
            }
            for report in reports
        ],
        "shifts": [
            _("%(start)s sampai %(end)s")
            % {"start": times.local(s.starts_at, team.tz), "end": times.local(s.ends_at, team.tz)}
            for s in shifts[:20]
        ],
    }
