"""The knowledge of assessments and groups: whole, in both languages, and without a question about what a child did."""

from __future__ import annotations

import pytest

from lindung.casework import rules_risk
from lindung.casework.knowledge import plan as knowledge
from lindung.directory import knowledge as directory


def test_every_question_rule_and_statement_is_there_in_both_languages() -> None:
    entries = [*knowledge.items().values(), *knowledge.rules(), *knowledge.statements().values()]
    entries += [area.label for area in knowledge.areas()] + list(knowledge.programmes().values())
    assert all(entry.label_id.strip() and entry.label_en.strip() for entry in entries)
    assert len(knowledge.statements()) == 8
    assert sorted(knowledge.scale()) == [1, 2, 3, 4]


def test_needs_lead_to_services_that_the_directory_knows() -> None:
    assert {service for service, _ in knowledge.needs()} <= set(directory.services())


def test_no_rule_fires_on_what_the_child_did_and_none_on_a_strength() -> None:
    strengths = {item.code for area in knowledge.areas() if area.strengths for item in area.items}
    assert strengths
    assert not strengths & {item for rule in knowledge.rules() for item, _ in rule.needs}
    blaming = ("nakal", "salah anak", "mau sama mau", "genit", "provokatif", "naughty", "promiscu", "consensual")
    texts = [
        (entry.label_id + " " + entry.label_en).lower()
        for entry in [*knowledge.items().values(), *knowledge.rules(), *knowledge.statements().values()]
    ]
    assert not [text for text in texts for word in blaming if word in text]


@pytest.mark.parametrize("risk", knowledge.RISKS)
def test_every_risk_says_when_the_case_is_looked_at_again(risk: str) -> None:
    assert knowledge.follows()[risk].review_days >= 1


def test_a_higher_risk_is_never_looked_at_later() -> None:
    days = [knowledge.follows()[risk].review_days for risk in ("high", "medium", "low")]
    assert days == sorted(days)


def test_aku_bangkit_and_aku_bahagia_are_groups() -> None:
    assert {"aku_bangkit", "aku_bahagia"} <= set(knowledge.programmes())
    assert knowledge.least_children() == 5


def test_the_only_need_without_a_question_is_a_place_for_tonight() -> None:
    assert rules_risk.proposed_services({"safe_place": "no"}) == ("shelter",)
    assert rules_risk.proposed_services({"within_72h": "yes", "selfharm": "yes"}) == ("health", "psychological")
    assert rules_risk.proposed_services({"within_72h": "unknown"}) == ()
