"""Which payments an alert hangs on: without them it is gone, and with any one of them it is back.

Found and verified by the plain reference on the rows that touch the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lindung_redflags.alerts import TOGETHER, Episode, episodes
from lindung_redflags.catalogue.model import Catalogue, Indicator, Test
from lindung_redflags.reference import Book, Hit, counted, hits_of
from lindung_redflags.rows import Account, Payment

_ON_OTHERS = ("new_pair", "after_quiet", "shared_device")
"""Conditions on a payment that other payments decide."""


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
    """One account scanned again and again by the reference, each time without some of its payments."""

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
        self.indicators: list[Indicator] = [one for one in catalogue if one.computed]
        self.counting: dict[str, frozenset[int]] = {}

    def only(self, ids: set[str]) -> None:
        """Look at these indicators alone: without any payment taken out, the others did not hit."""
        self.indicators = []
        whole = Book(self.accounts, self.payments, self.grids, self.catalogue.lists)
        for one in self.catalogue:
            if one.id not in ids:
                continue
            alone = not any(one.payments.speaks_of(name) for name in _ON_OTHERS)
            mine = counted(whole, one, self.account) if alone else []
            if alone:  # whether a payment counts does not depend on the others: it is asked once
                self.counting[one.id] = frozenset(payment.n for payment in mine)
            if mine or not alone:
                self.indicators.append(one)

    def hits(self, without: frozenset[str]) -> list[Hit]:
        book = Book(
            self.accounts, [one for one in self.payments if one.tx_id not in without], self.grids, self.catalogue.lists
        )
        book.counting = self.counting
        book.last = self.until  # the clock of the whole scan: a payment taken out does not turn it back
        return sorted(hit for one in self.indicators for hit in hits_of(book, one, self.account))

    def alerts(self, like: Episode, without: frozenset[str]) -> bool:
        """Whether there is still an alert of that class about that time."""
        return any(
            one.alerts
            and one.subject == like.subject
            and one.first <= like.last + TOGETHER
            and like.first <= one.last + TOGETHER
            for one in episodes(self.hits(without), self.catalogue, self.threshold)
        )


def find(scan: Rescan, like: Episode) -> Counterfactual | None:
    """The counterfactual of an alert; None when the reference finds no alert to begin with (a fault of an engine)."""
    everything = [one.tx_id for one in scan.payments if one.status == "completed" and one.t <= like.last]
    if not scan.alerts(like, frozenset()):
        return None
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
    part = max(len(removed) // 2, 1)
    while True:
        place, changed = 0, False
        while place < len(removed):
            fewer = removed[:place] + removed[place + part :]
            if not scan.alerts(like, frozenset(fewer)):
                removed, changed = fewer, True
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
