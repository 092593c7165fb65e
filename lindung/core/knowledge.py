"""Typed loading of knowledge that is kept as data: YAML with labels in both languages, a source and a date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import get_language


class KnowledgeError(Exception):
    """A knowledge file is wrong; the message names the file and the entry and says what was expected."""


@dataclass(frozen=True)
class Labelled:
    """A code with its labels. `label` follows the active language."""

    code: str
    label_id: str
    label_en: str

    @property
    def label(self) -> str:
        return self.label_en if (get_language() or "id").startswith("en") else self.label_id

    def __str__(self) -> str:
        return self.label


@cache
def load_yaml(package: str, name: str) -> Any:
    """Read `name` from the folder of an importable package; safe loader only."""
    with files(package).joinpath(name).open("rb") as handle:
        return yaml.safe_load(handle)


def labelled(entries: list[dict[str, Any]], where: str) -> dict[str, Labelled]:
    """Turn `[{code, id, en}, ...]` into an ordered mapping; a missing label or a repeated code is an error."""
    result: dict[str, Labelled] = {}
    for entry in entries:
        code = entry.get("code")
        if not isinstance(code, str) or not entry.get("id") or not entry.get("en"):
            raise KnowledgeError(f"{where}: {code!r}: expected code, id and en, all filled")
        if code in result:
            raise KnowledgeError(f"{where}: {code!r} stands there twice")
        result[code] = Labelled(code, str(entry["id"]), str(entry["en"]))
    return result
