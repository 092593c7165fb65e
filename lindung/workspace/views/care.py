"""Care for staff: who is out and not back, threats, talks that are owed, and how much work each person carries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Membership, Team, User
from lindung.accounts.rules import SUPERVISOR
from lindung.care import rules, selectors, services
from lindung.care.models import Talk, Threat, Visit, VisitState
from lindung.care.selectors import Load
from lindung.core import clock
from lindung.core.errors import BadInput, NotFound
from lindung.workspace import times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_care import StepForm, TalkForm, ThreatForm, WellForm
from lindung.workspace.menu import INBOX_ROLES

in_team = staff_page(*INBOX_ROLES)

DONE: dict[str, str | Promise] = {
    "out": _("Selamat jalan. Catat di sini kalau sudah kembali."),
    "well": _("Tercatat: kamu aman."),
    "back": _("Tercatat: sudah kembali."),
    "off": _("Kunjungan dibatalkan."),
    "threat": _("Ancaman tercatat. Penyelia bisa membacanya."),
    "step": _("Tindakan tersimpan."),
    "closed": _("Ancaman ditandai selesai."),
    "talk": _("Pembicaraan dijadwalkan."),
    "held": _("Tercatat: sudah berlangsung."),
    "talk_off": _("Pembicaraan dibatalkan."),
}


def _back(done: str = "", anchor: str = "") -> HttpResponseRedirect:
    query, fragment = f"?ok={done}" if done else "", f"#{anchor}" if anchor else ""
    return HttpResponseRedirect(reverse("workspace:colleagues") + query + fragment)


@in_team
def colleagues(request: HttpRequest) -> HttpResponse:
    """Everything at one look; a supervisor also sees how much work each person carries."""
    return _show(request, {})


def _show(request: HttpRequest, refused: Mapping[str, StaffForm], status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    teams = list(Team.objects.filter(pk__in=actor.teams_with(rules.STAFF)).order_by("name"))
    members = _members(teams)
    talks = Talk.objects.filter(team__in=teams, held_at=None, called_off=False).select_related("user", "team")
    supervised = actor.teams_with({SUPERVISOR})
    seen = [talk for talk in talks if talk.team_id in supervised or talk.user_id == actor.user_id]
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "problems": [{"anchor": f[n].auto_id, "text": str(e)} for f in refused.values() for n, x in f.errors.items()
                     for e in x if n in f.fields],
        "visits": [_visit(row, actor.user_id, now) for row in selectors.out_now(actor).select_related("case__team")],
        "threats": [_threat(row) for row in selectors.threats_seen(actor)[:50]],
        "talks": [_talk(row, now) for row in seen],
        "loads": [_loads(request, team, now) for team in teams],
        "every": settings.LINDUNG_SUPERVISION_DAYS,
        "forms": {
            "threat": refused.get("threat") or _threat_form(teams, members, actor.user_id),
            "talk": refused.get("talk") or TalkForm(people=_talk_people(request, teams, members)),
        },
    }  # fmt: skip
    return render(request, "workspace/care/colleagues.html", context, status=status)


def _members(teams: list[Team]) -> dict[UUID, list[User]]:
    rows = Membership.objects.filter(team__in=teams, role__in=rules.STAFF, user__is_active=True)
    found: dict[UUID, list[User]] = {team.pk: [] for team in teams}
    for row in rows.select_related("user").order_by("user__display_name", "user_id"):
        if row.team_id is not None and row.user not in found[row.team_id]:
            found[row.team_id].append(row.user)
    return found


def _visit(row: Visit, me: UUID, now: datetime) -> dict[str, Any]:
    out = row.state == VisitState.OUT
    return {
        "id": row.pk,
        "who": row.worker.display_name,
        "companion": row.companion.display_name if row.companion else "",
        "level": row.get_level_display(),
        "out": out,
        "starts": times.local(row.starts_at, row.case.team.tz),
        "due": times.deadline(row.back_by, now, row.case.team.tz, near=timedelta(minutes=30)) if out else None,
        "overdue": out and rules.first_alarm(row.back_by) <= now,
        "mine": me in (row.worker_id, row.companion_id),
        "form": WellForm() if out else None,
    }


def _threat(row: Threat) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "about": row.about.display_name,
        "kind": row.get_kind_display(),
        "on": row.on,
        "police": row.get_police_display(),
        "closed": row.closed_at is not None,
    }


def _talk(row: Talk, now: datetime) -> dict[str, Any]:
    return {
        "id": row.pk,
        "who": row.user.display_name,
        "kind": row.get_kind_display(),
        "at": times.local(row.planned_at, row.team.tz),
        "past": row.planned_at < now,
    }


def _loads(request: HttpRequest, team: Team, now: datetime) -> dict[str, Any]:
    """How much work: everybody for a supervisor, oneself for others."""
    actor = actor_of(request)
    whole = rules.may_see_load(actor, team.pk)
    own = None if whole else selectors.own_load(actor, team, now)
    rows = selectors.load(actor, team, now) if whole else [own] if own else []
    most = max((max(row.months) for row in rows), default=0)
    return {
        "team": team.name,
        "whole": whole,
        "months": [times.month(day) for day in selectors.month_names(team, now)],
        "rows": [_load(row, team, now, most) for row in rows],
    }


def _load(row: Load, team: Team, now: datetime, most: int) -> dict[str, Any]:
    return {
        "who": row.user.display_name,
        "cases": row.cases,
        "high": row.high,
        "late": row.late,
        "reports": row.reports,
        "months": row.months,
        "bars": [_bar(number, value, most) for number, value in enumerate(row.months)],
        "risen": row.risen,
        "held": row.last_talk is not None,
        "talk": times.deadline(row.talk_due, now, team.tz, near=timedelta(days=3)),
        "next": times.local(row.next_talk, team.tz) if row.next_talk else "",
    }  # fmt: skip


def _bar(number: int, value: int, most: int) -> dict[str, str]:
    """One month of a small drawing, 20 high; as text, because a comma would break the drawing."""
    height = 20 * value / most if most else 0.0
    return {"x": str(10 * number), "y": f"{20 - height:.1f}", "height": f"{height:.1f}"}


# --- visits -----------------------------------------------------------------------------------------------------------


@in_team
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """One step of a visit (POST: out, well, back, off); GET tells where somebody is who is not back."""
    actor = actor_of(request)
    if request.method != "POST":
        opened = services.open_overdue(actor, keyring_of(request), visit_id)
        return render(request, "workspace/care/overdue.html", _overdue(opened))
    what = request.POST.get("what", "")
    if what == "out":
        services.go_out(actor, visit_id)
    elif what == "well":
        form = WellForm(request.POST)
        row = selectors.out_now(actor).filter(pk=visit_id).select_related("case__team").first()
        if row is None:
            raise NotFound
        typed = form.cleaned_data["back_by"] if form.is_valid() else None
        until = typed.replace(tzinfo=ZoneInfo(row.case.team.tz)) if typed else None
        services.say_all_well(actor, visit_id, back_by=until)
    elif what == "back":
        services.come_back(actor, visit_id)
    elif what == "off":
        services.call_off(actor, visit_id)
    else:
        raise BadInput("what", _("Pilih salah satu."))
    return _back(what, "luar")


def _overdue(opened: services.OpenedVisit) -> dict[str, Any]:
    row = opened.visit
    return {
        "who": row.worker.display_name,
        "companion": row.companion.display_name if row.companion else "",
        "since": times.local(row.back_by, row.case.team.tz),
        "seen": times.local(row.seen_at, row.case.team.tz) if row.seen_at else "",
        "words": opened.words,
        "id": row.pk,
    }


# --- threats ----------------------------------------------------------------------------------------------------------


def _threat_form(teams: list[Team], members: dict[UUID, list[User]], me: UUID, data: Any = None) -> ThreatForm:
    people = {str(user.pk): user.display_name for team in teams for user in members[team.pk]}
    initial = {"about": str(me), "on": clock.now().date()}
    named = [(str(team.pk), team.name) for team in teams]
    return ThreatForm(data, people=people.items(), teams=named, initial=initial)


@in_team
def tell_threat(request: HttpRequest) -> HttpResponse:
    """Write a threat down."""
    if request.method != "POST":
        return _back(anchor="ancaman")
    actor = actor_of(request)
    teams = list(Team.objects.filter(pk__in=actor.teams_with(rules.STAFF)).order_by("name"))
    form = _threat_form(teams, _members(teams), actor.user_id, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.tell_threat(
                actor, keyring_of(request), UUID(data["team"]), about=UUID(data["about"]), kind=data["kind"],
                on=data["on"], text=data["text"],
            )  # fmt: skip
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back("threat", "ancaman")
    return _show(request, {"threat": form}, 422)


@in_team
def threat(request: HttpRequest, threat_id: UUID) -> HttpResponse:
    """One threat with what was done; a POST adds to it or says that it is over."""
    actor, keyring = actor_of(request), keyring_of(request)
    form, status = None, 200
    if request.method == "POST":
        if request.POST.get("what") == "close":
            services.close_threat(actor, threat_id)
            return _back("closed", "ancaman")
        form, status = StepForm(request.POST), 422
        if form.is_valid():
            data = form.cleaned_data
            services.continue_threat(
                actor, keyring, threat_id, text=data["text"], police=data["police"], version=data["version"]
            )
            return HttpResponseRedirect(reverse("workspace:threat", args=[threat_id]) + "?ok=step")
    opened = services.open_threat(actor, keyring, threat_id)
    row, names = opened.threat, {}
    if opened.steps:
        people = User.objects.filter(pk__in={step["by"] for step in opened.steps})
        names = {str(user.pk): user.display_name for user in people}
    context = {
        "threat": _threat(row) | {"told_by": row.told_by.display_name, "told": times.local(row.told_at, row.team.tz)},
        "text": opened.text,
        "steps": [
            {
                "text": step["text"],
                "who": names.get(step["by"], ""),
                "at": times.local(datetime.fromisoformat(step["at"]), row.team.tz),
            }
            for step in opened.steps
        ],
        "form": form or StepForm(initial={"version": row.version}),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/care/threat.html", context, status=status)


# --- talks ------------------------------------------------------------------------------------------------------------


def _talk_people(request: HttpRequest, teams: list[Team], members: dict[UUID, list[User]]) -> list[tuple[str, str]]:
    actor, many = actor_of(request), len(teams) > 1
    return [
        (f"{team.pk}:{user.pk}", f"{user.display_name} ({team.name})" if many else user.display_name)
        for team in teams
        for user in members[team.pk]
        if rules.may_plan_talk(actor, team.pk, user.pk)
    ]


@in_team
def plan_talk(request: HttpRequest) -> HttpResponse:
    """Plan a talk for somebody, or for oneself."""
    if request.method != "POST":
        return _back(anchor="bicara")
    actor = actor_of(request)
    teams = list(Team.objects.filter(pk__in=actor.teams_with(rules.STAFF)).order_by("name"))
    form = TalkForm(request.POST, people=_talk_people(request, teams, _members(teams)))
    if form.is_valid():
        data = form.cleaned_data
        team_id, user_id = (UUID(part) for part in data["whom"].split(":"))
        tz = next(team.tz for team in teams if team.pk == team_id)
        try:
            services.plan_talk(
                actor, team_id, user_id, kind=data["kind"], planned_at=data["planned_at"].replace(tzinfo=ZoneInfo(tz))
            )
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back("talk", "bicara")
    return _show(request, {"talk": form}, 422)


@in_team
def talk(request: HttpRequest, talk_id: UUID) -> HttpResponse:
    """Say that a talk took place, or that it does not."""
    if request.method != "POST":
        return _back(anchor="bicara")
    if request.POST.get("what") == "held":
        services.hold_talk(actor_of(request), talk_id)
        return _back("held", "bicara")
    services.call_off_talk(actor_of(request), talk_id)
    return _back("talk_off", "bicara")
