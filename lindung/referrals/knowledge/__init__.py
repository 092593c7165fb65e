"""Typed access to what this room knows: reasons and outcomes, the clock, what may not fit, sentences of the mailbox.

The YAML files beside this module are the knowledge; each has a version, a date and a source. A wrong file raises
KnowledgeError when it is first read and in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.casework.knowledge import rights as casework
from lindung.casework.models import Risk
from lindung.casework.models_plan import GoalState
from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml
from lindung.directory import knowledge as directory

MINUTES, WORKING_DAYS = "minutes", "working_days"


@dataclass(frozen=True)
class RevokeReason(Labelled):
    """`by_hand`: somebody chooses it; the others are written by a rule."""

    by_hand: bool


@dataclass(frozen=True)
class Outcome(Labelled):
    """`goal`: the state that the goal behind the referral gets."""

    goal: str


@dataclass(frozen=True)
class Usual:
    """Which sections of a case a service usually gets, and which it never does."""

    usual: tuple[str, ...]
    never: frozenset[str]


@dataclass(frozen=True)
class Steps:
    """The clock of one risk, in its unit, counted from the sending. `lapse` or `again` is None."""

    unit: str
    answer: int
    supervisor: int
    second: int
    lapse: int | None
    again: int | None


def _file(name: str) -> dict[str, Any]:
    content = load_yaml("lindung.referrals.knowledge", f"{name}.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"{name}.yaml: expected a {key}")
    return dict(content)


@cache
def decline_reasons() -> Mapping[str, Labelled]:
    """Why a body cannot take a child."""
    return MappingProxyType(labelled(_file("reasons")["declined"], "reasons.yaml"))


@cache
def revoke_reasons() -> Mapping[str, RevokeReason]:
    """Why a referral is taken back."""
    entries = _file("reasons")["revoked"]
    labels = labelled(entries, "reasons.yaml")
    return MappingProxyType(
        {e["code"]: RevokeReason(*_three(labels[e["code"]]), bool(e.get("by_hand", True))) for e in entries}
    )


@cache
def outcomes() -> Mapping[str, Outcome]:
    """How a service ended."""
    entries = _file("reasons")["outcomes"]
    labels = labelled(entries, "reasons.yaml")
    for entry in entries:
        if entry.get("goal") not in GoalState.values:
            raise KnowledgeError(f"reasons.yaml: {entry['code']}: expected a goal out of {GoalState.values}")
    return MappingProxyType({e["code"]: Outcome(*_three(labels[e["code"]]), e["goal"]) for e in entries})


@cache
def fit_reasons() -> Mapping[str, Labelled]:
    """Why a body may not be the right one, besides what the directory says of its service."""
    return MappingProxyType(labelled(_file("fit")["reasons"], "fit.yaml"))


@cache
def usual_sections() -> Mapping[str, Usual]:
    """What a service usually needs to know, by its key."""
    found = {}
    entries = _file("needs")["services"]
    if set(entries) != set(directory.services()):
        raise KnowledgeError("needs.yaml: expected every service of the directory")
    for service, entry in entries.items():
        usual, never = tuple(entry["usual"]), frozenset(entry["never"])
        if not {*usual, *never} <= set(casework.sections()) or never & set(usual):
            raise KnowledgeError(f"needs.yaml: {service}: expected sections of casework, each once")
        found[service] = Usual(usual, never)
    return MappingProxyType(found)


@cache
def steps() -> Mapping[str, Steps]:
    """The clock by risk."""
    found = {}
    entries = _file("times")["risks"]
    if set(entries) != set(Risk.values):
        raise KnowledgeError(f"times.yaml: expected the risks {Risk.values}")
    for risk, entry in entries.items():
        numbers = [entry[name] for name in ("answer", "supervisor", "second", "lapse") if name in entry]
        if entry.get("unit") not in {MINUTES, WORKING_DAYS} or numbers != sorted(set(numbers)):
            raise KnowledgeError(f"times.yaml: {risk}: expected a unit and growing numbers")
        if ("lapse" in entry) == (risk == Risk.HIGH) or ("again" in entry) != (risk == Risk.HIGH):
            raise KnowledgeError(f"times.yaml: {risk}: high risk calls again and never lapses, the others lapse")
        found[risk] = Steps(
            entry["unit"], entry["answer"], entry["supervisor"], entry["second"], entry.get("lapse"), entry.get("again")
        )
    return MappingProxyType(found)


def declined_minutes() -> int:
    """How long after a no for a child at high risk its sender's supervisors are called."""
    return int(_file("times")["declined_minutes"])


def keep_days() -> int:
    """How many days after the end a body still reads what it was sent."""
    return int(_file("times")["keep_days"])


@cache
def told() -> Mapping[str, Labelled]:
    """The fixed sentences of the mailbox."""
    return MappingProxyType(labelled(_file("told")["sentences"], "told.yaml"))


def _three(label: Labelled) -> tuple[str, str, str]:
    return label.code, label.label_id, label.label_en
