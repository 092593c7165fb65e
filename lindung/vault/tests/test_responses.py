"""Keys of requests that a machine may repeat: the same from the same, and nothing in common otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.core.errors import SealBroken
from lindung.vault import receipts, responses

CALLER, SECRET, NAME = b"c" * 16, b"s" * 32, "laporan-0000000001"


def keys(caller: bytes = CALLER, secret: bytes = SECRET, name: str = NAME) -> responses.RequestKeys:
    return responses.keys_of(caller=caller, secret=secret, name=name)


def test_the_same_request_has_the_same_keys_and_a_whole_receipt() -> None:
    assert keys() == keys()
    assert receipts.check(keys().receipt) == keys().receipt
    assert len(keys().reference) == len(keys().practice) == 17


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32), st.text(min_size=1, max_size=50))
@settings(max_examples=50)
def test_another_caller_secret_or_name_has_nothing_in_common(caller: bytes, secret: bytes, name: str) -> None:
    mine, other = keys(), keys(caller, secret, name)
    if (caller, secret, name) == (CALLER, SECRET, NAME):
        return
    for field in ("tag", "walk", "receipt", "reference", "practice", "body_key", "response_key"):
        assert getattr(mine, field) != getattr(other, field), field


def test_parts_cannot_be_moved_from_one_into_the_other() -> None:
    assert keys(name="ab").tag != keys(secret=SECRET + b"a", name="b").tag
    assert keys(caller=CALLER + b"s", secret=SECRET[1:]).tag != keys().tag


def test_an_answer_opens_with_its_own_request_alone() -> None:
    sealed = responses.seal_response(keys(), b"jawaban")
    assert responses.open_response(keys(), sealed) == b"jawaban"
    for other in (keys(name="laporan-0000000002"), keys(secret=b"t" * 32)):
        with pytest.raises(SealBroken):
            responses.open_response(other, sealed)
    assert b"jawaban" not in sealed


def test_a_body_is_known_again_and_says_nothing() -> None:
    assert responses.body_tag(keys(), b"isi") == responses.body_tag(keys(), b"isi")
    assert responses.body_tag(keys(), b"isi") != responses.body_tag(keys(), b"lain")
    assert responses.body_tag(keys(), b"isi") != responses.body_tag(keys(name="laporan-0000000002"), b"isi")


def test_a_practice_reference_is_known_without_a_table_and_only_to_its_caller() -> None:
    reference = keys().practice
    assert responses.is_practice(caller=CALLER, secret=SECRET, reference=reference)
    assert not responses.is_practice(caller=b"d" * 16, secret=SECRET, reference=reference)
    assert not responses.is_practice(caller=CALLER, secret=b"t" * 32, reference=reference)
    assert not responses.is_practice(caller=CALLER, secret=SECRET, reference=keys().reference)


@given(st.text(max_size=20))
def test_no_made_up_reference_is_one(text: str) -> None:
    assert not responses.is_practice(caller=CALLER, secret=SECRET, reference=text)
    assert not responses.is_practice(caller=CALLER, secret=SECRET, reference="S" + text[:16].ljust(16, "0"))


def test_secrets_never_show_in_a_representation() -> None:
    shown = repr(keys())
    for field in ("tag", "walk", "body_key", "response_key"):
        assert repr(getattr(keys(), field)) not in shown
    assert keys().receipt not in shown


def test_a_receipt_needs_a_whole_seed() -> None:
    with pytest.raises(ValueError):
        receipts.from_seed(b"kurang")
