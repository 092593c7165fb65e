"""The rights of the child in a case: whose yes is asked and why, what two people decided, what may not be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.casework import rules
from lindung.casework.knowledge import rights as knowledge
from lindung.casework.models import PersonRole, Standing
from lindung.casework.models_rights import Answer, Consent, Decision, DecisionState, Giver, Outgoing
from lindung.casework.opened import OpenedCase, PersonView
from lindung.casework.services import barring, consents, decisions, lifting
from lindung.core.worktime import local_day
from lindung.workspace import forms_case_rights as forms
from lindung.workspace.casepage import CASE_ROLES, CasePage, Taking, frame, problems, said, take
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page
from lindung.workspace.forms import StaffForm

DONE: dict[str, str | Promise] = {
    "consent": gettext_lazy("Jawabannya tercatat."),
    "withdrawn": gettext_lazy("Izin ini tidak berlaku lagi. Rujukan yang memakainya berhenti berbagi."),
    "maturity": gettext_lazy("Penilaian tersimpan, dengan alasannya."),
    "barred": gettext_lazy("Sejak sekarang dijaga: tidak ada yang keluar dengan itu."),
    "lifted": gettext_lazy("Tidak dijaga lagi."),
    "decision": gettext_lazy("Rancangan tersimpan. Belum berlaku sebelum dua orang menandatangani."),
    "signed": gettext_lazy("Tanda tanganmu tercatat. Satu orang lain masih perlu menandatangani."),
    "in_force": gettext_lazy("Dua orang sudah menandatangani. Keputusan ini berlaku."),
    "dropped": gettext_lazy("Rancangan itu tidak dipakai. Tetap bisa dibaca."),
    "letter": gettext_lazy("Surat dibuat dan tercatat. Sistem tidak mengirimnya."),
}

STATE_CSS = {DecisionState.DRAFT: "medium", DecisionState.SIGNED: "low"}
TAB, HERE = "workspace:case_rights", "rights"
GIVERS: dict[str, str | Promise] = {
    "child": gettext_lazy("anak"),
    "guardian": gettext_lazy("wali yang aman"),
    "official": gettext_lazy("lembaga yang berwenang"),
}
SITUATIONS: dict[str, str | Promise] = {
    "safe": gettext_lazy("Wali aman"),
    "implicated": gettext_lazy("Wali diduga terlibat"),
    "unknown": gettext_lazy("Wali belum dinilai"),
    "absent": gettext_lazy("Tidak ada wali"),
}

in_team = staff_page(*CASE_ROLES)


@in_team
def rights(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Consent, decisions, the list of what may not be told, letters."""
    return show(request, case_id, {})


def show(request: HttpRequest, case_id: UUID, refused: Mapping[str, StaffForm], *, status: int = 200) -> HttpResponse:
    """Draw the tab; `refused` are forms that come back with what was typed."""
    page = frame(request, case_id)
    view = consents.overview(page.opened)
    context = {
        "done_text": said(request, DONE),
        "problems": problems(refused),
        "cell": view.cell,
        "child_says": _child_says(page, view),
        "situation": SITUATIONS[view.situation],
        "ground": knowledge.grounds()[view.cell.ground],
        "never": [named(person) for person in page.opened.people if _is_never_told(page, person)],
        "matures": _matures(view) or view.child.band == "unknown",
        "scopes": [_scope(code, finding) for code, finding in view.findings.items()],
        "answers": _answers(page),
        "matrix": _matrix(view),
        "decisions": [_decision(page, row) for row in _decisions(page)],
        "asked": [knowledge.questions()[code] for code in decisions.required(page.case)],
        "kept": [_kept(page, entry) for entry in barring.kept(page.case, sealed=page.opened.rest, lifted=True)],
        "letters": [_letter(page, row) for row in _letters(page)],
        "may_change": page.may_work,
        "may_withdraw": rules.may_work(page.actor, page.facts),  # in a closed case too
        "forms": _forms(page, refused),
        "open_form": next(iter(refused), ""),
    }
    return render_case(page, "workspace/cases/rights.html", context, here=HERE, status=status)


