"""From the file of an indicator to the indicator: parameters filled in, and what a schema cannot say checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from lindung_redflags.catalogue.exact_yaml import line_of
from lindung_redflags.catalogue.model import Conditions, Indicator, Repeated, Test, Value
from lindung_redflags.catalogue.needing import derived
from lindung_redflags.errors import BadCatalogue
from lindung_redflags.features import FEATURES

_SECONDS = {"m": 60, "h": 3600, "d": 86400}
CHANNELS = ("bank", "ewallet", "qris", "pulsa", "topup", "gift", "remittance", "card", "crypto", "cash")
KINDS = ("person", "minor", "student", "business", "merchant", "school", "charity", "biller", "agent")
_ENTRIES: dict[str, re.Pattern[str]] = {
    "channels": re.compile("|".join(CHANNELS)), "other_kinds": re.compile("|".join(KINDS)),
    "other_country": re.compile("[A-Z]{2}"), "own_country": re.compile("[A-Z]{2}"),
    "merchant_categories": re.compile("[0-9]{4}"),
}  # fmt: skip
_ENTRY_SAYS = {
    "channels": f"one of {', '.join(CHANNELS)}", "other_kinds": f"one of {', '.join(KINDS)}",
    "other_country": "two capital letters in quotes", "own_country": "two capital letters in quotes",
    "merchant_categories": "four digits in quotes",
}  # fmt: skip
_UNITS = {
    "idr_from": "rupiah", "idr_to": "rupiah", "other_age_to": "years", "other_age_from": "years",
    "subject_age_to": "years",
    "opened_within": "seconds", "after_quiet": "seconds", "shared_device": "accounts", "drained_to": "share",
}  # fmt: skip
"""Conditions that are compared with one number, and its unit."""


def seconds(text: str) -> int:
    """Return the seconds of "30m", "6h" or "7d"."""
    found = re.fullmatch(r"([1-9][0-9]*)([mhd])", text)
    if not found:
        raise BadCatalogue(f"{text!r}: expected whole minutes, hours or days, as 30m, 6h or 7d")
    return int(found[1]) * _SECONDS[found[2]]


def value_of(value: Any) -> Value:
    """A number as a whole number or a fraction, a list as a tuple. Raises ValueError for anything else."""
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise ValueError(f"{value!r}: expected a number or a list")
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else exact


def fits(value: Value, unit: str) -> str:
    """What was expected, if a value cannot be of this unit; else nothing."""
    if unit == "list":
        return "" if isinstance(value, tuple) else "expected a list"
    if isinstance(value, tuple):
        return f"expected one number of {unit}"
    if unit == "share":
        return "" if 0 <= value <= 1 else "expected a share between 0 and 1"
    if isinstance(value, Fraction):
        return f"expected a whole number of {unit}"
    return "expected at least 0" if value < 0 and unit != "points" else ""


class Builder:
    """Builds one indicator. `given`: parameters of the caller; `lists`: those that files may name with @."""

    def __init__(
        self,
        path: Path,
        raw: dict[str, Any],
        node: yaml.Node,
        given: Mapping[str, Any],
        lists: Mapping[str, tuple[Any, ...]],
    ) -> None:
        self.path, self.raw, self.node, self.given, self.lists = path, raw, node, given, lists
        self.values: dict[str, Value] = {}
        self.used: set[str] = set()

    def wrong(self, where: list[Any], text: str) -> BadCatalogue:
        return BadCatalogue(f"{self.path}, line {line_of(self.node, where)}: {text}")

    def build(self) -> Indicator:
        """Return the indicator. Raises BadCatalogue with the line."""
        raw = self.raw
        needs = {
            name: tuple(entry) if isinstance(entry, list) else (("yes",) if entry else ())
            for name, entry in raw["needs"].items()
        }
        common: dict[str, Any] = {
            "id": raw["id"], "subject": raw["class"], "kind": raw["kind"], "group": raw["group"], "needs": needs,
            "raw": raw,
        }  # fmt: skip
        self._fill_parameters()
        if raw["kind"] == "context":
            return Indicator(**common)
        tests, either = self._when(raw["when"])
        features = sorted({test.feature for test in tests})
        if features != sorted(raw["features"]):
            raise self.wrong(["features"], f"`when` uses {', '.join(features)}")
        payments = self._conditions(raw.get("payments", {}), ["payments"])
        silent = self._number(raw["then_silent"], ["then_silent"], "seconds") if "then_silent" in raw else 0
        repeated = self._repeated(raw["repeated"]) if "repeated" in raw else None
        if idle := sorted(set(self.values) - self.used):
            raise self.wrong(["parameters", idle[0]], f"the parameter {idle[0]} is used nowhere")
        for part, names in derived(raw).items():
            if missing := sorted(names - set(raw["needs"].get(part, ()))):
                raise self.wrong(["needs", part], f"needs.{part}: what is compared also takes {', '.join(missing)}")
        return Indicator(
            **common, weight=raw["weight"], at=raw["at"], payments=payments, tests=tests, either=either,
            repeated=repeated, then_silent=silent, parameters=self.values,
        )  # fmt: skip

    def _when(self, raw: Mapping[str, Any]) -> tuple[tuple[Test, ...], tuple[tuple[int, ...], ...]]:
        """The tests, and the places of those of which one suffices."""
        way = "any" if "any" in raw else "all"
        tests: list[Test] = []
        either: list[tuple[int, ...]] = []
        for number, entry in enumerate(raw[way]):
            where: list[Any] = ["when", way, number]
            if "any" not in entry:
                tests.append(self._test(entry, where))
                continue
            first = len(tests)
            tests += [self._test(one, [*where, "any", place]) for place, one in enumerate(entry["any"])]
            either.append(tuple(range(first, len(tests))))
        return tuple(tests), (tuple(range(len(tests))),) if way == "any" else tuple(either)

    def _fill_parameters(self) -> None:
        known = self.raw.get("parameters", {})
        for name in self.given:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise BadCatalogue(f"parameters: {self.raw['id']} has no parameter {name}; {has}")
        for name, entry in known.items():
            try:
                value = value_of(self.given.get(name, entry["default"]))
            except ValueError as error:
                raise self._bad(name, str(error)) from None
            if text := fits(value, entry["unit"]):
                raise self._bad(name, f"{name} is {_shown(value)}; {text}")
            for limit, sign in (("min", 1), ("max", -1)):
                if limit in entry and not isinstance(value, tuple) and sign * (value - Fraction(entry[limit])) < 0:
                    bound = f"{'at least' if limit == 'min' else 'at most'} {entry[limit]}"
                    raise self._bad(name, f"{name} is {_shown(value)}; expected {bound}")
            self.values[name] = value

    def _bad(self, name: str, text: str) -> BadCatalogue:
        if name in self.given:
            return BadCatalogue(f"parameters: {self.raw['id']}: {text}")
        return self.wrong(["parameters", name], text)

    def _fill(self, value: Any, where: list[Any], unit: str) -> tuple[Value, str]:
        """A value as it stands, or that of $parameter or @list; and the name of the parameter."""
        if isinstance(value, str) and value.startswith("$"):
            name = value[1:]
            if name not in self.values:
                raise self.wrong(
                    where, f"{value}: there is no such parameter; there are {', '.join(self.values) or 'none'}"
                )
            known = self.raw["parameters"][name]["unit"]
            if unit and known != unit:
                raise self.wrong(where, f"{value} is of the unit {known}; expected {unit}")
            self.used.add(name)
            return self.values[name], name
        if isinstance(value, str) and value.startswith("@"):
            return self._list(value[1:], where), ""
        if isinstance(value, str):
            raise self.wrong(where, f"{value!r}: expected a number, a list, $parameter or @list")
        return value_of(value), ""

    def _list(self, name: str, where: list[Any]) -> tuple[Any, ...]:
        if name not in self.lists:
            raise self.wrong(where, f"there is no list {name}; there are {', '.join(self.lists) or 'none'}")
        return self.lists[name]

    def _number(self, value: Any, where: list[Any], unit: str) -> Any:
        filled = self._fill(value, where, unit)[0]
        if text := fits(filled, unit):
            raise self.wrong(where, f"{_shown(filled)}: {text}")
        return filled

    def _conditions(self, given: Mapping[str, Any], where: list[Any], inner: bool = False) -> Conditions:
        return Conditions.of(
            {name: self._condition(name, value, [*where, name], inner) for name, value in given.items()}
        )

    def _condition(self, name: str, value: Any, where: list[Any], inner: bool) -> Any:
        if name.startswith("subject_") and self.raw["class"] != "possible_victim":
            raise self.wrong(where, "the age of the subject is used for class possible_victim only")
        if name == "any_of":
            return tuple(self._conditions(some, [*where, number], True) for number, some in enumerate(value))
        if name == "own" and (inner or where[0] != "payments"):
            raise self.wrong(
                where, "`own` is said for all payments of the indicator (`payments`), not for some of them"
            )
        if name == "words":
            self._list(value, where)
            return value
        if isinstance(value, bool):
            return value
        if name in _UNITS:
            return self._number(value, where, _UNITS[name])
        filled = self._number(value, where, "list")
        for entry in filled:
            if not isinstance(entry, str) or not _ENTRIES[name].fullmatch(entry):
                raise self.wrong(where, f"{entry!r}: expected {_ENTRY_SAYS[name]}")
        return filled

    def _test(self, entry: Mapping[str, Any], where: list[Any]) -> Test:
        feature = FEATURES.get(entry["feature"])
        if feature is None:
            raise self.wrong(
                [*where, "feature"], f"no feature is called {entry['feature']}; there are {', '.join(sorted(FEATURES))}"
            )
        if entry["entity"] not in feature.entities:
            raise self.wrong([*where, "entity"], f"{feature.name} is known for {' and '.join(feature.entities)}")
        for extra in ("of", "within"):
            if (extra in entry) != (extra in feature.takes):
                raise self.wrong(where, f"{feature.name} {'needs' if extra in feature.takes else 'takes no'} `{extra}`")
        if entry["op"] not in feature.ops:
            raise self.wrong([*where, "op"], f"{feature.name} can be compared with {', '.join(feature.ops)}")
        unit = "payments" if feature.name == "declined" else feature.unit
        value, parameter = self._fill(entry["value"], [*where, "value"], unit)
        if text := fits(value, unit):
            raise self.wrong([*where, "value"], f"{feature.name}: {text}")
        return Test(
            feature=feature.name, entity=entry["entity"], window=seconds(entry["window"]), op=entry["op"], value=value,
            parameter=parameter, of=self._conditions(entry.get("of", {}), [*where, "of"]),
            within=self._number(entry["within"], [*where, "within"], "seconds") if "within" in entry else 0,
        )  # fmt: skip

    def _repeated(self, entry: Mapping[str, Any]) -> Repeated:
        where = ["repeated"]
        times = self._fill(entry["times"], [*where, "times"], "")[0]
        if not isinstance(times, int) or times < 1:
            raise self.wrong([*where, "times"], "expected a whole number of times, at least 1")
        window, apart = seconds(entry["window"]), seconds(entry["apart"])
        if (times - 1) * apart > window:
            raise self.wrong(
                where, f"{times} times, each {entry['apart']} after the other, do not fit into {entry['window']}"
            )
        return Repeated(times, window, apart)


def _shown(value: Value) -> str:
    return str(float(value)) if isinstance(value, Fraction) else str(value)
