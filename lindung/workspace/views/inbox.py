"""The first page of the day: what is urgent, what is late, what changed. Each role is led to where its work is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lindung.accounts import rules as account_rules
from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.reporting import inbox as queue
from lindung.reporting import rules_staff, selectors, services, state
from lindung.reporting.inbox import Mark, Page
from lindung.reporting.inbox_rows import InboxRow
from lindung.reporting.models import CLOSED_RANK, OURS, THEIRS, DutyLevel, SavedView
from lindung.reporting.selectors import TeamDuty
from lindung.reporting.services.claiming import AT_MOST
from lindung.workspace import marks, times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_inbox import InboxFilters, ViewForm
from lindung.workspace.menu import INBOX_ROLES

ROWS_A_PAGE = 40

DONE: dict[str, str | Promise] = {
    "moved": gettext_lazy("Laporan dipindahkan ke penerima independen. Tim ini tidak bisa melihatnya lagi."),
    "stopped": gettext_lazy("Laporan dikunci. Pelapor masih bisa membatalkannya dengan kodenya."),
    "view_saved": gettext_lazy("Saringan tersimpan."),
    "view_renamed": gettext_lazy("Nama saringan diganti."),
    "view_deleted": gettext_lazy("Saringan dihapus. Laporannya tetap ada."),
    "none_ticked": gettext_lazy("Tandai dulu laporan yang mau diambil."),
}


@staff_page()
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox for whoever reads reports; others are led to their own page, or told that nothing waits for them."""
    if not actor_of(request).has_role(*INBOX_ROLES):
        return _elsewhere(request, actor_of(request))
    return show(request)


def show(request: HttpRequest, view_form: ViewForm | None = None, status: int = 200) -> HttpResponse:
    """Render the inbox; `view_form` is the one that comes back because its name was refused."""
    actor, now = actor_of(request), clock.now()
    teams = list(Team.objects.filter(pk__in=actor.teams_with(INBOX_ROLES)).order_by("name"))
    tz = teams[0].tz if teams else "Asia/Jakarta"
    held = queue.keyed_team_ids(actor)
    filters = InboxFilters(request.GET if view_form is None else QueryDict(request.POST.get("saringan", "")))
    wanted = filters.wanted(tz)
    here = _place(request)
    page = queue.page(actor, wanted, **here, limit=ROWS_A_PAGE, teams=held)
    if not page.rows and here:  # what stood there was taken or closed meanwhile
        page = queue.page(actor, wanted, limit=ROWS_A_PAGE, teams=held)
    duty = selectors.duty_of([team.pk for team in teams], now)
    query = filters.query
    context = {
        "done_text": _done_text(request),
        "now_text": times.local(now, tz),
        "duty": [_duty(team, duty[team.pk], now) for team in teams],
        "keyless": [team for team in teams if team.pk not in held],
        "many_teams": len(teams) > 1,
        "counts": _counts(queue.summary(actor, held), filters.chosen),
        "filters": filters,
        "filtered": bool(filters.chosen),
        "groups": _groups(
            [_row(row, actor, now) for row in page.rows], by_risk=wanted.sort == "urgency", whole=_whole(page)
        ),
        "found": _found(page),
        "pages": _pages(request, page, query),
        "query": query,
        "views": _views(actor, query),
        "view_form": view_form or ViewForm(),
        "view_open": view_form is not None,
    }
    return render(request, "workspace/inbox.html", context, status=status)


@staff_page(*INBOX_ROLES)
def claim_many(request: HttpRequest) -> HttpResponse:
    """Take the ticked reports; say how many, and which a colleague already has."""
    back = InboxFilters(QueryDict(request.POST.get("saringan", ""))).chosen
    if request.method == "POST":
        try:
            done = services.claim_many(actor_of(request), _ids(request.POST.getlist("laporan")))
            held, changed = _references(done.held), _references(done.changed)
            back |= {"diambil": str(len(done.taken)), "rekan": held, "berubah": changed}
        except BadInput:
            back |= {"ok": "none_ticked"}
    return HttpResponseRedirect(f"{reverse('workspace:inbox')}?{urlencode({k: v for k, v in back.items() if v})}")


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:AT_MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _references(ids: Iterable[UUID]) -> str:
    return ".".join(pk.hex[:8].upper() for pk in ids)


