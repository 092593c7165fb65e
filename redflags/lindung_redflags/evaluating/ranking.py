"""What a rule puts before people, in which order: one entry for each account in each class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lindung_redflags.alerts import VICTIM, Episode
from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.evaluating.metrics import chances

SUSPECTS = "suspects"
QUEUES = (SUSPECTS, VICTIM)
"""Payers and payees share one queue and its budget; possible victims have one of the same length for themselves."""


@dataclass(frozen=True)
class Entry:
    """An account in a class. `score`: its best; `alerts`: the seconds at which alerts were raised."""

    account: str
    subject: str
    score: int
    alerts: tuple[int, ...] = ()

    @property
    def queue(self) -> str:
        return VICTIM if self.subject == VICTIM else SUSPECTS


def entries(
    episodes: Iterable[Episode], names: Mapping[int, str], inside: Callable[[int], bool] = lambda second: True
) -> list[Entry]:
    """Accounts with a score above 0. What is held back for a possible victim is not in it: nobody is shown it.

    `names`: account ids; `inside`: whether an alert raised at a second is wanted.
    """
    best: dict[tuple[str, str], int] = {}
    alerts: dict[tuple[str, str], list[int]] = {}
    for one in episodes:
        if one.held_back or not one.score:
            continue
        key = (names[one.a], one.subject)
        best[key] = max(best.get(key, 0), one.score)
        if one.raised is not None and inside(one.raised):
            alerts.setdefault(key, []).append(one.raised)
    return [
        Entry(account, subject, score, tuple(sorted(alerts.get((account, subject), ()))))
        for (account, subject), score in sorted(best.items())
    ]


def within(some: Iterable[Entry], queue: str, budget: int) -> list[tuple[Entry, Fraction]]:
    """The alerts of a queue with the chance of each to be looked at. What never became an alert is never looked at."""
    raised = [one for one in some if one.alerts and one.queue == queue]
    return list(zip(raised, chances([one.score for one in raised], budget), strict=True))


__all__ = ["CLASSES", "QUEUES", "SUSPECTS", "Entry", "entries", "within"]
