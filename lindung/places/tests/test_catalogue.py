"""The data files are whole, agree with each other, and with what data/SOURCE.md says of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lindung.places import catalogue, selectors
from lindung.places.catalogue import Place

CURRENT = [place for place in catalogue.everything().values() if place.in_force]
PROVINCES = [place for place in CURRENT if place.is_province]
REGENCIES = [place for place in CURRENT if not place.is_province]
OFFSETS = {"WIB": 7, "WITA": 8, "WIT": 9}


def regencies_of(province: Place) -> list[Place]:
    return [place for place in REGENCIES if place.province_code == province.code]


def test_there_are_38_provinces_and_514_regencies_and_cities() -> None:
    assert len(PROVINCES) == 38
    assert Counter(place.kind for place in REGENCIES) == {"kabupaten": 416, "kota": 98}
    assert len({place.name for place in CURRENT}) == 38 + 514


def test_six_of_them_are_administrative_parts_of_jakarta() -> None:
    assert Counter(place.kind for place in REGENCIES if "Administrasi" in place.name) == {"kabupaten": 1, "kota": 5}
    assert {place.province_code for place in REGENCIES if "Administrasi" in place.name} == {"31"}


def test_men_and_women_add_up_to_the_population() -> None:
    for place in CURRENT:
        assert place.pop_male, place
        assert place.pop_female, place
        assert place.pop_male + place.pop_female == place.pop_total, place


@pytest.mark.parametrize("province", PROVINCES, ids=lambda place: place.code)
@pytest.mark.parametrize("column", ["pop_male", "pop_female", "pop_total"])
def test_regencies_add_up_to_their_province(province: Place, column: str) -> None:
    assert sum(getattr(place, column) for place in regencies_of(province)) == getattr(province, column)


@pytest.mark.parametrize("province", PROVINCES, ids=lambda place: place.code)
def test_areas_add_up_to_the_province(province: Place) -> None:
    assert sum(place.area_km2 or 0 for place in regencies_of(province)) == pytest.approx(province.area_km2, abs=0.0005)


def test_the_whole_country() -> None:
    assert sum(place.pop_total or 0 for place in PROVINCES) == 284_973_643
    assert sum(place.area_km2 or 0 for place in PROVINCES) == pytest.approx(1_890_179.784, abs=0.001)


def test_the_one_pair_with_the_same_area_is_the_one_that_the_source_note_names() -> None:
    areas = Counter(place.area_km2 for place in REGENCIES)
    twice = {place.code for place in REGENCIES if areas[place.area_km2] > 1}
    assert twice == {"12.20", "12.21"}


def test_codes_tell_kind_and_province() -> None:
    for place in REGENCIES:
        province, number = place.code.split(".")
        assert province == place.province_code
        assert (int(number) > 70) == (place.kind == "kota")
        assert place.name.startswith("Kota " if place.kind == "kota" else "Kabupaten ")
        assert place.name == " ".join(place.name.split())


def test_time_zones_stand_as_the_country_has_them() -> None:
    assert Counter(place.tz_label for place in PROVINCES) == {"WIB": 18, "WITA": 12, "WIT": 8}
    by_label = {label: {p.code for p in PROVINCES if p.tz_label == label} for label in OFFSETS}
    assert {"61", "62"} <= by_label["WIB"]
    assert {"51", "52", "53", "63", "64", "65"} <= by_label["WITA"]
    assert {"81", "82", "91", "92", "93", "94", "95", "96"} == by_label["WIT"]


def test_a_label_means_the_offset_of_its_zone_and_a_regency_keeps_that_of_its_province() -> None:
    for place in catalogue.everything().values():
        noon = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo(place.tz_name))
        assert noon.utcoffset() == timedelta(hours=OFFSETS[place.tz_label]), place
        assert place.tz_label == catalogue.everything()[place.province_code].tz_label, place


# --- codes of other times


def test_the_split_of_papua_is_remembered() -> None:
    merauke = selectors.get("91.01")
    assert merauke is not None
    assert not merauke.in_force
    assert merauke.valid_on(date(2022, 7, 24))
    assert not merauke.valid_on(date(2022, 7, 25))
    (today,) = selectors.current("91.01")
    assert (today.code, today.name) == ("93.01", "Kabupaten Merauke")
    assert today.valid_on(date(2022, 7, 25))
    assert not today.valid_on(date(2022, 7, 24))


def test_every_retired_code_leads_to_the_same_name_on_the_next_day() -> None:
    retired = [place for place in catalogue.everything().values() if not place.in_force]
    assert len(retired) == 26
    for place in retired:
        (today,) = selectors.current(place.code)
        assert (today.name, today.kind, today.tz_name) == (place.name, place.kind, place.tz_name)
        assert today.province_code in {"93", "94", "95", "96"}
        assert place.valid_to is not None
        assert today.valid_from is not None
        assert (today.valid_from - place.valid_to).days == 1


def test_retired_places_are_never_offered() -> None:
    offered = {place.code for province in selectors.provinces() for place in selectors.regencies(province.code)}
    assert offered == {place.code for place in REGENCIES}


# --- questions of other rooms


def test_lists_run_from_west_to_east_and_by_name() -> None:
    assert [place.code for place in selectors.provinces()][:2] == ["11", "12"]
    assert [place.code for place in selectors.provinces()][-1] == "96"
    names = [place.name for place in selectors.regencies("32")]
    assert names[:3] == ["Kabupaten Bandung", "Kota Bandung", "Kabupaten Bandung Barat"]
    assert len(names) == 27


@pytest.mark.parametrize("code", ["", "99", "32.99", "32.73 ", "../etc", "32;73", "\x00", "9" * 500])
def test_codes_that_are_none_are_answered_calmly(code: str) -> None:
    assert selectors.get(code) is None
    assert selectors.current(code) == ()
    assert selectors.regencies(code) == ()
    assert selectors.province_of(code) is None
    assert selectors.zone_of(code) == ZoneInfo("Asia/Jakarta")
    assert selectors.zone_label(code) == "WIB"


def test_zones_of_places() -> None:
    assert selectors.zone_of("53.71") == ZoneInfo("Asia/Makassar")  # Kupang
    assert selectors.zone_of("96.71") == ZoneInfo("Asia/Jayapura")  # Sorong
    assert selectors.zone_of("92.71") == ZoneInfo("Asia/Jayapura")  # Sorong before 2022
    assert selectors.zone_label("72.71") == "WITA"  # Palu


def test_a_place_cannot_be_changed() -> None:
    place = selectors.provinces()[0]
    with pytest.raises(FrozenInstanceError):
        place.name = "Lain"  # type: ignore[misc]
    with pytest.raises(TypeError):
        catalogue.everything()["11"] = place  # type: ignore[index]


# --- broken files


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("retired.csv", {"type": "kecamatan"}, "91.01"),
        ("retired.csv", {"tz_iana": "Asia/Nowhere"}, "91.01"),
        ("retired.csv", {"valid_to": "yesterday"}, "91.01"),
        ("retired.csv", {"successor": "93.77"}, "93.77"),
        ("retired.csv", {"code": "32.73"}, "twice"),
    ],
)
def test_a_wrong_line_is_named(monkeypatch: pytest.MonkeyPatch, file: str, line: dict[str, str], words: str) -> None:
    right = catalogue.rows

    def wrong(name: str) -> list[dict[str, str]]:
        found = right(name)
        return [found[0] | line, *found[1:]] if name == file else found

    monkeypatch.setattr(catalogue, "rows", wrong)
    catalogue.everything.cache_clear()
    try:
        with pytest.raises(catalogue.CatalogueError, match=words):
            catalogue.everything()
    finally:
        catalogue.everything.cache_clear()


def test_loading_needs_neither_database_nor_settings() -> None:
    code = "from lindung.places import selectors as s; print(len(s.provinces()), s.search('jogja')[0].code)"
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["38", "34.71"]
