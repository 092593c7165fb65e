"""DuckDB finds what the plain reference finds, whatever the payments and whatever the indicator."""

from __future__ import annotations

from dataclasses import replace

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung_redflags.catalogue.model import Catalogue, Indicator, Repeated, Test
from lindung_redflags.engines import duck
from lindung_redflags.reference import Book, Hit, hits
from lindung_redflags.rows import Account, Payment
from tests.books import DAY, GRIDS, LISTS, START, books, indicators, tables

Rows = tuple[list[Account], list[Payment]]


def plain(rows: Rows, catalogue: Catalogue) -> list[Hit]:
    accounts, payments = rows
    return hits(Book({one.a: one for one in accounts}, payments, GRIDS, LISTS), catalogue)


def both(rows: Rows, some: list[Indicator], prune: bool = True, hot: int = duck.HOT) -> tuple[list[Hit], list[Hit]]:
    catalogue = Catalogue({f"X{n}": replace(one, id=f"X{n}") for n, one in enumerate(some)}, LISTS)
    return duck.hits(tables(*rows), catalogue, GRIDS, prune=prune, hot=hot), plain(rows, catalogue)


@settings(max_examples=250, deadline=None)
@given(books(), st.lists(indicators(), min_size=1, max_size=3), st.booleans(), st.sampled_from([0, 3, duck.HOT]))
def test_the_engine_agrees_with_the_reference(rows: Rows, some: list[Indicator], prune: bool, hot: int) -> None:
    found, expected = both(rows, some, prune, hot)  # `hot` at 0 or 3: subjects are cut into parts of time
    assert found == expected


@settings(max_examples=100, deadline=None)
@given(books(), indicators(), st.integers(0, 40))
def test_what_is_known_at_a_second_does_not_change_when_later_payments_come(
    rows: Rows, one: Indicator, cut: int
) -> None:
    accounts, payments = rows
    one = replace(one, then_silent=0)
    early = payments[:cut]
    until = early[-1].t if early else 0
    early = [x for x in payments if x.t <= until]
    found, expected = both((accounts, payments), [one]), both((accounts, early), [one])
    assert [hit for hit in found[0] if hit.at <= until] == expected[0]


@settings(max_examples=60, deadline=None)
@given(books(), indicators(), st.randoms())
def test_the_order_of_the_rows_in_the_table_does_not_matter(rows: Rows, one: Indicator, chance: object) -> None:
    accounts, payments = rows
    shuffled = list(payments)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert both((accounts, shuffled), [one])[0] == both((accounts, payments), [one])[0]


def test_a_pair_that_repeats_nothing_itself_counts_for_what_the_account_repeats() -> None:
    """One payment of each of two pairs: neither pair reaches the second moment, the account does."""
    test = Test("payments", "pair", DAY, ">=", 1)
    one = Indicator("X", "payer", "primary", "flow", 10, at="out", tests=(test,), repeated=Repeated(2, 30 * DAY, DAY))
    accounts = [Account(a, f"a{a}", a, f"h{a}", kind="person") for a in range(3)]
    payments = [Payment(n, f"t{n}", START + n * 10 * DAY, 1, "IDR", 1, 0, n + 1, 0, n + 1) for n in range(2)]
    for prune in (True, False):
        found, expected = both((accounts, payments), [one], prune)
        assert found == expected
        assert [hit.n for hit in found] == [1]


def test_nothing_comes_of_nothing() -> None:
    connection: duckdb.DuckDBPyConnection = tables([], [])
    from lindung_redflags.catalogue import load

    assert duck.hits(connection, load(), GRIDS) == []
