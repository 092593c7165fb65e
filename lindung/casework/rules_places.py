"""Whose task a case is: four places, one lead agency, and who else must be asked or must never be. Pure, no database.

Home, present place, place of the event and place of the suspect decide together. All in one regency: that district.
Several regencies of one province: the province. Several provinces: the ministry. Anything abroad, or a foreign child:
across borders, with the ministry in the lead. Help begins where the child is, whoever leads; nothing waits for this.

Reasons and contacts are codes of knowledge/places.yaml, which holds their sentences and sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .models import Authority, PlaceRole

INDONESIA = "ID"

FOREIGN = "foreign"
INDONESIAN = "indonesian"
NATIONALITIES = frozenset({INDONESIAN, FOREIGN, ""})
"""What is known of the child's nationality; "" is not known yet."""

PROTECTED = frozenset({"asylum_seeker", "refugee"})
"""Who fled from a state: its embassy never learns of them."""


@dataclass(frozen=True)
class Place:
    """One of the four places as far as it is known. `country` is a code of two letters; codes are Kemendagri's."""

    country: str = INDONESIA
    province: str = ""
    regency: str = ""

    @property
    def abroad(self) -> bool:
        return self.country not in {"", INDONESIA}

    @property
    def known(self) -> bool:
        return self.abroad or bool(self.province or self.regency)

    @property
    def province_code(self) -> str:
        return self.province or self.regency[:2]


@dataclass(frozen=True)
class ChildFacts:
    """What the rule asks of the child. `embassy_safe`: whether asking its embassy was judged safe; None: nobody did."""

    nationality: str = ""
    protection: str = ""
    embassy_safe: bool | None = None

    @property
    def is_protected(self) -> bool:
        return self.protection in PROTECTED


@dataclass(frozen=True)
class Agency:
    """A body that can lead or work along: a kind of the directory and the region that it is there for."""

    kind: str
    region: str = ""


@dataclass(frozen=True)
class Contact:
    """Somebody besides the lead. `rule` is yes, ask_first (only after the safety of it was judged) or never."""

    code: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Lead:
    """Whose task it is, and why. `leads` is in the order of asking: the next one when a body does not exist.

    `help_at` is where help begins: where the child is, else where it lives. `along` work with the lead, one for each
    other place. `unknown` are the places that nobody has told yet: the answer may change with them.
    """

    authority: str
    leads: tuple[Agency, ...]
    help_at: str
    along: tuple[Agency, ...]
    contacts: tuple[Contact, ...]
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]

    def contact(self, code: str) -> Contact | None:
        return next((contact for contact in self.contacts if contact.code == code), None)

    @property
    def never(self) -> frozenset[str]:
        """Who must not be told, whoever asks."""
        return frozenset(contact.code for contact in self.contacts if contact.rule == "never")


MINISTRY = Agency("ministry")


def lead_for(places: Mapping[str, Place], child: ChildFacts) -> Lead:
    """Tell whose task a case is. `places` maps roles (PlaceRole) to what is known; a missing one is not known yet."""
    found = {role: places.get(role, Place(country="")) for role in PlaceRole.values}
    known = {role: place for role, place in found.items() if place.known}
    unknown = tuple(role for role in PlaceRole.values if role not in known)
    here = [place for place in known.values() if not place.abroad]
    regencies = _once(place.regency for place in here if place.regency)
    provinces = _once(place.province_code for place in here)
    authority, leads, reasons = _authority(known, child, provinces, regencies)
    return Lead(
        authority=authority,
        leads=leads,
        help_at=_help_at(known),
        along=_along(leads, provinces, regencies),
        contacts=_contacts(known, child),
        reasons=(*reasons, *_notes(here, child)),
        unknown=unknown,
    )


def _authority(
    known: Mapping[str, Place], child: ChildFacts, provinces: tuple[str, ...], regencies: tuple[str, ...]
) -> tuple[str, tuple[Agency, ...], tuple[str, ...]]:
    abroad = tuple(f"{role}_abroad" for role, place in known.items() if place.abroad)
    foreign: tuple[str, ...] = ("foreign_child",) if child.nationality == FOREIGN else ()
    foreign = ("fled",) if child.is_protected else foreign
    if abroad or foreign:
        return Authority.OTHER_COUNTRY.value, (MINISTRY,), (*abroad, *foreign)
    if not provinces:
        return "", (), ("no_place_known",)
    if len(provinces) > 1:
        return Authority.NATIONAL.value, (MINISTRY,), ("several_provinces",)
    province = Agency("uptd_province", provinces[0])
    if len(regencies) > 1:
        return Authority.PROVINCE.value, (province, MINISTRY), ("several_regencies",)
    if not regencies:
        return Authority.PROVINCE.value, (province, MINISTRY), ("regency_not_known",)
    district = Agency("uptd_district", regencies[0])
    return Authority.DISTRICT.value, (district, province, MINISTRY), ("one_regency",)


def _help_at(known: Mapping[str, Place]) -> str:
    """The region whose services see the child first; "" when it is abroad or nobody knows."""
    for role in (PlaceRole.PRESENT, PlaceRole.HOME):
        place = known.get(role)
        if place is not None:
            return "" if place.abroad else place.regency or place.province
    return ""


def _along(leads: tuple[Agency, ...], provinces: tuple[str, ...], regencies: tuple[str, ...]) -> tuple[Agency, ...]:
    """The bodies of the other places. A district that leads works alone; whoever leads several has each beside it."""
    if not leads or leads[0].kind == "uptd_district":
        return ()
    districts = tuple(Agency("uptd_district", code) for code in regencies)
    if leads[0].kind == "uptd_province":
        return districts
    return (*(Agency("uptd_province", code) for code in provinces), *districts)


def _contacts(known: Mapping[str, Place], child: ChildFacts) -> tuple[Contact, ...]:
    found = []
    suspect, event, present = (known.get(role) for role in (PlaceRole.SUSPECT, PlaceRole.EVENT, PlaceRole.PRESENT))
    if suspect is not None and suspect.abroad:
        found.append(Contact("polri_interpol", "yes", "suspect_abroad"))
    elif event is not None and event.abroad:
        found.append(Contact("polri_interpol", "yes", "event_abroad"))
    if child.is_protected:
        found.append(Contact("unhcr", "yes", "fled"))
        found.append(Contact("embassy", "never", "fled"))
        return tuple(found)
    if child.nationality == FOREIGN:
        rule = {True: "yes", False: "never", None: "ask_first"}[child.embassy_safe]
        found.append(Contact("embassy", rule, "foreign_child"))
    elif present is not None and present.abroad:
        rule = "yes" if child.nationality == INDONESIAN else "ask_first"
        found.append(Contact("indonesian_mission", rule, "indonesian_child_abroad"))
    return tuple(found)


def _notes(here: Iterable[Place], child: ChildFacts) -> tuple[str, ...]:
    """What the reader should know besides: how sure this is."""
    notes = []
    if any(not place.regency for place in here):
        notes.append("a_regency_missing")
    if child.nationality == "" and not child.is_protected:
        notes.append("nationality_not_known")
    return tuple(notes)


def _once(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
