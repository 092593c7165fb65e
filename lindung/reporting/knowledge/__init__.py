"""Typed access to what this room knows: forms, plain sentences, answers, mailbox steps, platforms, outcomes, risk.

The YAML files beside this module are the knowledge; each has a version, a date and a source, and every entry a `code`
with its label in Indonesian (`id`) and English (`en`). A wrong file raises KnowledgeError when it is first read and in
the tests. `label` of an entry follows the active language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

__all__ = [
    "Concern",
    "Form",
    "Grouping",
    "Outcome",
    "Question",
    "RiskRule",
    "Statement",
    "Step",
    "concerns",
    "default_risk",
    "forms",
    "grouping_of",
    "groupings",
    "hold_reasons",
    "link_reasons",
    "option_label",
    "outcomes",
    "platforms",
    "questions",
    "risk_rules",
    "statements",
    "steps",
    "versions",
]

QUESTION_KINDS = frozenset({"one", "many", "text", "place"})
FILES = (
    "taxonomy",
    "statements",
    "answers",
    "steps",
    "platforms",
    "outcomes",
    "concerns",
    "links",
    "holds",
    "transfers",
    "notices",
    "risk_rules",
    "intake",
)


@dataclass(frozen=True)
class Form(Labelled):
    """A form of exploitation or abuse. `kind` is online or offline; `note` reminds staff how to use the word."""

    kind: str
    group: str
    note: str = ""


@dataclass(frozen=True)
class Grouping(Labelled):
    """One source's division of online exploitation into forms. Forms outside it are not counted in it."""

    forms: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Statement(Labelled):
    """A plain sentence that a child can choose, and the codes of the forms it may point to."""

    forms: tuple[str, ...]
    button: bool = False


@dataclass(frozen=True)
class Question(Labelled):
    """A question of a report. `kind` is one, many, text or place; `limit` is in characters and 0 for codes.

    `options` is empty for texts and places. For `online_where` it holds the platforms of the file; the table of
    platforms that staff maintain may know more.
    """

    kind: str
    limit: int
    options: Mapping[str, Labelled]


@dataclass(frozen=True)
class Concern(Labelled):
    """Whom a report names, and the kinds of team and organisation that are kept away from it."""

    team_kinds: frozenset[str]
    organisation_kinds: frozenset[str]


@dataclass(frozen=True)
class Step(Labelled):
    """A fixed sentence of the mailbox. `label` and `next` may hold {alias}, {when} and {days}."""

    next: Labelled


@dataclass(frozen=True)
class Outcome(Labelled):
    """How a report ended: the label for staff, and the sentence that the reporter reads."""

    told: Labelled


@dataclass(frozen=True)
class RiskRule(Labelled):
    """One reason for a first risk. Every question in `conditions` must hold one of its codes."""

    risk: str
    conditions: Mapping[str, frozenset[str]]
    why: str


