"""What the law asks after an incident, and how a child may be told, as data (incidents.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from lindung.core.knowledge import KnowledgeError, Labelled, labelled, load_yaml

SIGNS = frozenset({"danger_now", "stop_pressure", "selfharm", "high_risk", "code_only", "must_not_know", "child_path"})
"""What the code can look for in a report; incidents.yaml says what each means."""


@dataclass(frozen=True)
class Way(Labelled):
    """One way of telling somebody, or of not telling at home.

    `tells_home`: somebody at home learns of it. `by_mailbox`: the platform writes the fixed sentence `notice`.
    `tells`: whether the person has been told when it is done. `reason`: words why are needed.
    """

    tells_home: bool
    by_mailbox: bool
    tells: bool
    reason: bool


@dataclass(frozen=True)
class Sign(Labelled):
    """A sign in a report that telling the home is unsafe, with the reason why."""

    why: str


@cache
def _file() -> dict[str, Any]:
    content = load_yaml("lindung.breaches.knowledge", "incidents.yaml")
    for key in ("version", "date", "source"):
        if not content.get(key):
            raise KnowledgeError(f"incidents.yaml: expected a {key}")
    return dict(content)


@cache
def choices(name: str) -> Mapping[str, Labelled]:
    """A list of codes: kinds, systems or bands."""
    return MappingProxyType(labelled(_file()[name], f"incidents.yaml: {name}"))


@cache
def notice_hours() -> int:
    """Calendar hours from the discovery to the end of the time for both notices."""
    return int(_file()["notice_hours"])


@cache
def reminder_hours() -> tuple[int, ...]:
    """Calendar hours after the discovery at which the team is reminded, rising."""
    hours = tuple(int(hour) for hour in _file()["reminder_hours"])
    if list(hours) != sorted(set(hours)) or not hours or hours[-1] >= notice_hours():
        raise KnowledgeError("incidents.yaml: reminder_hours: expected rising hours before the end of the time")
    return hours


@cache
def contents() -> tuple[Labelled, ...]:
    """What a notice must say at least."""
    return tuple(labelled(_file()["contents"], "incidents.yaml: contents").values())


@cache
def ways() -> Mapping[str, Way]:
    """How somebody may be told, in the order in which staff choose."""
    found = {}
    for entry in _file()["ways"]:
        label = labelled([entry], "incidents.yaml: ways")[entry["code"]]
        flags = (bool(entry.get(name)) for name in ("tells_home", "by_mailbox", "tells", "reason"))
        found[label.code] = Way(label.code, label.label_id, label.label_en, *flags)
    return MappingProxyType(found)


@cache
def unsafe_signs() -> Mapping[str, Sign]:
    """The signs that forbid to tell the home."""
    found = {}
    for entry in _file()["home_is_unsafe"]:
        label = labelled([entry], "incidents.yaml: home_is_unsafe")[entry["code"]]
        if label.code not in SIGNS or not entry.get("why"):
            raise KnowledgeError(f"incidents.yaml: {label.code!r}: expected a sign that the code knows, and a why")
        found[label.code] = Sign(label.code, label.label_id, label.label_en, str(entry["why"]))
    return MappingProxyType(found)


def mailbox_sentence(language: str) -> str:
    """The fixed sentence for a mailbox, in the language of the report ("id" or "en")."""
    sentence = labelled([{"code": "mailbox", **_file()["mailbox"]}], "incidents.yaml: mailbox")["mailbox"]
    return sentence.label_en if language == "en" else sentence.label_id
