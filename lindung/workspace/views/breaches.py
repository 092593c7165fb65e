"""The register of incidents: entering one, its clocks, how each affected person is told, closing by two people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts.rules import ADMINISTRATOR, ANALYST, SUPERVISOR
from lindung.breaches import knowledge, rules, selectors, services
from lindung.breaches.models import Breach, Notice, State
from lindung.breaches.services import deciding
from lindung.breaches.services.registering import OBSTACLES, NotYetClosable, Opened
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting.services import find_by_reference
from lindung.workspace import times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_breaches import AffectedForm, AuthorityForm, BreachForm, DecisionForm, MeasuresForm

DONE: dict[str, str | Promise] = {
    "entered": gettext_lazy("Insiden tercatat. Penyelia tim itu dipanggil sekarang."),
    "changed": gettext_lazy("Catatan tersimpan. Yang lama tetap tersegel."),
    "authority": gettext_lazy("Pemberitahuan kepada lembaga tercatat."),
    "added": gettext_lazy("Laporan ditambahkan."),
    "removed": gettext_lazy("Laporan dikeluarkan dari daftar."),
    "decided": gettext_lazy("Keputusan tersimpan."),
    "told": gettext_lazy("Kalimat tetap sudah ditulis ke kotaknya."),
    "proposed": gettext_lazy("Usulan tersimpan. Orang kedua yang menutup."),
    "closed": gettext_lazy("Insiden ditutup."),
    "kept": gettext_lazy("Insiden tetap terbuka."),
}
ENTERING = (SUPERVISOR, ADMINISTRATOR)
SIGNING = (SUPERVISOR, ANALYST)

_CLOCKS: dict[str, tuple[str | Promise, str]] = {
    rules.RUNNING: (gettext_lazy("berjalan"), ""),
    rules.CLOSE: (gettext_lazy("hampir habis"), "near"),
    rules.OVERDUE: (gettext_lazy("terlambat"), "late"),
    rules.DONE: (gettext_lazy("selesai tepat waktu"), "done"),
    rules.DONE_LATE: (gettext_lazy("selesai, terlambat"), "near"),
}


@staff_page(SUPERVISOR, ANALYST, ADMINISTRATOR)
def breaches(request: HttpRequest) -> HttpResponse:
    """Incidents of one's teams, decisions that others' incidents ask for, and entering a new one."""
    if request.method == "POST":
        return _enter(request)
    return _list(request)


def _list(request: HttpRequest, form: BreachForm | None = None, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    rows = list(selectors.visible_breaches(actor))
    enters = selectors.may_enter(actor)
    context = {
        "rows": [_row(row, now) for row in rows],
        "strange": [_strange(row, now) for row in selectors.strange_notices(actor)],
        "form": (form or _entry_form(request)) if enters else None,
        "reads": actor.has_role(*SIGNING),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/breaches/list.html", context, status=status)


def _entry_form(request: HttpRequest) -> BreachForm:
    data = request.POST if request.method == "POST" else None
    return BreachForm(data, teams=selectors.teams_to_enter_for(actor_of(request)))


def _enter(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not selectors.may_enter(actor):
        raise Http404
    form = _entry_form(request)
    if form.is_valid():
        data = form.cleaned_data
        try:
            breach = services.open_breach(
                actor, UUID(data["team"]), data["discovered_at"], data["kinds"], data["systems"], data["people_band"],
                data["words"],
            )  # fmt: skip
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            if selectors.visible_breaches(actor).filter(pk=breach.pk).exists():
                return _back(breach.pk, "entered")
            return HttpResponseRedirect(reverse("workspace:breaches") + "?ok=entered")
    return _list(request, form, 422)


def _row(row: Breach, now: datetime) -> dict[str, Any]:
    done = row.closed_at or row.authority_told_at
    return {
        "url": reverse("workspace:breach", args=[row.pk]),
        "reference": row.reference,
        "team": row.team.name,
        "kinds": _labels("kinds", row.kinds),
        "state": State(row.state).label,
        "open": row.state == State.OPEN,
        "discovered": times.local(row.discovered_at, row.team.tz),
        "due": times.deadline(row.due_at, now, row.team.tz, near=rules.NEAR),
        "clock": _clock(row, now, done),
        "closing": row.closing_by_id is not None and row.state == State.OPEN,
    }


def _labels(name: str, codes: list[str]) -> list[str]:
    known = knowledge.choices(name)
    return [known[code].label for code in codes if code in known]


def _clock(row: Breach, now: datetime, done_at: datetime | None) -> dict[str, Any]:
    state = rules.clock_state(row.due_at, now, done_at)
    label, css = _CLOCKS[state]
    due = times.deadline(row.due_at, now, row.team.tz, near=rules.NEAR)
    running = state in {rules.RUNNING, rules.CLOSE, rules.OVERDUE}
    told = times.local(done_at, row.team.tz) if done_at else ""
    return {"label": label, "css": css, "text": due.text if running else label, "at": due.at if running else told}


def _strange(row: Notice, now: datetime) -> dict[str, Any]:
    assert row.report is not None
    return {
        "id": row.pk,
        "reference": row.report.reference,
        "url": reverse("workspace:report", args=[row.report_id]),
        "kinds": _labels("kinds", row.breach.kinds),
        "due": times.deadline(row.breach.due_at, now, row.report.tz, near=rules.NEAR),
        "decide": reverse("workspace:breach_decide", args=[row.pk]),
    }


@staff_page(*SIGNING)
def breach(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """One incident with its words. Opening it is written into the audit log."""
    return _page(request, breach_id)


def _page(
    request: HttpRequest,
    breach_id: UUID,
    *,
    problems: list[str] | None = None,
    status: int = 200,
    forms: Mapping[str, StaffForm] | None = None,
) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    opened = services.read(actor, keyring_of(request), breach_id)
    row = opened.breach
    works = rules.may_work(actor, row.team_id) and row.state == State.OPEN
    told = [n for n in opened.notices if n.report_id and n.way and knowledge.ways()[n.way].tells]
    affected = [n for n in opened.notices if n.report_id]
    last = max((n.decided_at for n in told if n.decided_at), default=None)
    all_told = len(told) == len(affected)
    context = {
        **_row(row, now),
        "breach": row,
        "kinds": _labels("kinds", row.kinds),
        "systems": _labels("systems", row.systems),
        "band": ", ".join(_labels("bands", [row.people_band])),
        "by": row.opened_by.display_name,
        "measures": opened.measures,
        "authority": opened.authority,
        "authority_clock": _clock(row, now, row.authority_told_at),
        "people_clock": _clock(row, now, last if affected and all_told else None) if affected else None,
        "contents": knowledge.contents(),
        "notices": [_notice(n, opened) for n in opened.notices[:300]],
        "more": max(0, len(opened.notices) - 300),
        "undecided": sum(not n.way for n in affected),
        "works": works,
        "missing": [OBSTACLES[code] for code in opened.missing],
        "closing_by": row.closing_by.display_name if row.closing_by else "",
        "own_proposal": row.closing_by_id == actor.user_id,
        "may_close": bool(row.closing_by_id) and rules.may_close(actor, row.team_id, row.closing_by_id or row.pk),
        "closed_by": row.closed_by.display_name if row.closed_by else "",
        "forms": _forms(opened, forms or {}) if works else {},
        "problems": problems or [],
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/breaches/breach.html", context, status=status)


def _forms(opened: Opened, refused: Mapping[str, StaffForm]) -> dict[str, StaffForm]:
    row = opened.breach
    measures = {"words": opened.measures, "people_band": row.people_band, "version": row.version}
    return {
        "measures": MeasuresForm(initial=measures),
        "authority": AuthorityForm(),
        "affected": AffectedForm(),
        **refused,
    }


def _notice(row: Notice, opened: Opened) -> dict[str, Any]:
    way = knowledge.ways().get(row.way)
    tz = opened.breach.team.tz
    return {
        "id": row.pk,
        "reference": row.report.reference if row.report else "",
        "url": reverse("workspace:report", args=[row.report_id]) if row.report_id else "",
        "way": way.label if way else "",
        "told": bool(way and way.tells),
        "reason": opened.reasons.get(row.pk, ""),
        "by": row.decided_by.display_name if row.decided_by else "",
        "at": times.local(row.decided_at, tz) if row.decided_at else "",
        "open": row.report_id is not None and not (way and way.tells),
    }


def _take(
    request: HttpRequest, breach_id: UUID, name: str, form: StaffForm, write: Callable[[dict[str, Any]], Any], done: str
) -> HttpResponse:
    """Take one form of the page of an incident: 422 beside the field, 409 with what was typed."""
    services_for = selectors.visible_breaches(actor_of(request)).filter(pk=breach_id).first()
    if services_for is None or not rules.may_work(actor_of(request), services_for.team_id):
        raise NotFound
    if request.method != "POST":
        return _back(breach_id)
    if form.is_valid():
        try:
            write(form.cleaned_data)
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back(breach_id, done)
    return _page(request, breach_id, status=422, forms={name: form})


@staff_page(SUPERVISOR)
def measures(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """Write anew what happened and what was done."""

    def write(data: dict[str, Any]) -> None:
        services.write_measures(
            actor_of(request), keyring_of(request), breach_id, data["words"], data["people_band"], data["version"]
        )

    return _take(request, breach_id, "measures", MeasuresForm(request.POST), write, "changed")


@staff_page(SUPERVISOR)
def authority(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """Note the notice to the authority."""

    def write(data: dict[str, Any]) -> None:
        services.note_authority(actor_of(request), keyring_of(request), breach_id, data["told_at"], data["reference"])

    return _take(request, breach_id, "authority", AuthorityForm(request.POST), write, "authority")


@staff_page(SUPERVISOR)
def affected(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """Add a report by its short number, or all of the team's."""
    if request.POST.get("semua") == "1":
        return _deed(request, breach_id, lambda: services.add_all(actor_of(request), breach_id), "added")

    def write(data: dict[str, Any]) -> None:
        found = find_by_reference(actor_of(request), data["number"])
        if found is None:
            raise BadInput("number", _("Tidak ada laporan dengan nomor ini yang boleh kamu lihat."))
        services.add_report(actor_of(request), breach_id, found.pk)

    return _take(request, breach_id, "affected", AffectedForm(request.POST), write, "added")


