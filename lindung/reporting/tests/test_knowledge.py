"""The knowledge files hold together, in both languages, with the network's own words."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest
import yaml
from django.utils import translation

from lindung.core.knowledge import load_yaml
from lindung.reporting import knowledge, rules
from lindung.reporting.models import ClosureReason, NextStep, State

AVOIDED = (
    "pornografi anak", "prostitusi anak", "pelacur", "psk anak", "wisata seks", "predator", "pedofil", "anak nakal",
    "mau sama mau", "pelaku", "child porn", "child prostitut", "sex worker", "sex tourism", "paedophile", "pedophile",
    "naughty", "consenting", "liar", "berbohong", "bohong",
)  # fmt: skip


@pytest.mark.parametrize("name", knowledge.FILES)
def test_every_file_says_its_version_its_date_and_its_source(name: str) -> None:
    content = load_yaml("lindung.reporting.knowledge", f"{name}.yaml")
    assert isinstance(content["date"], date)
    assert content["version"]
    assert len(content["source"]) > 20


@pytest.mark.parametrize("name", knowledge.FILES)
def test_words_follow_the_glossary_and_blame_nobody(name: str) -> None:
    text = yaml.safe_dump(load_yaml("lindung.reporting.knowledge", f"{name}.yaml"), allow_unicode=True).lower()
    assert [word for word in AVOIDED if word in text] == []


def test_no_file_is_forgotten() -> None:
    here = {entry.name[:-5] for entry in files("lindung.reporting.knowledge").iterdir() if entry.name.endswith(".yaml")}
    assert here == set(knowledge.FILES)


def test_the_three_forms_of_the_book_and_the_five_of_the_article() -> None:
    groupings = knowledge.groupings()
    assert groupings["terminology_2019"].forms == ("sexting", "grooming", "live")
    assert groupings["article_2023"].forms == ("csam", "grooming", "sexting", "sextortion", "live")
    assert knowledge.grouping_of("terminology_2019", ["sextortion", "grooming", "contact"]) == ("grooming",)


def test_offline_forms_and_material_made_with_ai_are_in_the_taxonomy() -> None:
    offline = {code for code, form in knowledge.forms().items() if form.kind == "offline"}
    assert {"contact", "esp", "trafficking", "marriage", "travel"} <= offline
    assert knowledge.forms()["ai_csam"].kind == "online"


def test_the_ten_plain_statements_lead_to_forms_and_hard_to_say_to_none() -> None:
    statements = knowledge.statements()
    assert len([s for s in statements.values() if not s.button]) == 10
    assert statements["threat_to_spread"].forms == ("sextortion",)
    assert statements["fake_image"].forms == ("ai_csam",)
    assert statements["hard_to_say"].forms == ()
    assert statements["just_talk"].button


def test_labels_follow_the_language_of_the_page() -> None:
    with translation.override("en"):
        assert knowledge.option_label("age_band", "u6") == "Under 6"
    with translation.override("id"):
        assert knowledge.option_label("age_band", "u6") == "Di bawah 6 tahun"
    assert knowledge.option_label("online_where", "gone_app") == "gone_app"


def test_every_state_has_a_sentence_and_every_ending_too() -> None:
    assert {state.value for state in State} <= set(knowledge.steps())
    for state in State:
        for asked in ("", "supervisor", "refused", "undone"):
            for help_path in (False, True):
                code = rules.step_code(state=state, withdrawal_state=asked, is_help=help_path)
                assert code in knowledge.steps()
    assert {*ClosureReason.values, "withdrawn"} <= set(knowledge.outcomes())
    assert set(NextStep.values) <= set(knowledge.outcomes())


def test_fixed_sentences_hold_known_places_only() -> None:
    for step in knowledge.steps().values():
        for text in (step.label_id, step.label_en, step.next.label_id, step.next.label_en):
            filled = text.replace("{alias}", "").replace("{when}", "").replace("{days}", "")
            assert "{" not in filled


def test_a_first_risk_is_never_low() -> None:
    assert knowledge.default_risk() == "medium"
    assert {rule.risk for rule in knowledge.risk_rules()} == {"high", "medium"}
