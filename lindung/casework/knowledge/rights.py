"""Typed access to the consent matrix, best-interests decisions, grounds, sections and letters (the YAML files beside).

A wrong file raises KnowledgeError when it is first read and in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

GUARDIANS = ("safe", "implicated", "unknown", "absent")
GIVERS = ("child", "guardian", "official")
ASSENTS = ("told", "sought", "needed")
CONTACTS = ("ask", "never", "not_yet", "nobody", "child_decides")
MATURE = "+"
"""Behind a band in the table: the child understands what is asked."""

BLANKS = frozenset({"name", "organisation", "date", "team", "worker", "phone", "body"})
"""What a letter may be filled with: whom it goes to, the day, who writes, and the words of the writer."""


@dataclass(frozen=True)
class Band(Labelled):
    """An age band, from an age in whole years. `matures`: whether its maturity changes whose yes counts."""

    start: int | None
    matures: bool


@dataclass(frozen=True)
class Outcome(Labelled):
    """A cell of the matrix: whose yes is needed, how the child is asked, what stands besides, who may hear of it."""

    needs: tuple[str, ...]
    assent: str
    also: str
    contact: str
    ground: str


@dataclass(frozen=True)
class Scope(Labelled):
    """What a yes is for. `ask` is how it is put to the child; `service` whether it is a key of the list of services.

    `also`: a question on which two people must have decided, whoever says yes; "" for none.
    """

    service: bool
    ask: Labelled
    also: str = ""


@dataclass(frozen=True)
class Question(Labelled):
    """What a best-interests decision is about; `overrides`: it may stand in the place of consent for its scope."""

    overrides: bool
    review_days: int
    when: Labelled


@dataclass(frozen=True)
class Part(Labelled):
    """One box of a decision. `hint` may be missing."""

    required: bool
    rows: int
    hint: Labelled | None


@dataclass(frozen=True)
class Section(Labelled):
    """A part of a case that can be handed over. `sources`: (sealed field or prefix, its keys)."""

    sources: tuple[tuple[str, tuple[str, ...]], ...]
    about: Labelled


@dataclass(frozen=True)
class Letter(Labelled):
    """A template: to whom it goes (person, school, body), which scope of consent it needs, subject and text."""

    to: str
    scope: str
    call: bool
    subject: Labelled
    body: Labelled


@dataclass(frozen=True)
class Ground(Labelled):
    """Why something may leave. `status` says whether a lawyer confirmed it."""

    status: str


def _file(name: str) -> dict[str, Any]:
    content = load_yaml("lindung.casework.knowledge", f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


def version(name: str) -> str:
    """The version of a knowledge file, kept beside what was decided by it."""
    return str(_file(name)["version"])


def _entries(name: str, key: str) -> list[tuple[dict[str, Any], Labelled]]:
    entries = _file(name)[key]
    labels = labelled(entries, f"{name}.yaml: {key}")
    return [(entry, labels[entry["code"]]) for entry in entries]


def _labels(name: str, key: str) -> Mapping[str, Labelled]:
    return MappingProxyType({label.code: label for _, label in _entries(name, key)})


def _pair(where: str, code: str, entry: Any) -> Labelled:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{where}: {code}: expected id and en")
    return labelled([{"code": code, **entry}], where)[code]


def _known(where: str, value: str, known: Any) -> str:
    if value not in known:
        raise KnowledgeError(f"{where}: {value!r}: expected one of {sorted(known)}")
    return value


@cache
def bands() -> Mapping[str, Band]:
    """Age bands, youngest first, then the one for an age that nobody knows."""
    found = {}
    for entry, label in _entries("consent", "bands"):
        found[label.code] = Band(label.code, label.label_id, label.label_en, entry["from"], bool(entry["matures"]))
    return MappingProxyType(found)


@cache
def maturity() -> Mapping[str, Labelled]:
    """What a colleague judged: yes, not_yet, unknown."""
    return _labels("consent", "maturity")


@cache
def readings() -> Mapping[str, Labelled]:
    """The readings of the law that stand side by side."""
    return _labels("consent", "readings")


@cache
def usual_reading() -> str:
    """The reading that holds where an installation chose none."""
    return _known("consent.yaml: reading", str(_file("consent")["reading"]), readings())


@cache
def outcomes() -> Mapping[str, Outcome]:
    """The cells of the matrix by their code."""
    found = {}
    for entry, label in _entries("consent", "outcomes"):
        where = f"consent.yaml: {label.code}"
        found[label.code] = Outcome(
            label.code,
            label.label_id,
            label.label_en,
            needs=tuple(_known(where, giver, GIVERS) for giver in entry["needs"]),
            assent=_known(where, entry["assent"], ASSENTS),
            also=_known(where, entry["also"], questions()) if entry.get("also") else "",
            contact=_known(where, entry["contact"], CONTACTS),
            ground=_known(where, entry["ground"], grounds()),
        )
    return MappingProxyType(found)


def table_rows() -> tuple[str, ...]:
    """The rows of the matrix: every band, and the maturing ones once more."""
    rows: list[str] = []
    for band in bands().values():
        rows += [band.code, band.code + MATURE] if band.matures else [band.code]
    return tuple(rows)


@cache
def matrix() -> Mapping[tuple[str, str, str], Outcome]:
    """The whole matrix: (reading, what the guardians mean, row) to its cell. A missing cell is an error."""
    table = _file("consent")["table"]
    found = {}
    if set(table) != set(readings()):
        raise KnowledgeError("consent.yaml: table: expected one part for each reading")
    for reading, columns in table.items():
        if set(columns) != set(GUARDIANS):
            raise KnowledgeError(f"consent.yaml: {reading}: expected {GUARDIANS}")
        for guardian, cells in columns.items():
            if set(cells) != set(table_rows()):
                raise KnowledgeError(f"consent.yaml: {reading}: {guardian}: expected the rows {table_rows()}")
            for row, code in cells.items():
                found[reading, guardian, row] = outcomes()[_known("consent.yaml: table", code, outcomes())]
    return MappingProxyType(found)


@cache
def scopes() -> Mapping[str, Scope]:
    """What a yes can be for, services first."""
    found = {}
    for entry, label in _entries("consent", "scopes"):
        ask = _pair("consent.yaml: scopes", label.code, entry["ask"])
        also = _known("consent.yaml: scopes", entry["also"], questions()) if entry.get("also") else ""
        found[label.code] = Scope(label.code, label.label_id, label.label_en, bool(entry["service"]), ask, also)
    return MappingProxyType(found)


@cache
def missing() -> Mapping[str, Labelled]:
    """Sentences for what is missing."""
    return _labels("consent", "missing")


@cache
def grounds() -> Mapping[str, Ground]:
    """Why something may leave a case."""
    found = {}
    for entry, label in _entries("grounds", "grounds"):
        if not entry.get("status"):
            raise KnowledgeError(f"grounds.yaml: {label.code}: expected a status")
        found[label.code] = Ground(label.code, label.label_id, label.label_en, str(entry["status"]))
    return MappingProxyType(found)


@cache
def questions() -> Mapping[str, Question]:
    """What a best-interests decision can be about."""
    found = {}
    for entry, label in _entries("decisions", "questions"):
        days = int(entry["review_days"])
        if days < 1:
            raise KnowledgeError(f"decisions.yaml: {label.code}: expected review_days of at least 1")
        when = _pair("decisions.yaml", label.code, entry["when"])
        found[label.code] = Question(label.code, label.label_id, label.label_en, bool(entry["overrides"]), days, when)
    return MappingProxyType(found)


@cache
def choices() -> Mapping[str, Labelled]:
    """What can be decided."""
    return _labels("decisions", "choices")


@cache
def parts() -> Mapping[str, Part]:
    """The boxes of a decision, in their order."""
    found = {}
    for entry, label in _entries("decisions", "parts"):
        hint = _pair("decisions.yaml: parts", label.code, entry["hint"]) if entry.get("hint") else None
        found[label.code] = Part(
            label.code, label.label_id, label.label_en, bool(entry["required"]), int(entry["rows"]), hint
        )
    return MappingProxyType(found)


@cache
def sections() -> Mapping[str, Section]:
    """The parts of a case that can be handed over, in their order."""
    found = {}
    for entry, label in _entries("sections", "sections"):
        sources = tuple((str(field), tuple(keys or ())) for field, keys in entry["from"].items())
        if not sources:
            raise KnowledgeError(f"sections.yaml: {label.code}: expected from which sealed fields it is filled")
        about = _pair("sections.yaml", label.code, entry["about"])
        found[label.code] = Section(label.code, label.label_id, label.label_en, sources, about)
    return MappingProxyType(found)


@cache
def section_labels() -> Mapping[str, Labelled]:
    """The words beside the parts of a section."""
    found = _file("sections")["labels"]
    return MappingProxyType({code: _pair("sections.yaml: labels", code, entry) for code, entry in found.items()})


@cache
def letters() -> Mapping[str, Letter]:
    """The letters and notes of calls, in both languages."""
    found = {}
    for entry, label in _entries("letters", "letters"):
        subject, body = (_pair("letters.yaml", label.code, entry[part]) for part in ("subject", "body"))
        for text in (subject.label_id, subject.label_en, body.label_id, body.label_en):
            if unknown := set(re.findall(r"\{(\w*)\}", text)) - BLANKS:
                raise KnowledgeError(f"letters.yaml: {label.code}: {sorted(unknown)}: no letter is filled with that")
        found[label.code] = Letter(
            label.code, label.label_id, label.label_en, _known("letters.yaml", entry["to"], ("person", "body")),
            _known("letters.yaml", entry["scope"], scopes()), bool(entry.get("call")), subject, body,
        )  # fmt: skip
    return MappingProxyType(found)
