"""What an alert says to the people who review it, in Indonesian and English: the indicator, the figures, the source."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

from lindung_redflags.alerts import Episode
from lindung_redflags.catalogue import saying
from lindung_redflags.catalogue.model import Catalogue, Indicator, Test
from lindung_redflags.features import FEATURES
from lindung_redflags.reference import Hit, holds

_MARKS = {
    "S": ("sumber dibaca", "source read"),
    "S2": ("sumber kedua", "secondary source"),
    "F": ("berkas publik", "public file"),
    "K": ("sumber belum diperiksa", "source to be verified"),
}


_OPS = {
    "id": {">=": "paling sedikit", "<=": "paling banyak", ">": "lebih dari", "<": "kurang dari", "==": "tepat"},
    "en": {">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "==": "exactly"},
}


def held(indicator: Indicator, observed: Sequence[Fraction]) -> list[tuple[Test, Fraction]]:
    """The comparisons of a hit with what was seen; of those of which one suffices the ones that held."""
    return [
        (test, seen)
        for place, (test, seen) in enumerate(zip(indicator.tests, observed, strict=True))
        if place not in indicator.alternatives or holds(seen.as_integer_ratio(), test)
    ]


def comparison(test: Test, observed: Fraction, language: str) -> str:
    """One comparison with what was seen and what it takes."""
    feature, name = FEATURES[test.feature], saying.counted(test, language)
    over, op = saying.span(test.window, language), _OPS[language][test.op]
    limit = saying.value(test.value, feature.unit, language)
    if test.feature.startswith("median_"):
        part = saying.value(_rounded(observed), "share", language)
        if language == "id":
            return f"{name} dalam {over} {op} {limit} (berlaku untuk {part} pembayaran)"
        return f"{name} within {over} {op} {limit} (true of {part} of the payments)"
    seen = saying.value(_rounded(observed), feature.unit, language)
    if language == "id":
        return f"{name} dalam {over}: {seen} (batas: {op} {limit})"
    return f"{name} within {over}: {seen} (limit: {op} {limit})"


def _rounded(share: Fraction) -> Fraction:
    """To a tenth of a hundredth, for people; whole numbers stay."""
    return Fraction(round(share * 1000), 1000)


def source_says(indicator: Indicator, language: str) -> str:
    first: dict[str, Any] = indicator.raw["sources"][0]
    mark = _MARKS[first["mark"]][0 if language == "id" else 1]
    return f"{first['name']}{', ' + first['date'] if first.get('date') else ''} [{mark}]"


def reasons(one: Episode, catalogue: Catalogue, language: str) -> str:
    """The reasons of an alert, one line for each indicator, the heaviest first."""
    lines = []
    by_indicator = sorted(one.hits, key=lambda hit: hit.indicator)
    for name, hits in groupby(by_indicator, key=lambda hit: hit.indicator):
        mine: Sequence[Hit] = list(hits)
        indicator, strongest = catalogue.indicators[name], max(mine, key=lambda hit: (hit.observed[:1], hit.at))
        figures = "; ".join(comparison(test, seen, language) for test, seen in held(indicator, strongest.observed))
        times = f"{len(mine)} kali" if language == "id" else f"{len(mine)} time{'' if len(mine) == 1 else 's'}"
        source = ("Sumber: " if language == "id" else "Source: ") + source_says(indicator, language)
        lines.append(
            (-indicator.weight, name, f"{name} {indicator.raw['title'][language]} ({times}). {figures}. {source}.")
        )
    return "\n".join(text for *_, text in sorted(lines))


def hanging(removed: Sequence[str] | None, language: str) -> str:
    """Which payments an alert hangs on; None: nobody can say."""
    if removed is None:
        return (
            "Rekening ini punya terlalu banyak pembayaran untuk menyebut peringatan ini bergantung pada yang mana."
            if language == "id"
            else "This account has too many payments to say which of them this alert hangs on."
        )
    what = (
        "Tanpa pembayaran ini tidak ada peringatan" if language == "id" else "Without these payments there is no alert"
    )
    return f"{what}: {', '.join(removed)}"
