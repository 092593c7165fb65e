"""Best-interests decisions: writing one, reading it on a page of its own, the two signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework.errors import NotYet
from lindung.casework.knowledge import rights as knowledge
from lindung.casework.models_rights import Decision, DecisionState
from lindung.casework.services import decisions
from lindung.core.errors import BadInput, NotFound
from lindung.core.worktime import local_day
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CasePage, back_to, frame, said, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of
from lindung.workspace.forms_case_rights import DecisionForm
from lindung.workspace.views.case_rights import DONE, HERE, TAB, in_team

OBSTACLES: dict[str, str | Promise] = {
    "choice": _("Pilih dulu apa yang diputuskan."),
    "review_on": _("Tanggal tinjauannya sudah lewat. Pilih tanggal baru."),
}
LEDE = _("Satu pertanyaan, beberapa pilihan, suara anak lebih dulu. Dua orang menandatangani teks yang sama.")


@in_team
def begin(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Begin a decision. `tentang` in the address chooses the question, `ganti` the one that it replaces."""
    wanted = request.GET.get("tentang", "")
    replaces = _replaced(request, case_id)

    def write(page: CasePage, form: DecisionForm) -> None:
        decisions.draft(page.actor, keyring_of(request), case_id, _entry(form), replaces=replaces)

    def first(page: CasePage) -> dict[str, Any]:
        if replaces is not None:
            return _of_form(page, _row(case_id, replaces))
        question = wanted if wanted in knowledge.questions() else ""
        latest = decisions.longest_review(question or "leaves_home", local_day(page.now, page.tz))
        return {"question": question, "review_on": latest}

    return edit(
        request, case_id,
        Edit(
            title=_("Keputusan kepentingan terbaik"), lede=LEDE, form=DecisionForm, write=write, tab=TAB, here=HERE,
            done="decision", anchor="keputusan", initial=first, rename=_RENAME, button=_("Simpan rancangan"),
        ),
    )  # fmt: skip


_RENAME = {code: f"part_{code}" for code in knowledge.parts() if code != "question"}


def _replaced(request: HttpRequest, case_id: UUID) -> UUID | None:
    """The decision in force that a new one begins with, named in the address."""
    text = request.GET.get("ganti", "")
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    visible(request, case_id)
    if not Decision.objects.filter(pk=wanted, case=case_id, state=DecisionState.SIGNED).exists():
        raise NotFound
    return wanted


