"""Two spellings of one name: "UPT PPPA Kab. Bogor" and "UPTD PPA Kabupaten Bogor" are the same unit.

The rules stand in knowledge/names.yaml. A key is for comparing only and is never shown.
"""

from __future__ import annotations

import re
from functools import cache

from lindung.core.knowledge import KnowledgeError
from lindung.places import selectors as places
from lindung.places.matching import words_of

from . import knowledge

LONGEST = 200


def name_key(name: str, region: str = "") -> str:
    """The name as words that can be compared: no capitals, no punctuation, one spelling for each known word.

    The name of its own place is left out: with "32.01" both "UPTD PPA Bogor" and "UPTD PPPA Kab. Bogor" are "uptd ppa",
    and it is the region that tells them from the unit next door. A name of which nothing is left keeps its words.
    """
    plain = " ".join(_words(name))
    text = f" {plain} "
    for spelling, word in _replacements():
        while (changed := text.replace(f" {spelling} ", f" {word} ")) != text:
            text = changed
    for place in _names_of(region):
        text = text.replace(f" {place} ", " ")
    words = [word for word in text.split() if word not in knowledge.dropped_words()]
    return (" ".join(words) or plain)[:LONGEST]


def _words(text: str) -> tuple[str, ...]:
    found: list[str] = []
    # The catalogue of places reads at most 80 characters at a time; names of bodies are longer.
    for piece in re.split(r"\s+", text.strip()[:LONGEST]):
        found.extend(words_of(piece, spelled_out=False))
    return tuple(found)


@cache
def _replacements() -> tuple[tuple[str, str], ...]:
    """Every spelling with its word, the longest first, so that a whole phrase is taken before a part of it."""
    found = {text: entry.word for entry in knowledge.spellings() for text in entry.same}
    for text, word in found.items():
        if f" {text} " in f" {word} ":
            raise KnowledgeError(f"names.yaml: {text!r} stands within the word that replaces it")
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[0].split()), -len(pair[0]), pair[0])))


@cache
def _names_of(region: str) -> tuple[str, ...]:
    """The names of a place and of its province as words, longest first."""
    names = {
        " ".join(_words(name))
        for place in (places.get(region[:5]), places.province_of(region[:5]))
        if place is not None
        for name in (place.name, place.short_name)
    }
    return tuple(sorted(names, key=lambda name: -len(name)))
