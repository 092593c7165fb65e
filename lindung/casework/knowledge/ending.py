"""Why a case ends, is opened again or moves, as data (closing.yaml), and whose task it is, in words (places.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

PACKAGE = "lindung.casework.knowledge"


@dataclass(frozen=True)
class Reason(Labelled):
    """Why a case ends. `agreement`: the child is asked; `follow_up`: somebody looks afterwards."""

    agreement: bool = True
    follow_up: bool = True
    event: str = ""


@cache
def _file(name: str) -> Mapping[str, Any]:
    data = load_yaml(PACKAGE, name)
    if not all(data.get(key) for key in ("version", "date", "source")):
        raise KnowledgeError(f"{name}: expected version, date and source")
    return MappingProxyType(data)


@cache
def _codes(name: str, part: str) -> Mapping[str, Labelled]:
    return MappingProxyType(labelled(_file(name)[part], f"{name}: {part}"))


@cache
def reasons() -> Mapping[str, Reason]:
    """Why a case ends."""
    labels, found = _codes("closing.yaml", "reasons"), {}
    for entry in _file("closing.yaml")["reasons"]:
        if not all(isinstance(entry.get(name), bool) for name in ("agreement", "follow_up")):
            raise KnowledgeError(f"closing.yaml: {entry['code']}: expected agreement and follow_up, each true or false")
        label = labels[entry["code"]]
        found[entry["code"]] = Reason(
            label.code, label.label_id, label.label_en, entry["agreement"], entry["follow_up"],
            str(entry.get("kind_of_event", "")),
        )  # fmt: skip
    return MappingProxyType(found)


def results() -> Mapping[str, Labelled]:
    """What somebody found at a look after closing."""
    return _codes("closing.yaml", "results")


@cache
def calls_back() -> frozenset[str]:
    """Results after which the case should be opened again."""
    return frozenset(entry["code"] for entry in _file("closing.yaml")["results"] if entry.get("reopen"))


def reopenings() -> Mapping[str, Labelled]:
    """Why a case is opened again."""
    return _codes("closing.yaml", "reopenings")


def moves() -> Mapping[str, Labelled]:
    """Why a case is offered to another team."""
    return _codes("closing.yaml", "moves")


def declines() -> Mapping[str, Labelled]:
    """Why a team does not take a case."""
    return _codes("closing.yaml", "declines")


def blocks() -> Mapping[str, Labelled]:
    """What must be done before a case can end, in words."""
    return _codes("closing.yaml", "blocks")


def moods() -> Mapping[str, Labelled]:
    """How much we helped, as a child may say."""
    return _codes("closing.yaml", "moods")


def place_reasons() -> Mapping[str, Labelled]:
    """Why a body leads: the reasons of rules_places."""
    return _codes("places.yaml", "reasons")


def place_contacts() -> Mapping[str, Labelled]:
    """Who must be asked besides, or must never be."""
    return _codes("places.yaml", "contacts")


def place_rules() -> Mapping[str, Labelled]:
    """Whether somebody is asked: yes, ask_first, never."""
    return _codes("places.yaml", "rules")
