"""Draws the accounts of the planted cases and lets each pattern add its payments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lindung_redflags.errors import BadInput
from lindung_redflags.synth import payees, payers, victims
from lindung_redflags.synth.cases import Maker
from lindung_redflags.synth.money import HOME
from lindung_redflags.synth.planted import Case, Drawer
from lindung_redflags.synth.world import MINOR, PERSON, PRODUCTS, STUDENT


@dataclass(frozen=True)
class Pattern:
    """A planted pattern. `who`: which accounts fit; `abroad`: share of its subjects that are customers abroad."""

    id: str
    side: str
    add: Callable[[Case], None]
    who: str = "grown"
    abroad: float = 0.0


PATTERNS = (
    Pattern("P01", "payer", payers.p01, abroad=0.7),
    Pattern("R01", "payee", payees.r01),
    Pattern("X01", "possible_victim", victims.x01, "young"),
    Pattern("P02", "payer", payers.p02, abroad=0.7),
    Pattern("R02", "payee", payees.r02),
    Pattern("X02", "possible_victim", victims.x02, "anybody"),
    Pattern("P03", "payer", payers.p03, abroad=0.5),
    Pattern("R03", "payee", payees.r03),
    Pattern("X03", "possible_victim", victims.x03, "minor"),
    Pattern("P04", "payer", payers.p04, abroad=0.7),
    Pattern("R04", "payee", payees.r04),
    Pattern("X04", "possible_victim", victims.x04, "anybody"),
    Pattern("P05", "payer", payers.p05, abroad=0.6),
    Pattern("R05", "payee", payees.r05, "wallet"),
    Pattern("X06", "possible_victim", victims.x06, "young"),
    Pattern("P06", "payer", payers.p06, abroad=0.7),
    Pattern("R06", "payee", payees.r06, "quiet"),
    Pattern("R08", "possible_victim", victims.r08, "minor"),
    Pattern("P07", "payer", payers.p07, abroad=0.7),
    Pattern("R07", "payee", payees.r07),
    Pattern("P10", "payer", payers.p10, abroad=0.6),
    Pattern("R09", "payee", payees.r09, "topped_up"),
    Pattern("P15", "payer", payers.p15),
    Pattern("R10", "payee", payees.r10),
    Pattern("P18", "payer", payers.p18),
    Pattern("R11", "payee", payees.r11),
    Pattern("X05", "payee", payees.x05),
)
ON_ONE_DEVICE = 3


def add_planted(make: Maker, count: int) -> None:
    """Plant `count` subjects, the patterns in turn, easy and hard in turn. Raises BadInput when people run out."""
    draw, world = Drawer(make), make.world
    grown = (world.kind == PERSON) & ((make.age >= 19) | (make.age < 0))
    known = make.age >= 0
    fits = {
        "grown": grown,
        "anybody": grown,
        "young": np.isin(world.kind, (MINOR, STUDENT)) & known & (make.age <= 19) & (make.age >= 12),
        "minor": np.isin(world.kind, (MINOR, STUDENT)) & known & (make.age <= 16),
        "wallet": grown & (world.partner >= 0) & (world.product == PRODUCTS.index("wallet")),
        "topped_up": grown & np.isin(world.product, (PRODUCTS.index("msisdn"), PRODUCTS.index("wallet"))),
    }
    home = world.country == HOME
    seen = make.rows.touched(world.size)
    quiet = world.take(make.rng, grown & home & ~seen, count // len(PATTERNS) + 1).tolist()
    make.quiet[quiet] = True
    turn = done = 0
    while done < count:
        cycle, place = divmod(turn, len(PATTERNS))
        pattern, easy = PATTERNS[place], (cycle + place) % 2 == 0
        turn += 1
        together = ON_ONE_DEVICE if pattern.id == "R10" else 1
        if together > count - done:
            continue
        device = None
        for _ in range(together):
            abroad = make.rng.random() < pattern.abroad
            if pattern.who == "quiet":
                account = quiet.pop() if quiet else -1
            else:
                wanted = fits[pattern.who]
                account = draw.abroad(wanted & ~home) if abroad else draw.take(wanted & home)
            if account < 0:
                raise BadInput(f"prevalence: there are not enough accounts for {count} planted cases")
            if pattern.who == "wallet":
                world.taken[world.partner[account]] = True
            case = Case(make, account, pattern.id, pattern.side, easy)
            if pattern.id == "R10":
                device = account if device is None else device
                payees.r10(case, device)
            else:
                pattern.add(case)
            done += 1
