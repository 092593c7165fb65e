"""Episodes and values of hits as DuckDB says them are those of the plain Python."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung_redflags import results
from lindung_redflags.alerts import TOGETHER, episodes
from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.counterfactual import shown
from lindung_redflags.engines import found
from lindung_redflags.reference import Hit

_KINDS = [
    ("payee", "primary", "flow", 20), ("payee", "supporting", "flow", 25), ("payee", "supporting", "time", 15),
    ("payer", "supporting", "time", 40), ("possible_victim", "primary", "flow", 30), ("payer", "primary", "flow", 10),
    ("possible_victim", "primary", "time", 5), ("possible_victim", "supporting", "amount", 35),
]  # fmt: skip
CATALOGUE = Catalogue(
    {
        f"X{n}": Indicator(id=f"X{n}", subject=subject, kind=kind, group=group, weight=weight)
        for n, (subject, kind, group, weight) in enumerate(_KINDS)
    }
)
_STEP = st.sampled_from([0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 3 * TOGETHER])
_VALUE = st.fractions(min_value=-15, max_value=10**20, max_denominator=60)
ONE = st.tuples(st.integers(0, 2), st.sampled_from(sorted(CATALOGUE.indicators)), _STEP, st.lists(_VALUE, max_size=3))


def hits_of(drawn: list[tuple[int, str, int, list[Fraction]]]) -> list[Hit]:
    made, at = [], 1_750_000_000
    for n, (a, indicator, step, values) in enumerate(drawn):
        at += step
        made.append(Hit(a, indicator, at, n, tuple(values)))
    return sorted(made)


@settings(max_examples=150, deadline=None)
@given(st.lists(ONE, max_size=30).map(hits_of), st.sampled_from([15, 30, 45, 60]))
def test_episodes_of_the_table_are_those_of_the_list(hits: list[Hit], threshold: int) -> None:
    with duckdb.connect() as connection:
        found.put(connection, hits)
        assert found.fetch(connection) == hits
        reaching = found.episodes(connection, CATALOGUE, threshold)
        table = connection.execute("SELECT a, class, first_ts, last_ts, score, reached FROM episode").fetchall()
    expected = episodes(hits, CATALOGUE, threshold)
    assert sorted(table) == sorted(
        (one.a, one.subject, one.first, one.last, one.score, one.raised is not None) for one in expected
    )
    raised = [one for one in expected if one.raised is not None]
    assert [one for one in episodes(reaching, CATALOGUE, threshold) if one.raised is not None] == raised


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_VALUE, max_size=3), min_size=1, max_size=10))
def test_values_of_hits_are_written_as_people_read_them(values: list[list[Fraction]]) -> None:
    hits = [Hit(n, "X0", n, n, tuple(some)) for n, some in enumerate(values)]
    with duckdb.connect() as connection:
        found.put(connection, hits)
        written = connection.execute(f"SELECT {results._OBSERVED} FROM hit h ORDER BY n").fetchall()
    assert [row[0] for row in written] == [results.json.dumps([shown(value) for value in some]) for some in values]


def test_a_value_that_cannot_be_told_is_written_as_nothing() -> None:
    with duckdb.connect() as connection:
        found.start(connection)
        connection.execute("INSERT INTO hit VALUES (0, 0, 'X0', 5, [NULL, 3, 6], [1, 0, 4])")
        written = connection.execute(f"SELECT {results._OBSERVED} FROM hit h").fetchall()
        hits = found.fetch(connection)
    assert written == [('["0", "0", "3/2"]',)]
    assert hits == [replace(Hit(0, "X0", 5, 0), observed=(Fraction(0), Fraction(0), Fraction(3, 2)))]
