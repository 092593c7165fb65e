"""The first page of the day: what is urgent, what is late, what changed. Each role is led to where its work is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts import rules as account_rules
from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.core import clock
from lindung.reporting import rules_staff, selectors, state
from lindung.reporting.models import DutyLevel
from lindung.reporting.inbox import InboxRow, listed
from lindung.workspace import marks, times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import InboxFilters
from lindung.workspace.menu import INBOX_ROLES

ROWS_A_PAGE = 60

DONE: dict[str, str | Promise] = {
    "moved": gettext_lazy("Laporan dipindahkan ke penerima independen. Tim ini tidak bisa melihatnya lagi."),
    "stopped": gettext_lazy("Laporan dikunci. Pelapor masih bisa membatalkannya dengan kodenya."),
}


@staff_page()
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox for whoever reads reports; others are led to their own page, or told that nothing waits for them."""
    actor = actor_of(request)
    if not actor.has_role(*INBOX_ROLES):
        return _elsewhere(request, actor)
    now = clock.now()
    form = InboxFilters(request.GET)
    form.is_valid()
    wanted = {name: form.cleaned_data.get(name, "") for name in form.fields} if form.is_bound else {}
    everything = listed(actor, state=wanted["keadaan"])
    shown = [row for row in everything if _fits(row, wanted, actor)]
    page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("p"))
    teams = list(Team.objects.filter(pk__in=actor.teams_with(INBOX_ROLES)).order_by("name"))
    chosen = {name: value for name, value in wanted.items() if value}
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "now_text": times.local(now, teams[0].tz if teams else "Asia/Jakarta"),
        "duty": [_duty(team, now) for team in teams],
        "keyless": _keyless(actor, teams),
        "many_teams": len(teams) > 1,
        "counts": _counts(everything, wanted),
        "filters": form,
        "filtered": bool(chosen),
        "groups": _groups([_row(row, actor, now) for row in page.object_list]),
        "page": page,
        "query": urlencode(chosen) + "&" if chosen else "",
    }
    return render(request, "workspace/inbox.html", context)


def _elsewhere(request: HttpRequest, actor: Actor) -> HttpResponse:
    if actor.has_role(account_rules.AUDITOR):
        return HttpResponseRedirect(reverse("workspace:audit"))
    if actor.has_role(account_rules.ADMINISTRATOR):
        return HttpResponseRedirect(reverse("accounts:people"))
    return render(request, "workspace/nothing.html")


def _fits(row: InboxRow, wanted: dict[str, str], actor: Actor) -> bool:
    if wanted["risiko"] and row.report.risk != wanted["risiko"]:
        return False
    if wanted["siapa"] == "saya" and not row.mine:
        return False
    if wanted["siapa"] == "kosong" and row.report.claimed_by_id is not None:
        return False
    if wanted["hanya"] == "terlambat" and not row.late:
        return False
    return not (wanted["hanya"] == "pesan" and not row.new_message)


@dataclass(frozen=True)
class Count:
    """One number above the list; it leads to the list that it counts."""

    label: str | Promise
    number: int
    url: str
    here: bool
    alarm: bool = False


def _counts(rows: Iterable[InboxRow], wanted: dict[str, str]) -> list[Count]:
    """Numbers of what is open, whatever else is filtered; each stands for the filter behind it."""
    rows = list(rows)
    home = reverse("workspace:inbox")
    numbers = [
        (_("risiko tinggi"), sum(row.report.risk == "high" for row in rows), "risiko", "high"),
        (_("terlambat"), sum(row.late for row in rows), "hanya", "terlambat"),
        (_("pesan baru"), sum(row.new_message for row in rows), "hanya", "pesan"),
        (_("belum diambil"), sum(row.report.claimed_by_id is None for row in rows), "siapa", "kosong"),
    ]
    alarming = {"high", "terlambat"}
    return [
        Count(label, number, f"{home}?{name}={value}", wanted.get(name) == value, bool(number) and value in alarming)
        for label, number, name, value in numbers
    ]


def _row(row: InboxRow, actor: Actor, now: datetime) -> dict[str, Any]:
    report = row.report
    waits_for_us = report.state in selectors.WAITING_ON_STAFF
    due = times.deadline(report.due_at, now, report.tz, working_days=report.risk == "low")
    return {
        "risk": report.risk,
        "help": report.is_help,
        "reference": report.reference,
        "url": reverse("workspace:report", args=[report.pk]),
        "claim_url": reverse("workspace:claim", args=[report.pk]),
        "path": marks.path_label(report),
        "marks": marks.marks_of(
            report, new_message=row.new_message, now=now, withdrawal_waiting=row.withdrawal_waiting
        ),
        "due": due if waits_for_us else None,
        "place": row.place,
        "state": report.get_state_display(),
        "age": times.ago(report.received_at, now),
        "holder": marks.holder(report, actor.user_id),
        "may_claim": report.claimed_by_id is None
        and state.allowed(report.state, state.Event.CLAIM)
        and rules_staff.may_handle(actor, report.team_id),
    }


def _groups(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows by risk, the highest first, as they come; questions of worried adults stand in a queue of their own."""
    found = []
    for risk, label in marks.RISKS.items():
        chosen = [row for row in rows if row["risk"] == risk and not row["help"]]
        if chosen:
            found.append({"code": risk, "label": label, "rows": chosen})
    asking = [row for row in rows if row["help"]]
    if asking:
        found.append({"code": "help", "label": _("Minta bantuan untuk diri sendiri"), "rows": asking})
    return found


_LEVELS: dict[str, str | Promise] = {
    DutyLevel.ANALYST: gettext_lazy("(pertama)"),
    DutyLevel.SECOND: gettext_lazy("(kedua)"),
    DutyLevel.SUPERVISOR: gettext_lazy("(penyelia)"),
}


def _keyless(actor: Actor, teams: Iterable[Team]) -> list[Team]:
    """The person's teams whose key they wait for: their reports are not listed before a colleague gives it."""
    held = set(selectors.keyed_teams(actor).values_list("team_key__team", flat=True))
    return [team for team in teams if team.pk not in held]


def _duty(team: Team, now: datetime) -> dict[str, Any]:
    """Who of a team reads now and until when at least somebody does, or when the next one starts."""
    shifts = selectors.on_duty(team, now)
    start = None if shifts else selectors.next_reading(team, now)[1]
    return {
        "id": team.pk,
        "name": team.name,
        "people": [{"name": shift.user.display_name, "level": _LEVELS[shift.level]} for shift in shifts],
        "until": times.local(max(shift.ends_at for shift in shifts), team.tz) if shifts else "",
        "next": times.local(start, team.tz) if start else "",
    }
