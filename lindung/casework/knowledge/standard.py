"""The standards of service as versioned checklists: one YAML file a version, of this package or of the folder
LINDUNG_STANDARDS_DIR. Which keys a file has: docs/decisions/0015-versioned-standards.md.

A version never changes. A file of the folder that is wrong is left out, and `lindung standards check` says why; the
folder is read again when something in it changed, so that a loaded version is there without a restart.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from lindung.core.knowledge import KnowledgeError, Labelled

from .standard_reading import Fault, StandardReader

log = logging.getLogger("lindung.standards")

LARGEST = 200_000
"""Bytes of one file."""


@dataclass(frozen=True)
class Item(Labelled):
    """One point of the checklist.

    `risk`: only for cases of these risks (empty: for all). `hours` are calendar hours, `working_days` those of the
    place, both counted from the receipt of the first report; at most one of them is set. `was`: codes of earlier
    versions whose marks count for this one after a move.
    """

    source: str
    risk: frozenset[str]
    hours: int | None
    working_days: int | None
    was: tuple[str, ...]

    def applies_to(self, risk: str) -> bool:
        return not self.risk or risk in self.risk


@dataclass(frozen=True)
class StageOf:
    """A stage of the work (a code of models.Stage) with its points in order."""

    code: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Standard(Labelled):
    """One version; `code` is its name. `digest` tells whether two files say the same."""

    date: dt.date
    in_force: dt.date
    sources: Mapping[str, str]
    stages: tuple[StageOf, ...]
    digest: str

    @property
    def version(self) -> str:
        return self.code

    @property
    def items(self) -> dict[str, Item]:
        return {item.code: item for stage in self.stages for item in stage.items}


class StandardFaulty(KnowledgeError):
    """A file that is no standard. `faults`: what is wrong, by line, and what was expected."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(f"{name}:{fault.line}: {fault.expected}" for fault in self.faults))


class StandardTaken(KnowledgeError):
    """Another file already has this version: a version never changes."""


def read(content: bytes, name: str) -> Standard:
    """Read the bytes of a file. Raises StandardFaulty with every fault that was found."""
    if len(content) > LARGEST:
        raise StandardFaulty(name, [Fault(1, f"expected at most {LARGEST} bytes")])
    reader = StandardReader()
    found = reader.read(content)
    if reader.faults or found is None:
        raise StandardFaulty(name, reader.faults or [Fault(1, "expected a mapping with the key version")])
    stages = tuple(
        StageOf(
            stage.code,
            tuple(
                Item(i.code, i.label_id, i.label_en, i.source, frozenset(i.risk), i.hours, i.working_days, tuple(i.was))
                for i in stage.items
            ),
        )
        for stage in found.stages
    )
    return Standard(
        found.version, found.label_id, found.label_en, found.date, found.in_force, MappingProxyType(found.sources),
        stages, hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def standards() -> Mapping[str, Standard]:
    """Every version by its name: those of the package, then those of the folder."""
    return _all(_state())


def find(version: str) -> Standard | None:
    """A version by its name; None when its file is not there (a case may follow one that was loaded elsewhere)."""
    return standards().get(version)


def newest(on: dt.date) -> Standard:
    """The version that a case opened on this day follows: the latest that is in force."""
    in_force = [standard for standard in standards().values() if standard.in_force <= on]
    if not in_force:
        raise KnowledgeError("standards: expected one that is in force")
    return max(in_force, key=_age)


def newer_than(version: str, on: dt.date) -> tuple[Standard, ...]:
    """The versions in force that a case of this version can be moved to, the latest first."""
    present = find(version)
    rows = [s for s in standards().values() if s.in_force <= on and s.code != version]
    if present is not None:
        rows = [s for s in rows if _age(s) > _age(present)]
    return tuple(sorted(rows, key=_age, reverse=True))


def load(path: Path) -> tuple[Standard, bool]:
    """Put a file into the folder, whole or not at all; return its standard and whether it is new.

    Raises StandardFaulty, StandardTaken when the version exists with another content, OSError.
    """
    content = path.read_bytes()
    standard = read(content, path.name)
    present = find(standard.version)
    if present is not None:
        if present.digest != standard.digest:
            raise StandardTaken(
                f"{path.name}: version {standard.version} is already loaded with another content; expected a new "
                "version name, because open cases follow the one that they have"
            )
        return present, False
    folder = folder_of_more()
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{standard.version}.half"
    half.write_bytes(content)
    half.replace(folder / f"{standard.version}.yaml")
    return standard, True


def faulty() -> list[str]:
    """What is wrong with files of the folder, by file and line: such a file is left out of `standards`."""
    found = []
    for name, _mtime, _size in _state():
        path = Path(name)
        try:
            standard = read(path.read_bytes(), path.name)
        except StandardFaulty as error:
            found += str(error).splitlines()
        except OSError as error:
            found.append(f"{path.name}: {error.strerror}")
        else:
            used = find(standard.version)
            if used is not None and used.digest != standard.digest:
                found.append(f"{path.name}: expected another version than {standard.version}, which is taken")
    return found


def folder_of_more() -> Path:
    """The folder of additional standards (setting LINDUNG_STANDARDS_DIR)."""
    return Path(settings.LINDUNG_STANDARDS_DIR)


def _age(standard: Standard) -> tuple[dt.date, dt.date, str]:
    return standard.in_force, standard.date, standard.code


def _state() -> tuple[tuple[str, int, int], ...]:
    """What tells that the folder changed."""
    try:
        entries = [entry for entry in folder_of_more().iterdir() if entry.suffix == ".yaml"]
        stats = [(str(entry), entry.stat()) for entry in sorted(entries)]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=4)
def _all(state: tuple[tuple[str, int, int], ...]) -> Mapping[str, Standard]:
    found: dict[str, Standard] = {}
    for entry in sorted(files("lindung.casework.knowledge.standards").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yaml"):
            standard = read(entry.read_bytes(), entry.name)
            found[standard.version] = standard
    for name, _mtime, _size in state:
        try:
            standard = read(Path(name).read_bytes(), Path(name).name)
        except (OSError, StandardFaulty):
            log.warning("a standard of service is left out: see lindung standards list")
            continue
        found.setdefault(standard.version, standard)
    return MappingProxyType(found)
