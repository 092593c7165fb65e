"""Weights: coordinate ascent over whole numbers at a fixed threshold, on labelled worlds, with floors.

Hits do not depend on weights, so each world is looked through once: a matrix of episodes by indicators. The objective
is a whole number, the same input gives the same weights. What is worth how much: see `Matrix.points`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lindung_redflags import coverage
from lindung_redflags.alerts import THRESHOLD, VICTIM
from lindung_redflags.catalogue.model import CLASSES, Catalogue, Indicator
from lindung_redflags.errors import BadInput
from lindung_redflags.tuning import scoring
from lindung_redflags.tuning.worlds import World, open_world

Told = Callable[[str], None]
Ints = NDArray[np.int64]

MOST = 40
FLOORS = {"supporting": 2, "primary": 4}
"""Published evidence never vanishes, whatever synthetic data say."""
NAMED = {"R01": 6}
"""Floors of their own: what PPATK names first."""
NEVER_ALONE = {"R01", "R04"}
"""Primary indicators that stay below the threshold: what they find is often innocent."""
VICTIMS_LEAST = 8
EASY, HARD, INNOCENT, LOOK_ALIKE, BEYOND, AS_SUSPECT = 5, 3, 10, 30, 200, 1000
ALLOWED = {False: (11, 20), True: (17, 20)}
"""Of the budget, how much innocent alerts may take: about suspects, about possible victims."""


@dataclass
class Matrix:
    """Episodes of all worlds in one queue. Rows with the same indicators about innocent people are counted together."""

    names: list[str]
    """Indicators, the columns of `innocent` and `planted`."""
    groups: list[list[int]]
    innocent: Ints
    times: Ints
    """For each row of `innocent`: how many episodes."""
    families: Ints
    """Likewise, how many of them in each family (columns)."""
    limits: Ints
    """For each family: 2 % of its accounts in all worlds."""
    planted: Ints
    who: Ints
    """For each row of `planted`: the number of its case."""
    cell: Ints
    """For each case: the number of its pattern and difficulty."""
    size: Ints
    worth: Ints
    """For each pattern and difficulty: cases planted, and thousandths times EASY or HARD."""
    victims: Ints
    """Episodes of planted victims in a suspect class."""
    allowed: int
    labels: list[tuple[str, str]] = field(default_factory=list)

    def score(self, rows: Ints, weights: Ints) -> Ints:
        total = np.zeros(len(rows), dtype=np.int64)
        for group in self.groups:
            total += (rows[:, group] * weights[group]).max(axis=1, initial=0)
        return total

    def found(self, weights: Ints, threshold: int) -> Ints:
        """For each pattern and difficulty: how many cases are alerts."""
        seen = np.zeros(len(self.cell), dtype=bool)
        seen[self.who[self.score(self.planted, weights) >= threshold]] = True
        return np.bincount(self.cell[seen], minlength=len(self.size))

    def alerts(self, weights: Ints, threshold: int) -> tuple[int, Ints]:
        """Innocent alerts over all worlds, and those in each family."""
        raised = self.score(self.innocent, weights) >= threshold
        return int(self.times[raised].sum()), self.families[raised].sum(axis=0)

    def points(self, weights: Ints, threshold: int) -> int:
        """For each pattern the thousandths found among its easy cases times 5 and among its hard ones times 3.

        Less 10 for each innocent alert, 30 more where it is of a look-alike, 200 more for each above what is allowed
        and for each look-alike above 2 % of its family, 1,000 for each planted victim raised as a suspect.
        """
        innocent, families = self.alerts(weights, threshold)
        made = int((self.found(weights, threshold) * self.worth * 1000 // self.size).sum())
        made -= INNOCENT * innocent + LOOK_ALIKE * int(families.sum())
        made -= BEYOND * (max(innocent - self.allowed, 0) + int(np.maximum(families - self.limits, 0).sum()))
        return made - AS_SUSPECT * int((self.score(self.victims, weights) >= threshold).sum())


def matrix(
    worlds: Sequence[World], catalogue: Catalogue, ran: Sequence[str], victims: bool, per_million: int
) -> Matrix:
    """Look through the worlds. `victims`: the queue of possible victims, else that of payers and payees."""
    mine = [name for name in ran if (catalogue.indicators[name].subject == VICTIM) == victims]
    wanted = [catalogue.indicators[name] for name in ran]
    primary = np.array([catalogue.indicators[name].kind == "primary" for name in mine])
    known_families = sorted({one.family for world in worlds for one in world.known.values() if one.family})
    labels = sorted(
        {
            (one.pattern, one.difficulty)
            for world in worlds
            for one in world.known.values()
            if one.pattern and (one.side == VICTIM) == victims
        }
    )
    innocent, family, planted, who, wrong = [], [], [], [], []
    cell: list[int] = []
    for world in worlds:
        cases: dict[int, int] = {}
        for a, one in world.known.items():
            if one.pattern and (one.side == VICTIM) == victims:
                cases[a] = len(cell)
                cell.append(labels.index((one.pattern, one.difficulty)))
        moments = dict(zip(ran, world.moments(catalogue, wanted), strict=True))
        made = scoring.score(moments, catalogue)
        held = made.held_back(0)
        rows, places = _rows(made, moments, mine, catalogue)
        for row, place in zip(rows, places, strict=True):
            if not (row & primary).any() or held[place]:
                continue
            a, side = int(made.a[place]), CLASSES[made.subject[place]]
            label = world.known.get(a)
            if a in cases and label is not None and label.side == side:
                planted.append(row)
                who.append(cases[a])
                continue
            innocent.append(row)
            family.append(known_families.index(label.family) if label is not None and label.family else -1)
            if label is not None and label.pattern and label.side == VICTIM and not victims:
                wrong.append(row)
    shape = (0, len(mine))
    distinct, inverse = np.unique(np.array(innocent or np.empty(shape)).astype(np.int64), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    by_family = np.zeros((len(distinct), max(len(known_families), 1)), dtype=np.int64)
    of_family = np.array(family, dtype=np.int64)
    np.add.at(by_family, (inverse[of_family >= 0], of_family[of_family >= 0]), 1)
    sizes = [sum(one.family == name for world in worlds for one in world.known.values()) for name in known_families]
    over, under = ALLOWED[victims]
    return Matrix(
        mine,
        _groups([catalogue.indicators[name] for name in mine]),
        distinct,
        np.bincount(inverse, minlength=len(distinct)),
        by_family,
        np.array([size * 2 // 100 for size in sizes] or [0], dtype=np.int64),
        np.array(planted or np.empty(shape)).astype(np.int64),
        np.array(who, dtype=np.int64),
        np.array(cell, dtype=np.int64),
        np.bincount(np.array(cell, dtype=np.int64), minlength=len(labels)),
        np.array([EASY if difficulty == "easy" else HARD for _, difficulty in labels], dtype=np.int64),
        np.array(wrong or np.empty(shape)).astype(np.int64),
        sum(world.payments * per_million * over // (under * 1_000_000) for world in worlds),
        labels,
    )


def _groups(indicators: Sequence[Indicator]) -> list[list[int]]:
    """Places of the indicators of each group. A payer's and a payee's never stand in one episode."""
    names = sorted({one.group for one in indicators})
    return [[place for place, one in enumerate(indicators) if one.group == name] for name in names]


def _rows(
    made: scoring.Scored, moments: Mapping[str, scoring.Moments], mine: Sequence[str], catalogue: Catalogue
) -> tuple[NDArray[np.bool_], Ints]:
    """For each episode with a hit of the indicators: which of them hit, and its place among all episodes."""
    found = np.zeros((len(made.a), len(mine)), dtype=bool)
    key = made.subject.astype(np.int64) * (1 << 32) + made.a
    order = np.lexsort((made.first, key))
    for column, name in enumerate(mine):
        one = moments[name]
        wanted = np.full(len(one.a), CLASSES.index(catalogue.indicators[name].subject), dtype=np.int64) * (1 << 32)
        for account, at in set(zip((wanted + one.a).tolist(), one.at.tolist(), strict=True)):
            low = int(np.searchsorted(key[order], account))
            high = int(np.searchsorted(key[order], account, side="right"))
            place = low + int(np.searchsorted(made.first[order[low:high]], at, side="right")) - 1
            found[order[place], column] = True
    places = np.flatnonzero(found.any(axis=1))
    return found[places], places


def floor(one: Indicator) -> int:
    """The least weight of an indicator."""
    least = VICTIMS_LEAST if one.subject == VICTIM and one.kind == "primary" else FLOORS[one.kind]
    return max(least, NAMED.get(one.id, 0))


def ascend(made: Matrix, catalogue: Catalogue, threshold: int, starts: int, told: Told) -> tuple[Ints, int]:
    """The best weights found from so many starts, and their points. The first start are the weights as they are."""
    indicators = [catalogue.indicators[name] for name in made.names]
    least = np.array([floor(one) for one in indicators], dtype=np.int64)
    most = np.array([threshold - 1 if one.id in NEVER_ALONE else MOST for one in indicators], dtype=np.int64)
    start = np.clip(np.array([one.weight for one in indicators], dtype=np.int64), least, most)
    chance = random.Random(1)  # noqa: S311
    best, best_points = start, made.points(start, threshold)
    for number in range(starts):
        weights = best.copy()
        if number:
            for place in chance.sample(range(len(weights)), min(6, len(weights))):
                weights[place] = chance.randint(int(least[place]), int(most[place]))
        points = made.points(weights, threshold)
        before = None
        while points != before:
            before = points
            for place in range(len(weights)):
                for value in range(int(least[place]), int(most[place]) + 1):
                    kept, weights[place] = int(weights[place]), value
                    tried = made.points(weights, threshold)
                    if tried > points:
                        points = tried
                    else:
                        weights[place] = kept
        if points > best_points:
            best, best_points = weights, points
        told(f"start {number + 1}: {points} points, best {best_points}")
    return best, best_points


@dataclass(frozen=True)
class Weighed:
    """What came of it, for each queue. `innocent`: innocent alerts for each million payments."""

    weights: dict[str, int]
    points: tuple[int, int]
    before: tuple[int, int]
    innocent: tuple[int, int]
    found: dict[tuple[str, str], tuple[int, int]]


def tune(
    folders: Sequence[Path],
    catalogue: Catalogue,
    per_million: int,
    starts: int = 4,
    threshold: int = THRESHOLD,
    told: Told = lambda text: None,
) -> Weighed:
    """Choose weights on folders with transactions.parquet, accounts.parquet and labels. Raises BadInput."""
    if not folders:
        raise BadInput("expected a folder to tune on")
    worlds: list[World] = []
    try:
        for folder in folders:
            told(f"reading {folder}")
            worlds.append(open_world(folder))
        ran = sorted(set.intersection(*(set(coverage.look(world.connection, catalogue).ran) for world in worlds)))
        return weigh(worlds, catalogue, ran, per_million, starts, threshold, told)
    finally:
        for world in worlds:
            world.connection.close()


def weigh(
    worlds: Sequence[World],
    catalogue: Catalogue,
    ran: Sequence[str],
    per_million: int,
    starts: int,
    threshold: int,
    told: Told,
) -> Weighed:
    """The same on worlds that are open. `ran`: indicators that can run on all of them."""
    chosen: dict[str, int] = {}
    points, before, innocent, found = [], [], [], {}
    payments = sum(world.payments for world in worlds)
    for victims in (False, True):
        made = matrix(worlds, catalogue, ran, victims, per_million)
        now = np.array([catalogue.indicators[name].weight for name in made.names], dtype=np.int64)
        before.append(made.points(now, threshold))
        weights, best = ascend(made, catalogue, threshold, starts, told)
        points.append(best)
        chosen |= dict(zip(made.names, weights.tolist(), strict=True))
        innocent.append(made.alerts(weights, threshold)[0] * 1_000_000 // max(payments, 1))
        for label, got, size in zip(made.labels, made.found(weights, threshold), made.size, strict=True):
            found[label] = (int(got), int(size))
    return Weighed(chosen, (points[0], points[1]), (before[0], before[1]), (innocent[0], innocent[1]), found)


def write(made: Weighed, path: Path, folders: Sequence[Path], per_million: int, version: str) -> None:
    """Write the weights by id; the head says on what they were chosen."""
    head = [
        f"weights chosen on {', '.join(folder.name for folder in folders)}, {per_million} alerts per million payments",
        f"catalogue {version}; innocent alerts per million: {made.innocent[0]} suspects, {made.innocent[1]} victims",
        "what labels of synthetic data say is no performance in the field",
    ]
    body = "".join(f"{name}: {weight}\n" for name, weight in sorted(made.weights.items()))
    path.write_text("".join(f"# {line}\n" for line in head) + body, "utf-8")


def put(made: Mapping[str, int], folder: Path) -> None:
    """Replace the `weight:` lines of the files of a folder of indicators."""
    for name, weight in made.items():
        path = folder / f"{name}.yaml"
        if path.is_file():
            path.write_text(
                re.sub(r"^weight: \d+$", f"weight: {weight}", path.read_text("utf-8"), count=1, flags=re.MULTILINE),
                "utf-8",
            )
