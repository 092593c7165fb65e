"""Answers: typed, limited, and otherwise untouched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core.errors import BadInput, SealBroken
from lindung.reporting import answers as answering
from lindung.reporting import knowledge

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
"""Every Unicode text that can be written as UTF-8, control and direction marks included."""

TEXTS = [code for code, q in knowledge.questions().items() if q.kind == "text"]


@st.composite
def any_answers(draw: st.DrawFn) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for code, question in knowledge.questions().items():
        if draw(st.booleans()):
            continue
        if question.kind == "text":
            result[code] = draw(WORDS)[: answering.limit_of(code)]
        elif question.kind == "one":
            result[code] = draw(st.sampled_from(["", *question.options]))
        elif question.kind == "many":
            result[code] = draw(st.lists(st.sampled_from(list(question.options)), max_size=6))
    return result


@given(any_answers())
def test_what_was_written_comes_back_byte_for_byte(raw: dict[str, Any]) -> None:
    stored = answering.decode(answering.encode(answering.check(raw)))
    assert stored == raw
    for code in TEXTS:
        if code in raw:
            assert str(stored[code]).encode() == raw[code].encode()


@pytest.mark.parametrize(
    "text",
    [
        "  spasi di depan dan belakang  ",
        "baris\r\nbaru\rdan\nlagi",
        "😀 👨‍👩‍👧 ' \" ; -- <b> {{ 7 }} {% x %} %s \\ \x00 \x1b[2J \u202egnirts",
        "Robert'); DROP TABLE reporting_report;--",
        "é vs e\u0301",
    ],
)
def test_quotes_marks_and_line_ends_stay_as_they_are(text: str) -> None:
    assert answering.decode(answering.encode(answering.check({"words": text})))["words"] == text


def test_an_empty_report_is_complete() -> None:
    assert answering.check({}) == {}
    assert answering.check({"words": "", "happened": [], "path": ""}) == {"words": "", "happened": [], "path": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age_band", "6"),
        ("age_band", ["u6"]),
        ("happened", "touched"),
        ("happened", ["touched", "nonsense"]),
        ("happened", [["touched"]]),
        ("happened", ["touched"] * 101),
        ("online_where", ["unknown_app"]),
        ("province", "32.73"),
        ("regency", "32"),
        ("regency", "99.99"),
        ("province", 32),
        ("words", ["a"]),
        ("words", None),
        ("words", "a" * 20_001),
        ("reach_how", "a" * 1_001),
        ("words", "\ud800"),
        ("words", "data:image/png;base64,iVBORw0KGgo="),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_its_question(field: str, value: Any) -> None:
    with pytest.raises(BadInput) as caught:
        answering.check({field: value})
    assert caught.value.field == field
    if isinstance(value, str) and len(value) > 5:
        assert value not in str(caught.value.message)


def test_an_unknown_question_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadInput) as caught:
        answering.check({"nama_ibu": "x"})
    assert caught.value.field == "answers"
    assert "nama_ibu" not in str(caught.value.message)


def test_a_platform_that_staff_added_is_accepted() -> None:
    assert answering.check({"online_where": ["baru"]}, platforms=["baru"]) == {"online_where": ["baru"]}


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b'{"v":2,"answers":{}}', b'{"v":1,"answers":3}'])
def test_foreign_bytes_are_never_taken_for_answers(data: bytes) -> None:
    with pytest.raises(SealBroken):
        answering.decode(data)


def test_a_regency_of_another_province_counts_no_longer() -> None:
    assert answering.place_codes({"province": "32", "regency": "32.73"}) == ("32", "32.73")
    assert answering.place_codes({"province": "35", "regency": "32.73"}) == ("35", "")
    assert answering.place_codes({"regency": "32.73"}) == ("32", "32.73")
    assert answering.place_codes({}) == ("", "")


def test_coded_facts_come_from_codes_alone() -> None:
    found = answering.facts(
        {"happened": ["asked_images", "threat_to_spread"], "age_band": "13-15", "given": ["pulsa", "nothing"],
         "online_where": ["tiktok"], "province": "53", "words": "x"}
    )  # fmt: skip
    assert found == [
        ("province", "53"), ("form", "grooming"), ("form", "sexting"), ("form", "sextortion"),
        ("age_band", "13-15"), ("given", "pulsa"), ("platform", "tiktok"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("@budi_123", [("handle", "budi_123")]),
        ("IG: budi_123", [("handle", "budi_123")]),
        ("ig budi_123", [("handle", "budi_123")]),
        ("budi123", [("handle", "budi123")]),
        ("0812-3456-7890", [("phone", "0812-3456-7890"), ("account", "0812-3456-7890")]),
        ("WA +62 812 3456 7890", [("phone", "+62 812 3456 7890")]),
        ("BCA 1234567890", [("account", "1234567890")]),
        ("https://example.org/p/1?x=2", [("url", "https://example.org/p/1?x=2")]),
        ("lihat www.example.org/a dan @siti", [("url", "www.example.org/a"), ("handle", "siti")]),
        ("orang itu tinggal di dekat sekolah", []),
        ("", []),
    ],
)
def test_identifiers_are_found_as_people_write_them(line: str, expected: list[tuple[str, str]]) -> None:
    assert [(i.kind, i.text) for i in answering.identifiers({"accounts": line})] == expected


def test_the_free_story_and_the_path_of_help_give_no_identifier() -> None:
    assert answering.identifiers({"words": "@budi_123"}) == []
    assert answering.identifiers({"accounts": "@budi_123", "path": "worried_self"}) == []
    assert answering.facts({"path": "worried_self", "happened": ["touched"], "age_band": "u6"}) == []


def test_an_identifier_does_not_show_itself() -> None:
    assert "budi" not in repr(answering.identifiers({"accounts": "@budi_123"}))


@given(WORDS)
def test_looking_for_identifiers_never_fails(text: str) -> None:
    assert len(answering.identifiers({"accounts": text, "media_url": text})) <= answering.MAX_IDENTIFIERS
