"""Figures of one ranking against the truth, kept as counts so that those of several worlds can be added up.

An alert is right when the account was planted on the side of the alert: a planted payer who is raised as a payee is
not. Figures at a budget look at alerts only; average precision looks at the whole ranking, those that were never
ranked included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from lindung_redflags.alerts import VICTIM
from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.evaluating import metrics
from lindung_redflags.evaluating.ranking import QUEUES, SUSPECTS, Entry, within
from lindung_redflags.evaluating.truth import Truth

BUDGETS = (50, 100, 200)
"""Alerts for each million payments."""
MAIN = 100
DAY = 86400


@dataclass(frozen=True)
class Share:
    """So many of so many; the count may be an expected one."""

    count: Fraction = Fraction(0)
    of: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.count + other.count, self.of + other.of)

    @property
    def value(self) -> float | None:
        return float(self.count / self.of) if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return metrics.wilson(self.count, self.of)

    def as_dict(self) -> dict[str, Any]:
        low, high = self.interval or (None, None)
        return {"count": float(self.count), "of": self.of, "share": self.value, "low": low, "high": high}


@dataclass(frozen=True)
class Average:
    """The average precision of a class in one world."""

    value: float | None
    interval: tuple[float, float] | None
    planted: int


@dataclass
class Pattern:
    """What was found of one pattern. `found`: within the budget; `raised`: with any alert; `days`: to the first."""

    side: str
    planted: int = 0
    found: Fraction = Fraction(0)
    attainable: Fraction = Fraction(0)
    raised: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def recall(self) -> Share:
        return Share(self.found, self.planted)

    @property
    def of_ceiling(self) -> float | None:
        return float(self.found / self.attainable) if self.attainable else None

    def add(self, other: Pattern) -> None:
        self.planted += other.planted
        self.found += other.found
        self.attainable += other.attainable
        self.raised += other.raised
        self.days += other.days

    def as_dict(self) -> dict[str, Any]:
        return {
            "side": self.side,
            "recall": self.recall.as_dict(),
            "attainable": float(self.attainable),
            "of_ceiling": self.of_ceiling,
            "with_an_alert": self.raised,
            "days_to_first_alert": metrics.quartiles(self.days),
        }


@dataclass
class Family:
    """Alerts about one family of look-alikes. `raised`: of those that could be raised; `looked_at`: within budget."""

    accounts: int = 0
    raised: Share = Share()
    looked_at: Share = Share()

    def add(self, other: Family) -> None:
        self.accounts += other.accounts
        self.raised += other.raised
        self.looked_at += other.looked_at

    def as_dict(self) -> dict[str, Any]:
        return {
            "accounts": self.accounts,
            "with_an_alert": self.raised.as_dict(),
            "within_budget": self.looked_at.as_dict(),
        }


@dataclass
class Measured:
    """Everything that is told of one ranking, over one world or several."""

    name: str
    worlds: int = 1
    payments: int = 0
    accounts: int = 0
    budget: int = 0
    planted: dict[str, int] = field(default_factory=dict)
    alerts: dict[str, Share] = field(default_factory=dict)
    """By class: right accounts of those with an alert."""
    precision: dict[tuple[str, int], Share] = field(default_factory=dict)
    average: dict[str, list[Average]] = field(default_factory=dict)
    patterns: dict[tuple[str, str], Pattern] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    victims_as_suspects: Share = Share()
    fairness: dict[str, dict[str, dict[str, Share]]] = field(default_factory=dict)

    def pooled_family(self) -> Family:
        """All families together."""
        whole = Family()
        for one in self.families.values():
            whole.add(one)
        return whole

    def by_difficulty(self, difficulty: str, queue: str | None = None) -> Pattern:
        """All patterns of one difficulty together; `queue`: only those of it."""
        whole = Pattern(queue or "")
        for (_, hard), one in self.patterns.items():
            if hard == difficulty and queue in (None, _queue(one.side)):
                whole.add(one)
        return whole

    def missed(self) -> list[tuple[str, str]]:
        """Patterns of which nothing was found within the budget."""
        return [key for key, one in self.patterns.items() if not one.found]

    def mean_average(self, subject: str) -> float | None:
        """The mean over the worlds in which there was something to find."""
        told = [one.value for one in self.average.get(subject, []) if one.value is not None]
        return sum(told) / len(told) if told else None

    def as_dict(self) -> dict[str, Any]:
        whole = self.pooled_family()
        return {
            "name": self.name,
            "worlds": self.worlds,
            "payments": self.payments,
            "accounts": self.accounts,
            "budget": {"per_million_payments": MAIN, "alerts_a_queue": self.budget},
            "alerts": {
                name: {"planted": self.planted.get(name, 0), "accounts": share.of, "right": share.as_dict()}
                for name, share in self.alerts.items()
            },
            "precision": {
                queue: {str(each): self.precision[queue, each].as_dict() for each in BUDGETS} for queue in QUEUES
            },
            "average_precision": {
                name: [
                    {"planted": one.planted, "value": one.value, "interval": one.interval}
                    for one in self.average.get(name, [])
                ]
                for name in CLASSES
            },
            "patterns": [
                {"pattern": pattern, "difficulty": difficulty, **one.as_dict()}
                for (pattern, difficulty), one in self.patterns.items()
            ],
            "missed": [{"pattern": pattern, "difficulty": difficulty} for pattern, difficulty in self.missed()],
            "families": {name: one.as_dict() for name, one in self.families.items()},
            "families_pooled": whole.as_dict(),
            "victims_as_suspects": self.victims_as_suspects.as_dict(),
            "fairness": {
                what: {
                    group: {queue: share.as_dict() for queue, share in shares.items()}
                    for group, shares in groups.items()
                }
                for what, groups in self.fairness.items()
            },
        }


def _queue(side: str) -> str:
    return VICTIM if side == VICTIM else SUSPECTS


def measure(name: str, ranking: Sequence[Entry], truth: Truth) -> Measured:
    """All figures of one ranking of one world."""
    made = Measured(name, 1, truth.payments, truth.population, metrics.budget_of(truth.payments, MAIN))
    planted = [one for one in truth.labels.values() if one.planted]
    made.planted = {side: sum(one.side == side for one in planted) for side in CLASSES}
    raised = {(one.account, one.subject): one for one in ranking if one.alerts}
    for side in CLASSES:
        mine = [one for one in raised.values() if one.subject == side]
        made.alerts[side] = Share(Fraction(sum(_right(one, truth) for one in mine)), len(mine))
        made.average[side] = [_average(side, ranking, truth, made.planted[side])]
    looked_at: dict[tuple[str, str], Fraction] = {}
    for queue in QUEUES:
        for each in BUDGETS:
            chosen = within(ranking, queue, metrics.budget_of(truth.payments, each))
            right = sum((chance for one, chance in chosen if _right(one, truth)), Fraction(0))
            places = min(metrics.budget_of(truth.payments, each), len(chosen))
            made.precision[queue, each] = Share(right, places)
            if each == MAIN:
                looked_at |= {(one.account, one.subject): chance for one, chance in chosen}
    _patterns(made, raised, looked_at, truth)
    _families(made, raised, looked_at, truth)
    victims = [one.account for one in planted if one.side == VICTIM]
    wrong = sum(any((account, side) in raised for side in CLASSES if side != VICTIM) for account in victims)
    made.victims_as_suspects = Share(Fraction(wrong), len(victims))
    _fairness(made, raised, truth)
    return made


def _right(one: Entry, truth: Truth) -> bool:
    label = truth.planted(one.account)
    return label is not None and label.side == one.subject


def _average(side: str, ranking: Sequence[Entry], truth: Truth, planted: int) -> Average:
    """Over all accounts: those without a score stand last, together."""
    mine: list[metrics.Scored] = [(one.score, _right(one, truth)) for one in ranking if one.subject == side]
    left_right = planted - sum(right for _, right in mine)
    left = max(truth.population - len(mine), left_right)
    mine += [(0, True)] * left_right + [(0, False)] * (left - left_right)
    return Average(metrics.average_precision(mine), metrics.average_precision_interval(mine), planted)


def _patterns(
    made: Measured, raised: dict[tuple[str, str], Entry], looked_at: dict[tuple[str, str], Fraction], truth: Truth
) -> None:
    in_queue = {queue: sum(made.planted[side] for side in CLASSES if _queue(side) == queue) for queue in QUEUES}
    labels = (one for one in truth.labels.values() if one.planted)
    for label in sorted(labels, key=lambda one: (one.pattern, one.difficulty, one.account)):
        one = made.patterns.setdefault((label.pattern, label.difficulty), Pattern(label.side))
        key = (label.account, label.side)
        one.planted += 1
        one.found += looked_at.get(key, Fraction(0))
        one.attainable += metrics.ceiling(made.budget, in_queue[_queue(label.side)])
        if key not in raised:
            continue
        one.raised += 1
        begin = truth.first.get(label.account) if truth.first is not None else None
        after = [at for at in raised[key].alerts if begin is not None and at >= begin]
        if begin is not None and after:
            one.days.append((after[0] - begin) / DAY)


def _families(
    made: Measured, raised: dict[tuple[str, str], Entry], looked_at: dict[tuple[str, str], Fraction], truth: Truth
) -> None:
    labels = (one for one in truth.labels.values() if not one.planted and one.family)
    for label in sorted(labels, key=lambda one: (one.family, one.account)):
        one = made.families.setdefault(label.family, Family())
        one.accounts += 1
        if truth.subjects is not None and label.account not in truth.subjects:
            continue
        seen = [(label.account, side) for side in CLASSES if (label.account, side) in raised]
        unseen = Fraction(1)
        for key in seen:
            unseen *= 1 - looked_at.get(key, Fraction(0))
        one.raised += Share(Fraction(bool(seen)), 1)
        one.looked_at += Share(1 - unseen, 1)


def _fairness(made: Measured, raised: dict[tuple[str, str], Entry], truth: Truth) -> None:
    """How often innocent people are raised, by group."""
    suspects = {account for account, side in raised if side != VICTIM}
    victims = {account for account, side in raised if side == VICTIM}
    for what, groups in truth.people.items():
        counts: dict[str, dict[str, list[int]]] = {}
        for account, group in groups.items():
            if truth.planted(account) is not None:
                continue
            entry = counts.setdefault(group, {SUSPECTS: [0, 0], VICTIM: [0, 0]})
            for queue, those in ((SUSPECTS, suspects), (VICTIM, victims)):
                entry[queue][0] += account in those
                entry[queue][1] += 1
        made.fairness[what] = {
            group: {queue: Share(Fraction(k), n) for queue, (k, n) in counts[group].items()} for group in sorted(counts)
        }


def pooled(several: Sequence[Measured]) -> Measured:
    """Several worlds measured in one way, together: counts are added, average precision is kept for each world."""
    whole = Measured(several[0].name, 0)
    for one in several:
        whole.worlds += one.worlds
        whole.payments += one.payments
        whole.accounts += one.accounts
        whole.budget += one.budget
        whole.victims_as_suspects += one.victims_as_suspects
        for side, count in one.planted.items():
            whole.planted[side] = whole.planted.get(side, 0) + count
        for side, share in one.alerts.items():
            whole.alerts[side] = whole.alerts.get(side, Share()) + share
        for place, share in one.precision.items():
            whole.precision[place] = whole.precision.get(place, Share()) + share
        for side, averages in one.average.items():
            whole.average.setdefault(side, []).extend(averages)
        for key, pattern in one.patterns.items():
            whole.patterns.setdefault(key, Pattern(pattern.side)).add(pattern)
        for name, family in one.families.items():
            whole.families.setdefault(name, Family()).add(family)
        for what, groups in one.fairness.items():
            for group, shares in groups.items():
                entry = whole.fairness.setdefault(what, {}).setdefault(group, {})
                for queue, share in shares.items():
                    entry[queue] = entry.get(queue, Share()) + share
    whole.patterns = dict(sorted(whole.patterns.items()))
    whole.families = dict(sorted(whole.families.items()))
    whole.fairness = {what: dict(sorted(groups.items())) for what, groups in whole.fairness.items()}
    return whole
