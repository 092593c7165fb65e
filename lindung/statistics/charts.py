"""Bar charts as SVG, drawn on the server: no script, no library, readable aloud and on paper.

A chart has a title and a description in words that says every number, so whoever cannot see it hears the same. Colours
stand in attributes for the file alone; on a page its style sheet takes over by the names of the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

WIDTH, ROW, TOP = 360, 44, 6
BAR, NUMBER = 290, 60
"""Widths: of the whole, of the longest bar, and what is left for the number beside it."""

_INK, _SOFT, _BAR, _KEPT, _PAPER = "#2b1f26", "#655761", "#6f2a5b", "#8b7a7c", "#fffdfa"
_TYPE = "'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True)
class Bar:
    """One bar. `number` None: kept back, drawn as an empty frame with `text` beside it instead of a number."""

    label: str
    number: float | None
    text: str


def bar_chart(name: str, title: str, description: str, bars: Sequence[Bar]) -> str:
    """Draw horizontal bars, each below its label, to the scale of the longest one. `name` makes the ids of the page.

    Returns one element; every text is escaped. No bars: a chart that says its title alone.
    """
    height = TOP + ROW * len(bars)
    longest = max([bar.number or 0 for bar in bars], default=0) or 1
    parts = [
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-labelledby={quoteattr(f"{name}-t {name}-d")} font-family="{_TYPE}">',
        f"<title id={quoteattr(f'{name}-t')}>{escape(title)}</title>",
        f"<desc id={quoteattr(f'{name}-d')}>{escape(description)}</desc>",
        f'<rect class="chart-paper" width="{WIDTH}" height="{height}" fill="{_PAPER}"/>',
    ]
    for place, bar in enumerate(bars):
        parts += _drawn(bar, TOP + place * ROW, longest)
    return "".join([*parts, "</svg>"])


def _drawn(bar: Bar, top: int, longest: float) -> list[str]:
    words = escape(_short(bar.label))
    label = f'<text class="chart-label" x="0" y="{top + 14}" font-size="15" fill="{_INK}">{words}</text>'
    if bar.number is None:
        frame = (
            f'<rect class="chart-kept" x="0.5" y="{top + 20.5}" width="60" height="11" rx="2" fill="none" '
            f'stroke="{_KEPT}" stroke-dasharray="3 3"/>'
        )
        word = f'<text class="chart-soft" x="68" y="{top + 30}" font-size="14" fill="{_SOFT}">{escape(bar.text)}</text>'
        return [label, frame, word]
    width = max(round(BAR * bar.number / longest, 1), 1 if bar.number else 0)
    drawn = f'<rect class="chart-bar" x="0" y="{top + 20}" width="{width:g}" height="12" rx="2" fill="{_BAR}"/>'
    number = (
        f'<text class="chart-number" x="{width + 8:g}" y="{top + 31}" font-size="15" font-weight="600" '
        f'fill="{_INK}">{escape(bar.text)}</text>'
    )
    return [label, drawn, number]


def _short(label: str, most: int = 44) -> str:
    """A label that fits into the width; the whole of it stands in the description and the table."""
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
