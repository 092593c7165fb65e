"""Innocent accounts that look alike: each family has its own rhythm, and all of them are labelled.

Sizes: see `family_size`. Numbers of people, prices and rhythms are of our own making ("common knowledge"), kept wide.
"""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth import households
from lindung_redflags.synth.background import mix_channels, picker
from lindung_redflags.synth.cases import Label, Maker, places
from lindung_redflags.synth.money import HOME
from lindung_redflags.synth.rows import CATEGORIES, POINTS, PURPOSES, remark
from lindung_redflags.synth.seasons import DAY, Ints, seconds_of_day
from lindung_redflags.synth.world import AGENT, CHARITY, MERCHANT, MINOR, PERSON, SCHOOL, STUDENT

FAMILIES = {  # family: class that it resembles
    "merchant": "payee",
    "online_seller": "payee",
    "arisan": "payee",
    "school_fees": "payee",
    "diaspora": "payee",
    "diaspora_payer": "payer",
    "charity": "payee",
    "creator": "payee",
    "boarding": "payee",
    "reseller": "payee",
    "freelancer": "payee",
    "client": "payer",
    "fan": "payer",
    "gamer": "possible_victim",
    "allowance": "possible_victim",
    "big_purchase": "possible_victim",
}


def family_size(listed: int) -> int:
    """Accounts of each family: 0.4 % of the listed ones and at least 300, but never more than 0.75 % of them."""
    return max(round(0.004 * listed), min(300, round(0.0075 * listed)))


