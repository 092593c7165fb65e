"""Strangers' text is shown harmlessly and media in disguise is noticed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core.textsafe import holds_media, neutralise

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(200)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(200)
MP3 = b"ID3\x04\x00" + bytes(200)


@pytest.mark.parametrize(
    "text",
    ["halo", "satu\ndua\ttiga", "emoji 👩‍👧 tetap", "kutip ' \" <b> {{ x }} {% y %}", "ꦲꦤꦕꦫꦏ", "مرحبا"],
)
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_direction_overrides_and_controls_become_visible() -> None:
    assert neutralise("akun\u202egnp.exe\x07\x1b[31m\u2066x\u2069\u200b") == "akun�gnp.exe��[31m�x��"


@given(st.text())
def test_what_is_shown_holds_no_control_or_direction_character(text: str) -> None:
    shown = neutralise(text)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x08\x1b\x7f\x85"
    )


@pytest.mark.parametrize("blob", [PNG, JPEG, MP4, WEBP, MP3])
@pytest.mark.parametrize("shape", ["plain", "url-safe", "wrapped", "data uri", "hex", "after a word"])
def test_media_in_disguise_is_noticed(blob: bytes, shape: str) -> None:
    encoded = base64.b64encode(blob).decode()
    text = {
        "plain": f"lihat ini: {encoded}",
        "url-safe": base64.urlsafe_b64encode(blob).decode(),
        "wrapped": "\r\n".join(encoded[i : i + 60] for i in range(0, len(encoded), 60)),
        "data uri": "data: image/png;base64,AAAA",
        "hex": "gambar " + blob.hex(),
        "after a word": "abc" + encoded,
    }[shape]
    assert holds_media(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dia menulis panjang sekali " * 200,
        "https://contoh.example/p/" + "aB3_" * 40,
        "0812 3456 7890 " * 30,
        "a" * 5000,
        "deadbeef" * 100,
        "wkwkwkwk" * 100,
    ],
)
def test_long_words_links_and_numbers_are_not_mistaken_for_media(text: str) -> None:
    assert not holds_media(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Z"]), max_size=400))
def test_looking_for_media_never_fails(text: str) -> None:
    assert holds_media(text) in (True, False)
