"""Innocent payers and young people that look alike: fans, people abroad, gamers, pocket money, large purchases."""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth.background import mix_channels
from lindung_redflags.synth.cases import Maker, places
from lindung_redflags.synth.rows import CATEGORIES, CHANNELS, POINTS, PURPOSES, SAVINGS
from lindung_redflags.synth.seasons import DAY, Ints, seconds_of_day


def fans(make: Maker, fans: Ints, creators: Ints) -> None:
    rng = make.rng
    place = places(make, fans, 14, 4, 60)
    n = len(place)
    liked = creators[rng.integers(0, len(creators), (len(fans), 5))]
    q = liked[place, np.minimum(rng.geometric(0.4, n) - 1, 4)]
    day = make.days.day(n)
    grows = np.where(rng.random(len(fans)) < 0.3, 1.0, 0.0)[place] * day / make.world.days
    second = np.where(rng.random(n) < 0.5, seconds_of_day(rng, n, "night"), seconds_of_day(rng, n, "evening"))
    idr = np.round(POINTS[rng.integers(0, 8, n)] * (1 + 2 * grows) / 5000) * 5000
    make.pay(
        make.days.local(day, second, fans[place]),
        fans[place],
        q,
        idr,
        channel=mix_channels(rng, n, {"gift": 5, "topup": 2, "ewallet": 3}),
    )


def to_home(make: Maker, payers: Ints, people: tuple[int, int], family: str) -> None:
    rng, world = make.rng, make.world
    sizes = np.minimum(people[0] - 1 + rng.geometric(0.45, len(payers)), people[1])
    place = np.repeat(np.arange(len(payers)), sizes)
    payee = make.strangers(len(place), 0.35)
    usual = (1_900_000 if family == "diaspora" else 1_500_000) * np.exp(rng.normal(0, 0.8, len(place)))
    row = np.repeat(np.arange(len(place)), rng.integers(1, 5, len(place)))
    n = len(row)
    day = np.where(
        rng.random(n) < 0.6,
        make.days.paydays[rng.integers(0, len(make.days.paydays), n)] + rng.integers(0, 4, n),
        make.days.day(n),
    )
    make.pay(
        make.days.at(np.minimum(day, world.days - 1), payers[place[row]], "evening"),
        payers[place[row]],
        payee[row],
        usual[row] * rng.uniform(0.6, 1.5, n),
        even=rng.random(n) < 0.7,
        remark=make.texts(
            n, ("keluarga", "family support", "school fees", "biaya berobat", "birthday", "seragam", "penginapan")
        ),
        channel=mix_channels(rng, n, {"remittance": 7, "bank": 2, "ewallet": 2, "card": 0.4}),
        purpose=PURPOSES.index("FAMI"),
    )


def gamers(make: Maker, gamers: Ints) -> None:
    rng, _world = make.rng, make.world
    burst = np.repeat(np.arange(len(gamers)), rng.integers(1, 4, len(gamers)))
    begin = make.days.at(make.days.day(len(burst)), gamers[burst], "evening")
    shop = np.where(rng.random(len(burst)) < 0.3, make.strangers(len(burst), 0.3), make.outside(len(burst)))
    row = np.repeat(np.arange(len(burst)), rng.integers(2, 6, len(burst)))
    n = len(row)
    t = begin[row] + rng.integers(0, 5 * 3600, n)
    idr = POINTS[rng.integers(0, 6, n)]
    wallet = rng.random(len(burst)) < 0.3  # credit bought from a person
    channel = np.where(
        wallet[row], CHANNELS.index("ewallet"), mix_channels(rng, n, {"topup": 5, "gift": 3, "pulsa": 2})
    )
    make.pay(t, gamers[burst[row]], shop[row], idr, channel=channel, mcc=CATEGORIES.index("5816"))
    tried = np.flatnonzero(rng.random(n) < 0.1)
    make.pay(
        t[tried] - rng.integers(20, 600, len(tried)),
        gamers[burst[row[tried]]],
        shop[row[tried]],
        idr[tried],
        channel=channel[tried],
        mcc=CATEGORIES.index("5816"),
        status=1,
    )


def allowance(make: Maker, young: Ints) -> None:
    rng, world = make.rng, make.world
    sizes = rng.integers(2, 6, len(young))
    place = np.repeat(np.arange(len(young)), sizes)
    adult = np.where(rng.random(len(place)) < 0.2, make.outside(len(place)), make.adults(len(place)))
    row = np.repeat(np.arange(len(place)), rng.integers(1, 4, len(place)))
    n = len(row)
    feast = (rng.random(n) < 0.4) & (len(make.days.allowance) > 0)
    day = make.days.day(n)
    if len(make.days.allowance):
        day = np.where(feast, np.minimum(make.days.allowance[-1] + rng.integers(3, 12, n), world.days - 1), day)
    make.pay(
        make.days.at(day, adult[row]),
        adult[row],
        young[place[row]],
        rng.choice([20, 50, 50, 100, 100, 150, 200, 300, 500], n) * 1000,
        channel=mix_channels(rng, n, {"ewallet": 6, "bank": 4, "pulsa": 1}),
        remark=make.texts(n, ("hadiah", "keluarga", "kado", "THR", "uang sekolah")),
    )


def big(make: Maker, people: Ints) -> None:
    rng, world = make.rng, make.world
    begin = make.days.at(rng.integers(world.days // 2, world.days - 6, len(people)), people)
    row = np.repeat(np.arange(len(people)), rng.integers(2, 6, len(people)))
    n = len(row)
    t = begin[row] + rng.integers(0, 2 * DAY, n)
    make.pay(
        t,
        people[row],
        make.outside(n),
        1_500_000 * np.exp(rng.normal(0, 0.8, n)),
        even=rng.random(n) < 0.7,
        channel="bank",
        remark=make.texts(n, ("belanja", "invoice", "pesanan")),
        case=SAVINGS,
    )
    make.emptied.update({int(one): (int(t0), int(t0) + 2 * DAY) for one, t0 in zip(people, begin, strict=True)})
