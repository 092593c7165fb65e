"""Typed access to what this room knows: the glossary and the starter answers. A wrong file raises KnowledgeError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

__all__ = [
    "Starter",
    "Term",
    "between",
    "context_words",
    "public_addresses",
    "public_numbers",
    "starters",
    "terms",
    "topics",
]

_PACKAGE = "lindung.desk.knowledge"
_EMPTY = Labelled("", "", "")
_OPTIONAL = re.compile(r"\(([^()]*)\)")
_CHOICES = re.compile(r"\([^()]*\|[^()]*\)")
Phrases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Term(Labelled):
    """A term of the glossary; `label` is the better word. `avoid`: what is pointed out, by language."""

    avoid: Phrases = field(default_factory=dict)
    unless: tuple[str, ...] = ()
    not_after: Phrases = field(default_factory=dict)
    not_before: Phrases = field(default_factory=dict)
    also: tuple[Labelled, ...] = ()
    why: Labelled = _EMPTY
    note: Labelled = _EMPTY

    def avoided(self) -> list[str]:
        """What is pointed out, as a person would write it: each phrase without and with its optional letters."""
        raw = [text for language in ("id", "en") for text in self.avoid.get(language, ())]
        plain = [" ".join(word.split("|")[0] for word in _CHOICES.sub("", text).split()) for text in raw]
        forms = (form for text in plain for form in (_OPTIONAL.sub("", text), _OPTIONAL.sub(r"\1", text)))
        return [form.replace("...", "…") for form in dict.fromkeys(forms)]


@dataclass(frozen=True)
class Starter:
    """An answer that the platform brings along, for a team to take over and change. Not tried with children."""

    code: str
    topic: str
    title: Labelled
    text: Labelled


def _file(name: str) -> dict[str, Any]:
    content = load_yaml(_PACKAGE, f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


def _pair(where: str, code: str, entry: Any) -> Labelled:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{where}: {code}: expected id and en")
    return labelled([{"code": code, **entry}], where)[code]


def _phrases(entry: Any) -> Phrases:
    return {language: tuple(texts) for language, texts in (entry or {}).items()}


@cache
def terms() -> Mapping[str, Term]:
    """The glossary, by code. Every term that points something out says why."""
    entries, where = _file("glossary")["terms"], "glossary.yaml"
    labels = labelled(entries, where)
    found: dict[str, Term] = {}
    for entry in entries:
        code, label = entry["code"], labels[entry["code"]]
        if bool(entry.get("avoid")) != bool(entry.get("why")):
            raise KnowledgeError(f"{where}: {code}: expected `avoid` and `why` together")
        unknown = set(entry.get("also", [])) - set(labels) | set(entry.get("unless", [])) - {"law", "verdict"}
        if unknown:
            raise KnowledgeError(f"{where}: {code}: {sorted(unknown)} is not known")
        found[code] = Term(
            code=code,
            label_id=label.label_id,
            label_en=label.label_en,
            avoid=_phrases(entry.get("avoid")),
            unless=tuple(entry.get("unless", [])),
            not_after=_phrases(entry.get("not_after")),
            not_before=_phrases(entry.get("not_before")),
            also=tuple(labels[other] for other in entry.get("also", [])),
            why=_pair(where, code, entry["why"]) if entry.get("why") else _EMPTY,
            note=_pair(where, code, entry["note"]) if entry.get("note") else _EMPTY,
        )
    return found


@cache
def between(language: str) -> tuple[str, ...]:
    """Small words that may stand inside a phrase."""
    return tuple(_file("glossary")["between"][language])


@cache
def context_words(kind: str) -> tuple[str, ...]:
    """Words that tell that a sentence cites a law or tells of a verdict, in both languages."""
    key = {"law": "laws", "verdict": "verdicts"}[kind]
    return tuple(word for words in _file("glossary")[key].values() for word in words)


@cache
def topics() -> Mapping[str, Labelled]:
    """What an answer is for, in the order of the list."""
    return labelled(_file("answers")["topics"], "answers.yaml")


@cache
def starters() -> Mapping[str, Starter]:
    """The answers that the platform brings along, by code."""
    found: dict[str, Starter] = {}
    for entry in _file("answers")["answers"]:
        code = entry["code"]
        if entry["topic"] not in topics() or code in found:
            raise KnowledgeError(f"answers.yaml: {code}: expected a known topic and a code of its own")
        text = _pair("answers.yaml", code, entry["text"])
        text = replace(text, label_id=text.label_id.strip(), label_en=text.label_en.strip())
        found[code] = Starter(code, entry["topic"], _pair("answers.yaml", code, entry["title"]), text)
    return found


@cache
def public_numbers() -> tuple[str, ...]:
    """Numbers that everybody may know: digits only, the longest first."""
    return tuple(sorted(_file("answers")["public_numbers"], key=len, reverse=True))


@cache
def public_addresses() -> tuple[str, ...]:
    """Addresses of pages that everybody may know, without scheme."""
    return tuple(_file("answers")["public_addresses"])
