"""The file of definitions is whole, and a wrong one is refused by the entry and what was expected."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lindung.core.knowledge import KnowledgeError, Labelled, load_yaml
from lindung.statistics import knowledge, vocabulary


def first() -> dict[str, Any]:
    return copy.deepcopy(load_yaml("lindung.statistics.knowledge", knowledge.FILE)["statistics"][0])


def read(**changes: Any) -> knowledge.Definition:
    return knowledge._read({**first(), **changes}, Labelled("x", "x", "x"))


def test_every_definition_says_what_it_counts_and_what_not_in_both_languages() -> None:
    for one in knowledge.definitions().values():
        texts = [
            one,
            one.about,
            one.unit,
            one.numerator,
            *one.not_counted,
            *([one.denominator] if one.denominator else []),
        ]
        assert all(text.label_id and text.label_en for text in texts), one.code
        assert one.not_counted, one.code


def test_every_dimension_has_values_and_is_used() -> None:
    used = {name for one in knowledge.definitions().values() for name in one.dimensions}
    assert used == set(knowledge.dimensions())
    for name in used:
        assert len(vocabulary.values(name)) > 1, name
        assert all(vocabulary.label(name, value) for value in vocabulary.values(name))


def test_the_same_dimension_of_a_source_is_treated_in_one_way() -> None:
    for one in knowledge.definitions().values():
        assert {name for name in one.dimensions if name in knowledge.several(one.source)} == one.several, one.code


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit": None}, "expected unit"),
        ({"dimensions": ["hair"]}, "dimensions that the file knows"),
        ({"several": ["risk", "answer"]}, "dimensions that the file knows"),
        ({"measure": "guess"}, "known measure"),
        ({"period": "day"}, "known measure"),
        ({"measure": "share"}, "of, part and denominator"),
        ({"since": "soon"}, "a date"),
        ({"not_counted": ["nothing"]}, "id and en"),
    ],
)
def test_a_wrong_definition_is_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(KnowledgeError, match=expected):
        read(**changes)
