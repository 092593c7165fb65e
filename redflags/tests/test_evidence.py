"""Together the hits of an episode name every payment that one of them rests on, each in its row only once."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from lindung_redflags.alerts import TOGETHER
from lindung_redflags.catalogue.model import Catalogue, Indicator, Test
from lindung_redflags.engines import duck, evidence
from lindung_redflags.reference import Book, Hit, counted, hits_of, other_of
from lindung_redflags.rows import Account, Payment
from tests.books import GRIDS, LISTS, books, indicators, tables


def rests_on(book: Book, one: Indicator, hit: Hit) -> tuple[int, frozenset[str]]:
    """The other side where only that is looked at, and the payments in the longest window before the hit."""
    mine = counted(book, one, book.accounts[hit.a])
    at = next(x for x in mine if x.n == hit.n)
    rows = [x for x in mine if at.t - evidence.reach(one) <= x.t <= at.t]
    if not evidence.pairs_only(one):
        return -1, frozenset(x.tx_id for x in rows)
    other = other_of(at, one.at)
    return other, frozenset(x.tx_id for x in rows if other_of(x, one.at) == other)


@settings(max_examples=120, deadline=None)
@given(books(), indicators(), st.sampled_from([2, 10, duck.HOT]))
def test_hits_of_a_row_name_together_what_each_of_them_rests_on(
    rows: tuple[list[Account], list[Payment]], one: Indicator, hot: int
) -> None:
    accounts, payments = rows
    connection = tables(accounts, payments)
    found = duck.hits(connection, Catalogue({"X": one}, LISTS), GRIDS, hot=hot)
    named = {(a, n): ids for a, n, ids in connection.execute("SELECT a, n, tx_ids FROM evidence").fetchall()}
    book = Book({x.a: x for x in accounts}, payments, GRIDS, LISTS)
    assert found == sorted(hit for subject in book.subjects() for hit in hits_of(book, one, subject))
    assert set(named) == {(hit.a, hit.n) for hit in found}
    assert len(named) == connection.execute("SELECT count(*) FROM evidence").fetchall()[0][0]
    rows_of: dict[tuple[int, int], list[list[Hit]]] = defaultdict(list)
    for hit in sorted(found, key=lambda hit: (hit.at, hit.n)):
        mine = rows_of[hit.a, rests_on(book, one, hit)[0]]
        if mine and hit.at - mine[-1][-1].at <= TOGETHER:
            mine[-1].append(hit)
        else:
            mine.append([hit])
    for mine in rows_of.values():
        for row in mine:
            whole = frozenset[str]().union(*(rests_on(book, one, hit)[1] for hit in row))
            told = [name for hit in row for name in named[hit.a, hit.n]]
            assert sorted(told) == sorted(whole)
            assert all(set(named[hit.a, hit.n]) <= rests_on(book, one, hit)[1] for hit in row)


def test_a_busy_account_names_each_payment_once() -> None:
    accounts = [Account(a=0, account_id="a0", h=0, holder_id="h0", kind="person")] + [
        Account(a=a, account_id=f"a{a}", h=a, holder_id=f"h{a}", kind="person") for a in range(1, 60)
    ]
    payments = [
        Payment(
            n=n, tx_id=f"t{n}", t=1_750_000_000 + n * 60, amount=10**9, cur="IDR", idr=100_000,
            p=1 + n % 59, q=0, ph=1 + n % 59, qh=0,
        ) for n in range(3_000)
    ]  # fmt: skip
    one = Indicator(
        id="X", subject="payee", kind="primary", group="fan-in", weight=30, at="in",
        tests=(Test(feature="parties", entity="account", window=7 * 86400, op=">=", value=5),),
    )  # fmt: skip
    connection = tables(accounts, payments)
    assert len(duck.hits(connection, Catalogue({"X": one}, LISTS), GRIDS, hot=500)) == len(payments) - 4
    names = connection.execute("SELECT unnest(tx_ids) FROM evidence").fetchall()
    assert sorted(names) == sorted((x.tx_id,) for x in payments)
