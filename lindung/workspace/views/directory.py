"""The directory on the staff's pages: who helps with what, where and when; keeping it right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.directory import hours, knowledge, rules, selectors, services
from lindung.directory.models import Does, Kind, Organisation, Service
from lindung.directory.rules import Opening
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_directory import BodyForm, DirectoryFilters, EndForm, ServiceForm, TeamForm

ROWS_A_PAGE = 25
everyone = staff_page(*rules.READERS)

DONE: dict[str, str | Promise] = {
    "saved": _("Tersimpan."),
    "verified": _("Tercatat: diperiksa hari ini."),
    "ended": _("Tercatat: sudah berakhir."),
    "retired": _("Layanan ini tidak ditawarkan lagi."),
    "linked": _("Tim tersimpan."),
    "imported": _("Lembar kerja sudah masuk."),
}
ANSWERS: tuple[tuple[str, str | Promise], ...] = (
    ("accepts_girls", _("anak perempuan")),
    ("accepts_boys", _("anak laki-laki")),
    ("siblings", _("bersama saudara")),
    ("with_mother", _("bersama ibu")),
    ("lgbt_safe", _("aman untuk anak LGBT")),
    ("wheelchair", _("kursi roda")),
    ("sign_language", _("bahasa isyarat")),
    ("night_admission", _("malam hari")),
)


# --- the list -------------------------------------------------------------------------------------------------------


@everyone
def listing(request: HttpRequest) -> HttpResponse:
    """Bodies by name, or the services that fit a child, the best first."""
    actor, now = actor_of(request), clock.now()
    filters = DirectoryFilters(request.GET)
    chosen = filters.chosen
    region = filters.place.code if filters.place else ""
    # Each service is looked at by itself: of a whole country that would be many.
    too_wide = filters.searches and not region and "layanan" not in chosen
    if too_wide or ("daerah" in chosen and filters.place is None):
        paginator: Paginator[Any] = Paginator([], ROWS_A_PAGE)
    elif filters.searches:
        found = _matching(filters, region, now)
        paginator = Paginator(found, ROWS_A_PAGE)
    else:
        wanted = selectors.Listing(
            text=chosen.get("kata", ""), region=region, kind=chosen.get("jenis", ""), service=chosen.get("layanan", ""),
            overdue=chosen.get("lihat") == "periksa", ended=chosen.get("lihat") == "berakhir",
        )  # fmt: skip
        paginator = Paginator(selectors.listed(actor, wanted), ROWS_A_PAGE)
    page = paginator.get_page(request.GET.get("hal"))
    rows = [row if isinstance(row, dict) else _row(row, row.services.all(), now) for row in page.object_list]
    query = urlencode({key: value for key, value in chosen.items()}, doseq=True)
    context = {
        "filters": filters,
        "filtered": bool(chosen),
        "too_wide": too_wide,
        "rows": rows,
        "total": paginator.count,
        "page": page,
        "query": query,
        "late": selectors.overdue_count(actor),
        "may_edit": rules.may_edit(actor),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/directory/list.html", context)


def _matching(filters: DirectoryFilters, region: str, now: datetime) -> list[dict[str, Any]]:
    """Rows of bodies with the services that fit, in the order in which the best of them was found."""
    chosen = filters.chosen
    does = (Does.PROVIDES,) if chosen.get("peran") else tuple(Does)
    search = selectors.Search(
        region=region, service=chosen.get("layanan", ""), does=does, child=filters.child,
        open_now=chosen.get("lihat") == "buka", kinds=(chosen["jenis"],) if "jenis" in chosen else (),
    )  # fmt: skip
    words = chosen.get("kata", "").casefold()
    bodies: dict[UUID, tuple[Organisation, list[selectors.Provider]]] = {}
    for one in selectors.find(search, moment=now):
        if words in one.organisation.name.casefold() or words == one.organisation.code:
            bodies.setdefault(one.organisation.pk, (one.organisation, []))[1].append(one)
    return [_row(body, [one.service for one in found], now, found) for body, found in bodies.values()]


def _row(
    body: Organisation, offers: Iterable[Service], now: datetime, found: list[selectors.Provider] | None = None
) -> dict[str, Any]:
    active = [one for one in offers if one.active]
    for one in active:
        one.organisation = body
    questions = {one.service.pk: [h for h in one.hindrances if h.code != "closed"] for one in found or ()}
    states = [selectors.opening_of(one, now) for one in active]
    best = next((one for one in states if one.open), states[0] if states else None)
    return {
        "url": reverse("workspace:directory_body", args=[body.pk]),
        "name": body.name,
        "kind": Kind(body.kind).label,
        "place": selectors.region_name(body.region) or _now("seluruh Indonesia"),
        "services": [
            {
                "label": knowledge.service_label(one.service),
                "own": one.does == Does.PROVIDES,
                "does": Does(one.does).label,
                "questions": [selectors.why_not(h) for h in questions.get(one.pk, [])],
            }
            for one in active
        ],
        "open": bool(best and best.open),
        "hours": opening_text(best, body.tz) if best else "",
        "verified": body.verified_on,
        "overdue": selectors.overdue(body),
        "ended": not selectors.exists_on(body, selectors.today()),
    }


def opening_text(state: Opening, tz: str) -> str:
    """Whether it is open and until when, in few words, on the clock of the place."""
    if not state.known:
        return _now("jam belum ditanyakan")
    if state.open:
        return _now("buka sampai %(when)s") % {"when": times.local(state.until, tz)} if state.until else _now("24 jam")
    return _now("tutup, buka %(when)s") % {"when": times.local(state.next, tz)} if state.next else _now("tutup")


# --- one body -------------------------------------------------------------------------------------------------------


@everyone
def body(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Everything about one body."""
    return _page(request, organisation_id)


