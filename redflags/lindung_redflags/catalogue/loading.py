"""Reads indicators from YAML. A wrong file is refused as a whole, with its name and the line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Repeated, Test, Value
from lindung_redflags.errors import BadCatalogue
from lindung_redflags.features import FEATURES

_SECONDS = {"m": 60, "h": 3600, "d": 86400}


class _Exact(yaml.SafeLoader):
    """Reads 0.8 as the decimal 0.8, not as the nearest double, and refuses a key that stands twice."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)).replace("_", ""))


def _mapping(loader: _Exact, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Exact.add_constructor("tag:yaml.org,2002:float", _decimal)
_Exact.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@cache
def schema() -> Draft202012Validator:
    text = resources.files("lindung_redflags.catalogue").joinpath("indicator.schema.json").read_text("utf-8")
    number = Draft202012Validator.TYPE_CHECKER.redefine("number", lambda _, v: isinstance(v, int | Decimal) and not isinstance(v, bool))
    return extend(Draft202012Validator, type_checker=number)(json.loads(text))  # type: ignore[no-any-return]


def own_files() -> list[Path]:
    """The indicators of this distribution."""
    folder = Path(str(resources.files("lindung_redflags.catalogue").joinpath("indicators")))
    return sorted(folder.glob("*.yaml"))


def load(folders: Iterable[Path] = (), parameters: Mapping[str, Any] | None = None) -> Catalogue:
    """Read our indicators, then those of each folder; `parameters`: {indicator: {parameter: value}}.

    An indicator of a folder that has the id of another one must say `supersedes` with a reason. Raises BadCatalogue.
    """
    raws: dict[str, tuple[Path, dict[str, Any], yaml.Node]] = {}
    lists: dict[str, tuple[Any, ...]] = dict(_lists(Path(str(resources.files("lindung_redflags.catalogue"))) / "lists"))
    for path in own_files():
        raw, node = read(path)
        raws[raw["id"]] = (path, raw, node)
    for folder in folders:
        if not folder.is_dir():
            raise BadCatalogue(f"{folder}: expected a folder with one YAML file for each indicator")
        lists |= _lists(folder / "lists")
        for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
            raw, node = read(path)
            known = raws.get(raw["id"])
            said = raw.get("supersedes", {}).get("id")
            if known and said != raw["id"]:
                raise BadCatalogue(
                    f"{path}, line 1: {raw['id']} is known already ({known[0].name}); to replace it, say "
                    f"supersedes: {{id: {raw['id']}, reason: ...}}"
                )
            if said and not known:
                raise BadCatalogue(f"{path}, line {_line(node, ['supersedes', 'id'])}: supersedes {said}, which nobody knows")
            raws[raw["id"]] = (path, raw, node)
    given = dict(parameters or {})
    unknown = set(given) - set(raws)
    if unknown:
        raise BadCatalogue(f"parameters: no indicator is called {', '.join(sorted(unknown))}")
    made = {pk: build(path, raw, node, given.get(pk, {}), lists) for pk, (path, raw, node) in sorted(raws.items())}
    return Catalogue(made, lists)


def _lists(folder: Path) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        raw, node = _parse(path)
        if not isinstance(raw, dict) or set(raw) - {"about", "source", "entries"} or not isinstance(raw.get("entries"), list):
            raise BadCatalogue(f"{path}, line {node.start_mark.line + 1}: expected the keys about, source, entries (a list)")
        found[path.stem] = tuple(str(entry) for entry in raw["entries"])
    return found


def _parse(path: Path) -> tuple[Any, yaml.Node]:
    try:
        text = path.read_text("utf-8")
        node = yaml.compose(text, Loader=_Exact)
        raw = yaml.load(text, Loader=_Exact)  # noqa: S506  (a SafeLoader)
    except UnicodeDecodeError as error:
        raise BadCatalogue(f"{path}: expected UTF-8") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadCatalogue(f"{path}, line {line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BadCatalogue(f"{path}: not YAML: {error}") from error
    if node is None:
        raise BadCatalogue(f"{path}, line 1: the file is empty")
    return raw, node


def read(path: Path) -> tuple[dict[str, Any], yaml.Node]:
    """Read one indicator and check its form. Raises BadCatalogue with the line."""
    raw, node = _parse(path)
    error: ValidationError | None = best_match(schema().iter_errors(raw))
    if error is not None:
        raise BadCatalogue(f"{path}, line {_line(node, list(error.absolute_path))}: {_said(error)}")
    return raw, node


def _said(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "the file"
    return f"{where}: {error.message}"


def _line(node: yaml.Node, path: list[Any]) -> int:
    """The line on which the value at a path begins."""
    line = node.start_mark.line + 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def build(
    path: Path, raw: dict[str, Any], node: yaml.Node, given: Mapping[str, Any], lists: Mapping[str, tuple[Any, ...]]
) -> Indicator:
    """Fill the parameters in and check what a schema cannot say. Raises BadCatalogue with the line."""

    def wrong(where: list[Any], text: str) -> BadCatalogue:
        return BadCatalogue(f"{path}, line {_line(node, where)}: {text}")

    needs = {name: tuple(entry) if isinstance(entry, list) else (("yes",) if entry else ()) for name, entry in raw["needs"].items()}
    common: dict[str, Any] = {
        "id": raw["id"], "subject": raw["class"], "kind": raw["kind"], "group": raw["group"], "needs": needs, "raw": raw,
    }  # fmt: skip
    if raw["kind"] == "context":
        return Indicator(**common)
    values: dict[str, Value] = {}
    for name in given:
        if name not in raw["parameters"]:
            raise BadCatalogue(f"parameters: {raw['id']} has no parameter {name}; it has {', '.join(raw['parameters'])}")
    for name, entry in raw["parameters"].items():
        value = _value(given.get(name, entry["default"]))
        for limit, holds in (("min", lambda v, x: v >= x), ("max", lambda v, x: v <= x)):
            if limit in entry and not isinstance(value, tuple) and not holds(value, _value(entry[limit])):
                text = f"{name} is {value}; expected {'at least' if limit == 'min' else 'at most'} {entry[limit]}"
                raise BadCatalogue(f"parameters: {raw['id']}: {text}") if name in given else wrong(["parameters", name], text)
        values[name] = value
    used: set[str] = set()

    def fill(value: Any, where: list[Any]) -> tuple[Value, str]:
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            if name not in values:
                raise wrong(where, f"{value}: there is no such parameter; there are {', '.join(values)}")
            used.add(name)
            return values[name], name
        if isinstance(value, str) and value.startswith("@"):
            if value[1:] not in lists:
                raise wrong(where, f"{value}: there is no such list; there are {', '.join(lists) or 'none'}")
            return lists[value[1:]], ""
        return _value(value), ""

    def conditions(given: Mapping[str, Any], where: list[Any]) -> Conditions:
        for name in given:
            if name.startswith("subject_") and raw["class"] != "possible_victim":
                raise wrong([*where, name], "the age of the subject is used for class possible_victim only")
        return Conditions.of({
            name: value if isinstance(value, bool) or name == "words" else fill(value, [*where, name])[0]
            for name, value in given.items()
        })  # fmt: skip

    way = "any" if "any" in raw["when"] else "all"
    tests = []
    for number, entry in enumerate(raw["when"][way]):
        where = ["when", way, number]
        feature = FEATURES.get(entry["feature"])
        if feature is None:
            raise wrong([*where, "feature"], f"no feature is called {entry['feature']}; there are {', '.join(sorted(FEATURES))}")
        if entry["entity"] not in feature.entities:
            raise wrong([*where, "entity"], f"{feature.name} is known for {' and '.join(feature.entities)}")
        for extra in ("of", "within"):
            if (extra in entry) != (extra in feature.takes):
                raise wrong(where, f"{feature.name} {'needs' if extra in feature.takes else 'takes no'} `{extra}`")
        if entry["op"] not in feature.ops:
            raise wrong([*where, "op"], f"{feature.name} can be compared with {', '.join(feature.ops)}")
        value, parameter = fill(entry["value"], [*where, "value"])
        if isinstance(value, tuple) or (isinstance(value, Fraction) and not feature.is_share):
            raise wrong([*where, "value"], f"{feature.name} is compared with a whole number of {feature.unit}")
        if feature.is_share and not 0 <= value <= 1:
            raise wrong([*where, "value"], "a share lies between 0 and 1")
        within = fill(entry["within"], [*where, "within"])[0] if "within" in entry else 0
        tests.append(Test(
            feature=feature.name, entity=entry["entity"], window=seconds(entry["window"]), op=entry["op"], value=value,
            parameter=parameter, of=conditions(entry.get("of", {}), [*where, "of"]), within=int(within),  # type: ignore[arg-type]
        ))  # fmt: skip
    if sorted({test.feature for test in tests}) != sorted(raw["features"]):
        raise wrong(["features"], f"`when` uses {', '.join(sorted({test.feature for test in tests}))}")
    payments = conditions(raw.get("payments", {}), ["payments"])
    silent = fill(raw["then_silent"], ["then_silent"])[0] if "then_silent" in raw else 0
    repeated = None
    if entry := raw.get("repeated"):
        times = fill(entry["times"], ["repeated", "times"])[0]
        repeated = Repeated(int(times), seconds(entry["window"]), seconds(entry["apart"]))  # type: ignore[arg-type]
    if idle := set(values) - used:
        raise wrong(["parameters", sorted(idle)[0]], "the parameter is used nowhere")
    return Indicator(
        **common, weight=raw["weight"], at=raw["at"], payments=payments, tests=tuple(tests), any_of=way == "any",
        repeated=repeated, then_silent=int(silent), parameters=values,  # type: ignore[arg-type]
    )  # fmt: skip


def seconds(text: str) -> int:
    """Return the seconds of "30m", "6h" or "7d"."""
    found = re.fullmatch(r"([1-9][0-9]*)([mhd])", text)
    if not found:
        raise BadCatalogue(f"{text!r}: expected whole minutes, hours or days, as 30m, 6h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


def _value(value: Any) -> Value:
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, int):
        return value
    exact = Fraction(str(value))
    return int(exact) if exact.denominator == 1 else exact
