"""Points out words that label a child, and says the better ones. Pure: text in, hints out; nothing is kept or logged.

The words stand in knowledge/glossary.yaml, which also says how they are written there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from lindung.desk import knowledge
from lindung.desk.knowledge import Term

LONGEST = 20_000
"""Characters that are looked at. The longest text that staff can write."""

MOST = 50
"""Hints for one text at most."""

LANGUAGES = ("id", "en")

_ENDINGS = {
    # -nya, -ku, -mu may be followed by -lah or -kah; "predator-predator" and "predator2" are plurals.
    "id": r"(?:-?(?:nya|ku|mu))?(?:-?(?:lah|kah|pun))?",
    "en": r"(?:['’]s|s['’]?|es)?",
}
_BETWEEN_WORDS = r"(?=[\s\-‐‑])[ \t\u00a0]{0,4}(?:\r?\n|[-‐‑])?[ \t\u00a0]{0,4}"
_QUOTED = re.compile(r"“[^“”]*”|«[^«»]*»|\"[^\"\n]*\"|‘[^‘’\n]*’(?!\w)")
_SENTENCE_END = re.compile(
    r"(?<!\bNo)(?<!\bno)(?<!\bPs)(?<!\bay)(?<!\bArt)(?<!\bjo)[.!?…]{1,5}[\"”’)]{0,3}\s|\n[ \t\r]{0,20}\n"
)
_DENIED = re.compile(
    r"(?:\bbukan(?:lah)?(?:\s+(?:seorang|sebuah|lagi))?|\b(?:not|never)(?:\s+(?:a|an|the))?|n['’]t(?:\s+(?:a|an|the))?)\s+$",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_COMMON = {
    "id": {
        "yang",
        "dan",
        "di",
        "ke",
        "dari",
        "itu",
        "ini",
        "tidak",
        "ada",
        "untuk",
        "sudah",
        "kamu",
        "kami",
        "ia",
        "dia",
    },
    "en": {"the", "and", "of", "to", "in", "is", "was", "that", "with", "for", "not", "he", "she", "they", "you", "it"},
}
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Hint:
    """One place in a text. `start` and `end` are positions in it; `better` the terms in the language of the text."""

    start: int
    end: int
    code: str
    language: str
    found: str = field(repr=False)
    better: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """The reason, in the language of the page."""
        return knowledge.terms()[self.code].why.label


@dataclass(frozen=True)
class _Pattern:
    term: Term
    language: str
    regex: re.Pattern[str]


def hints(text: str) -> list[Hint]:
    """Return what to think about in a text, in its order and without overlaps; at most MOST, of LONGEST characters."""
    plain, places = _without_marks(text[:LONGEST])
    found = [(m.start(), m.end(), p) for p in _patterns() for m in p.regex.finditer(plain)]
    if not found:
        return []
    likely = language_of(plain)
    # The longest from a place; a word of both languages ("predator") goes by the language of the text.
    found.sort(key=lambda entry: (entry[0], -entry[1], entry[2].language != likely))
    quoted = [(m.start(), m.end()) for m in _QUOTED.finditer(plain)]
    ends = [m.end() for m in _SENTENCE_END.finditer(plain)]
    result: list[Hint] = []
    last = 0
    for start, end, pattern in found:
        if start < last:
            continue
        last = end
        if _inside(quoted, start, end) or _means_something_else(plain, start, end, pattern, ends):
            continue
        begin, after = places[start], places[end - 1] + 1
        term, better = pattern.term, f"label_{pattern.language}"
        terms = tuple(getattr(one, better) for one in (term, *term.also))
        result.append(Hint(begin, after, term.code, pattern.language, text[begin:after], terms))
        if len(result) == MOST:
            break
    return result


def language_of(text: str) -> str:
    """Return "id" or "en", whichever small words are more frequent; Indonesian when nothing tells."""
    words = [word.lower() for word in _WORD.findall(text)]
    counts = {language: sum(word in known for word in words) for language, known in _COMMON.items()}
    return "en" if counts["en"] > counts["id"] else "id"


def _without_marks(text: str) -> tuple[str, list[int]]:
    """Leave soft hyphens and marks without width out; `places[i]` is where the i-th character stood."""
    if not _MARKS.search(text):
        return text, list(range(len(text)))
    places = [i for i, character in enumerate(text) if not _MARKS.match(character)]
    return "".join(text[i] for i in places), places


def _inside(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    at = bisect_right(spans, (start, LONGEST)) - 1
    return at >= 0 and spans[at][0] <= start and end <= spans[at][1]


def _means_something_else(plain: str, start: int, end: int, pattern: _Pattern, ends: list[int]) -> bool:
    before, after = plain[max(0, start - 40) : start], plain[end : end + 80]
    if _DENIED.search(before):
        return True
    term = pattern.term
    if term.not_after and _beside(term.not_after, pattern.language, after=False).search(before):
        return True
    if term.not_before and _beside(term.not_before, pattern.language, after=True).match(after):
        return True
    if not term.unless:
        return False
    at = bisect_right(ends, start)
    first = ends[at - 1] if at else 0
    # A sentence without an end is not searched without an end.
    sentence = plain[max(first, start - 400) : min(ends[at] if at < len(ends) else len(plain), end + 400)]
    return any(_context(kind).search(sentence) for kind in term.unless)


@cache
def _context(kind: str) -> re.Pattern[str]:
    words = "|".join(_spaced(word) for word in knowledge.context_words(kind))
    # A law is cited with its number, or by the name of a treaty.
    tail = r"(?=[^.]{0,30}\d|\s+(?:opsional|hak|on|for))" if kind == "law" else ""
    return re.compile(rf"\b(?:{words})\b{tail}", re.IGNORECASE)


def _spaced(words: str) -> str:
    return r"\s+".join(re.escape(word) for word in words.split())


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(
        _Pattern(term, language, _compile(text, language))
        for term in knowledge.terms().values()
        for language in LANGUAGES
        for text in term.avoid.get(language, ())
    )


@cache
def _compile(text: str, language: str) -> re.Pattern[str]:
    return re.compile(_phrase(text.split(), language), re.IGNORECASE)


def _beside(phrases: object, language: str, *, after: bool) -> re.Pattern[str]:
    return _neighbours(tuple(phrases.get(language, ())), language, after)  # type: ignore[attr-defined]


@cache
def _neighbours(phrases: tuple[str, ...], language: str, after: bool) -> re.Pattern[str]:
    if not phrases:
        return re.compile(r"(?!)")
    joined = "|".join(_phrase(phrase.split(), language) for phrase in phrases)
    return re.compile(rf"\W{{1,4}}(?:{joined})" if after else rf"(?:{joined})\W{{1,4}}$", re.IGNORECASE)


def _phrase(words: Iterable[str], language: str) -> str:
    """The regular expression of a phrase: every repetition in it is bounded, so that searching stays linear."""
    between = "|".join(re.escape(word) for word in knowledge.between(language))
    result = r"\b"
    for number, word in enumerate(words):
        if word == "...":
            result += rf"(?:{_BETWEEN_WORDS}(?:{between})\b){{0,3}}"
            continue
        result += (_BETWEEN_WORDS if number else "") + _one_word(word, language)
    return result + r"\b"


def _one_word(word: str, language: str) -> str:
    parts = [_optional(part) for part in _alternatives(word)]
    base = parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"
    doubled = rf"(?:[-‐‑]{base}|2)?" if language == "id" else ""
    return base + doubled + _ENDINGS[language]


def _optional(part: str) -> str:
    return re.sub(r"\\\((.*?)\\\)", lambda m: "(?:" + m.group(1).replace(r"\|", "|") + ")?", re.escape(part))


def _alternatives(word: str) -> list[str]:
    """Split at | outside of brackets."""
    parts, depth = [""], 0
    for character in word:
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
