"""Tuning: coordinate ascent over the parameters, one after the other, and the threshold that keeps to the budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import yaml

from lindung_redflags import coverage
from lindung_redflags.catalogue.model import Catalogue, Value
from lindung_redflags.errors import BadCatalogue, BadInput
from lindung_redflags.tuning import candidates, objective, scoring
from lindung_redflags.tuning.candidates import Place
from lindung_redflags.tuning.objective import Worth
from lindung_redflags.tuning.worlds import World, open_world

Told = Callable[[str], None]


@dataclass(frozen=True)
class Tuned:
    """What came of it. `before`, `after`: what the setting is worth; without labels only their alerts mean anything."""

    given: dict[Place, Value]
    threshold: int
    before: Worth
    after: Worth
    labelled: bool


class Search:
    """Worlds, a catalogue and a budget. `per_million`: alerts about suspects for each million payments."""

    def __init__(self, worlds: Sequence[World], catalogue: Catalogue, per_million: int, told: Told) -> None:
        self.worlds, self.catalogue, self.told = worlds, catalogue, told
        self.budgets = [max(1, world.payments * per_million // 1_000_000) for world in worlds]
        ran = [set(coverage.look(world.connection, catalogue).ran) for world in worlds]
        self.ran = sorted(set.intersection(*ran))
        """Indicators that run on every world."""

    def weigh(self, given: dict[Place, Value]) -> tuple[Worth, int]:
        """What a setting is worth at the lowest threshold within the budget, and that threshold."""
        made = candidates.with_values(self.catalogue, given)
        wanted = [made.indicators[name] for name in self.ran]
        scored = [
            scoring.score(dict(zip(self.ran, world.moments(made, wanted), strict=True)), made) for world in self.worlds
        ]
        threshold = objective.lowest(scored, self.budgets)
        return objective.worth(self.worlds, scored, self.budgets, threshold), threshold

    def ascend(self, only: set[str], sweeps: int) -> dict[Place, Value]:
        """Try each parameter's grid in the order of names; keep a value that is worth more. `only`: all if empty."""
        given: dict[Place, Value] = {}
        best = self.weigh(given)[0].points
        for sweep in range(sweeps):
            start = best
            for place in candidates.places(self.catalogue, (only or set(self.ran)) & set(self.ran)):
                best = self._along(place, given, best)
            self.told(f"sweep {sweep + 1}: {best} points")
            if best == start:
                break
        return given

    def _along(self, place: Place, given: dict[Place, Value], best: int) -> int:
        now = candidates.with_values(self.catalogue, given)
        settings: list[dict[Place, Value]] = []
        for value in candidates.around(now.indicators[place[0]], place[1]):
            try:
                candidates.with_values(self.catalogue, given | {place: value})
            except BadCatalogue:  # a value that does not fit another one of the indicator
                continue
            settings.append(given | {place: value})
        made = [candidates.with_values(self.catalogue, one).indicators[place[0]] for one in settings]
        for world in self.worlds:
            world.moments(self.catalogue, made)
        for setting in settings:
            points = self.weigh(setting)[0].points
            if points > best:
                best = points
                given[place] = setting[place]
                self.told(f"{place[0]}.{place[1]} = {shown(setting[place])}: {points} points")
        return best


def tune(
    folders: Sequence[Path],
    catalogue: Catalogue,
    per_million: int,
    labelled: bool = True,
    only: Sequence[str] = (),
    sweeps: int = 2,
    told: Told = lambda text: None,
) -> Tuned:
    """Tune on folders with transactions.parquet, accounts.parquet and, if `labelled`, labels_accounts.parquet.

    Without labels only the threshold is chosen: nobody can say then what a parameter finds. Raises BadInput.
    """
    if unknown := sorted(set(only) - set(catalogue.indicators)):
        raise BadInput(f"{', '.join(unknown)}: expected ids of indicators")
    worlds: list[World] = []
    try:
        for folder in folders:
            told(f"reading {folder}")
            worlds.append(open_world(folder, labelled))
        search = Search(worlds, catalogue, per_million, told)
        before, threshold = search.weigh({})
        given = search.ascend(set(only), sweeps) if labelled else {}
        after, threshold = search.weigh(given)
        return Tuned(given, threshold, before, after, labelled)
    finally:
        for world in worlds:
            world.connection.close()


def shown(value: Value) -> int | float:
    """A value as a file of parameters has it."""
    assert not isinstance(value, tuple)
    return float(value) if isinstance(value, Fraction) and value.denominator != 1 else int(value)


def write(made: Tuned, path: Path, folders: Sequence[Path], per_million: int, version: str) -> None:
    """Write a file for `scan --params`; its head says on what it was tuned and which threshold belongs to it."""
    by_indicator: dict[str, dict[str, int | float]] = {}
    for (pk, name), value in sorted(made.given.items()):
        by_indicator.setdefault(pk, {})[name] = shown(value)
    head = [
        f"scan with: --params {path.name} --threshold {made.threshold}",
        f"tuned on {', '.join(folder.name for folder in folders)}"
        f" {'with' if made.labelled else 'without'} labels, {per_million} alerts per million payments",
        f"catalogue {version}; alerts about suspects in each: {', '.join(map(str, made.after.suspects))}",
        "what labels of synthetic data say is no performance in the field",
    ]
    body = yaml.safe_dump(by_indicator, sort_keys=True) if by_indicator else "{}\n"
    path.write_text("".join(f"# {line}\n" for line in head) + body, "utf-8")
