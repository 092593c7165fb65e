"""Series and merging: what may belong to a report, the series that somebody sees, and one of them with its counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.rules import SUPERVISOR
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import rules_staff
from lindung.reporting.models import OPEN_STATES, Report
from lindung.reporting.services import find_by_reference
from lindung.series import proposals as proposing
from lindung.series import selectors, services
from lindung.series.models import Why
from lindung.series.rules import GROUPS
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_series import INTO_OTHER, INTO_THIS, JoinForm, MergeForm
from lindung.workspace.menu import INBOX_ROLES

in_team = staff_page(*INBOX_ROLES)

DONE: dict[str, str | Promise] = {
    "joined": _("Laporan masuk seri."),
    "merged": _("Laporan digabung. Tiap pelapor tetap punya kotak dan kode sendiri."),
    "apart": _("Laporan dipisahkan. Keduanya kembali seperti sebelum digabung."),
    "left": _("Laporan dikeluarkan dari seri."),
    "back": _("Laporan dikembalikan ke seri."),
}

STAYED: dict[str, str | Promise] = {
    "state": _("status"),
    "risk": _("risiko"),
    "due": _("batas waktu"),
    "claim": _("yang memegang"),
    "marks": _("tanda bahaya"),
    "police": _("keputusan lapor polisi"),
}
"""What an undoing leaves as it is, in words: `rules.GROUPS`, and the police."""


# --- beside one report ------------------------------------------------------------------------------------------------


@in_team
def beside(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """What may belong to a report, why, and what it is in already."""
    return _beside(request, _report(request, report_id), {})


@in_team
def join(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Put another report into one series with this one: a proposal by its id, or any by its reference."""

    def write(report: Report, other: Report, _form: StaffForm | None) -> str:
        actor = actor_of(request)
        offered = {entry.report.pk: entry.why for entry in proposing.proposals(report, actor)}
        services.join(actor, report.pk, other.pk, offered.get(other.pk, str(Why.HAND)))
        return "?ok=joined"

    return _take(request, report_id, JoinForm, write)


