"""Typed access to what this room knows: services, ways of writing names, public bodies known from the start.

The YAML files beside this module are the knowledge; each has a version, a date and a source. A wrong file raises
KnowledgeError when it is first read and in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

from ..models import Does, Kind


@dataclass(frozen=True)
class ServiceKind(Labelled):
    """One kind of service. `uptd`: what a UPTD PPA itself does for it. `need`: how everybody is asked for it, if so."""

    basis: str
    uptd: str
    need: Labelled | None


@dataclass(frozen=True)
class Body:
    """A public body that every installation knows from the start; contacts that were not read stay empty."""

    code: str
    name: str
    kind: str
    source: str
    variants: tuple[str, ...] = ()
    phone: str = ""
    whatsapp: str = ""
    public: bool = False
    since: date | None = None
    ended: date | None = None
    successors: tuple[str, ...] = ()
    services: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Spelling:
    """Several ways of writing that count as one word."""

    word: str
    same: tuple[str, ...]


def _file(name: str, *, keys: tuple[str, ...] = ("version", "date", "source")) -> dict[str, Any]:
    content = load_yaml("lindung.directory.knowledge", f"{name}.yaml")
    for key in keys:
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


@cache
def services() -> Mapping[str, ServiceKind]:
    """Every kind of service by its code, in the order of the regulation."""
    entries = _file("services")["services"]
    labels = labelled(entries, "services.yaml")
    needs = labelled(
        [{"code": entry["code"], **entry["need"]} for entry in entries if "need" in entry], "services.yaml: need"
    )
    found = {}
    for entry in entries:
        code, role = entry["code"], entry.get("uptd", "")
        if not entry.get("basis") or (role and role not in Does.values):
            raise KnowledgeError(f"services.yaml: {code}: expected a basis, and uptd out of {Does.values}")
        label = labels[code]
        found[code] = ServiceKind(code, label.label_id, label.label_en, entry["basis"], role, needs.get(code))
    return MappingProxyType(found)


def service_label(code: str) -> str:
    """The name of a service in the language of the page; the code itself for one that was taken off the list."""
    kind = services().get(code)
    return kind.label if kind else code


def needs() -> list[Labelled]:
    """What the page for everybody asks for, by the code of the service."""
    return [kind.need for kind in services().values() if kind.need]


@cache
def spellings() -> tuple[Spelling, ...]:
    """Ways of writing names, each as plain lower-case words."""
    found, seen = [], set()
    for entry in _file("names")["words"]:
        same = tuple(str(text) for text in entry["same"])
        for text in same:
            if text != " ".join(text.lower().split()) or text in seen:
                raise KnowledgeError(f"names.yaml: {text!r}: expected lower-case words, once")
            seen.add(text)
        found.append(Spelling(str(entry["word"]), same))
    return tuple(found)


@cache
def dropped_words() -> frozenset[str]:
    """Words that say nothing about which body it is."""
    return frozenset(str(word) for word in _file("names")["dropped"])


@cache
def bodies() -> tuple[Body, ...]:
    """The public bodies, each with its source; a successor always stands in the same file."""
    entries = _file("bodies", keys=("version", "date"))["bodies"]
    codes = [entry["code"] for entry in entries]
    found = []
    for entry in entries:
        code, after = entry["code"], tuple(entry.get("successors", ()))
        work = tuple((one["service"], one["does"]) for one in entry.get("services", ()))
        if codes.count(code) > 1 or entry["kind"] not in Kind.values or not entry.get("source"):
            raise KnowledgeError(f"bodies.yaml: {code}: expected one entry with a known kind and a source")
        if not set(after) <= set(codes) or bool(after) != bool(entry.get("ended")):
            raise KnowledgeError(f"bodies.yaml: {code}: expected successors in this file, with the day it ended")
        if any(service not in services() or does not in Does.values for service, does in work):
            raise KnowledgeError(f"bodies.yaml: {code}: expected services of services.yaml")
        found.append(
            Body(
                code, entry["name"], entry["kind"], entry["source"], tuple(entry.get("variants", ())),
                str(entry.get("phone", "")), str(entry.get("whatsapp", "")), bool(entry.get("public")),
                entry.get("since"), entry.get("ended"), after, work,
            )
        )  # fmt: skip
    return tuple(found)
