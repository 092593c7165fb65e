"""Each computed indicator finds the smallest example of itself, and nothing once a payment or a fact of it is missing.

The examples are found by the plain reference and by DuckDB alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lindung_redflags.catalogue import Catalogue, load
from lindung_redflags.catalogue.loading import build, own_files, read
from lindung_redflags.engines import duck
from lindung_redflags.reference import Book, hits
from lindung_redflags.rows import Account, Payment
from tests.books import tables

HOUR, DAY = 3600, 86400
NOON = 1_750_000_000 // DAY * DAY + 5 * HOUR
"""Noon in WIB, on a day in June 2025."""
NIGHT = NOON + 11 * HOUR
BORN_ADULT, BORN_CHILD = 5_000, 15_000
"""1983 and 2011, in days since 1970."""
LISTS = {"platform_words": ("contoh",), "payee_words": ("contoh",), "content_categories": ("5815",)}
"""Words and codes for the lists that are empty in the distribution."""


def catalogue() -> Catalogue:
    """The catalogue of the distribution with the empty lists filled."""
    found = load()
    lists = dict(found.lists) | LISTS
    made = {}
    for path in own_files():
        raw, node = read(path)
        made[raw["id"]] = build(path, raw, node, {}, lists)
    return Catalogue(made, lists, found.grids)


ALL = catalogue()


@dataclass
class Example:
    """A world in which an indicator holds about account 0, and changes that each make it not hold any more."""

    payments: list[dict[str, Any]]
    subject: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    own: tuple[int, ...] = ()
    """Further accounts of the holder of account 0."""
    misses: dict[str, Callable[[Example], Example]] = field(default_factory=dict)
    shrinks: bool = True
    """Without any one of the payments it does not hold."""


def rows(example: Example) -> tuple[list[Account], list[Payment]]:
    most = max(max(one.get("p", 0), one.get("q", 0)) for one in example.payments)
    accounts = [
        Account(a=a, account_id=f"a{a}", h=a, holder_id=f"h{a}", kind="person", offset_s=25_200)
        for a in range(most + 1)
    ]
    accounts = [replace(one, **(example.subject if one.a == 0 else example.others)) for one in accounts]
    accounts = [replace(one, h=0) if one.a in example.own else one for one in accounts]
    made = []
    for n, one in enumerate(sorted(example.payments, key=lambda entry: entry["t"])):
        known: dict[str, Any] = {"p": 0, "q": 0, "idr": 500_000} | one
        known.setdefault("amount", known["idr"] * 10_000)
        ph, qh = accounts[known["p"]].h, accounts[known["q"]].h
        made.append(Payment(n=n, tx_id=f"t{n}", cur=known.pop("cur", "IDR"), ph=ph, qh=qh, **known))
    return accounts, made


def found(pk: str, example: Example) -> bool:
    """Whether the indicator holds about account 0; both engines must say the same."""
    accounts, payments = rows(example)
    alone = Catalogue({pk: ALL.indicators[pk]}, ALL.lists, ALL.grids)
    plain = hits(Book({one.a: one for one in accounts}, payments, ALL.grids, ALL.lists), alone)
    assert duck.hits(tables(accounts, payments), alone, ALL.grids) == plain
    return any(hit.a == 0 for hit in plain)


def each(**change: Any) -> Callable[[Example], Example]:
    """All payments with something changed."""
    return lambda one: replace(one, payments=[entry | change for entry in one.payments])


def first(**change: Any) -> Callable[[Example], Example]:
    return lambda one: replace(one, payments=[one.payments[0] | change, *one.payments[1:]])


def later(steps: int) -> Callable[[Example], Example]:
    """The last payment so many seconds later."""

    def moved(one: Example) -> Example:
        last = max(one.payments, key=lambda entry: entry["t"])
        return replace(
            one, payments=[entry | {"t": entry["t"] + steps} if entry is last else entry for entry in one.payments]
        )

    return moved


def subject(**change: Any) -> Callable[[Example], Example]:
    return lambda one: replace(one, subject=one.subject | change)


def others(**change: Any) -> Callable[[Example], Example]:
    return lambda one: replace(one, others=one.others | change)


def plus(**payment: Any) -> Callable[[Example], Example]:
    return lambda one: replace(one, payments=[*one.payments, payment])


def out(count: int, gap: int = DAY, start: int = NOON, spread: bool = False, **more: Any) -> list[dict[str, Any]]:
    """Payments of account 0 to account 1, or to as many others (`spread`)."""
    return [{"t": start + n * gap, "p": 0, "q": n + 1 if spread else 1} | more for n in range(count)]


def into(count: int, gap: int = DAY, start: int = NOON, spread: bool = True, **more: Any) -> list[dict[str, Any]]:
    """Payments to account 0."""
    return [{"t": start + n * gap, "p": n + 1 if spread else 1, "q": 0} | more for n in range(count)]


def priced(count: int, idr: int, prices: int, gap: int = DAY, **more: Any) -> list[dict[str, Any]]:
    """Payments of different people to account 0 by bank: so many prices, each 10,000 above the one before."""
    made = into(count, gap, channel="bank", **more)
    return [entry | {"idr": idr + 10_000 * max(n + prices - count, 0)} for n, entry in enumerate(made)]


def less(idr: int) -> Callable[[Example], Example]:
    """Every payment is so many rupiah smaller."""
    return lambda one: replace(one, payments=[e | {"idr": e.get("idr", 500_000) - idr} for e in one.payments])


FIRMS = others(kind="business")
ABROAD: dict[str, Any] = {"pc": "ID", "qc": "AU"}
HOMEWARD: dict[str, Any] = {"pc": "AU", "qc": "ID"}
AT_HOME = each(pc="ID", qc="ID")
UNKNOWN = each(qc=None)
SAME_HOLDER = others(h=0)
DECLINED = each(status="declined")
MERCHANT = others(kind="merchant")
GROWING = [
    {"t": NOON + at * DAY, "p": 0, "q": 1, "idr": 100_000 + 50_000 * n} | ABROAD
    for n, at in enumerate([0, 30, 55, 75, 90, 100, 105])
]  # fmt: skip
BROKEN = [{"t": NOON + n * DAY, "p": 1, "q": 0} for n in (0, 100, 101, 102)]


def HOURLY(one: Example) -> Example:
    """All payments within hours."""
    return replace(one, payments=[entry | {"t": NOON + n * HOUR} for n, entry in enumerate(one.payments)])


def EACH_ANOTHER(one: Example) -> Example:
    """Each payment to somebody else."""
    return replace(one, payments=[entry | {"q": n + 1} for n, entry in enumerate(one.payments)])


PAID_BEFORE = [{"t": NOON - 20 * DAY, "p": 1, "q": 0}, {"t": NOON - 20 * DAY, "p": 2, "q": 0}]


def left(idr: int) -> Callable[[Example], Example]:
    """Every payment that account 0 makes is of so many rupiah."""
    return lambda one: replace(one, payments=[e | ({"idr": idr} if e["p"] == 0 else {}) for e in one.payments])


def passing(days: int, within: int = HOUR) -> list[dict[str, Any]]:
    """What comes in leaves within an hour, on so many days."""
    both: Iterable[list[dict[str, Any]]] = (
        [{"t": NOON + n * 2 * DAY, "p": 1, "q": 0}, {"t": NOON + n * 2 * DAY + within, "p": 0, "q": 2}]
        for n in range(days)
    )
    return [entry for pair in both for entry in pair]


EXAMPLES: dict[str, Example] = {
    "P01": Example(
        out(4, 10 * DAY, idr=900_000, **HOMEWARD),
        misses={
            "home": AT_HOME,
            "country unknown": UNKNOWN,
            "one is larger": first(idr=900_001),
            "larger than usual": each(idr=900_001),
            "several people": EACH_ANOTHER,
            "known before": plus(t=NOON - 80 * DAY, p=0, q=1, **HOMEWARD),
            "within hours": HOURLY,
            "own": SAME_HOLDER,
            "declined": DECLINED,
            "a second too late": later(1),
        },
    ),
    "P02": Example(
        [
            entry | {"q": q}
            for entry, q in zip(out(7, 5 * DAY, idr=2_000_000, **ABROAD), [1, 2, 3, 4, 5, 1, 2], strict=True)
        ],
        misses={
            "home": AT_HOME,
            "larger": each(idr=2_000_001),
            "one payee": each(q=1),
            "each only once": EACH_ANOTHER,
            "two known before": lambda one: replace(
                one, payments=[*({"t": NOON - 40 * DAY, "p": 0, "q": q} | ABROAD for q in (1, 2)), *one.payments]
            ),
            "a second too late": later(1),
        },
    ),
    "P03": Example(
        out(3, 15 * DAY, idr=150_000, **ABROAD),
        misses={
            "home": AT_HOME,
            "not round": each(amount=1_510_000_000),
            "another amount": first(amount=2_000_000_000),
            "another currency": first(cur="USD"),
            "unknown currency": each(cur="XAF"),
            "several people": EACH_ANOTHER,
            "known before": plus(t=NOON - 80 * DAY, p=0, q=1, amount=5, **ABROAD),
            "within hours": HOURLY,
            "a second too late": later(1),
        },
    ),
    "P04": Example(
        out(6, start=NIGHT, idr=1_500_000, **HOMEWARD),
        misses={
            "home": AT_HOME,
            "noon": each(t=NOON),
            "place unknown": subject(offset_s=None),
            "larger": each(idr=1_500_001),
        },
    ),
    "P05": Example(
        GROWING,
        misses={
            "home": AT_HOME,
            "always the same": each(idr=100_000),
            "two people": lambda one: replace(one, payments=[e | {"q": n % 2 + 1} for n, e in enumerate(one.payments)]),
            "never small": lambda one: replace(one, payments=[e | {"idr": e["idr"] + 501_000} for e in one.payments]),
        },
    ),
    "P06": Example(
        out(5, 19 * DAY, idr=600_000, **HOMEWARD),
        misses={
            "home": AT_HOME,
            "larger": each(idr=600_001),
            "one is larger": first(idr=600_001),
            "three people": lambda one: replace(
                one, payments=[e | {"q": n % 3 + 1} for n, e in enumerate(one.payments)]
            ),
            "within hours": HOURLY,
            "slower": lambda one: replace(
                one, payments=[entry | {"t": NOON + n * 20 * DAY} for n, entry in enumerate(one.payments)]
            ),
        },
    ),
    "P07": Example(
        out(4, remark="Uang sekolah!", **ABROAD),
        misses={
            "no remark": each(remark=None),
            "another word": each(remark="sekolahan"),
            "home": AT_HOME,
        },
    ),
    "P08": Example(
        out(2, remark="@Contoh_1", idr=3_500_000),
        misses={"no remark": each(remark=None), "large and at home": each(idr=3_500_001)},
    ),
    "P09": Example(
        [*out(4, **ABROAD), *out(1, start=NOON + 5 * DAY, mcc="5734")],
        misses={
            "another category": each(mcc="5411"),
            "home": AT_HOME,
            "larger": each(idr=3_500_001),
        },
    ),
    "P11": Example(
        out(5, channel="cash", **ABROAD),
        misses={"home": AT_HOME, "card": each(channel="card"), "too late": later(15 * DAY)},
    ),
    "P13": Example(
        [entry | ({"channel": "crypto"} if entry["p"] == 0 else {}) for entry in passing(3)],
        misses={
            "bank": each(channel="bank"),
            "large": each(idr=3_000_001),
            "late": lambda one: replace(
                one,
                payments=[entry | ({"channel": "crypto"} if entry["p"] == 0 else {}) for entry in passing(3, HOUR + 1)],
            ),
        },
    ),
    "P14": Example(
        [*out(4, **ABROAD), *out(1, start=NOON + 5 * DAY, mcc="5815")],
        misses={"another category": each(mcc="5411"), "home": AT_HOME},
    ),
    "P15": Example(
        [
            entry | {"channel": way}
            for entry, way in zip(out(5), ["bank", "bank", "bank", "ewallet", "pulsa"], strict=True)
        ],
        misses={
            "one channel": each(channel="bank"),
            "channel unknown": each(channel=None),
            "own": SAME_HOLDER,
            "a merchant": MERCHANT,
            "one by card": first(channel="card"),
            "small": each(idr=399_999),
            "known before": plus(t=NOON - 80 * DAY, p=0, q=1, channel="bank"),
            "within hours": HOURLY,
        },
    ),
    "P18": Example(
        out(3, HOUR, channel="ewallet", idr=1_900_000, spread=True),
        misses={
            "at the limit": each(idr=2_000_000),
            "well below": each(idr=1_799_999),
            "bank": each(channel="bank"),
            "one payee": each(q=1),
            "two payees": first(q=2),
        },
    ),
    "R01": Example(
        priced(5, 300_000, 2),
        misses={
            "one payer": each(p=1),
            "mostly too small": less(10_001),
            "too large": less(-4_690_001),
            "one amount": each(idr=300_000),
            "gifts": each(channel="gift"),
            "businesses": FIRMS,
            "own": SAME_HOLDER,
            "declined": DECLINED,
            "a merchant": subject(kind="merchant"),
            "a second too late": later(3 * DAY + 1),
            "two have paid before": lambda one: replace(one, payments=[*PAID_BEFORE, *one.payments]),
        },
    ),
    "R02": Example(
        [
            entry | {"pc": pc, "qc": "ID"}
            for entry, pc in zip(into(3, 7 * DAY, channel="remittance"), ["AU", "AU", "US"], strict=True)
        ],
        misses={
            "one country": each(pc="AU"),
            "home": each(pc="ID"),
            "larger": each(idr=3_800_001),
            "smaller": each(idr=99_999),
            "gifts": each(channel="gift"),
            "one payer": each(p=1),
            "late": later(1),
            "one has paid before": lambda one: replace(
                one, payments=[PAID_BEFORE[0] | {"pc": "AU", "qc": "ID"}, *one.payments]
            ),
        },
    ),
    "R03": Example(
        priced(6, 1_000_000, 4),
        misses={
            "smaller": each(idr=99_999),
            "larger": less(-4_000_001),
            "mostly small": less(10_001),
            "one amount": each(idr=1_000_000),
            "one payer": each(p=1),
            "gifts": each(channel="gift"),
            "businesses": FIRMS,
        },
    ),
    "R04": Example(
        passing(2),
        misses={
            "little leaves": left(399_999),
            "more leaves than came in": left(500_001),
            "small": each(idr=299_999),
            "nothing came in": lambda one: replace(one, payments=[e for e in one.payments if e["p"] == 0]),
        },
    ),
    "R05": Example(
        [*into(5, HOUR), {"t": NOON + 10 * HOUR, "p": 0, "q": 6, "idr": 2_000_000}],
        own=(6,),
        shrinks=False,
        misses={
            "to somebody else": lambda one: replace(one, own=()),
            "nothing came in": lambda one: replace(one, payments=one.payments[-1:]),
            "less": left(1_999_999),
            "more than came in": left(2_500_001),
            "late": later(73 * HOUR),
        },
    ),
    "R06": Example(
        priced(5, 300_000, 3),
        subject={"opened": NOON - 10 * DAY},
        misses={
            "old account": subject(opened=NOON - 31 * DAY),
            "opening unknown": subject(opened=None),
            "one payer": each(p=1),
            "one amount": each(idr=300_000),
            "mostly small": less(20_001),
            "gifts": each(channel="gift"),
            "businesses": FIRMS,
            "two have paid before": lambda one: replace(one, payments=[*PAID_BEFORE, *one.payments]),
        },
    ),
    "R07": Example(
        [
            entry | {"idr": idr}
            for entry, idr in zip(into(5, channel="bank"), [600_000, 600_000, 700_000, 800_000, 800_000], strict=True)
        ],
        misses={
            "a fourth amount": first(idr=900_000),
            "one amount": each(idr=700_000),
            "one payer": each(p=1),
            "half as much": lambda one: replace(one, payments=[e | {"idr": e["idr"] // 2} for e in one.payments]),
            "one has paid before": lambda one: replace(one, payments=[PAID_BEFORE[0], *one.payments]),
        },
    ),
    "R08": Example(
        into(4, 9 * DAY, idr=1_200_000, channel="bank"),
        subject={"birth": BORN_CHILD},
        others={"birth": BORN_ADULT},
        misses={
            "an adult": subject(birth=BORN_ADULT),
            "paid by children": others(birth=BORN_CHILD),
            "age unknown": others(birth=None),
            "kind of account and no age": subject(birth=None),
            "known before": plus(t=NOON - 10 * DAY, p=1, q=0, idr=5),
            "pocket money": each(idr=1_199_999),
            "gifts": each(channel="gift"),
        },
    ),
    "R09": Example(
        [
            entry | {"idr": 20_000 + 5_000 * n, "channel": "topup" if n < 2 else "gift"}
            for n, entry in enumerate(into(6, HOUR))
        ],
        misses={
            "bank": each(channel="bank"),
            "two by bank": lambda one: replace(
                one, payments=[*({"t": NOON, "p": 8 + n, "q": 0, "channel": "bank"} for n in range(2)), *one.payments]
            ),
            "own": SAME_HOLDER,
            "one payer": each(p=1),
            "too late": later(7 * DAY),
            "few amounts": each(idr=50_000),
            "one has paid before": lambda one: replace(one, payments=[PAID_BEFORE[0], *one.payments]),
        },
    ),
    "R10": Example(
        [
            *priced(5, 500_000, 4, device="d1"),
            *({"t": NOON - DAY, "p": 1, "q": 6 + n, "device": "d1"} for n in range(2)),
        ],
        misses={
            "no device": each(device=None),
            "one payer": each(p=1),
            "one amount": each(idr=300_000),
            "mostly small": less(20_001),
            "gifts": each(channel="gift"),
            "businesses": FIRMS,
        },
    ),
    "R11": Example(
        priced(5, 300_000, 3, start=NIGHT),
        misses={
            "noon": each(t=NOON),
            "further east": subject(offset_s=25_200 + 8 * HOUR),
            "one amount": each(idr=300_000),
            "mostly small": less(20_001),
            "gifts": each(channel="gift"),
            "businesses": FIRMS,
            "one has paid before": lambda one: replace(one, payments=[PAID_BEFORE[0], *one.payments]),
        },
    ),
    "R14": Example(into(2, remark="contoh", spread=False), misses={"no remark": each(remark=None)}),
    "X01": Example(
        [
            entry | {"idr": idr, "channel": channel}
            for entry, idr, channel in zip(
                out(3, HOUR), (250_000, 260_000, 290_000), ("bank", "ewallet", "ewallet"), strict=True
            )
        ],
        subject={"birth": BORN_CHILD},
        misses={
            "an adult": subject(birth=BORN_ADULT),
            "age unknown": subject(birth=None),
            "a merchant": MERCHANT,
            "smaller": first(idr=249_999),
            "small change": first(idr=49_999),
            "the same amount": each(idr=300_000),
            "one channel": each(channel="ewallet"),
            "known before": plus(t=NOON - 80 * DAY, p=0, q=1, idr=100_000),
            "three payees": lambda one: replace(one, payments=[e | {"q": n + 1} for n, e in enumerate(one.payments)]),
        },
    ),
    "X02": Example(
        [
            *(
                entry | {"idr": idr, "channel": channel}
                for entry, idr, channel in zip(
                    out(3, HOUR), (1_600_000, 1_660_000, 1_740_000), ("bank", "ewallet", "bank"), strict=True
                )
            ),
            {"t": NOON + 20 * DAY, "p": 2, "q": 3},
        ],
        misses={
            "paid again": plus(t=NOON + 10 * DAY, p=0, q=1),
            "a merchant": MERCHANT,
            "a business": FIRMS,
            "smaller": first(idr=1_599_999),
            "small change": first(idr=299_999),
            "the same amount": each(idr=1_700_000),
            "one channel": each(channel="bank"),
            "just below the limit of a wallet": less(-200_000),
            "first is large": first(idr=4_500_001),
            "known before": plus(t=NOON - 80 * DAY, p=0, q=1, idr=100_000),
            "nobody knows yet": later(-7 * DAY),
        },
    ),
    "X03": Example(
        out(4, HOUR, channel="gift"),
        subject={"birth": BORN_CHILD},
        misses={
            "an adult": subject(birth=BORN_ADULT),
            "bank": each(channel="bank"),
            "slow": later(7 * HOUR),
            "small": each(idr=74_999),
            "plays a lot": lambda one: replace(
                one, payments=[*out(5, DAY, NOON - 10 * DAY, channel="gift"), *one.payments]
            ),
        },
    ),
    "X04": Example(
        [*out(2, HOUR), {"t": NOON + 3 * HOUR, "p": 0, "q": 2, "balance": 1_250_000_000}],
        misses={
            "more is left": each(balance=1_250_000_001),
            "balance unknown": each(balance=None),
            "small": each(idr=299_999),
            "known before": plus(t=NOON - DAY, p=0, q=2, idr=5),
            "each payee once": first(q=3),
            "shops": MERCHANT,
            "slow": later(46 * HOUR),
        },
    ),
    "X05": Example(
        [*priced(3, 480_000, 3, HOUR), {"t": NOON + 90 * 60, "p": 0, "q": 9, "idr": 750_000}],
        others={"birth": BORN_CHILD},
        misses={
            "paid by adults": others(birth=BORN_ADULT),
            "age unknown": others(birth=None),
            "larger": each(idr=4_500_001),
            "one amount": each(idr=500_000),
            "gifts": each(channel="gift"),
            "little leaves": left(440_000),
            "more leaves than came in": left(1_480_000),
            "one has paid before": lambda one: replace(one, payments=[PAID_BEFORE[0], *one.payments]),
        },
    ),
    "X06": Example(
        [*out(3, 60, status="declined"), *out(1, start=NOON + 30 * 60)],
        misses={
            "another amount": first(amount=1),
            "a merchant": MERCHANT,
            "late": later(HOUR),
        },
    ),
}


def test_every_computed_indicator_has_its_example() -> None:
    assert set(EXAMPLES) == {one.id for one in ALL if one.computed}


@pytest.mark.parametrize("pk", sorted(EXAMPLES))
def test_an_indicator_finds_its_example(pk: str) -> None:
    assert found(pk, EXAMPLES[pk])


@pytest.mark.parametrize("pk", sorted(pk for pk, one in EXAMPLES.items() if one.shrinks))
def test_without_any_one_payment_there_is_nothing(pk: str) -> None:
    example = EXAMPLES[pk]
    if len(example.payments) == 1:
        assert not found(pk, plus(t=NOON, p=1, q=2)(replace(example, payments=[])))
    for place in range(len(example.payments) if len(example.payments) > 1 else 0):
        less = [*example.payments[:place], *example.payments[place + 1 :]]
        assert not found(pk, replace(example, payments=less)), f"without payment {place}"


@pytest.mark.parametrize(("pk", "what"), [(pk, what) for pk, one in sorted(EXAMPLES.items()) for what in one.misses])
def test_a_near_miss_is_missed(pk: str, what: str) -> None:
    example = EXAMPLES[pk]
    assert not found(pk, example.misses[what](example))


@pytest.mark.parametrize(("pk", "most"), [("P01", 3_500_000), ("P04", 3_500_000), ("P06", 900_000)])
def test_out_of_indonesia_the_sums_may_be_larger(pk: str, most: int) -> None:
    larger = each(idr=most)
    assert not found(pk, larger(EXAMPLES[pk]))
    assert found(pk, each(**ABROAD)(larger(EXAMPLES[pk])))
    assert not found(pk, each(**ABROAD, idr=most + 1)(EXAMPLES[pk]))


@pytest.mark.parametrize(("pk", "least"), [("X01", 130_000), ("X02", 830_000)])
def test_many_amounts_to_somebody_new_are_found_through_one_channel_too(pk: str, least: int) -> None:
    many = [entry | {"idr": least + 5_000 * n, "channel": "ewallet"} for n, entry in enumerate(out(6, HOUR))]
    after = [{"t": NOON + 20 * DAY, "p": 2, "q": 3}]
    assert found(pk, replace(EXAMPLES[pk], payments=many + after))
    assert not found(pk, replace(EXAMPLES[pk], payments=many[1:] + after))


def test_a_dormant_account_that_wakes_is_found_too() -> None:
    many = priced(5, 300_000, 3)
    waking = Example([{"t": NOON - 95 * DAY, "p": 9, "q": 0}, *many], subject={"opened": NOON - 900 * DAY})
    assert found("R06", waking)
    assert not found("R06", replace(waking, payments=[{"t": NOON - 80 * DAY, "p": 9, "q": 0}, *many]))


def test_a_child_is_known_by_the_kind_of_account_when_no_birth_date_is() -> None:
    example = replace(EXAMPLES["R08"], subject={"kind": "student"})
    assert found("R08", example)
    assert not found("R08", replace(example, subject={"kind": "student", "birth": BORN_ADULT}))
