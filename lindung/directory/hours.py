"""Opening hours as people write them: "Sen-Jum 08.00-16.00; Sab 08.00-12.00; Min 20.00-04.00 libur", or "24 jam".

One span or list of days, then one or more times, parts apart by ";". "libur" at the end of a part: also on public
holidays and days of joint leave. "setiap hari" is all seven days. English day names and colons are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time

from .rules import Hours

ALWAYS = "24 jam"
LONGEST = 300
_ALWAYS = re.compile(r"(?:24\s*(?:jam|hours?|/\s*7)|24\s*jam\s+setiap\s+hari)", re.IGNORECASE)
_DAYS = ("sen", "sel", "rab", "kam", "jum", "sab", "min")
_NAMES = {
    **dict(zip(_DAYS, range(7), strict=True)),
    **dict(zip(("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu"), range(7), strict=True)),
    **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), range(7), strict=True)),
    "jum'at": 4, "ahad": 6,
}  # fmt: skip
_EVERY = ("setiap hari", "tiap hari", "every day", "daily")
_TIME = r"(\d{1,2})[.:](\d{2})"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|s/d|sd|sampai|to)\s*{_TIME}")


class BadHours(ValueError):
    """The text is no opening hours."""


def read(text: str) -> tuple[bool, tuple[Hours, ...]]:
    """Return (always open, spans in the order of the week). Empty text: not known. Raises BadHours."""
    text = " ".join(text.split())
    if not text:
        return False, ()
    if _ALWAYS.fullmatch(text):
        return True, ()
    if len(text) > LONGEST:
        raise BadHours
    found = [span for part in text.split(";") if part.strip() for span in _part(part.strip().lower())]
    if len({(one.weekday, one.opens) for one in found}) != len(found) or not found:
        raise BadHours
    return False, tuple(sorted(found))


def _part(text: str) -> list[Hours]:
    holidays = text.endswith(("libur", "holidays"))
    text = re.sub(r"[\s,]*(?:dan|and)?\s*(?:libur|holidays)$", "", text).strip()
    first = re.search(_TIME, text)
    if first is None:
        raise BadHours
    days = _weekdays(text[: first.start()].strip(" ,:"))
    spans = []
    for piece in text[first.start() :].split(","):
        match = _SPAN.fullmatch(piece.strip())
        if match is None:
            raise BadHours
        opens, closes = _time(match[1], match[2]), _time(match[3], match[4])
        if opens == closes and (match[3], opens) != ("24", time(0)):
            raise BadHours
        spans.append((opens, closes))
    return [Hours(day, opens, closes, holidays) for day in days for opens, closes in spans]


def _time(hour: str, minute: str) -> time:
    if (int(hour), int(minute)) == (24, 0):
        return time(0)
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise BadHours from None


def _weekdays(text: str) -> list[int]:
    if text in _EVERY:
        return list(range(7))
    days: list[int] = []
    text = re.sub(r"\s*(?:–|\bs/d\b|\bsampai\b|\bto\b)\s*", "-", text)
    for piece in re.split(r"\s*(?:,|&|/| dan | and )\s*", text):
        ends = re.split(r"\s*-\s*", piece)
        if len(ends) > 2 or any(end.strip(". ") not in _NAMES for end in ends):
            raise BadHours
        first, last = _NAMES[ends[0].strip(". ")], _NAMES[ends[-1].strip(". ")]
        days += [(first + number) % 7 for number in range((last - first) % 7 + 1)]
    if len(set(days)) != len(days):
        raise BadHours
    return days


def write(always_open: bool, hours: Iterable[Hours]) -> str:
    """The same the other way round, in the shortest usual form; `read` understands it."""
    if always_open:
        return ALWAYS
    week: dict[int, list[Hours]] = {}
    for one in sorted(hours):
        week.setdefault(one.weekday, []).append(one)
    parts: list[tuple[list[int], str]] = []
    for day, spans in week.items():
        for text in _spans(spans):
            for days, known in parts:
                if known == text and days[-1] == day - 1:
                    days.append(day)
                    break
            else:
                parts.append(([day], text))
    return "; ".join(f"{_named(days)} {text}" for days, text in parts)


def _spans(spans: list[Hours]) -> list[str]:
    found = []
    for holidays in (False, True):
        times = [f"{_clock(one.opens)}-{_clock(one.closes, end=True)}" for one in spans if one.holidays is holidays]
        if times:
            found.append(", ".join(times) + (" libur" if holidays else ""))
    return found


def _clock(at: time, *, end: bool = False) -> str:
    return "24.00" if end and at == time(0) else f"{at:%H.%M}"


def _named(days: list[int]) -> str:
    if len(days) == 7:
        return "Setiap hari"
    names = [_DAYS[day].title() for day in days]
    return names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}"
