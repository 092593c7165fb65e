"""Episodes, scores, possible victims before suspects, and what an alert hangs on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lindung_redflags.alerts import NOTHING, TOGETHER, Decided, alert_id, case_ids, episodes
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.counterfactual import Rescan, find
from lindung_redflags.engines import duck
from lindung_redflags.reference import Book, Hit, hits_of
from lindung_redflags.rows import Account, Payment
from lindung_redflags.words import comparison, held
from tests.books import DAY, GRIDS, LISTS, START, books, indicators, tables


def indicator(
    name: str, subject: str = "payee", kind: str = "primary", group: str = "flow", weight: int = 20
) -> Indicator:
    return Indicator(id=name, subject=subject, kind=kind, group=group, weight=weight, at="in")


def hit(name: str, day: float, a: int = 0) -> Hit:
    return Hit(a, name, START + int(day * DAY), int(day * 10), (Fraction(1),))


def catalogue(*some: Indicator) -> Catalogue:
    return Catalogue({one.id: one for one in some}, LISTS)


def test_a_hit_joins_the_episode_within_thirty_days_of_the_last_one() -> None:
    known = catalogue(indicator("A", weight=40))
    found = episodes([hit("A", 0), hit("A", 30), hit("A", 60), hit("A", 90.1)], known)
    assert [[h.n for h in one.hits] for one in found] == [[0, 300, 600], [901]]
    assert all(one.alerts for one in found)
    assert TOGETHER == 30 * DAY


def test_a_group_counts_its_largest_weight_once_and_the_moment_is_the_one_that_reached_the_threshold() -> None:
    known = catalogue(
        indicator("A", weight=20),
        indicator("B", weight=15),
        indicator("C", group="time", weight=9),
        indicator("D", group="amount", weight=2),
    )
    (one,) = episodes([hit("A", 0), hit("A", 1), hit("B", 2), hit("C", 3), hit("D", 4)], known, threshold=30)
    assert (one.score, one.raised) == (31, START + 4 * DAY)
    (below,) = episodes([hit("A", 0), hit("C", 1)], known, threshold=30)
    assert (below.score, below.alerts) == (29, False)


def test_what_only_supports_raises_nothing_alone_and_counts_from_the_first_primary_one() -> None:
    known = catalogue(indicator("S", kind="supporting", group="time", weight=50), indicator("A", weight=10))
    (alone,) = episodes([hit("S", 0)], known)
    assert (alone.score, alone.alerts) == (0, False)
    (beside,) = episodes([hit("S", 0), hit("A", 5)], known)
    assert (beside.score, beside.raised) == (60, START + 5 * DAY)


def test_a_possible_victim_is_not_raised_as_a_suspect_in_the_same_time() -> None:
    known = catalogue(indicator("A", weight=40), indicator("V", subject="possible_victim", weight=40))
    found = episodes([hit("A", 0), hit("V", 20), hit("A", 200), hit("A", 0, a=1)], known)
    assert [(one.a, one.subject, one.alerts) for one in found] == [
        (0, "payee", False),
        (0, "payee", True),
        (0, "possible_victim", True),
        (1, "payee", True),
    ]


def test_one_primary_sign_of_a_possible_victim_holds_back_and_a_supporting_one_does_not() -> None:
    known = catalogue(
        indicator("A", weight=40),
        indicator("V", subject="possible_victim", weight=5),
        indicator("S", subject="possible_victim", kind="supporting", weight=50),
    )
    held, weak = episodes([hit("A", 0), hit("V", 1), hit("S", 2)], known)
    assert (held.alerts, held.held_back, held.signs) == (False, True, ("V",))
    assert weak.alerts, "a sign and what supports it are 55 points"
    (alone, _) = episodes([hit("A", 0), hit("S", 1)], known)
    assert (alone.alerts, alone.held_back, alone.signs) == (True, False, ())
    (later, _) = episodes([hit("A", 0), hit("V", 31)], known)
    assert later.alerts, "another time is another episode"


def test_a_decision_releases_what_lies_wholly_in_its_time_and_nothing_else() -> None:
    known = catalogue(indicator("A", weight=40), indicator("V", subject="possible_victim", weight=40))
    found = [hit("A", 0), hit("A", 20), hit("V", 3)]

    def released(days: tuple[float, float], a: int = 0, subject: str = "payee") -> list[bool]:
        span = (START + int(days[0] * DAY), START + int(days[1] * DAY))
        first, victim = episodes(found, known, decided={(a, subject): [span]})
        assert (victim.subject, victim.alerts, victim.released) == ("possible_victim", True, False)
        assert first.signs == ("V",)
        assert first.alerts is first.released is not first.held_back
        return [first.released]

    assert released((0, 20)) == [True]
    assert released((0, 19.9)) == released((0.1, 20)) == [False], "it has grown beyond what was decided about"
    assert released((0, 20), a=1) == released((0, 20), subject="payer") == [False]
    (free,) = episodes([hit("A", 0)], known, decided={(0, "payee"): [(START, START)]})
    assert (free.alerts, free.released) == (True, False), "what is not held back needs no decision"


def test_names_of_alerts_and_cases_follow_from_what_they_are() -> None:
    known = catalogue(indicator("A", weight=40))
    first, second = Account(0, "a", 0, "h"), Account(1, "b", 0, "h")
    one, other = episodes([hit("A", 0), hit("A", 0, a=1)], known)
    assert alert_id(first, one, "v1") != alert_id(second, one, "v1") != alert_id(first, one, "v2")
    assert alert_id(first, one, "v1") == alert_id(first, one, "v1")
    cases = case_ids([("x", "h", "payee", one.first, one.last), ("y", "h", "payee", other.first, other.last)])
    assert cases["x"] == cases["y"]


DECIDED = st.sampled_from([NOTHING, {(a, s): [(0, START + 60 * DAY)] for a in range(6) for s in ("payer", "payee")}])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(books(), st.lists(st.tuples(indicators(), st.sampled_from([40, 40, 10])), min_size=1, max_size=3), DECIDED)
def test_without_these_payments_the_alert_is_gone_and_with_any_of_them_it_is_back(
    rows: tuple[list[Account], list[Payment]], some: list[tuple[Indicator, int]], decided: Decided
) -> None:
    accounts, payments = rows
    known = catalogue(*(replace(one, id=f"X{n}", weight=weight, then_silent=0) for n, (one, weight) in enumerate(some)))
    everybody = {one.a: one for one in accounts}
    last = max((one.t for one in payments), default=0)

    def alerts(without: set[str]) -> set[tuple[int, str, int, int]]:
        left = [one for one in payments if one.tx_id not in without]
        found = episodes(duck.hits(tables(accounts, left), known, GRIDS), known, decided=decided)
        return {(one.a, one.subject, one.first, one.last) for one in found if one.alerts}

    def about(found: set[tuple[int, str, int, int]], like: tuple[int, str, int, int]) -> bool:
        return any(
            one[:2] == like[:2] and one[2] <= like[3] + TOGETHER and like[2] <= one[3] + TOGETHER for one in found
        )

    every = episodes(duck.hits(tables(accounts, payments), known, GRIDS), known, decided=decided)
    seen = sorted((one for one in every if one.alerts), key=lambda one: not one.released)
    assume(seen)
    for one in seen[:2]:
        again = Rescan(everybody[one.a], everybody, payments, known, GRIDS, 30, last, decided)
        told = find(again, one)
        assert told is not None
        assert told.remove
        like = (one.a, one.subject, one.first, one.last)
        assert not about(alerts(set(told.remove)), like)
        for back in told.remove:
            assert about(alerts(set(told.remove) - {back}), like), back


@settings(max_examples=150, deadline=None)
@given(books(40), st.lists(indicators(), min_size=1, max_size=3), st.data())
def test_looking_again_only_where_it_can_be_felt_finds_what_a_whole_scan_finds(
    rows: tuple[list[Account], list[Payment]], some: list[Indicator], data: st.DataObject
) -> None:
    accounts, payments = rows
    assume(payments)
    known = catalogue(*(replace(one, id=f"X{n}") for n, one in enumerate(some)))
    everybody = {one.a: one for one in accounts}
    subject = data.draw(st.sampled_from(accounts))
    again = Rescan(subject, everybody, payments, known, GRIDS, 30, payments[-1].t)
    again.only("payer", "payee", "possible_victim")
    names = st.frozensets(st.sampled_from([one.tx_id for one in payments]))
    for _ in range(4):
        without = data.draw(names)
        found = again.hits(without)
        if data.draw(st.booleans()):
            again.settle()
        whole = Book(everybody, [one for one in payments if one.tx_id not in without], GRIDS, LISTS)
        whole.last = payments[-1].t
        assert found == sorted(hit for one in known for hit in hits_of(whole, one, subject))


NEW = Conditions.of({"new_pair": True})


@pytest.mark.parametrize(
    ("test", "counting", "apart"),
    [
        (Test("payments", "account", 7 * DAY, ">=", 2), Conditions(), 7 * DAY),
        (Test("payments", "account", DAY, ">=", 1), NEW, 90 * DAY),
        (Test("share", "account", DAY, ">=", 1, of=NEW), Conditions(), 90 * DAY),
        (Test("median_gap", "account", DAY, ">=", 80 * DAY), Conditions(), 90 * DAY),
    ],
    ids=["window", "new pair", "share of new pairs", "gap"],
)
def test_what_a_payment_decides_much_later_is_looked_at_again(test: Test, counting: Conditions, apart: int) -> None:
    one = replace(indicator("A"), tests=(test,), payments=counting)
    accounts = {a: Account(a, f"a{a}", a, f"h{a}", kind="person") for a in range(2)}
    payments = [Payment(n, f"t{n}", START + n * apart, 1, "IDR", 1, 1, 0, 1, 0) for n in range(2)]
    again = Rescan(accounts[0], accounts, payments, catalogue(one), GRIDS, 30, START + apart)
    again.only("payee")
    whole = again.hits(frozenset())
    again.settle()
    assert again.hits(frozenset({"t0"})) != [hit for hit in whole if hit.n], "the first decides about the second"
    again.settle()
    assert again.hits(frozenset()) == whole


def test_a_declined_payment_is_felt_although_it_does_not_count() -> None:
    one = replace(indicator("A"), at="out", tests=(Test("declined", "pair", DAY, ">=", 0),))
    accounts = {a: Account(a, f"a{a}", a, f"h{a}", kind="person") for a in range(2)}
    states = ("declined", "completed")
    payments = [Payment(n, f"t{n}", START + n, 1, "IDR", 1, 0, 1, 0, 1, status=state) for n, state in enumerate(states)]
    again = Rescan(accounts[0], accounts, payments, catalogue(one), GRIDS, 30, START + 1)
    again.only("payee")
    assert [hit.observed for hit in again.hits(frozenset())] == [(1,)]
    again.settle()
    assert [hit.observed for hit in again.hits(frozenset({"t0"}))] == [(0,)]


def test_a_counterfactual_names_the_parameter_and_what_it_takes() -> None:
    test = Test(feature="parties", entity="account", window=7 * DAY, op=">=", value=3, parameter="payers")
    one = replace(indicator("A", weight=40), tests=(test,), payments=Conditions())
    accounts = [Account(a, f"a{a}", a, f"h{a}", kind="person") for a in range(6)]
    payments = [Payment(n, f"t{n}", START + n, 1, "IDR", 1, n + 1, 0, n + 1, 0) for n in range(5)]
    known = catalogue(one)
    (episode,) = episodes(duck.hits(tables(accounts, payments), known, GRIDS), known)
    told = find(Rescan(accounts[0], {x.a: x for x in accounts}, payments, known, GRIDS, 30, START + 9), episode)
    assert told is not None
    assert (told.indicator, told.parameter, told.observed, told.needed) == ("A", "payers", "5", ">= 3")
    assert len(told.remove) == 3


def test_an_alert_is_gone_too_when_what_is_left_may_be_a_victims() -> None:
    def one(name: str, op: str, **more: Any) -> Indicator:
        test = Test("payments", "account", DAY, op, 2)
        return replace(indicator(name, **more), tests=(test,), payments=Conditions())

    known = catalogue(one("A", ">=", weight=40), one("V", "==", subject="possible_victim", weight=5))
    accounts = {a: Account(a, f"a{a}", a, f"h{a}", kind="person") for a in range(2)}
    payments = [Payment(n, f"t{n}", START, 1, "IDR", 1, 1, 0, 1, 0) for n in range(4)]
    (episode,) = episodes(duck.hits(tables(list(accounts.values()), payments), known, GRIDS), known)
    told = find(Rescan(accounts[0], accounts, payments, known, GRIDS, 30, START), episode)
    assert told is not None
    assert len(told.remove) == 2, "with three of four it is an alert, with two it is held back"


def test_of_alternatives_reasons_quote_those_that_held() -> None:
    few, many, sum_of = (
        Test(feature=feature, entity="account", window=DAY, op=">=", value=value)
        for feature, value in (("channels", 2), ("amounts", 6), ("total", 100_000))
    )
    one = replace(indicator("A"), tests=(few, sum_of, many), either=((0, 2),))
    seen = [Fraction(2), Fraction(150_000), Fraction(3)]
    assert held(one, seen) == [(few, seen[0]), (sum_of, seen[1])]
    assert held(one, [Fraction(1), seen[1], Fraction(6)]) == [(sum_of, seen[1]), (many, Fraction(6))]


def test_reasons_say_which_share_is_meant_and_small_ones_exactly() -> None:
    test = Test(
        feature="share",
        entity="pair",
        window=DAY,
        op=">=",
        value=Fraction(1, 1000),
        of=Conditions.of({"new_pair": True}),
    )
    said_id, said_en = (comparison(test, Fraction(1, 7), language) for language in ("id", "en"))
    assert said_en.startswith("share of the payments (")
    assert ") with the same other side within 1 day" in said_en
    assert ") dengan pihak yang sama dalam 1 hari" in said_id
    assert said_en.endswith("within 1 day: 14.3% (limit: at least 0.1%)")
    assert said_id.endswith("dalam 1 hari: 14,3% (batas: paling sedikit 0,1%)")
    shops = replace(test, of=Conditions.of({"other_kinds": ("merchant", "school")}))
    assert "jenis rekening pihak lain: pedagang, sekolah" in comparison(shops, Fraction(0), "id")
    assert "kind of account of the other side: merchant, school" in comparison(shops, Fraction(0), "en")
    gap = Test(feature="median_gap", entity="account", window=90 * DAY, op="<=", value=20 * DAY)
    assert comparison(gap, Fraction(2, 3), "en").endswith(
        "within 90 days at most 20 days (true of 66.7% of the payments)"
    )
