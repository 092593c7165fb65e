"""Takedowns: the list to work from, one request with its history, and every form on it. No address is ever opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed
from lindung.reporting import selectors as reports
from lindung.reporting import services as reporting
from lindung.takedown import addresses, knowledge, rules, selectors, services
from lindung.takedown.models import Addressee, Check, Item, Kind, State
from lindung.takedown.selectors import WorkRow
from lindung.takedown.services.access import item_for
from lindung.takedown.services.items import OpenedItem
from lindung.takedown.state import Event, allowed
from lindung.workspace import times
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_takedown import AddForm, AnswerForm, CheckForm, EndForm, ListFilters, in_zone
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.panels.takedown import REFUSED, STATE_CSS, days_text, state_label
from lindung.workspace.views.report import back_to, show, visible

in_team = staff_page(*INBOX_ROLES)

DONE: dict[str, str | Promise] = {
    "answered": gettext_lazy("Jawaban tersimpan."),
    "checked": gettext_lazy("Pemeriksaan tersimpan."),
    "gone": gettext_lazy("Sudah hilang. Pelapor membacanya di kotaknya."),
    "again": gettext_lazy("Masih ada: hitungannya mulai lagi. Kirim lagi lewat surat baru."),
    "ended": gettext_lazy("Permintaan diakhiri."),
    "renewed": gettext_lazy("Permintaan menunggu dikirim lagi."),
    "discarded": gettext_lazy("Surat dibatalkan. Permintaannya menunggu dikirim lagi."),
}

GROUPS: dict[str, str | Promise] = {
    selectors.REMIND: gettext_lazy("Belum dijawab lebih dari 24 jam"),
    selectors.LOOK: gettext_lazy("Perlu diperiksa ulang"),
    selectors.DECIDE: gettext_lazy("Ditolak atau ditanya"),
    selectors.SEND: gettext_lazy("Perlu dikirim"),
    selectors.WAIT: gettext_lazy("Menunggu"),
    selectors.DONE: gettext_lazy("Selesai"),
}


# --- the list ---------------------------------------------------------------------------------------------------------


@in_team
def worklist(request: HttpRequest) -> HttpResponse:
    """Everything that is on its way, by what must be done; without any address."""
    actor, now = actor_of(request), clock.now()
    form = ListFilters(request.GET)
    chosen = form.chosen()
    addressee = chosen.get("kepada", "")
    group = request.GET.get("lihat", "")
    group = group if group in GROUPS else ""
    rows = selectors.worklist(actor, addressee=addressee, done=group == selectors.DONE, now=now)
    numbers = {code: sum(row.group == code for row in rows) for code in GROUPS}
    numbers[selectors.DONE] = selectors.done_count(actor, addressee)
    shown = [row for row in rows if row.group == group] if group else rows
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "counts": _counts(numbers, group, chosen),
        "filters": form,
        "filtered": bool(chosen or group),
        "group": group,
        "groups": _groups(shown, request, now),
        "days": selectors.days_needed(),
        "may_act": any(rules.may_act(actor, team) for team in actor.team_ids),
    }
    return render(request, "workspace/takedown/list.html", context)


def _counts(numbers: dict[str, int], group: str, chosen: Any) -> list[dict[str, Any]]:
    home, more = reverse("workspace:takedown"), {name: value for name, value in chosen.items()}
    return [
        {
            "label": label,
            "number": numbers[code],
            "url": f"{home}?{urlencode({**more, 'lihat': code})}",
            "here": code == group,
            "alarm": code == selectors.REMIND and numbers[code] > 0,
        }
        for code, label in GROUPS.items()
    ]


def _groups(rows: list[WorkRow], request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """The rows by group; what waits to be sent is laid out by the letter on which it can stand."""
    found = []
    for code, label in GROUPS.items():
        own = [row for row in rows if row.group == code]
        if not own:
            continue
        if code != selectors.SEND:
            found.append({"code": code, "label": label, "rows": [_line(row, now) for row in own], "number": len(own)})
            continue
        letters: dict[tuple[str, ...], list[WorkRow]] = {}
        for row in own:
            letters.setdefault((*selectors.group_key(row.item), str(row.notice_id or "")), []).append(row)
        groups = [_letter(some, request, now) for some in letters.values()]
        found.append({"code": code, "label": label, "letters": groups, "number": len(own)})
    return found


def _letter(rows: list[WorkRow], request: HttpRequest, now: datetime) -> dict[str, Any]:
    item = rows[0].item
    return {
        "to": addressee_label(item.addressee, item.platform),
        "team": item.report.team.name,
        "notice": reverse("workspace:takedown_notice", args=[rows[0].notice_id]) if rows[0].notice_id else "",
        "rows": [_line(row, now) for row in rows],
        "may_act": rules.may_act(actor_of(request), item.report.team_id),
    }


def _line(row: WorkRow, now: datetime) -> dict[str, Any]:
    item, report = row.item, row.item.report
    due = times.deadline(row.due, now, report.tz) if row.due and row.group != selectors.LOOK else None
    return {
        "id": item.pk,
        "url": reverse("workspace:takedown_item", args=[item.pk]),
        "reference": item.reference,
        "report": report.reference,
        "report_url": reverse("workspace:report", args=[report.pk]),
        "kind": item.get_kind_display(),
        "to": addressee_label(item.addressee, item.platform),
        "state": state_label(item.state, item.round),
        "css": STATE_CSS.get(row.group, ""),
        "days": days_text(row.days) if item.state == State.CHECKING else "",
        "due": due,
        "changed": times.ago(item.changed_at, now),
    }


def addressee_label(addressee: str, platform: str) -> str:
    """Who is asked, with the name of the platform: "Platform: Instagram"."""
    label = str(Addressee(addressee).label)
    if addressee != Addressee.PLATFORM:
        return label
    return f"{label}: {reports.platform_label(platform)}"


# --- adding from the page of a report ---------------------------------------------------------------------------------


@in_team
def add(request: HttpRequest, report_id: UUID) -> HttpResponse:
    """Hand addresses of a report to somebody. What is wrong comes back in the panel."""
    visible(request, report_id)
    if request.method != "POST":
        return back_to(report_id, anchor="hapus")
    actor, keyring = actor_of(request), keyring_of(request)
    report = reports.visible_to(actor).get(pk=report_id)
    if not rules.may_act(actor, report.team_id):
        raise NotAllowed
    opened = reporting.open_report(actor, keyring, report_id)
    rows = selectors.of_report(opened.report, opened.rest, clock.now())
    known = {addresses.same(row.item.kind, row.address) for row in rows}
    left = [text for text in addresses.offered(opened.answers) if addresses.same(Kind.URL, text) not in known]
    form = AddForm(request.POST, offered=left)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.add(
                actor, keyring, report_id, entries=form.wanted(), addressees=data["addressees"],
                bases=data["bases"], platform=data["platform"],
            )  # fmt: skip
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return back_to(report_id, "takedown", "hapus")
    setattr(request, REFUSED, form)
    problems = [
        {"anchor": form[name].auto_id if name in form.fields else "hapus", "text": str(error)}
        for name, errors in form.errors.items()
        for error in errors
    ]
    return show(request, report_id, problems=problems, status=422)


# --- one request ------------------------------------------------------------------------------------------------------


@in_team
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One request: the address as text, where it stands, what happened, and what can be done."""
    return _show(request, item_id)


