"""Which payments an alert hangs on: without them it is gone, and with any one of them it is back.

Found and verified by the plain reference on the rows that touch the account.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lindung_redflags import words
from lindung_redflags.alerts import NOTHING, TOGETHER, VICTIM, Decided, Episode, episodes
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.reference import NEW_PAIR, Book, Hit, Those, counts, feature, holds, moments, often
from lindung_redflags.rows import Account, Payment

_ALONE = frozenset(
    [
        "own",
        "foreign",
        "round",
        "night",
        "subject_minor",
        "idr_from",
        "idr_to",
        "channels",
        "other_country",
        "own_country",
        "other_kinds",
        "merchant_categories",
        "other_age_to",
        "other_age_from",
        "subject_age_to",
        "opened_within",
        "words",
        "drained_to",
    ]
)
"""Conditions that a payment meets or not whatever other payments there are."""

_NEAR = frozenset(
    [
        "payments",
        "total",
        "parties",
        "countries",
        "amounts",
        "same_amount",
        "channels",
        "median_amount",
        "share",
        "passed_on",
        "declined",
    ]
)
"""Features that only the payments inside of their window decide."""

_GROWING = frozenset(["payments", "total", "parties", "countries", "amounts", "same_amount", "channels"])
"""Features that a further payment never makes smaller."""


@dataclass(frozen=True)
class Counterfactual:
    """`remove`: tx_ids, as few as leave no alert and each of them needed; None: the account has too many payments to
    say. The rest quotes the strongest indicator.
    """

    indicator: str
    parameter: str
    observed: str
    needed: str
    remove: tuple[str, ...] | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "parameter": self.parameter,
            "observed": self.observed,
            "needed": self.needed,
            "remove_tx_ids": None if self.remove is None else list(self.remove),
        }


class Rescan:
    """One account scanned again and again by the reference, each time without some of its payments.

    Between two tries only the seconds are looked at again in which what changed can be felt; a test holds that against
    a scan of everything.
    """

    def __init__(
        self,
        account: Account,
        accounts: Mapping[int, Account],
        payments: Sequence[Payment],
        catalogue: Catalogue,
        grids: Mapping[str, int],
        threshold: int,
        until: int,
        decided: Decided = NOTHING,
    ) -> None:
        self.decided = decided
        self.account, self.accounts, self.payments = account, accounts, payments
        self.catalogue, self.grids, self.threshold, self.until = catalogue, grids, threshold, until
        self.second = {one.tx_id: one.t for one in payments}
        self.number = {one.tx_id: one.n for one in payments}
        self.pair = {one.tx_id: (one.p, one.q) for one in payments}
        self.pairs: dict[tuple[int, int], list[int]] = {}
        for one in payments:
            self.pairs.setdefault((one.p, one.q), []).append(one.t)
        self.indicators = [one for one in catalogue if one.computed]
        self.counting: dict[str, tuple[frozenset[int], Conditions]] = {}
        self.reach = {one.id: felt_for(one) for one in self.indicators}
        self.loose = {one.id: felt_uncounted(one) for one in self.indicators}
        self.newness = {one.id: "new_pair" in _all_names(one) for one in self.indicators}
        self.hopeful: dict[str, frozenset[int]] = {}
        self.hoped: dict[str, list[int]] = {}
        self.meant: dict[str, dict[Test, dict[int, bool]]] = {}
        self.settled: dict[str, tuple[frozenset[str], list[Hit]]] = {}
        """For an indicator what was left out when it was last looked at for good, and the moments that it had then."""
        self.tried: dict[str, tuple[frozenset[str], list[Hit]]] = {}

    def only(self, *classes: str) -> None:
        """Look at the indicators of these classes alone, and of them at those for which a payment may count."""
        self.indicators = []
        whole = self._book(frozenset())
        for one in self.catalogue:
            if one.subject not in classes or not one.computed:
                continue
            # Whether a payment counts does mostly not depend on the others: that is asked once.
            alone = Conditions(tuple(wanted for wanted in one.payments if _names(Conditions((wanted,))) <= _ALONE))
            rest = Conditions(tuple(wanted for wanted in one.payments if wanted not in alone.wanted))
            legs = whole.legs[one.at].get(self.account.a, [])
            mine = frozenset(payment.n for payment in legs if counts(whole, self.account, payment, one.at, alone))
            if not mine:
                continue
            self.counting[one.id] = (mine, rest)
            self.hopeful[one.id] = self._hopeful(whole, one, mine)
            if not self.hopeful[one.id]:
                continue
            self.hoped[one.id] = sorted(payment.t for payment in legs if payment.n in self.hopeful[one.id])
            self.indicators.append(one)
            if all(_names(test.of) <= _ALONE for test in one.tests):
                self.meant[one.id] = {}

    def _hopeful(self, whole: Book, one: Indicator, mine: frozenset[int]) -> frozenset[int]:
        """The payments at which the indicator may hold, whatever is taken out: a number only falls by that.

        Conditions that depend on other payments are taken as met.
        """
        whole.counting = {one.id: (mine, Conditions())}
        those = Those(whole, one, self.account)
        growing = [
            clause
            for clause in one.clauses
            if all(test.feature in _GROWING and test.op in {">=", ">"} for test in clause)
        ]
        return frozenset(
            payment.n
            for payment in those.mine
            if all(
                any(holds(feature(whole, self.account, payment, one, test, those), test) for test in clause)
                for clause in growing
            )
        )

    def hits(self, without: frozenset[str]) -> list[Hit]:
        """All hits without these payments."""
        self.tried = {}
        return self._hits(self._book(without), self.indicators, without)

    def settle(self) -> None:
        """Leave out from now on what was left out in the last try."""
        self.settled |= self.tried

    def _hits(self, book: Book, some: Iterable[Indicator], without: frozenset[str]) -> list[Hit]:
        found: list[Hit] = []
        for one in some:
            now = self._moments(book, one, without)
            self.tried[one.id] = (without, now)
            found += often(now, one)
        return sorted(found)

    def _book(self, without: frozenset[str]) -> Book:
        left = [one for one in self.payments if one.tx_id not in without]
        book = Book(self.accounts, left, self.grids, self.catalogue.lists)
        book.counting = self.counting
        book.last = self.until  # the clock of the whole scan: a payment taken out does not turn it back
        return book

    def _moments(self, book: Book, one: Indicator, without: frozenset[str]) -> list[Hit]:
        spans: list[tuple[int, int]] | None = None
        before: list[Hit] = []
        reach = self.reach[one.id]
        if reach is not None and one.id in self.settled:
            then, before = self.settled[one.id]
            changed = [name for name in without ^ then if self._matters(one, name)]
            if not changed:
                return before
            spans = self._felt(one, reach, changed)
            before = [hit for hit in before if not any(x <= hit.at - one.then_silent <= y for x, y in spans)]
            hoped = self.hoped.get(one.id)
            if hoped is not None and not any(bisect_left(hoped, x) < bisect_right(hoped, y) for x, y in spans):
                return before
        if not book.legs[one.at].get(self.account.a):
            return []
        those = Those(book, one, self.account, self.meant.get(one.id))
        now = moments(book, one, self.account, those, spans, self.hopeful.get(one.id))
        return now if spans is None else sorted([*before, *now], key=lambda hit: (hit.at, hit.n))

    def _felt(self, one: Indicator, reach: int, changed: Iterable[str]) -> list[tuple[int, int]]:
        """The spans of seconds in which payments that came or went can be felt; none meets another.

        A payment decides whether those of the same pair in the 90 days after it are of a new pair.
        """
        seconds = {self.second[name] for name in changed}
        if self.newness[one.id]:
            for name in changed:
                then = self.second[name]
                seconds |= {t for t in self.pairs[self.pair[name]] if then < t <= then + NEW_PAIR}
        spans: list[tuple[int, int]] = []
        for first, last in sorted((t - one.then_silent, t + reach) for t in seconds):
            if spans and first <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], last))
            else:
                spans.append((first, last))
        return spans

    def _matters(self, one: Indicator, name: str) -> bool:
        """Whether an indicator may feel a payment at all."""
        return one.id not in self.counting or self.loose[one.id] or self.number[name] in self.counting[one.id][0]

    def alerts(self, like: Episode, without: frozenset[str]) -> bool:
        """Whether there is still an alert of that class about that time."""
        self.tried = {}
        book = self._book(without)
        mine = [one for one in self.indicators if one.subject == like.subject]
        found = self._hits(book, (one for one in mine if one.kind == "primary"), without)
        if not found:
            return False
        other = [one for one in self.indicators if one.subject == VICTIM != like.subject]
        victims = self._hits(book, other, without)
        held = any(one.score for one in episodes(victims, self.catalogue, self.threshold))
        if not held and self._raised(like, found):
            return True  # supporting indicators take nothing away
        found += self._hits(book, (one for one in mine if one.kind != "primary"), without)
        return self._raised(like, found + victims)

    def _raised(self, like: Episode, found: list[Hit]) -> bool:
        return any(
            one.alerts
            and one.subject == like.subject
            and one.first <= like.last + TOGETHER
            and like.first <= one.last + TOGETHER
            for one in episodes(found, self.catalogue, self.threshold, self.decided)
        )


def _names(wanted: Conditions) -> set[str]:
    """The conditions that stand there, those inside of `any_of` too."""
    inside = [_names(some) for name, value in wanted if name == "any_of" for some in value]
    return {name for name, _ in wanted if name != "any_of"}.union(*inside)


def _all_names(one: Indicator) -> set[str]:
    return _names(one.payments).union(*(_names(test.of) for test in one.tests))


def felt_for(one: Indicator) -> int | None:
    """For how many seconds after a payment, or one that it makes new, the indicator can feel it; None: for ever."""
    if not _all_names(one) <= _ALONE | {"new_pair"} or not {test.feature for test in one.tests} <= _NEAR:
        return None
    return max(max(test.window, test.within) for test in one.tests)


def felt_uncounted(one: Indicator) -> bool:
    """Whether payments that do not count for an indicator may decide about it."""
    others = any(test.feature in {"passed_on", "declined"} for test in one.tests)
    return bool(one.then_silent) or others or not _all_names(one) <= _ALONE


def find(scan: Rescan, like: Episode) -> Counterfactual | None:
    """The counterfactual of an alert; None when the reference finds no alert to begin with (a fault of an engine)."""
    if not scan.alerts(like, frozenset()):
        return None
    scan.settle()
    removed = next((some for some in _starts(scan, like) if not scan.alerts(like, frozenset(some))), None)
    assert removed is not None, "without any payment there is no hit"
    scan.settle()
    removed = _shrink(scan, like, removed)
    return quoting(scan.catalogue, like, tuple(removed))


def quoting(catalogue: Catalogue, like: Episode, removed: tuple[str, ...] | None) -> Counterfactual:
    """The counterfactual of an alert that hangs on these payments."""
    indicators = catalogue.indicators
    strongest = max(like.hits, key=lambda hit: (indicators[hit.indicator].weight, hit.at, hit.n, hit.indicator))
    indicator = indicators[strongest.indicator]
    test, observed = _telling(indicator, strongest)
    return Counterfactual(indicator.id, test.parameter, shown(observed), f"{test.op} {shown(test.fraction)}", removed)


def _starts(scan: Rescan, like: Episode) -> Iterator[list[str]]:
    """Payments without which there may be no alert, in the order of time; the last time without which there is none.

    First those at which the indicators of one group held: mostly that is enough, and little has to be looked at again.
    """
    indicators = scan.catalogue.indicators
    weights: dict[str, int] = {}
    moments: dict[str, set[int]] = {}
    for hit in like.hits:
        one = indicators[hit.indicator]
        weights[one.group] = max(weights.get(one.group, 0), one.weight)
        moments.setdefault(one.group, set()).add(hit.n)
    for group in sorted(moments, key=lambda name: (len(moments[name]), name)):
        if like.score - weights[group] < scan.threshold:
            yield [one.tx_id for one in scan.payments if one.n in moments[group]]
    done = [one for one in scan.payments if one.status == "completed" and one.t <= like.last + TOGETHER]
    before = [one.tx_id for one in done if one.t <= like.last]
    yield before
    # With an upper bound, what comes next may stand out without what was before.
    yield [one.tx_id for one in done if one.t > like.last] + before


def _shrink(scan: Rescan, like: Episode, removed: list[str]) -> list[str]:
    """Put payments back, in ever smaller parts, as long as no alert comes back; then each alone, until none can be.

    Without all of them there is no alert.
    """
    part = max(len(removed) // 2, 1)
    while True:
        place, changed = 0, False
        while place < len(removed):
            fewer = removed[:place] + removed[place + part :]
            if not scan.alerts(like, frozenset(fewer)):
                removed, changed = fewer, True
                scan.settle()
            else:
                place += part
        if part > 1:
            part = max(part // 2, 1)
        elif not changed:
            return removed


def _telling(indicator: Indicator, hit: Hit) -> tuple[Test, Fraction]:
    """The test that says most: of those that held the first with a parameter and a lower bound, else the first."""
    pairs = words.held(indicator, hit.observed)
    return next((pair for pair in pairs if pair[0].parameter and pair[0].op in {">=", ">"}), pairs[0])


def shown(value: Fraction) -> str:
    """A number for people: whole, or a share in three digits."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
