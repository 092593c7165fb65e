"""A pass over payments as one running sum: the SQL of it, for an engine without cheap sliding frames.

Each payment enters a window at t and leaves it at t + window + 1. A number over [t - window, t] is then the sum of all
that entered and left until t, and a running sum never looks back. A different party, country, amount or channel enters
with its first payment after none for a window, and leaves with the last one before none for a window. All events of a
subject lie in one partition by `a`, in which pairs are sorted apart, so that nothing is shuffled a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lindung_redflags.catalogue.model import Test
from lindung_redflags.engines import lowering
from lindung_redflags.engines.conditions_sql import Dialect

_KEYS = {"parties": "other", "countries": "other_country", "amounts": "cur, amount", "channels": "channel"}
"""What a feature counts the different ones of."""

_PARTITIONS = {
    "account": "a",
    "pair": "a, other",
    "try": "a, other_a, cur, amount",
    "account same": "a, cur, amount",
    "pair same": "a, other, cur, amount",
}
"""`try`: payments of one amount between two accounts, for those that were declined; `same`: of one amount."""

_WHOLE = "BIGINT"


@dataclass(frozen=True)
class Measure:
    """What is summed. `rows`: which rows bring it; `enters` at t, `leaves` at t + window + 1: SQL over such a row."""

    rows: str
    entity: str
    window: int
    enters: str
    leaves: str
    kind: str = _WHOLE


@dataclass
class Sweep:
    """The pass for some tests.

    `flags`: the tests of shares, whose conditions are the columns `f0`, `f1` ... of `counted`; `last`: the second after
    which nothing is asked; `money`: a type that holds the sum of all payments in rupiah.
    """

    dialect: Dialect
    tests: Sequence[Test]
    flags: Sequence[Test]
    last: int
    money: str
    columns: dict[Test, tuple[str, str]] = field(default_factory=dict)
    """Numerator and denominator of each test, over the names of measures."""
    measures: dict[Measure, str] = field(default_factory=dict)
    _neighbours: dict[str, None] = field(default_factory=dict)
    _rising: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for test in self.tests:
            self.columns[test] = self._columns(test)

    def speaks_of(self, rows: str) -> bool:
        """Whether something that `move` or `declined` rows bring is summed."""
        return any(one.rows == rows for one in self.measures)

    def _measure(self, *given: str | int, rows: str = "counted", kind: str = _WHOLE) -> str:
        entity, window, enters, *leaves = given
        one = Measure(rows, str(entity), int(window), str(enters), str(leaves[0] if leaves else enters), kind)
        return self.measures.setdefault(one, f"m{len(self.measures)}")

    def _columns(self, test: Test) -> tuple[str, str]:
        here = (test.entity, test.window)
        if test.feature == "payments":
            return self._measure(*here, "1"), "1"
        if test.feature == "same_amount":
            return self._measure(f"{test.entity} same", test.window, "1"), "1"
        if test.feature == "total":
            return self._measure(*here, "idr", kind=self.money), "1"
        if test.feature in _KEYS:
            return self._different(test), "1"
        if test.feature == "share":
            return self._measure(*here, f"CAST(f{self.flags.index(test)} AS INTEGER)"), self._measure(*here, "1")
        if test.feature == "median_amount":
            beyond = f"CAST(idr {test.op} {lowering.whole(test)} AS INTEGER)"
            return self._measure(*here, beyond), self._measure(*here, "1")
        if test.feature == "median_gap":
            gap = f"gap_{test.entity}"
            beyond = f"CAST(coalesce({gap} {test.op} {lowering.whole(test)}, false) AS INTEGER)"
            known = self._measure(*here, f"CAST({gap} IS NOT NULL AS INTEGER)")
            return self._measure(*here, beyond), f"nullif({known}, 0)"
        if test.feature.startswith("rising_"):
            return self._rising.setdefault(lowering.rising(test, self.dialect), f"rising{len(self._rising)}"), "1"
        if test.feature == "passed_on":
            came = self._measure("account", test.window, "came", rows="move", kind=self.money)
            gone = self._measure("account", test.within, "gone", rows="move", kind=self.money)
            return gone, f"nullif({came}, 0)"
        if test.feature == "declined":
            return self._measure("try", test.window, "1", rows="declined"), "1"
        raise AssertionError(test.feature)

    def _different(self, test: Test) -> str:
        """Enters with the first of its kind, leaves with the last."""
        keys, name = _KEYS[test.feature], f"{test.feature}_{test.entity}"
        window = f"(PARTITION BY {_PARTITIONS[test.entity]}, {keys} ORDER BY t, n)"
        self._neighbours[f"lag(t) OVER {window} AS {name}_before, lead(t) OVER {window} AS {name}_after"] = None
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys.split(", "))

        def none(near: str, gap: str) -> str:
            return f"CAST({known} AND coalesce({gap} > {test.window}, true) AS INTEGER)"

        return self._measure(
            test.entity,
            test.window,
            none(f"{name}_before", f"t - {name}_before"),
            none(f"{name}_after", f"{name}_after - t"),
        )

    def query(self, names: Mapping[Test, tuple[str, str]]) -> str:
        """A row for each payment of `counted`, with what it had and the features under their `names`.

        Reads the views `counted`, and where they are spoken of `moves(a, t, came, gone)` and
        `refused(a, other_a, cur, amount, t)`.
        """
        keys = {key for one in self.measures for key in _PARTITIONS[one.entity].split(", ")}
        tries = [key for key in ("other_a", "cur", "amount") if key in keys]
        carried = ["a", "n", "t", "other", "pair_after", *tries, *self._rising.values()]
        values = {"a": "a"}
        tried = {name: name for name in ("a", "other_a", "cur", "amount")}
        parts = [self._events("counted", "base", carried, {name: name for name in carried}, 0)]
        if self.speaks_of("move"):
            parts.append(self._events("move", "moves", carried, values, 1))
        if self.speaks_of("declined"):
            parts.append(self._events("declined", "refused", carried, tried, 1))
        sums = ", ".join(f"{self._running(one, name)} AS {name}" for one, name in self.measures.items())
        features = ", ".join(
            f"{over} AS {names[test][0]}, {under} AS {names[test][1]}" for test, (over, under) in self.columns.items()
        )
        rising = "".join(f", {sql} AS {name}" for sql, name in self._rising.items())
        near = "".join(f", {sql}" for sql in self._neighbours)
        return f"""
            WITH gaps AS (
                SELECT *, t - lag(t) OVER (PARTITION BY a ORDER BY t, n) AS gap_account,
                    t - lag(t) OVER (PARTITION BY a, other ORDER BY t, n) AS gap_pair
                FROM counted
            ), base AS (
                SELECT *{near}{rising} FROM gaps
                WINDOW r_account AS (PARTITION BY a ORDER BY t, n), r_pair AS (PARTITION BY a, other ORDER BY t, n)
            ), events AS ({" UNION ALL ".join(parts)}
            ), summed AS (SELECT {", ".join(carried)}, step{", " if sums else ""}{sums} FROM events
                WHERE moment <= {self.last})
            SELECT a, n, t, other, pair_after, {features} FROM summed WHERE step = 0
        """

    def _events(self, rows: str, table: str, carried: Iterable[str], values: Mapping[str, str], first: int) -> str:
        """Rows of a table as events: `step` 0 at t, further steps when they leave a window; `first` 1: none is kept."""
        windows = sorted({one.window for one in self.measures if one.rows == rows})
        step = {window: number for number, window in enumerate(windows, start=1)}
        moment = "".join(f" WHEN {number} THEN t + {window + 1}" for window, number in step.items())
        summed = "".join(
            f", CAST(CASE e.k WHEN 0 THEN {one.enters} WHEN {step[one.window]} THEN -({one.leaves}) ELSE 0 END"
            f" AS {one.kind}) AS {name}"
            if one.rows == rows
            else f", CAST(0 AS {one.kind}) AS {name}"
            for one, name in self.measures.items()
        )
        shown = ", ".join(f"{values.get(name, 'NULL')} AS {name}" for name in carried)
        return f"""
            SELECT {shown}, e.k + {first} AS step, CASE e.k WHEN 0 THEN t{moment} END AS moment{summed}
            FROM {table} LATERAL VIEW explode(sequence(0, {len(windows)})) e AS k
        """

    @staticmethod
    def _running(one: Measure, name: str) -> str:
        return (
            f"sum({name}) OVER (PARTITION BY {_PARTITIONS[one.entity]} ORDER BY moment"
            " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )
