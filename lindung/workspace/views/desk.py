"""Canned answers: the list, one answer with its history, writing, and the second person's yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import User
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.desk import casefree, knowledge, rules, selectors, services
from lindung.desk.models import CannedAnswer, CannedVersion
from lindung.desk.services import AnswerInput
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_desk import CannedForm
from lindung.workspace.menu import INBOX_ROLES
from lindung.workspace.wordhints import Measured, Note, measure, noted

DONE: dict[str, str | Promise] = {
    "proposed": _("Usulan tersimpan. Orang kedua menyetujuinya sebelum bisa dipakai."),
    "approved": _("Disetujui. Mulai sekarang jawaban ini bisa dipilih."),
    "rejected": _("Usulan dikembalikan. Versi sebelumnya tetap dipakai, kalau ada."),
    "retired": _("Jawaban ini tidak ditawarkan lagi. Pesan lama tidak berubah."),
    "restored": _("Jawaban ini ditawarkan lagi."),
    "starters": _("Contoh diambil sebagai usulan. Baca, ubah seperlunya, lalu minta orang kedua menyetujui."),
}
DOUBTS: dict[str, str | Promise] = {
    casefree.DATE: _("Ada tanggal. Kalau itu dari satu kasus, hapus."),
    casefree.SUM: _("Ada jumlah uang. Kalau itu dari satu kasus, hapus."),
    casefree.NAME: _("Mungkin ada nama orang, sekolah, atau tempat. Kalau itu dari satu kasus, hapus."),
}
_BACK = "workspace:canned"


@dataclass(frozen=True)
class Language:
    """One language of a version as its page shows it."""

    code: str
    title: str
    text: str
    reading: Measured | None
    notes: list[Note]
    doubts: list[str | Promise]


@staff_page(*INBOX_ROLES)
def canned(request: HttpRequest) -> HttpResponse:
    """All answers of the organisation and of one's own teams, those that wait for a second person first."""
    actor, language = actor_of(request), get_language() or "id"
    answers = selectors.visible_to(actor).select_related("team")
    rows = [
        {
            "url": reverse("workspace:canned_answer", args=[entry.answer.pk]),
            "title": entry.newest.title(language),
            "topic": _topic(entry.newest.topic),
            "owner": entry.answer.team.name if entry.answer.team else "",
            "retired": entry.answer.retired,
            "offered": entry.offered.number if entry.offered else 0,
            "waiting": entry.waiting.number if entry.waiting else 0,
            "mine": entry.waiting is not None and entry.waiting.author_id == actor.user_id,
        }
        for entry in selectors.entries(answers)
    ]
    rows.sort(key=lambda row: (row["retired"], not row["waiting"]))
    taken = {answer.starter for answer in answers}
    left = [starter for starter in knowledge.starters().values() if starter.code not in taken]
    context = {
        "rows": rows,
        "starters": [{"code": s.code, "title": s.title, "topic": _topic(s.topic), "text": s.text} for s in left],
        "may_edit": actor.has_role(*rules.EDITORS),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/desk/canned.html", context)


@staff_page(*INBOX_ROLES)
def answer(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """One answer: what is offered, what waits, and every earlier version."""
    found = _found(request, answer_id)
    actor, language = actor_of(request), get_language() or "id"
    versions = list(found.versions.select_related("author", "decided_by"))
    waiting = next((v for v in versions if v.state == CannedVersion.State.PROPOSED), None)
    offered = next((v for v in versions if v.state == CannedVersion.State.APPROVED), None)
    edits = rules.may_edit(actor, found.organisation_id, found.team_id)
    decides = waiting is not None and rules.may_decide(actor, found.organisation_id, found.team_id, waiting.author_id)
    context = {
        "answer": found,
        "title": versions[0].title(language),
        "topic": _topic(versions[0].topic),
        "owner": found.team.name if found.team else "",
        "offered": _shown(offered) if offered else None,
        "waiting": _shown(waiting) if waiting else None,
        "older": [_shown(v) for v in versions if v not in (offered, waiting)],
        "may_edit": edits,
        "may_decide": decides,
        "may_retire": edits and (offered is not None or found.retired),
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/desk/answer.html", context)


@staff_page(*INBOX_ROLES)
def add(request: HttpRequest) -> HttpResponse:
    """Write a new answer."""
    actor = actor_of(request)
    if not actor.has_role(*rules.EDITORS):
        raise NotAllowed
    teams = [(str(team.pk), team.name) for team in selectors.teams_to_edit(actor)]
    if request.method != "POST" or "periksa" in request.POST:
        return _form(request, _typed(request, teams), None)
    form = CannedForm(request.POST, teams=teams)
    if form.is_valid():
        team = form.cleaned_data.get("team")
        try:
            made = services.propose_answer(actor, _input(form), UUID(team) if team else None)
        except BadInput as error:
            form.problem(error.field, error.message)
        else:
            return _to(made.pk, "proposed")
    return _form(request, form, None, status=422)


@staff_page(*INBOX_ROLES)
def change(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """Write the next version of an answer; what is offered stays until it is approved."""
    found = _found(request, answer_id)
    if not rules.may_edit(actor_of(request), found.organisation_id, found.team_id):
        raise NotAllowed
    if request.method == "POST" and "periksa" in request.POST:
        return _form(request, _typed(request, []), found)
    newest = found.versions.first()
    if newest is None:
        raise NotFound
    if request.method != "POST":
        return _form(request, CannedForm(initial={**_values(newest), "version": newest.number}), found)
    form = CannedForm(request.POST)
    if form.is_valid():
        try:
            services.change_answer(actor_of(request), found.pk, _input(form), form.cleaned_data["version"] or 0)
        except BadInput as error:
            form.problem(error.field, error.message)
        except Conflict:
            return _form(request, _seen_again(request, newest), found, newer=newest, status=409)
        else:
            return _to(found.pk, "proposed")
    return _form(request, form, found, status=422)


@staff_page(*INBOX_ROLES)
def decide(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """The second person says yes, or sends the proposal back."""
    found = _found(request, answer_id)
    if request.method != "POST":
        return _to(found.pk)
    approve, number = request.POST.get("keputusan") == "approve", request.POST.get("version", "")
    if not number.isdecimal() or len(number) > 8:
        raise NotFound
    services.decide_answer(actor_of(request), found.pk, int(number), approve=approve)
    return _to(found.pk, "approved" if approve else "rejected")


@staff_page(*INBOX_ROLES)
def retire(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """Offer an answer no longer, or again."""
    found = _found(request, answer_id)
    if request.method != "POST":
        return _to(found.pk)
    again = request.POST.get("lagi") == "1"
    services.retire_answer(actor_of(request), found.pk, retired=not again)
    return _to(found.pk, "restored" if again else "retired")


@staff_page(*INBOX_ROLES)
def starters(request: HttpRequest) -> HttpResponse:
    """Take starter answers over, as proposals of the person who does it."""
    if not actor_of(request).has_role(*rules.EDITORS):
        raise NotAllowed
    if request.method != "POST":
        return HttpResponseRedirect(reverse(_BACK))
    services.take_over_starters(actor_of(request), request.POST.getlist("contoh"))
    return HttpResponseRedirect(reverse(_BACK) + "?ok=starters")


@staff_page(*INBOX_ROLES)
def text(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """The text that is offered, in both languages, for the script that puts it into the box."""
    found = _found(request, answer_id)
    row = next((v for v in selectors.offered(actor_of(request)) if v.answer_id == found.pk), None)
    if row is None:
        raise NotFound
    return JsonResponse({"code": selectors.code_of(row), "id": row.text_id, "en": row.text_en})


def _found(request: HttpRequest, answer_id: UUID) -> CannedAnswer:
    found = selectors.visible_to(actor_of(request)).select_related("team").filter(pk=answer_id).first()
    if found is None:
        raise NotFound
    return found


def _to(answer_id: UUID, done: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("workspace:canned_answer", args=[answer_id]) + (f"?ok={done}" if done else ""))


def _topic(code: str) -> str:
    return knowledge.topics()[code].label if code in knowledge.topics() else code


def _input(form: CannedForm) -> AnswerInput:
    names = ("topic", "title_id", "title_en", "text_id", "text_en")
    return AnswerInput(**{name: form.cleaned_data[name] for name in names})


def _values(version: CannedVersion) -> dict[str, Any]:
    names = ("topic", "title_id", "title_en", "text_id", "text_en")
    return {name: getattr(version, name) for name in names}


def _typed(request: HttpRequest, teams: list[tuple[str, str]]) -> CannedForm:
    if request.method != "POST":
        return CannedForm(teams=teams, initial={"version": 0})
    typed = CannedForm.as_typed(request.POST)
    form = CannedForm(teams=teams, initial={**typed.initial, "team": request.POST.get("team", "")})
    form.looked = True
    return form


def _seen_again(request: HttpRequest, newest: CannedVersion) -> CannedForm:
    """What was typed, ready to be sent over the newer version once both were read."""
    data = request.POST.copy()
    data["version"] = str(newest.number)
    again = CannedForm(data)
    again.is_valid()
    return again


def _form(
    request: HttpRequest,
    form: CannedForm,
    found: CannedAnswer | None,
    *,
    newer: CannedVersion | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "answer": found,
        "newer": _shown(newer) if newer else None,
        "action": request.path,
        "addresses": knowledge.public_addresses(),
    }
    return render(request, "workspace/desk/write.html", context, status=status)


def _shown(version: CannedVersion) -> dict[str, Any]:
    """A version with how it reads, who wrote it and who decided."""
    zone = "Asia/Jakarta"
    return {
        "number": version.number,
        "state": version.get_state_display(),
        "approved": version.state == CannedVersion.State.APPROVED,
        "author": version.author.display_name,
        "at": times.local(version.at, zone, year=True),
        "decided_by": version.decided_by.display_name if isinstance(version.decided_by, User) else "",
        "decided_at": times.local(version.decided_at, zone, year=True) if version.decided_at else "",
        "languages": [_language(version, code) for code in ("id", "en")],
    }


def _language(version: CannedVersion, code: str) -> Language:
    body = version.text(code)
    doubts = [DOUBTS[doubt] for doubt in casefree.doubtful(f"{version.title(code)}\n{body}")]
    return Language(code, version.title(code), body, measure(body, code), noted(body), doubts)
