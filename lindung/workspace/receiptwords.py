"""Digits as they are said aloud, so that nobody mishears a receipt on a bad line."""

from __future__ import annotations

from django.utils.translation import get_language

_SPOKEN = {
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


def spoken(digits: str) -> str:
    """Each digit as a word, in the language of the page: "1234" is "satu dua tiga empat"."""
    words = _SPOKEN["en" if (get_language() or "id").startswith("en") else "id"]
    return " ".join(words[int(digit)] for digit in digits)