def _named(text: str) -> list[str]:
    """References from an address, and nothing else that may stand there."""
    found = text.split(".")
    return found if len(found) <= AT_MOST and all(_REFERENCE.fullmatch(one) for one in found) else []


_REFERENCE = re.compile(r"[0-9A-F]{8}")


def _done_text(request: HttpRequest) -> str:
    """What happened a moment ago, in words."""
    said = [str(DONE.get(request.GET.get("ok", ""), ""))]
    taken = request.GET.get("diambil", "")
    if taken.isdecimal() and len(taken) < 3:
        text = ngettext("%(n)d laporan sekarang kamu pegang.", "%(n)d laporan sekarang kamu pegang.", int(taken))
        said.append(text % {"n": int(taken)})
        if held := _named(request.GET.get("rekan", "")):
            said.append(_("Sudah dipegang rekan: %(which)s.") % {"which": ", ".join(held)})
        if changed := _named(request.GET.get("berubah", "")):
            said.append(_("Tidak bisa diambil lagi: %(which)s.") % {"which": ", ".join(changed)})
    return " ".join(one for one in said if one)


def _elsewhere(request: HttpRequest, actor: Actor) -> HttpResponse:
    if actor.has_role(account_rules.AUDITOR):
        return HttpResponseRedirect(reverse("workspace:audit"))
    if actor.has_role(account_rules.ADMINISTRATOR):
        return HttpResponseRedirect(reverse("accounts:people"))
    if actor.has_role(account_rules.PARTNER):
        return HttpResponseRedirect(reverse("workspace:referrals"))
    return render(request, "workspace/nothing.html")


# --- numbers and pages ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """One number above the list; it leads to the list that it counts."""

    label: str | Promise
    number: str
    url: str
    here: bool
    alarm: bool = False


def _number(number: int, *, many: bool | None = None) -> str:
    """A number, or that there are more than were counted: "500+"."""
    more = number > queue.COUNTED_TO if many is None else many
    return f"{queue.COUNTED_TO}+" if more else str(number)


def _counts(numbers: queue.Summary, chosen: dict[str, str]) -> list[Count]:
    """Numbers of what is open, whatever else is filtered; each stands for the filter behind it."""
    home = reverse("workspace:inbox")
    shown = [
        (_("risiko tinggi"), numbers.high, "risiko", "high"),
        (_("terlambat"), numbers.late, "hanya", "terlambat"),
        (_("pesan baru"), numbers.message, "hanya", "pesan"),
        (_("belum diambil"), numbers.free, "siapa", "kosong"),
    ]
    return [
        Count(
            label, _number(number), f"{home}?{name}={value}", chosen.get(name) == value,
            bool(number) and value in {"high", "terlambat"},
        )
        for label, number, name, value in shown
    ]  # fmt: skip


def _place(request: HttpRequest) -> dict[str, Any]:
    """Where in the queue the page stands; anything odd in the address means the beginning."""
    for name, key in (("sesudah", "after"), ("sebelum", "before")):
        mark = Mark.read(request.GET.get(name, ""))
        if mark is not None:
            return {key: mark}
    return {"last": True} if request.GET.get("akhir") else {}


def _whole(page: Page) -> bool:
    return page.before is None and page.after is None


def _found(page: Page) -> str:
    """How many fit, in words; nothing when the whole list is on the page."""
    if _whole(page):
        return ""
    number = {"n": number_format(page.total, force_grouping=True)}
    if page.many:
        return _("lebih dari %(n)s laporan") % number
    return ngettext("%(n)s laporan", "%(n)s laporan", page.total) % number


