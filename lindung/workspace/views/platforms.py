"""The list of apps, games and sites that people can choose from in the portal."""

from __future__ import annotations

import re
import unicodedata

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, Conflict
from lindung.reporting import rules_staff, services
from lindung.reporting.models import Platform
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms import PlatformForm
from lindung.workspace.menu import INBOX_ROLES

DONE: dict[str, str | Promise] = {
    "added": _("Sudah ditambahkan. Portal menawarkannya mulai sekarang."),
    "retired": _("Tidak ditawarkan lagi. Laporan lama tetap menyebutnya."),
}


@staff_page(*INBOX_ROLES)
def platforms(request: HttpRequest) -> HttpResponse:
    """Everything on the list, what is no longer offered last."""
    return _page(request, PlatformForm())


@staff_page(*INBOX_ROLES)
def add(request: HttpRequest) -> HttpResponse:
    """Add an entry, or bring one back."""
    _may_maintain(request)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:platforms"))
    form = PlatformForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["label"]
        try:
            services.add_platform(actor_of(request), code_for(name), name)
        except BadInput as error:
            form.problem("label", error.message)
        except Conflict:
            form.problem("label", _("Ini sudah ada di daftar."))
        else:
            return HttpResponseRedirect(reverse("workspace:platforms") + "?ok=added")
    return _page(request, form, status=422)


@staff_page(*INBOX_ROLES)
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Offer an entry no longer."""
    _may_maintain(request)
    if not Platform.objects.filter(code=code).exists():
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:platforms"))
    services.retire_platform(actor_of(request), code)
    return HttpResponseRedirect(reverse("workspace:platforms") + "?ok=retired")


def code_for(name: str) -> str:
    """A code made of the name: small letters, digits, underscores, beginning with a letter."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:38]
    return code if code[:1].isalpha() and len(code) > 1 else f"p_{code}"


def _may_maintain(request: HttpRequest) -> None:
    if not rules_staff.may_maintain_platforms(actor_of(request)):
        raise Http404


def _page(request: HttpRequest, form: PlatformForm, status: int = 200) -> HttpResponse:
    rows = list(Platform.objects.order_by("-active", "sort", "name"))
    context = {
        "rows": rows,
        "offered": sum(row.active for row in rows),
        "form": form if rules_staff.may_maintain_platforms(actor_of(request)) else None,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/platforms.html", context, status=status)