@in_team
def change(request: HttpRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """Write a draft anew; a signature that it bears is void then."""
    visible(request, case_id)
    if _row(case_id, decision_id).state != DecisionState.DRAFT:
        return redirect("workspace:case_decision", case_id, decision_id)

    def write(page: CasePage, form: DecisionForm) -> None:
        version = form.cleaned_data["version"] or 0
        decisions.change(page.actor, keyring_of(request), case_id, decision_id, _entry(form), version)

    return edit(
        request, case_id,
        Edit(
            title=_("Ubah rancangan keputusan"), form=DecisionForm, write=write, tab=TAB, here=HERE, done="decision",
            anchor="keputusan", rename=_RENAME, initial=lambda page: _of_form(page, _row(case_id, decision_id)),
            version=lambda page: _row(case_id, decision_id).version,
            lede=_("Kalau ada yang berubah, tanda tangan pertama batal: keduanya menandatangani teks yang sama."),
        ),
    )  # fmt: skip


def _entry(form: DecisionForm) -> decisions.DecisionInput:
    data = form.cleaned_data
    return decisions.DecisionInput(
        data["question"], data["review_on"], choice=data["choice"], scope=data["scope"], words=form.words()
    )


def _row(case_id: UUID, decision_id: UUID) -> Decision:
    rows = Decision.objects.select_related("written_by", "first_signed_by", "second_signed_by")
    row = rows.filter(pk=decision_id, case=case_id).first()
    if row is None:
        raise NotFound
    return row


def _words(page: CasePage, row: Decision) -> Mapping[str, str]:
    return dict(page.opened.words(row.field).get("words", {}))


def _of_form(page: CasePage, row: Decision) -> dict[str, Any]:
    """A decision by the names of the form's fields."""
    parts = {f"part_{code}": text for code, text in _words(page, row).items()}
    return {"question": row.question, "scope": row.scope, "choice": row.choice, "review_on": row.review_on, **parts}


@in_team
def decision(request: HttpRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """One decision, to be read, signed and printed."""
    return _page(request, case_id, decision_id)


def _page(
    request: HttpRequest, case_id: UUID, decision_id: UUID, *, wrong: list[str] | None = None, status: int = 200
) -> HttpResponse:
    page = frame(request, case_id)
    row = _row(case_id, decision_id)
    words, today = _words(page, row), local_day(page.now, page.tz)
    question, scope = knowledge.questions().get(row.question), knowledge.scopes().get(row.scope)
    draft = row.state == DecisionState.DRAFT
    signed = page.actor.user_id in (row.first_signed_by_id, row.second_signed_by_id)
    context = {
        "done_text": said(request, DONE),
        "problems": [{"anchor": "tanda-tangan", "text": text} for text in wrong or []],
        "decision": row,
        "question": question,
        "scope": scope.label if scope else "",
        "choice": knowledge.choices()[row.choice].label if row.choice else "",
        "parts": [{"label": part.label, "text": words.get(part.code, "")} for part in knowledge.parts().values()],
        "written": page.at(row.written_at),
        "signatures": _signatures(page, row),
        "draft": draft,
        "over": row.state == DecisionState.SIGNED and row.review_on < today,
        "may_sign": draft and page.may_work and not signed,
        "signed_mine": draft and signed,
        "may_change": draft and page.may_work,
        "replace_url": reverse("workspace:case_decision_new", args=[case_id]) + f"?ganti={row.pk}"
        if row.state == DecisionState.SIGNED and page.may_work
        else "",
    }
    return render_case(page, "workspace/cases/decision.html", context, here=HERE, status=status)


def _signatures(page: CasePage, row: Decision) -> list[dict[str, str]]:
    pairs = ((row.first_signed_by, row.first_signed_at), (row.second_signed_by, row.second_signed_at))
    return [{"who": who.display_name if who else "", "at": page.at(at) if at else ""} for who, at in pairs]


@in_team
def sign(request: HttpRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """Sign what stood on the page."""
    visible(request, case_id)
    _row(case_id, decision_id)
    if request.method != "POST":
        return redirect("workspace:case_decision", case_id, decision_id)
    try:
        row = decisions.sign(
            actor_of(request), keyring_of(request), case_id, decision_id,
            version=_number(request, "version"), sealed_version=_number(request, "teks"),
        )  # fmt: skip
    except NotYet as unfinished:
        return _page(request, case_id, decision_id, wrong=in_words(unfinished), status=422)
    except BadInput as error:
        return _page(request, case_id, decision_id, wrong=[str(error.message)], status=422)
    done = "in_force" if row.state == DecisionState.SIGNED else "signed"
    return redirect(reverse("workspace:case_decision", args=[case_id, decision_id]) + f"?ok={done}")


def in_words(unfinished: NotYet) -> list[str]:
    """What is still missing, each in a sentence."""
    parts = knowledge.parts()
    asked = _("Belum diisi: %(part)s")
    return [
        str(asked % {"part": parts[code].label}) if code in parts else str(OBSTACLES.get(code, unfinished.message))
        for code in unfinished.obstacles
    ]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


@in_team
def drop(request: HttpRequest, case_id: UUID, decision_id: UUID) -> HttpResponse:
    """Put a draft aside."""
    visible(request, case_id)
    if request.method != "POST":
        return redirect("workspace:case_decision", case_id, decision_id)
    decisions.drop(actor_of(request), case_id, decision_id, _number(request, "version"))
    return back_to(TAB, case_id, "dropped", "keputusan")
