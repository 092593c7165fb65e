"""Planted cases: which patterns there are, how many of each, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lindung_redflags.synth.background import mix_channels
from lindung_redflags.synth.bands import Band
from lindung_redflags.synth.cases import Label, Maker
from lindung_redflags.synth.money import CODES, CURRENCY_OF, HOME
from lindung_redflags.synth.seasons import DAY, Floats, Ints, seconds_of_day

TEXTS = ("belanja", "makan siang", "bayar hutang", "titipan", "keluarga", "pesanan", "patungan")
MIXED = {"bank": 3.5, "ewallet": 5, "remittance": 0.3, "qris": 0.5}
ACROSS = {"remittance": 6, "bank": 2, "ewallet": 1.5, "crypto": 0.1}


class Case:
    """One planted case: its account, number, difficulty, and ways to add payments in its name."""

    def __init__(self, make: Maker, account: int, pattern: str, side: str, easy: bool) -> None:
        self.make, self.rng, self.world = make, make.rng, make.world
        self.account, self.easy = account, easy
        self.number = len(make.patterns)
        make.patterns.append(pattern)
        make.subjects.append(account)
        make.labels.append(Label(account, pattern, "", "easy" if easy else "hard", side))

    def between(self, easy: tuple[int, int], hard: tuple[int, int]) -> int:
        low, high = easy if self.easy else hard
        return int(self.rng.integers(low, high + 1))

    def start(self, length: int) -> int:
        """A day (index) on which something of so many days can begin; 20 days of history before where there is room."""
        last = max(self.world.days - length - 1, 1)
        return int(self.rng.integers(min(20, last - 1), last))

    def prices(self, band: Band, size: int) -> Floats:
        """Rupiah within the band, the lower the likelier."""
        return np.asarray(np.exp(self.rng.uniform(np.log(band.low), np.log(band.high), size)))

    def times(self, day: Ints, who: Ints | int, shape: str = "day") -> Ints:
        """Moments of days; hours local to `who`."""
        day = np.asarray(day, dtype=np.int64)
        them = np.broadcast_to(np.asarray(who, dtype=np.int64), day.shape)
        if shape == "night":
            return self.make.days.local(day, seconds_of_day(self.rng, len(day), "night"), them)
        return self.make.days.at(day, them, shape)

    def habits(self, day: Ints, shape: str = "evening") -> Ints:
        """Moments at which the subject pays: easy cases half at night (FATF: late at night), hard ones less often."""
        late = self.rng.random(len(day)) < (0.5 if self.easy else 0.15)
        return np.where(late, self.times(day, self.account, "night"), self.times(day, self.account, shape))

    def mix(self, size: int, given: dict[str, float]) -> Ints:
        return mix_channels(self.rng, size, given)

    def send(
        self, t: Ints, to: Ints | int, idr: Floats, even: float = 0.6, texts: tuple[str, ...] = TEXTS, **more: Any
    ) -> None:
        """The subject pays."""
        size = len(t)
        payee = np.broadcast_to(np.asarray(to), (size,))
        abroad = self.world.country[payee] != self.world.country[self.account]
        given: dict[str, Any] = {
            "channel": np.where(abroad, self.mix(size, ACROSS), self.mix(size, MIXED)),
            "remark": self.make.texts(size, texts),
        }
        self.make.pay(
            t, self.account, payee, idr, even=self.rng.random(size) < even, case=self.number, **(given | more)
        )

    def receive(self, t: Ints, payers: Ints, idr: Floats, even: float = 0.6, **more: Any) -> None:
        """The subject is paid."""
        size = len(t)
        abroad = self.world.country[payers] != self.world.country[self.account]
        given: dict[str, Any] = {
            "channel": np.where(abroad, self.mix(size, ACROSS), self.mix(size, MIXED)),
            "remark": self.make.texts(size, TEXTS, 0.7),
        }
        self.make.pay(
            t, payers, self.account, idr, even=self.rng.random(size) < even, case=self.number, **(given | more)
        )

    def payers(self, count: int, abroad: float | None = None) -> Ints:
        """Different people who pay, some from abroad (PPATK: from home and abroad)."""
        abroad = (0.3 if self.easy else 0.12) if abroad is None else abroad
        found: list[int] = []
        while len(found) < count:
            drawn = self.make.foreign(count) if self.rng.random() < abroad else self.make.strangers(count)
            for one in drawn[:1]:
                if int(one) not in found and self.world.holder[one] != self.world.holder[self.account]:
                    found.append(int(one))
        return np.array(found, dtype=np.int64)

    def other_side(self, count: int) -> Ints:
        """Different payees on the other side of a border: at home for a customer abroad, else abroad."""
        draw: Callable[[int], Ints] = (
            self.make.foreign if self.world.country[self.account] == HOME else self.make.strangers
        )
        found = np.unique(draw(count * 3))
        return np.asarray(self.rng.permutation(found)[:count], dtype=np.int64)

    def move_out(self, day: int, idr: float, hours: tuple[float, float], parts: int) -> None:
        """What came in leaves again from the evening of a day on, to people outside."""
        begin = self.times(np.array([day]), self.account, "evening")
        t = begin + (self.rng.uniform(hours[0], hours[1], parts) * 3600).astype(np.int64)
        cut = self.rng.dirichlet(np.full(parts, 6.0)) * idr
        self.send(
            t,
            self.make.outside(parts),
            cut,
            0.2,
            channel=self.mix(parts, {"bank": 5, "ewallet": 4, "cash": 0.2, "crypto": 0.1}),
        )


class Drawer:
    """Draws the accounts of cases; customers abroad in turn from each currency, so that none is used up."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.currencies: list[int] = []
        self.home = make.world.country == HOME

    def take(self, wanted: np.ndarray) -> int:
        """One account that fits, or any listed person at home when none is left (-1: nobody at all)."""
        found = self.make.world.take(self.make.rng, wanted, 1)
        return int(found[0]) if len(found) else -1

    def abroad(self, wanted: np.ndarray) -> int:
        if not self.currencies:
            self.currencies = self.make.rng.permutation(np.unique(CURRENCY_OF[1 : len(CODES)])).tolist()
        money = CURRENCY_OF[self.make.world.country]
        for _ in range(len(CODES)):
            one = self.take(wanted & (money == self.currencies[0]))
            self.currencies.append(self.currencies.pop(0))
            if one >= 0:
                return one
        return -1


def seconds(days: float) -> int:
    return int(days * DAY)
