"""What families and planted cases share: a place for their payments, and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from lindung_redflags.synth.background import Days, picker
from lindung_redflags.synth.money import CURRENCY_OF, HOME, in_currency
from lindung_redflags.synth.rows import CHANNELS, Rows, remark
from lindung_redflags.synth.seasons import Ints
from lindung_redflags.synth.world import PEOPLE, World


@dataclass(frozen=True)
class Label:
    """What is known about an account. `pattern`: indicator, where planted; `side`: class that it is or resembles."""

    account: int
    pattern: str
    family: str
    difficulty: str
    side: str

    @property
    def planted(self) -> bool:
        return bool(self.pattern)


@dataclass
class Maker:
    """Everything that a family or a case needs to add payments."""

    rng: np.random.Generator
    world: World
    rows: Rows
    labels: list[Label] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    """By number of a planted case: its pattern."""
    subjects: list[int] = field(default_factory=list)
    """By number of a planted case: its account."""
    emptied: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Accounts whose savings leave: from which second, until which second."""
    dormant: dict[int, int] = field(default_factory=dict)
    """Accounts without ordinary payments until a second."""

    def __post_init__(self) -> None:
        world, rng = self.world, self.rng
        self.days = Days(rng, world)
        numbers = np.arange(world.size)
        ours, home = numbers < world.listed, world.country == HOME
        people = np.isin(world.kind, PEOPLE)
        flat = np.ones(world.size)
        self.neighbours: Callable[[int], Ints] = picker(rng, numbers[ours & home & people], world.active)
        self.outside: Callable[[int], Ints] = picker(rng, numbers[~ours & home], flat)
        self.foreign: Callable[[int], Ints] = picker(rng, numbers[~ours & ~home], flat)
        self.age = world.age()
        self.quiet = np.zeros(world.size, dtype=bool)
        """Accounts that nobody of the families and cases may pay or be paid by."""
        young = numbers[ours & home & people & (self.age >= 10) & (self.age <= 20)]
        adults = numbers[ours & home & people & (self.age >= 22)]
        self._young, self._adults = picker(rng, young, world.active), picker(rng, adults, flat)

    def young(self, count: int) -> Ints:
        """Listed people of 10 to 20 years; where one must stay quiet, somebody outside instead."""
        return self._spared(self._young(count))

    def adults(self, count: int) -> Ints:
        """Listed people of 22 years and more; likewise."""
        return self._spared(self._adults(count))

    def _spared(self, found: Ints) -> Ints:
        return np.where(self.quiet[found], self.outside(len(found)), found)

    def strangers(self, count: int, outside: float = 0.45) -> Ints:
        """Payers or payees at home, listed or not."""
        return self._spared(np.where(self.rng.random(count) < outside, self.outside(count), self.neighbours(count)))

    def pay(
        self,
        t: Ints,
        p: ArrayLike,
        q: ArrayLike,
        idr: ArrayLike,
        *,
        channel: ArrayLike,
        even: ArrayLike = False,
        case: int = -1,
        **more: ArrayLike,
    ) -> Ints:
        """Add payments of about so many rupiah, in the payer's currency; returns the amounts as written."""
        size = len(t)
        payers, payees = (np.broadcast_to(np.asarray(one, dtype=np.int64), (size,)) for one in (p, q))
        while (same := payers == payees).any():  # somebody drawn by chance who is the other side: another is drawn
            payers, payees = payers.copy(), payees.copy()
            (payees if np.ndim(p) == 0 else payers)[same] = self.outside(int(same.sum()))
        currency = CURRENCY_OF[self.world.country[payers]]
        flags = np.broadcast_to(np.asarray(even, dtype=bool), (size,))
        amount = in_currency(np.broadcast_to(np.asarray(idr, dtype=np.float64), (size,)), currency, flags)
        return self.write(t, payers, payees, amount, currency, channel=channel, case=case, **more)

    def write(
        self,
        t: Ints,
        p: ArrayLike,
        q: ArrayLike,
        amount: Ints,
        currency: ArrayLike,
        *,
        channel: ArrayLike,
        case: int = -1,
        **more: ArrayLike,
    ) -> Ints:
        """Add payments of exact amounts; `channel` is a name or codes.

        What would end after the period is left out, and what somebody would pay to the same account: a pot that its
        keeper wins stays there.
        """
        begin = self.world.first_day * 86400
        inside = (t >= begin) & (t < begin + self.world.days * 86400) & (np.asarray(p) != np.asarray(q))
        size = len(t)
        code = CHANNELS.index(channel) if isinstance(channel, str) else channel
        given = {"p": p, "q": q, "amount": amount, "cur": currency, "channel": code, "label": case, **more}
        self.rows.add(
            t[inside], **{name: np.broadcast_to(np.asarray(value), (size,))[inside] for name, value in given.items()}
        )
        return amount

    def texts(self, count: int, names: tuple[str, ...], silent: float = 0.6) -> Ints:
        """Remarks of which a share is empty; without names all are."""
        if not names:
            return np.zeros(count, dtype=np.int64)
        codes = np.array([remark(one) for one in names])
        return np.where(self.rng.random(count) < silent, 0, codes[self.rng.integers(0, len(codes), count)])


def places(make: Maker, owners: Ints, middle: float, low: int, high: int) -> Ints:
    """Places of owners, each as often as a number with a long tail around the middle."""
    sizes = np.clip(np.rint(middle * np.exp(make.rng.normal(0, 0.6, len(owners)))), low, high).astype(int)
    return np.repeat(np.arange(len(owners)), sizes)