@in_team
def merge(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Handle another report together with this one; `way` says which of the two leads."""

    def write(report: Report, other: Report, form: StaffForm | None) -> str:
        way = form.cleaned_data["way"] if form else request.POST.get("way", INTO_THIS)
        pair = (report.pk, other.pk) if way == INTO_OTHER else (other.pk, report.pk)
        services.merge(actor_of(request), *pair)
        return "?ok=merged"

    return _take(request, report_id, MergeForm, write)


@in_team
def unmerge(request: HttpRequest, report_id: UUID, merged_id: UUID) -> HttpResponse:
    """Take a merged report out again, from its own page or from that of its lead."""
    report, merged = _report(request, report_id), _report(request, merged_id)
    if report.pk not in {merged.pk, merged.merged_into_id} or merged.merged_into_id is None:
        raise NotFound
    if request.method != "POST":
        return _to(report.pk)
    undone = services.unmerge(actor_of(request), merged.pk)
    return _to(report.pk, "?ok=apart" + "".join(f"&tetap={group}" for group in undone.stayed))


def _report(request: HttpRequest, report_id: UUID) -> Report:
    found = selectors.seen(actor_of(request)).select_related("team").filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def _take(
    request: HttpRequest,
    report_id: UUID,
    kind: type[StaffForm],
    write: Callable[[Report, Report, StaffForm | None], str],
) -> HttpResponse:
    """Take a form about this report and another one, which is named by `id` (a proposal) or by its reference."""
    report = _report(request, report_id)
    if request.method != "POST":
        return _to(report.pk)
    if not rules_staff.may_triage(actor_of(request), report.team_id):
        raise NotFound
    form: StaffForm | None = None
    if request.POST.get("id"):
        other = _proposed(request)
    else:
        form = kind(request.POST)
        if not form.is_valid():
            return _beside(request, report, {form.name: form}, status=422)
        found = find_by_reference(actor_of(request), form.cleaned_data["other"])
        if found is None:
            form.problem("other", _("Tidak ada laporan dengan nomor itu yang boleh kamu lihat."))
            return _beside(request, report, {form.name: form}, status=422)
        other = found
    try:
        return _to(report.pk, write(report, other, form))
    except (BadInput, Conflict) as error:
        status = 422 if isinstance(error, BadInput) else 409
        if form is None:
            return _beside(request, report, {}, problem=error.message, status=status)
        form.problem("other", error.message)
        return _beside(request, report, {form.name: form}, status=status)


def _proposed(request: HttpRequest) -> Report:
    try:
        return _report(request, UUID(request.POST["id"]))
    except ValueError:
        raise NotFound from None


def _to(report_id: UUID, query: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:series_beside", args=[report_id]) + query)


def _beside(
    request: HttpRequest,
    report: Report,
    refused: dict[str, StaffForm],
    *,
    problem: str | Promise = "",
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    beside = selectors.series_beside(actor, report)
    inside = {row.pk for rows in beside.values() for row in rows}
    together = selectors.merges_of(actor, report)
    one = {row.pk for row in (*together.merged, together.lead) if row is not None}
    stayed = [STAYED[code] for code in request.GET.getlist("tetap") if code in {*GROUPS, "police"}]
    context = {
        "report": report,
        "report_id": report.pk,
        "done_text": DONE.get(request.GET.get("ok", "")),
        "stayed": stayed,
        "problem": problem,
        "proposals": [_proposal(entry, inside, one) for entry in proposing.proposals(report, actor)],
        "series": [{"id": pk, "reference": pk.hex[:8].upper(), "size": len(rows)} for pk, rows in beside.items()],
        "lead": together.lead,
        "merged": together.merged,
        "is_open": report.state in OPEN_STATES,
        "may_judge": rules_staff.may_triage(actor, report.team_id),
        "may_merge": report.merged_into_id is None,
        "join_form": refused.get(JoinForm.name) or JoinForm(),
        "merge_form": refused.get(MergeForm.name) or MergeForm(),
        "refused": bool(refused),
    }
    return render(request, "workspace/series/beside.html", context, status=status)


def _proposal(entry: proposing.Proposal, inside: set[UUID], one: set[UUID]) -> dict[str, Any]:
    return {
        "report": entry.report,
        "month": times.month(entry.month),
        "state": entry.report.get_state_display(),
        "team": entry.report.team.name,
        "sentences": entry.sentences,
        "weak": entry.weak,
        "inside": entry.report.pk in inside,
        "merged": entry.report.pk in one or entry.report.merged_into_id is not None,
    }


# --- series -----------------------------------------------------------------------------------------------------------


@in_team
def all_series(request: HttpRequest) -> HttpResponse:
    """The series that this person sees; for a supervisor the counts of all of them together."""
    actor = actor_of(request)
    rows = [
        {"row": row, "first": times.day(row.first, row.tz), "last": times.local(row.last, row.tz)}
        for row in selectors.listed(actor)
    ]
    joint = selectors.joint(actor) if actor.has_role(SUPERVISOR) else []
    context = {
        "rows": rows,
        "joint": _charts(joint) if joint else None,
        "joint_number": len(joint),
        "gone": request.GET.get("ok") == "left",
    }
    return render(request, "workspace/series/list.html", context)


@in_team
def series(request: HttpRequest, series_id: UUID) -> HttpResponse:
    """One series: its reports in the order of their receipt, and where, on what platform and when they are."""
    return _page(request, series_id)


@in_team
def leave(request: HttpRequest, series_id: UUID, report_id: UUID) -> HttpResponse:
    """Take a report out of a series."""
    _shown(request, series_id)
    _report(request, report_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:series", args=[series_id]))
    services.leave(actor_of(request), series_id, report_id)
    if not selectors.visible_series(actor_of(request)).filter(pk=series_id).exists():
        return HttpResponseRedirect(reverse("workspace:series_list") + "?ok=left")
    return HttpResponseRedirect(reverse("workspace:series", args=[series_id]) + "?ok=left")


@in_team
def come_back(request: HttpRequest, series_id: UUID, report_id: UUID) -> HttpResponse:
    """Put a report back that was taken out."""
    _shown(request, series_id)
    _report(request, report_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:series", args=[series_id]))
    try:
        services.put_back(actor_of(request), series_id, report_id)
    except Conflict as error:
        return _page(request, series_id, problem=error.message, status=409)
    return HttpResponseRedirect(reverse("workspace:series", args=[series_id]) + "?ok=back")


def _shown(request: HttpRequest, series_id: UUID) -> None:
    if not selectors.visible_series(actor_of(request)).filter(pk=series_id).exists():
        raise NotFound


def _page(request: HttpRequest, series_id: UUID, *, problem: str | Promise = "", status: int = 200) -> HttpResponse:
    _shown(request, series_id)
    rows = selectors.members(actor_of(request), [series_id]).get(series_id, [])
    present = [row for row in rows if not row.gone]
    context = {
        "reference": series_id.hex[:8].upper(),
        "series_id": series_id,
        "done_text": DONE.get(request.GET.get("ok", "")),
        "problem": problem,
        "members": [_member(row) for row in present],
        "gone": [_member(row) for row in rows if row.gone and row.is_open],
        "many_teams": len({row.report.team_id for row in present}) > 1,
        "charts": _charts(row.report for row in present),
    }
    return render(request, "workspace/series/series.html", context, status=status)


def _member(row: selectors.MemberRow) -> dict[str, Any]:
    return {
        "report": row.report,
        "at": times.local(row.report.received_at, row.report.tz),
        "state": row.report.get_state_display(),
        "risk": row.report.get_risk_display(),
        "why": Why(row.why).label,
        "may_judge": row.may_judge,
        "merged": row.report.merged_into_id is not None,
    }


# --- counts -----------------------------------------------------------------------------------------------------------


def _charts(reports: Iterable[Report]) -> list[dict[str, Any]]:
    """Three small tables with their bars: by month, by place, by platform."""
    found = selectors.counts(reports)
    months = [(times.month(month), number) for month, number in found.months]
    return [
        _chart("bulan", _("Menurut bulan diterima"), _("Bulan"), months),
        _chart("tempat", _("Menurut tempat"), _("Tempat"), found.places),
        _chart("platform", _("Menurut platform"), _("Platform"), found.platforms),
    ]


def _chart(code: str, title: str | Promise, head: str | Promise, rows: list[tuple[str, int]]) -> dict[str, Any]:
    """Widths in hundredths of the longest bar."""
    longest = max((number for _label, number in rows), default=1)
    bars = [{"label": label, "number": number, "width": round(100 * number / longest)} for label, number in rows]
    return {"code": code, "title": title, "head": head, "rows": bars}
