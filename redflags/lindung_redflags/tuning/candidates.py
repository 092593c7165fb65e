"""Which values of a parameter are tried: a stated grid around the value that it has, within its bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from lindung_redflags.catalogue.loading import build
from lindung_redflags.catalogue.model import Catalogue, Indicator, Value

STEPS = (Fraction(1, 2), Fraction(2, 3), Fraction(4, 5), Fraction(5, 4), Fraction(3, 2), Fraction(2))
"""Factors for numbers; small numbers (up to 20) go up and down by one and by two instead."""
SHARES = (Fraction(-1, 5), Fraction(-1, 10), Fraction(-1, 20), Fraction(1, 20), Fraction(1, 10), Fraction(1, 5))
TINY = Fraction(1, 50)
"""Shares below this mean "at least one" and are left alone."""
FIXED = {"years", "list", "accounts"}
"""Units that are not tuned: ages stand in laws and sources, lists are somebody's decision."""

Place = tuple[str, str]
"""Indicator and parameter."""
Given = Mapping[Place, Value]


def places(catalogue: Catalogue, ran: set[str]) -> Iterator[Place]:
    """The parameters that are tuned, in the order of their names."""
    for one in catalogue:
        if one.id in ran:
            for name, value in sorted(one.parameters.items()):
                if tuned(one.raw["parameters"][name]["unit"], value):
                    yield one.id, name


def tuned(unit: str, value: Value) -> bool:
    return unit not in FIXED and not isinstance(value, tuple) and not (unit == "share" and value < TINY)


def around(one: Indicator, name: str) -> list[Value]:
    """The other values to try for a parameter, the smallest first; never outside its `min` and `max`."""
    entry, value = one.raw["parameters"][name], one.parameters[name]
    assert not isinstance(value, tuple)
    now = Fraction(value)
    if entry["unit"] == "share":
        tried = {now + step for step in SHARES}
    elif entry["unit"] in {"rupiah", "seconds"} or now > 20:
        tried = {Fraction(_two_digits(now * step)) for step in STEPS}
    else:
        tried = {now + step for step in (-2, -1, 1, 2)}
    low = Fraction(str(entry.get("min", 0)))
    high = Fraction(str(entry["max"])) if "max" in entry else None
    if entry["unit"] == "share":
        high = min(high, Fraction(1)) if high is not None else Fraction(1)
    fit = sorted(x for x in tried - {now} if x >= low and (high is None or x <= high))
    return [x if entry["unit"] == "share" else int(x) for x in fit]


def _two_digits(value: Fraction) -> int:
    """Rounded down to two figures: 1,350,000 becomes 1,300,000."""
    whole = int(value)
    unit = int(10 ** max(len(str(whole)) - 2, 0))
    return whole // unit * unit


def with_values(catalogue: Catalogue, given: Given) -> Catalogue:
    """The catalogue with other values for some parameters. Raises BadCatalogue."""
    by_indicator: dict[str, dict[str, Any]] = {}
    for (pk, name), value in given.items():
        by_indicator.setdefault(pk, {})[name] = value
    made = dict(catalogue.indicators)
    for pk, values in by_indicator.items():
        one = made[pk]
        node = yaml.MappingNode("", [])
        made[pk] = build(Path(pk), dict(one.raw), node, dict(one.parameters) | values, catalogue.lists)
    return Catalogue(made, catalogue.lists, catalogue.grids)