def _forms(page: CasePage, refused: Mapping[str, StaffForm]) -> dict[str, StaffForm]:
    today = local_day(page.now, page.tz)
    judged = page.opened.words(consents.MATURITY_FIELD)
    maturity = {"judged": judged.get("judged", ""), "version": judged.get("version", 0)}
    for name, people in (("consent", _askable(page.opened)), ("bar", _around(page.opened))):
        if name in refused:
            refused[name].fields["person"].choices = [forms.NOBODY, *people]  # type: ignore[attr-defined]
    return {
        "consent": forms.ConsentForm(guardians=_askable(page.opened), initial={"asked_on": today}),
        "maturity": forms.MaturityForm(initial=maturity),
        "bar": forms.BarForm(people=_around(page.opened)),
        "withdraw": forms.WithdrawForm(),
        "lift": forms.LiftForm(),
        **refused,
    }


def _askable(opened: OpenedCase) -> list[tuple[str, str]]:
    """The guardians who may be asked: the form offers nobody else."""
    safe = [p for p in opened.people if p.role == PersonRole.GUARDIAN and p.standing == Standing.SAFE]
    return [(str(person.id), named(person)) for person in safe if not person.removed_at]


def _around(opened: OpenedCase) -> list[tuple[str, str]]:
    return [(str(person.id), named(person)) for person in opened.people if not person.removed_at]


def named(person: PersonView) -> str:
    """A person by name and what they are to the child."""
    role = str(PersonRole(person.role).label)
    return f"{person.name} ({role})" if person.name else role


def _is_never_told(page: CasePage, person: PersonView) -> bool:
    return person.is_implicated and not person.removed_at


def _child_says(page: CasePage, view: consents.Overview) -> list[str]:
    """The facts that lead to the cell, in words."""
    judged = page.opened.words(consents.MATURITY_FIELD)
    found = [str(knowledge.bands().get(view.child.band, knowledge.bands()["unknown"]).label)]
    if _matures(view):
        found.append(knowledge.maturity()[str(judged.get("judged") or "unknown")].label)
    return found


def _matures(view: consents.Overview) -> bool:
    band = knowledge.bands().get(view.child.band)
    return bool(band and band.matures)


def _scope(code: str, finding: Any) -> dict[str, Any]:
    scope, basis = knowledge.scopes()[code], finding.basis
    return {
        "label": scope.label,
        "ask": scope.ask.label,
        "allowed": basis is not None,
        "by_decision": basis is not None and basis.decision_id is not None,
        "missing": [knowledge.missing()[one].label for one in finding.missing if one in knowledge.missing()],
        "stopped": any(one.endswith("_no") for one in finding.missing),
    }


def _answers(page: CasePage) -> list[dict[str, Any]]:
    """What people answered, the newest first; several purposes that were asked about at once stand together."""
    rows = Consent.objects.filter(case=page.case).select_related("recorded_by").order_by("-recorded_at", "-id")
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        together = (row.giver, row.person_id, row.answer, row.asked_on, row.recorded_by_id, page.at(row.recorded_at))
        words = page.opened.words(row.field)
        if together not in found:
            found[together] = _answer(page, row, words)
        scope = knowledge.scopes().get(row.scope)
        found[together]["scopes"].append(
            {
                "id": row.pk,
                "label": scope.label if scope else row.scope,
                "open": row.answer == Answer.GIVEN and row.withdrawn_at is None,
                "withdrawn": page.at(row.withdrawn_at) if row.withdrawn_at else "",
                "words": str(words.get("withdrawn") or ""),
            }
        )
    return list(found.values())