def _deed(request: HttpRequest, breach_id: UUID, deed: Callable[[], Any], done: str) -> HttpResponse:
    """Do something that needs no form, for whoever sees the incident."""
    if not selectors.visible_breaches(actor_of(request)).filter(pk=breach_id).exists():
        raise NotFound
    if request.method != "POST":
        return _back(breach_id)
    try:
        deed()
    except NotYetClosable as error:
        return _page(request, breach_id, problems=[str(OBSTACLES[code]) for code in error.missing], status=422)
    except Conflict as error:
        return _page(request, breach_id, problems=[str(error.message)], status=409)
    return _back(breach_id, done)


@staff_page(SUPERVISOR)
def remove(request: HttpRequest, breach_id: UUID, notice_id: UUID) -> HttpResponse:
    """Take a report off that was added by mistake."""
    return _deed(request, breach_id, lambda: services.remove_report(actor_of(request), breach_id, notice_id), "removed")


@staff_page(SUPERVISOR)
def tell_all(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """Write the fixed sentence into every mailbox for which nothing is decided, a hundred at a time."""
    return _deed(
        request,
        breach_id,
        lambda: services.decide_all_by_mailbox(actor_of(request), keyring_of(request), breach_id),
        "told",
    )


@staff_page(*SIGNING)
def closure(request: HttpRequest, breach_id: UUID) -> HttpResponse:
    """Propose to close, agree as the second person, or disagree."""
    actor = actor_of(request)
    deeds: dict[str, tuple[Callable[[], Any], str]] = {
        "propose": (lambda: services.propose_closure(actor, breach_id), "proposed"),
        "confirm": (lambda: services.close(actor, breach_id), "closed"),
        "reject": (lambda: services.reject_closure(actor, breach_id), "kept"),
    }
    deed, done = deeds.get(request.POST.get("keputusan", ""), deeds["propose"])
    response = _deed(request, breach_id, deed, done)
    if response.status_code == 302 and not selectors.visible_breaches(actor).filter(pk=breach_id).exists():
        return HttpResponseRedirect(reverse("workspace:breaches") + f"?ok={done}")
    return response


@staff_page(SUPERVISOR)
def decide(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """How the person behind one report is told."""
    actor = actor_of(request)
    row = selectors.notices_here(actor).filter(pk=notice_id).first()
    if row is None or row.report is None or row.breach.state != State.OPEN:
        raise NotFound
    form = DecisionForm(request.POST if request.method == "POST" else None)
    status, problem = 200, ""
    if form.is_bound:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.decide(actor, keyring_of(request), notice_id, data["way"], data["reason"], data["home_safe"])
                return _after(request, row, "told" if knowledge.ways()[data["way"]].by_mailbox else "decided")
            except BadInput as error:
                form.problem(error.field, error.message)
            except Conflict as error:
                problem, status = str(error.message), 409
    signs = deciding.signs_of(actor, keyring_of(request), notice_id)
    context = {
        "reference": row.report.reference,
        "report_url": reverse("workspace:report", args=[row.report_id]),
        "signs": [knowledge.unsafe_signs()[code].label for code in signs],
        "sentence": knowledge.mailbox_sentence(row.report.language),
        "form": form,
        "problem": problem,
        "back": _home(actor, row),
    }
    return render(request, "workspace/breaches/decide.html", context, status=status)


def _home(actor: Any, row: Notice) -> str:
    """The incident, or for one of another team the list."""
    if selectors.visible_breaches(actor).filter(pk=row.breach_id).exists():
        return reverse("workspace:breach", args=[row.breach_id])
    return reverse("workspace:breaches")


def _after(request: HttpRequest, row: Notice, done: str) -> HttpResponse:
    return HttpResponseRedirect(_home(actor_of(request), row) + f"?ok={done}")


def _back(breach_id: UUID, done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:breach", args=[breach_id]) + (f"?ok={done}" if done else ""))
