"""How hard a text is to read: LIX of Björnsson (Läsbarhet, Stockholm 1968), which asks no language. Pure functions.

LIX = words / sentences + 100 x long words / words. A long word has more than six letters. How words and sentences are
told apart here:

* A word is a run of letters; an apostrophe inside it counts with it. A hyphen parts two words: doubled words such as
  "teman-teman" are not hard.
* Numbers and addresses ("110", "healing119.id", "08111-129-129") count as one word each, never as a long one.
* A sentence ends at . ! ? … or : before a blank or a quotation mark, and at the end of a line.

The three judgements are ours, for a reader of twelve: up to 30 easy (children's books lie there), up to 40 a little
heavy (stories for adults), above it too heavy. They were never tried with children in Indonesian, whose words are long
by their endings: they find the sentence to look at, no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONG_LETTERS = 6
EASY, HEAVY = 30, 40
HEAVY_WORDS = 6
"""A sentence is marked only from this many words on: two words, one of them long, are not hard to read."""
MOST_MARKED = 3
LONGEST = 20_000

EASY_CODE, HEAVY_CODE, TOO_HEAVY_CODE = "easy", "heavy", "too_heavy"

_SENTENCE = re.compile(r"(?<![.!?…:])[.!?…:]+[\"'”’»)]{0,3}(?=\s|$)|\n+")
_TOKEN = re.compile(r"\S+")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ADDRESS = re.compile(r"\d|[^\W\d_]\.[^\W\d_]|[@/]")


@dataclass(frozen=True)
class Sentence:
    """One sentence of a text, with its words and how many of them are long."""

    text: str = field(repr=False)
    words: int
    long: int

    @property
    def lix(self) -> float:
        return lix(self.words, 1, self.long)


@dataclass(frozen=True)
class Reading:
    """What is known of a text. `heavy`: the sentences to look at, heaviest first, at most MOST_MARKED."""

    words: int
    sentences: int
    long: int
    heavy: tuple[Sentence, ...] = ()

    @property
    def lix(self) -> float:
        return lix(self.words, self.sentences, self.long)

    @property
    def words_a_sentence(self) -> float:
        """Average length of a sentence in words; 0 for an empty text."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def long_share(self) -> float:
        """Share of long words in per cent; 0 for an empty text."""
        return 100 * self.long / self.words if self.words else 0.0

    @property
    def judgement(self) -> str:
        """`easy`, `heavy` or `too_heavy` for a reader of twelve; "" for an empty text."""
        if not self.words:
            return ""
        return EASY_CODE if self.lix <= EASY else HEAVY_CODE if self.lix <= HEAVY else TOO_HEAVY_CODE


def lix(words: int, sentences: int, long: int) -> float:
    """Björnsson's index; 0 for a text without words."""
    return words / sentences + 100 * long / words if words and sentences else 0.0


def read(text: str) -> Reading:
    """Measure a text; at most LONGEST characters of it are looked at."""
    found = sentences(text[:LONGEST])
    heavy = sorted((s for s in found if s.words >= HEAVY_WORDS and s.lix > HEAVY), key=lambda s: -s.lix)
    return Reading(
        words=sum(s.words for s in found),
        sentences=len(found),
        long=sum(s.long for s in found),
        heavy=tuple(heavy[:MOST_MARKED]),
    )


def sentences(text: str) -> list[Sentence]:
    """Split a text; pieces without a word are left out."""
    pieces, start = [], 0
    for end in (*(m.end() for m in _SENTENCE.finditer(text)), len(text)):
        piece = text[start:end].strip()
        start = end
        words, long = _count(piece)
        if words:
            pieces.append(Sentence(piece, words, long))
    return pieces


def _count(piece: str) -> tuple[int, int]:
    words = long = 0
    for token in _TOKEN.findall(piece):
        bare = token.strip(".,;:!?…()[]“”\"'‘’«»")
        if _ADDRESS.search(bare):
            words += 1
            continue
        for word in _WORDS.findall(bare):
            words += 1
            long += sum(c.isalpha() for c in word) > LONG_LETTERS
    return words, long