def _pages(request: HttpRequest, page: Page, query: str) -> dict[str, Any] | None:
    """The ways to the other pages: a page begins after the last report of the one before."""
    if _whole(page):
        return None
    lead = f"?{query}&" if query else "?"
    number = request.GET.get("p", "")
    here = int(number) if number.isdecimal() and len(number) < 6 else 1
    at_end = bool(request.GET.get("akhir")) or page.after is None
    if page.before is None:
        here = 1
    elif here < 2:
        here = 0  # come from the end: the number is not known
    return {
        "number": here,
        "total": 0 if page.many else -(-page.total // ROWS_A_PAGE),
        "first": f"?{query}" if page.before else "",
        "before": f"{lead}sebelum={page.before}&p={max(here - 1, 0)}" if page.before else "",
        "after": f"{lead}sesudah={page.after}&p={here + 1 if here else 0}" if page.after else "",
        "last": "" if at_end else f"{lead}akhir=1",
    }


def _views(actor: Actor, query: str) -> list[dict[str, Any]]:
    """The filters that this person keeps."""
    home = reverse("workspace:inbox")
    return [
        {"id": view.pk, "name": view.name, "url": f"{home}?{view.query}", "here": bool(query) and view.query == query}
        for view in SavedView.objects.filter(owner=actor.user_id)
    ]


# --- rows -----------------------------------------------------------------------------------------------------------


def _row(row: InboxRow, actor: Actor, now: datetime) -> dict[str, Any]:
    report = row.report
    waits_for_us = report.state in selectors.WAITING_ON_STAFF
    due = times.deadline(report.due_at, now, report.tz, working_days=report.risk == "low")
    return {
        "id": report.pk,
        "rank": report.queue_rank,
        "risk": report.risk,
        "risk_label": marks.RISKS[report.risk],
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


_GROUPS: tuple[tuple[str, str | Promise, Iterable[int]], ...] = (
    *((str(risk), label, (rank,)) for rank, (risk, label) in zip(OURS, marks.RISKS.items(), strict=False)),
    ("help", gettext_lazy("Minta bantuan untuk diri sendiri"), (OURS[-1],)),
    ("theirs", gettext_lazy("Menunggu pelapor atau layanan"), THEIRS),
    ("closed", gettext_lazy("Ditutup"), (CLOSED_RANK,)),
)


def _groups(rows: list[dict[str, Any]], *, by_risk: bool, whole: bool) -> list[dict[str, Any]]:
    """The rows under headings, as they come: what waits for us by risk, what others have, what is closed.

    Only where the whole list is on the page a heading says how many there are.
    """
    if not by_risk:
        return [{"code": "newest", "label": _("Paling baru masuk"), "rows": rows, "whole": whole}] if rows else []
    found = []
    for code, label, ranks in _GROUPS:
        chosen = [row for row in rows if row["rank"] in ranks]
        if chosen:
            found.append({"code": code, "label": label, "rows": chosen, "whole": whole})
    return found


_LEVELS: dict[str, str | Promise] = {
    DutyLevel.ANALYST: gettext_lazy("(pertama)"),
    DutyLevel.SECOND: gettext_lazy("(kedua)"),
    DutyLevel.SUPERVISOR: gettext_lazy("(penyelia)"),
}


def _duty(team: Team, duty: TeamDuty, now: datetime) -> dict[str, Any]:
    """Who of a team reads now and until when at least somebody does, or when the next one starts."""
    shifts, start = duty.shifts, duty.next_start
    return {
        "id": team.pk,
        "name": team.name,
        "people": [{"name": shift.user.display_name, "level": _LEVELS[shift.level]} for shift in shifts],
        "until": times.local(max(shift.ends_at for shift in shifts), team.tz) if shifts else "",
        "next": times.local(start, team.tz) if start else "",
    }
