"""What both engines say in the same words: when an indicator holds."""

from __future__ import annotations

from collections.abc import Mapping

from lindung_redflags.catalogue.model import Indicator, Test
from lindung_redflags.engines.conditions_sql import Dialect


def speaks_of(one: Indicator, name: str) -> bool:
    """Whether a condition of this name stands anywhere in the indicator."""
    return any(conditions.speaks_of(name) for conditions in (one.payments, *(test.of for test in one.tests)))


def whole(test: Test) -> int:
    """The value of a test that is compared with a whole number."""
    assert isinstance(test.value, int)
    return test.value


def rising(test: Test, dialect: Dialect) -> str:
    """Concordances less discordances of the last six values; NULL while there are not so many in the window."""
    row = f"OVER r_{test.entity}"

    def at(name: str, steps: int) -> str:
        return f"lag({name}, {steps}) {row}" if steps else name

    name, first = ("idr", 5) if test.feature == "rising_amounts" else (f"-gap_{test.entity}", 6)
    steps = [f"({at(name, j)} - {at(name, i)})" for i in range(5, 0, -1) for j in range(i - 1, -1, -1)]
    pairs = " + ".join(dialect.sign.format(step) for step in steps)
    return f"CASE WHEN t - lag(t, {first}) {row} <= {test.window} THEN CAST({pairs} AS BIGINT) END"


def held(one: Indicator, names: Mapping[Test, tuple[str, str]], last: int, dialect: Dialect) -> str:
    """Whether the indicator holds, as one expression that is never NULL."""
    each = (
        " OR ".join(f"coalesce({_compare(test, *names[test], dialect)}, false)" for test in clause)
        for clause in one.clauses
    )
    together = "(" + " AND ".join(f"({clause})" for clause in each) + ")"
    if one.then_silent:
        until = f"t + {one.then_silent}"
        together += f" AND coalesce(pair_after > {until}, true) AND {until} <= {last}"
    return f"({together})"


def _compare(test: Test, over: str, under: str, dialect: Dialect) -> str:
    if test.feature.startswith("median_"):
        return f"2 * {over} >= {under}"
    value = test.fraction
    op = "=" if test.op == "==" else test.op
    if test.feature not in {"share", "passed_on"} and value.denominator == 1:
        return f"{over} {op} {value.numerator}"  # the denominator is 1
    wide = dialect.wide
    return f"CAST({over} AS {wide}) * {value.denominator} {op} CAST({under} AS {wide}) * {value.numerator}"
