"""How what may not be told is recognised, however it is written; and how far that goes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.casework import rules_barred as rules

FOUND = [
    ("Kejora", "Anak bercerita tentang kejora kemarin."),
    ("Kejora", "KEJORA"),
    ("Kejora", "K e j o r a"),
    ("Kejora", "ke-jo.ra"),
    ("Kejora", "Kéjõra"),
    ("Kejora", "k3j0r4"),
    ("Kejora", "k\u200bejo\u00adra"),
    ("Kejora", "terkejora"),
    ("k3j0r4", "Kejora"),
    ("Kejora", "kejora12"),
    ("budi_2009", "Budi 2009"),
    ("Lani", "lani sakit"),
    ("Lani", "Laninya"),
    ("Lani", "L a n i"),
    ("Lani", "1an1"),
    ("Lani", "si @lani"),
    ("Lani", "lani, 14 tahun"),
    ("lagu lama", "La-gu\nlama"),
    ("0812-3456-789", "telepon +62 812 3456 789 malam hari"),
    ("+62 (0)812 3456 789", "08123456789"),
    ("@akun.satu", "AKUN satu"),
]
NOT_FOUND = [
    ("budi_2009", "budi_2010 dan budi"),
    ("Lani", "jalanin dulu"),
    ("Lani", "selanisan"),
    ("Kejora", "ke jalan raya"),
    ("0812-3456-789", "0812-3456-788"),
    ("Kejora", ""),
    ("ab", "ab"),
]


@pytest.mark.parametrize(("word", "text"), FOUND)
def test_a_barred_word_is_met(word: str, text: str) -> None:
    assert rules.holds(text, word)


@pytest.mark.parametrize(("word", "text"), NOT_FOUND)
def test_what_is_something_else_is_not(word: str, text: str) -> None:
    assert not rules.holds(text, word)


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=14)
GAPS = st.sampled_from(["", " ", "-", ".", "\n", "_", "\u200b", "/", "  "])
TWINS = {"o": "0", "i": "1", "z": "2", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8", "g": "9", "l": "1"}


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A word and a way of writing it: case, accents, gaps; and, all through, digits or signs instead of letters."""
    word = draw(WORDS)
    twins = draw(st.booleans())
    written = []
    for letter in word:
        one = letter.upper() if draw(st.booleans()) else letter
        if twins and letter in TWINS and draw(st.booleans()):
            one = draw(st.sampled_from(TWINS[letter]))
        elif draw(st.booleans()):
            one = unicodedata.normalize("NFC", one + draw(st.sampled_from("\u0301\u0308\u0327")))
        written.append(one + draw(GAPS))
    return word, "".join(written)


@settings(max_examples=150, deadline=None)
@given(disguised(), st.text(max_size=20), st.text(max_size=20))
def test_no_disguise_of_a_long_word_goes_through(pair: tuple[str, str], before: str, after: str) -> None:
    word, written = pair
    assert rules.holds(f"{before} {written} {after}", word)


@settings(max_examples=80, deadline=None)
@given(st.text("abcdefghijkmnopqrstuvwxyz", min_size=3, max_size=4), st.booleans())
def test_a_short_word_is_met_alone_and_spelled_out_but_not_inside_another(word: str, spelled: bool) -> None:
    assert rules.holds(f"ada, {' '.join(word) if spelled else word}.", word)
    assert not rules.holds(f"xx{word}xxqq", word) or word in rules.ENDINGS


def test_contacts_and_names_are_the_same_however_they_are_written() -> None:
    assert rules.same_contact("+62 812-3456-789", "0812 3456 789")
    assert rules.same_contact("@Akun.Satu", "akunsatu")
    assert rules.same_contact("Ratna@Contoh.invalid", "ratna@contoh.invalid")
    assert not rules.same_contact("0812 3456 789", "0812 3456 780")
    assert not rules.same_contact("", "")
    assert rules.same_name("Bapak Surya Ari", "surya ari")
    assert not rules.same_name("", "Pak")
    assert not rules.same_name("Surya Ari", "Surya Arif")


def test_a_word_of_two_letters_is_too_short_to_be_looked_for() -> None:
    assert not rules.recognisable("a b")
    assert rules.recognisable("a-b-c")
