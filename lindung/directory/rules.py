"""Where, when and for whom a service is, who may change the directory: pure decisions over plain values.

Hours are read on the clock of the place. A span belongs to the day on which it begins: a door that opens on Friday at
20:00 and closes at 04:00 is open on Saturday at 02:00, also when Saturday is a holiday.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from lindung.accounts import rules as account_rules
from lindung.accounts.actors import Actor
from lindung.core import worktime
from lindung.places import selectors as places
from lindung.places.catalogue import everything

READERS = frozenset(
    {
        account_rules.ANALYST, account_rules.CASE_WORKER, account_rules.SUPERVISOR, account_rules.PARTNER,
        account_rules.DATA_ANALYST, account_rules.ADMINISTRATOR,
    }
)  # fmt: skip
KEEPERS = frozenset({account_rules.SUPERVISOR, account_rules.ADMINISTRATOR})

NEVER_PUBLIC = frozenset({"shelter", "network_person"})
"""Kinds that the page for everybody never names: where children hide, and one person."""

NO_ADDRESS = frozenset({"shelter"})

LOOK_AHEAD_DAYS = 21
"""How far the next opening is looked for; the longest row of days off (Lebaran with joint leave) is shorter."""

_DEEPER = re.compile(r"\d{2}\.\d{2}(\.\d{2}(\.\d{4})?)?")


# --- who ------------------------------------------------------------------------------------------------------------


def may_read(actor: Actor) -> bool:
    """Everyone of staff reads it; auditors have nothing to look up here."""
    return actor.is_system or actor.has_role(*READERS)


def may_edit(actor: Actor) -> bool:
    """Supervisors and administrators add, change, verify, end and import: one hand for what everybody relies on.

    Case workers and analysts tell them what they found; so a wrong telephone number has somebody who answers for it.
    """
    return actor.is_system or actor.has_role(*KEEPERS)


def may_link_team(actor: Actor) -> bool:
    """Which team here works for a body decides where sealed referrals go: administrators and the command line."""
    return actor.is_system or actor.has_role(account_rules.ADMINISTRATOR)


# --- where ----------------------------------------------------------------------------------------------------------


def regions_above(code: str) -> tuple[str, ...]:
    """A region and all that lie around it, the nearest first: ("32.01.05", "32.01", "32")."""
    parts = code.split(".") if code else []
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))


def regions_covering(wanted: str) -> frozenset[str]:
    """Every code that a covering region may carry so that it covers the wanted one: old codes of a place too.

    A place that moved to a new province is covered by an entry under its old code, and asked for by either.
    """
    now = {place.code for place in places.current(wanted[:5])}
    asked = {wanted} | {code + wanted[5:] for code in now} if len(wanted) > 5 else {wanted} | now
    around = {code for one in asked for code in regions_above(one)}
    return frozenset(around | {old for code in around for old in _earlier_codes().get(code, ())})


def covers(covered: Iterable[str], wanted: str, *, whole_country: bool = False) -> bool:
    """Whether a service that covers these regions covers the wanted one. Nothing wanted: always."""
    return whole_country or not wanted or not regions_covering(wanted).isdisjoint(covered)


def nearness(covered: Iterable[str], wanted: str, *, whole_country: bool = False) -> int:
    """How near a service is meant: digits of the nearest covering code, 1 for the whole country, 0 for not at all."""
    around = regions_covering(wanted) if wanted else frozenset()
    nearest = max((len(code) for code in covered if code in around), default=0)
    return nearest or (1 if whole_country else 0)


def region_problem(code: str) -> tuple[str, tuple[str, ...]]:
    """What is wrong with a region code, and the codes that stand for it today: ("", ()) when it is in force.

    "unknown", "closed" (with its successors) or "lost_zero": a spreadsheet took 11.10 for the number 11.1.
    """
    if re.fullmatch(r"\d{2}\.\d", code) and (place := places.get(code + "0")) is not None:
        return "lost_zero", (place.code,)
    if len(code) > 5 and not _DEEPER.fullmatch(code):
        return "unknown", ()
    place = places.get(code[:5])
    if place is None or (len(code) > 5 and place.is_province):
        return "unknown", ()
    if not place.in_force:
        return "closed", tuple(now.code + code[5:] for now in places.current(place.code))
    return "", ()


@cache
def _earlier_codes() -> dict[str, tuple[str, ...]]:
    """The closed codes that lead to each code of today."""
    found: dict[str, list[str]] = {}
    for place in everything().values():
        if not place.in_force:
            for now in places.current(place.code):
                found.setdefault(now.code, []).append(place.code)
    return {code: tuple(old) for code, old in found.items()}


# --- when -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Hours:
    """One span of opening: weekday 0 (Monday) to 6, local times. `closes` not later than `opens`: the next day."""

    weekday: int
    opens: time
    closes: time
    holidays: bool = False


@dataclass(frozen=True)
class Opening:
    """Whether it is open at a moment; `until` and `next` as moments in UTC.

    Not `known`: nobody wrote its hours down, so nobody may promise anything. `until` is empty when it never closes.
    """

    known: bool
    open: bool
    until: datetime | None = None
    next: datetime | None = None


def opening(
    moment: datetime,
    hours: Sequence[Hours],
    tz: str,
    *,
    always_open: bool = False,
    also_off: Collection[date] = worktime.NOTHING,
) -> Opening:
    """Whether a door is open at an aware moment, until when, or when it opens next."""
    if always_open:
        return Opening(known=True, open=True)
    if not hours:
        return Opening(known=False, open=False)
    week, day = _Week(hours, ZoneInfo(tz), also_off), worktime.local_day(moment, tz)
    now = [end for number in (-1, 0) for start, end in week.on(day, number) if start <= moment < end]
    if not now:
        later = (start for number in range(LOOK_AHEAD_DAYS) for start, _ in week.on(day, number) if start > moment)
        return Opening(known=True, open=False, next=next(later, None))
    until = max(now)
    for number in range(-1, LOOK_AHEAD_DAYS):  # a span that begins where another ends goes on
        for start, end in week.on(day, number):
            if start <= until < end:
                until = end
    return Opening(known=True, open=True, until=until if until - moment < timedelta(days=LOOK_AHEAD_DAYS - 2) else None)


def open_at(
    moment: datetime,
    hours: Sequence[Hours],
    tz: str,
    *,
    always_open: bool = False,
    also_off: Collection[date] = worktime.NOTHING,
) -> bool:
    """Whether a door is known to be open at an aware moment."""
    return opening(moment, hours, tz, always_open=always_open, also_off=also_off).open


@dataclass(frozen=True)
class _Week:
    """Hours as moments, a day at a time: most questions are answered by today."""

    hours: Sequence[Hours]
    zone: ZoneInfo
    also_off: Collection[date]

    def on(self, first: date, number: int) -> list[tuple[datetime, datetime]]:
        """The spans that begin so many days after a date, in order, as moments in UTC."""
        day = first + timedelta(days=number)
        weekday, found = day.weekday(), []
        for span in self.hours:
            if span.weekday == weekday and (span.holidays or not worktime.is_day_off(day, self.also_off)):
                last = day if span.closes > span.opens else day + timedelta(days=1)
                found.append((self._at(day, span.opens), self._at(last, span.closes)))
        return sorted(found)

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


def is_overdue(verified_on: date | None, today: date, days: int) -> bool:
    """Whether nobody has asked for more than so many days whether an entry is still right; never asked counts too."""
    return verified_on is None or today - verified_on > timedelta(days=days)


# --- for whom -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ForWhom:
    """What a search asks for. Ages in whole years, both included (a band when the age is not known exactly).

    `sex` is "female", "male" or "". `language` is a code of ISO 639.
    """

    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    siblings: bool = False
    with_mother: bool = False
    lgbt_safe: bool = False
    wheelchair: bool = False
    sign_language: bool = False
    night: bool = False
    language: str = ""


ANYBODY = ForWhom()


@dataclass(frozen=True)
class Terms:
    """For whom a service is; an empty answer means that nobody asked yet."""

    age_from: int = 0
    age_to: int = 17
    accepts_boys: bool | None = None
    accepts_girls: bool | None = None
    siblings: bool | None = None
    with_mother: bool | None = None
    lgbt_safe: bool | None = None
    wheelchair: bool | None = None
    sign_language: bool | None = None
    night_admission: bool | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hindrance:
    """Why a service may not do, as a code. Not `sure`: nobody asked yet, so somebody has to call first."""

    code: str
    sure: bool


_ASKED = (
    ("siblings", "siblings"),
    ("with_mother", "with_mother"),
    ("lgbt_safe", "lgbt_safe"),
    ("wheelchair", "wheelchair"),
    ("sign_language", "sign_language"),
    ("night", "night_admission"),
)


def hindrances(terms: Terms, child: ForWhom) -> tuple[Hindrance, ...]:
    """Everything that stands between a child and a service; empty when it takes this child in."""
    found = []
    low = child.age_from if child.age_from is not None else child.age_to
    high = child.age_to if child.age_to is not None else child.age_from
    if low is not None and high is not None:
        if high < terms.age_from or low > terms.age_to:
            found.append(Hindrance("age", sure=True))
        elif low < terms.age_from or high > terms.age_to:
            found.append(Hindrance("age", sure=False))
    answers: list[tuple[str, bool | None]] = []
    if child.sex in {"male", "female"}:
        boys = child.sex == "male"
        answers.append(("boys" if boys else "girls", terms.accepts_boys if boys else terms.accepts_girls))
    answers += [(asked, getattr(terms, held)) for asked, held in _ASKED if getattr(child, asked)]
    found += [Hindrance(code, sure=answer is not None) for code, answer in answers if answer is not True]
    if child.language and child.language not in terms.languages:
        found.append(Hindrance("language", sure=bool(terms.languages)))
    return tuple(found)