def _show(request: HttpRequest, item_id: UUID, refused: StaffForm | None = None, status: int = 200) -> HttpResponse:
    opened = services.open_item(actor_of(request), keyring_of(request), item_id)
    found, now = opened.item, clock.now()
    report = found.report
    may_act = rules.may_act(actor_of(request), report.team_id)
    seen = {"version": found.version}
    forms: dict[str, StaffForm] = {form.name: form(initial=seen) for form in (AnswerForm, CheckForm, EndForm)}
    if refused is not None:
        forms[refused.name] = refused
    context = {
        "done_text": DONE.get(request.GET.get("ok", "")),
        "item": found,
        "address": addresses.defanged(opened.address) if found.kind == Kind.URL else opened.address,
        "kind": found.get_kind_display(),
        "to": addressee_label(found.addressee, found.platform),
        "state": state_label(found.state, found.round),
        "css": STATE_CSS.get(selectors.group_of(found, now), ""),
        "reason": found.get_end_reason_display() if found.end_reason else "",
        "basis": knowledge.bases()[found.basis].label if found.basis in knowledge.bases() else found.basis,
        "days": days_text(opened.not_there_days) if opened.not_there_days else "",
        "report": report.reference,
        "report_url": reverse("workspace:report", args=[report.pk]),
        "notice_url": reverse("workspace:takedown_notice", args=[opened.waits_on]) if opened.waits_on else "",
        "history": _history(opened),
        "forms": forms,
        "refused": refused.name if refused else "",
        "may_answer": may_act and allowed(found.state, Event.ANSWER_REMOVED),
        "may_check": may_act and allowed(found.state, Event.THERE),
        "may_end": may_act and allowed(found.state, Event.WITHDRAW),
        "may_renew": may_act and allowed(found.state, Event.RENEW),
        "needed": selectors.days_needed(),
    }
    return render(request, "workspace/takedown/item.html", context, status=status)


