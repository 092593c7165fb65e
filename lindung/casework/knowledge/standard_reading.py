"""Reads the file of a standard node by node, so that every fault can be named by its line and by what was expected."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from ..models import Risk, Stage

_VERSION = re.compile(r"[a-z][a-z0-9.\-]{1,19}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TOP = {"version", "id", "en", "date", "in_force", "sources", "stages"}
_STAGE = {"code", "items"}
_ITEM = {"code", "id", "en", "source", "risk", "within", "was"}
_NEEDED_OF_ITEM = {"code", "id", "en", "source"}
_LONGEST_LABEL = 300


class Fault(NamedTuple):
    """Something wrong in a file."""

    line: int
    expected: str


@dataclass
class ItemRead:
    code: str = ""
    label_id: str = ""
    label_en: str = ""
    source: str = ""
    risk: list[str] = field(default_factory=list)
    hours: int | None = None
    working_days: int | None = None
    was: list[str] = field(default_factory=list)


@dataclass
class StageRead:
    code: str
    items: list[ItemRead]


@dataclass
class StandardRead:
    version: str
    label_id: str
    label_en: str
    date: dt.date
    in_force: dt.date
    sources: dict[str, str]
    stages: list[StageRead]


class StandardReader:
    """Reads one file; afterwards `faults` holds what was wrong. A file with a fault is never half used."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._items: set[str] = set()

    def read(self, content: bytes) -> StandardRead | None:
        root = self._compose(content)
        if root is None:
            return None
        top = self._mapping(root, "the file", _TOP, _TOP)
        if top is None or self.faults:
            return None
        sources = self._sources(top["sources"])
        found = StandardRead(
            version=self._matching(top["version"], _VERSION, "a version of 2 to 20 small letters, digits, dots, -"),
            label_id=self._text(top["id"]),
            label_en=self._text(top["en"]),
            date=self._date(top["date"]),
            in_force=self._date(top["in_force"]),
            sources=sources,
            stages=self._stages(top["stages"], sources),
        )
        return None if self.faults else found

    def _fault(self, node: yaml.Node, expected: str) -> None:
        self.faults.append(Fault(node.start_mark.line + 1, expected))

    def _compose(self, content: bytes) -> yaml.Node | None:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            self.faults.append(Fault(content[: error.start].count(b"\n") + 1, "expected text in UTF-8"))
            return None
        try:
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                # A name for another part of the file can make a small file endless.
                if isinstance(event, yaml.AliasEvent):
                    line = event.start_mark.line + 1 if event.start_mark else 1
                    self.faults.append(Fault(line, "expected the value itself, no alias (*)"))
                    return None
            root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            self.faults.append(Fault(mark.line + 1 if mark else 1, f"expected YAML ({error.problem})"))
            return None
        except (yaml.YAMLError, RecursionError):
            self.faults.append(Fault(1, "expected YAML"))
            return None
        if root is None:
            self.faults.append(Fault(1, "expected a mapping, found an empty file"))
        return root

    def _mapping(self, node: yaml.Node, what: str, known: set[str], needed: set[str]) -> dict[str, yaml.Node] | None:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, f"{what}: expected a mapping with the keys {', '.join(sorted(needed))}")
            return None
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                self._fault(key, f"{what}: expected one of the keys {', '.join(sorted(known))}, found {_short(name)!r}")
            elif name in found:
                self._fault(key, f"{what}: expected the key {name} once")
            found[name] = value
        for name in sorted(needed - set(found)):
            self._fault(node, f"{what}: expected the key {name}")
        return found if needed <= set(found) else None

    def _list(self, node: yaml.Node, what: str, each: Callable[[yaml.Node], Any]) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._fault(node, f"{what}: expected a list with at least one entry")
            return []
        return [each(entry) for entry in node.value]

    def _text(self, node: yaml.Node) -> str:
        value = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if not value or len(value) > _LONGEST_LABEL or node.tag.endswith(":null"):
            self._fault(node, f"expected a text of 1 to {_LONGEST_LABEL} characters")
        return value

    def _matching(self, node: yaml.Node, pattern: re.Pattern[str], expected: str) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not pattern.fullmatch(value):
            self._fault(node, f"expected {expected}, found {_short(value)!r}")
        return value

    def _date(self, node: yaml.Node) -> dt.date:
        try:
            return dt.date.fromisoformat(node.value if isinstance(node, yaml.ScalarNode) else "")
        except ValueError:
            self._fault(node, "expected a date like 2026-11-22")
            return dt.date.min

    def _sources(self, node: yaml.Node) -> dict[str, str]:
        if not isinstance(node, yaml.MappingNode) or not node.value:
            self._fault(node, "sources: expected a mapping of a code to where it was read")
            return {}
        found = {}
        for key, value in node.value:
            code = self._matching(key, _CODE, "a code of small letters, digits and _")
            found[code] = self._text(value)
        return found

    def _stages(self, node: yaml.Node, sources: dict[str, str]) -> list[StageRead]:
        seen: set[str] = set()

        def stage(entry: yaml.Node) -> StageRead | None:
            keys = self._mapping(entry, "a stage", _STAGE, _STAGE)
            if keys is None:
                return None
            code = self._one_of(keys["code"], list(Stage.values))
            if code in seen:
                self._fault(keys["code"], f"expected the stage {code} once")
            seen.add(code)
            items = self._list(keys["items"], "items", lambda one: self._item(one, sources))
            return StageRead(code, [item for item in items if item])

        return [one for one in self._list(node, "stages", stage) if one]

    def _item(self, node: yaml.Node, sources: dict[str, str]) -> ItemRead | None:
        keys = self._mapping(node, "an item", _ITEM, _NEEDED_OF_ITEM)
        if keys is None:
            return None
        item = ItemRead(
            code=self._matching(keys["code"], _CODE, "a code of 1 to 40 small letters, digits and _"),
            label_id=self._text(keys["id"]),
            label_en=self._text(keys["en"]),
            source=self._one_of(keys["source"], list(sources)),
        )
        if item.code in self._items:
            self._fault(keys["code"], f"expected each code once, found {item.code!r} again")
        self._items.add(item.code)
        if "risk" in keys:
            item.risk = self._list(keys["risk"], "risk", lambda one: self._one_of(one, list(Risk.values)))
        if "was" in keys:
            item.was = self._list(keys["was"], "was", lambda one: self._matching(one, _CODE, "the code of an item"))
        if "within" in keys:
            self._within(keys["within"], item)
        return item

    def _within(self, node: yaml.Node, item: ItemRead) -> None:
        keys = self._mapping(node, "within", {"hours", "working_days"}, set()) or {}
        if len(keys) != 1:
            self._fault(node, "within: expected either hours or working_days")
            return
        name, value = next(iter(keys.items()))
        least = 1 if name == "working_days" else 0
        number = self._number(value, least)
        if name == "hours":
            item.hours = number
        elif name == "working_days":
            item.working_days = number

    def _number(self, node: yaml.Node, least: int) -> int:
        text = node.value if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int") else ""
        if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < least:
            self._fault(node, f"expected a whole number from {least} to 9999")
            return least
        return int(text)

    def _one_of(self, node: yaml.Node, known: list[str]) -> str:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if value not in known:
            self._fault(node, f"expected one of {', '.join(known)}, found {_short(value)!r}")
        return value


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:40] + "…"
