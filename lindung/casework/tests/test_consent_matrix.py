"""The consent matrix, cell by cell, worked out by hand from the rules of practice; not read from the file it tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from lindung.casework import rules_consent as rules
from lindung.casework.knowledge import rights as knowledge
from lindung.casework.rules_consent import ChildFacts, Guardian, Ruling, Said

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)

# G a safe guardian's yes, C the child's, O of who may act for the child; c: the child is asked and its no stops,
# t: it is told. "!" a decision on leaving the guardian out must stand besides. After "/": what guardians may hear.
BY_HAND = {
    "protective": """
        row      safe    implicated   unknown       absent
        u6       Gt/ask  Ot!/never    Ot!/not_yet   Ot/nobody
        6-9      Gc/ask  Oc!/never    Oc!/not_yet   Oc/nobody
        10-12    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        13-15    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        13-15+   GC/ask  C!/never     C!/not_yet    OC/nobody
        16-17    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        16-17+   GC/ask  C!/never     C!/not_yet    C/nobody
        18plus   C/own   C/own        C/own         C/own
        unknown  GC/ask  OC!/never    OC!/not_yet   OC/nobody
    """,
    "strict": """
        row      safe    implicated   unknown       absent
        u6       Gt/ask  Ot!/never    Ot!/not_yet   Ot/nobody
        6-9      Gc/ask  Oc!/never    Oc!/not_yet   Oc/nobody
        10-12    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        13-15    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        13-15+   GC/ask  OC!/never    OC!/not_yet   OC/nobody
        16-17    GC/ask  OC!/never    OC!/not_yet   OC/nobody
        16-17+   GC/ask  OC!/never    OC!/not_yet   OC/nobody
        18plus   C/own   C/own        C/own         C/own
        unknown  GC/ask  OC!/never    OC!/not_yet   OC/nobody
    """,
}
GIVERS = {"G": "guardian", "C": "child", "O": "official"}


def cells() -> list[tuple[str, str, str, str]]:
    found = []
    for reading, table in BY_HAND.items():
        head, *lines = [line.split() for line in table.strip().splitlines()]
        for row, *values in lines:
            found += [(reading, guardian, row, value) for guardian, value in zip(head[1:], values, strict=True)]
    return found


def test_the_table_by_hand_has_every_cell_of_the_file() -> None:
    assert {(reading, guardian, row) for reading, guardian, row, _ in cells()} == set(knowledge.matrix())
    assert len(cells()) == 72


@pytest.mark.parametrize(("reading", "guardian", "row", "wanted"), cells())
def test_a_cell(reading: str, guardian: str, row: str, wanted: str) -> None:
    child = ChildFacts(row.rstrip("+"), True if row.endswith("+") else None)
    found = rules.cell(child, guardian, reading)
    said, contact = wanted.split("/")
    assert set(found.needs) == {GIVERS[letter] for letter in said if letter in GIVERS}
    assert found.also == ("guardian_left_out" if "!" in said else "")
    assert found.contact == {"own": "child_decides"}.get(contact, contact)
    assent = "needed" if "C" in said else "sought" if "c" in said else "told"
    assert found.assent == assent


def test_maturity_counts_only_where_it_may_and_a_judgement_of_not_yet_is_no_maturity() -> None:
    for band in ("u6", "6-9", "10-12", "18plus", "unknown"):
        for mature in (True, False, None):
            child, plain = ChildFacts(band, mature), ChildFacts(band)
            assert rules.cell(child, "implicated", "protective") == rules.cell(plain, "implicated", "protective")
    judged_not = rules.cell(ChildFacts("16-17", False), "implicated", "protective")
    assert judged_not == rules.cell(ChildFacts("16-17", None), "implicated", "protective")


def test_no_cell_of_any_reading_asks_or_tells_an_implicated_guardian() -> None:
    for (_, guardian, row), found in knowledge.matrix().items():
        if guardian == "implicated" and row != "18plus":
            assert "guardian" not in found.needs
            assert found.contact == "never"


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "u6"), (5, "u6"), (6, "6-9"), (9, "6-9"), (10, "10-12"), (12, "10-12"), (13, "13-15"), (15, "13-15"),
     (16, "16-17"), (17, "16-17"), (18, "18plus"), (40, "18plus"), (None, "unknown"), (-1, "unknown")],
)  # fmt: skip
def test_the_band_of_an_age(age: int | None, band: str) -> None:
    assert rules.band_of(age) == band


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [("2010-11-23", "2026-11-22", 15), ("2010-11-23", "2026-11-23", 16), ("2008-02-29", "2026-02-28", 17),
     ("2008-02-29", "2026-03-01", 18), ("2026-01-01", "2026-11-23", 0)],
)  # fmt: skip
def test_an_age_is_counted_in_birthdays(born: str, day: str, age: int) -> None:
    assert rules.age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


@pytest.mark.parametrize(
    ("standings", "wanted"),
    [((), "unknown"), (("safe",), "safe"), (("implicated",), "implicated"), (("unknown",), "unknown"),
     (("absent",), "absent"), (("safe", "implicated"), "safe"), (("implicated", "unknown"), "implicated"),
     (("unknown", "absent"), "unknown"), (("absent", "implicated"), "implicated")],
)  # fmt: skip
def test_what_several_guardians_mean_together(standings: tuple[str, ...], wanted: str) -> None:
    assert rules.situation([Guardian(uuid4(), standing) for standing in standings]) == wanted


def test_a_safe_guardian_who_may_not_know_is_nobody_to_ask() -> None:
    assert rules.situation([Guardian(uuid4(), "safe", barred=True)]) == "implicated"


# --- what counts ------------------------------------------------------------------------------------------------------

MOTHER, FATHER = Guardian(UUID(int=1), "safe"), Guardian(UUID(int=2), "implicated")


def said(
    giver: str, answer: str = "given", *, hours: float = 0, person: UUID | None = None, back: bool = False
) -> Said:
    at = NOON + timedelta(hours=hours)
    return Said(uuid4(), giver, answer, at, person, at + timedelta(minutes=30) if back else None)


def ruling(question: str, *, scope: str = "", hours: float = 0, days: int = 10, choice: str = "go_ahead") -> Ruling:
    return Ruling(uuid4(), question, scope, choice, NOON + timedelta(hours=hours), TODAY + timedelta(days=days))


def judged(
    *answers: Said,
    scope: str = "health",
    guardians: tuple[Guardian, ...] = (MOTHER,),
    band: str = "13-15",
    mature: bool | None = None,
    rulings: tuple[Ruling, ...] = (),
    reading: str = "protective",
) -> Any:
    return rules.judge(
        child=ChildFacts(band, mature), guardians=guardians, said=answers, rulings=rulings, scope=scope,
        today=TODAY, reading=reading,
    )  # fmt: skip


def test_both_yeses_are_a_basis_and_one_alone_is_none() -> None:
    child, mother = said("child"), said("guardian", person=MOTHER.id)
    assert judged(child, mother).basis.consent_ids == (mother.id, child.id)
    assert judged(child).missing == ("guardian_yes",)
    assert judged(mother).missing == ("child_yes",)
    assert judged().missing == ("child_yes", "guardian_yes")


def test_the_newest_answer_of_a_person_counts_and_one_that_was_taken_back_is_a_no() -> None:
    mother = said("guardian", person=MOTHER.id)
    assert judged(mother, said("child"), said("child", "refused", hours=1)).missing == ("child_no",)
    assert judged(mother, said("child", "refused"), said("child", hours=1)).basis
    assert judged(mother, said("child", back=True)).missing == ("child_no",)


def test_a_yes_of_a_guardian_who_turned_out_to_be_implicated_counts_for_nothing() -> None:
    yes = said("guardian", person=FATHER.id)
    found = judged(said("child"), yes, guardians=(FATHER,))
    assert found.basis is None
    assert found.missing == ("official_yes", "decision_guardian_left_out")
    beside = judged(said("child"), yes, guardians=(FATHER, MOTHER))
    assert beside.missing == ("guardian_yes", "decision_guardian_left_out")


def test_a_no_of_an_implicated_guardian_stops_nothing() -> None:
    mother = said("guardian", person=MOTHER.id)
    no = said("guardian", "refused", person=FATHER.id)
    left_out = ruling("guardian_left_out")
    assert judged(said("child"), mother, no, guardians=(FATHER, MOTHER), rulings=(left_out,)).basis


def test_beside_a_safe_guardian_an_implicated_one_is_left_out_by_a_decision() -> None:
    yeses = said("child"), said("guardian", person=MOTHER.id)
    assert judged(*yeses, guardians=(FATHER, MOTHER)).missing == ("decision_guardian_left_out",)
    assert judged(*yeses, guardians=(MOTHER, Guardian(UUID(int=4), "unknown"))).basis
    assert judged(said("child"), guardians=(FATHER, MOTHER), band="18plus").basis


def test_a_no_of_one_safe_guardian_is_not_outvoted_by_another() -> None:
    aunt = Guardian(UUID(int=3), "safe")
    answers = said("child"), said("guardian", person=MOTHER.id), said("guardian", "refused", person=aunt.id)
    assert judged(*answers, guardians=(MOTHER, aunt)).missing == ("guardian_no",)


def test_where_the_guardian_is_implicated_a_mature_child_needs_the_decision_besides() -> None:
    alone = judged(said("child"), guardians=(FATHER,), mature=True)
    assert alone.missing == ("decision_guardian_left_out",)
    left_out = ruling("guardian_left_out")
    assert judged(said("child"), guardians=(FATHER,), mature=True, rulings=(left_out,)).basis.consent_ids
    strict = judged(said("child"), guardians=(FATHER,), mature=True, rulings=(left_out,), reading="strict")
    assert strict.missing == ("official_yes",)


def test_a_no_of_a_small_child_stops_too_though_its_yes_is_not_asked() -> None:
    mother = said("guardian", person=MOTHER.id)
    assert judged(mother, band="u6").basis
    assert judged(mother, said("child", "refused"), band="u6").missing == ("child_no",)


def test_a_decision_for_this_scope_stands_in_the_place_of_consent_until_its_review() -> None:
    decided = ruling("consent_overridden", scope="health")
    found = judged(rulings=(decided,)).basis
    assert found.decision_id == decided.id
    assert found.consent_ids == ()
    assert judged(rulings=(ruling("consent_overridden", scope="health", days=0),)).basis
    assert judged(rulings=(ruling("consent_overridden", scope="health", days=-1),)).basis is None
    assert judged(rulings=(ruling("consent_overridden", scope="shelter"),)).basis is None
    assert judged(rulings=(ruling("consent_overridden"),)).basis is None
    assert judged(rulings=(ruling("consent_overridden", scope="health", choice="not_now"),)).basis is None
    assert judged(rulings=(ruling("returns_home", scope="health"),)).basis is None


def test_a_decision_answers_only_a_no_that_came_before_it() -> None:
    no = said("child", "refused", hours=2)
    assert judged(no, rulings=(ruling("child_disagrees", scope="health", hours=1),)).basis is None
    assert judged(no, rulings=(ruling("child_disagrees", scope="health", hours=3),)).basis


def test_a_child_leaves_home_only_by_a_decision_of_two_whoever_says_yes() -> None:
    yeses, away = (said("child"), said("guardian", person=MOTHER.id)), ruling("leaves_home")
    assert judged(*yeses, scope="shelter").missing == ("decision_leaves_home",)
    assert judged(*yeses, scope="shelter", rulings=(away,)).basis.consent_ids
    other = ruling("consent_overridden", scope="shelter")
    assert judged(scope="shelter", rulings=(other,)).basis is None
    assert judged(scope="shelter", rulings=(other, away)).basis.decision_id == other.id
    own = ruling("leaves_home", scope="shelter")
    assert judged(scope="shelter", rulings=(own,)).basis.decision_id == own.id
    assert judged(*yeses, scope="shelter", rulings=(ruling("leaves_home", days=-1),)).basis is None
    assert judged(said("child"), scope="shelter", band="18plus").basis


def test_who_is_grown_up_decides_alone_even_about_a_safe_guardian() -> None:
    assert judged(said("child"), band="18plus").basis
    assert judged(said("guardian", person=MOTHER.id), band="18plus").missing == ("child_yes",)


@pytest.mark.parametrize(
    ("step", "wanted"),
    [({}, ()), ({"guardians": [MOTHER]}, ()), ({"guardians": [MOTHER, FATHER]}, ("guardian_left_out",)),
     ({"overrides": True}, ("consent_overridden",)), ({"child_says_no": True}, ("child_disagrees",)),
     ({"breaks_confidence": True}, ("confidence_broken",)), ({"leaves_home": True}, ("leaves_home",)),
     ({"guardians": [FATHER], "overrides": True, "child_says_no": True, "breaks_confidence": True,
       "leaves_home": True},
      ("guardian_left_out", "consent_overridden", "child_disagrees", "confidence_broken", "leaves_home"))],
)  # fmt: skip
def test_when_two_people_must_have_decided(step: dict[str, Any], wanted: tuple[str, ...]) -> None:
    assert rules.mandatory(**step) == wanted


def test_the_knowledge_says_for_every_service_how_the_child_is_asked() -> None:
    services = {scope.code for scope in knowledge.scopes().values() if scope.service}
    assert services == {
        "outreach", "rights_information", "health", "psychological", "psychosocial", "legal", "economic", "shelter",
        "disability", "coordination", "monitoring", "takedown",
    }  # fmt: skip
    for scope in knowledge.scopes().values():
        assert scope.ask.label_id.endswith(("?", "ke kamu.", "diceritakan.", "berhenti."))
        assert len(scope.code) <= 24
    assert {outcome.ground for outcome in knowledge.outcomes().values()} <= set(knowledge.grounds())
    assert {ground.status for ground in knowledge.grounds().values()} == {"to_be_confirmed"}
