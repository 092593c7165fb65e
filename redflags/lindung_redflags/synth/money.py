"""Currencies, countries and rates of the synthetic world.

Rates are of the order of the real ones in early 2026 and wander a little each day; they are invented, not a source.
Offsets are standard time in minutes east of UTC; summer time is left out. Amounts are in ten-thousandths of a unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lindung_redflags.synth.seasons import Bools, Floats, Ints

UNIT = 10_000


@dataclass(frozen=True)
class Country:
    """A country with its currency, minutes east of UTC and its share among the payers from abroad."""

    code: str
    currency: str
    offset: int
    share: float


COUNTRIES = (
    Country("ID", "IDR", 420, 0.0),
    Country("MY", "MYR", 480, 0.14),
    Country("SG", "SGD", 480, 0.12),
    Country("AU", "AUD", 600, 0.14),
    Country("US", "USD", -300, 0.15),
    Country("DE", "EUR", 60, 0.07),
    Country("NL", "EUR", 60, 0.07),
    Country("GB", "GBP", 0, 0.11),
    Country("HK", "HKD", 480, 0.10),
    Country("SA", "SAR", 180, 0.10),
)
HOME = 0
CODES = [one.code for one in COUNTRIES]
OFFSETS = np.array([one.offset * 60 for one in COUNTRIES], dtype=np.int64)

CURRENCIES = ("IDR", "MYR", "SGD", "AUD", "USD", "EUR", "GBP", "HKD", "SAR")
RATE = np.array([1, 3950, 12700, 10800, 16500, 19000, 22000, 2110, 4400], dtype=np.int64) * UNIT
"""Rupiah in ten-thousandths for one unit."""
GRID = np.array([50_000, 10, 5, 5, 5, 5, 5, 50, 10], dtype=np.int64)
"""Where even amounts lie, in units."""
CENTS = np.array([500, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01])
"""The smallest step of other amounts, in units."""
CURRENCY_OF = np.array([CURRENCIES.index(one.currency) for one in COUNTRIES], dtype=np.int64)


def shares() -> Floats:
    """Shares of the countries abroad, by their index; the home country has none."""
    found = np.array([one.share for one in COUNTRIES])
    return np.asarray(found / found.sum())


def daily_rates(rng: np.random.Generator, days: int) -> Ints:
    """Rates by day and currency, in ten-thousandths of a rupiah for one unit; shape (days, currencies)."""
    walk = np.cumsum(rng.normal(0, 0.002, (days, len(RATE))), axis=0)
    walk[:, 0] = 0
    found = np.rint(RATE * np.exp(np.clip(walk, -0.08, 0.08))).astype(np.int64)
    return found - found % 100 * (np.arange(len(RATE)) > 0)


def in_currency(idr: Floats, currency: Ints, even: Bools) -> Ints:
    """Amounts of about so many rupiah, in ten-thousandths of the currency, one step at least, on the grid if `even`."""
    units = idr * UNIT / RATE[currency]
    on_grid = np.maximum(np.rint(units / GRID[currency]), 1) * GRID[currency]
    step = CENTS[currency]
    other = np.maximum(np.rint(units / step), 1) * step
    return np.asarray(np.rint(np.where(even, on_grid, other) * UNIT), dtype=np.int64)


def to_rupiah(amount: Ints, currency: Ints, day: Ints, rates: Ints) -> Ints:
    """Whole rupiah, half up. Shapes equal; `day` indexes the rows of `rates`."""
    found: Ints = (amount * rates[day, currency] + UNIT * UNIT // 2) // (UNIT * UNIT)
    return np.maximum(found, 1)
