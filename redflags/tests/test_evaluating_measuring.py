"""Figures of rankings that were made by hand, the naive rules against plain Python, and what a group is worth."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from lindung_redflags.alerts import Decided, episodes
from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.evaluating import ablation, metrics, naive
from lindung_redflags.evaluating.measuring import Measured, Share, measure, pooled
from lindung_redflags.evaluating.ranking import SUSPECTS, Entry, entries, within
from lindung_redflags.evaluating.saying import Teller
from lindung_redflags.evaluating.truth import Label, Truth
from lindung_redflags.reference import Hit
from lindung_redflags.rows import Account, Payment
from tests.books import tables

DAY = 86400
VICTIM = "possible_victim"


def labels() -> dict[str, Label]:
    some = [
        Label("a1", True, "payee", "R01", "", "easy"),
        Label("a2", True, "payee", "R01", "", "hard"),
        Label("a3", True, "payer", "P02", "", "easy"),
        Label("v1", True, VICTIM, "X01", "", "easy"),
        Label("s1", False, "payee", "", "online_seller"),
        Label("s2", False, "payee", "", "online_seller"),
        Label("m1", False, "payee", "", "merchant"),
    ]
    return {one.account: one for one in some}


RANKING = [
    Entry("a1", "payee", 60, (5 * DAY, 40 * DAY)),
    Entry("s1", "payee", 30, (1 * DAY,)),
    Entry("a3", "payer", 30, (9 * DAY,)),
    Entry("a3", "payee", 30, (2 * DAY,)),
    Entry("a2", "payee", 10),
    Entry("v1", VICTIM, 30, (3 * DAY,)),
    Entry("o1", VICTIM, 50, (3 * DAY,)),
]
TRUTH = Truth(
    labels(),
    payments=20_000,
    population=20,
    subjects=frozenset({"a1", "a2", "a3", "v1", "s1", "s2", "o1", "o2"}),
    first={"a1": 3 * DAY, "a2": 0, "a3": 9 * DAY, "v1": 4 * DAY},
    people={"age": {"a1": "18-24", "s1": "18-24", "s2": "25-34", "o1": "18-24", "o2": "25-34"}},
)


def test_a_ranking_by_hand() -> None:
    made = measure("catalogue", RANKING, TRUTH)
    # Two places: a1 has one, the other is shared by three of one score.
    assert made.budget == 2
    assert made.planted == {"payer": 1, "payee": 2, VICTIM: 1}
    assert made.alerts == {
        "payer": Share(Fraction(1), 1),
        "payee": Share(Fraction(1), 3),
        VICTIM: Share(Fraction(1), 2),
    }
    assert made.precision[SUSPECTS, 100] == Share(Fraction(4, 3), 2)
    assert made.precision[SUSPECTS, 50] == Share(Fraction(1), 1)
    assert made.precision[SUSPECTS, 200] == Share(Fraction(2), 4)
    # Possible victims have places of their own: both are looked at, and one is right.
    assert made.precision[VICTIM, 100] == Share(Fraction(1), 2)
    found = made.patterns
    assert found["R01", "easy"].found == 1
    assert found["R01", "hard"].found == 0
    assert found["R01", "hard"].raised == 0
    assert found["P02", "easy"].found == Fraction(1, 3)
    assert found["X01", "easy"].found == 1
    # Three suspects and two places: 2/3 of each is the most that can be found.
    assert found["R01", "easy"].of_ceiling == pytest.approx(3 / 2)
    assert found["P02", "easy"].of_ceiling == pytest.approx(1 / 2)
    assert found["X01", "easy"].of_ceiling == 1
    assert made.missed() == [("R01", "hard")]
    assert made.by_difficulty("easy").found == Fraction(7, 3)
    assert made.by_difficulty("easy", SUSPECTS).planted == 2


def test_days_count_from_the_first_planted_payment_to_an_alert_after_it() -> None:
    made = measure("catalogue", RANKING, TRUTH)
    assert made.patterns["R01", "easy"].days == [2.0]
    assert made.patterns["P02", "easy"].days == [0.0]
    # The only alert about v1 came before: it is an alert, but it tells no days.
    assert made.patterns["X01", "easy"].raised == 1
    assert made.patterns["X01", "easy"].days == []


def test_average_precision_counts_those_that_were_never_ranked() -> None:
    made = measure("catalogue", RANKING, TRUTH)
    # Payees: a1 (60), then s1 and a3 as payee, then a2 (10), then 16 of nobody.
    assert made.average["payee"][0].value == pytest.approx((1 + 2 / 4) / 2)
    assert made.average["payer"][0].value == 1
    assert made.average[VICTIM][0].value == pytest.approx(1 / 2)
    nothing = measure("nothing", [], TRUTH)
    assert nothing.average["payer"][0].value == pytest.approx(sum(1 / n for n in range(1, 21)) / 20)
    assert nothing.missed() == [("P02", "easy"), ("R01", "easy"), ("R01", "hard"), ("X01", "easy")]


def test_look_alikes_that_cannot_be_raised_do_not_thin_the_share() -> None:
    made = measure("catalogue", RANKING, TRUTH)
    seller, shop = made.families["online_seller"], made.families["merchant"]
    assert (seller.accounts, seller.raised, seller.looked_at) == (2, Share(Fraction(1), 2), Share(Fraction(1, 3), 2))
    assert (shop.accounts, shop.raised) == (1, Share())
    assert made.pooled_family().raised == Share(Fraction(1), 2)
    assert made.pooled_family().accounts == 3


def test_a_victim_who_is_raised_as_a_suspect_is_counted() -> None:
    assert measure("catalogue", RANKING, TRUTH).victims_as_suspects == Share(Fraction(0), 1)
    wrong = [*RANKING, Entry("v1", "payee", 30, (DAY,))]
    assert measure("catalogue", wrong, TRUTH).victims_as_suspects == Share(Fraction(1), 1)
    # Below the threshold nobody is raised.
    below = [*RANKING, Entry("v1", "payee", 20)]
    assert measure("catalogue", below, TRUTH).victims_as_suspects == Share(Fraction(0), 1)


def test_fairness_looks_at_innocent_people_only() -> None:
    young = measure("catalogue", RANKING, TRUTH).fairness["age"]["18-24"]
    assert young == {SUSPECTS: Share(Fraction(1), 2), VICTIM: Share(Fraction(1), 2)}
    assert measure("catalogue", RANKING, TRUTH).fairness["age"]["25-34"][SUSPECTS] == Share(Fraction(0), 2)


def test_worlds_are_added_up() -> None:
    one, two = measure("catalogue", RANKING, TRUTH), measure("catalogue", [], TRUTH)
    both = pooled([one, two])
    assert both.worlds == 2
    assert both.payments == 40_000
    assert both.patterns["R01", "easy"].planted == 2
    assert both.patterns["R01", "easy"].recall.value == 0.5
    assert both.patterns["R01", "easy"].days == [2.0]
    assert both.families["online_seller"].raised == Share(Fraction(1), 4)
    assert both.precision[SUSPECTS, 100] == Share(Fraction(4, 3), 2)
    assert len(both.average["payee"]) == 2
    assert both.fairness["age"]["18-24"][SUSPECTS] == Share(Fraction(1), 4)
    assert one.patterns["R01", "easy"].planted == 1


def test_only_alerts_are_looked_at_within_a_budget() -> None:
    found = within(RANKING, SUSPECTS, 100)
    assert sorted(entry.account for entry, _ in found) == ["a1", "a3", "a3", "s1"]
    assert all(chance == 1 for _, chance in found)


def test_numbers_are_written_as_each_language_does() -> None:
    assert Teller("id").count(1_234_567) == "1.234.567"
    assert Teller("en").count(1_234_567.25) == "1,234,567.2"
    assert Teller("id").percent(0.125) == "12,5%"
    assert Teller("en").percent(None) == "-"
    one = measure("catalogue", RANKING, TRUTH)
    for language in ("id", "en"):
        teller = Teller(language)
        for table in (teller.classes(one), teller.precision(one), teller.patterns(one), teller.families(one)):
            assert {len(row) for row in table.rows} == {len(table.heads)}
    assert "R01 hard" in Teller("en").missed(one)
    assert "R01 sulit" in Teller("id").missed(one)


def indicator(name: str, subject: str, group: str, weight: int, kind: str = "primary") -> Indicator:
    return Indicator(name, subject, kind, group, weight)


CATALOGUE = Catalogue(
    {
        one.id: one
        for one in (
            indicator("A1", "payee", "fan-in", 30),
            indicator("A2", "payee", "time", 10),
            indicator("A3", "payer", "time", 30),
            indicator("V1", VICTIM, "flow", 30),
        )
    }
)


def test_what_is_held_back_for_a_victim_is_not_in_the_ranking() -> None:
    hits = [Hit(0, "A1", 10, 0), Hit(0, "A2", 11, 1), Hit(1, "A1", 10, 2), Hit(1, "V1", 20, 3), Hit(2, "A2", 5, 4)]
    names = {0: "x", 1: "y", 2: "z"}
    found = entries(episodes(hits, CATALOGUE), names)
    assert found == [Entry("x", "payee", 40, (10,)), Entry("y", VICTIM, 30, (20,)), Entry("z", "payee", 10)]
    late = entries(episodes(hits, CATALOGUE), names, lambda second: second > 15)
    assert late == [Entry("x", "payee", 40), Entry("y", VICTIM, 30, (20,)), Entry("z", "payee", 10)]


def test_without_a_group_its_hits_are_gone() -> None:
    hits = [Hit(0, "A1", 10, 0), Hit(0, "A2", 11, 1), Hit(1, "A3", 10, 2)]
    truth = Truth({"x": Label("x", True, "payee", "R01", "", "easy")}, 1_000_000, 10)
    names = {0: "x", 1: "y"}
    found = ablation.without_each(hits, CATALOGUE, 30, names, truth)
    assert list(found) == ["fan-in", "time"]
    assert found["fan-in"].alerts["payee"].of == 0
    assert found["fan-in"].alerts["payer"].of == 1
    assert found["time"].alerts["payee"] == Share(Fraction(1), 1)
    assert found["time"].alerts["payer"].of == 0


def test_what_a_person_released_stays_released_without_a_group() -> None:
    hits = [Hit(0, "A3", 10, 0), Hit(0, "V1", 20, 1), Hit(1, "A1", 10, 2)]
    truth = Truth({"x": Label("x", True, "payer", "P01", "", "easy")}, 1_000_000, 10)

    def payers(decided: Decided) -> dict[str, int]:
        found = ablation.without_each(hits, CATALOGUE, 30, {0: "x", 1: "y"}, truth, decided=decided)
        return {name: one.alerts["payer"].of for name, one in found.items()}

    assert payers({}) == {"fan-in": 0, "flow": 1, "time": 0}
    assert payers({(0, "payer"): [(10, 10)]}) == {"fan-in": 1, "flow": 1, "time": 0}


def plain_rule(payments: list[Payment], account: Account, name: str) -> tuple[int, int | None]:
    """The largest value of a naive rule, and the first second at which it is enough."""
    best, first = 0, None
    least = {"many payers": naive.PAYERS, "foreign payer": naive.PAYEES}[name]
    real = [one for one in payments if one.status == "completed" and one.ph != one.qh]
    if name == "many payers":
        mine = [one for one in real if one.q == account.a]
        values = [(one.t, len({x.ph for x in mine if one.t - 7 * DAY <= x.t <= one.t})) for one in mine]
    else:
        mine = [one for one in real if one.p == account.a and one.pc and one.qc and one.pc != one.qc]
        values = [(one.t, len({x.qh for x in mine if x.t <= one.t})) for one in mine]
    for t, value in values:
        best = max(best, value)
        if value >= least and first is None:
            first = t
    return best, first


def book(seed: int) -> tuple[list[Account], list[Payment]]:
    """Nine accounts of six holders and 240 payments within a month, many of them in one second of another."""
    draw = random.Random(seed)
    kinds = ["person", "minor", None, "merchant"]
    accounts = [
        Account(a, f"a{a}", a % 6, f"h{a % 6}", draw.choice(kinds), customer=a != 7, listed=a != 8) for a in range(9)
    ]
    found = []
    for n, t in enumerate(sorted(draw.randrange(60) * DAY // 2 for _ in range(240))):
        p, q = draw.sample(range(9), 2)
        country = [draw.choice(["ID", "AU", None]) for _ in "pq"]
        status = draw.choice(["completed", "completed", "declined"])
        found.append(Payment(n, f"t{n}", t, 5, "IDR", 5, p, q, p % 6, q % 6, country[0], country[1], status=status))
    return accounts, found


@pytest.mark.parametrize("name", list(naive.RULES))
def test_naive_rules_are_what_plain_python_says(name: str) -> None:
    alerts = silent = 0
    for seed in range(5):
        accounts, payments = book(seed)
        with tables(accounts, payments) as connection:
            found = {one.account: (one.score, one.alerts) for one in naive.RULES[name](connection)}
        wanted = {}
        for one in accounts:
            best, first = plain_rule(payments, one, name)
            if best and one.subject:
                wanted[one.account_id] = (best, () if first is None else (first,))
        assert found == wanted
        alerts += sum(1 for _, raised in found.values() if raised)
        silent += sum(1 for _, raised in found.values() if not raised)
    assert alerts > 5
    assert silent > 5


def test_an_empty_world_has_no_figures_but_tables() -> None:
    made: Measured = measure("catalogue", [], Truth({}, 0, 0))
    assert made.budget == metrics.budget_of(0, 100) == 1
    assert made.average["payer"][0].value is None
    assert made.as_dict()["missed"] == []
    assert "-" in Teller("id").classes(made).plain()
