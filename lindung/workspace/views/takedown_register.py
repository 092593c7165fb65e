"""How addressees are reached, and how long they take: the register of contacts and the statistics of answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.rules import DATA_ANALYST
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.reporting import selectors as reports
from lindung.takedown import addresses, letters, rules, selectors, services, statistics
from lindung.takedown.models import Addressee, Contact
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_takedown import ContactForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.views.takedown_notices import attachment

in_team = staff_page(*INBOX_ROLES)
counting = staff_page(*INBOX_ROLES, DATA_ANALYST)

DONE: dict[str, str | Promise] = {
    "saved": _("Kontak tersimpan."),
    "verified": _("Tercatat: diperiksa hari ini."),
}


# --- statistics -------------------------------------------------------------------------------------------------------

COLUMNS: tuple[tuple[str, str | Promise], ...] = (
    ("count", _("Terkirim")),
    ("answered", _("Dijawab")),
    ("gone", _("Hilang")),
    ("still_there", _("Masih ada")),
    ("median_answer", _("Jam ke jawaban, median")),
    ("p90_answer", _("Jam ke jawaban, persentil 90")),
    ("median_not_there", _("Jam sampai tidak ada, median")),
    ("p90_not_there", _("Jam sampai tidak ada, persentil 90")),
)
HEAD = (
    "month", "addressee", "platform", "sent", "answered", "gone", "still_there", "median_hours_to_answer",
    "p90_hours_to_answer", "median_hours_to_not_there", "p90_hours_to_not_there",
)  # fmt: skip


@counting
def table(request: HttpRequest) -> HttpResponse:
    """The table: whole for the team about its own requests, with small numbers kept back for everybody else."""
    actor = actor_of(request)
    outside = _outside(request, actor)
    rows = [
        {
            "month": times.month(row.month),
            "to": str(Addressee(row.addressee).label),
            "platform": reports.platform_label(row.platform) if row.platform else "",
            "cells": [{"name": label, "text": _cell(getattr(row, name))} for name, label in COLUMNS],
        }
        for row in _rows(actor, outside)
    ]
    context = {
        "rows": rows,
        "columns": [label for _name, label in COLUMNS],
        "outside": outside,
        "may_choose": actor.has_role(*INBOX_ROLES),
        "smallest": statistics.SMALLEST,
        "days": selectors.days_needed(),
    }
    return render(request, "workspace/takedown/statistics.html", context)


@counting
def file(request: HttpRequest) -> HttpResponse:
    """The same table as a file; written into the audit log."""
    actor = actor_of(request)
    outside = _outside(request, actor)
    names = ("month", "addressee", "platform", *(name for name, _label in COLUMNS))
    rows = [[_plain(getattr(row, name)) for name in names] for row in _rows(actor, outside)]
    services.notices.statistics_exported(actor, outside=outside)
    made = letters.table(HEAD, rows)
    return attachment(made, f"hapus-{'luar' if outside else 'tim'}.csv", "text/csv")


def _outside(request: HttpRequest, actor: Actor) -> bool:
    return not actor.has_role(*INBOX_ROLES) or request.GET.get("untuk") == "luar"


def _rows(actor: Actor, outside: bool) -> Sequence[statistics.Row | statistics.OutsideRow]:
    if not actor.has_role(*INBOX_ROLES):
        return statistics.outside_table(statistics.lines_for_organisation(actor))
    lines = statistics.lines_for_team(actor)
    return statistics.outside_table(lines) if outside else statistics.table(lines)


def _cell(value: Any) -> str:
    """A number as the page writes it; "" for what is kept back or does not exist."""
    return "" if value is None else str(number_format(value))


def _plain(value: Any) -> str:
    """A number as programs read it: with a point, whatever the language of the page."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:7]
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


# --- contacts ---------------------------------------------------------------------------------------------------------


@in_team
def contacts(request: HttpRequest) -> HttpResponse:
    """The register, what is overdue to be verified first."""
    return _page(request, ContactForm())


def _page(request: HttpRequest, form: ContactForm, status: int = 200) -> HttpResponse:
    today = local_day(clock.now(), "Asia/Jakarta")
    rows = [_row(contact, today) for contact in selectors.contacts()]
    context = {
        "rows": sorted(rows, key=lambda row: not row["overdue"]),
        "form": form if rules.may_keep_contacts(actor_of(request)) else None,
        "late": sum(row["overdue"] for row in rows),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/takedown/contacts.html", context, status=status)


def _row(contact: Contact, today: Any) -> dict[str, Any]:
    return {
        "id": contact.pk,
        "version": contact.version,
        "to": str(Addressee(contact.addressee).label),
        "platform": reports.platform_label(contact.platform) if contact.platform else "",
        "form_url": addresses.defanged(contact.form_url) if contact.form_url else "",
        "email": contact.email,
        "police_guide": addresses.defanged(contact.police_guide) if contact.police_guide else "",
        "asks": contact.asks,
        "promised_hours": contact.promised_hours,
        "verified": times.month(contact.verified_on) if contact.verified_on else "",
        "verified_on": contact.verified_on,
        "verified_by": contact.verified_by.display_name if contact.verified_by else "",
        "overdue": selectors.overdue(contact, today),
    }


@in_team
def contact_add(request: HttpRequest) -> HttpResponse:
    """Add an entry."""
    _may_keep(request)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:takedown_contacts"))
    form = ContactForm(request.POST)
    if form.is_valid() and _saved(request, form, None):
        return HttpResponseRedirect(reverse("workspace:takedown_contacts") + "?ok=saved")
    return _page(request, form, 422)


@in_team
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Change an entry."""
    _may_keep(request)
    there = _contact(contact_id)
    names = ("addressee", "platform", "form_url", "email", "police_guide", "asks", "promised_hours", "version")
    form = ContactForm(request.POST) if request.method == "POST" else ContactForm(
        initial={name: getattr(there, name) for name in names}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _saved(request, form, contact_id):
        return HttpResponseRedirect(reverse("workspace:takedown_contacts") + "?ok=saved")
    status = 422 if request.method == "POST" else 200
    return render(request, "workspace/takedown/contact.html", {"form": form, "id": contact_id}, status=status)


@in_team
def contact_verify(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Note that somebody looked today and it still holds."""
    _may_keep(request)
    _contact(contact_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:takedown_contacts"))
    version = request.POST.get("version", "")
    services.verify_contact(actor_of(request), contact_id, int(version) if version.isdigit() else None)
    return HttpResponseRedirect(reverse("workspace:takedown_contacts") + "?ok=verified")


def _saved(request: HttpRequest, form: ContactForm, contact_id: UUID | None) -> bool:
    data = dict(form.cleaned_data)
    version = data.pop("version")
    try:
        services.save_contact(actor_of(request), services.ContactInput(**data), contact_id, version)
    except BadInput as error:
        form.problem(error.field, error.message)
    except Conflict as error:
        form.problem("addressee", error.message)
    else:
        return True
    return False


def _contact(contact_id: UUID) -> Contact:
    found = Contact.objects.filter(pk=contact_id).first()
    if found is None:
        raise NotFound
    return found


def _may_keep(request: HttpRequest) -> None:
    if not rules.may_keep_contacts(actor_of(request)):
        raise Http404
