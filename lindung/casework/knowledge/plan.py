"""What is asked of a child's situation, which answers raise its risk, and how groups are looked at (assessment.yaml,
groups.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

PACKAGE = "lindung.casework.knowledge"
YES, NO, UNKNOWN = "yes", "no", "unknown"
ANSWERS = (YES, NO, UNKNOWN)
RISKS = ("low", "medium", "high")
"""From the lowest to the highest."""


@dataclass(frozen=True)
class Area:
    """A part of the assessment with its questions. `strengths`: what helps the child."""

    label: Labelled
    items: tuple[Labelled, ...]
    strengths: bool

    @property
    def code(self) -> str:
        return self.label.code


@dataclass(frozen=True)
class Rule(Labelled):
    """One reason for a risk: fits when every question of `needs` has one of its answers. The label says why."""

    risk: str
    needs: tuple[tuple[str, frozenset[str]], ...]

    def fits(self, answers: Mapping[str, str]) -> bool:
        return all(answers.get(item, "") in wanted for item, wanted in self.needs)


@dataclass(frozen=True)
class Follows:
    """What a risk asks for. Exactly one of `at_once`, `hours` and `working_days` says when the first service is due.

    `hours` and `review_days` run by the calendar; `working_days` are those of the place.
    """

    at_once: bool
    hours: int | None
    working_days: int | None
    review_days: int


@cache
def _file(name: str) -> dict[str, Any]:
    content = load_yaml(PACKAGE, name)
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}: expected a {key}")
    return dict(content)


@cache
def rules_version() -> str:
    """The version of the questions and rules, kept with each assessment."""
    return str(_file("assessment.yaml")["version"])


@cache
def areas() -> tuple[Area, ...]:
    """The parts of the assessment in order."""
    found, seen = [], set()
    for entry in _file("assessment.yaml")["areas"]:
        where = f"assessment.yaml: {entry.get('code')}"
        items = tuple(labelled(entry["items"], where).values())
        for item in items:
            if item.code in seen:
                raise KnowledgeError(f"{where}: {item.code!r} stands there twice")
            seen.add(item.code)
        label = labelled([entry], "assessment.yaml: areas")[entry["code"]]
        found.append(Area(label, items, bool(entry.get("strengths"))))
    return tuple(found)


@cache
def items() -> Mapping[str, Labelled]:
    """Every question by its code."""
    return MappingProxyType({item.code: item for area in areas() for item in area.items})


@cache
def rules() -> tuple[Rule, ...]:
    """The reasons for a risk, the highest first."""
    found = []
    for entry in _file("assessment.yaml")["rules"]:
        label = labelled([entry], "assessment.yaml: rules")[entry["code"]]
        needs = []
        for item, wanted in entry["if"].items():
            if item not in items() or not wanted or not set(wanted) <= set(ANSWERS):
                raise KnowledgeError(f"assessment.yaml: {label.code!r}: expected questions and yes, no or unknown")
            needs.append((item, frozenset(wanted)))
        if entry["risk"] not in RISKS[1:]:
            raise KnowledgeError(f"assessment.yaml: {label.code!r}: expected high or medium")
        found.append(Rule(label.code, label.label_id, label.label_en, entry["risk"], tuple(needs)))
    if len({rule.code for rule in found}) != len(found):
        raise KnowledgeError("assessment.yaml: rules: expected each code once")
    return tuple(sorted(found, key=lambda rule: -RISKS.index(rule.risk)))


@cache
def needed_for_low() -> tuple[str, ...]:
    """Questions without whose answer nothing is low."""
    codes = tuple(_file("assessment.yaml")["needed_for_low"])
    if not codes or not set(codes) <= set(items()):
        raise KnowledgeError("assessment.yaml: needed_for_low: expected codes of questions")
    return codes


@cache
def follows() -> Mapping[str, Follows]:
    """What each risk asks for."""
    found = {}
    for risk, entry in _file("assessment.yaml")["follows"].items():
        times = [name for name in ("at_once", "hours", "working_days") if entry.get(name)]
        if risk not in RISKS or len(times) != 1 or int(entry.get("review_days", 0)) < 1:
            raise KnowledgeError(f"assessment.yaml: follows: {risk}: expected one time and review_days")
        found[risk] = Follows(
            bool(entry.get("at_once")), entry.get("hours"), entry.get("working_days"), int(entry["review_days"])
        )
    if set(found) != set(RISKS):
        raise KnowledgeError("assessment.yaml: follows: expected high, medium and low")
    return MappingProxyType(found)


@cache
def needs() -> tuple[tuple[str, frozenset[str]], ...]:
    """Which services answer which needs: (service, questions)."""
    found = []
    for entry in _file("assessment.yaml")["needs"]:
        codes = frozenset(entry["items"])
        if not entry.get("service") or not codes <= set(items()):
            raise KnowledgeError("assessment.yaml: needs: expected a service and codes of questions")
        found.append((str(entry["service"]), codes))
    return tuple(found)


@cache
def programmes() -> Mapping[str, Labelled]:
    """Group activities."""
    return MappingProxyType(labelled(_file("groups.yaml")["programmes"], "groups.yaml: programmes"))


@cache
def statements() -> Mapping[str, Labelled]:
    """The neutral statements about the last week."""
    return MappingProxyType(labelled(_file("groups.yaml")["statements"], "groups.yaml: statements"))


@cache
def scale() -> Mapping[int, Labelled]:
    """The four answers to a statement; higher is better."""
    entries = [{**entry, "code": str(entry["value"])} for entry in _file("groups.yaml")["answers"]]
    found = {int(code): label for code, label in labelled(entries, "groups.yaml: answers").items()}
    if sorted(found) != [1, 2, 3, 4]:
        raise KnowledgeError("groups.yaml: answers: expected the values 1 to 4")
    return MappingProxyType(found)


@cache
def least_children() -> int:
    """From how many children up a group's result may be shown."""
    least = int(_file("groups.yaml")["least"])
    if least < 5:
        raise KnowledgeError("groups.yaml: least: expected 5 or more")
    return least
