"""Who a case is about and who is around the child: the child, people, guardians and their standing, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import services
from lindung.casework.models import PersonRole, PlaceRole, Standing
from lindung.casework.opened import IncidentView, PersonView
from lindung.casework.shapes import ORIGIN
from lindung.core.errors import BadInput, NotFound
from lindung.reporting import selectors as reports
from lindung.workspace import casewords
from lindung.workspace import forms_case_people as forms
from lindung.workspace.caseedit import Edit, edit
from lindung.workspace.casepage import CASE_ROLES, CasePage, back_to, frame, said, visible
from lindung.workspace.casepage import render as render_case
from lindung.workspace.doors import actor_of, keyring_of, staff_page

DONE: dict[str, str | Promise] = {
    "child": _("Keterangan anak tersimpan."),
    "place": _("Tempat tersimpan."),
    "person": _("Orang ini tersimpan."),
    "removed": _("Orang ini tidak lagi terhitung. Catatannya tetap ada."),
    "incident": _("Kejadian tersimpan."),
}

STANDING_CSS = {Standing.SAFE: "low", Standing.IMPLICATED: "high", Standing.UNKNOWN: "medium", Standing.ABSENT: ""}

TAB, HERE = "workspace:case_people", "people"

PARTS: dict[str, tuple[str | Promise, type[forms.VersionForm]]] = {
    "siapa": (_("Siapa anak ini"), forms.WhoForm),
    "hubungi": (_("Menghubungi dengan aman"), forms.ReachForm),
    "kebutuhan": (_("Yang dibutuhkan anak"), forms.NeedsForm),
    "status": (_("Status anak"), forms.StatusForm),
    "kerentanan": (_("Yang membuat lebih rentan"), forms.FactorsForm),
}
"""What is written about the child, a short form each."""

in_team = staff_page(*CASE_ROLES)


@in_team
def people(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The child and everybody around it."""
    page = frame(request, case_id)
    child = page.opened.child
    codes = [code for incident in page.opened.incidents for code in incident.words.get("platforms", ())]
    platforms = reports.platform_labels(codes) if codes else {}
    context = {
        "done_text": said(request, DONE),
        "child": casewords.child(child),
        "parts": [(code, title) for code, (title, _form) in PARTS.items() if code not in {"status", "kerentanan"}],
        "statuses": casewords.statuses(child),
        "factors": casewords.factors(child),
        "places": casewords.four_places(page.opened.places),
        "groups": _groups(page),
        "gone": [_person(page, person) for person in page.opened.people if person.removed_at],
        "incidents": [_incident(page, incident, platforms) for incident in page.opened.incidents],
    }
    return render_case(page, "workspace/cases/people.html", context, here=HERE)


def _groups(page: CasePage) -> list[dict[str, Any]]:
    """The people by what they are to the child, guardians first."""
    found = []
    for role in PersonRole:
        some = [_person(page, one) for one in page.opened.people if one.role == role and not one.removed_at]
        if some:
            found.append({"label": role.label, "code": role.value, "people": some})
    return found


def _person(page: CasePage, person: PersonView) -> dict[str, Any]:
    standing = Standing(person.standing) if person.standing else None
    return {
        "id": person.id,
        "name": person.name,
        "role": PersonRole(person.role).label,
        "standing": standing.label if standing else "",
        "standing_css": STANDING_CSS[standing] if standing else "",
        "also_child": person.also_child,
        "implicated": person.is_implicated,
        "lines": casewords.person(person.words),
        "removed": page.at(person.removed_at) if person.removed_at else "",
    }


def _incident(page: CasePage, incident: IncidentView, platforms: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": incident.incident_id,
        "lines": casewords.incident(incident.words, platforms),
        "added": page.at(incident.added_at),
    }


# --- the child --------------------------------------------------------------------------------------------------------


@in_team
def child(request: HttpRequest, case_id: UUID, part: str) -> HttpResponse:
    """Write one part of what is known of the child; the others stay."""
    if part not in PARTS:
        raise NotFound
    title, form = PARTS[part]
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.VersionForm) -> None:
        version, parts = form.cleaned_data["version"], form.parts()
        if part == "status":
            services.set_statuses(actor, keyring, case_id, parts["statuses"], version=version)
        elif part == "kerentanan":
            services.set_factors(actor, keyring, case_id, parts["factors"], version=version)
        else:
            services.change_child(actor, keyring, case_id, parts, version=version)

    def now(page: CasePage) -> dict[str, Any]:
        return _of_form(form, page.opened.child)

    wanted = Edit(
        title=title, form=form, write=write, tab=TAB, here=HERE, done="child", anchor="anak", initial=now,
        version=_case_version, told=lambda page: frozenset(page.opened.child.get(ORIGIN, {})),
    )  # fmt: skip
    return edit(request, case_id, wanted)


