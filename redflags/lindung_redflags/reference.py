"""What the catalogue means, in plain Python: slow, obvious, and the judge of every engine.

For each payment of each subject it looks at all payments of that subject again. Nothing is remembered between two
payments, no window slides, no order is used but that of time. Engines are tested against it, and it verifies each
counterfactual of a scan on the rows of one account.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar

from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.local import age_at, is_minor, is_night
from lindung_redflags.rows import Account, Payment

K = TypeVar("K")
V = TypeVar("V")

NEW_PAIR = 90 * 86400
"""A payer is new to a payee who was not paid by them in so many seconds before."""


@dataclass(frozen=True, order=True)
class Hit:
    """An indicator held at a payment. `at`: when it could be known, in seconds. `observed`: one value for each test."""

    a: int
    indicator: str
    at: int
    n: int
    observed: tuple[Fraction, ...] = ()


class Book:
    """All accounts and payments, with what is asked of them again and again."""

    def __init__(
        self,
        accounts: Mapping[int, Account],
        payments: Sequence[Payment],
        grids: Mapping[str, int],
        lists: Mapping[str, Sequence[str]],
    ) -> None:
        self.accounts, self.payments, self.grids, self.lists = accounts, payments, grids, lists
        self.done = [one for one in payments if one.status == "completed"]
        self.legs: dict[str, dict[int, list[Payment]]] = {"in": {}, "out": {}}
        for one in self.done:
            self.legs["out"].setdefault(one.p, []).append(one)
            self.legs["in"].setdefault(one.q, []).append(one)
        self.last = max((one.t for one in payments), default=0)
        self.counting: dict[str, tuple[frozenset[int], Conditions]] = {}
        """For some indicators the numbers of the payments that count if they meet these further conditions too."""

    @cached_property
    def pairs(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """For a payer and a payee when they were completed: seconds and numbers."""
        return _gathered(((one.p, one.q), (one.t, one.n)) for one in self.done)

    @cached_property
    def devices(self) -> dict[str | None, list[Payment]]:
        """The completed payments of each device."""
        return _gathered((one.device, one) for one in self.done)

    @cached_property
    def declines(self) -> dict[tuple[int, int, int, str], list[int]]:
        """For a payer, a payee, an amount and a currency the seconds at which it was declined."""
        return _gathered(
            ((one.p, one.q, one.amount, one.cur), one.t) for one in self.payments if one.status == "declined"
        )

    def subjects(self) -> Iterable[Account]:
        return (one for one in self.accounts.values() if one.subject)


def _gathered(given: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in given:
        found.setdefault(key, []).append(value)
    return found


def other_of(one: Payment, at: str) -> int:
    """The holder on the other side."""
    return one.ph if at == "in" else one.qh


def other_account(one: Payment, at: str) -> int:
    return one.p if at == "in" else one.q


def counts(book: Book, subject: Account, one: Payment, at: str, wanted: Conditions) -> bool:
    """Whether a payment of the subject counts."""
    if (one.ph == one.qh) != bool(wanted.get("own", False)):
        return False
    return all(_meets(book, subject, one, at, name, value) for name, value in wanted if name != "own")


def _meets(book: Book, subject: Account, one: Payment, at: str, name: str, value: Any) -> bool:
    """Whether one condition holds; what is not known never does."""
    return bool(_met(book, subject, one, at, name, value))


def _met(book: Book, subject: Account, one: Payment, at: str, name: str, value: Any) -> Any:
    other = book.accounts[other_account(one, at)]
    theirs, ours = (one.pc, one.qc) if at == "in" else (one.qc, one.pc)
    known: dict[str, Callable[[], bool]] = {
        "foreign": lambda: one.pc is not None and one.qc is not None and one.pc != one.qc,
        "new_pair": lambda: (
            not any(one.t - NEW_PAIR <= t and (t, n) < (one.t, one.n) for t, n in book.pairs[one.p, one.q])
        ),
        "round": lambda: one.cur in book.grids and one.amount % book.grids[one.cur] == 0,
        "night": lambda: is_night(one.t, subject.offset_s),
        "subject_minor": lambda: is_minor(subject, one.t),
    }
    if name == "any_of":
        return any(all(_meets(book, subject, one, at, n, v) for n, v in some) for some in value)
    if name in known:
        return bool(known[name]()) == value
    if name == "idr_from":
        return one.idr >= value
    if name == "idr_to":
        return one.idr <= value
    if name == "channels":
        return one.channel in value
    if name == "other_country":
        return theirs in value
    if name == "own_country":
        return ours in value
    if name == "other_kinds":
        return other.kind in value
    if name == "merchant_categories":
        return one.mcc in value
    if name in {"other_age_to", "other_age_from", "subject_age_to"}:
        age = age_at(subject if name == "subject_age_to" else other, one.t)
        return age is not None and (age >= value if name == "other_age_from" else age <= value)
    if name == "opened_within":
        return subject.opened is not None and 0 <= one.t - subject.opened <= value
    if name == "after_quiet":
        mine = book.legs[at][subject.a]
        earlier = reversed(mine[: bisect_left(mine, (one.t, one.n), key=lambda x: (x.t, x.n))])
        before = next((x.t for x in earlier if x.ph != x.qh), None)
        return before is not None and one.t - before >= value
    if name == "words":
        return one.remark is not None and any(_holds(one.remark, word) for word in book.lists[str(value)])
    if name == "shared_device":
        if one.device is None:
            return False
        there = {x.q for x in book.devices[one.device] if x.t <= one.t}
        return len(there) >= value
    if name == "drained_to":
        return one.balance is not None and Fraction(one.balance) <= Fraction(value) * (one.balance + one.amount)
    raise AssertionError(name)


def _holds(text: str, word: str) -> bool:
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return f" {word.lower()} " in f" {' '.join(words)} "


class Those:
    """The payments of a subject that count for an indicator, in the order of time and id; also by the other side."""

    def __init__(
        self, book: Book, indicator: Indicator, subject: Account, meant: dict[Test, dict[int, bool]] | None = None
    ) -> None:
        self.book, self.subject, self.at = book, subject, indicator.at
        self.mine = counted(book, indicator, subject)
        self.by_other: dict[int, list[Payment]] = {}
        for one in self.mine:
            self.by_other.setdefault(other_of(one, indicator.at), []).append(one)
        self.known = {} if meant is None else meant
        """For the shares, by the number of a payment whether it is meant, as far as somebody has asked."""

    def meant(self, test: Test, rows: Sequence[Payment]) -> int:
        """How many of these payments a share means."""
        known = self.known.setdefault(test, {})
        for one in rows:
            if one.n not in known:
                known[one.n] = all(_meets(self.book, self.subject, one, self.at, *wanted) for wanted in test.of)
        return sum(known[one.n] for one in rows)


def feature(
    book: Book, subject: Account, one: Payment, indicator: Indicator, test: Test, those: Those
) -> tuple[int, int] | None:
    """The value of a feature at a payment as a numerator and a denominator; None: it cannot be told.

    A median is returned as (payments at or beyond the value, all of them), to be compared with a half.
    """
    at = indicator.at
    mine = those.mine if test.entity == "account" else those.by_other[other_of(one, at)]
    first = bisect_left(mine, one.t - test.window, key=lambda x: x.t)
    rows = mine[first : bisect_right(mine, one.t, key=lambda x: x.t)]
    if test.feature == "payments":
        return len(rows), 1
    if test.feature == "total":
        return sum(x.idr for x in rows), 1
    if test.feature == "parties":
        return len({other_of(x, at) for x in rows}), 1
    if test.feature == "countries":
        return len({x.pc if at == "in" else x.qc for x in rows} - {None}), 1
    if test.feature == "amounts":
        return len({(x.cur, x.amount) for x in rows}), 1
    if test.feature == "same_amount":
        return sum((x.cur, x.amount) == (one.cur, one.amount) for x in rows), 1
    if test.feature == "channels":
        return len({x.channel for x in rows} - {None}), 1
    if test.feature == "share":
        return those.meant(test, rows), len(rows)
    if test.feature == "median_amount":
        return _within((x.idr for x in rows), test), len(rows)
    if test.feature == "median_gap":
        gaps = [mine[place].t - mine[place - 1].t for place in range(max(first, 1), first + len(rows))]
        return (_within(gaps, test), len(gaps)) if gaps else None
    if test.feature in {"rising_amounts", "rising_pace"}:
        return _rising(mine, one, test)
    if test.feature == "passed_on":
        came = sum(x.idr for x in _since(book, "in", subject, one.t - test.window, one.t) if x.ph != x.qh)
        left = sum(x.idr for x in _since(book, "out", subject, one.t - test.within, one.t))
        return (left, came) if came else None
    if test.feature == "declined":
        tried = book.declines.get((one.p, one.q, one.amount, one.cur), [])
        return sum(one.t - test.window <= t <= one.t for t in tried), 1
    raise AssertionError(test.feature)


def _since(book: Book, at: str, subject: Account, first: int, last: int) -> Sequence[Payment]:
    """The payments of a subject in one direction between two seconds, both included."""
    mine = book.legs[at].get(subject.a, [])
    return mine[bisect_left(mine, first, key=lambda x: x.t) : bisect_right(mine, last, key=lambda x: x.t)]


def _within(values: Iterable[int], test: Test) -> int:
    """How many lie on the side of the value that is asked for."""
    over, under = test.fraction.numerator, test.fraction.denominator
    return sum(x * under >= over if test.op == ">=" else x * under <= over for x in values)


def _rising(mine: list[Payment], one: Payment, test: Test) -> tuple[int, int] | None:
    """Concordances less discordances of the last six; the first of those that are looked at lies in the window."""
    size = 6 if test.feature == "rising_amounts" else 7
    until = bisect_right(mine, (one.t, one.n), key=lambda x: (x.t, x.n))
    last = mine[max(until - size, 0) : until]
    if len(last) < size or one.t - last[0].t > test.window:
        return None
    values = [x.idr for x in last] if size == 6 else [-(y.t - x.t) for x, y in pairwise(last)]
    signs = [(values[j] > values[i]) - (values[j] < values[i]) for i in range(6) for j in range(i + 1, 6)]
    return sum(signs), 1


def holds(found: tuple[int, int] | None, test: Test) -> bool:
    """Compare without a float: both sides are multiplied out."""
    if found is None:
        return False
    over, under = found
    if test.feature.startswith("median_"):
        return under > 0 and 2 * over >= under
    value = test.fraction
    left, right = over * value.denominator, value.numerator * under
    if under == 0:
        return False
    return {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right, "==": left == right}[
        test.op
    ]


def counted(book: Book, indicator: Indicator, subject: Account) -> list[Payment]:
    """The payments of a subject that count for an indicator, in the order of time and id."""
    mine = book.legs[indicator.at].get(subject.a, [])
    if indicator.id in book.counting:
        known, open_ = book.counting[indicator.id]
        return [
            one
            for one in mine
            if one.n in known and all(_meets(book, subject, one, indicator.at, *wanted) for wanted in open_)
        ]
    return [one for one in mine if counts(book, subject, one, indicator.at, indicator.payments)]


def hits_of(book: Book, indicator: Indicator, subject: Account) -> list[Hit]:
    """The hits of one indicator about one subject, in the order of time."""
    return often(moments(book, indicator, subject), indicator)


def moments(
    book: Book,
    indicator: Indicator,
    subject: Account,
    those: Those | None = None,
    between: Sequence[tuple[int, int]] | None = None,
    among: frozenset[int] | None = None,
) -> list[Hit]:
    """The payments at which the indicator holds, whatever `repeated` says.

    `between`: only those in these spans of seconds, which do not meet; `among`: only those of these numbers.
    """
    those = those or Those(book, indicator, subject)
    asked = those.mine
    if between is not None:
        places = [
            (bisect_left(asked, first, key=lambda x: x.t), bisect_right(asked, last, key=lambda x: x.t))
            for first, last in between
        ]
        asked = [one for first, last in places for one in asked[first:last]]
    found: list[Hit] = []
    for one in asked:
        if among is not None and one.n not in among:
            continue
        if not all(
            any(holds(feature(book, subject, one, indicator, test, those), test) for test in clause)
            for clause in indicator.clauses
        ):
            continue
        values = [feature(book, subject, one, indicator, test, those) for test in indicator.tests]
        at = one.t
        if indicator.then_silent:
            other = other_account(one, indicator.at)
            at = one.t + indicator.then_silent
            later = any(
                x.t <= at and (x.t, x.n) > (one.t, one.n) and other_account(x, indicator.at) == other
                for x in book.legs[indicator.at][subject.a]
            )
            if later or book.last < at:
                continue
        observed = tuple(
            Fraction(over, under) if value and under else Fraction(0)
            for value in values
            for over, under in [value or (0, 0)]
        )
        found.append(Hit(subject.a, indicator.id, at, one.n, observed))
    return found


def often(found: list[Hit], indicator: Indicator) -> list[Hit]:
    """Of hits in the order of time those at which `repeated` holds."""
    rule = indicator.repeated
    if rule is None:
        return found
    kept: list[Hit] = []
    counted: list[int] = []
    for hit in found:
        if not counted or hit.at - counted[-1] >= rule.apart:
            counted.append(hit.at)
        if sum(1 for at in counted if hit.at - rule.window <= at) >= rule.times:
            kept.append(hit)
    return kept


def hits(book: Book, catalogue: Catalogue) -> list[Hit]:
    """All hits, sorted."""
    ready = [one for one in catalogue if one.computed]
    return sorted(hit for one in ready for subject in book.subjects() for hit in hits_of(book, one, subject))
