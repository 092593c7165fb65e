"""Which payments an alert hangs on: without them it is gone, and with any one of them it is back.

Found and verified by the plain reference on the rows that touch the account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from lindung_redflags import rows
from lindung_redflags.alerts import TOGETHER, VICTIM, Episode, episodes
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.reference import NEW_PAIR, Book, Hit, Those, counts, moments, often
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
        "channels",
        "median_amount",
        "share",
        "passed_on",
        "declined",
    ]
)
"""Features that only the payments inside of their window decide."""


@dataclass(frozen=True)
class Counterfactual:
    """`remove`: tx_ids, as few as leave no alert and each of them needed. The rest quotes the strongest indicator."""

    indicator: str
    parameter: str
    observed: str
    needed: str
    remove: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "parameter": self.parameter,
            "observed": self.observed,
            "needed": self.needed,
            "remove_tx_ids": list(self.remove),
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
    ) -> None:
        self.account, self.accounts, self.payments = account, accounts, payments
        self.catalogue, self.grids, self.threshold, self.until = catalogue, grids, threshold, until
        self.second = {one.tx_id: one.t for one in payments}
        self.indicators = [one for one in catalogue if one.computed]
        self.counting: dict[str, tuple[frozenset[int], Conditions]] = {}
        self.reach = {one.id: felt_for(one) for one in self.indicators}
        self.meant: dict[str, dict[Test, dict[int, bool]]] = {}
        self.settled: tuple[frozenset[str], dict[str, list[Hit]]] | None = None
        """What is left out at present, and the moments that each indicator has then."""
        self.tried: tuple[frozenset[str], dict[str, list[Hit]]] | None = None

    def only(self, ids: set[str]) -> None:
        """Look at these indicators alone: without any payment taken out, the others did not hit."""
        self.indicators = []
        whole = self._book(frozenset())
        for one in self.catalogue:
            if one.id not in ids:
                continue
            # Whether a payment counts does mostly not depend on the others: that is asked once.
            alone = Conditions(tuple(wanted for wanted in one.payments if _names(Conditions((wanted,))) <= _ALONE))
            rest = Conditions(tuple(wanted for wanted in one.payments if wanted not in alone.wanted))
            legs = whole.legs[one.at].get(self.account.a, [])
            mine = frozenset(payment.n for payment in legs if counts(whole, self.account, payment, one.at, alone))
            if not mine:
                continue
            self.indicators.append(one)
            self.counting[one.id] = (mine, rest)
            if all(_names(test.of) <= _ALONE for test in one.tests):
                self.meant[one.id] = {}

    def hits(self, without: frozenset[str]) -> list[Hit]:
        """All hits without these payments."""
        book = self._book(without)
        found = {one.id: self._moments(book, one, without) for one in self.indicators}
        self.tried = (without, found)
        return sorted(hit for one in self.indicators for hit in often(found[one.id], one))

    def settle(self) -> None:
        """Leave out from now on what was left out in the last try."""
        self.settled = self.tried

    def _book(self, without: frozenset[str]) -> Book:
        left = [one for one in self.payments if one.tx_id not in without]
        book = Book(self.accounts, left, self.grids, self.catalogue.lists)
        book.counting = self.counting
        book.last = self.until  # the clock of the whole scan: a payment taken out does not turn it back
        return book

    def _moments(self, book: Book, one: Indicator, without: frozenset[str]) -> list[Hit]:
        reach = self.reach[one.id]
        between: tuple[int, int] | None = None
        before: list[Hit] = []
        if reach is not None and self.settled is not None:
            before = self.settled[1][one.id]
            changed = [self.second[name] for name in without ^ self.settled[0]]
            if not changed:
                return before
            between = (min(changed) - one.then_silent, max(changed) + reach)
        if not book.legs[one.at].get(self.account.a):
            return []
        those = Those(book, one, self.account, self.meant.get(one.id))
        now = moments(book, one, self.account, those, between)
        if between is None:
            return now
        far = [hit for hit in before if not between[0] <= hit.at - one.then_silent <= between[1]]
        return sorted([*far, *now], key=lambda hit: (hit.at, hit.n))

    def alerts(self, like: Episode, without: frozenset[str]) -> bool:
        """Whether there is still an alert of that class about that time."""
        return any(
            one.alerts
            and one.subject == like.subject
            and one.first <= like.last + TOGETHER
            and like.first <= one.last + TOGETHER
            for one in episodes(self.hits(without), self.catalogue, self.threshold)
        )


def _names(wanted: Conditions) -> set[str]:
    """The conditions that stand there, those inside of `any_of` too."""
    inside = [_names(some) for name, value in wanted if name == "any_of" for some in value]
    return {name for name, _ in wanted if name != "any_of"}.union(*inside)


def felt_for(one: Indicator) -> int | None:
    """For how many seconds after a payment the indicator can feel it; None: as long as it likes."""
    names = _names(one.payments).union(*(_names(test.of) for test in one.tests))
    if not names <= _ALONE | {"new_pair"} or not {test.feature for test in one.tests} <= _NEAR:
        return None
    longest = max(max(test.window, test.within) for test in one.tests)
    return longest + (NEW_PAIR if "new_pair" in names else 0)


def all_of(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    threshold: int,
    alerts: Sequence[Episode],
    told: Callable[[float], None] = lambda share: None,
) -> list[tuple[int, Counterfactual]]:
    """For each of these alerts the second of the account's first payment, and what the alert hangs on.

    `told`: called with the share that is done. The tables `acc` and `tx` of the connection are read.
    """
    last = connection.execute("SELECT coalesce(max(t), 0) FROM tx").fetchall()[0][0]
    devices = any(one.payments.speaks_of("shared_device") for one in catalogue)
    touching = rows.payments_of(connection, {one.a for one in alerts}, devices)
    sides = {side for some in touching.values() for one in some for side in (one.p, one.q)}
    accounts = rows.accounts(connection, sides | set(touching))
    victims = {one.id for one in catalogue if one.subject == VICTIM and one.computed}
    found: list[tuple[int, Counterfactual]] = []
    for done, one in enumerate(alerts):
        told(done / len(alerts))
        mine = touching[one.a]
        again = Rescan(accounts[one.a], accounts, mine, catalogue, catalogue.grids, threshold, last)
        again.only(victims | {hit.indicator for hit in one.hits})
        hanging = find(again, one)
        if hanging is None:
            raise AssertionError(f"the reference does not confirm the alert of account number {one.a} ({one.subject})")
        found.append((min(x.t for x in mine if one.a in (x.p, x.q)), hanging))
    return found


def find(scan: Rescan, like: Episode) -> Counterfactual | None:
    """The counterfactual of an alert; None when the reference finds no alert to begin with (a fault of an engine)."""
    everything = [one.tx_id for one in scan.payments if one.status == "completed" and one.t <= like.last]
    if not scan.alerts(like, frozenset()):
        return None
    scan.settled = None
    removed = _shrink(scan, like, everything)
    strongest = max(
        like.hits, key=lambda hit: (scan.catalogue.indicators[hit.indicator].weight, hit.at, hit.n, hit.indicator)
    )
    indicator = scan.catalogue.indicators[strongest.indicator]
    test, observed = _telling(indicator, strongest)
    return Counterfactual(
        indicator.id,
        test.parameter,
        shown(observed),
        f"{test.op} {shown(test.fraction)}",
        tuple(removed),
    )


def _shrink(scan: Rescan, like: Episode, removed: list[str]) -> list[str]:
    """Put payments back, in ever smaller parts, as long as no alert comes back; then each alone, until none can be."""
    scan.alerts(like, frozenset(removed))
    scan.settle()
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
    """The test that says most: the first with a parameter and a lower bound, else the first."""
    pairs = list(zip(indicator.tests, hit.observed, strict=True))
    return next((pair for pair in pairs if pair[0].parameter and pair[0].op in {">=", ">"}), pairs[0])


def shown(value: Fraction) -> str:
    """A number for people: whole, or a share in three digits."""
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
