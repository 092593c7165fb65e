"""Conditions of an indicator as SQL over one leg of a payment.

Aliases: `x` a row of the table `leg`, `s` the account of the subject, `o` the account on the other side. An expression
is true or not true (NULL counts as not true); nothing unknown satisfies it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lindung_redflags.catalogue.model import Conditions
from lindung_redflags.rows import MINOR_KINDS

NIGHT = "(x.t + s.offset_s) % 86400 >= 79200 OR (x.t + s.offset_s) % 86400 < 18000"


SAID = "(' ' || trim(regexp_replace(lower(x.remark), '[^\\p{L}\\p{N}]+', ' ', 'g')) || ' ')"
"""The words of a remark with one space around each, on DuckDB."""


@dataclass(frozen=True)
class Dialect:
    """Where engines say the same thing differently. `wide`: whole numbers of 38 digits; `said`: see SAID."""

    wide: str = "HUGEINT"
    sign: str = "sign({0})"
    divide: str = "//"
    said: str = SAID
    backslash: str = "\\"
    """How a backslash is written within a string."""

    def text(self, value: object) -> str:
        """A string as SQL."""
        return "'" + str(value).replace("\\", self.backslash).replace("'", "''") + "'"

    def listed(self, values: Sequence[Any]) -> str:
        """A list for IN; an empty one holds nothing."""
        return "(" + ", ".join(self.text(value) for value in values) + ")" if values else "(NULL)"

    def age(self, who: str) -> str:
        """Whole years of `s` or `o` at x.t by the local date, NULL when unknown."""
        born = f"(DATE '1970-01-01' + CAST({who}.birth AS INTEGER))"
        day = f"(DATE '1970-01-01' + CAST((x.t + coalesce({who}.offset_s, 0)) {self.divide} 86400 AS INTEGER))"
        early = f"CAST(month({day}) * 100 + day({day}) < month({born}) * 100 + day({born}) AS INTEGER)"
        years = f"year({day}) - year({born}) - {early}"
        return f"CASE WHEN {who}.birth IS NOT NULL AND {years} >= 0 THEN {years} END"


DUCKDB = Dialect()
text, listed = DUCKDB.text, DUCKDB.listed
SPARK = Dialect(
    wide="DECIMAL(38, 0)",
    sign="(CAST({0} > 0 AS INTEGER) - CAST({0} < 0 AS INTEGER))",
    divide="div",
    said="x.said",
    backslash="\\\\",
)


class Writer:
    """Writes conditions. `grids`: by currency, in ten-thousandths; `lists`: words by the name of their list."""

    def __init__(self, grids: Mapping[str, int], lists: Mapping[str, Sequence[str]], dialect: Dialect = DUCKDB) -> None:
        self.grids, self.lists, self.dialect = grids, lists, dialect

    def all_of(self, wanted: Conditions) -> str:
        """Every condition, with what holds for payments between accounts of one holder."""
        own = "x.own" if wanted.get("own", False) else "NOT x.own"
        return " AND ".join([own, *self._each(wanted)])

    def these(self, wanted: Conditions) -> str:
        """Only the conditions that stand there: for `of`."""
        return " AND ".join(self._each(wanted)) or "true"

    def _each(self, wanted: Conditions) -> list[str]:
        return [f"coalesce({self._one(name, value)}, false)" for name, value in wanted if name != "own"]

    def _one(self, name: str, value: Any) -> str:
        listed, age = self.dialect.listed, self.dialect.age
        yes: dict[str, Callable[[], str]] = {
            "foreign": lambda: "x.pc <> x.qc",
            "new_pair": lambda: "x.new_pair",
            "round": self._round,
            "night": lambda: f"({NIGHT})",
            "subject_minor": lambda: (
                f"CASE WHEN s.birth IS NULL THEN s.kind IN {listed(MINOR_KINDS)} ELSE {age('s')} < 18 END"
            ),
        }
        if name in yes:
            held = f"coalesce({yes[name]()}, false)"
            return held if value else f"NOT {held}"
        if name == "any_of":
            return "(" + " OR ".join(f"({self.these(some)})" for some in value) + ")"
        plain = {
            "idr_from": lambda: f"x.idr >= {int(value)}",
            "idr_to": lambda: f"x.idr <= {int(value)}",
            "channels": lambda: f"x.channel IN {listed(value)}",
            "other_country": lambda: f"x.other_country IN {listed(value)}",
            "own_country": lambda: f"x.own_country IN {listed(value)}",
            "other_kinds": lambda: f"o.kind IN {listed(value)}",
            "merchant_categories": lambda: f"x.mcc IN {listed(value)}",
            "other_age_to": lambda: f"{age('o')} <= {int(value)}",
            "other_age_from": lambda: f"{age('o')} >= {int(value)}",
            "subject_age_to": lambda: f"{age('s')} <= {int(value)}",
            "opened_within": lambda: f"x.t - s.opened BETWEEN 0 AND {int(value)}",
            "after_quiet": lambda: f"x.t - x.before >= {int(value)}",
            "shared_device": lambda: f"x.on_device >= {int(value)}",
            "words": lambda: self._words(str(value)),
            "drained_to": lambda: self._drained(Fraction(value)),
        }
        return plain[name]()

    def _round(self) -> str:
        cases = " ".join(
            f"WHEN {self.dialect.text(cur)} THEN x.amount % {grid} = 0" for cur, grid in sorted(self.grids.items())
        )
        return f"CASE x.cur {cases} ELSE false END" if cases else "false"

    def _words(self, name: str) -> str:
        said, text = self.dialect.said, self.dialect.text
        found = " OR ".join(f"contains({said}, {text(f' {word.lower()} ')})" for word in self.lists[name])
        return f"({found})" if found else "false"

    def _drained(self, share: Fraction) -> str:
        under, over, wide = share.denominator, share.numerator, self.dialect.wide
        return f"CAST(x.balance AS {wide}) * {under} <= CAST(x.balance + x.amount AS {wide}) * {over}"
