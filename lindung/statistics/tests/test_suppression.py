"""No hidden number can be reckoned: adversaries with all tables and all sums try it on tables of every kind."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.statistics.suppression import Hidden, Table, of_month, of_year, pinned, small, total_is_safe

from .adversary import Published, is_pinned, tables_that_fit

FIVE, THREE = 5, 3


def month_tables(highest: int = 12, most: int = 6) -> st.SearchStrategy[dict[str, int]]:
    return st.lists(st.integers(0, highest), min_size=2, max_size=most).map(
        lambda numbers: {chr(97 + n): number for n, number in enumerate(numbers)}
    )


# --- one month ------------------------------------------------------------------------------------------------------


@given(values=month_tables())
@settings(max_examples=300, deadline=None)
def test_in_a_month_every_hidden_number_could_be_anything_from_one_to_five(values: dict[str, int]) -> None:
    total = sum(values.values())
    if total < FIVE:
        return
    hidden = of_month(values, FIVE, additive=True)
    assert all(hidden.hides(value) for value, number in values.items() if small(number, FIVE))
    kept = [value for value in values if hidden.hides(value)]
    left = total - sum(number for value, number in values.items() if value not in kept)
    low = 0 if hidden.all else 1
    for value in kept:
        possible = [n for n in range(low, left + 1) if left - n >= low * (len(kept) - 1)]
        assert {1, FIVE} <= set(possible), (value, possible)
        assert values[value] in possible


@given(values=month_tables(most=4))
@settings(max_examples=200, deadline=None)
def test_in_a_month_not_even_somebody_who_is_told_which_are_small_is_sure(values: dict[str, int]) -> None:
    if sum(values.values()) < FIVE:
        return
    hidden = of_month(values, FIVE, additive=True)
    if hidden.all:
        return
    kept = sorted(hidden.values)
    left = sum(values[value] for value in kept)
    ranges = [range(1, FIVE) if small(values[v], FIVE) else range(FIVE, left + 1) for v in kept]
    worlds = [world for world in itertools.product(*ranges) if sum(world) == left]
    for place, value in enumerate(kept):
        assert len({world[place] for world in worlds}) > 1, value


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert of_month({"a": 7, "b": 0, "c": 12}, FIVE, additive=True) == Hidden()


def test_one_small_number_takes_the_next_in_the_list_with_it_whatever_its_size() -> None:
    assert of_month({"a": 90, "b": 3, "c": 60, "d": 8}, FIVE, additive=True).values == {"b", "c"}


def test_where_one_child_may_stand_under_several_a_small_number_is_hidden_alone() -> None:
    assert of_month({"a": 9, "b": 3, "c": 6}, FIVE, additive=False).values == {"b"}


def test_five_children_of_five_kinds_show_not_even_who_is_missing() -> None:
    """Each number hidden and none of them a zero: they could only be five times 1."""
    assert of_month({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 0}, FIVE, additive=True).all


# --- a year ---------------------------------------------------------------------------------------------------------


def release(rows: dict[str, list[int]], smallest: int, *, additive: bool = True, months: list[int] | None = None):
    """Protect one dimension as release.py does; None when the year shows nothing at all."""
    table = Table(rows, additive=additive)
    months = months or [sum(row[m] for row in rows.values()) for m in range(len(next(iter(rows.values()))))]
    hidden = [
        Hidden(frozenset(rows), all=True)
        if small(number, smallest)
        else of_month(table.month(m), smallest, additive=additive)
        for m, number in enumerate(months)
    ]
    if not total_is_safe(months, smallest):
        return None
    return Published(table, months, hidden, of_year(table, months, hidden, smallest), smallest)


def tables(values: int, months: int, highest: int) -> st.SearchStrategy[dict[str, list[int]]]:
    row = st.lists(st.integers(0, highest), min_size=months, max_size=months)
    return st.lists(row, min_size=2, max_size=values).map(lambda rows: {chr(97 + n): row for n, row in enumerate(rows)})


def try_everything(published: Published, others: tuple[Published, ...] = ()) -> None:
    for told in (False, True):
        published.told = told
        for v, m in published.cells():
            assert not is_pinned(published, (v, m), published.table.rows[v][m], others), (told, v, m, published)
        for v in {v for v, _m in published.cells() if published.kept.hides(v)}:
            assert not is_pinned(published, (v, -1), sum(published.table.rows[v]), others), (told, v, published)


@given(rows=tables(3, 3, 5))
@settings(max_examples=120, deadline=None)
def test_in_a_year_no_hidden_number_follows_from_the_sums_of_rows_and_columns(rows: dict[str, list[int]]) -> None:
    published = release(rows, THREE)
    if published is not None:
        try_everything(published)


@given(rows=tables(3, 3, 6), more=st.lists(st.integers(0, 4), min_size=3, max_size=3))
@settings(max_examples=80, deadline=None)
def test_nor_where_one_child_may_stand_under_several(rows: dict[str, list[int]], more: list[int]) -> None:
    months = [max(row[m] for row in rows.values()) + more[m] for m in range(3)]
    published = release(rows, THREE, additive=False, months=months)
    if published is not None:
        try_everything(published)


@st.composite
def people(draw: st.DrawFn) -> list[tuple[int, str, str, frozenset[str]]]:
    """Children with a month, a sex, an age and forms: the tables of one year are made of the same children."""
    child = st.tuples(
        st.integers(0, 2), st.sampled_from("fm"), st.sampled_from("pqr"), st.frozensets(st.sampled_from("xy"))
    )
    return draw(st.lists(child, min_size=3, max_size=16))


@given(children=people())
@settings(max_examples=100, deadline=None)
def test_tables_of_the_same_children_published_together_give_nothing_away(
    children: list[tuple[int, str, str, frozenset[str]]],
) -> None:
    """A world fits only if the months that one table needs fit all the other tables too."""
    months = [sum(1 for child in children if child[0] == m) for m in range(3)]
    if not total_is_safe(months, THREE):
        return
    by_sex = {v: [sum(1 for c in children if c[0] == m and c[1] == v) for m in range(3)] for v in "fm"}
    by_age = {v: [sum(1 for c in children if c[0] == m and c[2] == v) for m in range(3)] for v in "pqr"}
    by_form = {v: [sum(1 for c in children if c[0] == m and v in c[3]) for m in range(3)] for v in "xy"}
    sex, age = release(by_sex, THREE), release(by_age, THREE)
    form = release(by_form, THREE, additive=False, months=months)
    assert sex is not None
    assert age is not None
    assert form is not None
    for one, others in ((sex, (age, form)), (age, (sex, form)), (form, (sex, age))):
        try_everything(one, others)


@given(rows=tables(4, 4, 7))
@settings(max_examples=60, deadline=None)
def test_the_network_finds_what_a_plain_search_finds(rows: dict[str, list[int]]) -> None:
    """With everything shown that may be: the hidden numbers that are pinned are the same by both ways of looking."""
    table = Table(dict(itertools.islice(rows.items(), 3)))
    table = Table({v: row[:2] for v, row in table.rows.items()})
    months = [sum(row[m] for row in table.rows.values()) for m in range(2)]
    if any(small(number, THREE) for number in months):
        return
    hidden = [of_month(table.month(m), THREE, additive=True) for m in range(2)]
    published = Published(table, months, hidden, Hidden(), THREE)
    searched = set()
    for told in (False, True):
        published.told = told
        searched |= {cell for cell in published.cells() if is_pinned(published, cell, table.rows[cell[0]][cell[1]])}
    assert set(pinned(table, months, hidden, [], THREE)) == searched


def test_a_year_shows_what_its_months_had_to_hide() -> None:
    """Three a month are hidden twelve times; 36 in the year are shown, and could be spread in many ways."""
    rows = {"a": [20] * 12, "b": [3] * 12, "c": [2, 4] * 6}
    published = release(rows, FIVE)
    assert published is not None
    assert published.kept == Hidden()
    assert all(hidden.hides("b") for hidden in published.hidden)


def test_twelve_months_of_four_each_are_not_shown_as_forty_eight() -> None:
    """Somebody who knows that each is at most 4 would know all twelve; the other value is hidden with it."""
    published = release({"a": [4] * 12, "b": [4] * 12, "c": [30] * 12}, FIVE)
    assert published is not None
    try_told = pinned(published.table, published.months, published.hidden, published.kept.values, FIVE)
    assert try_told == []
    assert published.kept.values


@pytest.mark.parametrize(
    ("months", "safe"),
    [
        ([9, 8, 7], True),
        ([9, 3, 8], False),  # one small month is the rest of the year
        ([9, 3, 2], True),
        ([9, 1, 1], False),  # two that are at least 1 and make 2
        ([9, 4, 4], False),  # two that are at most 4 and make 8
        ([1, 2, 0], False),  # the year itself is small
        ([3, 2, 1], True),
        ([0, 0, 0], True),
    ],
)
def test_the_number_of_the_year_is_shown_unless_a_month_follows_from_it(months: list[int], safe: bool) -> None:
    assert total_is_safe(months, FIVE) is safe


def test_a_month_is_decided_by_itself_so_later_months_uncover_nothing() -> None:
    """The same month, whatever year it stands in, hides the same: an older file never shows what a newer one hides."""
    month = {"a": 3, "b": 9, "c": 0, "d": 14}
    first = of_month(month, FIVE, additive=True)
    assert all(of_month(month, FIVE, additive=True) == first for _ in range(3))
    assert first.values == {"a", "b"}


def test_the_search_knows_a_pinned_number_when_it_sees_one() -> None:
    """A control: without complementary hiding the search finds the number."""
    table = Table({"a": [3], "b": [9]})
    published = Published(table, [12], [Hidden(frozenset({"a"}))], Hidden(frozenset({"a", "b"})), FIVE)
    assert is_pinned(published, ("a", 0), 3)
    assert next(tables_that_fit(published, [12])) == {("a", 0): 3}
