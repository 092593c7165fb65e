"""Whether a body is the right one for a child now: pure decisions over plain values.

A referral goes to who provides the service itself, covers the place where the child is, takes this child, and is open,
or takes children at night when it is urgent. What was not asked yet is never taken for yes. For whom and when a service
is, the directory judges (directory.rules); here stands what sending asks besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lindung.directory import rules as directory
from lindung.directory.models import Does
from lindung.directory.rules import ForWhom, Hindrance, Opening, Terms

NEEDS = ("siblings", "with_mother", "lgbt_safe")
"""What a worker can ask for besides; the other needs follow from what is known of the child."""

OWN = ("not_offered", "not_active", "not_provider", "not_covered", "place_unknown", "age_unknown")
"""Codes of this room; the others are the directory's."""

AGES: dict[str, tuple[int, int]] = {
    "u6": (0, 5), "6-9": (6, 9), "10-12": (10, 12), "13-15": (13, 15), "16-17": (16, 17), "18plus": (18, 25),
}  # fmt: skip
"""Whole years of the age bands of a case, both included."""


@dataclass(frozen=True)
class Child:
    """What is asked of the child: where it is now (the most exact code, "" when not known) and for whom to look."""

    region: str
    whom: ForWhom

    @property
    def age_known(self) -> bool:
        return self.whom.age_from is not None or self.whom.age_to is not None


@dataclass(frozen=True)
class Offer:
    """One service of one body, as plain values."""

    does: str
    active: bool
    ended: bool
    whole_country: bool
    covered: frozenset[str]
    terms: Terms
    opening: Opening


def child_of(
    child: Mapping[str, Any],
    places: Mapping[str, Mapping[str, Any]],
    *,
    today: date,
    needs: Iterable[str] = (),
) -> Child:
    """Read from a case's opened values what a search asks. `needs`: codes of NEEDS that the worker chose.

    A day of birth outranks the band. Sign language is looked for when it makes talking easier, a door for a wheelchair
    when moving needs support.
    """
    present = places.get("present") or places.get("home") or {}
    region = str(present.get("regency") or present.get("province") or "")
    low, high = _ages(child, today)
    chosen = set(needs)
    sex = str(child.get("sex") or "")
    return Child(
        region,
        ForWhom(
            age_from=low,
            age_to=high,
            sex=sex if sex in {"female", "male"} else "",
            siblings="siblings" in chosen,
            with_mother="with_mother" in chosen,
            lgbt_safe="lgbt_safe" in chosen,
            wheelchair="moving" in child.get("disabilities", ()),
            sign_language="sign" in child.get("accommodations", ()),
        ),
    )


def _ages(child: Mapping[str, Any], today: date) -> tuple[int | None, int | None]:
    try:
        born = date.fromisoformat(str(child.get("born_on") or ""))
    except ValueError:
        return AGES.get(str(child.get("age_band") or ""), (None, None))
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return max(years, 0), max(years, 0)


def problems(offer: Offer | None, child: Child, *, urgent: bool) -> tuple[Hindrance, ...]:
    """Everything that does not fit; empty when it is the right one."""
    if offer is None:
        return (Hindrance("not_offered", sure=True),)
    found = []
    if offer.ended:
        found.append(Hindrance("ended", sure=True))
    if not offer.active:
        found.append(Hindrance("not_active", sure=True))
    if offer.does != Does.PROVIDES:
        found.append(Hindrance("not_provider", sure=True))
    if not offer.whole_country:
        if not child.region:
            found.append(Hindrance("place_unknown", sure=False))
        elif not directory.covers(offer.covered, child.region):
            found.append(Hindrance("not_covered", sure=True))
    if not child.age_known:
        found.append(Hindrance("age_unknown", sure=False))
    found += directory.hindrances(offer.terms, child.whom)
    found += closed(offer.opening, offer.terms.night_admission, urgent=urgent)
    return tuple(found)


def closed(opening: Opening, night_admission: bool | None, *, urgent: bool) -> list[Hindrance]:
    """A body that does not answer now is a problem when it is urgent and it takes nobody in; others wait for it."""
    if opening.open or not urgent or night_admission:
        return []
    found = [Hindrance("closed", sure=opening.known)]
    return [*found, Hindrance("night", sure=night_admission is False)]


def codes(found: Iterable[Hindrance]) -> tuple[str, ...]:
    """The problems as codes for a column: "boys" is known, "boys?" was not asked yet."""
    return tuple(one.code if one.sure else f"{one.code}?" for one in found)


def from_codes(text: str) -> tuple[Hindrance, ...]:
    """Read what `codes` wrote, joined by blanks."""
    return tuple(Hindrance(code.rstrip("?"), sure=not code.endswith("?")) for code in text.split())
