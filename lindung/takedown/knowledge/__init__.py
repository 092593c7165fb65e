"""Typed access to what this room knows: legal bases, letters, public contact ways, sentences for the reporter.

The YAML files beside this module are the knowledge; each has a version, a date and a source. A wrong file raises
KnowledgeError when it is first read and in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

from ..models import Addressee

BLANKS = frozenset({"number", "date", "organisation", "basis", "count", "items"})
"""Everything that a letter may be filled with."""

LANGUAGES = ("id", "en")


@dataclass(frozen=True)
class Basis(Labelled):
    """A legal or contractual ground. `cite` says it in a letter; `lawyer` whether a lawyer has confirmed it."""

    addressees: frozenset[str]
    cite: Labelled
    source: str
    checked: date
    lawyer: str


@dataclass(frozen=True)
class Template:
    """One version of the letter."""

    version: str
    subject: Labelled
    body: Labelled


@dataclass(frozen=True)
class PublicContact:
    """A contact way that the register starts with. Not verified by anybody yet."""

    addressee: str
    platform: str
    form_url: str
    asks: str


def _file(name: str) -> dict[str, Any]:
    content = load_yaml("lindung.takedown.knowledge", f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


def _pair(where: str, code: str, entry: Any) -> Labelled:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{where}: {code}: expected id and en")
    return labelled([{"code": code, **entry}], where)[code]


@cache
def bases() -> Mapping[str, Basis]:
    """The grounds, in the order in which staff choose; the first that fits an addressee is its usual one."""
    entries = _file("bases")["bases"]
    labels = labelled(entries, "bases.yaml")
    result = {}
    for entry in entries:
        code, fits = entry["code"], frozenset(entry["addressees"])
        if not fits or not fits <= set(Addressee.values):
            raise KnowledgeError(f"bases.yaml: {code}: expected addressees out of {Addressee.values}")
        if not (entry.get("source") and isinstance(entry.get("checked"), date) and entry.get("lawyer")):
            raise KnowledgeError(f"bases.yaml: {code}: expected source, checked and lawyer")
        label, cite = labels[code], _pair("bases.yaml", code, entry["cite"])
        result[code] = Basis(
            code, label.label_id, label.label_en, fits, cite, entry["source"], entry["checked"], entry["lawyer"]
        )
    return MappingProxyType(result)


@cache
def templates() -> Mapping[str, Template]:
    """Every version of the letter, the present one last."""
    result = {}
    for entry in _file("notices")["templates"]:
        version = str(entry["version"])
        subject, body = (_pair("notices.yaml", version, entry[part]) for part in ("subject", "body"))
        for text in (subject.label_id, subject.label_en, body.label_id, body.label_en):
            unknown = set(re.findall(r"\{(\w*)\}", text)) - BLANKS
            if unknown:
                raise KnowledgeError(f"notices.yaml: {version}: {sorted(unknown)}: a letter cannot be filled with that")
        result[version] = Template(version, subject, body)
    return MappingProxyType(result)


def present_template() -> str:
    """The version that new letters are written with."""
    return next(reversed(list(templates())))


@cache
def told() -> Mapping[str, Labelled]:
    """The fixed sentences of the mailbox."""
    return MappingProxyType(labelled(_file("told")["sentences"], "told.yaml"))


@cache
def contacts() -> tuple[PublicContact, ...]:
    """What the register of contacts starts with."""
    result = []
    for entry in _file("contacts")["contacts"]:
        if entry["addressee"] not in Addressee.values:
            raise KnowledgeError(f"contacts.yaml: {entry['addressee']!r} is no addressee")
        result.append(
            PublicContact(entry["addressee"], entry.get("platform", ""), entry["form_url"], entry["asks"]["id"])
        )
    return tuple(result)