def _answer(page: CasePage, row: Consent, words: Mapping[str, Any]) -> dict[str, Any]:
    person = next((one for one in page.opened.people if one.id == row.person_id), None)
    return {
        "who": named(person) if person else str(words.get("official") or ""),
        "giver": row.get_giver_display(),
        "answer": row.get_answer_display(),
        "on": row.asked_on,
        "by": row.recorded_by.display_name,
        "words": str(words.get("words") or ""),
        "how": str(words.get("how") or ""),
        "scopes": [],
    }


def _matrix(view: consents.Overview) -> dict[str, Any]:
    """The whole matrix of the reading that holds here; the present cell is marked."""
    reading = consents.reading()
    rows = []
    for row in knowledge.table_rows():
        band = knowledge.bands()[row.rstrip(knowledge.MATURE)]
        mature = row.endswith(knowledge.MATURE)
        label = _("%(band)s, sudah paham") % {"band": band.label} if mature else band.label
        here = view.child.band == band.code and mature == (band.matures and bool(view.child.mature))
        cells = [
            {
                "text": _short(knowledge.matrix()[reading, guardian, row]),
                "here": here and guardian == view.situation,
                "name": SITUATIONS[guardian],
            }
            for guardian in knowledge.GUARDIANS
        ]
        rows.append({"label": label, "cells": cells})
    heads = [SITUATIONS[guardian] for guardian in knowledge.GUARDIANS]
    return {"rows": rows, "heads": heads, "reading": knowledge.readings()[reading].label}


def _short(outcome: knowledge.Outcome) -> str:
    text = " + ".join(str(GIVERS[giver]) for giver in outcome.needs)
    if outcome.assent == "sought":
        text = _("%(who)s; anak ditanya") % {"who": text}
    return _("%(who)s; keputusan dua orang") % {"who": text} if outcome.also else text


# --- decisions, the list, letters -------------------------------------------------------------------------------------


def _decisions(page: CasePage) -> list[Decision]:
    rows = Decision.objects.filter(case=page.case).select_related("first_signed_by", "second_signed_by", "written_by")
    return list(rows.order_by("-written_at", "-id"))


def _decision(page: CasePage, row: Decision) -> dict[str, Any]:
    question, scope = knowledge.questions().get(row.question), knowledge.scopes().get(row.scope)
    over = row.state == DecisionState.SIGNED and row.review_on < local_day(page.now, page.tz)
    waits = row.state == DecisionState.DRAFT and row.first_signed_by_id is not None
    return {
        "id": row.pk,
        "label": question.label if question else row.question,
        "scope": scope.label if scope else "",
        "state": _("Lewat tanggal tinjauan")
        if over
        else _("Menunggu orang kedua")
        if waits
        else row.get_state_display(),
        "css": "high" if over else STATE_CSS.get(DecisionState(row.state), "outline"),
        "choice": knowledge.choices()[row.choice].label if row.choice else "",
        "review_on": row.review_on,
    }


def _kept(page: CasePage, entry: barring.Kept) -> dict[str, Any]:
    row = entry.row
    person = next((one for one in page.opened.people if one.id == row.person_id), None)
    section = knowledge.sections().get(row.section)
    return {
        "id": row.pk,
        "kind": row.get_kind_display(),
        "what": entry.what,
        "person": named(person) if person else "",
        "section": section.label if section else "",
        "words": entry.words,
        "keep": entry.keep,
        "by": row.added_by.display_name,
        "at": page.at(row.added_at),
        "present": entry.present,
        "lifted": page.at(row.lifted_at) if row.lifted_at else "",
        "lifted_by": row.lifted_by.display_name if row.lifted_by else "",
        "why": str(page.opened.words(row.field).get("lifted") or ""),
        "mine": row.added_by_id == page.actor.user_id,
    }


def _letters(page: CasePage) -> list[Outgoing]:
    kinds = list(knowledge.letters())
    rows = Outgoing.objects.filter(case=page.case, kind__in=kinds).select_related("organisation", "by")
    return list(rows.order_by("-at", "-id"))


