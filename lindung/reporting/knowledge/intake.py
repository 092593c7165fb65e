"""What staff who take in a report choose from (intake.yaml): ways in, what may be kept, with whose consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from lindung.core.knowledge import Labelled, labelled

from . import _entries, _file, _known, _pair, questions

CHOICES = ("keep", "child_agreed", "given_by", "given_how", "without")
"""The lists of codes that a consent is made of."""


@dataclass(frozen=True)
class Channel(Labelled):
    """A way in. `receipt` says how the receipt reaches the person, None when there is nobody to give it to.

    `short`: addresses and a day only, never a word about a child.
    """

    about: Labelled
    receipt: Labelled | None
    short: bool = False


@cache
def channels() -> Mapping[str, Channel]:
    """The ways in that staff type, in the order in which they are offered."""
    return MappingProxyType(
        {
            label.code: Channel(
                label.code,
                label.label_id,
                label.label_en,
                _pair("intake.yaml", label.code, entry["about"]),
                _pair("intake.yaml", label.code, entry["receipt"]) if "receipt" in entry else None,
                bool(entry.get("short")),
            )
            for entry, label in _entries("intake", "channels")
        }
    )


@cache
def choices(name: str) -> Mapping[str, Labelled]:
    """One of CHOICES: the codes with their labels."""
    return MappingProxyType(labelled(_file("intake")[name], f"intake.yaml: {name}"))


@cache
def safety_questions() -> frozenset[str]:
    """The questions whose answers may be kept for somebody's safety when the story may not be kept."""
    return frozenset(_known("intake.yaml: safety", _file("intake")["safety"], questions()))


def channel_label(code: str) -> str:
    """The label of a way in that staff type; "" for any other."""
    found = channels().get(code)
    return found.label if found else ""
