"""Whose task a case is: every row says which places are known, who leads, and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lindung.casework.knowledge import ending
from lindung.casework.models import Authority, PlaceRole
from lindung.casework.rules_places import MINISTRY, Agency, ChildFacts, Lead, Place, lead_for

BOGOR, JAKARTA, DEPOK, SORONG = "32.01", "31.71", "32.76", "92.71"
ABROAD = Place(country="AU")
CHILD = ChildFacts(nationality="indonesian")


def at(regency: str) -> Place:
    return Place(province=regency[:2], regency=regency)


def lead(child: ChildFacts = CHILD, **places: Place) -> Lead:
    return lead_for(places, child)


ROWS: list[tuple[dict[str, Place], ChildFacts, str, Agency | None, tuple[str, ...]]] = [
    ({}, CHILD, "", None, ("no_place_known",)),
    ({"home": at(BOGOR)}, CHILD, "district", Agency("uptd_district", BOGOR), ("one_regency",)),
    (
        {"home": at(BOGOR), "present": at(BOGOR), "event": at(BOGOR), "suspect": at(BOGOR)},
        CHILD,
        "district",
        Agency("uptd_district", BOGOR),
        ("one_regency",),
    ),
    (
        {"home": at(BOGOR), "event": at(DEPOK)},
        CHILD,
        "province",
        Agency("uptd_province", "32"),
        ("several_regencies",),
    ),
    ({"home": at(BOGOR), "suspect": at(JAKARTA)}, CHILD, "national", MINISTRY, ("several_provinces",)),
    ({"home": at(SORONG), "present": at("73.71")}, CHILD, "national", MINISTRY, ("several_provinces",)),
    (
        {"home": Place(province="32")},
        CHILD,
        "province",
        Agency("uptd_province", "32"),
        ("regency_not_known", "a_regency_missing"),
    ),
    (
        {"home": at(BOGOR), "event": Place(province="32")},
        CHILD,
        "district",
        Agency("uptd_district", BOGOR),
        ("one_regency", "a_regency_missing"),
    ),
    ({"home": at(BOGOR), "suspect": ABROAD}, CHILD, "other_country", MINISTRY, ("suspect_abroad",)),
    ({"home": at(BOGOR), "event": ABROAD}, CHILD, "other_country", MINISTRY, ("event_abroad",)),
    ({"home": at(BOGOR), "present": ABROAD}, CHILD, "other_country", MINISTRY, ("present_abroad",)),
    (
        {"present": at(BOGOR)},
        ChildFacts(nationality="foreign"),
        "other_country",
        MINISTRY,
        ("foreign_child",),
    ),
    (
        {"present": at(BOGOR)},
        ChildFacts(protection="refugee"),
        "other_country",
        MINISTRY,
        ("fled",),
    ),
    (
        {"present": at(BOGOR)},
        ChildFacts(),
        "district",
        Agency("uptd_district", BOGOR),
        ("one_regency", "nationality_not_known"),
    ),
]


@pytest.mark.parametrize(("places", "child", "authority", "first", "reasons"), ROWS)
def test_the_four_places_give_one_lead_with_its_reasons(
    places: dict[str, Place], child: ChildFacts, authority: str, first: Agency | None, reasons: tuple[str, ...]
) -> None:
    found = lead_for(places, child)
    assert found.authority == authority
    assert (found.leads[0] if found.leads else None) == first
    assert found.reasons == reasons
    assert set(found.unknown) == set(PlaceRole.values) - set(places)


CONTACTS: list[tuple[dict[str, Place], ChildFacts, dict[str, str]]] = [
    ({"home": at(BOGOR)}, CHILD, {}),
    ({"suspect": ABROAD}, CHILD, {"polri_interpol": "yes"}),
    ({"event": ABROAD}, CHILD, {"polri_interpol": "yes"}),
    ({"present": ABROAD}, CHILD, {"indonesian_mission": "yes"}),
    ({"present": ABROAD}, ChildFacts(), {"indonesian_mission": "ask_first"}),
    ({"present": ABROAD, "suspect": ABROAD}, CHILD, {"polri_interpol": "yes", "indonesian_mission": "yes"}),
    ({"present": at(BOGOR)}, ChildFacts("foreign"), {"embassy": "ask_first"}),
    ({"present": at(BOGOR)}, ChildFacts("foreign", embassy_safe=True), {"embassy": "yes"}),
    ({"present": at(BOGOR)}, ChildFacts("foreign", embassy_safe=False), {"embassy": "never"}),
    ({"present": at(BOGOR)}, ChildFacts("foreign", "refugee", True), {"unhcr": "yes", "embassy": "never"}),
    ({"present": at(BOGOR)}, ChildFacts("", "asylum_seeker"), {"unhcr": "yes", "embassy": "never"}),
    (
        {"present": at(BOGOR), "suspect": ABROAD},
        ChildFacts("foreign", "asylum_seeker"),
        {"polri_interpol": "yes", "unhcr": "yes", "embassy": "never"},
    ),
]


@pytest.mark.parametrize(("places", "child", "contacts"), CONTACTS)
def test_across_borders_it_says_who_is_asked_and_who_never(
    places: dict[str, Place], child: ChildFacts, contacts: dict[str, str]
) -> None:
    assert {one.code: one.rule for one in lead_for(places, child).contacts} == contacts


def test_help_begins_where_the_child_is_whoever_leads() -> None:
    assert lead(home=at(SORONG), present=at("73.71")).help_at == "73.71"
    assert lead(home=at(SORONG)).help_at == SORONG
    assert lead(present=ABROAD, home=at(SORONG)).help_at == ""


def test_whoever_leads_several_places_has_each_of_them_beside_it() -> None:
    assert lead(home=at(BOGOR)).along == ()
    assert lead(home=at(BOGOR), event=at(DEPOK)).along == (
        Agency("uptd_district", BOGOR),
        Agency("uptd_district", DEPOK),
    )
    found = lead(home=at(BOGOR), event=at(JAKARTA)).along
    assert {agency.kind for agency in found} == {"uptd_province", "uptd_district"}
    assert len(found) == 4


def test_a_body_that_does_not_exist_leaves_it_to_the_level_above() -> None:
    assert [agency.kind for agency in lead(home=at(BOGOR)).leads] == ["uptd_district", "uptd_province", "ministry"]


some_place = some.sampled_from([None, at(BOGOR), at(DEPOK), at(JAKARTA), Place(province="32"), ABROAD])
some_child = some.builds(
    ChildFacts,
    some.sampled_from(["", "indonesian", "foreign"]),
    some.sampled_from(["", "asylum_seeker", "refugee"]),
    some.sampled_from([None, True, False]),
)


@given(some.fixed_dictionaries({role: some_place for role in PlaceRole.values}), some_child)
@settings(max_examples=200, deadline=None)
def test_whoever_fled_is_never_told_to_an_embassy_and_every_code_has_its_sentence(
    places: dict[str, Any], child: ChildFacts
) -> None:
    found = lead_for({role: place for role, place in places.items() if place}, child)
    if child.is_protected:
        assert "embassy" in found.never
        assert found.contact("indonesian_mission") is None
        assert found.contact("unhcr") is not None
    assert found.authority in {"", *Authority.values}
    assert (found.authority == "") == (not found.leads)
    assert set(found.reasons) <= set(ending.place_reasons())
    for contact in found.contacts:
        assert contact.code in ending.place_contacts()
        assert contact.rule in ending.place_rules()
        assert contact.reason in ending.place_reasons()
