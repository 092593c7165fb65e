"""Planted payers: alleged buyers. Case by case, in the bands of `bands`."""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth import bands
from lindung_redflags.synth.planted import TEXTS, Case, seconds
from lindung_redflags.synth.rows import CATEGORIES

PUBLISHED = (
    "penginapan",
    "seragam",
    "biaya berobat",
    "biaya sekolah",
    "hadiah",
    "family support",
    "school fees",
    "birthday",
)


def _spread(case: Case, count: int, span: int) -> np.ndarray:
    begin = case.start(span)
    return begin + np.sort(case.rng.integers(0, span, count))


def p01(case: Case, texts: tuple[str, ...] = TEXTS, silent: float = 0.6) -> None:
    """Repeated small payments to one or two people in another country."""
    n = case.between((6, 10), (4, 6))
    payees = case.other_side(case.between((1, 2), (2, 2)))
    day = _spread(case, n, 25)
    to = payees[case.rng.integers(0, len(payees), n)]
    case.send(
        case.habits(day),
        to,
        case.prices(bands.AUSTRAC, n),
        even=0.85 if case.easy else 0.6,
        remark=case.make.texts(n, texts, silent),
    )


def p02(case: Case) -> None:
    """Many payees in another country."""
    payees = case.other_side(case.between((5, 9), (3, 4)))
    to = np.concatenate([payees, payees[: len(payees) // 2]])
    day = _spread(case, len(to), 26)
    case.send(case.habits(day), case.rng.permutation(to), case.prices(bands.AMLC, len(to)))


def p03(case: Case) -> None:
    """Even amounts, often the same one."""
    n = case.between((7, 12), (5, 7))
    payees = case.other_side(2) if case.rng.random() < 0.6 else case.payers(2, 0)
    usual = case.prices(bands.FATF, 1)[0]
    idr = np.where(case.rng.random(n) < 0.7, usual, case.prices(bands.FATF, n))
    case.send(
        case.habits(_spread(case, n, 28)),
        payees[case.rng.integers(0, len(payees), n)],
        idr,
        1.0 if case.easy else 0.85,
    )


def p04(case: Case) -> None:
    """Payments at night where the payer lives."""
    n = case.between((7, 12), (5, 8))
    day = _spread(case, n, 28)
    night = case.rng.random(n) < (0.9 if case.easy else 0.6)
    payees = case.other_side(case.between((2, 4), (1, 3)))
    t = np.where(night, case.times(day, case.account, "night"), case.times(day, case.account, "evening"))
    case.send(t, payees[case.rng.integers(0, len(payees), n)], case.prices(bands.AUSTRAC, n))


def p05(case: Case) -> None:
    """More often, and more each time."""
    n = case.between((8, 12), (7, 9))
    gaps = (
        np.linspace(12, 2, n) * case.rng.uniform(0.9, 1.1, n)
        if case.easy
        else np.linspace(11, 4, n) * case.rng.uniform(0.7, 1.3, n)
    )
    day = case.start(int(gaps.sum()) + 1) + np.cumsum(gaps)
    day = day[day < case.world.days]
    growth = np.linspace(0, 1, n)[: len(day)] + case.rng.normal(0, 0.03 if case.easy else 0.12, len(day))
    idr = bands.AUSTRAC.low * np.exp(growth * np.log(12))
    payees = case.other_side(case.between((1, 2), (1, 2)))
    case.send(
        case.habits(day.astype(np.int64)),
        payees[case.rng.integers(0, len(payees), len(day))],
        idr,
        0.3,
    )


def p06(case: Case) -> None:
    """Small, and at short intervals."""
    n = case.between((7, 12), (5, 6))
    gap = case.rng.uniform(4, 9) if case.easy else case.rng.uniform(10, 17)
    steps = gap * case.rng.uniform(0.8, 1.2, n) if case.easy else gap * case.rng.uniform(0.5, 1.4, n)
    day = (case.start(min(int(steps.sum()) + 1, case.world.days - 3)) + np.cumsum(steps)).astype(np.int64)
    day = day[day < case.world.days]
    payees = case.other_side(case.between((1, 3), (1, 2)))
    case.send(
        case.habits(day),
        payees[case.rng.integers(0, len(payees), len(day))],
        case.prices(bands.AIC, len(day)),
    )


def p07(case: Case) -> None:
    """An innocuous text beside repeated small payments to another country."""
    p01(case, PUBLISHED, 0.2 if case.easy else 0.45)


def p10(case: Case) -> None:
    """A journey is paid for after payments to the same country."""
    n = case.between((5, 9), (4, 5))
    payees = case.other_side(case.between((1, 3), (1, 2)))
    begin = case.start(60)
    case.send(
        case.habits(begin + case.rng.integers(0, 25, n)),
        payees[case.rng.integers(0, len(payees), n)],
        case.prices(bands.FATF, n),
    )
    trips = case.between((1, 2), (1, 1))
    t = case.times(np.full(trips, begin + case.rng.integers(28, 58)), case.account)
    case.send(
        t,
        case.make.outside(trips),
        case.rng.uniform(1.5e6, 9e6, trips),
        0.1,
        (),
        channel="card",
        mcc=CATEGORIES.index("4511"),
        dest=int(case.world.country[payees[0]]),
        remark=0,
    )


def p15(case: Case) -> None:
    """Several channels to one payee within days."""
    n = case.between((5, 8), (3, 5))
    ways = ["ewallet", "bank", "pulsa", "topup", "qris"][: case.between((3, 4), (2, 3))]
    begin = case.start(8)
    channels = np.concatenate([case.mix(1, {way: 1}) for way in ways] + [case.mix(n, dict.fromkeys(ways, 1.0))])[
        : max(n, len(ways))
    ]
    n = len(channels)
    t = case.times(begin + np.sort(case.rng.integers(0, 6, n)), case.account, "evening")
    case.send(t, int(case.payers(1, 0.3)[0]), case.prices(bands.ECPAT, n) * 0.5 + 50_000, channel=channels)


def p18(case: Case) -> None:
    """Several payments within a day just below the limit of small wallets."""
    n = case.between((4, 6), (3, 3))
    t = case.times(np.array([case.start(3)]), case.account, "office") + np.sort(
        case.rng.integers(0, seconds(0.6 if case.easy else 0.95), n)
    )
    case.send(t, case.payers(n, 0.1), case.prices(bands.SMALL_WALLET, n), 0.0, channel="ewallet")