def _history(opened: OpenedItem) -> list[dict[str, Any]]:
    """What happened, newest first."""
    tz = opened.item.report.tz
    lines: list[tuple[datetime, dict[str, Any]]] = []
    lines.append((opened.item.created_at, {"title": _("Dicatat")}))
    for sending in opened.sendings:
        url = reverse("workspace:takedown_notice", args=[sending.notice_id]) if sending.notice_id else ""
        said = _("Surat %(number)s terkirim") % {"number": sending.notice_reference}
        lines.append((sending.at, {"title": said, "url": url, "text": sending.reference}))
    for answer in opened.answers:
        said = f"{_('Jawaban')}: {State(answer.code).label}"
        lines.append((answer.at, {"title": said, "who": answer.by, "text": answer.words}))
    lines += [(row.at, _checked(row, who)) for row, who in opened.checks]
    lines.sort(key=lambda line: line[0], reverse=True)
    return [{**line, "at": times.local(at, tz)} for at, line in lines]


def _checked(row: Check, who: str) -> dict[str, Any]:
    said = f"{_('Diperiksa')}: {row.get_result_display()}"
    return {"title": said, "who": who, "code": row.get_method_display()}


def _take(
    request: HttpRequest, item_id: UUID, form_class: type[StaffForm], write: Callable[[dict[str, Any]], Item]
) -> Item | HttpResponse:
    """Take one form of a request: what is wrong comes back beside its field. Whoever may not act finds nothing here."""
    there = item_for(actor_of(request), item_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:takedown_item", args=[item_id]))
    form = form_class(request.POST)
    if form.is_valid():
        data = dict(form.cleaned_data)
        if "at" in data:
            data["at"] = in_zone(data["at"], there.report.tz)
        try:
            return write(data)
        except BadInput as error:
            form.problem(error.field, error.message)
    return _show(request, item_id, form, 422)


def _back(item_id: UUID, done: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("workspace:takedown_item", args=[item_id]) + f"?ok={done}")


@in_team
def answer(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Record what the addressee answered."""

    def write(data: dict[str, Any]) -> Item:
        return services.answer(actor_of(request), keyring_of(request), item_id, data.pop("code"), **data)

    taken = _take(request, item_id, AnswerForm, write)
    return taken if isinstance(taken, HttpResponse) else _back(item_id, "answered")


@in_team
def check(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Record that somebody looked again, without opening anything."""

    def write(data: dict[str, Any]) -> Item:
        return services.check(actor_of(request), item_id, data.pop("method"), data.pop("result"), **data)

    taken = _take(request, item_id, CheckForm, write)
    if isinstance(taken, HttpResponse):
        return taken
    done = {State.GONE: "gone", State.DRAFT: "again"}.get(State(taken.state), "checked")
    return _back(item_id, done)


@in_team
def end(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """End a request without an outcome."""

    def write(data: dict[str, Any]) -> Item:
        return services.end(actor_of(request), item_id, data["event"], data["reason"], version=data["version"])

    taken = _take(request, item_id, EndForm, write)
    return taken if isinstance(taken, HttpResponse) else _back(item_id, "ended")


@in_team
def renew(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Ask again."""
    item_for(actor_of(request), item_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:takedown_item", args=[item_id]))
    version = request.POST.get("version", "")
    services.renew(actor_of(request), item_id, version=int(version) if version.isdigit() else None)
    return _back(item_id, "renewed")
