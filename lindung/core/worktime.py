"""Working days, office hours and readable times of Indonesia.

A working day is Monday to Friday without the national holidays **and** without the joint leave days (cuti bersama):
offices are closed on both. They are the categories PUBLIC and GOVERNMENT of the `holidays` library. For 2026 its table
was compared with the joint decree of three ministers (Menag 1497, Menaker 2, MenPANRB 5/2025) as the press printed it:
17 holidays and 8 days of joint leave in both, and the same dates from March to 1 June; the rest was not compared day by
day. For 2027 the library names the decree published in September 2026 as its source; that was not seen. Years without
a decree have estimated Islamic dates and no joint leave at all: see `is_decreed`.

Limits: holidays of one province (Galungan in Bali, a regional election) are not in the table; hand them over as
`also_off`. Offices that work six days are not known here.

Zones are IANA names or `ZoneInfo`. What counts is always the local day of the place: 23:40 in Palu (WITA) is 22:40 in
Jakarta (WIB) on the same day and already 00:40 of the next day in Sorong (WIT). No place in Indonesia has summer time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from django.utils.translation import get_language

from . import clock

OFFICE_OPENS = time(8, 0)
OFFICE_CLOSES = time(16, 0)
"""Local office hours where nothing else was agreed."""

Zone = str | ZoneInfo
NOTHING: frozenset[date] = frozenset()

_LABELS = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_DAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "id": (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def is_working_day(day: date, also_off: Collection[date] = NOTHING) -> bool:
    """Whether offices work on a local date. `also_off` adds days that are free only there.

    Raises TypeError for a datetime: which day it is depends on the place, so ask `local_day` first.
    """
    if isinstance(day, datetime):
        raise TypeError("is_working_day: expected a date; take local_day(moment, zone)")
    return day.weekday() < 5 and day not in _days_off(day.year) and day not in also_off


def is_day_off(day: date, also_off: Collection[date] = NOTHING) -> bool:
    """Whether a local date is a public holiday or a day of joint leave, whatever its weekday."""
    return day in _days_off(day.year) or day in also_off


def is_decreed(year: int) -> bool:
    """Whether the table holds the joint leave of a year, which is only known once the ministers have decreed it."""
    return bool(holidays.country_holidays("ID", years=year, categories=(holidays.GOVERNMENT,)))


def local_day(moment: datetime, zone: Zone) -> date:
    """The date that the calendar on the wall of the place shows at an aware moment."""
    return _aware(moment).astimezone(_zone(zone)).date()


def add_working_days(
    start: datetime,
    days: int,
    zone: Zone,
    *,
    closes: time = OFFICE_CLOSES,
    also_off: Collection[date] = NOTHING,
) -> datetime:
    """The close of business of the n-th working day after the local day of `start`, in UTC.

    The day of `start` never counts, whether it is a working day or not and whatever its hour: what comes in on Monday
    at 08:05 or at 23:55 and has two working days is due on Wednesday at 16:00 of that place. `days` is 1 or more,
    otherwise ValueError; a naive `start` raises ValueError.
    """
    if days < 1:
        raise ValueError("add_working_days: expected at least one day")
    day = local_day(start, zone)
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, also_off)
    return _at(day, closes, zone)


def working_days_between(a: datetime, b: datetime, zone: Zone, *, also_off: Collection[date] = NOTHING) -> int:
    """How many working days have begun after the local day of `a` up to and including that of `b`.

    The counterpart of `add_working_days`: the day of `a` does not count. Negative when `b` lies before `a`.
    """
    first, last = local_day(a, zone), local_day(b, zone)
    if last < first:
        return -working_days_between(b, a, zone, also_off=also_off)
    return sum(is_working_day(first + timedelta(days=n), also_off) for n in range(1, (last - first).days + 1))


def is_office_open(
    moment: datetime,
    zone: Zone,
    *,
    opens: time = OFFICE_OPENS,
    closes: time = OFFICE_CLOSES,
    also_off: Collection[date] = NOTHING,
) -> bool:
    """Whether an office of the place is open at a moment: from `opens` on, until just before `closes`."""
    local = _aware(moment).astimezone(_zone(zone))
    return is_working_day(local.date(), also_off) and opens <= local.time() < closes


def next_opening(
    moment: datetime, zone: Zone, *, opens: time = OFFICE_OPENS, also_off: Collection[date] = NOTHING
) -> datetime:
    """The first moment at or after `moment` at which an office of the place opens its doors, in UTC."""
    day = local_day(moment, zone)
    while not is_working_day(day, also_off) or _at(day, opens, zone) < moment:
        day += timedelta(days=1)
    return _at(day, opens, zone)


def zone_label(zone: Zone, moment: datetime | None = None) -> str:
    """WIB, WITA or WIT; for a zone outside Indonesia its offset, like "UTC+10"."""
    key = _zone(zone).key
    if key in _LABELS:
        return _LABELS[key]
    offset = (_aware(moment) if moment else clock.now()).astimezone(_zone(zone)).strftime("%z")
    minutes = "" if offset[3:5] == "00" else f":{offset[3:5]}"
    return f"UTC{offset[0]}{int(offset[1:3])}{minutes}"


def describe_moment(moment: datetime, zone: Zone, language: str | None = None) -> str:
    """A moment as people of the place say it: "Senin, 23 November, 14.00 WITA", "Monday 23 November, 14:00 WITA".

    The year is added only when it is not the present one there. Seconds are cut off, so that a promise is never later
    than it reads. `language` is that of the page when left out; anything but English reads Indonesian.
    """
    local = _aware(moment).astimezone(_zone(zone))
    dot = ":" if _language(language) == "en" else "."
    return f"{describe_day(local.date(), zone, language)}, {local:%H}{dot}{local:%M} {zone_label(zone, moment)}"


def describe_day(day: date, zone: Zone, language: str | None = None) -> str:
    """A local date in words: "Senin, 23 November", "Monday 23 November", with the year when it is not this one."""
    tongue = _language(language)
    comma = "," if tongue == "id" else ""
    year = "" if day.year == local_day(clock.now(), zone).year else f" {day.year}"
    return f"{_DAYS[tongue][day.weekday()]}{comma} {day.day} {_MONTHS[tongue][day.month - 1]}{year}"


@cache
def _days_off(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("ID", years=year, categories=(holidays.PUBLIC, holidays.GOVERNMENT)))


def _language(language: str | None) -> str:
    return "en" if (language or get_language() or "id").startswith("en") else "id"


def _zone(zone: Zone) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("worktime: expected an aware datetime")
    return moment


def _at(day: date, hour: time, zone: Zone) -> datetime:
    return datetime.combine(day, hour, _zone(zone)).astimezone(UTC)
