"""How something that may not be told is recognised in a text: pure functions, no database.

A word is compared without case, accents, punctuation and spacing, and with the commonest digits and signs that stand
for letters (0 o, 1 and l for i, 2 z, 3 e, 4 @ a, 5 $ s, 7 t, 8 b, 9 g). Words of five letters and more are found inside
others too; shorter ones (three and four letters) only as words of their own, spelled with gaps, or with an Indonesian
ending. Telephone numbers are compared without the country's or the leading zero.

Limits, said on the page and in the threat model: another word for the same thing, a translation, letters of other
alphabets that look alike, doubled letters and plain misspellings are not found. It errs on the side of finding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 3
"""Letters and digits that a word must have at least: shorter ones would be found everywhere."""

WHOLE_WORDS_BELOW = 5
ENDINGS = ("nya", "ku", "mu", "lah", "kah", "pun", "s")
_SIGNS = {"@": "a", "$": "s"}
_LETTERS = str.maketrans(
    {"0": "o", "1": "i", "l": "i", "2": "z", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}
)
_PHONE_DIGITS = 7
_WRITINGS = ("letters", "as_written", "without_digits")
"""A text is read in three ways: digits and signs as letters; digits as digits; digits as gaps."""


def words_of(text: str, writing: str = "as_written") -> tuple[str, ...]:
    """The words of a text in one way of reading it: lower case, no accents, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    found: list[str] = []
    for character in plain:
        if unicodedata.category(character) in {"Mn", "Cf", "Me"}:
            continue  # accents and invisible marks part nothing
        if writing == "letters" and character in _SIGNS:
            found.append(_SIGNS[character])
        elif character.isalpha() or (character.isdigit() and writing != "without_digits"):
            found.append(character)
        else:
            found.append(" ")
    joined = unicodedata.normalize("NFKD", "".join(found)).casefold()
    return tuple((joined.translate(_LETTERS) if writing == "letters" else joined).split())


def squeezed(text: str) -> str:
    """A text without its gaps, as written; for measuring whether a word is long enough."""
    return "".join(words_of(text))


def recognisable(word: str) -> bool:
    """Tell whether a word is long enough to be looked for."""
    return len(squeezed(word)) >= SHORTEST


def met(text: str, barred: Iterable[str]) -> frozenset[str]:
    """The barred words that a text holds."""
    readings = [(writing, words_of(text, writing)) for writing in _WRITINGS]
    return frozenset(word for word in barred if any(_holds(words, word, writing) for writing, words in readings))


def holds(text: str, word: str) -> bool:
    """Tell whether a text holds one barred word."""
    return bool(met(text, (word,)))


def _holds(words: tuple[str, ...], word: str, writing: str) -> bool:
    wanted = _wanted(word, writing)
    if len(wanted) < SHORTEST:
        return False
    if writing == "without_digits" and len(wanted) < len(_wanted(word, "as_written")):
        return False  # digits belong to this word: without them it would be another one
    if writing == "as_written" and (core := _phone_core(wanted)):
        return core in "".join(words)
    if len(wanted) >= WHOLE_WORDS_BELOW:
        return wanted in "".join(words)
    return _stands_alone(words, wanted)


@lru_cache(maxsize=4096)
def _wanted(word: str, writing: str) -> str:
    return "".join(words_of(word, writing))


def _stands_alone(words: tuple[str, ...], wanted: str) -> bool:
    """A short word by itself, with an ending, or spelled out over several words ("a n i")."""
    for start, first in enumerate(words):
        if first == wanted or any(first == wanted + ending for ending in ENDINGS):
            return True
        spelled = first
        for following in words[start + 1 : start + len(wanted)]:
            if not wanted.startswith(spelled) or len(spelled) >= len(wanted):
                break
            spelled += following
            if spelled == wanted:
                return True
    return False


def _phone_core(wanted: str) -> str:
    """The part of a telephone number that stays however it is written; "" for anything else."""
    if not wanted.isdigit() or len(wanted) < _PHONE_DIGITS:
        return ""
    return re.sub(r"^(00)?(62)?0?", "", wanted)


def same_contact(one: str, other: str) -> bool:
    """Tell whether two contacts (numbers, handles, addresses) lead to the same place, however they are written."""
    return bool(_contact_forms(one) & _contact_forms(other))


def _contact_forms(text: str) -> frozenset[str]:
    joined = squeezed(text)
    if len(joined) < SHORTEST:
        return frozenset()
    core = _phone_core("".join(character for character in joined if character.isdigit()))
    digits = sum(character.isdigit() for character in joined)
    return frozenset({core}) if core and digits * 2 > len(joined) else frozenset({joined})


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are written with the same letters. "Pak", "Bu" and their like are left aside."""
    first, second = _name(one), _name(other)
    return bool(first) and first == second


_TITLES = frozenset(
    ["pak", "bapak", "bpk", "bu", "ibu", "sdr", "saudara", "saudari", "mr", "mrs", "tn", "ny", "h", "hj"]
)


def _name(text: str) -> str:
    return "".join(word for word in words_of(text) if word not in _TITLES)
