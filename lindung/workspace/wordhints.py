"""Hints about words and about readability, as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.desk import glossary, readability
from lindung.desk.readability import Reading

JUDGEMENTS: dict[str, str | Promise] = {
    readability.EASY_CODE: _("mudah"),
    readability.HEAVY_CODE: _("agak berat"),
    readability.TOO_HEAVY_CODE: _("terlalu berat"),
}
_CSS = {readability.EASY_CODE: "done", readability.HEAVY_CODE: "near", readability.TOO_HEAVY_CODE: "late"}


@dataclass(frozen=True)
class Note:
    """One word to think about, however often it stands in the text. `language` is that of the better terms."""

    found: str = field(repr=False)
    better: tuple[str, ...]
    why: str
    language: str


@dataclass(frozen=True)
class Measured:
    """How a text reads, for a page. Numbers are whole; the sentences to look at come as they stand."""

    judgement: str | Promise
    css: str
    lix: int
    words_a_sentence: int
    long_share: int
    heavy: tuple[str, ...] = field(repr=False)
    language: str = "id"


def noted(text: str) -> list[Note]:
    """What to think about in a text, each word once, in the order of the text."""
    found: dict[tuple[str, str], Note] = {}
    for hint in glossary.hints(text):
        word = " ".join(hint.found.split())
        found.setdefault((hint.code, word.lower()), Note(word, hint.better, hint.why, hint.language))
    return list(found.values())


def measure(text: str, language: str) -> Measured | None:
    """How hard a text in a language is; None for no text, or where it is not asked."""
    if language not in glossary.LANGUAGES:
        return None
    reading = readability.read(text)
    return measured(reading, language) if reading.words else None


def measured(reading: Reading, language: str) -> Measured:
    """Put a reading into what a page shows."""
    return Measured(
        judgement=JUDGEMENTS[reading.judgement],
        css=_CSS[reading.judgement],
        lix=round(reading.lix),
        words_a_sentence=round(reading.words_a_sentence),
        long_share=round(reading.long_share),
        heavy=tuple(" ".join(sentence.text.split()) for sentence in reading.heavy),
        language=language,
    )