def _letter(page: CasePage, row: Outgoing) -> dict[str, Any]:
    person = next((one for one in page.opened.people if one.id == row.recipient_id), None)
    return {
        "id": row.pk,
        "label": knowledge.letters()[row.kind].label,
        "to": named(person) if person else row.organisation.name if row.organisation else "",
        "at": page.at(row.at),
        "by": row.by.display_name,
    }


# --- writing ----------------------------------------------------------------------------------------------------------


@in_team
def consent(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Record what somebody answered."""

    def write(data: dict[str, Any]) -> None:
        words = {name: data[name] for name in ("how", "words", "official")}
        entry = consents.ConsentInput(
            data["giver"], data["answer"], tuple(data["scopes"]), data["asked_on"],
            person_id=UUID(data["person"]) if data["person"] and data["giver"] == Giver.GUARDIAN else None,
            words=words,
        )  # fmt: skip
        consents.record(actor_of(request), keyring_of(request), case_id, entry)

    args = {"guardians": _sent_person(request)}
    taking = Taking(forms.ConsentForm, show, TAB, "consent", anchor="izin", form_args=args)
    return take(request, case_id, "consent", taking, write)


def _sent_person(request: HttpRequest) -> list[tuple[str, str]]:
    """The person that a form came in with: whether they may be chosen the service decides, with the case before it."""
    sent = request.POST.get("person", "")
    try:
        UUID(sent)
    except ValueError:
        return []
    return [(sent, sent)]


@in_team
def withdraw(request: HttpRequest, case_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take a yes back."""

    def write(data: dict[str, Any]) -> None:
        consents.withdraw(actor_of(request), keyring_of(request), case_id, consent_id, data["words"])

    taking = Taking(forms.WithdrawForm, show, TAB, "withdrawn", anchor="jawaban")
    return take(request, case_id, "withdraw", taking, write)


@in_team
def maturity(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say whether the child understands."""

    def write(data: dict[str, Any]) -> None:
        consents.judge_maturity(
            actor_of(request), keyring_of(request), case_id, data["judged"], data["why"], data["version"]
        )

    def version(page: CasePage) -> int:
        return int(page.opened.words(consents.MATURITY_FIELD).get("version", 0))

    def theirs(page: CasePage) -> list[tuple[str, str]]:
        words = page.opened.words(consents.MATURITY_FIELD)
        return [(knowledge.maturity()[str(words.get("judged") or "unknown")].label, str(words.get("why", "")))]

    taking = Taking(forms.MaturityForm, show, TAB, "maturity", anchor="izin", theirs=theirs, version=version)
    return take(request, case_id, "maturity", taking, write)


@in_team
def bar(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Put somebody or something on the list."""

    def write(data: dict[str, Any]) -> None:
        entry = barring.BarInput(
            data["kind"], data["what"], words=data["words"].splitlines(), keep=data["keep"], section=data["section"],
            person_id=UUID(data["person"]) if data["person"] else None,
        )  # fmt: skip
        barring.bar(actor_of(request), keyring_of(request), case_id, entry)

    args = {"people": _sent_person(request)}
    taking = Taking(forms.BarForm, show, TAB, "barred", anchor="jangan", form_args=args)
    return take(request, case_id, "bar", taking, write)


@in_team
def lift(request: HttpRequest, case_id: UUID, barred_id: UUID) -> HttpResponse:
    """Take an entry off the list: another person than the one who wrote it."""

    def write(data: dict[str, Any]) -> None:
        actor, keyring = actor_of(request), keyring_of(request)
        lifting.lift(actor, keyring, case_id, barred_id, data["why"], agreed=data["agreed"])

    return take(request, case_id, "lift", Taking(forms.LiftForm, show, TAB, "lifted", anchor="jangan"), write)
