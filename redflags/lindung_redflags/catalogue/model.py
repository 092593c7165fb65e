"""An indicator as the engine sees it: every parameter filled in, no float in it.

Units: time in whole seconds, money in whole rupiah, shares as fractions, ages in whole years.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

Value = int | Fraction | tuple[Any, ...]

COMPARISONS = {">=", "<=", ">", "<", "=="}
CLASSES = ("payer", "payee", "possible_victim")


@dataclass(frozen=True)
class Conditions:
    """Which payments count. Keys and meanings: `conditions` of indicator.schema.json; absent: does not matter."""

    wanted: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Conditions:
        return cls(tuple(sorted(given.items())))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.wanted)

    def get(self, name: str, otherwise: Any = None) -> Any:
        return dict(self.wanted).get(name, otherwise)

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def speaks_of(self, name: str) -> bool:
        """Whether a condition stands here or in one of the sets of `any_of`."""
        return any(
            key == name or (key == "any_of" and any(one.speaks_of(name) for one in value)) for key, value in self.wanted
        )


@dataclass(frozen=True)
class Test:
    """One comparison: a feature over a closed window [t - window, t] against a value."""

    __test__ = False  # pytest takes classes of this name for its own

    feature: str
    entity: str
    window: int
    """Seconds."""
    op: str
    value: Value
    parameter: str = ""
    """The parameter that the value came from, for reasons and counterfactuals."""
    of: Conditions = Conditions()
    within: int = 0

    @cached_property
    def fraction(self) -> Fraction:
        """The value as an exact fraction. A test never has a list."""
        assert not isinstance(self.value, tuple)
        return Fraction(self.value)


@dataclass(frozen=True)
class Repeated:
    """So many times within `window` seconds, each at least `apart` seconds after the one counted before."""

    times: int
    window: int
    apart: int


@dataclass(frozen=True)
class Indicator:
    """One red flag. `raw` is the file as it was read, for people: titles, sources, what to check."""

    id: str
    subject: str
    """Whom a hit is about: one of CLASSES."""
    kind: str
    group: str
    weight: int = 0
    at: str = ""
    payments: Conditions = Conditions()
    tests: tuple[Test, ...] = ()
    either: tuple[tuple[int, ...], ...] = ()
    """Groups of places in `tests`: of each group one test suffices. All other tests must hold."""
    repeated: Repeated | None = None
    then_silent: int = 0
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def computed(self) -> bool:
        return self.kind != "context"

    @cached_property
    def alternatives(self) -> frozenset[int]:
        """The places of the tests that need not hold, because another one may."""
        return frozenset(place for group in self.either for place in group)

    @cached_property
    def needed(self) -> tuple[Test, ...]:
        """The tests that must hold, whatever else does."""
        return tuple(test for place, test in enumerate(self.tests) if place not in self.alternatives)

    @cached_property
    def clauses(self) -> tuple[tuple[Test, ...], ...]:
        """The indicator holds when of each of these one test does."""
        return (*((test,) for test in self.needed), *(tuple(self.tests[one] for one in group) for group in self.either))


@dataclass(frozen=True)
class Catalogue:
    """All indicators by id, and the lists they speak of. `grids`: round amounts by currency, in ten-thousandths."""

    indicators: Mapping[str, Indicator]
    lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    grids: Mapping[str, int] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The first 16 digits of a hash of everything that decides what is found."""
        text = json.dumps(
            {one.id: [one.raw, {k: str(v) for k, v in one.parameters.items()}] for one in self.indicators.values()}
            | {
                "lists": {name: list(map(str, entries)) for name, entries in self.lists.items()},
                "grids": dict(self.grids),
            },
            sort_keys=True,
            ensure_ascii=False,
            default=str,
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.indicators.values())
