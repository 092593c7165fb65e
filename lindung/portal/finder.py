"""Help nearby: by place, by need, open now. What was asked is answered and kept nowhere, not even in the address.

The question travels in the body of a form: an address with a district in it would stay in the history of the phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from lindung.core import clock, worktime
from lindung.core.knowledge import Labelled
from lindung.directory import knowledge, selectors
from lindung.directory.models import Does, Kind, Organisation
from lindung.directory.rules import Opening
from lindung.places import selectors as places
from lindung.places.catalogue import Place
from lindung.places.matching import words_of

FOUND_AT_MOST = 8
SHOWN_AT_MOST = 12
"""Bodies on one page: the page stays light, and who needs more calls."""


@dataclass(frozen=True)
class Asked:
    """What somebody asked for; codes that are none of ours are dropped."""

    typed: str = ""
    place: Place | None = None
    need: str = ""
    open_now: bool = False
    from_list: bool = False

    @classmethod
    def read(cls, posted: Mapping[str, Any]) -> Asked:
        """Take the posted fields. A place that was chosen counts before one that was typed."""
        code, need = str(posted.get("wilayah", "")), str(posted.get("butuh", ""))
        place = places.get(code[:5])
        return cls(
            typed=str(posted.get("tempat", ""))[:80].strip(),
            place=place if place is not None and place.in_force else None,
            need=need if need in {one.code for one in knowledge.needs()} else "",
            open_now=posted.get("buka") == "ya",
            from_list=posted.get("do") == "daftar",
        )


@dataclass
class Card:
    """One body on the page: what it offers here, how to reach it, when."""

    body: Organisation
    provides: list[str] = field(default_factory=list)
    helps_find: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: bool = False
    hours: str = ""
    fee: str = ""
    overdue: bool = False

    @property
    def whatsapp(self) -> str:
        """The number as WhatsApp's addresses want it, "" for none."""
        digits = "".join(c for c in self.body.whatsapp if c.isdigit())
        return f"62{digits[1:]}" if digits.startswith("0") else digits

    @property
    def phone(self) -> str:
        """The first telephone number for a link, without blanks."""
        first = self.body.phone.split(",")[0].split(";")[0].split("/")[0]
        return "".join(c for c in first if c.isdigit() or c == "+")


@dataclass
class Answer:
    """What the page shows: places to choose from, or bodies that help in one place."""

    asked: Asked
    choices: list[tuple[Place, str]] = field(default_factory=list)
    place: Place | None = None
    regencies: list[Place] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    more: int = 0
    none_open: bool = False
    not_found: bool = False
    now_text: str = ""


def needs() -> list[Labelled]:
    """What can be asked for, in everyday words."""
    return knowledge.needs()


def answer(asked: Asked) -> Answer:
    """Look up what was asked. Reads the directory; writes nothing anywhere."""
    if asked.place is None and asked.typed and not asked.from_list:
        found = places.search(asked.typed, FOUND_AT_MOST)
        exact = [one for one in found if words_of(one.name) == words_of(asked.typed)]
        if len(found) != 1 and len(exact) != 1:
            return Answer(asked, choices=[(one, _home(one)) for one in found], not_found=not found)
        asked = Asked(asked.typed, (exact or found)[0], asked.need, asked.open_now)
    if asked.place is None:
        return Answer(asked, choices=[(one, "") for one in places.provinces()])
    return _in_place(asked, asked.place)


def _home(place: Place) -> str:
    province = None if place.is_province else places.province_of(place.code)
    return province.name if province else ""


def _in_place(asked: Asked, place: Place) -> Answer:
    now = clock.now()
    search = selectors.Search(
        region=place.code,
        service=asked.need,
        services=tuple(one.code for one in needs()),
        public=True,
        without_kinds=(Kind.HELPLINE,),
    )
    found = selectors.find(search, moment=now)
    if open_ones := [one for one in found if one.opening.open]:
        found = open_ones if asked.open_now else found
    cards = _cards(found, places.zone_of(place.code).key, now)
    return Answer(
        asked,
        place=place,
        regencies=list(places.regencies(place.code)) if place.is_province else [],
        cards=cards[:SHOWN_AT_MOST],
        more=max(len(cards) - SHOWN_AT_MOST, 0),
        none_open=asked.open_now and bool(found) and not open_ones,
        now_text=worktime.describe_moment(now, places.zone_of(place.code)),
    )


def _cards(found: list[selectors.Provider], tz: str, now: datetime) -> list[Card]:
    """One card a body, in the order in which its best service was found; hours on the clock of who asks."""
    cards: dict[Any, Card] = {}
    labels = {one.code: one.label for one in needs()}
    for one in found:
        card = cards.get(one.organisation.pk)
        if card is None:
            card = cards[one.organisation.pk] = Card(
                one.organisation,
                open=one.opening.open,
                hours=hours_text(one.opening, tz, now),
                fee=one.service.fee,
                overdue=one.overdue,
            )
        own = card.provides if one.service.does == Does.PROVIDES else card.helps_find
        own.append(labels[one.service.service])
        card.notes += [text for text in _notes(one) if text not in card.notes]
    return list(cards.values())


def _notes(one: selectors.Provider) -> list[str]:
    """What is known to be offered; nothing is said about what nobody asked."""
    service = one.service
    said = (
        (service.accepts_boys, _("anak laki-laki diterima")),
        (service.sign_language, _("bahasa isyarat")),
        (service.wheelchair, _("kursi roda bisa masuk")),
        (service.night_admission, _("menerima malam hari")),
    )
    return [str(text) for known, text in said if known]


def hours_text(state: Opening, tz: str, now: datetime) -> str:
    """When it is open, on the clock of a zone, in words."""
    if not state.known:
        return _("Jam bukanya belum kami tahu. Telepon dulu.")
    if state.open:
        if state.until is None:
            return _("Buka 24 jam.")
        return _("Buka sekarang, sampai %(when)s.") % {"when": _when(state.until, tz, now)}
    if state.next is None:
        return _("Sekarang tutup.")
    return _("Sekarang tutup. Buka lagi %(when)s.") % {"when": _when(state.next, tz, now)}


def _when(moment: datetime, tz: str, now: datetime) -> str:
    """The hour alone on the same day, the day with it on another."""
    said = worktime.describe_moment(moment, tz)
    same = worktime.local_day(moment, tz) == worktime.local_day(now, tz)
    return said.rsplit(", ", 1)[-1] if same else said
