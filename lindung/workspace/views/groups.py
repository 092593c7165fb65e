"""Group activities: who takes part, when they met, how the children said they were before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Team
from lindung.casework import selectors, services
from lindung.casework.knowledge import plan as knowledge
from lindung.casework.models_plan import Group, GroupMember
from lindung.casework.rules import READERS
from lindung.casework.services import groups
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import describe_day, local_day
from lindung.reporting.selectors import keyed_teams
from lindung.workspace.casepage import CASE_ROLES
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_groups import EndForm, GroupForm, JoinForm, SessionForm, WellbeingForm

DONE: dict[str, str | Promise] = {
    "made": _("Kelompok dibuat."),
    "joined": _("Anak ikut dalam kelompok ini."),
    "left": _("Anak tidak lagi dalam kelompok ini."),
    "met": _("Pertemuan tercatat."),
    "answered": _("Jawaban tersimpan, tersegel dalam kasusnya."),
    "ended": _("Kelompok selesai."),
}
WHEN: dict[str, str | Promise] = {"sebelum": _("Sebelum kegiatan"), "sesudah": _("Sesudah kegiatan")}
_CODES = {"sebelum": groups.BEFORE, "sesudah": groups.AFTER}

in_team = staff_page(*CASE_ROLES)


@in_team
def overview(request: HttpRequest) -> HttpResponse:
    """The groups of one's teams, and a new one."""
    actor = actor_of(request)
    teams = list(Team.objects.filter(pk__in=actor.teams_with(READERS)).filter(pk__in=keyed_teams(actor)))
    form = GroupForm(request.POST if request.method == "POST" else None, teams=teams)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            group = services.make_group(actor, UUID(data["team"]), data["programme"], data["starts_on"])
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back(group.pk, "made")
    rows = groups.visible_groups(actor)
    context = {
        "groups": [_row(one) for one in rows],
        "form": form if teams else None,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/groups/list.html", context, status=422 if form.errors else 200)


def _row(group: Group) -> dict[str, Any]:
    return {
        "id": group.pk,
        "label": knowledge.programmes()[group.programme].label,
        "team": group.team.name,
        "starts": describe_day(group.starts_on, group.team.tz),
        "ended": describe_day(group.ended_on, group.team.tz) if group.ended_on else "",
        "answered": group.answered,
        "change": f"{group.change_tenths / 10:+.1f}" if group.change_tenths is not None else "",
    }


@in_team
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """One group."""
    return show(request, group_id, {})


def show(
    request: HttpRequest, group_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200, problem: Any = ""
) -> HttpResponse:
    """Draw the page of a group; only members whose case this person may see are named."""
    actor = actor_of(request)
    found = groups.group_for(actor, group_id)
    members = list(groups.visible_members(actor, found).order_by("joined_at", "id"))
    names = [(str(one.pk), one.case.reference) for one in members]
    sessions = found.sessions.prefetch_related("came").order_by("-on")
    seen = {one.pk for one in members}
    today = local_day(clock.now(), found.team.tz)
    context = {
        "group": _row(found),
        "open": found.ended_on is None,
        "members": [_member(one) for one in members],
        "sessions": [
            {
                "on": describe_day(one.on, found.team.tz),
                "came": [m.case.reference for m in members if m.pk in {c.pk for c in one.came.all()} & seen],
            }
            for one in sessions
        ],
        "least": knowledge.least_children(),
        "forms": {
            "join": JoinForm(),
            "session": SessionForm(initial={"on": today}, members=names),
            "end": EndForm(initial={"on": today, "version": found.version}),
            **refused,
        },
        "problem": problem,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/groups/group.html", context, status=status)


def _member(one: GroupMember) -> dict[str, Any]:
    return {
        "id": one.pk,
        "case_id": one.case_id,
        "reference": one.case.reference,
        "before": one.before_at is not None,
        "after": one.after_at is not None,
    }


def _take(
    request: HttpRequest, group_id: UUID, kind: str, form: StaffForm, done: str, write: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Take one form of the page of a group: 422 beside the field, 409 with what was typed."""
    groups.group_for(actor_of(request), group_id)
    if request.method != "POST":
        return _back(group_id)
    if form.is_valid():
        try:
            write(form.cleaned_data)
        except BadInput as error:
            form.problem({"case": "reference"}.get(error.field, error.field), error.message)
        except Conflict as error:
            return show(request, group_id, {kind: form}, status=409, problem=error.message)
        else:
            return _back(group_id, done)
    return show(request, group_id, {kind: form}, status=422)


def _back(group_id: UUID, done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:group", args=[group_id]) + (f"?ok={done}" if done else ""))


@in_team
def join(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Let a child take part."""

    def write(data: dict[str, Any]) -> None:
        found = groups.case_by_reference(actor_of(request), data["reference"])
        services.join(actor_of(request), group_id, found)

    return _take(request, group_id, "join", JoinForm(request.POST or None), "joined", write)


@in_team
def leave(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """Take a child out who came to nothing yet."""
    member = _member_of(request, member_id)
    if request.method != "POST":
        return _back(member.group_id)
    try:
        services.leave(actor_of(request), member_id)
    except Conflict as error:
        return show(request, member.group_id, {}, status=409, problem=error.message)
    return _back(member.group_id, "left")


def _member_of(request: HttpRequest, member_id: UUID) -> GroupMember:
    actor = actor_of(request)
    member = GroupMember.objects.filter(pk=member_id, group__in=groups.visible_groups(actor)).first()
    if member is None or not selectors.visible_to(actor).filter(pk=member.case_id, team=member.group.team_id).exists():
        raise NotFound
    return member


@in_team
def session(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Write down a meeting."""
    actor = actor_of(request)
    found = groups.group_for(actor, group_id)
    names = [(str(one.pk), one.case.reference) for one in groups.visible_members(actor, found)]
    form = SessionForm(request.POST or None, members=names)

    def write(data: dict[str, Any]) -> None:
        services.hold_session(actor, group_id, data["on"], [UUID(pk) for pk in data["came"]])

    return _take(request, group_id, "session", form, "met", write)


@in_team
def answers(request: HttpRequest, member_id: UUID, when: str) -> HttpResponse:
    """A child's eight answers, before or after; they are sealed in its case. Opening them is audited."""
    if when not in WHEN:
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)
    member = _member_of(request, member_id)
    there = services.read_answers(actor, keyring, member_id)[_CODES[when]]
    form = WellbeingForm(request.POST if request.method == "POST" else None, initial=WellbeingForm.filled(there))
    status, problem = 200, ""
    if form.is_bound:
        status = 422
        if form.is_valid():
            again = request.POST.get("lagi") == "1"
            try:
                services.answer(actor, keyring, member_id, _CODES[when], form.answers(), again=again)
            except BadInput as error:
                problem = str(error.message)
            except Conflict as error:
                problem, status = str(error.message), 409
            else:
                return _back(member.group_id, "answered")
    context = {
        "title": WHEN[when],
        "reference": member.case.reference,
        "form": form,
        "there": bool(there),
        "theirs": _spoken(there) if status == 409 else [],
        "problem": problem,
        "action": request.path,
        "back": reverse("workspace:group", args=[member.group_id]),
    }
    return render(request, "workspace/groups/answers.html", context, status=status)


def _spoken(answers: Mapping[str, int]) -> list[tuple[str, str]]:
    scale, statements = knowledge.scale(), knowledge.statements()
    return [(statements[code].label, scale[value].label) for code, value in answers.items() if code in statements]


@in_team
def end(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """End a group."""

    def write(data: dict[str, Any]) -> None:
        services.end_group(actor_of(request), keyring_of(request), group_id, data["on"], data["version"])

    return _take(request, group_id, "end", EndForm(request.POST or None), "ended", write)
