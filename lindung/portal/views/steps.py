"""One question a page: showing it, taking its answer, going on."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lindung.places import selectors as places
from lindung.places.catalogue import Kind
from lindung.portal import answering, keeping
from lindung.portal import walk as walks
from lindung.portal.questions import Field, Screen, intros, paths, screens
from lindung.portal.views.common import (
    expired,
    open_safely,
    page,
    path_code,
    refused,
    steady,
    url_of,
    words_of,
)
from lindung.reporting import answers as reporting_answers

FOUND_AT_MOST = 8


def see_other(url: str) -> HttpResponseRedirect:
    """Redirect so that a reload never posts again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """Who speaks? Leads to the first page of each path, and back into a walk that is under way."""
    row = open_safely(request, keeping.walk)
    under_way = ""
    if row is not None:
        under_way = reverse("portal:receipt") if "sent" in row.data else url_of(walks.resume(row.data))
    return page(request, "entrance.html", {"paths": paths().values(), "under_way": under_way})


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a page of the walk (GET) or take its answer (POST)."""
    screen = screens().get(slug)
    if screen is None:
        raise Http404
    row = keeping.walk(request)
    if request.method == "POST":
        return _take(request, screen, row.data if row else None)
    if row is None:
        path = walks.path_of_intro(slug)
        if path is None:
            return see_other(reverse("portal:report"))
        return _show(request, screen, walks.fresh(path))
    if "sent" in row.data:
        return see_other(reverse("portal:receipt"))
    data = row.data
    if not walks.belongs(data, slug):
        path = walks.path_of_intro(slug)
        if path is None:
            return see_other(url_of(walks.resume(data)))
        data = {**data, "path": path}
    return _show(request, screen, data)


def _take(request: HttpRequest, screen: Screen, data: dict[str, Any] | None) -> HttpResponse:
    if data is not None and "sent" in data:
        return refused(request, "sent", 409)
    begins = intros().get(screen.slug)
    if data is None and begins is None:
        return expired(request)
    path = data["path"] if data is not None and walks.belongs(data, screen.slug) else begins
    if path is None:
        return expired(request)
    data = data or walks.fresh(path)
    reading = answering.read(screen, path, request.POST)
    if reading.problems or reading.search:
        return _show(request, screen, {**data, "path": path}, reading)
    row = keeping.walk(request)
    if row is None:
        row = keeping.begin_walk(request, data)
    elif row.data["path"] != path:
        walks.switch(row.data, path)
    answering.apply(row.data, reading)
    target = walks.go(row.data, screen.slug, reading.action.go)
    while _answered_along(target, reading):
        target = walks.go(row.data, target, "next")
    keeping.save(row)
    response = see_other(url_of(target))
    keeping.attach(response, row)
    return response


def _answered_along(target: str, reading: answering.Reading) -> bool:
    """Whether the next page is answered already: a regency that was found tells its province too, and more."""
    names = {field.name for field in screens()[target].fields} if target in screens() else set()
    return bool(names) and reading.action.code == "next" and names <= set(reading.answers)


def _show(
    request: HttpRequest, screen: Screen, data: dict[str, Any], reading: answering.Reading | None = None
) -> HttpResponse:
    path = data["path"]
    given = dict(data["answers"])
    problems = reading.problems if reading else {}
    if reading and not reading.search:
        given.update(reading.answers)
        given.update({f.name: reading.answers.get(f.name, "") for f in screen.fields if f.kind == "text"})
    position = None if screen.tab else walks.position(data, screen.slug)
    walking = open_safely(request, keeping.walk) is not None
    context = {
        "screen": screen,
        "words": screen.words(path),
        "path": path,
        "position": position,
        "back": url_of(position.before) if position and position.before and walking else "",
        "fields": [_field(request, f, path, given, problems) for f in screen.fields],
        "actions": [action for action in screen.actions if action.on(path)],
        "callout": screen.callout if screen.callout and screen.callout.only_path in {"", path} else None,
        "problems": problems,
        "media": bool(reading and reading.media),
        "province": given.get("province") or None,
        "enough": walking and bool(screen.fields) and not screen.tab,
    }
    return page(request, "step.html", context, 422 if problems else 200)


def _field(
    request: HttpRequest, field: Field, path: str, given: dict[str, Any], problems: dict[str, str]
) -> dict[str, Any]:
    value = given.get(field.name, "" if field.kind == "text" else [])
    context: dict[str, Any] = {"field": field, "value": value, "problem": problems.get(field.name, "")}
    if field.kind == "text":
        context["limit"] = reporting_answers.limit_of(field.name)
    elif field.kind == "place":
        context.update(_places(request, field, given))
    else:
        context["options"] = answering.options(field, path, [value] if isinstance(value, str) else value)
    return context


def _places(request: HttpRequest, field: Field, given: dict[str, Any]) -> dict[str, Any]:
    """The places to choose from; what was typed into the search box and what it may mean."""
    province = str(given.get("province") or "")
    if field.name == "province":
        groups = [("", [(p.code, p.name) for p in places.provinces()])]
    else:
        near = places.regencies(province)
        cities = [(p.code, p.name) for p in near if p.kind == "kota"]
        groups = [(_("Kabupaten"), [(p.code, p.short_name) for p in near if p.kind != "kota"]), (_("Kota"), cities)]
    typed = request.POST.get("q", "") if request.method == "POST" else ""
    kinds: tuple[Kind, ...] | None = ("kabupaten", "kota") if field.name == "regency" else None
    found = places.search(typed, FOUND_AT_MOST, kinds=kinds) if typed.strip() else []
    home = places.get(province)
    return {
        "groups": [group for group in groups if group[1]],
        "typed": typed,
        "found": [(place, places.province_of(place.code)) for place in found],
        "within": home if field.name == "regency" else None,
    }


@steady
@require_POST
def carry_on(request: HttpRequest) -> HttpResponse:
    """Go on in a new walk with a text that an expired page kept. A live walk keeps its answers and gains the text."""
    row = keeping.walk(request)
    if row is not None and "sent" in row.data:
        return refused(request, "sent", 409)
    text = request.POST.get("words") or words_of(request)
    if row is None:
        row = keeping.begin_walk(request, walks.fresh(path_code(request.POST.get("path", ""))))
    before = row.data["answers"].get("words", "")
    joined = text if not before or text == before else f"{before}\r\n\r\n{text}" if text else before
    problem = answering.text_problem(joined, reporting_answers.limit_of("words"))
    if problem:
        response = _show(request, screens()["kata"], row.data, _long(joined, problem))
    else:
        if joined:
            row.data["answers"]["words"] = joined
        row.data["at"] = walks.CHECK
        keeping.save(row)
        response = see_other(reverse("portal:check"))
    keeping.attach(response, row)
    return response


def _long(text: str, problem: str) -> answering.Reading:
    action = screens()["kata"].actions[0]
    return answering.Reading(action, answers={"words": text}, problems={"words": problem})
