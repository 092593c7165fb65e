"""What a value of the directory must look like, wherever it comes from: a form, a spreadsheet, pasted cells.

Each check returns the value as it is kept, or raises Wrong with a code of `faults.py`. Texts are looked at for
formulas, hidden characters, pictures in disguise and numbers of a person: this room holds facts about offices.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from lindung.core.textsafe import holds_media
from lindung.places import selectors as places

from . import hours, rules
from .rules import Hours

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that spreadsheet programs run instead of showing it."""

EARLIEST = date(1945, 8, 17)
MOST_PLACES = 100_000
OLDEST = 120
_PHONE = re.compile(r"\+?[\d(][\d\s().+/,;-]*(?:(?:ext|psw|pes)\.?\s*\d{1,6})?", re.IGNORECASE)
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_WEB = URLValidator(schemes=["http", "https"])
_PERSON_NUMBER = re.compile(r"(?<!\d)\d{16}(?!\d)")
_MOJIBAKE = re.compile(r"\ufffd|Ã[\u0080-\u00bf]|â€")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Wrong(ValueError):
    """A value cannot be taken; `code` says why, `more` fills the sentence (codes and numbers, never what was typed)."""

    def __init__(self, code: str, **more: object) -> None:
        self.code, self.more = code, more
        super().__init__(code)


def text(value: str, longest: int) -> str:
    """One line as it was written, without blanks around it."""
    if any("\udc80" <= character <= "\udcff" for character in value) or _MOJIBAKE.search(value):
        raise Wrong("encoding")
    value = value.strip(" \u00a0")
    if value[:1] in {"\t", "\r"} or any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n" for c in value):
        raise Wrong("hidden")
    value = " ".join(value.split())
    if value[:1] in {"=", "@", "|"} or (value[:1] in {"+", "-"} and not _PHONE.fullmatch(value)):
        raise Wrong("formula")
    if len(value) > longest:
        raise Wrong("too_long", longest=longest)
    if holds_media(value):
        raise Wrong("media")
    if _PERSON_NUMBER.search(value):
        raise Wrong("person_number")
    return value


def code(value: str) -> str:
    """How spreadsheets name a body: small letters, digits, dots and dashes."""
    value = text(value, 40).lower()
    if not _CODE.fullmatch(value):
        raise Wrong("code")
    return value


def name(value: str) -> str:
    """A name with at least one letter."""
    value = text(value, 200)
    if not any(character.isalpha() for character in value):
        raise Wrong("name")
    return value


def phone(value: str, longest: int = 60) -> str:
    """A telephone number of an office: digits as people write them, three at least."""
    value = text(value, longest)
    if value and (not _PHONE.fullmatch(value) or sum(character.isdigit() for character in value) < 3):
        raise Wrong("phone")
    return value


def email(value: str) -> str:
    """A mail address."""
    value = text(value, 120)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise Wrong("email") from None
    return value


def website(value: str) -> str:
    """An address that begins with http(s); a bare name of a site gets https."""
    value = text(value, 200)
    if value and "://" not in value:
        value = f"https://{value}"
    try:
        if value:
            _WEB(value)
    except ValidationError:
        raise Wrong("website") from None
    return value


def region(value: str) -> str:
    """The official code of a province, a regency or deeper that is in force."""
    value = text(value, 13)
    problem, instead = rules.region_problem(value) if value else ("", ())
    if problem:
        raise Wrong({"unknown": "region", "closed": "region_closed", "lost_zero": "lost_zero"}[problem],
                    instead=", ".join(instead))  # fmt: skip
    return value


def zone(value: str, seat: str) -> str:
    """WIB, WITA or WIT as the name of a time zone; empty: that of the seat."""
    value = text(value, 40)
    if value in ZONES.values():
        return value
    if value.upper() in ZONES:
        return ZONES[value.upper()]
    if value:
        raise Wrong("zone")
    return ZONES[places.zone_label(seat[:5])]


def yes_no(value: str) -> bool | None:
    """Yes, no, or nobody asked yet."""
    value = text(value, 20).lower()
    if value in {"", "?", "belum", "unknown"}:
        return None
    if value in {"ya", "y", "yes", "true", "1"}:
        return True
    if value in {"tidak", "tdk", "t", "no", "n", "false", "0"}:
        return False
    raise Wrong("yes_no")


def number(value: str, most: int) -> int | None:
    """A whole number without a sign, or nothing."""
    if re.fullmatch(r"\s*[-+]\d+\s*", value):
        raise Wrong("number", most=most)
    value = text(value, 12)
    if not value:
        return None
    if not re.fullmatch(r"\d{1,9}", value) or int(value) > most:
        raise Wrong("number", most=most)
    return int(value)


def day(value: str, *, latest: date | None = None) -> date | None:
    """A date as 2026-11-22 or 22/11/2026, day first as in Indonesia; not later than `latest`."""
    value = text(value, 20)
    if not value:
        return None
    try:
        if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", value):
            found = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            found = date.fromisoformat(value)
    except ValueError:
        raise Wrong("date") from None
    if found < EARLIEST or (latest is not None and found > latest):
        raise Wrong("date_range")
    return found


def open_hours(value: str) -> tuple[bool, tuple[Hours, ...]]:
    """Opening hours as people write them: (always open, spans)."""
    try:
        return hours.read(text(value, hours.LONGEST))
    except hours.BadHours:
        raise Wrong("hours") from None


def languages(value: str) -> str:
    """Codes of languages joined by a blank; Indonesian when nothing stands there."""
    found = list(dict.fromkeys(re.split(r"[\s,;]+", text(value, 100).lower())))
    found = [one for one in found if one]
    if not all(_LANGUAGE.fullmatch(one) for one in found):
        raise Wrong("language")
    return " ".join(found) or "id"


def parts(value: str, longest: int) -> list[str]:
    """A list of things in one cell, apart by ";"."""
    return [piece for one in text(value, longest).split(";") if (piece := one.strip())]


def choice(value: str, known: Iterable[tuple[str, str]]) -> str:
    """One code out of a list, given as its code or as its name."""
    value = text(value, 120)
    wanted = value.casefold()
    for one, label in known:
        if wanted in {one.casefold(), str(label).casefold()}:
            return one
    raise Wrong("choice")
