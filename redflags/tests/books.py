"""Small random books of payments and random indicators, and how a book becomes the tables of an engine."""

from __future__ import annotations

from dataclasses import astuple, fields
from fractions import Fraction
from typing import Any

import duckdb
from hypothesis import strategies as st

from lindung_redflags.catalogue.model import Conditions, Indicator, Repeated, Test
from lindung_redflags.rows import Account, Payment

HOUR, DAY = 3600, 86400
GRIDS = {"IDR": 50_000 * 10_000, "USD": 5 * 10_000}
LISTS = {"words": ("hadiah", "uang jajan")}
START = 1_750_000_000

_TYPES = {"int": "BIGINT", "str": "VARCHAR", "bool": "BOOLEAN"}


def tables(accounts: list[Account], payments: list[Payment]) -> duckdb.DuckDBPyConnection:
    """The tables `acc` and `tx` of a book, in memory."""
    connection = duckdb.connect()
    for name, kind, rows in (("acc", Account, accounts), ("tx", Payment, payments)):
        columns = ", ".join(f"{f.name} {_TYPES[str(f.type).split(' ')[0]]}" for f in fields(kind))
        connection.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" for _ in fields(kind))
        if rows:
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", [astuple(row) for row in rows])
    return connection


@st.composite
def books(draw: st.DrawFn, most: int = 60) -> tuple[list[Account], list[Payment]]:
    """Up to six accounts of up to four holders; payments close in time, with ties, own transfers and one hot payee."""
    holders = draw(st.lists(st.integers(0, 3), min_size=2, max_size=6))
    kinds = st.sampled_from([None, "person", "person", "minor", "student", "merchant", "school", "agent"])
    accounts = [
        Account(
            a=a,
            account_id=f"a{a}",
            h=h,
            holder_id=f"h{h}",
            kind=draw(kinds),
            birth=draw(st.one_of(st.none(), st.integers(3000, 15000))),
            opened=draw(st.one_of(st.none(), st.integers(START - 40 * DAY, START + 10 * DAY))),
            offset_s=draw(st.sampled_from([None, 25200, 28800, 32400])),
            country=draw(st.sampled_from([None, "ID", "AU"])),
            customer=draw(st.sampled_from([True] * 6 + [False])),
            listed=draw(st.sampled_from([True] * 6 + [False])),
        )
        for a, h in enumerate(holders)
    ]
    hot = draw(st.integers(0, len(accounts) - 1))
    account = st.integers(0, len(accounts) - 1)
    steps = st.sampled_from([0, 0, 1, 59, HOUR, 6 * HOUR, DAY, DAY + 1, 7 * DAY, 30 * DAY, 91 * DAY])
    country, text = (
        st.sampled_from([None, "ID", "AU", "US"]),
        st.sampled_from([None, "", "Hadiah!", "uang  jajan", "kos", "xhadiah"]),
    )
    t, found = START, []
    for n in range(draw(st.sampled_from([0, 1, 5, most // 2, most]))):
        t += draw(steps)
        p, q = draw(account), draw(st.one_of(st.just(hot), account))
        if p == q:
            continue
        found.append(
            Payment(
                n=n,
                tx_id=f"t{n}",
                t=t,
                amount=draw(st.sampled_from([50_000, 100_000, 99_000, 5])) * 10_000,
                cur=draw(st.sampled_from(["IDR", "IDR", "USD", "EUR"])),
                idr=draw(st.sampled_from([1, 50_000, 100_000, 2_000_000])),
                p=p,
                q=q,
                ph=accounts[p].h,
                qh=accounts[q].h,
                pc=draw(country),
                qc=draw(country),
                channel=draw(st.sampled_from([None, "bank", "ewallet", "gift"])),
                status=draw(st.sampled_from(["completed"] * 5 + ["declined", "reversed"])),
                remark=draw(text),
                device=draw(st.sampled_from([None, "d1", "d2"])),
                mcc=draw(st.sampled_from([None, "5816", "4722"])),
                balance=draw(st.sampled_from([None, 0, 10_000 * 10_000])),
            )
        )
    return accounts, found


def _conditions(subject: str, at: str) -> st.SearchStrategy[Conditions]:
    yes = st.booleans()
    possible: dict[str, st.SearchStrategy[Any]] = {
        "own": yes,
        "foreign": yes,
        "new_pair": yes,
        "round": yes,
        "night": yes,
        "idr_from": st.sampled_from([2, 100_000]),
        "idr_to": st.sampled_from([1, 100_000]),
        "channels": st.sampled_from([("bank",), ("gift", "ewallet"), ()]),
        "other_country": st.just(("AU", "US")),
        "own_country": st.just(("ID", "AU")),
        "other_age_to": st.integers(15, 30),
        "other_age_from": st.integers(15, 30),
        "other_kinds": st.just(("person", "agent")),
        "opened_within": st.just(20 * DAY),
        "after_quiet": st.sampled_from([DAY, 90 * DAY]),
        "words": st.just("words"),
        "merchant_categories": st.just(("5816",)),
        "shared_device": st.integers(1, 3),
        "drained_to": st.just(Fraction(1, 5)),
    }
    if subject == "possible_victim":
        possible |= {"subject_minor": yes, "subject_age_to": st.integers(15, 30)}
    plain = st.one_of(st.just([]), st.lists(st.sampled_from(sorted(possible)), max_size=2, unique=True)).flatmap(
        lambda some: st.fixed_dictionaries({name: possible[name] for name in some})
    )
    inner = st.lists(st.sampled_from(sorted(set(possible) - {"own"})), min_size=1, max_size=2, unique=True).flatmap(
        lambda some: st.fixed_dictionaries({name: possible[name] for name in some})
    )
    either = st.lists(inner.map(Conditions.of), min_size=1, max_size=2).map(lambda some: {"any_of": tuple(some)})
    return st.one_of(plain, plain, st.builds(lambda a, b: a | b, plain, either)).map(Conditions.of)


_GROUPS: dict[int, list[tuple[tuple[int, ...], ...]]] = {
    1: [((0,),)],
    2: [((0, 1),)],
    3: [((0, 1),), ((1, 2),), ((0, 1, 2),)],
}
"""By the number of tests: which of them might be alternatives."""


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    """Any indicator that the schema lets somebody write, over short windows and small numbers."""
    subject, at = draw(st.sampled_from(["payer", "payee", "possible_victim"])), draw(st.sampled_from(["in", "out"]))
    windows, entities = st.sampled_from([60, HOUR, DAY, 7 * DAY, 90 * DAY]), st.sampled_from(["account", "pair"])
    small, share = st.integers(0, 4), st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(1, 3), 0, 1])
    tests = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(
            st.sampled_from(
                [
                    "payments",
                    "total",
                    "parties",
                    "countries",
                    "amounts",
                    "same_amount",
                    "channels",
                    "share",
                    "median_amount",
                    "median_gap",
                    "rising_amounts",
                    "rising_pace",
                    "passed_on",
                    "declined",
                ]
            )
        )
        entity, value, of, within = draw(entities), draw(small), Conditions(), 0
        op = draw(st.sampled_from([">=", ">=", ">=", "<=", ">", "<", "=="]))
        if name in {"parties", "countries", "passed_on"}:
            entity = "account"
        if name == "declined":
            entity = "pair"
        if name in {"total", "median_amount"}:
            value = draw(st.sampled_from([1, 50_000, 100_001, 2_000_000]))
        if name == "median_gap":
            value = draw(st.sampled_from([0, HOUR, DAY]))
        if name in {"share", "passed_on"}:
            value = draw(share)
        if name in {"share", "median_amount", "median_gap"}:
            op = draw(st.sampled_from([">=", "<="]))
        if name == "passed_on":
            op, within = draw(st.sampled_from([">=", "<="])), draw(windows)
        if name == "share":
            of = draw(_conditions(subject, at).filter(lambda c: bool(c) and "own" not in dict(c.wanted)))
        if name.startswith("rising_"):
            value = draw(st.integers(-15, 15))
        tests.append(Test(feature=name, entity=entity, window=draw(windows), op=op, value=value, of=of, within=within))
    repeated = draw(
        st.one_of(
            st.none(),
            st.none(),
            st.builds(Repeated, st.integers(1, 3), st.sampled_from([DAY, 30 * DAY]), st.sampled_from([60, DAY])),
        )
    )
    return Indicator(
        id="X",
        subject=subject,
        kind="primary",
        group="flow",
        weight=10,
        at=at,
        payments=draw(_conditions(subject, at)),
        tests=tuple(tests),
        either=draw(st.sampled_from([(), (), *_GROUPS[len(tests)]])),
        repeated=repeated,
        then_silent=draw(st.sampled_from([0, 0, 0, HOUR, 14 * DAY])),
    )
