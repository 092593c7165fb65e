"""The duty roster: a week at a glance, its gaps said in words, shifts added and taken off by the supervisor."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts import rules as account_rules
from lindung.accounts.models import Team
from lindung.accounts.selectors import members_of
from lindung.core import clock, worktime
from lindung.core.errors import BadInput
from lindung.reporting import selectors, services
from lindung.reporting.models import DutyLevel, DutyShift
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import ShiftForm
from lindung.workspace.menu import INBOX_ROLES

YEARS_SHOWN = 5
"""How far back and ahead a week may be asked for."""

DONE: dict[str, str | Promise] = {
    "added": _("Giliran jaga ditambahkan."),
    "removed": _("Giliran jaga dihapus."),
}


@staff_page(*INBOX_ROLES)
def roster(request: HttpRequest) -> HttpResponse:
    """One week of one team. `pekan` is any day of it (ISO), `team` the team's id."""
    teams = _teams(request)
    team = next((t for t in teams if str(t.pk) == request.GET.get("team")), teams[0])
    return _page(request, teams, team, _monday(request.GET.get("pekan", ""), team.tz))


@staff_page(*INBOX_ROLES)
def add(request: HttpRequest) -> HttpResponse:
    """Put a member of the team on duty."""
    teams = _teams(request)
    team = next((t for t in teams if str(t.pk) == request.POST.get("team", request.GET.get("team"))), None)
    if team is None or not account_rules.may_manage_duty(actor_of(request), team.pk):
        raise Http404
    if request.method != "POST":
        return _back(team, None)
    form = _form(team, request.POST)
    if form.is_valid():
        starts, ends = form.moments(team.tz)
        data = form.cleaned_data
        try:
            services.add_shift(actor_of(request), team.pk, UUID(data["user"]), data["level"], starts, ends)
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back(team, data["day"], "added")
    day = form.cleaned_data.get("day")
    return _page(request, teams, team, _week_of(day or worktime.local_day(clock.now(), team.tz)), form, status=422)


@staff_page(*INBOX_ROLES)
def remove(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Take one shift off."""
    shift = DutyShift.objects.select_related("team").filter(pk=shift_id, team__in=_teams(request)).first()
    if shift is None or not account_rules.may_manage_duty(actor_of(request), shift.team_id):
        raise Http404
    if request.method == "POST":
        services.remove_shift(actor_of(request), shift_id)
        return _back(shift.team, worktime.local_day(shift.starts_at, shift.team.tz), "removed")
    return _back(shift.team, worktime.local_day(shift.starts_at, shift.team.tz))


def _teams(request: HttpRequest) -> list[Team]:
    teams = list(Team.objects.filter(pk__in=actor_of(request).teams_with(INBOX_ROLES)).order_by("name"))
    if not teams:
        raise Http404
    return teams


def _back(team: Team, day: date | None, done: str = "") -> HttpResponseRedirect:
    query = f"?team={team.pk}" + (f"&pekan={day.isoformat()}" if day else "") + (f"&ok={done}" if done else "")
    return HttpResponseRedirect(reverse("workspace:roster") + query)


def _monday(text: str, tz: str) -> date:
    today = worktime.local_day(clock.now(), tz)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    return _week_of(day if abs(day.year - today.year) <= YEARS_SHOWN else today)


def _week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _form(team: Team, data: Any = None, day: date | None = None) -> ShiftForm:
    form = ShiftForm(data, initial={"team": str(team.pk), "day": day, "starts": "08:00", "ends": "16:00"})
    form.fields["user"].choices = [  # type: ignore[attr-defined]
        (str(user.pk), user.display_name) for user in members_of(team.pk, *account_rules.CONTENT_ROLES)
    ]
    form.fields["team"].choices = [(str(team.pk), team.name)]  # type: ignore[attr-defined]
    return form


def _page(
    request: HttpRequest, teams: list[Team], team: Team, monday: date, form: ShiftForm | None = None, status: int = 200
) -> HttpResponse:
    now = clock.now()
    zone = ZoneInfo(team.tz)
    first = datetime.combine(monday, time(), zone)
    last = datetime.combine(monday + timedelta(days=7), time(), zone)
    shifts = list(DutyShift.objects.filter(team=team, starts_at__lt=last, ends_at__gt=first).select_related("user"))
    covered = set(selectors.covered_shifts(team).filter(pk__in=[s.pk for s in shifts]).values_list("pk", flat=True))
    days = [_day(monday + timedelta(days=n), shifts, team, now, covered) for n in range(7)]
    manages = account_rules.may_manage_duty(actor_of(request), team.pk)
    today = worktime.local_day(now, team.tz)
    context = {
        "teams": teams,
        "team": team,
        "days": days,
        "gaps": sum(len(day["gaps"]) for day in days),
        "zone": worktime.zone_label(team.tz),
        "week": f"{times.day(first, team.tz)} – {times.day(last - timedelta(hours=1), team.tz)} {monday.year}",
        "before": (monday - timedelta(days=7)).isoformat(),
        "after": (monday + timedelta(days=7)).isoformat(),
        "this_week": monday <= today < monday + timedelta(days=7),
        "manages": manages,
        "form": (form or _form(team, day=max(today, monday))) if manages else None,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/roster.html", context, status=status)


def _day(day: date, shifts: list[DutyShift], team: Team, now: datetime, covered: Collection[UUID]) -> dict[str, Any]:
    zone = ZoneInfo(team.tz)
    start, end = datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
    running = [shift for shift in shifts if shift.starts_at < end and shift.ends_at > start]
    order = list(DutyLevel.values)
    running.sort(key=lambda shift: (max(shift.starts_at, start), order.index(shift.level), shift.user.display_name))
    return {
        "name": times.day(start, team.tz),
        "today": worktime.local_day(now, team.tz) == day,
        "free": not worktime.is_working_day(day),
        "shifts": [
            {
                "id": shift.pk,
                "who": shift.user.display_name,
                "gone": shift.pk not in covered,
                "level": DutyLevel(shift.level).label,
                "hours": _hours(max(shift.starts_at, start), min(shift.ends_at, end), team.tz),
                "starts_here": shift.starts_at >= start,
            }
            for shift in running
        ],
        "gaps": [_hours(a, b, team.tz) for a, b in gaps(running, max(start, now), end, covered)],
    }


def gaps(
    shifts: list[DutyShift], start: datetime, end: datetime, covered: Collection[UUID] | None = None
) -> list[tuple[datetime, datetime]]:
    """The stretches between two moments in which nobody is on duty; people who left do not count.

    `covered`: the shifts of people who can read today (None: all of people who are active).
    """
    found, reached = [], start
    there = [s for s in shifts if s.user.is_active and (covered is None or s.pk in covered)]
    for shift in sorted(there, key=lambda s: s.starts_at):
        if shift.starts_at > reached:
            found.append((reached, min(shift.starts_at, end)))
        reached = max(reached, shift.ends_at)
    if reached < end:
        found.append((reached, end))
    return [(a, b) for a, b in found if a < b]


def _hours(start: datetime, end: datetime, tz: str) -> str:
    last = times.clock_time(end, tz)
    midnight = end.astimezone(ZoneInfo(tz)).time() == time()
    return f"{times.clock_time(start, tz)}–{last.replace('00', '24', 1) if midnight else last}"
