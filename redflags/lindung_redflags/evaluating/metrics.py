"""Figures of a ranking against labels: plain functions over numbers, without any library.

A ranking is given as pairs (score, right), the higher the score the earlier it is looked at. Entries of one score stand
in no order, so every figure is its expected value over all orders of them (McSherry and Najork, "Computing Information
Retrieval Performance Measures Efficiently in the Presence of Tied Scores", ECIR 2008). Nobody's luck in a sort shows.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from statistics import NormalDist, quantiles

Scored = tuple[int | Fraction, bool]
Groups = list[tuple[int, int]]
"""Ties from the highest score down: (entries, right ones among them)."""

Z95 = NormalDist().inv_cdf(0.975)


def ties(ranking: Iterable[Scored]) -> Groups:
    """The groups of one score, the highest first."""
    sizes: Counter[int | Fraction] = Counter()
    right: Counter[int | Fraction] = Counter()
    for score, is_right in ranking:
        sizes[score] += 1
        right[score] += is_right
    return [(sizes[score], right[score]) for score in sorted(sizes, reverse=True)]


def _harmonic(size: int) -> list[float]:
    """H(0) to H(size), with H(n) = 1 + 1/2 + ... + 1/n."""
    return [0.0, *accumulate(1 / number for number in range(1, size + 1))]


def _grouped_precision(groups: Sequence[tuple[int, int]], harmonic: Sequence[float]) -> float | None:
    """The expected average precision of groups.

    In a group of g entries, r of them right, behind n entries with s right ones, place j holds a right one with the
    chance r / g, and then s + 1 + (j - 1)(r - 1)/(g - 1) right ones are expected up to it, itself included. The sum
    over j of that through n + j has a closed form in harmonic numbers.
    """
    positives = sum(right for _, right in groups)
    if not positives:
        return None
    before = right_before = 0
    parts: list[float] = []
    for size, right in groups:
        if right:
            step = (right - 1) / (size - 1) if size > 1 else 0.0
            reciprocals = harmonic[before + size] - harmonic[before]
            inside = step * size + (right_before + 1 - step * (before + 1)) * reciprocals
            parts.append(right / size * inside)
        before, right_before = before + size, right_before + right
    return math.fsum(parts) / positives


def average_precision(ranking: Iterable[Scored]) -> float | None:
    """The mean, over the right entries, of the precision at the place of each: (1 / R) * sum of P(k) * right(k).

    Ties by their expected value. None without a right entry. Entries that were never ranked belong in it too, with the
    lowest score: each right one that is left out would make the figure too good.
    """
    groups = ties(ranking)
    return _grouped_precision(groups, _harmonic(sum(size for size, _ in groups)))


def average_precision_interval(
    ranking: Iterable[Scored], times: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """From the 2.5th to the 97.5th hundredth of the average precision when the right entries are drawn again.

    A bootstrap (Efron 1979) of the right entries, with the wrong ones as they are: these are many, and the chance lies
    in which cases there were. `seed`: the same gives the same. None without a right entry.
    """
    groups = ties(ranking)
    places = [place for place, (_, right) in enumerate(groups) for _ in range(right)]
    if not places:
        return None
    wrong = [size - right for size, right in groups]
    harmonic = _harmonic(sum(size for size, _ in groups))
    draw = random.Random(seed)  # noqa: S311  (not a secret)
    found: list[float] = []
    for _ in range(times):
        drawn = Counter(draw.choices(places, k=len(places)))
        again = [(wrong[place] + drawn[place], drawn[place]) for place in range(len(groups))]
        value = _grouped_precision([group for group in again if group[0]], harmonic)
        assert value is not None
        found.append(value)
    found.sort()
    return found[int(0.025 * (times - 1))], found[math.ceil(0.975 * (times - 1))]


def chances(scores: Sequence[int | Fraction], budget: int) -> list[Fraction]:
    """For each entry the chance to be among the first `budget` ones: 1, 0, or within the last tie its share."""
    taken, found = 0, {}
    sizes = Counter(scores)
    for score in sorted(sizes, reverse=True):
        room = max(0, min(budget - taken, sizes[score]))
        found[score] = Fraction(room, sizes[score])
        taken += sizes[score]
    return [found[score] for score in scores]


def found_at(ranking: Sequence[Scored], budget: int) -> Fraction:
    """The expected number of right ones among the first `budget` entries."""
    each = chances([score for score, _ in ranking], budget)
    return sum((chance for chance, (_, right) in zip(each, ranking, strict=True) if right), Fraction(0))


def recall_at(ranking: Sequence[Scored], budget: int, positives: int | None = None) -> Fraction | None:
    """The expected share of the right ones that is among the first `budget` entries. None without a right one.

    `positives`: how many right ones there are, where some are not in the ranking.
    """
    there = sum(right for _, right in ranking) if positives is None else positives
    return found_at(ranking, budget) / there if there else None


def precision_at(ranking: Sequence[Scored], budget: int) -> Fraction | None:
    """The expected share of right ones among the first `budget` entries, or among all where there are fewer."""
    looked_at = min(budget, len(ranking))
    return found_at(ranking, budget) / looked_at if looked_at else None


def ceiling(budget: int, positives: int) -> Fraction:
    """The best recall that anybody could reach: min(1, budget / positives); 1 where nothing is to be found."""
    return min(Fraction(1), Fraction(budget, positives)) if positives else Fraction(1)


def budget_of(payments: int, per_million: int) -> int:
    """How many alerts so many per million payments are, rounded down, but at least one."""
    return max(1, payments * per_million // 1_000_000)


def wilson(k: int | float | Fraction, n: int, z: float = Z95) -> tuple[float, float] | None:
    """The score interval of a share of k in n (Wilson 1927), 95 % unless told. None for n = 0.

    centre = (k + z²/2) / (n + z²), half = z / (n + z²) * sqrt(k (n - k) / n + z²/4). An expected number of ties may
    stand for k.
    """
    if not n:
        return None
    k = float(k)
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(max(k * (n - k) / n, 0.0) + z * z / 4)
    return (0.0 if k <= 0 else max(0.0, centre - half)), (1.0 if k >= n else min(1.0, centre + half))


def quartiles(values: Sequence[float]) -> tuple[float, float, float] | None:
    """First quartile, median and third quartile, between the values where they fall there (inclusive method)."""
    if not values:
        return None
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return low, middle, high
