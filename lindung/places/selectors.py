"""Questions about places that other rooms may ask. Answers come from memory, never from a database."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from .catalogue import Place, everything
from .matching import search

__all__ = [
    "DEFAULT_ZONE",
    "current",
    "get",
    "province_of",
    "provinces",
    "regencies",
    "search",
    "zone_label",
    "zone_of",
]

DEFAULT_ZONE = "Asia/Jakarta"


@cache
def provinces() -> tuple[Place, ...]:
    """The 38 provinces in the order of their codes: west to east, as lists in Indonesia run."""
    return tuple(p for p in everything().values() if p.is_province and p.in_force)


@cache
def regencies(province_code: str) -> tuple[Place, ...]:
    """The regencies and cities in force of one province, by short name; of a pair the regency comes first.

    An unknown province has none: the empty tuple.
    """
    found = (p for p in everything().values() if p.province_code == province_code and not p.is_province and p.in_force)
    return tuple(sorted(found, key=lambda p: (p.short_name, p.kind)))


def get(code: str) -> Place | None:
    """The place of that Kemendagri code, in force or not; `None` for anything else that a form may send."""
    return everything().get(code)


def current(code: str) -> tuple[Place, ...]:
    """The place or places that stand today for a code of any time; empty for an unknown code."""
    place = get(code)
    if place is None:
        return ()
    if place.in_force:
        return (place,)
    return tuple(now for successor in place.successors for now in current(successor))


def province_of(code: str) -> Place | None:
    """The province of a province, regency or city code."""
    place = get(code)
    return get(place.province_code) if place else None


def zone_of(code: str) -> ZoneInfo:
    """The time zone of a place; Western Indonesian Time (Jakarta) when the code is empty or unknown."""
    place = get(code)
    return ZoneInfo(place.tz_name if place else DEFAULT_ZONE)


def zone_label(code: str) -> str:
    """WIB, WITA or WIT for a place; WIB when the code is empty or unknown."""
    place = get(code)
    return place.tz_label if place else "WIB"
