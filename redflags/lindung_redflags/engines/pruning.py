"""Which subjects can be left out before a pass, because none of its indicators can hold for them.

A number over a window is never larger than over everything, and what counts different ones is never larger than the
number of payments: who has no k payments within a window has no k different parties in it either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lindung_redflags.catalogue.model import Indicator, Test
from lindung_redflags.engines import lowering

NUMBERS = {"payments", "parties", "countries", "amounts", "same_amount", "channels"}
"""Features that are never larger than the number of payments in the window."""


@dataclass(frozen=True)
class Hope:
    """What an indicator needs. `over_all`: SQL over all payments of a subject together; `close`: so many payments of an
    entity within so many seconds."""

    over_all: tuple[str, ...]
    close: tuple[tuple[str, int, int], ...]


def hope(one: Indicator, meant: Callable[[Test], str], total: str = "sum(idr)") -> Hope | None:
    """What the indicator needs; None: nothing can be said.

    `meant`: the flag of the payments that a share means; `total`: the sum of all payments, in SQL that cannot overflow.
    """
    over_all, close = [], []
    for test in one.needed:
        if test.feature in NUMBERS and test.op in {">=", ">", "=="}:
            close.append((test.entity, lowering.whole(test) + (test.op == ">"), test.window))
        if test.feature == "total" and test.op in {">=", ">", "=="}:
            over_all.append(f"{total} {test.op.replace('==', '>=')} {lowering.whole(test)}")
        if test.feature == "share" and test.op == ">=" and test.fraction > 0:
            over_all.append(f"bool_or({meant(test)})")
    if one.repeated and any(test.entity == "account" for test in one.tests):  # pairs are left out one by one
        close.append(("account", one.repeated.times, one.repeated.window))
    close = [entry for entry in close if entry[1] > 1]
    return Hope(tuple(over_all), tuple(close)) if over_all or close else None


def candidates(source: str, keys: str, hopes: Sequence[Hope]) -> str:
    """SQL of the subjects (or pairs, as `keys` says) in a relation for whom at least one indicator can hold."""
    steps = list(dict.fromkeys(entry for one in hopes for entry in one.close))
    lags = "".join(
        f", t - lag(t, {least - 1}) OVER (PARTITION BY {'a' if entity == 'account' else 'a, other'} ORDER BY t)"
        f" <= {window} AS e{number}"
        for number, (entity, least, window) in enumerate(steps)
    )
    wanted = " OR ".join(
        "(" + " AND ".join([*one.over_all, *(f"bool_or(e{steps.index(entry)})" for entry in one.close)]) + ")"
        for one in hopes
    )
    return f"SELECT {keys} FROM (SELECT *{lags} FROM {source}) GROUP BY {keys} HAVING {wanted}"