def _of_form(form: type[forms.VersionForm], words: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a sealed value that a form asks for, dates as dates."""
    found = {name: words[name] for name in form().fields if name in words}
    for name in ("born_on", "happened_on"):
        if found.get(name):
            found[name] = date.fromisoformat(found[name])
    return found


def _case_version(page: CasePage) -> int:
    return page.case.version


@in_team
def place(request: HttpRequest, case_id: UUID, role: str) -> HttpResponse:
    """Write one of the four places."""
    if role not in PlaceRole.values:
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.PlaceForm) -> None:
        services.set_place(actor, keyring, case_id, role, form.parts(), version=form.cleaned_data["version"])

    def now(page: CasePage) -> dict[str, Any]:
        words = page.opened.places.get(role, {})
        country = str(words.get("country") or "")
        return {
            "country": "" if country == "ID" else country,
            "place": words.get("regency") or words.get("province") or "",
            "words": words.get("words", ""),
        }

    wanted = Edit(
        title=PlaceRole(role).label, form=forms.PlaceForm, write=write, tab=TAB, here=HERE, done="place",
        anchor="tempat", initial=now, version=_case_version, rename={"regency": "place", "province": "place"},
        lede=_("Empat tempat menentukan tugas siapa. Bantuan tetap dimulai di tempat anak berada sekarang."),
    )  # fmt: skip
    return edit(request, case_id, wanted)


# --- people -----------------------------------------------------------------------------------------------------------


@in_team
def add_person(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write down somebody around the child."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.PersonForm) -> None:
        data = form.cleaned_data
        services.add_person(
            actor, keyring, case_id, data["role"], form.person(), standing=data["standing"],
            also_child=data["also_child"],
        )  # fmt: skip

    wanted = Edit(
        title=_("Tambah orang"), form=forms.PersonForm, write=write, tab=TAB, here=HERE, done="person", anchor="orang",
        version=_case_version,
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def person(request: HttpRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    """Change what is known of somebody, above all what a guardian means for the child's safety."""
    _has_person(request, case_id, person_id)
    actor, keyring = actor_of(request), keyring_of(request)

    def one(page: CasePage) -> PersonView:
        found = next((one for one in page.opened.people if one.id == person_id and not one.removed_at), None)
        if found is None:
            raise NotFound
        return found

    def write(page: CasePage, form: forms.PersonForm) -> None:
        data, kept = form.cleaned_data, {k: v for k, v in one(page).words.items() if k != ORIGIN}
        services.change_person(
            actor, keyring, person_id, words={**kept, **form.person()}, role=data["role"],
            standing=data["standing"], also_child=data["also_child"], version=data["version"],
        )  # fmt: skip

    def now(page: CasePage) -> dict[str, Any]:
        row = one(page)
        columns = {"role": row.role, "standing": row.standing, "also_child": row.also_child}
        relation = {"relation": casewords.relation(row.words)}
        return {**_of_form(forms.PersonForm, row.words), **relation, **columns}

    wanted = Edit(
        title=_("Ubah orang ini"), form=forms.PersonForm, write=write, tab=TAB, here=HERE, done="person",
        anchor="orang", initial=now, version=lambda page: one(page).version,
        told=lambda page: frozenset(one(page).words.get(ORIGIN, {})),
        more={"remove": {"url": request.path + "hapus/", "label": _("Hapus dari daftar orang")}},
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def remove_person(request: HttpRequest, case_id: UUID, person_id: UUID) -> HttpResponse:
    """Take somebody off who was written down by mistake. An implicated guardian stays."""
    _has_person(request, case_id, person_id)
    if request.method != "POST":
        return back_to(TAB, case_id, anchor="orang")
    try:
        services.remove_person(actor_of(request), keyring_of(request), person_id)
    except BadInput as error:
        page = frame(request, case_id)
        context = {"problems": [{"anchor": f"orang-{person_id}", "text": error.message}]}
        return render_case(page, "workspace/cases/said_no.html", context, here=HERE, status=422)
    return back_to(TAB, case_id, "removed", "orang")


def _has_person(request: HttpRequest, case_id: UUID, person_id: UUID) -> None:
    if not visible(request, case_id).people.filter(pk=person_id, removed_at=None).exists():
        raise NotFound


# --- what happened ----------------------------------------------------------------------------------------------------


@in_team
def add_incident(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Write down something further that happened to the child."""
    actor, keyring = actor_of(request), keyring_of(request)

    def write(page: CasePage, form: forms.IncidentForm) -> None:
        services.add_incident(actor, keyring, case_id, form.parts())

    wanted = Edit(
        title=_("Tambah kejadian"), form=forms.IncidentForm, write=write, tab=TAB, here=HERE, done="incident",
        anchor="kejadian", version=_case_version, lede=_ASKED_ONCE,
    )  # fmt: skip
    return edit(request, case_id, wanted)


@in_team
def incident(request: HttpRequest, case_id: UUID, incident_id: UUID) -> HttpResponse:
    """Write an incident of this child anew."""
    if not visible(request, case_id).incidents.filter(incident=incident_id).exists():
        raise NotFound
    actor, keyring = actor_of(request), keyring_of(request)

    def words(page: CasePage) -> Mapping[str, Any]:
        return next((one.words for one in page.opened.incidents if one.incident_id == incident_id), {})

    def write(page: CasePage, form: forms.IncidentForm) -> None:
        kept = {k: v for k, v in words(page).items() if k != ORIGIN}
        services.change_incident(
            actor, keyring, case_id, incident_id, {**kept, **form.parts()}, version=form.cleaned_data["version"]
        )

    wanted = Edit(
        title=_("Ubah kejadian"), form=forms.IncidentForm, write=write, tab=TAB, here=HERE, done="incident",
        anchor="kejadian", initial=lambda page: _of_form(forms.IncidentForm, words(page)), version=_case_version,
        told=lambda page: frozenset(words(page).get(ORIGIN, {})), lede=_ASKED_ONCE,
    )  # fmt: skip
    return edit(request, case_id, wanted)


_ASKED_ONCE = _("Isi dari yang sudah diketahui. Anak tidak ditanya lagi untuk mengisi formulir ini.")
