"""What a case begins with: everything that its reports already told, so that nothing is typed or asked twice. Pure.

Of several reports the first that told a thing counts, lists are joined; the reports stay readable beside it. Each part
remembers its report (shapes.ORIGIN).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from lindung.reporting import answers as answering
from lindung.reporting import knowledge as reporting

from .models import PersonRole, PlaceRole, Standing, Status
from .shapes import ORIGIN

REPORTERS = {
    "parent": (PersonRole.GUARDIAN, Standing.UNKNOWN),
    "relative": (PersonRole.RELATIVE, ""),
    "teacher": (PersonRole.PROFESSIONAL, ""),
    "professional": (PersonRole.PROFESSIONAL, ""),
    "friend": (PersonRole.TRUSTED, ""),
}
"""What the person who told is to the child, by who they say they are. A parent is not known to be safe by telling."""

CHILD_PATHS = frozenset({"child", "young_child"})
NOBODY_KNOWN = frozenset({"witness"})
"""Paths that tell of material rather than of a child that somebody knows."""


@dataclass(frozen=True)
class Told:
    """One opened report, as far as a case needs it. `forms`: those of the newest judgement."""

    report_id: UUID
    path: str
    language: str
    answers: Mapping[str, Any] = field(repr=False)
    forms: tuple[str, ...] = ()
    caller: str = field(default="", repr=False)

    @property
    def hex(self) -> str:
        return self.report_id.hex


@dataclass(frozen=True)
class NewPerson:
    """Somebody whom the reports name."""

    role: str
    standing: str
    words: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Beginning:
    """What stands in a case on its first day."""

    child: Mapping[str, Any] = field(repr=False)
    places: Mapping[str, Mapping[str, Any]] = field(repr=False)
    incident: Mapping[str, Any] = field(repr=False)
    people: tuple[NewPerson, ...] = field(repr=False)


class _Value:
    """A value that is put together from several reports."""

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {}
        self.origin: dict[str, str] = {}

    def one(self, part: str, value: Any, told: Told) -> None:
        if value and part not in self.parts:
            self.parts[part], self.origin[part] = value, told.hex

    def join(self, part: str, codes: Sequence[str], told: Told) -> None:
        new = [code for code in dict.fromkeys(codes) if code not in self.parts.get(part, [])]
        if new:
            self.parts[part] = [*self.parts.get(part, []), *new]
            self.origin.setdefault(part, told.hex)

    def done(self) -> dict[str, Any]:
        return {**self.parts, ORIGIN: dict(self.origin)} if self.parts else {}


def begin(reports: Sequence[Told], typed: Mapping[str, Any] | None = None) -> Beginning:
    """Put a case's first day together. `typed` are parts of the child that a colleague wrote: they outrank a report."""
    child, incident, place = _Value(), _Value(), _Value()
    for told in reports:
        _child(child, told)
        _incident(incident, told)
        _place(place, told)
    value = child.done()
    for part, written in (typed or {}).items():
        value[part] = written
        value.get(ORIGIN, {}).pop(part, None)
    value.setdefault("statuses", [Status.VICTIM.value])
    places = {PlaceRole.PRESENT.value: place.done()} if place.parts else {}
    return Beginning(value, places, incident.done(), _people(reports))


def _child(value: _Value, told: Told) -> None:
    answers = told.answers
    for part in ("age_band", "sex", "must_not_know"):
        value.one(part, answers.get(part), told)
    if told.path in CHILD_PATHS:
        value.one("language", told.language, told)
        value.one("reach", answers.get("reach"), told)
        value.one("reach_how", answers.get("reach_how"), told)
    needs = [code for code in answering.codes(answers, "easier") if code != "none"]
    value.join("accommodations", needs, told)
    value.one("accommodations_note", answers.get("easier_note"), told)


def _incident(value: _Value, told: Told) -> None:
    answers = told.answers
    statements = answering.codes(answers, "happened")
    known = reporting.statements()
    forms = told.forms or tuple(form for code in statements if code in known for form in known[code].forms)
    value.join("forms", forms, told)
    value.join("statements", [code for code in statements if code in known], told)
    online = answering.codes(answers, "online_where")
    value.join("platforms", online, told)
    kinds = {reporting.forms()[form].kind for form in forms if form in reporting.forms()}
    online_told = bool(online or answers.get("online_other") or answers.get("media_url"))
    where = [code for code in ("online", "offline") if code in kinds or (code == "online" and online_told)]
    value.join("where", where, told)
    value.join("given", answering.codes(answers, "given"), told)
    for part, question in (
        ("other_platform", "online_other"), ("media_url", "media_url"), ("given_note", "given_note"), ("when", "when"),
    ):  # fmt: skip
        value.one(part, answers.get(question), told)
    value.one("happened_on", _day(answers.get("happened_on")), told)


def _day(text: Any) -> str:
    try:
        return date.fromisoformat(str(text or "")).isoformat()
    except ValueError:
        return ""


def _place(value: _Value, told: Told) -> None:
    province, regency = answering.place_codes(told.answers)
    if province and "province" not in value.parts:
        value.one("province", province, told)
        value.one("regency", regency, told)
    value.one("words", told.answers.get("danger_place"), told)


def _people(reports: Sequence[Told]) -> tuple[NewPerson, ...]:
    """The other side as far as accounts are named, and who told, as far as they gave a name or a way to reach them."""
    found = []
    accounts = _Value()
    lines: list[str] = []
    for told in reports:
        new = [line for line in str(told.answers.get("accounts") or "").splitlines() if line not in lines]
        lines += new
        if any(line.strip() for line in new):
            accounts.origin.setdefault("accounts", told.hex)
        accounts.one("notes", told.answers.get("concern_note"), told)
    if any(line.strip() for line in lines):
        accounts.parts["accounts"] = "\n".join(lines)
    if accounts.parts:
        found.append(NewPerson(PersonRole.ALLEGED_OFFENDER.value, "", accounts.done()))
    found += [person for told in reports for person in _teller(told)]
    return tuple(found)


def _teller(told: Told) -> list[NewPerson]:
    if told.path in CHILD_PATHS | NOBODY_KNOWN:
        return []
    contact = told.answers.get("reach_how") if told.answers.get("reach") == "contact" else ""
    who = str(told.answers.get("who") or told.path)
    role, standing = REPORTERS.get(who, (PersonRole.OTHER, ""))
    if not told.caller.strip() and not contact and role != PersonRole.GUARDIAN:
        return []
    value = _Value()
    value.one("name", told.caller, told)
    value.one("contact", contact, told)
    value.one("relation", who if who in answers_of_who() else "", told)
    return [NewPerson(role.value, str(standing), value.done())]


def answers_of_who() -> frozenset[str]:
    """The codes of who somebody is to the child."""
    return frozenset(reporting.questions()["who"].options)
