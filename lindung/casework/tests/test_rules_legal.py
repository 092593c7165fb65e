"""Steps of the proceedings: their order, their days, and the law that applied on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lindung.casework import rules_closing, rules_legal
from lindung.casework.knowledge import law
from lindung.casework.rules_legal import Done, Entry

TODAY = date(2026, 11, 23)


def wrong(entry: Entry, *done: Done) -> tuple[str, str] | None:
    return rules_legal.problem(entry, done, TODAY, law.steps(), law.articles())


@pytest.mark.parametrize(
    ("article", "on", "fits"),
    [
        ("uu_12_2022", date(2022, 5, 8), False),
        ("uu_12_2022", date(2022, 5, 9), True),
        ("uu_1_2023", date(2026, 1, 1), False),
        ("uu_1_2023", date(2026, 1, 2), True),
        ("kuhp_old", date(2026, 1, 1), True),
        ("kuhp_old", date(2026, 1, 2), False),
        ("uu_35_2014", date(2014, 10, 16), False),
        ("other", date(2026, 1, 2), True),
    ],
)
def test_a_law_is_refused_on_a_day_on_which_it_did_not_apply(article: str, on: date, fits: bool) -> None:
    found = wrong(Entry("report", on, article))
    assert found == (None if fits else ("article", "not_in_force"))


def test_what_happened_before_a_law_is_judged_by_the_one_of_its_time() -> None:
    verdict = date(2026, 3, 2)
    assert wrong(Entry("verdict", verdict, "kuhp_old", "convicted")) == ("article", "not_in_force")
    assert wrong(Entry("verdict", verdict, "kuhp_old", "convicted", event_on=date(2025, 6, 1))) is None
    assert wrong(Entry("verdict", verdict, "kuhp_old", event_on=date(2026, 3, 3))) == ("event_on", "event_after")


def test_no_step_lies_before_the_report_nor_after_a_later_one() -> None:
    report, indictment = Done("report", date(2026, 3, 2)), Done("indictment", date(2026, 8, 1))
    assert wrong(Entry("investigation", date(2026, 3, 1)), report) == ("on", "before_report")
    assert wrong(Entry("investigation", date(2026, 3, 2)), report) is None
    assert wrong(Entry("file_complete", date(2026, 8, 2)), report, indictment) == ("on", "after_later_step")
    assert wrong(Entry("verdict", date(2026, 7, 1), "uu_12_2022"), report, indictment) == ("on", "before_earlier_step")
    assert wrong(Entry("restitution", date(2026, 7, 1)), report, indictment) is None
    assert wrong(Entry("report", TODAY + timedelta(days=1))) == ("on", "ahead")
    assert wrong(Entry("invented", TODAY)) == ("step", "unknown")


def test_a_step_has_its_own_results_and_says_on_which_law_it_stands() -> None:
    assert wrong(Entry("verdict", TODAY, "uu_12_2022", "stopped")) == ("result", "result_of_another_step")
    assert wrong(Entry("indictment", TODAY)) == ("article", "article_needed")
    assert wrong(Entry("restitution", TODAY, "uu_12_2022")) == ("article", "no_article_here")
    assert wrong(Entry("report", TODAY, "invented")) == ("article", "unknown")


def test_that_no_article_fits_is_an_outcome_with_its_reason() -> None:
    assert wrong(Entry("legal_review", TODAY, law.NONE_ADEQUATE)) == ("words", "reason_needed")
    assert wrong(Entry("legal_review", TODAY, law.NONE_ADEQUATE, "none_fits", reasoned=True)) is None


def test_a_topic_that_was_asked_before_is_pointed_out() -> None:
    earlier = [["what_happened", "who"], ["health"]]
    assert rules_legal.repeats(["who", "school"], earlier) == {"who"}
    assert rules_legal.repeats(["school"], earlier) == frozenset()


@pytest.mark.parametrize(
    ("adults", "children", "possible"), [(0, 0, False), (1, 0, False), (1, 1, False), (0, 1, True)]
)
def test_out_of_court_is_a_question_only_where_every_alleged_offender_is_a_child(
    adults: int, children: int, possible: bool
) -> None:
    assert rules_legal.may_ask_mediation(adult_suspects=adults, child_suspects=children) is possible


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 20), 3, date(2026, 6, 20)),
        (date(2026, 7, 15), 6, date(2027, 1, 15)),
        (date(2026, 12, 1), 3, date(2027, 3, 1)),
    ],
)
def test_three_and_six_months_are_months_of_the_calendar(day: date, months: int, then: date) -> None:
    assert rules_closing.months_later(day, months) == then


@pytest.mark.parametrize(
    ("risk", "zone", "offered", "due"),
    [
        # High risk: 24 hours by the calendar, through the night and Lebaran.
        ("high", "Asia/Makassar", "2026-03-19 23:40", "2026-03-20 23:40"),
        # Three working days across Lebaran 2026 (18 to 24 March free with joint leave): 25, 26, 27 March.
        ("medium", "Asia/Jakarta", "2026-03-17 10:00", "2026-03-27 16:00"),
        # Friday evening in Sorong is a Friday there: Monday, Tuesday, Wednesday.
        ("low", "Asia/Jayapura", "2026-11-20 23:30", "2026-11-25 16:00"),
    ],
)
def test_a_team_that_is_offered_a_case_answers_in_its_own_working_days(
    risk: str, zone: str, offered: str, due: str
) -> None:
    def there(text: str) -> Any:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))

    assert rules_closing.answer_due(risk, there(offered), zone) == there(due)


@pytest.mark.parametrize("name", ["legal.yaml", "interviews.yaml", "simfoni.yaml"])
def test_every_list_of_the_law_says_its_source_and_what_a_lawyer_has_to_confirm(name: str) -> None:
    from lindung.core.knowledge import load_yaml

    content = load_yaml(law.PACKAGE, name)
    assert isinstance(content["date"], date)
    assert content["version"]
    assert len(content["source"]) > 20


def test_no_law_is_shown_as_confirmed() -> None:
    assert all(article.to_be_confirmed for code, article in law.articles().items() if article.law)
    assert all(len(article.source) > 10 for article in law.articles().values())
    assert law.about_events()
    assert law.violence()
    assert len(law.columns()) > 10
    assert all(basis.to for basis in law.tip_bases().values())