def _page(request: HttpRequest, organisation_id: UUID, status: int = 200, **forms: StaffForm) -> HttpResponse:
    actor, now, today = actor_of(request), clock.now(), selectors.today()
    there = selectors.whole(actor, organisation_id)
    if there is None:
        raise NotFound
    may_edit, ended = rules.may_edit(actor), not selectors.exists_on(there, today)
    context = {
        "body": there,
        "kind": Kind(there.kind).label,
        "place": selectors.region_name(there.region) or _now("seluruh Indonesia"),
        "zone": worktime.zone_label(there.tz, now),
        "names": [one.name for one in there.variants.all()],
        "ended": ended,
        "overdue": selectors.overdue(there, today),
        "now": selectors.present(there, today) if ended else (),
        "before": [row for row in there.predecessors.all()],
        "services": [_service(one, there, now) for one in sorted(there.services.all(), key=_shown_first)],
        "may_edit": may_edit,
        "forms": {
            "end": forms.get("end") or EndForm(initial={"version": there.version, "on": today}),
            "team": forms.get("team")
            or (
                TeamForm(initial={"version": there.version, "team": there.team_id})
                if rules.may_link_team(actor)
                else None
            ),
        },
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/directory/body.html", context, status=status)


def _shown_first(service: Service) -> tuple[bool, bool, int]:
    """What is offered before what is not, what the body provides itself before what it brings people to."""
    order = list(knowledge.services())
    place = order.index(service.service) if service.service in order else len(order)
    return not service.active, service.does != Does.PROVIDES, place


def _service(service: Service, there: Organisation, now: datetime) -> dict[str, Any]:
    service.organisation = there
    state = selectors.opening_of(service, now)
    answers: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for name, label in ANSWERS:
        answers[getattr(service, name)].append(str(label))
    reach = selectors.where(service)
    return {
        "row": service,
        "label": knowledge.service_label(service.service),
        "does": Does(service.does).label,
        "own": service.does == Does.PROVIDES,
        "open": state.open,
        "hours": hours.write(service.always_open, selectors.hours_of(service)),
        "state": opening_text(state, there.tz),
        "where": [_now("seluruh Indonesia")] if reach.whole_country else reach.names,
        "yes": answers[True],
        "no": answers[False],
        "unasked": answers[None],
    }


# --- keeping it right -----------------------------------------------------------------------------------------------


@everyone
def add(request: HttpRequest) -> HttpResponse:
    """A new body."""
    _may_edit(request)
    form = BodyForm(request.POST) if request.method == "POST" else BodyForm()
    if request.method == "POST" and form.is_valid():
        made = _saved(form, lambda: services.save_organisation(
            actor_of(request), form.entry, verified=form.cleaned_data["verified"]))  # fmt: skip
        if made:
            return _back(made.pk, "saved")
    status = 422 if request.method == "POST" else 200
    return render(request, "workspace/directory/edit.html", {"form": form, "new": True}, status=status)


@everyone
def edit(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Change a body; when somebody else was faster, both are shown."""
    there = _there(request, organisation_id)
    form = BodyForm(request.POST) if request.method == "POST" else BodyForm(initial=BodyForm.initial_of(there))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["version"] is not None and data["version"] != there.version:
            return _both(request, there, form, BodyForm(initial=BodyForm.initial_of(there)))
        saved = _saved(form, lambda: services.save_organisation(
            actor_of(request), form.entry, there.pk, data["version"], verified=data["verified"]))  # fmt: skip
        if saved:
            return _back(there.pk, "saved")
    status = 422 if request.method == "POST" else 200
    return render(request, "workspace/directory/edit.html", {"form": form, "body": there}, status=status)


@everyone
def verify(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Note that everything was asked today and is right."""
    there = _there(request, organisation_id)
    if request.method != "POST":
        return _back(there.pk)
    version = request.POST.get("version", "")
    services.verify(actor_of(request), there.pk, int(version) if version.isdigit() else None)
    return _back(there.pk, "verified")


@everyone
def end(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Note that a body ended, and who has its tasks."""
    there = _there(request, organisation_id)
    if request.method != "POST":
        return _back(there.pk)
    form = EndForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        codes = data["successors"].replace(";", " ").replace(",", " ").split()
        if _saved(form, lambda: services.end(actor_of(request), there.pk, data["on"], codes, data["version"])):
            return _back(there.pk, "ended")
    return _page(request, there.pk, 422, end=form)


@everyone
def team(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Say which team here works for a body: administrators only."""
    there = _there(request, organisation_id)
    if not rules.may_link_team(actor_of(request)):
        raise Http404
    if request.method != "POST":
        return _back(there.pk)
    form = TeamForm(request.POST)
    if form.is_valid() and _saved(
        form, lambda: services.link_team(actor_of(request), there.pk, form.team_id, form.cleaned_data["version"])
    ):
        return _back(there.pk, "linked")
    return _page(request, there.pk, 422, team=form)


# --- services of a body ---------------------------------------------------------------------------------------------


@everyone
def service_add(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """A new service of a body."""
    there = _there(request, organisation_id)
    return _service_form(request, there, None, {"version": there.version, "age_from": 0, "age_to": 17})


@everyone
def service(request: HttpRequest, organisation_id: UUID, service_id: UUID) -> HttpResponse:
    """Change a service of a body."""
    there = _there(request, organisation_id)
    found = next((one for one in there.services.all() if one.pk == service_id), None)
    if found is None:
        raise NotFound
    return _service_form(request, there, found, ServiceForm.initial_of(found, there.version))


def _service_form(
    request: HttpRequest, there: Organisation, found: Service | None, initial: dict[str, Any]
) -> HttpResponse:
    form = ServiceForm(request.POST) if request.method == "POST" else ServiceForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        if version is not None and version != there.version:
            return _both(request, there, form, ServiceForm(initial=initial) if found else None)
        if _saved(form, lambda: services.save_service(
            actor_of(request), there.pk, form.entry, found.pk if found else None, version)):  # fmt: skip
            return _back(there.pk, "saved")
    context = {"form": form, "body": there, "service": found}
    return render(request, "workspace/directory/service.html", context, status=422 if request.method == "POST" else 200)


@everyone
def service_retire(request: HttpRequest, organisation_id: UUID, service_id: UUID) -> HttpResponse:
    """Offer a service no longer."""
    there = _there(request, organisation_id)
    if request.method != "POST":
        return _back(there.pk)
    version = request.POST.get("version", "")
    services.retire_service(actor_of(request), there.pk, service_id, int(version) if version.isdigit() else None)
    return _back(there.pk, "retired")


# --- what all share -------------------------------------------------------------------------------------------------


def _may_edit(request: HttpRequest) -> None:
    if not rules.may_edit(actor_of(request)):
        raise Http404


def _there(request: HttpRequest, organisation_id: UUID) -> Organisation:
    _may_edit(request)
    there = selectors.whole(actor_of(request), organisation_id)
    if there is None:
        raise NotFound
    return there


def _saved(form: StaffForm, write: Callable[[], Any]) -> Any:
    """What the service gave; None after its refusal was put beside the field."""
    try:
        return write()
    except BadInput as error:
        form.problem(error.field, error.message)
    except Conflict as error:
        form.problem(next(iter(form.fields)), error.message)
    return None


def _both(request: HttpRequest, there: Organisation, mine: StaffForm, now: StaffForm | None) -> HttpResponse:
    """Somebody was faster: what was typed stands beside what is there now; sending it again is a choice."""
    mine.data = mine.data.copy()  # type: ignore[attr-defined]
    mine.data["version"] = str(there.version)  # type: ignore[index]
    differing = []
    for field in now or ():
        typed, kept = mine[field.name].value(), field.value()
        if field.name not in {"version", "verified"} and _plain(typed) != _plain(kept):
            differing.append({"label": field.label, "now": _plain(kept)})
    context = {"form": mine, "body": there, "differing": differing, "message": Conflict.message}
    return render(request, "workspace/directory/conflict.html", context, status=409)


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "ya", False: "", None: ""}[value]
    return "\n".join(str(value).split())


def _back(organisation_id: UUID, done: str = "") -> HttpResponseRedirect:
    there = reverse("workspace:directory_body", args=[organisation_id])
    return HttpResponseRedirect(f"{there}?ok={done}" if done else there)
