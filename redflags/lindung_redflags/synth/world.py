"""The people of the synthetic world: accounts, holders, ages, places, activity, whom they know.

Accounts are numbered from 0: first the listed ones, then the external ids (counterparties of which nothing is known but
the country). Activity follows a heavy tail (Pareto), so that a few make a large part of all payments.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from lindung_redflags.synth.money import COUNTRIES, HOME, OFFSETS, shares
from lindung_redflags.synth.seasons import EPOCH, Bools, Floats, Ints

KINDS = ("person", "minor", "student", "business", "merchant", "school", "charity", "biller", "agent")
MIX = (0.765, 0.06, 0.075, 0.025, 0.045, 0.008, 0.006, 0.004, 0.012)
PERSON, MINOR, STUDENT, BUSINESS, MERCHANT, SCHOOL, CHARITY, BILLER, AGENT = range(len(KINDS))
PEOPLE = (PERSON, MINOR, STUDENT)
PRODUCTS = ("bank", "wallet", "msisdn", "card", "crypto")
ABROAD = 0.075
"""Share of the accounts of grown-up persons whose holder lives abroad: customers of a remittance service."""

PROVINCES = {  # people of each province in ten thousands, by its official code: Ministry of Home Affairs, 2024-2025
    11: 562, 12: 1564, 13: 582, 14: 710, 15: 383, 16: 906, 17: 213, 18: 912, 19: 155, 21: 227, 31: 1104, 32: 5132,
    33: 3843, 34: 373, 35: 4192, 36: 1288, 51: 438, 52: 575, 53: 570, 61: 565, 62: 290, 63: 430, 64: 412, 65: 77,
    71: 264, 72: 315, 73: 953, 74: 282, 75: 124, 76: 149, 81: 194, 82: 139, 91: 110, 92: 58, 93: 56, 94: 137, 95: 147,
    96: 62,
}  # fmt: skip
CENTRAL = {51, 52, 53, 63, 64, 65, 71, 72, 73, 74, 75, 76}
EAST = {81, 82, 91, 92, 93, 94, 95, 96}


@dataclass
class World:
    """Arrays over all accounts unless said otherwise."""

    listed: int
    """How many accounts are listed; the rest is external."""
    start: date
    days: int
    kind: Ints
    holder: Ints
    birth: Ints
    """Days since 1970-01-01; -1_000_000: unknown."""
    region: Ints
    """Code of the province; 0: unknown or abroad."""
    country: Ints
    offset: Ints
    """Seconds east of UTC."""
    opened: Ints
    """Days since 1970-01-01."""
    customer: Bools
    product: Ints
    full: Bools
    """The customer is fully known to the institution."""
    device: Ints
    active: Floats
    """How much the account pays, relative."""
    liked: Floats
    """How much the account is paid by other people, relative."""
    even: Floats
    """How often its amounts are even."""
    owl: Bools
    """Awake at night: shift work, habit."""
    partner: Ints
    """The other account of the same holder, -1 none."""
    known: Ints
    """Shape (accounts, 5): whom the account pays again and again."""
    taken: Bools
    """Has a part in a look-alike family or a planted case already."""

    @property
    def first_day(self) -> int:
        return (self.start - EPOCH).days

    @property
    def size(self) -> int:
        return len(self.kind)

    def age(self) -> Ints:
        """Years at the first day; -1: unknown."""
        years = (self.first_day - self.birth) // 365.2425
        return np.where(self.birth == UNKNOWN, -1, years).astype(np.int64)

    def free(self, wanted: Bools) -> Ints:
        """Listed customers that have no part yet and fit."""
        ours = np.arange(self.size) < self.listed
        return np.flatnonzero(ours & self.customer & ~self.taken & wanted)

    def take(self, rng: np.random.Generator, wanted: Bools, count: int) -> Ints:
        """Draw accounts without a part and give them one; fewer when there are no more."""
        there = self.free(wanted)
        drawn = rng.choice(there, min(count, len(there)), replace=False)
        self.taken[drawn] = True
        return np.asarray(drawn, dtype=np.int64)


UNKNOWN = -1_000_000


def build(rng: np.random.Generator, listed: int, start: date, days: int) -> World:
    """Make the accounts. Externals: half as many from home and a quarter as many from abroad."""
    home_out, abroad_out = listed // 2, listed // 4
    size = listed + home_out + abroad_out
    kind = np.full(size, PERSON, dtype=np.int64)
    kind[:listed] = rng.choice(len(KINDS), listed, p=np.array(MIX) / sum(MIX))
    country = np.full(size, HOME, dtype=np.int64)
    away = (kind[:listed] == PERSON) & (rng.random(listed) < ABROAD)
    country[:listed][away] = rng.choice(len(COUNTRIES), int(away.sum()), p=shares())
    country[listed + home_out :] = rng.choice(len(COUNTRIES), abroad_out, p=shares())

    codes = np.array(list(PROVINCES))
    region = rng.choice(codes, size, p=np.array(list(PROVINCES.values())) / sum(PROVINCES.values()))
    offset = np.where(np.isin(region, list(EAST)), 32400, np.where(np.isin(region, list(CENTRAL)), 28800, 25200))
    offset = np.where(country == HOME, offset, OFFSETS[country])
    region = np.where((country == HOME) & (rng.random(size) > 0.03), region, 0)

    today = (start - EPOCH).days
    years = np.clip(rng.gamma(5.5, 5.2, size) + 14, 18.5, 85)
    years = np.where(kind == MINOR, rng.uniform(10, 17.6, size), years)
    years = np.where(kind == STUDENT, rng.uniform(15, 23, size), years)
    birth = (today - years * 365.2425).astype(np.int64)
    birth[~np.isin(kind, PEOPLE) | (rng.random(size) < 0.04)] = UNKNOWN
    age_days = np.minimum(rng.exponential(1100, size) + 1, np.where(birth == UNKNOWN, 9000, today - birth - 3000))
    opened = today - np.maximum(age_days, 1).astype(np.int64)
    new = rng.random(size) < 0.07
    opened[new] = today + rng.integers(0, max(days - 25, 1), int(new.sum()))

    product = rng.choice(len(PRODUCTS), size, p=[0.46, 0.40, 0.07, 0.05, 0.02])
    holder, partner = _second_accounts(rng, listed, size, kind, country, product)
    second = np.flatnonzero(holder != np.arange(size))
    first = holder[second]
    for column in (birth, region, offset, kind):
        column[second] = column[first]
    opened = np.maximum(opened, birth + 3000)  # a second account takes over a birth, which may be later than its own

    device = np.arange(size, dtype=np.int64)
    shared = np.flatnonzero(rng.random(size) < 0.06)
    group = (
        np.arange(len(shared)) // 5 * 5 + np.array([0, 0, 2, 2, 2])[np.arange(len(shared)) % 5]
    )  # households of two and three
    device[shared] = shared[group]
    grown = np.isin(kind, PEOPLE)
    active = (rng.pareto(2.1, size) + 0.25) * np.where(kind == MINOR, 0.6, 1.0) * np.where(kind == BUSINESS, 1.6, 1.0)
    active[~np.isin(kind, (*PEOPLE, BUSINESS, AGENT))] *= 0.15
    liked = (rng.pareto(1.7, size) + 0.2) * np.where(grown, 1.0, 0.2)
    world = World(
        listed=listed, start=start, days=days, kind=kind, holder=holder, birth=birth, region=region, country=country,
        offset=offset, opened=opened, customer=rng.random(size) > 0.03, product=product, full=rng.random(size) < 0.72,
        device=device, active=np.minimum(active, 60), liked=np.minimum(liked, 80),
        even=np.clip(rng.beta(1.1, 1.0, size), 0.02, 0.99), owl=rng.random(size) < 0.09, partner=partner,
        known=np.zeros((size, 5), dtype=np.int64), taken=np.zeros(size, dtype=bool),
    )  # fmt: skip
    world.known = _friends(rng, world)
    return world


def _second_accounts(
    rng: np.random.Generator, listed: int, size: int, kind: Ints, country: Ints, product: Ints
) -> tuple[Ints, Ints]:
    """Some grown-up persons at home hold a bank account and a wallet."""
    holder, partner = np.arange(size, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    fit = rng.permutation(np.flatnonzero((kind[:listed] == PERSON) & (country[:listed] == HOME)))
    pairs = int(len(fit) * 0.12)
    first, second = fit[:pairs], fit[pairs : 2 * pairs]
    holder[second] = first
    partner[first], partner[second] = second, first
    product[first], product[second] = 0, 1
    return holder, partner


def _friends(rng: np.random.Generator, world: World) -> Ints:
    """Five people at home for everybody; the first of people at home is mutual."""
    people = np.flatnonzero(np.isin(world.kind, PEOPLE) & (world.country == HOME))
    edges = np.cumsum(world.liked[people])
    drawn = people[
        np.searchsorted(edges, rng.random((world.size, 5)) * edges[-1], side="right").clip(0, len(people) - 1)
    ]
    mixed = rng.permutation(people)
    half = len(mixed) // 2
    drawn[mixed[:half], 0], drawn[mixed[half : 2 * half], 0] = mixed[half : 2 * half], mixed[:half]
    return np.asarray(drawn)