def _file(name: str) -> dict[str, Any]:
    content = load_yaml("lindung.reporting.knowledge", f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


def _entries(name: str, key: str) -> list[tuple[dict[str, Any], Labelled]]:
    entries = _file(name)[key]
    labels = labelled(entries, f"{name}.yaml")
    return [(entry, labels[entry["code"]]) for entry in entries]


def _pair(where: str, code: str, entry: Any) -> Labelled:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{where}: {code}: expected id and en")
    return labelled([{"code": code, **entry}], where)[code]


def _known(where: str, codes: list[str], known: Mapping[str, Any]) -> tuple[str, ...]:
    for code in codes:
        if code not in known:
            raise KnowledgeError(f"{where}: {code!r} is no code that we know")
    return tuple(codes)


@cache
def versions() -> Mapping[str, str]:
    """Version of every knowledge file, by its name without .yaml."""
    return MappingProxyType({name: str(_file(name)["version"]) for name in FILES})


@cache
def forms() -> Mapping[str, Form]:
    """The taxonomy, in the order in which staff choose."""
    return MappingProxyType(
        {
            label.code: Form(
                label.code, label.label_id, label.label_en, entry["kind"], entry["group"], entry.get("note", "")
            )
            for entry, label in _entries("taxonomy", "forms")
        }
    )


@cache
def groupings() -> Mapping[str, Grouping]:
    """The three forms of the terminology book and the five of the article."""
    return MappingProxyType(
        {
            label.code: Grouping(
                label.code,
                label.label_id,
                label.label_en,
                _known("taxonomy.yaml", entry["forms"], forms()),
                entry["source"],
            )
            for entry, label in _entries("taxonomy", "groupings")
        }
    )


def grouping_of(grouping: str, chosen: list[str]) -> tuple[str, ...]:
    """The forms among `chosen` that a grouping counts, in its own order. KeyError for an unknown grouping."""
    return tuple(form for form in groupings()[grouping].forms if form in chosen)


@cache
def statements() -> Mapping[str, Statement]:
    """The plain sentences of "Apa yang terjadi?"."""
    return MappingProxyType(
        {
            label.code: Statement(
                label.code,
                label.label_id,
                label.label_en,
                _known("statements.yaml", entry["forms"], forms()),
                bool(entry.get("button")),
            )
            for entry, label in _entries("statements", "statements")
        }
    )


@cache
def platforms() -> Mapping[str, Labelled]:
    """The platforms that the table starts with. For what is offered today ask selectors.platforms()."""
    return MappingProxyType({label.code: label for _, label in _entries("platforms", "platforms")})


@cache
def link_reasons() -> Mapping[str, Labelled]:
    """Why a colleague links two reports."""
    return MappingProxyType({label.code: label for _, label in _entries("links", "reasons")})


@cache
def hold_reasons() -> Mapping[str, Labelled]:
    """Why a report is put on legal hold."""
    return MappingProxyType({label.code: label for _, label in _entries("holds", "reasons")})


@cache
def concerns() -> Mapping[str, Concern]:
    """Whom a report may name, in the order of the question."""
    return MappingProxyType(
        {
            label.code: Concern(
                label.code,
                label.label_id,
                label.label_en,
                frozenset(entry["team_kinds"]),
                frozenset(entry["organisation_kinds"]),
            )
            for entry, label in _entries("concerns", "concerns")
        }
    )


@cache
def questions() -> Mapping[str, Question]:
    """Every question with its coded answers, in the order of the form."""
    elsewhere: dict[str, Mapping[str, Labelled]] = {
        "statements": statements(),
        "platforms": platforms(),
        "concerns": concerns(),
    }
    result = {}
    for entry, label in _entries("answers", "questions"):
        where = f"answers.yaml: {label.code}"
        kind = entry["kind"]
        if kind not in QUESTION_KINDS or (kind == "text") != bool(entry.get("limit")):
            raise KnowledgeError(f"{where}: expected a known kind, and a limit for texts only")
        if "from" in entry:
            options: Mapping[str, Labelled] = elsewhere[entry["from"]]
        else:
            options = MappingProxyType(labelled(entry.get("options", []), where))
        if (kind in {"one", "many"}) != bool(options):
            raise KnowledgeError(f"{where}: expected options for codes and none for words or places")
        result[label.code] = Question(
            label.code, label.label_id, label.label_en, kind, int(entry.get("limit", 0)), options
        )
    return MappingProxyType(result)


def option_label(question: str, code: str) -> str:
    """The label of a coded answer in the active language; the code itself when no file knows it (any more)."""
    found = questions()[question].options.get(code) if question in questions() else None
    return found.label if found else code


@cache
def steps() -> Mapping[str, Step]:
    """The fixed sentences of the mailbox."""
    return MappingProxyType(
        {
            label.code: Step(label.code, label.label_id, label.label_en, _pair("steps.yaml", label.code, entry["next"]))
            for entry, label in _entries("steps", "steps")
        }
    )


@cache
def outcomes() -> Mapping[str, Outcome]:
    """How a report can end."""
    return MappingProxyType(
        {
            label.code: Outcome(
                label.code, label.label_id, label.label_en, _pair("outcomes.yaml", label.code, entry["told"])
            )
            for entry, label in _entries("outcomes", "outcomes")
        }
    )


@cache
def risk_rules() -> tuple[RiskRule, ...]:
    """What raises the first risk, in the order of the file."""
    result = []
    for entry, label in _entries("risk_rules", "rules"):
        where = f"risk_rules.yaml: {label.code}"
        if entry["risk"] not in {"high", "medium"} or not entry["if"] or not entry.get("why"):
            raise KnowledgeError(f"{where}: expected risk high or medium, a condition and a reason why")
        conditions = {}
        for question, codes in entry["if"].items():
            known = questions()[question].options
            conditions[question] = frozenset(_known(where, codes, known))
        result.append(
            RiskRule(
                label.code, label.label_id, label.label_en, entry["risk"], MappingProxyType(conditions), entry["why"]
            )
        )
    return tuple(result)


@cache
def default_risk() -> str:
    """The risk of a report that no rule fits: never low."""
    risk = str(_file("risk_rules")["default"])
    if risk not in {"high", "medium"}:
        raise KnowledgeError("risk_rules.yaml: default: expected high or medium, never low")
    return risk
