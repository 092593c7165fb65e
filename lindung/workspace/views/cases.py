"""Cases: the morning of whoever works with children, and the list of all cases that they may see."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lindung.accounts.models import Team
from lindung.accounts.rules import SUPERVISOR
from lindung.casework import listing, listing_rows
from lindung.casework import morning as mornings
from lindung.casework.listing import Mark
from lindung.casework.listing_rows import CaseRow
from lindung.casework.models import CaseTask, State
from lindung.casework.models_closing import Subject
from lindung.core import clock
from lindung.referrals import selectors as referrals
from lindung.referrals.models import Referral
from lindung.referrals.models import State as ReferralState
from lindung.reporting import knowledge
from lindung.reporting.inbox import keyed_team_ids
from lindung.workspace import times
from lindung.workspace.casepage import CASE_ROLES, REVIEW_NEAR, tab_url
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_cases import CaseFilters
from lindung.workspace.marks import RISKS
from lindung.workspace.marks import Mark as Tag
from lindung.workspace.menu import JUDGE_ROLES

ROWS_A_PAGE = 40
_ORDER = "case_order"
"""Where the session keeps the order that somebody chose last."""

WAITS: dict[str, str | Promise] = {
    Subject.PLAN: gettext_lazy("Rencana layanan menunggu persetujuanmu"),
    Subject.CLOSURE: gettext_lazy("Usulan penutupan menunggu keputusanmu"),
    Subject.MEDIATION: gettext_lazy("Penyelesaian di luar pengadilan menunggu keputusanmu"),
}

CHANGED: dict[str, str | Promise] = {
    "note": gettext_lazy("catatan rekan"),
    "child_event": gettext_lazy("kabar tentang anak"),
    "approval": gettext_lazy("keputusan orang kedua"),
    "opened": gettext_lazy("kasus baru"),
}


DONE: dict[str, str | Promise] = {
    "ended": gettext_lazy("Pendampingan diakhiri. Kasus itu tidak lagi tampil untukmu."),
    "unlinked": gettext_lazy("Kaitan dilepas."),
}

# --- the morning ------------------------------------------------------------------------------------------------------


@staff_page(*CASE_ROLES)
def home(request: HttpRequest) -> HttpResponse:
    """What is urgent, late, unread, due, changed since yesterday, and waits for a second person."""
    actor, now = actor_of(request), clock.now()
    teams = keyed_team_ids(actor)
    supervises = bool(actor.teams_with({SUPERVISOR}) & teams)
    asked = request.GET.get("lihat", "")
    whole_team = supervises and (asked == "tim" or (asked != "saya" and not mornings.has_work(actor)))
    tz = Team.objects.filter(pk__in=teams).order_by("name").values_list("tz", flat=True).first() or "Asia/Jakarta"
    scope = mornings.scope(actor, teams, whole_team=whole_team)
    asked_for = mornings.Some.of(referrals.pending(scope.order_by().values("pk")))
    found = mornings.morning(
        actor, teams, whole_team=whole_team, since=_yesterday(now, tz), more_ids=[row.case_id for row in asked_for.rows]
    )
    context = {
        "done_text": str(DONE.get(request.GET.get("ok", ""), "")),
        "now_text": times.local(now, tz),
        "keyless": not teams,
        "whole_team": whole_team,
        "supervises": supervises,
        "judges": actor.has_role(*JUDGE_ROLES),
        "counts": _counts(found.numbers, whole_team),
        "due": _due(found, now),
        "messages": [_message(link, found) for link in found.messages.rows],
        "changes": [_change(change, found) for change in found.changes.rows],
        "urgent": [_line(found.lines[pk], now) for pk in found.urgent.rows if pk in found.lines],
        "waiting": _waiting(found),
        "referrals": [_referral(row, found, now) for row in asked_for.rows],
        "free": [_line(found.lines[pk], now) for pk in found.free.rows if pk in found.lines],
        "more": {
            "urgent": found.urgent.more,
            "messages": found.messages.more,
            "changes": found.changes.more,
            "waiting": found.approvals.more or found.decisions.more,
            "due": found.tasks.more or found.reviews.more,
            "free": found.free.more,
        },
        "list_url": reverse("workspace:case_list"),
    }
    return render(request, "workspace/cases/home.html", context)


def _yesterday(now: datetime, tz: str) -> datetime:
    zone = ZoneInfo(tz)
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=1), time.min, zone)


def _number(number: int) -> str:
    return f"{mornings.COUNTED_TO}+" if number > mornings.COUNTED_TO else str(number)


def _counts(numbers: mornings.Numbers, whole_team: bool) -> list[dict[str, Any]]:
    """Numbers above the page; each leads to what it counts."""
    listed, whose = reverse("workspace:case_list"), "" if whole_team else "siapa=saya&"
    shown = [
        (_("risiko tinggi"), numbers.high, f"{listed}?{whose}risiko=high", True),
        (_("terlambat"), numbers.late, f"{listed}?{whose}hanya=terlambat", True),
        (_("pesan anak"), numbers.messages, "#pesan", False),
        (_("menunggu persetujuanmu"), numbers.waiting, "#menunggu", False),
        (_("tanpa pendamping"), numbers.free, f"{listed}?siapa=kosong", False),
    ]
    return [
        {"label": label, "number": _number(number), "url": url, "alarm": alarm and number > 0}
        for label, number, url, alarm in shown
    ]


def _due(found: mornings.Morning, now: datetime) -> list[dict[str, Any]]:
    """Tasks and reviews in one line of time, the latest ones first."""
    entries = []
    for task in found.tasks.rows:
        row = found.lines.get(task.case_id)
        if row is not None:
            due = times.deadline(task.due_at, now, row.case.tz, near=timedelta(hours=24))
            entries.append((task.due_at, {"what": task_label(task), "url": _notes(task.case_id), "due": due}, row))
    for case in found.reviews.rows:
        row = found.lines.get(case.pk)
        if row is not None and case.review_due_at is not None:
            due = times.deadline(case.review_due_at, now, case.tz, near=REVIEW_NEAR)
            url = reverse("workspace:case", args=[case.pk])
            entries.append((case.review_due_at, {"what": _("Tinjauan berkala"), "url": url, "due": due}, row))
    entries.sort(key=lambda entry: entry[0])
    return [{**what, **_who(row)} for _, what, row in entries]


def task_label(task: CaseTask) -> str:
    """What kind of task it is; its words are sealed in the case."""
    return str(task.get_kind_display())


def _notes(case_id: UUID) -> str:
    return tab_url("workspace:case_notes", case_id, "tugas")


def _who(row: CaseRow) -> dict[str, Any]:
    return {"reference": row.case.reference, "risk": row.case.risk, "who": child_label(row)}


def _message(link: Any, found: mornings.Morning) -> dict[str, Any]:
    row = found.lines.get(link.case_id)
    return {
        "url": reverse("workspace:case", args=[link.case_id]) + f"#kotak-{link.report_id}",
        "report": link.report.reference,
        **(_who(row) if row else {}),
    }


def _change(change: mornings.Change, found: mornings.Morning) -> dict[str, Any]:
    row = found.lines.get(change.case_id)
    return {
        "url": reverse("workspace:case", args=[change.case_id]),
        "at": times.local(change.at, row.case.tz if row else "Asia/Jakarta"),
        "what": ", ".join(str(CHANGED[code]) for code in change.what if code in CHANGED),
        **(_who(row) if row else {}),
    }


def _waiting(found: mornings.Morning) -> list[dict[str, Any]]:
    """What this person decides as the second one, the longest waiting first."""
    entries: list[tuple[datetime, UUID, str, str]] = []
    for row in found.approvals.rows:
        tab = "workspace:case_plan" if row.subject == Subject.PLAN else "workspace:case_closing"
        entries.append((row.asked_at, row.case_id, str(WAITS[row.subject]), tab_url(tab, row.case_id)))
    for decision in found.decisions.rows:
        url = tab_url("workspace:case_rights", decision.case_id)
        asked = decision.first_signed_at or decision.written_at
        text = _("Keputusan kepentingan terbaik menunggu tanda tangan kedua")
        entries.append((asked, decision.case_id, text, url))
    entries.sort(key=lambda entry: entry[0])
    return [
        {"what": text, "url": url, "at": times.local(at, found.lines[pk].case.tz), **_who(found.lines[pk])}
        for at, pk, text, url in entries
        if pk in found.lines
    ]


def _referral(row: Referral, found: mornings.Morning, now: datetime) -> dict[str, Any]:
    """A referral that nobody accepted yet, or that was refused without a second choice."""
    line = found.lines.get(row.case_id)
    ended = row.state in {ReferralState.DECLINED, ReferralState.LAPSED}
    tz = line.case.tz if line else "Asia/Jakarta"
    due = times.deadline(row.answer_due_at, now, tz) if row.answer_due_at and not ended else None
    return {
        "url": reverse("workspace:case_referral", args=[row.case_id, row.pk]),
        "body": row.organisation.name,
        "state": _("%(state)s: pilih yang lain") % {"state": row.get_state_display()} if ended else "",
        "due": due,
        **(_who(line) if line else {}),
    }


# --- the list ---------------------------------------------------------------------------------------------------------


@staff_page(*CASE_ROLES)
def cases(request: HttpRequest) -> HttpResponse:
    """All cases that this person may see, filtered and in the order that they chose last."""
    actor, now = actor_of(request), clock.now()
    teams = keyed_team_ids(actor)
    filters = CaseFilters(request.GET, sort=str(request.session.get(_ORDER, "tinjauan")))
    if "urut" in request.GET and request.session.get(_ORDER) != filters.sort:
        request.session[_ORDER] = filters.sort
    wanted = filters.wanted()
    here = _place(request)
    page = listing.page(actor, wanted, **here, limit=ROWS_A_PAGE, teams=teams)
    if not page.ids and here:  # what stood there changed meanwhile
        page = listing.page(actor, wanted, limit=ROWS_A_PAGE, teams=teams)
    context = {
        "rows": [_line(row, now) for row in listing_rows.rows(actor, page.ids)],
        "filters": filters,
        "filtered": bool(filters.chosen),
        "found": _found(page),
        "pages": _pages(page, filters.query),
    }
    return render(request, "workspace/cases/list.html", context)


def _place(request: HttpRequest) -> dict[str, Mark]:
    for name, key in (("sesudah", "after"), ("sebelum", "before")):
        mark = Mark.read(request.GET.get(name, ""))
        if mark is not None:
            return {key: mark}
    return {}


def _found(page: listing.Page) -> str:
    if page.many:
        return _("lebih dari %(n)d kasus") % {"n": page.total}
    return ngettext("%(n)d kasus", "%(n)d kasus", page.total) % {"n": page.total}


def _pages(page: listing.Page, query: str) -> dict[str, str] | None:
    if page.before is None and page.after is None:
        return None
    return {
        "first": f"?{query}" if page.before else "",
        "before": f"?{query}&sebelum={page.before}" if page.before else "",
        "after": f"?{query}&sesudah={page.after}" if page.after else "",
    }


def _line(row: CaseRow, now: datetime) -> dict[str, Any]:
    """One case as a line, without any sealed word."""
    case = row.case
    review = times.deadline(case.review_due_at, now, case.tz, near=REVIEW_NEAR) if case.review_due_at else None
    return {
        "url": reverse("workspace:case", args=[case.pk]),
        **_who(row),
        "risk_label": RISKS[case.risk],
        "stage": case.get_stage_display(),
        "state": case.get_state_display() if case.state != State.OPEN else "",
        "lead": row.lead,
        "mine": row.mine,
        "taken": row.taken,
        "forms": [knowledge.forms()[code].label for code in row.facts.get("form", ()) if code in knowledge.forms()],
        "review": review if case.state == State.OPEN else None,
        "changed": times.ago(case.changed_at, now),
        "marks": _marks(row),
    }


def _marks(row: CaseRow) -> list[Tag]:
    found = []
    if row.new_message:
        found.append(Tag(_("Pesan baru"), "new"))
    if row.late_task:
        found.append(Tag(_("Tugas terlambat"), "medium"))
    if row.case.legal_hold:
        found.append(Tag(_("Disimpan untuk proses hukum"), "outline"))
    return found


def child_label(row: CaseRow) -> str:
    """Who it is about, as far as coded facts tell: "Perempuan, 13 sampai 15 tahun · Kota Kupang"."""
    person = [
        knowledge.option_label(name, row.facts[name][0])
        for name in ("sex", "age_band")
        if row.facts.get(name, ("unknown",))[0] not in {"unknown", "unsaid"}
    ]
    return " · ".join(part for part in (", ".join(person), row.place) if part)
