"""The indicators of this distribution: complete, exact about what they need, careful in their words."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lindung_redflags.catalogue import Catalogue, Indicator, grids, load, parameters_from
from lindung_redflags.catalogue.loading import own_files, read, schema
from lindung_redflags.catalogue.needing import derived
from lindung_redflags.errors import BadCatalogue

EXPECTED = [f"P{n:02}" for n in range(1, 19)] + [f"R{n:02}" for n in range(1, 15)] + [f"X{n:02}" for n in range(1, 7)]
CONTEXT = {"P10", "P12", "P16", "P17", "R12", "R13"}
NEVER_ALONE = {
    "P04", "P07", "P08", "P09", "P11", "P13", "P14",
    "R03", "R05", "R07", "R10", "R11", "R14",
}  # fmt: skip
VICTIMS = {"R08", "X01", "X02", "X03", "X04", "X06"}

ALL: list[Indicator] = list(load())


def named(one: Indicator) -> str:
    return one.id


def texts(value: Any) -> list[str]:
    """Every text in what was read from a file."""
    if isinstance(value, dict):
        return [text for entry in value.values() for text in texts(entry)]
    if isinstance(value, list):
        return [text for entry in value for text in texts(entry)]
    return [value] if isinstance(value, str) else []


def test_all_38_are_there_one_file_each() -> None:
    assert [one.id for one in ALL] == sorted(EXPECTED)
    assert [path.stem for path in own_files()] == sorted(EXPECTED)
    assert all(read(path)[0]["id"] == path.stem for path in own_files())


def test_only_context_is_not_computed_and_says_why() -> None:
    assert {one.id for one in ALL if not one.computed} == CONTEXT
    assert {one.id for one in ALL if "not_computed" in one.raw} == CONTEXT
    assert {one.id for one in ALL if one.kind == "supporting"} == NEVER_ALONE


def test_possible_victims_are_a_class_of_their_own_and_their_reviewers_are_told_to_tell_nobody() -> None:
    assert {one.id for one in ALL if one.subject == "possible_victim"} == VICTIMS
    for one in ALL:
        if one.subject == "possible_victim":
            assert any("UU 8/2010 pasal 12" in text for text in one.raw["check"]["id"])
            assert any("Law 8/2010 article 12" in text for text in one.raw["check"]["en"])
            assert any("protective route" in text for text in one.raw["check"]["en"])


@pytest.mark.parametrize("one", [one for one in ALL if one.computed], ids=named)
def test_needs_are_exactly_what_is_compared(one: Indicator) -> None:
    said = {part: set(one.raw["needs"].get(part, ())) for part in ("transactions", "accounts", "lists")}
    assert said == derived(one.raw)


@pytest.mark.parametrize("one", ALL, ids=named)
def test_a_source_that_is_not_known_carries_its_mark(one: Indicator) -> None:
    for source in one.raw["sources"]:
        if source["name"].startswith("Common knowledge") or "not checked" in source["name"]:
            assert source["mark"] == "K"
        if source["mark"] == "S":
            assert source.get("where"), "a source that was read says where"


@pytest.mark.parametrize("one", [one for one in ALL if one.computed], ids=named)
def test_each_parameter_has_limits_on_both_sides_of_its_default(one: Indicator) -> None:
    for name, entry in one.raw["parameters"].items():
        if entry["unit"] != "list":
            assert "min" in entry, name
            assert Fraction(entry["min"]) <= Fraction(entry["default"]) <= Fraction(entry.get("max", entry["default"]))


def test_no_number_in_a_predicate_is_a_float() -> None:
    for one in ALL:
        for test in one.tests:
            assert type(test.value) in {int, Fraction}
            for _, value in [*test.of, *one.payments]:
                assert type(value) in {int, Fraction, bool, str, tuple}


def test_sex_is_never_used_and_the_age_of_a_subject_only_for_possible_victims() -> None:
    published: Any = schema().schema
    properties = published["$defs"]["conditions"]["properties"]
    assert not [name for name in properties if re.search("sex|gender|kelamin", name)]
    for one in ALL:
        assert not {"sex", "gender"} & {name for names in one.needs.values() for name in names}
        if one.subject != "possible_victim":
            for conditions in (one.payments, *(test.of for test in one.tests)):
                assert not conditions.speaks_of("subject_minor")
                assert not conditions.speaks_of("subject_age_to")


AVOIDED = re.compile(
    r"pornografi anak|child pornography|pelacur|prostitusi anak|child prostitution|sex worker|"
    r"wisata seks|sex tourism|"
    r"anak nakal|consenting|predator|pedofil|pedophile|paedophile|pelaku anak|child perpetrator|child offender",
    re.IGNORECASE,
)  # fmt: skip


@pytest.mark.parametrize("one", ALL, ids=named)
def test_words_are_those_of_the_glossary(one: Indicator) -> None:
    for text in texts(one.raw):
        assert not AVOIDED.search(text)
        assert text == text.strip()
    for text in texts(one.raw["title"]) + texts(one.raw["explanation"]):
        assert not re.search(r"(?<!terduga )\bpelaku\b", text, re.IGNORECASE), "pelaku only as terduga pelaku"


def test_both_languages_differ_and_say_as_much() -> None:
    for one in ALL:
        for part in ("title", "explanation"):
            both = one.raw[part]
            assert both["id"] != both["en"]
            assert 0.5 < len(both["id"]) / len(both["en"]) < 2
        for part in ("check", "innocent"):
            assert len(one.raw[part]["id"]) == len(one.raw[part]["en"]), (one.id, part)


def test_lists_that_nobody_published_are_empty() -> None:
    lists = load().lists
    assert {name for name, entries in lists.items() if not entries} == {
        "platform_words", "payee_words", "destinations", "content_categories",
    }  # fmt: skip
    assert {"gift", "hadiah"} <= set(lists["ordinary_words"])


def test_grids_are_whole_ten_thousandths() -> None:
    assert grids()["IDR"] == 50_000 * 10_000
    assert grids()["USD"] == grids()["AUD"] == grids()["EUR"] == 5 * 10_000
    assert load().grids == grids()


def test_the_version_hangs_on_everything_that_decides() -> None:
    plain = load()
    same = load(parameters={"R01": {"payers": 5}})
    assert plain.version == same.version
    other = load(parameters={"R01": {"payers": 6}})
    lists = Catalogue(plain.indicators, dict(plain.lists) | {"payee_words": ("x",)}, plain.grids)
    steps = Catalogue(plain.indicators, plain.lists, dict(plain.grids) | {"IDR": 1})
    assert len({plain.version, other.version, lists.version, steps.version}) == 4


def test_parameters_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("R01: {payers: 6, to: 4000000}\nP03: {round: 0.9}\n")
    found = load(parameters=parameters_from(path))
    assert found.indicators["R01"].parameters["payers"] == 6
    assert found.indicators["R01"].tests[0].value == 6
    assert found.indicators["P03"].parameters["round"] == Fraction(9, 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("R99: {payers: 6}", "no indicator is called R99"),
        ("R01: {people: 6}", "R01 has no parameter people; it has payers, from, to"),
        ("P10: {people: 6}", "P10 has no parameter people; it has none"),
        ("R01: {payers: 1}", "payers is 1; expected at least 2"),
        ("R01: {payers: 5000}", "payers is 5000; expected at most 1000"),
        ("R01: {payers: 5.5}", "expected a whole number of people"),
        ("R01: {payers: [5]}", "expected one number of people"),
        ("P03: {round: 1.5}", "expected a share between 0 and 1"),
        ("R01: {payers: six}", "line 1: R01.payers: expected a number or a list"),
        ("\nR01:\n  payers: yes", "line 3: R01.payers: expected a number or a list"),
        ("R01: 6", "line 1: R01: expected parameters"),
        ("- R01", "line 1: expected indicators with their parameters"),
        ("R01: {payers: 5}\nR01: {payers: 6}", "line 2: not as it has to be: the key 'R01' stands twice"),
    ],
)
def test_wrong_parameters_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(BadCatalogue, match=re.escape(said)):
        load(parameters=parameters_from(path))
