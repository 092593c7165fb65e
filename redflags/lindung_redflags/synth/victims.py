"""Planted possible victims: they pay because they are threatened, or are paid by adults they do not know.

They are labelled `possible_victim` and stand in no other class.
"""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth import bands
from lindung_redflags.synth.planted import Case, seconds
from lindung_redflags.synth.rows import STATUSES
from lindung_redflags.synth.seasons import DAY

YOUNG = bands.Band(50_000, 1_500_000, bands.EXTORTION.source, bands.EXTORTION.mark)


def _demander(case: Case) -> int:
    """The one who is paid: mostly outside, at times abroad."""
    return int((case.make.foreign if case.rng.random() < 0.25 else case.make.outside)(1)[0])


def x01(case: Case) -> None:
    """A young person pays one new payee again and again within a day."""
    n = case.between((5, 8), (3, 4))
    gaps = np.sort(case.rng.uniform(0.1, 1, n))[::-1]
    span = seconds(0.4 if case.easy else 0.9)
    t = case.times(np.array([case.start(3)]), case.account, "evening") + np.rint(
        np.cumsum(gaps) / gaps.sum() * span
    ).astype(np.int64)
    case.send(t, _demander(case), case.prices(YOUNG, n), 0.5, (), remark=0)


def x02(case: Case) -> None:
    """Several rapid payments to a new payee, then nothing more."""
    n = case.between((5, 8), (3, 4))
    t = case.times(np.array([case.start(20)]), case.account, "evening") + np.sort(
        case.rng.integers(0, seconds(1.4 if case.easy else 1.9), n)
    )
    idr = case.prices(bands.EXTORTION, n)
    idr *= min(1.0, 0.95 * bands.EXTORTION_TOTAL / float(idr.sum()))
    case.send(t, _demander(case), idr, 0.5, (), remark=0)


def x03(case: Case) -> None:
    """Gift cards and prepaid credit in a burst."""
    n = case.between((6, 9), (3, 5))
    t = case.times(np.array([case.start(3)]), case.account, "evening") + np.sort(
        case.rng.integers(0, seconds(0.15 if case.easy else 0.24), n)
    )
    idr = np.round(case.prices(bands.POCKET, n) / 5000) * 5000
    case.send(
        t,
        case.make.outside(1 if case.easy else 2)[case.rng.integers(0, 1 if case.easy else 2, n)],
        idr,
        0.0,
        (),
        channel=case.mix(n, {"gift": 6, "topup": 4, "pulsa": 1}),
        remark=0,
    )


def x04(case: Case) -> None:
    """Savings leave through new payees; the amounts are set later, from the balance."""
    n = case.between((5, 8), (3, 4))
    begin = int(case.times(np.array([case.start(8)]), case.account)[0])
    payees = case.make.outside(case.between((3, 4), (2, 2)))
    to = payees[np.r_[case.rng.integers(0, len(payees) - 1, n - 1), len(payees) - 1]]  # the last one is new
    t = begin + np.sort(case.rng.integers(0, seconds(1.2 if case.easy else 1.8), n))
    case.send(
        t,
        to,
        case.prices(bands.EXTORTION, n),
        0.6,
        (),
        remark=0,
        channel=case.mix(n, {"bank": 6, "ewallet": 4}),
    )
    case.make.emptied[case.account] = (begin, begin + 2 * DAY)
    lent = case.payers(case.between((1, 3), (1, 1)), 0.0)
    before = begin - case.rng.integers(3600, seconds(2), len(lent))
    case.receive(before, lent, case.prices(bands.EXTORTION, len(lent)) * 0.5)


def x06(case: Case) -> None:
    """The same amount is tried again after it was declined."""
    to = _demander(case)
    begin = int(case.times(np.array([case.start(4)]), case.account, "evening")[0])
    for turn in range(case.between((2, 3), (1, 2))):
        tries = case.between((3, 4), (2, 2))
        t = begin + turn * seconds(0.7) + np.sort(case.rng.integers(30, 3300, tries + 1))
        status = np.full(tries + 1, STATUSES.index("declined"))
        status[-1] = STATUSES.index("completed")
        case.send(
            t, to, np.full(tries + 1, case.prices(YOUNG, 1)[0]), 0.0, (), remark=0, status=status, channel="ewallet"
        )


def r08(case: Case) -> None:
    """A young account is paid by adults it does not know."""
    adults = np.unique(case.make.adults(case.between((5, 8), (3, 4))))
    n = len(adults)
    case.receive(
        case.times(case.start(27) + case.rng.integers(0, 26, n), adults, "evening"), adults, case.prices(bands.ECPAT, n)
    )
    again = adults[: case.between((2, 3), (0, 1))]
    case.receive(
        case.times(case.start(27) + case.rng.integers(0, 26, len(again)), again, "evening"),
        again,
        case.prices(bands.ECPAT, len(again)),
    )
