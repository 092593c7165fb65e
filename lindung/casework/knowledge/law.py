"""The way through the law as data: steps, laws with their days, interviews, Simfoni PPA.

Files: legal.yaml, interviews.yaml, simfoni.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

PACKAGE = "lindung.casework.knowledge"
NONE_ADEQUATE, OTHER = "none_adequate", "other"
ARTICLE = frozenset({"optional", "needed", "none"})


@dataclass(frozen=True)
class Step(Labelled):
    """A step of the proceedings. `article`: whether it names a law; `results` are codes of what can come of it."""

    rank: int = 0
    article: str = "optional"
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article(Labelled):
    """A law that an accusation may stand on, and the days on which it applies (None: no end, or no dates at all)."""

    law: str = ""
    since: date | None = None
    until: date | None = None
    source: str = ""
    to_be_confirmed: bool = True

    def applies_on(self, day: date) -> bool:
        """Whether it was in force on that day; what has no dates always fits."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class TipBasis(Labelled):
    """On which ground something may be told to whom."""

    to: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column(Labelled):
    """A column of the sheet for Simfoni PPA. `identity`: only with consent or by a legal duty."""

    identity: bool = False


@cache
def _file(name: str) -> Mapping[str, Any]:
    data = load_yaml(PACKAGE, name)
    if not all(data.get(key) for key in ("version", "date", "source")):
        raise KnowledgeError(f"{name}: expected version, date and source")
    return MappingProxyType(data)


def version() -> str:
    """The version of the list of steps and laws."""
    return str(_file("legal.yaml")["version"])


@cache
def codes(name: str, part: str) -> Mapping[str, Labelled]:
    """A plain list of codes with labels of one of the files."""
    return MappingProxyType(labelled(_file(name)[part], f"{name}: {part}"))


@cache
def steps() -> Mapping[str, Step]:
    """The steps in their order."""
    results, found = codes("legal.yaml", "results"), {}
    labels = codes("legal.yaml", "steps")
    for entry in _file("legal.yaml")["steps"]:
        code, label = entry["code"], labels[entry["code"]]
        unknown = set(entry["results"]) - set(results)
        if unknown or entry["article"] not in ARTICLE or not isinstance(entry["rank"], int):
            raise KnowledgeError(
                f"legal.yaml: {code}: expected a rank, known results, and article of {sorted(ARTICLE)}"
            )
        found[code] = Step(
            code, label.label_id, label.label_en, entry["rank"], entry["article"], tuple(entry["results"])
        )
    return MappingProxyType(found)


@cache
def articles() -> Mapping[str, Article]:
    """The laws with their days. Raises KnowledgeError for one without a day on which it began, or that ends before."""
    labels, found = codes("legal.yaml", "articles"), {}
    for entry in _file("legal.yaml")["articles"]:
        code, since, until = entry["code"], entry.get("since"), entry.get("until")
        dated = isinstance(since, date) and (until is None or (isinstance(until, date) and since <= until))
        if bool(entry["law"]) != dated or not entry.get("source"):
            raise KnowledgeError(f"legal.yaml: {code}: expected a source, and for a law the days on which it applies")
        label = labels[code]
        found[code] = Article(
            code, label.label_id, label.label_en, entry["law"], since, until, str(entry["source"]),
            bool(entry.get("to_be_confirmed", True)),
        )  # fmt: skip
    if not {NONE_ADEQUATE, OTHER} <= set(found):
        raise KnowledgeError("legal.yaml: articles: expected none_adequate and other")
    return MappingProxyType(found)


@cache
def tip_bases() -> Mapping[str, TipBasis]:
    """On which grounds something may be handed to the police or to PPATK."""
    labels = codes("legal.yaml", "tip_bases")
    return MappingProxyType(
        {
            entry["code"]: TipBasis(
                entry["code"], labels[entry["code"]].label_id, labels[entry["code"]].label_en, frozenset(entry["to"])
            )
            for entry in _file("legal.yaml")["tip_bases"]
        }
    )


@cache
def about_events() -> frozenset[str]:
    """Topics of interviews that make a child tell again what happened."""
    wanted = frozenset(_file("interviews.yaml")["about_events"])
    if not wanted <= set(codes("interviews.yaml", "topics")):
        raise KnowledgeError("interviews.yaml: about_events: expected codes of topics")
    return wanted


@cache
def columns() -> tuple[Column, ...]:
    """The sheet for Simfoni PPA, in the order of its columns."""
    labels = codes("simfoni.yaml", "columns")
    return tuple(
        Column(
            entry["code"], labels[entry["code"]].label_id, labels[entry["code"]].label_en, bool(entry.get("identity"))
        )
        for entry in _file("simfoni.yaml")["columns"]
    )


@cache
def violence() -> Mapping[str, tuple[Labelled, frozenset[str]]]:
    """The kinds of violence of Simfoni PPA with our forms that belong to them."""
    labels = codes("simfoni.yaml", "violence")
    entries = _file("simfoni.yaml")["violence"]
    return MappingProxyType({entry["code"]: (labels[entry["code"]], frozenset(entry["forms"])) for entry in entries})


def label(name: str, part: str, code: str) -> str:
    """The label of a code in the active language, or the code itself when the list does not know it any more."""
    found = codes(name, part).get(code)
    return found.label if found else code
