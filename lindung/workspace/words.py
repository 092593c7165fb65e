"""What the reporter said, put into labels: the coded answers by the knowledge files, the words exactly as they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lindung.places import selectors as places
from lindung.reporting import answers as answering
from lindung.reporting import knowledge

ADDRESSES = ("accounts", "media_url")
"""Answers that may hold addresses of harmful material: shown as text, never as links."""

HEED = ("danger_place", "must_not_know", "reach", "reach_how", "easier", "easier_note", "concern", "concern_note")
"""Answers that must be read before anybody writes or calls: they stand above the rest."""

_ELSEWHERE = frozenset({"words", "path"})


@dataclass(frozen=True)
class Fact:
    """One answer with its question. `kind`: list (labels), label, text (a stranger's words) or code (an address)."""

    label: str
    kind: str
    text: str = field(default="", repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)


def heed(answers: Mapping[str, Any]) -> list[Fact]:
    """What to know before the first word to anybody."""
    return _facts(answers, {}, [code for code in HEED if not (code == "reach" and answers.get(code) == "code_only")])


def facts(answers: Mapping[str, Any], platforms: Mapping[str, str]) -> list[Fact]:
    """The other answers in the order of the form; what was left out is left out. `platforms`: names by code."""
    return _facts(answers, platforms, [c for c in knowledge.questions() if c not in HEED and c not in _ELSEWHERE])


def _facts(answers: Mapping[str, Any], platforms: Mapping[str, str], codes: list[str]) -> list[Fact]:
    found = []
    for code in codes:
        question, value = knowledge.questions()[code], answers.get(code)
        if not value or value == ["none"]:
            continue
        if question.kind == "many":
            chosen = value if isinstance(value, list) else [value]
            labels = tuple(_option(code, one, platforms) for one in chosen)
            found.append(Fact(question.label, "list", values=labels))
        elif question.kind == "one":
            found.append(Fact(question.label, "label", _option(code, str(value), platforms)))
        elif question.kind == "place":
            place = places.get(str(value))
            found.append(Fact(question.label, "label", place.name if place else str(value)))
        else:
            found.append(Fact(question.label, "code" if code in ADDRESSES else "text", str(value)))
    return found


def _option(question: str, code: str, platforms: Mapping[str, str]) -> str:
    label = knowledge.option_label(question, code)
    return platforms.get(code, label) if question == "online_where" and label == code else label


def has_addresses(answers: Mapping[str, Any]) -> bool:
    """Whether the report names accounts, numbers or addresses of material."""
    return any(answers.get(code) for code in ADDRESSES)


def likely_forms(answers: Mapping[str, Any]) -> list[str]:
    """The forms that the chosen plain sentences may point to: a start for the person who judges, never a judgement."""
    found: dict[str, None] = {}
    for code in answering.codes(answers, "happened"):
        statement = knowledge.statements().get(code)
        for form in statement.forms if statement else ():
            found.setdefault(form)
    return list(found)
