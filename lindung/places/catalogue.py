"""The provinces, regencies and cities of Indonesia as an immutable catalogue, read once from `data/`.

Places are knowledge, not records: nobody edits them while the platform runs, so there is no table
(docs/decisions/0005-places-as-data.md). Where the figures come from and what was wrong: data/SOURCE.md.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args
from zoneinfo import ZoneInfo

SCHEME = "Kepmendagri 300.2.2-2138/2025"
"""The decree whose codes and names the files carry (signed 25 April 2025)."""
SCHEME_DATE = date(2025, 4, 25)

Kind = Literal["province", "kabupaten", "kota"]
_DATA = files("lindung.places").joinpath("data")
_ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}


class CatalogueError(Exception):
    """A data file is wrong; the message names the file, the entry and what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """One province, regency (kabupaten) or city (kota).

    `code` is the Kemendagri code: "32" or "32.73". Population in persons (December 2024), area in square
    kilometres, `None` for codes no longer in force. `valid_from` is the date of the law that put the place
    under this code, `None` when that is older than what was looked up; `valid_to` (last day) and `successors`
    are set on codes that are no longer in force.
    """

    code: str
    kind: Kind
    name: str
    province_code: str
    tz_label: str
    tz_name: str
    pop_male: int | None
    pop_female: int | None
    pop_total: int | None
    area_km2: float | None
    iso: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    @property
    def is_province(self) -> bool:
        return self.kind == "province"

    @property
    def in_force(self) -> bool:
        """Whether the code stands in the scheme of today."""
        return self.valid_to is None

    @property
    def short_name(self) -> str:
        """The name without Kabupaten, Kota or Administrasi: "Bandung" for both Kabupaten and Kota Bandung."""
        words = self.name.split(" ")
        while len(words) > 1 and words[0] in {"Kabupaten", "Kota", "Administrasi"}:
            words = words[1:]
        return " ".join(words)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz_name)

    def valid_on(self, day: date) -> bool:
        """Whether the code was in force on that day; an unknown beginning counts as long ago."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def __str__(self) -> str:
        return self.name


@cache
def everything() -> MappingProxyType[str, Place]:
    """Every place by code, provinces first; codes no longer in force are in it too. Read and checked once."""
    places: dict[str, Place] = {}
    for name in ("provinces.csv", "regencies.csv", "retired.csv"):
        for row in rows(name):
            place = _place(name, row)
            if place.code in places:
                raise CatalogueError(f"{name}: {place.code} stands there twice")
            places[place.code] = place
    for place in places.values():
        for code in (place.province_code, *place.successors):
            if code not in places:
                raise CatalogueError(f"{place.code}: {code} is no place that we know")
    return MappingProxyType(places)


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one CSV file of `data/` as dictionaries."""
    return list(csv.DictReader(io.StringIO(_DATA.joinpath(name).read_text("utf-8"))))


def _place(name: str, row: dict[str, str]) -> Place:
    code = row["code"]
    try:
        kind = row.get("type") or "province"
        if kind not in get_args(Kind):
            raise ValueError("type")
        if row["tz_label"] not in _ZONES or not row["name"]:
            raise ValueError("zone or name")
        return Place(
            code=code,
            kind=kind,  # type: ignore[arg-type]
            name=row["name"],
            province_code=row.get("province_code") or code,
            tz_label=row["tz_label"],
            tz_name=ZoneInfo(row["tz_iana"]).key,
            pop_male=_number(row.get("pop_male")),
            pop_female=_number(row.get("pop_female")),
            pop_total=_number(row.get("pop_total")),
            area_km2=float(row["area_km2"]) if row.get("area_km2") else None,
            iso=row.get("iso_3166_2") or "",
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            successors=tuple(row["successor"].split()),
        )
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"{name}: {code}: expected every column filled in its form ({error})") from error


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
