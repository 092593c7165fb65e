"""A page of its own for one form of a case: shown with what stands there, taken, and shown again beside both texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django import forms as django
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lindung.casework import rules
from lindung.core.errors import BadInput, Conflict, NotAllowed
from lindung.workspace.casepage import CasePage, back_to, frame, problems
from lindung.workspace.casepage import render as render_case
from lindung.workspace.forms import StaffForm

TEMPLATE = "workspace/cases/edit.html"


@dataclass(frozen=True)
class Edit:
    """One form of a case.

    `initial(page)` is what stands there now, by the names of the form's fields; `write(page, form)` calls the service
    with the checked form; `version(page)` is what the form must carry to be the latest (None: it writes over nothing).
    `tab` and `anchor` are the place to lead back to, `done` the code of the sentence there, `rename` maps a service's
    field to the form's. `more` are further words for the template. `also_closed`: for what comes after the end.
    """

    title: str | Promise
    form: type[StaffForm]
    write: Callable[[CasePage, Any], Any]
    tab: str
    here: str
    done: str
    lede: str | Promise = ""
    button: str | Promise = ""
    anchor: str = ""
    initial: Callable[[CasePage], Mapping[str, Any]] = lambda page: {}
    version: Callable[[CasePage], int] | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    told: Callable[[CasePage], frozenset[str]] = lambda page: frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)
    form_args: Callable[[CasePage], Mapping[str, Any]] = lambda page: {}
    also_closed: bool = False


def edit(request: HttpRequest, case_id: UUID, wanted: Edit) -> HttpResponse:
    """Show the form, or take it. Raises NotFound, and NotAllowed for whoever may read the case and not write in it."""
    if request.method != "POST":
        page = _page(request, case_id, wanted)
        return _draw(page, wanted, wanted.form(initial=_initial(page, wanted), **wanted.form_args(page)))
    page = _page(request, case_id, wanted)
    args = wanted.form_args(page)
    if "periksa" in request.POST and wanted.form.checks_words:
        return _draw(page, wanted, wanted.form.as_typed(request.POST))
    form = wanted.form(request.POST, **args)
    if form.is_valid():
        try:
            wanted.write(page, form)
        except BadInput as error:
            form.problem(wanted.rename.get(error.field, error.field), error.message)
        except Conflict as error:
            return _both(request, case_id, wanted, error)
        else:
            return back_to(wanted.tab, case_id, wanted.done, wanted.anchor)
    return _draw(page, wanted, form, status=422)


def _page(request: HttpRequest, case_id: UUID, wanted: Edit) -> CasePage:
    page = frame(request, case_id)
    if not (page.may_work or (wanted.also_closed and rules.may_work(page.actor, page.facts))):
        raise NotAllowed
    return page


def _initial(page: CasePage, wanted: Edit) -> dict[str, Any]:
    found = dict(wanted.initial(page))
    return {**found, "version": wanted.version(page)} if wanted.version else found


def _draw(page: CasePage, wanted: Edit, form: StaffForm, status: int = 200) -> HttpResponse:
    context = {
        "title": wanted.title,
        "lede": wanted.lede,
        "form": form,
        "button": wanted.button or _("Simpan"),
        "action": page.request.path,
        "back": reverse(wanted.tab, args=[page.case.pk]),
        "told": [str(form.fields[name].label) for name in form.fields if name in wanted.told(page)],
        "problems": problems({"form": form}) if form.is_bound else [],
        **wanted.more,
    }
    return render_case(page, TEMPLATE, context, here=wanted.here, status=status)


def _both(request: HttpRequest, case_id: UUID, wanted: Edit, error: Conflict) -> HttpResponse:
    """What was typed, in a form that can be sent again, beside what a colleague wrote meanwhile."""
    page = frame(request, case_id)
    data = request.POST.copy()
    if wanted.version:
        data["version"] = str(wanted.version(page))
    args = wanted.form_args(page)
    form = wanted.form(data, **args)
    form.is_valid()
    now = wanted.form(initial=_initial(page, wanted), **args)
    context = {
        "message": error.message,
        "form": form,
        "action": request.path,
        "back": reverse(wanted.tab, args=[case_id]),
        "theirs": list(spoken(now)),
    }
    return render_case(page, "workspace/cases/conflict.html", context, here=wanted.here, status=409)


def spoken(form: StaffForm) -> Iterator[tuple[str, str]]:
    """What a form holds, line by line in words; what is empty is left out."""
    for name, control in form.fields.items():
        value = form.get_initial_for_field(control, name)
        if isinstance(control.widget, django.HiddenInput) or value in (None, "", [], ()):
            continue
        yield str(control.label), _words(control, value)


def _words(control: django.Field, value: Any) -> str:
    choices = getattr(control, "choices", None)
    if choices is not None:
        labels = {str(code): str(label) for code, label in choices}
        codes = value if isinstance(value, list | tuple) else [value]
        return "\n".join(labels.get(str(code), str(code)) for code in codes)
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    return dateformat.format(value, "j F Y") if isinstance(value, date) else str(value)
