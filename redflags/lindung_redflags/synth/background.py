"""Ordinary payments: shops, bills, friends, pay, money sent home, own accounts, savings."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lindung_redflags.synth.money import CURRENCY_OF, HOME, UNIT, in_currency
from lindung_redflags.synth.rows import CATEGORIES, PURPOSES, Rows, channel, remark
from lindung_redflags.synth.seasons import (
    DAY,
    Bools,
    Floats,
    Ints,
    allowance_days,
    fasting,
    paydays,
    seconds_of_day,
    weights,
)
from lindung_redflags.synth.world import AGENT, BILLER, BUSINESS, MERCHANT, PEOPLE, World

MIX = {  # share of the ordinary payments
    "shop": 0.235,
    "bill": 0.105,
    "friends": 0.255,
    "to_outside": 0.05,
    "from_outside": 0.10,
    "pay": 0.045,
    "home": 0.045,
    "abroad": 0.02,
    "own": 0.04,
    "cash": 0.03,
    "crypto": 0.025,
    "gift": 0.05,
}
EVERYDAY = (
    "belanja",
    "makan siang",
    "bayar hutang",
    "titipan",
    "kado",
    "patungan",
    "hadiah",
    "birthday",
    "tabungan",
    "ongkir",
    "keluarga",
    "penginapan",
    "seragam",
    "biaya berobat",
    "biaya sekolah",
    "pesanan",
    "donasi",
    "invoice",
)
FAMILY = (
    "keluarga",
    "family support",
    "biaya sekolah",
    "school fees",
    "biaya berobat",
    "hadiah",
    "birthday",
    "seragam",
)


class Days:
    """Draws moments. All times are UTC seconds; hours are local to the account that `who` names."""

    def __init__(self, rng: np.random.Generator, world: World) -> None:
        self.rng, self.world = rng, world
        self.edges = np.cumsum(weights(world.start, world.days))
        self.fast = fasting(world.start, world.days)
        self.paydays = paydays(world.start, world.days)
        self.allowance = allowance_days(world.start, world.days)

    def day(self, size: int) -> Ints:
        found = np.searchsorted(self.edges, self.rng.random(size), side="right")
        return np.minimum(found, self.world.days - 1).astype(np.int64)

    def at(self, day: Ints, who: Ints, shape: str = "day") -> Ints:
        """A moment of the given days (indexes), by the habits of `who`, who was awake then."""
        size = len(day)
        second = seconds_of_day(self.rng, size, shape)
        if shape == "day":
            fast = self.fast[np.clip(day, 0, self.world.days - 1)]
            second[fast] = seconds_of_day(self.rng, int(fast.sum()), "fasting")
        owls = self.world.owl[who] & (shape in ("day", "evening"))
        second[owls] = seconds_of_day(self.rng, int(owls.sum()), "owl")
        return self.local(day, second, who)

    def local(self, day: Ints, second: Ints, who: Ints) -> Ints:
        return (self.world.first_day + day) * DAY + second - self.world.offset[who]


def picker(rng: np.random.Generator, members: Ints, weight: Floats) -> Callable[[int], Ints]:
    """A function that draws members by weight."""
    edges = np.cumsum(weight[members])

    def draw(size: int) -> Ints:
        found = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
        return np.asarray(members[np.minimum(found, len(members) - 1)])

    return draw


def words(rng: np.random.Generator, size: int, texts: tuple[str, ...], silent: float = 0.6) -> Ints:
    """Remarks, of which a share is empty."""
    codes = np.array([remark(one) for one in texts])
    return np.where(rng.random(size) < silent, 0, codes[rng.integers(0, len(codes), size)])


def sums(rng: np.random.Generator, size: int, middle: float, spread: float = 0.9) -> Floats:
    """Rupiah around a middle, with a long tail; at least 1,000."""
    return np.asarray(np.clip(middle * np.exp(rng.normal(0, spread, size)), 1000, 150e6))


def mix_channels(rng: np.random.Generator, size: int, given: dict[str, float]) -> Ints:
    codes = np.array([channel(name) for name in given])
    edges = np.cumsum(list(given.values())) / sum(given.values())
    return np.asarray(codes[np.searchsorted(edges, rng.random(size), side="right").clip(0, len(codes) - 1)])


def ordinary(rng: np.random.Generator, world: World, rows: Rows, count: int) -> None:
    """Add exactly `count` ordinary payments; some repeat others within a day, or try again what was declined."""
    again = Rows()
    _first(rng, world, again, count - count // 16)
    first = again.joined()
    rows.add(**first)
    _repeats(rng, world, first, rows, count // 16)


def _repeats(rng: np.random.Generator, world: World, first: dict[str, Ints], rows: Rows, count: int) -> None:
    """Further payments of a pair: the same amount after a declined one, else parts and additions within some hours.

    One part in twelve goes by a channel drawn anew, so that innocent people change theirs too.
    """
    apart = rng.spawn(1)[0]
    declined = np.flatnonzero(first["status"] == 1)
    tried = rng.choice(declined, min(len(declined) * 2 // 3, count // 2), replace=False)
    twice = tried[rng.random(len(tried)) < 0.3]
    size = count - len(tried) - len(twice)
    plain = np.flatnonzero((world.country[first["p"]] == HOME) & (first["mcc"] == 0) & (first["purpose"] == 0))
    some = rng.choice(plain, size // 2, replace=False)
    more = np.concatenate([some, rng.choice(some, size - len(some))])
    for source, status, least, most in ((tried, 0, 900, 3000), (twice, 1, 30, 890), (more, 0, 120, 9 * 3600)):
        given = {name: column[source] for name, column in first.items()}
        given["t"] = given["t"] + rng.integers(least, most, len(source))
        given["status"] = np.full(len(source), status)
        if source is more:
            factor = rng.choice([0.25, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0], len(source))
            given["amount"] = np.maximum(given["amount"] * factor // UNIT // 1000, 1).astype(np.int64) * 1000 * UNIT
            other = mix_channels(apart, len(source), {"bank": 5, "ewallet": 4, "qris": 1})
            given["channel"] = np.where(apart.random(len(source)) < 1 / 12, other, given["channel"])
        rows.add(**given)


def _first(rng: np.random.Generator, world: World, rows: Rows, count: int) -> None:
    """Payments that stand for themselves."""
    days = Days(rng, world)
    numbers = np.arange(world.size)
    ours = numbers < world.listed
    at_home, grown = world.country == HOME, np.isin(world.kind, PEOPLE)
    people = picker(rng, numbers[ours & at_home & (grown | np.isin(world.kind, (BUSINESS, AGENT)))], world.active)
    liked = picker(rng, numbers[ours & at_home & grown], world.liked)
    away = picker(rng, numbers[ours & ~at_home], world.active)
    outside_home = picker(rng, numbers[~ours & at_home], np.ones(world.size))
    outside_away = picker(rng, numbers[~ours & ~at_home], np.ones(world.size))
    firms = picker(rng, numbers[ours & (world.kind == BUSINESS)], world.active)
    agents = numbers[ours & (world.kind == AGENT)]
    agent = picker(rng, agents, world.active)
    shops = rng.permutation(numbers[ours & (world.kind == MERCHANT)])
    shop = picker(rng, shops, _zipf(world.size, shops))
    billers = rng.permutation(numbers[ours & (world.kind == BILLER)])
    biller = picker(rng, billers, _zipf(world.size, billers))
    shop_kind = rng.choice([1, 1, 1, 2, 2, 3, 4, 6, 7, 11, 12], world.size)

    how_many = np.floor(np.array(list(MIX.values())) / sum(MIX.values()) * count).astype(int)
    how_many[0] += count - int(how_many.sum())
    size = dict(zip(MIX, how_many.tolist(), strict=True))

    def even(p: Ints) -> Bools:
        return rng.random(len(p)) < world.even[p]

    def idr(middle: float, p: Ints, spread: float = 0.9) -> Ints:
        return in_currency(sums(rng, len(p), middle, spread), np.zeros(len(p), np.int64), even(p))

    def moment(n: int, who: Ints, shape: str = "day") -> Ints:
        return days.at(days.day(n), who, shape)

    n = size["shop"]
    p, q = people(n), shop(n)
    price = np.round(sums(rng, n, 62_000) / 500) * 500
    category = shop_kind[q]
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=in_currency(price, np.zeros(n, np.int64), rng.random(n) < 0.1),
        mcc=category,
        dest=np.where(category == CATEGORIES.index("4511"), rng.choice([0, 0, 0, 1, 2, 3, 4, 9], n), 0),
        channel=mix_channels(rng, n, {"qris": 5, "ewallet": 3, "card": 1.6, "bank": 1, "gift": 0.4}),
        status=_status(rng, n),
    )
    n = size["bill"]
    p, q = people(n), biller(n)
    price = rng.choice([10, 20, 25, 50, 50, 100, 100, 150, 200, 500], n) * 1000.0 + rng.choice([0, 0, 1500, 2500], n)
    pulsa = rng.random(n) < 0.75
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=in_currency(price, np.zeros(n, np.int64), np.zeros(n, bool)),
        channel=np.where(pulsa, mix_channels(rng, n, {"pulsa": 5, "topup": 4, "gift": 2}), channel("bank")),
        mcc=np.where(pulsa, CATEGORIES.index("4814"), CATEGORIES.index("4900")),
        remark=np.where(pulsa, words(rng, n, ("pulsa",), 0.7), words(rng, n, ("listrik",), 0.6)),
        status=_status(rng, n),
    )
    n = size["friends"]
    p = people(n)
    q = world.known[p, np.minimum(rng.geometric(0.4, n) - 1, 4)]
    stranger = rng.random(n) < 0.4
    q = np.where(stranger, liked(n), q)
    q = _not_oneself(world, p, q, liked)
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=idr(160_000, p, 1.1),
        remark=words(rng, n, EVERYDAY),
        channel=mix_channels(rng, n, {"bank": 4.5, "ewallet": 4, "pulsa": 0.5, "topup": 0.5, "qris": 0.6}),
        status=_status(rng, n),
    )
    n = size["to_outside"]
    p, q = people(n), outside_home(n)
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=idr(240_000, p, 1.1),
        remark=words(rng, n, EVERYDAY),
        channel=mix_channels(rng, n, {"bank": 6, "ewallet": 4}),
        status=_status(rng, n),
    )
    n = size["from_outside"]
    p, q = outside_home(n), liked(n)
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=idr(240_000, p, 1.1),
        remark=words(rng, n, EVERYDAY),
        channel=mix_channels(rng, n, {"bank": 6, "ewallet": 4}),
    )
    n = size["pay"]
    q = liked(n)
    thr = (rng.random(n) < 0.22) & (len(days.allowance) > 0)
    when = days.paydays[rng.integers(0, len(days.paydays), n)]
    if len(days.allowance):
        when = np.where(thr, days.allowance[rng.integers(0, len(days.allowance), n)], when)
    boss = np.where(rng.random(n) < 0.5, firms(n), outside_home(n))
    rows.add(
        days.at(when, boss, "office"),
        p=boss,
        q=q,
        amount=idr(2_600_000, boss, 0.6),
        purpose=PURPOSES.index("SALA"),
        remark=np.where(thr, remark("THR"), words(rng, n, ("gaji",), 0.4)),
    )
    n = size["home"]
    outside = rng.random(n) < 0.3
    p = np.where(outside, outside_away(n), away(n))
    q = world.known[p, np.minimum(rng.geometric(0.5, n) - 1, 4)]
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        cur=CURRENCY_OF[world.country[p]],
        amount=in_currency(sums(rng, n, 1_500_000, 1.0), CURRENCY_OF[world.country[p]], even(p)),
        channel=mix_channels(rng, n, {"remittance": 6, "bank": 2, "ewallet": 1.5, "crypto": 0.2}),
        remark=words(rng, n, FAMILY),
        purpose=np.where(rng.random(n) < 0.5, PURPOSES.index("FAMI"), 0),
        status=_status(rng, n),
    )
    n = size["abroad"]
    p, q = people(n), outside_away(n)
    rows.add(
        moment(n, p),
        p=p,
        q=q,
        amount=idr(420_000, p),
        remark=words(rng, n, EVERYDAY),
        status=_status(rng, n),
        channel=mix_channels(rng, n, {"remittance": 4, "bank": 2, "card": 2, "ewallet": 1}),
    )
    n = size["own"]
    both = numbers[world.partner >= 0]
    p = picker(rng, both, world.active)(n)
    rows.add(
        moment(n, p),
        p=p,
        q=world.partner[p],
        amount=idr(260_000, p),
        channel=mix_channels(rng, n, {"bank": 6, "ewallet": 4}),
    )
    n = size["cash"]
    p, q = people(n), agent(n)
    flip = rng.random(n) < 0.4
    p, q = np.where(flip, q, p), np.where(flip, p, q)
    rows.add(moment(n, p), p=p, q=_not_oneself(world, p, q, liked), amount=idr(300_000, p), channel=channel("cash"))
    n = size["crypto"]
    p, q = people(n), firms(n)
    flip = rng.random(n) < 0.4
    p, q = np.where(flip, q, p), np.where(flip, p, q)
    rows.add(
        moment(n, p, "evening"),
        p=p,
        q=_not_oneself(world, p, q, liked),
        amount=idr(350_000, p, 1.1),
        channel=channel("crypto"),
    )
    n = size["gift"]
    p, q = people(n), liked(n)
    price = rng.choice([10, 15, 20, 25, 50, 75, 100, 150, 200], n) * 1000.0
    rows.add(
        moment(n, p, "evening"),
        p=p,
        q=_not_oneself(world, p, q, liked),
        status=_status(rng, n),
        remark=words(rng, n, ("hadiah", "kado"), 0.7),
        amount=in_currency(price, np.zeros(n, np.int64), np.zeros(n, bool)),
        channel=mix_channels(rng, n, {"gift": 5, "topup": 3, "ewallet": 1, "pulsa": 1}),
    )


def _zipf(size: int, members: Ints) -> Floats:
    """Weights by rank: few members take most."""
    weight = np.zeros(size)
    weight[members] = 1 / (np.arange(len(members)) + 2.0)
    return weight


def _status(rng: np.random.Generator, size: int) -> Ints:
    return np.searchsorted([0.965, 0.993], rng.random(size)).astype(np.int64)


def _not_oneself(world: World, p: Ints, q: Ints, other: Callable[[int], Ints]) -> Ints:
    """Nobody pays the own account by accident; the second draw is not checked for being one's partner."""
    for _ in range(4):
        same = world.holder[p] == world.holder[q]
        if not same.any():
            break
        q = np.where(same, other(len(q)), q)
    return q
