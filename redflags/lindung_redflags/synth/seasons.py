"""When people pay in Indonesia: paydays, weekends, Ramadan, Idulfitri, the holiday allowance (THR), hours of the day.

Dates of Ramadan and Idulfitri are those that the government announced after its sidang isbat (1 Ramadan 1447 H: 19
February 2026, read in November 2026; the joint decree on holidays of 2026 names 21-22 March 2026; earlier years are
common knowledge). THR is due seven days before the feast at the latest (Permenaker 6/2016).
Hours of the day are shapes of our own making, not measured ones.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY = 86400
EPOCH = date(1970, 1, 1)

FEASTS = (  # first day of Ramadan, first day of Idulfitri
    (date(2024, 3, 12), date(2024, 4, 10)),
    (date(2025, 3, 1), date(2025, 3, 31)),
    (date(2026, 2, 19), date(2026, 3, 21)),
)

HOURS = {  # weights of the 24 local hours
    "day": (1, 0.5, 0.3, 0.3, 0.6, 1.5, 3, 5, 6, 7, 7, 7, 8, 7, 6, 6, 6, 7, 8, 8, 7, 5, 3, 1.8),
    "office": (0, 0, 0, 0, 0, 0, 0.5, 2, 8, 10, 10, 9, 6, 9, 9, 8, 6, 3, 1.5, 1, 0.8, 0.4, 0.1, 0),
    "evening": (3, 1.5, 0.8, 0.4, 0.3, 0.3, 0.5, 1, 1.5, 2, 2.5, 3, 4, 4, 4, 5, 5, 6, 8, 10, 11, 11, 9, 6),
    "owl": (10, 9, 7, 5, 3, 1.5, 1, 1, 1, 1, 1, 1.5, 2, 2, 2, 2, 2, 3, 4, 5, 7, 9, 11, 11),
    "night": (11, 9, 8, 6, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 12),
    "fasting": (1, 0.8, 1.5, 4, 6, 3, 2, 3, 5, 6, 6, 6, 6, 6, 6, 8, 10, 11, 7, 9, 9, 7, 4, 2),
}


def day_numbers(start: date, days: int) -> Ints:
    """Days since 1970-01-01."""
    return (start - EPOCH).days + np.arange(days, dtype=np.int64)


def fasting(start: date, days: int) -> Bools:
    """Which of the days are of Ramadan. False where the table of feasts does not reach."""
    dates = [start + timedelta(days=n) for n in range(days)]
    return np.array([any(first <= one < feast for first, feast in FEASTS) for one in dates])


def allowance_days(start: date, days: int) -> Ints:
    """Indexes of the days on which THR is paid: from 14 to 7 days before Idulfitri."""
    wanted = [(feast - timedelta(days=n) - start).days for _, feast in FEASTS for n in range(7, 15)]
    return np.array([n for n in wanted if 0 <= n < days], dtype=np.int64)


def paydays(start: date, days: int) -> Ints:
    """Indexes of the 25th, the last and the first day of each month."""
    found = []
    for n in range(days):
        one = start + timedelta(days=n)
        if one.day in (1, 25) or (one + timedelta(days=1)).day == 1:
            found.append(n)
    return np.array(found or [0], dtype=np.int64)


def weights(start: date, days: int) -> Floats:
    """How busy each day is; sums to 1. Busier after payday, at weekends and before Idulfitri; quieter at the feast."""
    level = np.ones(days)
    for n in range(days):
        one = start + timedelta(days=n)
        if one.day in (25, 26, 27, 28, 1, 2, 3):
            level[n] *= 1.35
        if one.weekday() >= 5:
            level[n] *= 1.15
        for first, feast in FEASTS:
            if first <= one < feast:
                level[n] *= 1.1
            if 0 < (feast - one).days <= 14:
                level[n] *= 1.3
            if 0 <= (one - feast).days <= 3:
                level[n] *= 0.7
    return np.asarray(level / level.sum())


def seconds_of_day(rng: np.random.Generator, size: int, shape: str) -> Ints:
    """Local seconds since midnight, drawn by one of the shapes of HOURS."""
    level = np.asarray(HOURS[shape])
    edges = np.cumsum(level) / level.sum()
    hour = np.minimum(np.searchsorted(edges, rng.random(size), side="right"), 23)
    return hour.astype(np.int64) * 3600 + rng.integers(0, 3600, size)
