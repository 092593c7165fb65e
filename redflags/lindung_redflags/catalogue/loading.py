"""Reads indicators from YAML. A wrong file is refused as a whole, with its name and the line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from babel.core import get_global
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from lindung_redflags.catalogue.building import Builder, seconds
from lindung_redflags.catalogue.exact_yaml import line_of, parse
from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.errors import BadCatalogue

__all__ = ["build", "grids", "load", "own_files", "own_lists", "parameters_from", "read", "schema", "seconds"]

_HERE = Path(str(resources.files("lindung_redflags.catalogue")))
TEN_THOUSANDTHS = 10_000


@cache
def schema() -> Draft202012Validator:
    """The published schema, which takes decimals for numbers and no boolean for one."""
    text = (_HERE / "indicator.schema.json").read_text("utf-8")

    def number(_: Any, value: Any) -> bool:
        return isinstance(value, int | Decimal) and not isinstance(value, bool)

    checker = Draft202012Validator.TYPE_CHECKER.redefine("number", number)
    made: Draft202012Validator = extend(Draft202012Validator, type_checker=checker)(json.loads(text))  # type: ignore[no-untyped-call]
    return made


def own_files() -> list[Path]:
    """The indicators of this distribution."""
    return sorted((_HERE / "indicators").glob("*.yaml"))


def own_lists() -> list[Path]:
    """The lists of this distribution."""
    return sorted((_HERE / "lists").glob("*.yaml"))


def load(folders: Iterable[Path] = (), parameters: Mapping[str, Any] | None = None) -> Catalogue:
    """Read our indicators, then those of each folder; `parameters`: {indicator: {parameter: value}}.

    A folder holds one YAML file for each indicator; `lists/NAME.yaml` in it replaces the list NAME, and `grids.yaml`
    adds or replaces grids. An indicator that has the id of another one must say `supersedes` with a reason. Raises
    BadCatalogue.
    """
    folders = list(folders)
    raws: dict[str, tuple[Path, dict[str, Any], yaml.Node]] = {}
    lists = _lists(_HERE / "lists")
    for path in own_files():
        raw, node = read(path)
        raws[raw["id"]] = (path, raw, node)
    for folder in folders:
        if not folder.is_dir():
            raise BadCatalogue(f"{folder}: expected a folder with one YAML file for each indicator")
        lists |= _lists(folder / "lists")
        here: set[str] = set()
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            if path.name == "grids.yaml":
                continue
            raw, node = read(path)
            _may_stand(path, raw, node, raws, here)
            here.add(raw["id"])
            raws[raw["id"]] = (path, raw, node)
    given = parameters or {}
    unknown = sorted(map(str, set(given) - set(raws)))
    if unknown:
        raise BadCatalogue(f"parameters: no indicator is called {', '.join(unknown)}")
    made = {pk: build(path, raw, node, given.get(pk, {}), lists) for pk, (path, raw, node) in sorted(raws.items())}
    return Catalogue(made, lists, grids(folders))


def _may_stand(path: Path, raw: dict[str, Any], node: yaml.Node, raws: Mapping[str, Any], here: set[str]) -> None:
    """Whether an indicator of a folder may stand beside or instead of those that are known. Raises BadCatalogue."""
    pk, said = raw["id"], raw.get("supersedes", {}).get("id")
    line = line_of(node, ["supersedes", "id"])
    if pk in here:
        raise BadCatalogue(
            f"{path}, line {line_of(node, ['id'])}: {pk} stands twice in this folder ({raws[pk][0].name})"
        )
    if said is not None and said not in raws:
        raise BadCatalogue(f"{path}, line {line}: supersedes {said}, which nobody knows")
    if said is not None and said != pk:
        raise BadCatalogue(f"{path}, line {line}: supersedes {said}; expected its own id, {pk}")
    if said is None and pk in raws:
        raise BadCatalogue(
            f"{path}, line {line_of(node, ['id'])}: {pk} is known already ({raws[pk][0].name}); to replace it, say "
            f"supersedes: {{id: {pk}, reason: ...}}"
        )


def _lists(folder: Path) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        raw, node = parse(path)
        if (
            not isinstance(raw, dict)
            or set(raw) != {"about", "source", "entries"}
            or not isinstance(raw["entries"], list)
        ):
            raise BadCatalogue(f"{path}, line {line_of(node, [])}: expected the keys about, source, entries (a list)")
        for number, entry in enumerate(raw["entries"]):
            if not isinstance(entry, str) or not entry.strip():
                where = line_of(node, ["entries", number])
                raise BadCatalogue(
                    f"{path}, line {where}: expected text, in quotes where YAML reads it otherwise (NO, 4816)"
                )
        found[path.stem] = tuple(entry.strip() for entry in raw["entries"])
    return found


def grids(folders: Iterable[Path] = ()) -> dict[str, int]:
    """The grid of round amounts by currency, in ten-thousandths of its unit. Raises BadCatalogue."""
    found: dict[str, int] = {}
    for path in [_HERE / "grids.yaml", *(folder / "grids.yaml" for folder in folders)]:
        if not path.is_file():
            continue
        raw, node = parse(path)
        if not isinstance(raw, dict):
            raise BadCatalogue(f"{path}, line 1: expected currencies, as IDR: {{step: 50000, reason: ...}}")
        for name, entry in raw.items():
            line = line_of(node, [name])
            if name not in get_global("all_currencies"):
                raise BadCatalogue(f"{path}, line {line}: {name!r}: expected a currency of ISO 4217")
            if not isinstance(entry, dict) or set(entry) != {"step", "reason"} or not isinstance(entry["reason"], str):
                raise BadCatalogue(f"{path}, line {line}: expected {{step: ..., reason: ...}}")
            step = entry["step"]
            if isinstance(step, bool) or not isinstance(step, int | Decimal) or step <= 0 or step * TEN_THOUSANDTHS % 1:
                raise BadCatalogue(f"{path}, line {line}: expected a step above 0 with at most four decimals")
            found[name] = int(step * TEN_THOUSANDTHS)
    return found


def parameters_from(path: Path) -> dict[str, dict[str, Any]]:
    """Read a file of parameters, {R01: {payers: 6}}. Raises BadCatalogue with the line."""
    raw, node = parse(path)
    if not isinstance(raw, dict):
        raise BadCatalogue(f"{path}, line 1: expected indicators with their parameters, as R01: {{payers: 6}}")
    for pk, entry in raw.items():
        if not isinstance(entry, dict):
            raise BadCatalogue(f"{path}, line {line_of(node, [pk])}: {pk}: expected parameters, as {{payers: 6}}")
        for name, value in entry.items():
            if isinstance(value, bool) or not isinstance(value, int | Decimal | list):
                raise BadCatalogue(
                    f"{path}, line {line_of(node, [pk, name])}: {pk}.{name}: expected a number or a list"
                )
    return raw


def read(path: Path) -> tuple[dict[str, Any], yaml.Node]:
    """Read one indicator and check its form. Raises BadCatalogue with the line."""
    raw, node = parse(path)
    error: ValidationError | None = best_match(schema().iter_errors(raw))
    if error is not None:
        where, text = _said(error)
        raise BadCatalogue(f"{path}, line {line_of(node, where)}: {text}")
    return raw, node


def _said(error: ValidationError) -> tuple[list[Any], str]:
    """Where in the file a fault stands, and what it is."""
    where = list(error.absolute_path)
    name = ".".join(map(str, where)) or "the file"
    said: Any = error.instance
    rules: Any = error.schema
    if error.validator == "additionalProperties" and isinstance(said, dict):
        known = rules.get("properties", {})
        extra = [key for key in said if key not in known]
        if known and extra:
            return [*where, extra[0]], f"{name}: unknown key {extra[0]!r}; known are {', '.join(sorted(known))}"
    if error.validator == "not" and said.get("kind") != "context":
        return [*where, "not_computed"], "not_computed is for indicators of kind context only"
    if error.validator == "not":
        extra = [key for key in ("when", "weight") if key in said]
        return [
            *where,
            *extra[:1],
        ], f"an indicator of kind context is never computed; it takes no {' and no '.join(extra)}"
    return where, f"{name}: {error.message}"


def build(
    path: Path, raw: dict[str, Any], node: yaml.Node, given: Mapping[str, Any], lists: Mapping[str, tuple[Any, ...]]
) -> Indicator:
    """Fill the parameters in and check what a schema cannot say. Raises BadCatalogue with the line."""
    return Builder(path, raw, node, given, lists).build()