def add_families(make: Maker) -> None:
    """Draw the accounts of every family, add what they pay and receive, label them."""
    count = family_size(make.world.listed)
    at_home = make.world.country == HOME
    person = (make.world.kind == PERSON) & at_home
    seller = person | ((make.world.kind == AGENT) & at_home)
    young = np.isin(make.world.kind, (MINOR, STUDENT)) & (make.age <= 20)

    def drawn(family: str, wanted: np.ndarray, size: int = count) -> Ints:
        found = make.world.take(make.rng, wanted, size)
        make.labels.extend(Label(int(one), "", family, "", FAMILIES[family]) for one in found)
        return found

    _merchants(make, drawn("merchant", make.world.kind == MERCHANT))
    _sellers(make, drawn("online_seller", seller))
    _arisan(make, drawn("arisan", person))
    schools = drawn("school_fees", make.world.kind == SCHOOL, count // 3)
    _fees(make, schools, drawn("school_fees", person, count - len(schools)))
    _boarding(make, drawn("boarding", person))
    drives = drawn("charity", make.world.kind == CHARITY, count // 3)
    _drives(make, np.concatenate([drives, drawn("charity", person, count - len(drives))]))
    creators = np.concatenate(
        [drawn("creator", person & (make.world.partner >= 0), count // 2), drawn("creator", person, count - count // 2)]
    )
    _creators(make, creators)
    households.fans(make, drawn("fan", person), creators)
    _resellers(make, drawn("reseller", seller))
    _from_abroad(make, drawn("diaspora", person), (1, 3), (1, 3), 0.85)
    _from_abroad(make, drawn("freelancer", person), (2, 6), (1, 5), 0.35)
    households.to_home(make, drawn("diaspora_payer", (make.world.kind == PERSON) & ~at_home), (1, 5), "diaspora")
    households.to_home(make, drawn("client", (make.world.kind == PERSON) & ~at_home), (3, 8), "client")
    households.gamers(make, drawn("gamer", young))
    households.allowance(make, drawn("allowance", young))
    households.big(make, drawn("big_purchase", person))


def _circle(make: Maker, owners: Ints, low: int, high: int, outside: float = 0.4) -> tuple[Ints, Ints]:
    """Between low and high people for each owner: the place of the owner in `owners`, and the person."""
    sizes = make.rng.integers(low, high + 1, len(owners))
    place = np.repeat(np.arange(len(owners)), sizes)
    return place, make.strangers(len(place), outside)


def _sum_by(place: Ints, amount: Ints, size: int) -> Ints:
    return np.bincount(place, weights=amount.astype(float), minlength=size).astype(np.int64)


def _merchants(make: Maker, shops: Ints) -> None:
    place = places(make, shops, 14, 4, 80)
    n = len(place)
    p = make.strangers(n)
    make.pay(
        make.days.at(make.days.day(n), p),
        p,
        shops[place],
        np.round(45_000 * np.exp(make.rng.normal(0, 0.8, n)) / 500) * 500,
        channel=mix_channels(make.rng, n, {"qris": 5, "ewallet": 3, "card": 1}),
        mcc=CATEGORIES.index("5411"),
    )


def _sellers(make: Maker, sellers: Ints) -> None:
    rng, world = make.rng, make.world
    new = rng.random(len(sellers)) < 0.25
    begin = np.where(new, rng.integers(3, max(world.days - 40, 4), len(sellers)), 0)
    world.opened[sellers[new]] = world.first_day + begin[new] - rng.integers(0, 12, int(new.sum()))
    place = places(make, sellers, 22, 6, 120)
    n = len(place)
    prices = POINTS[rng.integers(1, len(POINTS), (len(sellers), 5))] + rng.choice([0, 0, 500, 9000], (len(sellers), 1))
    idr = prices[place, np.minimum(rng.geometric(0.45, n) - 1, 4)]
    day = np.minimum(begin[place] + (rng.random(n) * (world.days - begin[place])).astype(np.int64), world.days - 1)
    p = make.strangers(n, 0.5)
    make.pay(
        make.days.at(day, p, "evening"),
        p,
        sellers[place],
        idr,
        remark=make.texts(n, ("pesanan", "ongkir", "invoice", "belanja"), 0.5),
        channel=mix_channels(rng, n, {"ewallet": 4, "bank": 4, "qris": 2}),
    )
    stock = np.flatnonzero(rng.random(n) < 0.18)
    later = (world.first_day + day[stock]) * DAY + rng.integers(DAY, 3 * DAY, len(stock))
    make.pay(
        later,
        sellers[place[stock]],
        make.outside(len(stock)),
        idr[stock] * rng.uniform(0.5, 3.5, len(stock)),
        channel="bank",
        purpose=PURPOSES.index("GDDS"),
    )
    wallets = np.repeat(
        sellers[rng.random(len(sellers)) < 0.15], 3
    )  # stock paid in parts: small wallets hold Rp 2 million
    begin_at = make.days.at(rng.integers(world.days // 2, world.days - 2, len(wallets)), wallets, "office")
    part = np.repeat(np.arange(len(wallets)), rng.integers(2, 6, len(wallets)))
    t = begin_at[part] + rng.integers(0, DAY // 2, len(part))
    make.pay(
        t, wallets[part], make.outside(len(wallets))[part], rng.uniform(1.75e6, 1.995e6, len(part)), channel="ewallet"
    )


def _arisan(make: Maker, heads: Ints) -> None:
    rng, world = make.rng, make.world
    place, member = _circle(make, heads, 6, 15, 0.3)
    share = rng.choice([50, 100, 100, 150, 200, 250, 300, 500, 1000], len(heads)) * 1000
    step = np.where(rng.random(len(heads)) < 0.25, 14, 30)
    first = rng.integers(0, 20, len(heads))
    for turn in range(world.days // 14 + 1):
        day = first[place] + turn * step[place]
        there = (day < world.days - 3) & (rng.random(len(place)) < 0.93)
        who = member[there]
        amount = make.pay(
            make.days.at(day[there] + rng.integers(0, 2, len(who)), who),
            who,
            heads[place[there]],
            share[place[there]],
            even=False,
            channel=mix_channels(rng, len(who), {"bank": 5, "ewallet": 5}),
            remark=make.texts(len(who), ("arisan",), 0.35),
        )
        pot = _sum_by(place[there], amount, len(heads))
        given = np.flatnonzero(pot > 0)
        starts = np.searchsorted(place, given)
        winner = member[starts + turn % np.bincount(place, minlength=len(heads))[given]]
        late = (first + turn * step + 2)[given]
        make.write(
            make.days.at(late, heads[given], "evening"),
            heads[given],
            winner,
            pot[given],
            0,
            channel="bank",
            remark=remark("arisan"),
        )


def _fees(make: Maker, schools: Ints, treasurers: Ints) -> None:
    rng, world = make.rng, make.world
    owners = np.concatenate([schools, treasurers])
    place, parent = _circle(make, owners, 6, 18, 0.4)
    fee = rng.choice([10, 20, 25, 50, 50, 75, 100, 150, 200, 350], len(owners)) * 1000
    every = np.arange(len(owners))
    all_schools = (
        picker(rng, np.flatnonzero(world.kind == SCHOOL), np.ones(world.size))
        if (world.kind == SCHOOL).any()
        else make.outside
    )
    for month in range(world.days // 30):
        there = rng.random(len(place)) < 0.9
        who = parent[there]
        day = month * 30 + np.minimum(rng.geometric(0.2, len(who)), 14)
        amount = make.pay(
            make.days.at(day, who),
            who,
            owners[place[there]],
            fee[place[there]],
            purpose=PURPOSES.index("EDUC"),
            channel=mix_channels(rng, len(who), {"bank": 6, "ewallet": 3, "qris": 1}),
            remark=make.texts(len(who), ("uang sekolah", "iuran kelas", "seragam", "biaya sekolah"), 0.3),
        )
        pot = _sum_by(place[there], amount, len(owners))
        sent = np.flatnonzero((pot > 0) & (every >= len(schools)))
        t = make.days.at(np.full(len(sent), month * 30 + 16), owners[sent])
        make.write(t, owners[sent], all_schools(len(sent)), pot[sent], 0, channel="bank", remark=remark("uang sekolah"))


def _boarding(make: Maker, owners: Ints) -> None:
    rng, world = make.rng, make.world
    place, tenant = _circle(make, owners, 4, 14, 0.4)
    rent = rng.choice([400, 500, 600, 750, 850, 1000, 1250, 1500], len(owners)) * 1000 + rng.choice(
        [0, 0, 50_000], len(owners)
    )
    for month in range((world.days + 29) // 30):
        there = rng.random(len(place)) < 0.92
        who = tenant[there]
        day = month * 30 + np.minimum(rng.geometric(0.25, len(who)) - 1, 12)
        make.pay(
            make.days.at(day, who),
            who,
            owners[place[there]],
            rent[place[there]],
            remark=make.texts(len(who), ("uang kos",), 0.4),
            purpose=PURPOSES.index("RENT"),
            channel=mix_channels(rng, len(who), {"bank": 7, "ewallet": 3}),
        )


def _drives(make: Maker, owners: Ints) -> None:
    rng, world = make.rng, make.world
    begin = rng.integers(2, world.days - 16, len(owners))
    new = (rng.random(len(owners)) < 0.35) & (world.kind[owners] == PERSON)
    world.opened[owners[new]] = world.first_day + begin[new] - rng.integers(0, 10, int(new.sum()))
    place = places(make, owners, 18, 6, 90)
    n = len(place)
    p = make.strangers(n, 0.5)
    day = begin[place] + np.minimum(rng.geometric(0.22, n) - 1, 13)
    idr = rng.choice([10, 20, 25, 50, 50, 100, 100, 150, 200, 250, 500], n) * 1000
    amount = make.pay(
        make.days.at(day, p),
        p,
        owners[place],
        idr,
        remark=make.texts(n, ("donasi", "zakat"), 0.5),
        purpose=PURPOSES.index("CHAR"),
        channel=mix_channels(rng, n, {"qris": 3, "ewallet": 4, "bank": 4}),
    )
    pot = _sum_by(place, amount, len(owners))
    some = np.flatnonzero(pot > 0)
    t = make.days.at(begin[some] + 14, owners[some])
    make.write(t, owners[some], make.outside(len(some)), pot[some], 0, channel="bank", remark=remark("donasi"))


def _creators(make: Maker, creators: Ints) -> None:
    rng, world = make.rng, make.world
    place = places(make, creators, 24, 6, 140)
    n = len(place)
    p = np.where(rng.random(n) < 0.12, make.foreign(n), make.strangers(n, 0.5))
    again = np.flatnonzero(rng.random(n) < 0.35)
    again = again[again > 0]
    again = again[place[again] == place[again - 1]]
    p[again] = p[again - 1]
    menu = POINTS[rng.integers(0, 9, (len(creators), 4))]
    idr = menu[place, rng.integers(0, 4, n)]
    day = make.days.day(n)
    live = rng.random(n) < 0.6
    night = rng.random(len(creators)) < 0.4
    second = np.where(night[place], seconds_of_day(rng, n, "night"), seconds_of_day(rng, n, "evening"))
    day = np.where(live, day // 7 * 7 + (creators[place] % 7), day).clip(0, world.days - 1)
    make.pay(
        make.days.local(day, second, creators[place]),
        p,
        creators[place],
        idr,
        even=world.country[p] != HOME,
        channel=mix_channels(rng, n, {"gift": 5, "topup": 1.5, "ewallet": 3, "bank": 0.7}),
        remark=make.texts(n, ("hadiah",), 0.8),
    )
    every = np.repeat(np.arange(len(creators)), 4)
    mate = world.partner[creators[every]]
    t = make.days.at(rng.integers(10, world.days, len(every)), creators[every], "evening")
    make.pay(
        t,
        creators[every],
        np.where(mate >= 0, mate, make.outside(len(every))),
        rng.uniform(150_000, 900_000, len(every)),
        channel="bank",
    )


def _resellers(make: Maker, sellers: Ints) -> None:
    rng, _world = make.rng, make.world
    place = places(make, sellers, 22, 8, 120)
    n = len(place)
    menu = POINTS[rng.integers(0, 7, (len(sellers), 4))] + rng.choice([0, 1000, 2000], (len(sellers), 1))
    idr = menu[place, rng.integers(0, 4, n)]
    p = np.where(rng.random(n) < 0.25, make.young(n), make.strangers(n, 0.4))
    t = make.days.at(make.days.day(n), p, "evening")
    make.pay(
        t,
        p,
        sellers[place],
        idr,
        channel=mix_channels(rng, n, {"topup": 4, "pulsa": 3, "ewallet": 3, "gift": 1}),
        remark=make.texts(n, ("pulsa",), 0.8),
    )
    bought = np.flatnonzero(rng.random(n) < 0.55)
    make.pay(
        t[bought] + rng.integers(120, 4 * 3600, len(bought)),
        sellers[place[bought]],
        make.outside(len(bought)),
        idr[bought] * 0.94,
        channel=mix_channels(rng, len(bought), {"bank": 3, "ewallet": 5, "topup": 2}),
    )


def _from_abroad(make: Maker, payees: Ints, people: tuple[int, int], times: tuple[int, int], steady: float) -> None:
    rng, world = make.rng, make.world
    sizes = rng.integers(people[0], people[1] + 1, len(payees))
    place = np.repeat(np.arange(len(payees)), sizes)
    payer = make.foreign(len(place))
    usual = 700_000 * np.exp(rng.normal(0, 0.8, len(place)))
    row = np.repeat(np.arange(len(place)), rng.integers(times[0], times[1] + 1, len(place)))
    n = len(row)
    day = np.where(
        rng.random(n) < steady,
        make.days.paydays[rng.integers(0, len(make.days.paydays), n)] + rng.integers(0, 3, n),
        make.days.day(n),
    )
    make.pay(
        make.days.at(np.minimum(day, world.days - 1), payer[row], "evening"),
        payer[row],
        payees[place[row]],
        usual[row] * rng.uniform(0.7, 1.4, n),
        even=rng.random(n) < 0.65,
        remark=make.texts(n, ("keluarga", "family support", "school fees", "invoice")),
        channel=mix_channels(rng, n, {"remittance": 7, "bank": 2, "ewallet": 2, "crypto": 0.3}),
        purpose=PURPOSES.index("FAMI"),
    )
