"""Typed access to the rule of this room: what makes two reports alike (alike.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

SIGNS = frozenset({"identifier", "common_identifier", "form", "platform", "regency", "age_band", "near", "window"})
"""What the code can see; the file says what it counts and how it is said."""


@dataclass(frozen=True)
class Alike:
    """The rule. `points` and `signs` by the code of the sign; times in days; the rest are numbers of reports."""

    window_days: int
    near_days: int
    looked_at: int
    proposed: int
    common: int
    enough: int
    needs_all: frozenset[str]
    needs_any: frozenset[str]
    points: Mapping[str, int]
    signs: Mapping[str, Labelled]


@cache
def alike() -> Alike:
    """Return the rule. Raises KnowledgeError when the file is wrong."""
    data = load_yaml(__name__, "alike.yaml")
    if not all(data.get(key) for key in ("version", "date", "source")):
        raise KnowledgeError("alike.yaml: expected version, date and source")
    signs = labelled(data["signs"], "alike.yaml")
    if signs.keys() != SIGNS:
        raise KnowledgeError(f"alike.yaml: expected the signs {sorted(SIGNS)}")
    points = {entry["code"]: entry.get("points") for entry in data["signs"]}
    if not all(isinstance(value, int) and value >= 0 for value in points.values()):
        raise KnowledgeError("alike.yaml: expected whole points from 0 for every sign")
    needs_all, needs_any = frozenset(data["needs"]["all"]), frozenset(data["needs"]["any"])
    if not (needs_all | needs_any) <= SIGNS:
        raise KnowledgeError("alike.yaml: needs: expected codes of signs")
    numbers = {
        name: _number(data, name) for name in ("window_days", "near_days", "looked_at", "proposed", "common", "enough")
    }
    return Alike(
        **numbers,
        needs_all=needs_all,
        needs_any=needs_any,
        points=MappingProxyType(points),
        signs=MappingProxyType(signs),
    )


def _number(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or value < 1:
        raise KnowledgeError(f"alike.yaml: {name}: expected a whole number from 1")
    return value
