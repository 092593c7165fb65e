"""Planted payees: alleged facilitators and mules. Case by case, in the bands of `bands`."""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth import bands
from lindung_redflags.synth.planted import Case, seconds
from lindung_redflags.synth.seasons import DAY, Floats, Ints


def _inflow(
    case: Case,
    payers: Ints,
    begin: int,
    span: int,
    band: bands.Band,
    night: float | None = None,
    even: float | None = None,
    onward: float | None = None,
) -> Floats:
    """Each payer once within the span of days; some at night where the payee lives. Returns the rupiah asked for.

    `onward`: how likely what came in on a day leaves again within hours (PPATK: sent on to several accounts). Unless
    told, easy cases show more of all three than hard ones.
    """
    night = (0.4 if case.easy else 0.15) if night is None else night
    even = (0.8 if case.easy else 0.6) if even is None else even
    onward = (0.8 if case.easy else 0.25) if onward is None else onward
    n = len(payers)
    day = begin + case.rng.integers(0, span, n)
    t = np.where(case.rng.random(n) < night, case.times(day, case.account, "night"), case.times(day, payers))
    idr = case.prices(band, n)
    case.receive(t, payers, idr, even)
    for one in np.unique(day):
        if case.rng.random() < onward:
            there = day == one
            _send_on(case, int(t[there].max()), float(idr[there].sum()) * case.rng.uniform(0.82, 0.97))
    return idr


def _send_on(case: Case, after: int, idr: float) -> None:
    """So many rupiah leave within some hours, to one to three people outside."""
    parts = int(case.rng.integers(1, 4))
    t = after + case.rng.integers(600, 4 * 3600, parts)
    cut = case.rng.dirichlet(np.full(parts, 6.0)) * idr
    case.send(t, case.make.outside(parts), cut, 0.1, channel=case.mix(parts, {"bank": 5, "ewallet": 4, "crypto": 0.1}))


def r01(case: Case) -> None:
    """Many unrelated payers within a week."""
    begin = case.start(22)
    for turn in range(2 if case.easy else 1):
        payers = case.payers(case.between((7, 11), (5, 7)))
        _inflow(case, payers, begin + turn * 9, 6 if case.easy else 8, bands.ECPAT)


def r02(case: Case) -> None:
    """Small sums from several countries."""
    payers = np.unique(case.make.foreign(case.between((5, 8), (3, 4))))
    _inflow(case, payers, case.start(28), 26, bands.FATF)


