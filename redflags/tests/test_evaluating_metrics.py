"""The figures of a ranking, against values worked out by hand and against all orders of small rankings."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung_redflags.evaluating import metrics

RANKINGS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6)


def plain_precision(order: list[bool]) -> float:
    """Average precision of one order, as it is defined."""
    at = [sum(order[: place + 1]) / (place + 1) for place, right in enumerate(order) if right]
    return sum(at) / len(at)


def orders(ranking: list[tuple[int, bool]]) -> list[list[bool]]:
    """All orders that the scores allow, each as often as it comes."""
    return [
        [ranking[place][1] for place in way]
        for way in permutations(range(len(ranking)))
        if all(ranking[a][0] >= ranking[b][0] for a, b in pairwise(way))
    ]


def test_average_precision_by_hand() -> None:
    # Right, wrong, right, wrong: (1/1 + 2/3) / 2.
    assert metrics.average_precision([(9, True), (8, False), (7, True), (6, False)]) == pytest.approx(5 / 6)
    assert metrics.average_precision([(1, False), (2, True)]) == 1
    # One right among three of one score: 1/3 each of 1, 1/2, 1/3.
    assert metrics.average_precision([(5, True), (5, False), (5, False)]) == pytest.approx(11 / 18)
    assert metrics.average_precision([(5, False)]) is None
    assert metrics.average_precision([]) is None


@given(RANKINGS)
@settings(max_examples=60, deadline=None)
def test_ties_have_the_mean_over_all_orders(ranking: list[tuple[int, bool]]) -> None:
    every = orders(ranking)
    for budget in range(len(ranking) + 2):
        wanted = sum(Fraction(sum(order[:budget])) for order in every) / len(every)
        assert metrics.found_at(ranking, budget) == wanted
    if any(right for _, right in ranking):
        wanted_mean = math.fsum(plain_precision(order) for order in every) / len(every)
        assert metrics.average_precision(ranking) == pytest.approx(wanted_mean, abs=1e-12)


def test_a_missed_case_at_the_bottom_costs() -> None:
    above = [(3, True), (2, False)]
    whole = metrics.average_precision([*above, (0, True), *[(0, False)] * 997])
    assert whole is not None
    assert 0.5 < whole < 0.51


def test_recall_and_precision_by_hand() -> None:
    ranking = [(40, True), (30, True), (30, False), (30, False), (10, True)]
    assert metrics.chances([score for score, _ in ranking], 2) == [1, *[Fraction(1, 3)] * 3, 0]
    assert metrics.found_at(ranking, 2) == Fraction(4, 3)
    assert metrics.recall_at(ranking, 2) == Fraction(4, 9)
    assert metrics.recall_at(ranking, 2, positives=8) == Fraction(1, 6)
    assert metrics.precision_at(ranking, 2) == Fraction(2, 3)
    assert metrics.precision_at(ranking, 50) == Fraction(3, 5)
    assert metrics.precision_at([], 50) is None
    assert metrics.recall_at([(1, False)], 1) is None


def test_ceiling_and_budget() -> None:
    assert metrics.ceiling(50, 100) == Fraction(1, 2)
    assert metrics.ceiling(200, 100) == 1
    assert metrics.ceiling(5, 0) == 1
    assert metrics.budget_of(1_000_000, 100) == 100
    assert metrics.budget_of(29_999, 100) == 2
    assert metrics.budget_of(20, 50) == 1


def test_wilson_by_hand() -> None:
    # 1.96 squared is 3.8415: 8 of 10 gives (8 + 1.9207) / 13.8415 -+ 1.96 * sqrt(1.6 + 0.9604) / 13.8415.
    assert metrics.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    # Nothing in n: z² / (n + z²).
    assert metrics.wilson(0, 300) == pytest.approx((0.0, 3.8415 / 303.8415), abs=1e-5)
    assert metrics.wilson(10, 10) == pytest.approx((10 / 13.8415, 1.0), abs=1e-4)
    assert metrics.wilson(0, 0) is None


def test_quartiles() -> None:
    assert metrics.quartiles([1, 2, 3, 4, 5]) == (2, 3, 4)
    assert metrics.quartiles([7]) == (7, 7, 7)
    assert metrics.quartiles([]) is None


def test_the_interval_of_average_precision_holds_it_and_repeats() -> None:
    ranking = [(100 - place, place % 3 == 0) for place in range(60)] + [(0, False)] * 500
    middle, interval = metrics.average_precision(ranking), metrics.average_precision_interval(ranking)
    assert middle is not None
    assert interval is not None
    assert interval[0] < middle < interval[1]
    assert interval == metrics.average_precision_interval(ranking)
    assert interval != metrics.average_precision_interval(ranking, seed=1)
    assert metrics.average_precision_interval([(3, True)]) == (1, 1)
    assert metrics.average_precision_interval([(3, False)]) is None
