"""The building blocks keep what they promise, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.core.errors import SealBroken
from lindung.vault import primitives as p

KEY = bytes(range(32))


def test_hkdf_agrees_with_rfc_5869_case_1() -> None:
    okm = p.hkdf_sha256(
        ikm=bytes.fromhex("0b" * 22),
        salt=bytes.fromhex("000102030405060708090a0b0c"),
        info=bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"),
        length=42,
    )
    assert okm.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_hkdf_agrees_with_rfc_5869_case_3_without_salt_and_info() -> None:
    okm = p.hkdf_sha256(ikm=bytes.fromhex("0b" * 22), salt=b"", info=b"", length=42)
    assert okm.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"


def test_labels_give_keys_of_their_own() -> None:
    assert len({p.hkdf(KEY, label) for label in ("a", "b", "", "a/b")}) == 4
    assert p.hkdf(KEY, "a") == p.hkdf(KEY, "a")


@given(st.binary(max_size=70_000))
@settings(max_examples=60)
def test_padding_comes_off_again_and_only_size_classes_show(data: bytes) -> None:
    padded = p.pad(data)
    assert p.unpad(padded) == data
    assert len(padded) in {256, 1024, 4096, 16384, 65536} or len(padded) % 65536 == 0
    assert len(padded) > len(data)


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (0, 256),
        (255, 256),
        (256, 1024),
        (1023, 1024),
        (16384, 65536),
        (65535, 65536),
        (65536, 131072),
        (131071, 131072),
    ],
)
def test_the_size_classes_stand_where_the_docstring_says(length: int, size: int) -> None:
    assert len(p.pad(b"x" * length)) == size


@pytest.mark.parametrize("padded", [b"", b"\x00" * 256, b"a" * 256])
def test_what_was_not_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(SealBroken):
        p.unpad(padded)


@given(st.binary(max_size=300), st.binary(max_size=40), st.data())
def test_any_changed_byte_of_a_sealed_value_fails(plain: bytes, aad: bytes, data: st.DataObject) -> None:
    sealed = p.aead_seal(KEY, plain, aad)
    assert p.aead_open(KEY, sealed, aad) == plain
    position = data.draw(st.integers(0, len(sealed) - 1))
    flipped = data.draw(st.integers(1, 255))
    broken = sealed[:position] + bytes([sealed[position] ^ flipped]) + sealed[position + 1 :]
    for attempt in (broken, sealed[:position], sealed + b"\x00"):
        with pytest.raises(SealBroken):
            p.aead_open(KEY, attempt, aad)
    with pytest.raises(SealBroken):
        p.aead_open(KEY, sealed, aad + b"x")
    with pytest.raises(SealBroken):
        p.aead_open(bytes(32), sealed, aad)


@given(st.binary(min_size=1, max_size=100), st.data())
def test_any_changed_byte_of_a_sealed_box_fails(plain: bytes, data: st.DataObject) -> None:
    private, public = p.generate_keypair()
    sealed = p.box_seal(public, plain)
    assert p.box_open(private, sealed) == plain == p.box_open(private, sealed, public)
    position = data.draw(st.integers(0, len(sealed) - 1))
    broken = sealed[:position] + bytes([sealed[position] ^ data.draw(st.integers(1, 127))]) + sealed[position + 1 :]
    for attempt in (broken, sealed[:position]):
        with pytest.raises(SealBroken):
            p.box_open(private, attempt)
    with pytest.raises(SealBroken):
        p.box_open(p.generate_keypair()[0], sealed)


def test_sealing_twice_gives_different_bytes() -> None:
    _, public = p.generate_keypair()
    assert p.aead_seal(KEY, b"x", b"") != p.aead_seal(KEY, b"x", b"")
    assert p.box_seal(public, b"x") != p.box_seal(public, b"x")


parts = st.lists(st.one_of(st.text(max_size=8), st.binary(max_size=8)), max_size=4)


@given(parts, parts)
def test_different_contexts_give_different_bytes(one: list[str | bytes], two: list[str | bytes]) -> None:
    def plain(items: list[str | bytes]) -> list[bytes]:
        return [i.encode() if isinstance(i, str) else i for i in items]

    assert (p.context(*one) == p.context(*two)) == (plain(one) == plain(two))


def test_tokens_differ_by_key_by_domain_and_by_value() -> None:
    tokens = {p.token(k, d, v) for k in (KEY, bytes(32)) for d in ("a", "ab") for v in ("c", "bc", b"x")}
    assert len(tokens) == 12
    assert p.token(KEY, "a", "c") == p.token(KEY, "a", b"c")


def test_a_broken_seal_says_nothing_about_the_bytes() -> None:
    sealed = p.aead_seal(KEY, b"rahasia", b"tempat")
    with pytest.raises(SealBroken) as caught:
        p.aead_open(KEY, sealed[:-1], b"tempat")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert sealed.hex() not in repr(caught.value)
