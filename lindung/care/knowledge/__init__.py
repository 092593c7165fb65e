"""Typed access to what this room knows: what is asked before a visit, and how somebody may go then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

from ..models import VisitLevel

_PACKAGE = "lindung.care.knowledge"


@dataclass(frozen=True)
class VisitRules:
    """`questions` in their order; `levels`: the strictest way of going that each still allows."""

    version: str
    questions: Mapping[str, Labelled]
    levels: Mapping[str, VisitLevel]


@cache
def visit_rules() -> VisitRules:
    """The questions before a visit. Raises KnowledgeError for a wrong file."""
    return read_visits(load_yaml(_PACKAGE, "visits.yaml"))


def read_visits(raw: Mapping[str, Any]) -> VisitRules:
    """Check and read the file. Raises KnowledgeError, which names the entry and says what was expected."""
    entries = raw.get("questions") or []
    questions = labelled(entries, "visits.yaml")
    levels = {}
    for entry in entries:
        level = entry.get("level")
        if level not in (VisitLevel.PAIR, VisitLevel.ESCORT, VisitLevel.NOT_NOW):
            raise KnowledgeError(f"visits.yaml: {entry['code']!r}: expected a level of pair, escort or not_now")
        levels[entry["code"]] = VisitLevel(level)
    return VisitRules(str(raw["version"]), questions, levels)
