"""Scores of episodes from hits, as `alerts.episodes` makes them, but over arrays: the same hits are scored many times.

Only what a ranking needs is kept: who, in which class, how many points, and whether a possible victim's episode holds a
suspect's back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lindung_redflags.alerts import TOGETHER, VICTIM
from lindung_redflags.catalogue.model import CLASSES, Catalogue

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Moments:
    """The hits of one indicator: accounts (numbers) and seconds, of one length."""

    a: Ints
    at: Ints


NONE = Moments(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Scored:
    """Episodes, in the order of class, account and time. All of one length; `subject` indexes CLASSES."""

    a: Ints
    subject: Ints
    first: Ints
    last: Ints
    score: Ints
    """0 without a primary indicator."""

    def of_suspects(self) -> Bools:
        return np.asarray(self.subject != CLASSES.index(VICTIM))

    def held_back(self, threshold: int) -> Bools:
        """Suspects' episodes that would be alerts beside a primary sign of a possible victim in the same time."""
        victims = np.flatnonzero(~self.of_suspects() & (self.score > 0))
        held = np.zeros(len(self.a), dtype=bool)
        by_account: dict[int, list[int]] = {}
        for place in victims.tolist():
            by_account.setdefault(int(self.a[place]), []).append(place)
        for place in np.flatnonzero(
            self.of_suspects() & (self.score >= threshold) & np.isin(self.a, self.a[victims])
        ).tolist():
            held[place] = any(
                self.first[place] <= self.last[other] + TOGETHER and self.first[other] <= self.last[place] + TOGETHER
                for other in by_account[int(self.a[place])]
            )
        return held


def score(found: Mapping[str, Moments], catalogue: Catalogue) -> Scored:
    """Group hits by indicator id into episodes and score them."""
    names = [name for name in sorted(found) if len(found[name].a)]
    indicators = [catalogue.indicators[name] for name in names]
    groups = sorted({one.group for one in indicators})
    sizes = [len(found[name].a) for name in names]

    def column(values: list[int]) -> Ints:
        return np.repeat(np.array(values, dtype=np.int64), sizes)

    a = np.concatenate([found[name].a for name in names]) if names else NONE.a
    at = np.concatenate([found[name].at for name in names]) if names else NONE.at
    subject = column([CLASSES.index(one.subject) for one in indicators])
    order = np.lexsort((at, a, subject))
    a, at, subject = a[order], at[order], subject[order]
    begins = np.ones(len(a), dtype=bool)
    begins[1:] = (a[1:] != a[:-1]) | (subject[1:] != subject[:-1]) | (at[1:] - at[:-1] > TOGETHER)
    episode = np.cumsum(begins) - 1
    starts = np.flatnonzero(begins)
    points = np.zeros((len(starts), len(groups)), dtype=np.int64)
    weight, group = (
        column([one.weight for one in indicators])[order],
        column([groups.index(o.group) for o in indicators]),
    )
    np.maximum.at(points, (episode, group[order]), weight)
    primary = np.zeros(len(starts), dtype=bool)
    primary[episode[column([int(one.kind == "primary") for one in indicators])[order] == 1]] = True
    ends = np.r_[starts[1:], len(a)] - 1 if len(starts) else starts
    return Scored(a[starts], subject[starts], at[starts], at[ends], np.where(primary, points.sum(axis=1), 0))
