"""The directory as a spreadsheet on the staff's pages: pasted cells in, a file out. No file is ever taken."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header

from lindung.core.errors import Conflict
from lindung.directory import rules, selectors, services
from lindung.directory.services import DryRun
from lindung.directory.sheets.columns import COLUMNS, letter
from lindung.directory.sheets.faults import Unreadable
from lindung.directory.sheets.reading import read_text
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_directory import SheetForm

SHOWN_AT_MOST = 200
"""Faults on one page; the first ones are mended first."""

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@staff_page(*rules.KEEPERS)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Look at a dry run of pasted cells; send the same again to import it, all of it or nothing."""
    if request.method != "POST":
        return _page(request, SheetForm())
    form = SheetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        run = services.try_out(actor_of(request), read_text(form.cleaned_data["cells"]))
    except Unreadable as error:
        form.problem("cells", error.message)
        return _page(request, form, status=422)
    if run.faults or request.POST.get("do") != "import":
        return _page(request, form, run, status=422 if run.faults else 200)
    try:
        services.import_table(actor_of(request), run, seen=form.cleaned_data["seen"])
    except Conflict:
        return _page(request, form, run, changed=True, status=409)
    return HttpResponseRedirect(reverse("workspace:directory") + "?ok=imported")


def _page(
    request: HttpRequest, form: SheetForm, run: DryRun | None = None, *, changed: bool = False, status: int = 200
) -> HttpResponse:
    faults = run.faults if run else []
    if run is not None and not faults:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["seen"] = run.seen  # type: ignore[index]
    context = {
        "form": form,
        "run": run,
        "changed": changed,
        "faults": [
            {"row": f.row, "letter": letter(f.position), "column": f.column, "message": f.message}
            for f in faults[:SHOWN_AT_MOST]
        ],
        "number": len(faults),
        "more": max(len(faults) - SHOWN_AT_MOST, 0),
        "columns": [(letter(number), column.name, column.english) for number, column in enumerate(COLUMNS)],
    }
    return render(request, "workspace/directory/import.html", context, status=status)


@staff_page(*rules.READERS)
def take_out(request: HttpRequest, form: str) -> HttpResponse:
    """The whole directory as a file in the columns of the import; written into the audit log."""
    if form not in TYPES:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:directory"))
    made = services.export(actor_of(request), form)
    response = HttpResponse(made, content_type=TYPES[form])
    name = f"direktori-{selectors.today():%Y-%m-%d}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
