"""Typed access to definitions.yaml. A wrong file raises KnowledgeError when it is first read and in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

FILE = "definitions.yaml"
NEEDED = ("about", "source", "measure", "unit", "period", "numerator", "tables", "not_counted", "version", "since")
MEASURES = frozenset({"count", "share", "median"})
SOURCES = frozenset({"reports", "cases", "closed", "services", "referrals", "takedowns"})


@dataclass(frozen=True)
class Definition(Labelled):
    """One statistic: what its numbers mean, from where they come, by what they are shown, what they leave out.

    `several`: the dimensions under which one of the counted may stand more than once. `of` and `part`: which dimension
    and value a share or a median is made of. `denominator` is None for plain counts.
    """

    about: Labelled
    source: str
    measure: str
    unit: Labelled
    period: str
    numerator: Labelled
    denominator: Labelled | None
    tables: tuple[str, ...]
    dimensions: tuple[str, ...]
    several: frozenset[str]
    not_counted: tuple[Labelled, ...]
    of: str
    part: str
    version: str
    since: date


@cache
def _file() -> dict[str, Any]:
    content = load_yaml("lindung.statistics.knowledge", FILE)
    for key in ("version", "date", "source", "dimensions", "statistics"):
        if not content.get(key):
            raise KnowledgeError(f"{FILE}: expected a {key}")
    return dict(content)


def version() -> str:
    """The version of all definitions together; it stands on every export."""
    return str(_file()["version"])


@cache
def dimensions() -> Mapping[str, Labelled]:
    """The dimensions with their names, in the order in which they are shown."""
    return MappingProxyType(labelled(_file()["dimensions"], FILE))


@cache
def definitions() -> Mapping[str, Definition]:
    """Every statistic, in the order of the file."""
    labels = labelled(_file()["statistics"], FILE)
    return MappingProxyType({entry["code"]: _read(entry, labels[entry["code"]]) for entry in _file()["statistics"]})


def several(source: str) -> frozenset[str]:
    """The dimensions of a source under which one of the counted may stand more than once."""
    return frozenset().union(*(found.several for found in definitions().values() if found.source == source))


def of_source(source: str) -> tuple[str, ...]:
    """All dimensions of a source, each once: what is protected together."""
    found = [name for one in definitions().values() if one.source == source for name in one.dimensions]
    return tuple(dict.fromkeys(found))


def _read(entry: Mapping[str, Any], label: Labelled) -> Definition:
    where = f"{FILE}: {label.code}"
    for key in NEEDED:
        if not entry.get(key):
            raise KnowledgeError(f"{where}: expected {key}")
    unknown = (set(entry["dimensions"]) | set(entry["several"])) - set(dimensions())
    if unknown or not set(entry["several"]) <= set(entry["dimensions"]):
        raise KnowledgeError(f"{where}: expected dimensions that the file knows, and several among them")
    if entry["measure"] not in MEASURES or entry["source"] not in SOURCES or entry["period"] != "month":
        raise KnowledgeError(f"{where}: expected a known measure and source, and month as the period")
    parted = entry["measure"] != "count"
    if parted != bool(entry.get("of") and entry.get("part") and entry.get("denominator")):
        raise KnowledgeError(f"{where}: expected of, part and denominator for a share or a median, and only there")
    if not isinstance(entry["since"], date):
        raise KnowledgeError(f"{where}: expected a date under since")
    return Definition(
        code=label.code, label_id=label.label_id, label_en=label.label_en,
        about=_pair(where, "about", entry["about"]),
        source=entry["source"], measure=entry["measure"],
        unit=_pair(where, "unit", entry["unit"]), period=entry["period"],
        numerator=_pair(where, "numerator", entry["numerator"]),
        denominator=_pair(where, "denominator", entry["denominator"]) if entry.get("denominator") else None,
        tables=tuple(entry["tables"]), dimensions=tuple(entry["dimensions"]), several=frozenset(entry["several"]),
        not_counted=tuple(_pair(where, f"not_counted {n}", pair) for n, pair in enumerate(entry["not_counted"], 1)),
        of=entry.get("of", ""), part=entry.get("part", ""), version=str(entry["version"]), since=entry["since"],
    )  # fmt: skip


def _pair(where: str, code: str, entry: Any) -> Labelled:
    if not isinstance(entry, dict):
        raise KnowledgeError(f"{where}: {code}: expected id and en")
    return labelled([{"code": code, **entry}], where)[code]