def r03(case: Case) -> None:
    """Most of what comes in lies in the published band."""
    n = case.between((8, 13), (6, 8))
    payers = case.payers(max(n * 2 // 3, 4))
    _inflow(
        case,
        np.concatenate([payers, payers[: n - len(payers)]]),
        case.start(40),
        36,
        bands.PPATK if case.rng.random() < 0.5 else bands.ECPAT,
    )


def r04(case: Case) -> None:
    """What comes in leaves within hours, again and again."""
    begin = case.start(29)
    for turn in np.sort(case.rng.choice(27, case.between((4, 6), (3, 3)), replace=False)):
        payers = case.payers(case.between((2, 3), (1, 2)))
        n = len(payers)
        t = case.times(np.array([begin + turn]), case.account) + case.rng.integers(0, 3 * 3600, n)
        idr = case.prices(bands.ECPAT, n)
        case.receive(t, payers, idr)
        parts = int(case.rng.integers(1, 4))
        out = float(idr.sum()) * (case.rng.uniform(0.88, 0.99) if case.easy else case.rng.uniform(0.81, 0.9))
        later = t.max() + case.rng.integers(600, seconds(0.09 if case.easy else 0.12), parts)
        case.send(
            later,
            case.make.outside(parts),
            case.rng.dirichlet(np.full(parts, 6.0)) * out,
            0.0,
            channel=case.mix(parts, {"bank": 5, "ewallet": 4, "crypto": 0.1}),
        )


def r05(case: Case) -> None:
    """A wallet collects, then the sum goes to the own bank account."""
    own = int(case.world.partner[case.account])
    begin = case.start(18)
    for turn in range(case.between((2, 2), (1, 1))):
        payers = case.payers(case.between((6, 9), (5, 6)))
        idr = _inflow(case, payers, begin + turn * 8, 3, bands.ECPAT, onward=0.0)
        t = case.times(np.array([begin + turn * 8 + 3]), case.account, "evening")
        case.send(
            t, own, np.array([float(idr.sum()) * case.rng.uniform(0.75, 0.98)]), 0.0, (), channel="ewallet", remark=0
        )


def r06(case: Case) -> None:
    """Many payers right after opening, or after a long time without any."""
    begin = max(case.start(10), min(94, case.world.days - 12))
    if case.rng.random() < 0.5:
        case.world.opened[case.account] = case.world.first_day + begin - case.between((3, 12), (10, 24))
    else:
        case.make.dormant[case.account] = (case.world.first_day + begin) * DAY
        once = case.payers(1)
        case.make.pay(case.times(np.array([1]), once), once, case.account, 150_000, channel="bank")
    _inflow(case, case.payers(case.between((7, 11), (5, 6))), begin, 6, bands.ECPAT)


def r07(case: Case) -> None:
    """The same few amounts from different payers."""
    n = case.between((8, 13), (5, 7))
    menu = np.round(case.prices(bands.ECPAT, 2 if case.easy else 3) / 50_000) * 50_000
    payers = case.payers(n, 0.0)
    day = case.start(14) + case.rng.integers(0, 12 if case.easy else 13, n)
    case.receive(case.times(day, payers, "evening"), payers, menu[case.rng.integers(0, len(menu), n)], 0.0)


def r09(case: Case) -> None:
    """Many small top-ups from others, then cashed out."""
    n = case.between((8, 12), (5, 7))
    payers = case.payers(n, 0.0)
    begin = case.start(9)
    idr = np.round(case.prices(bands.POCKET, n) / 5000) * 5000
    case.receive(
        case.times(begin + case.rng.integers(0, 6, n), payers, "evening"),
        payers,
        idr,
        0.0,
        channel=case.mix(n, {"pulsa": 4, "topup": 4, "gift": 2}),
    )
    case.move_out(begin + 6, float(idr.sum()) * case.rng.uniform(0.7, 0.95), (0, 10), 1)


def r10(case: Case, device: int | None = None) -> None:
    """Many payers to accounts that share a device."""
    if device is not None:
        case.world.device[case.account] = device
    r01(case)


def r11(case: Case) -> None:
    """Paid at night where the payee lives."""
    n = case.between((9, 14), (6, 8))
    _inflow(case, case.payers(n, 0.3), case.start(26), 24, bands.ECPAT, 0.85 if case.easy else 0.55)


def x05(case: Case) -> None:
    """Young payers, small sums, passed on at once."""
    begin = case.start(16)
    for turn in range(case.between((3, 4), (2, 3))):
        payers = np.unique(case.make.young(case.between((3, 5), (2, 3))))
        n = len(payers)
        t = case.times(np.array([begin + turn * 2]), case.account) + case.rng.integers(0, 5 * 3600, n)
        idr = case.prices(bands.Band(100_000, 1_500_000, bands.EXTORTION.source, bands.EXTORTION.mark), n)
        case.receive(t, payers, idr, channel=case.mix(n, {"ewallet": 6, "bank": 4}))
        out = np.array([float(idr.sum()) * case.rng.uniform(0.82, 0.98)])
        case.send(
            t.max() + case.rng.integers(300, seconds(0.1), 1),
            case.make.outside(1),
            out,
            0.0,
            channel=case.mix(1, {"bank": 7, "ewallet": 3, "crypto": 1}),
        )
