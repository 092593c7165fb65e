"""Letters about takedowns: made from ticked requests, read, taken along as text, and marked as sent by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.core.worktime import local_day
from lindung.takedown import addresses, rules, selectors, services
from lindung.takedown.models import Addressee, Kind, Notice
from lindung.takedown.services.notices import OpenedNotice
from lindung.workspace import times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms_takedown import SentForm, in_zone
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.panels.takedown import state_label
from lindung.workspace.views.takedown import addressee_label

in_team = staff_page(*INBOX_ROLES)

DONE: dict[str, str | Promise] = {
    "made": _("Surat siap. Salin atau unduh, kirim sendiri, lalu catat di bawah."),
    "sent": _("Tercatat terkirim. Kalau belum dijawab dalam 24 jam, kami mengingatkan."),
}


@in_team
def make(request: HttpRequest) -> HttpResponse:
    """Put the ticked requests on one letter."""
    home = HttpResponseRedirect(reverse("workspace:takedown"))
    if not any(rules.may_act(actor_of(request), team) for team in actor_of(request).team_ids):
        raise Http404
    if request.method != "POST":
        return home
    try:
        chosen = [UUID(text) for text in request.POST.getlist("item")]
    except ValueError:
        raise Http404 from None
    if not chosen:
        return home
    notice = services.make_notice(actor_of(request), chosen)
    return _back(notice.pk, "made")


@in_team
def notice(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """One letter: to whom and how, what stands on it, its text, and whether it was sent."""
    return _show(request, letter_id)


def _show(request: HttpRequest, letter_id: UUID, form: SentForm | None = None, status: int = 200) -> HttpResponse:
    opened = services.open_notice(actor_of(request), keyring_of(request), letter_id)
    found = opened.notice
    language = "en" if (get_language() or "id").startswith("en") else "id"
    language = request.GET.get("bahasa") if request.GET.get("bahasa") in {"id", "en"} else language  # type: ignore[assignment]
    text = opened.text(language)
    tz = found.team.tz
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "notice": found,
        "to": addressee_label(found.addressee, found.platform),
        "rows": _rows(opened),
        "text": text,
        "shown_text": _harmless(text, opened),
        "language": language,
        "contact": contact_facts(found),
        "sent": times.local(found.sent_at, tz) if found.sent_at else "",
        "is_iwf": found.addressee == Addressee.IWF,
        "may_act": rules.may_act(actor_of(request), found.team_id),
        "form": form or SentForm(),
        "refused": form is not None,
    }
    return render(request, "workspace/takedown/notice.html", context, status=status)


def _rows(opened: OpenedNotice) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("workspace:takedown_item", args=[line.item.pk]),
            "reference": line.item.reference,
            "address": addresses.defanged(line.address) if line.item.kind == Kind.URL else line.address,
            "kind": line.item.get_kind_display(),
            "report": line.item.report.reference,
            "report_url": reverse("workspace:report", args=[line.item.report_id]),
            "state": state_label(line.item.state, line.item.round),
            "said": line.reference,
        }
        for line in opened.lines
    ]


def _harmless(text: str, opened: OpenedNotice) -> str:
    """The letter for reading: its addresses written so that nothing takes them for links."""
    for line in sorted(opened.lines, key=lambda one: -len(one.address)):
        if line.item.kind == Kind.URL:
            text = text.replace(line.address, addresses.defanged(line.address))
    return text


def contact_facts(found: Notice) -> dict[str, Any]:
    """How the addressee is reached, as text."""
    contact = selectors.contact_for(found.addressee, found.platform)
    if contact is None:
        return {}
    today = local_day(clock.now(), found.team.tz)
    return {
        "form_url": addresses.defanged(contact.form_url) if contact.form_url else "",
        "email": contact.email,
        "police_guide": addresses.defanged(contact.police_guide) if contact.police_guide else "",
        "asks": contact.asks,
        "promised_hours": contact.promised_hours,
        "overdue": selectors.overdue(contact, today),
    }


@in_team
def mark_sent(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Note that a person sent the letter."""
    found = _mine(request, letter_id)
    if request.method != "POST":
        return _back(letter_id)
    form = SentForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            at = in_zone(data["at"], found.team.tz)
            services.mark_sent(actor_of(request), keyring_of(request), letter_id, reference=data["reference"], at=at)
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _back(letter_id, "sent")
    return _show(request, letter_id, form, 422)


@in_team
def discard(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """Take a letter back that was not sent yet."""
    _mine(request, letter_id)
    if request.method != "POST":
        return _back(letter_id)
    services.discard(actor_of(request), letter_id)
    return HttpResponseRedirect(reverse("workspace:takedown") + "?ok=discarded")


@in_team
def text(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """The letter as a plain text file."""
    language = request.GET.get("bahasa", "id")
    made = services.export(actor_of(request), keyring_of(request), letter_id, "text", language)
    return attachment(made, f"surat-{letter_id.hex[:8]}-{language}.txt", "text/plain")


@in_team
def sheet(request: HttpRequest, letter_id: UUID) -> HttpResponse:
    """The addresses as a table, for copying into the IWF's own form."""
    made = services.export(actor_of(request), keyring_of(request), letter_id, "sheet")
    return attachment(made, f"iwf-{letter_id.hex[:8]}.csv", "text/csv")


def attachment(content: str, name: str, kind: str) -> HttpResponse:
    """A file to take away; the page asks nobody to open it in the browser."""
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _mine(request: HttpRequest, letter_id: UUID) -> Notice:
    """The letter, for somebody who may act on it; otherwise 404, as for one that is not there."""
    found = services.notices.notice_for(actor_of(request), letter_id)
    if not rules.may_act(actor_of(request), found.team_id):
        raise Http404
    return found


def _back(letter_id: UUID, done: str = "") -> HttpResponse:
    query = f"?ok={done}" if done else ""
    return HttpResponseRedirect(reverse("workspace:takedown_notice", args=[letter_id]) + query)
