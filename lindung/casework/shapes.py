"""What the sealed values of a case may hold: which parts there are, which codes fit, how they are written. Pure.

Each `check_*` returns a value as it is to be sealed: unknown parts and codes raise BadInput with the part as the field,
what is empty is left out, texts stay exactly as typed. `from_report` maps a part to the report that it came from (hex):
nothing that a child told once is typed or asked a second time, and everybody sees where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput
from lindung.places import selectors as regions
from lindung.reporting import answers as answering
from lindung.reporting import knowledge as reporting
from lindung.vault import blind

from . import rules_places
from .knowledge import child as knowledge
from .models import Status

ORIGIN = "from_report"

CHILD_TEXTS = (
    "name", "nickname", "identity_number", "birth_place", "address", "school", "contact", "reach_how", "languages",
    "accommodations_note", "must_not_know", "health", "strengths", "notes",
)  # fmt: skip
PERSON_TEXTS = ("name", "relation", "contact", "address", "accounts", "notes")
INCIDENT_TEXTS = ("other_platform", "media_url", "given_note", "summary")
LOCATIONS = ("online", "offline")

MAX_IDENTIFIERS = 40

Check = Callable[[str, Any], Any]


def check_child(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The child: who it is, how to reach it, what it needs, what it is before the law."""
    checks: dict[str, Check] = dict.fromkeys(CHILD_TEXTS, _text) | {
        "born_on": _day,
        "age_band": _one_of(answers_to("age_band")),
        "sex": _one_of(answers_to("sex")),
        "nationality": _one_of(rules_places.NATIONALITIES),
        "protection": _one_of(rules_places.PROTECTED),
        "embassy_safe": _flag,
        "language": _one_of(("id", "en")),
        "reach": _one_of(answers_to("reach")),
        "accommodations": _some_of(answers_to("easier")),
        "disabilities": _some_of(knowledge.disabilities()),
        "statuses": _some_of(Status.values),
        "factors": _some_of(knowledge.factors()),
    }
    return _checked(raw, checks)


def check_place(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One of the four places. A regency gives its province; a place abroad has neither."""
    place = _checked(raw, {"country": _country, "province": _region, "regency": _region, "words": _text})
    province, regency = answering.place_codes(place)
    if place.get("regency") and regency != place["regency"]:
        raise BadInput("regency", _("Kabupaten atau kota ini tidak ada di provinsi itu."))
    if place.get("country", rules_places.INDONESIA) != rules_places.INDONESIA:
        if province or regency:
            raise BadInput("country", _("Tempat di luar negeri tidak punya provinsi di sini."))
        return place
    return place | ({"province": province} if province else {})


def check_person(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody around the child. `identifiers`: (kind, text) of accounts and numbers, from `accounts` or typed."""
    checks: dict[str, Check] = dict.fromkeys(PERSON_TEXTS, _text) | {
        "identifiers": _identifiers,
        "safe_to_contact": _flag,
    }
    return _checked(raw, checks)


def check_incident(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What happened, in codes of the taxonomy; `summary` in few clinical words, never a retelling."""
    checks: dict[str, Check] = dict.fromkeys(INCIDENT_TEXTS, _text) | {
        "forms": _some_of(reporting.forms()),
        "statements": _some_of(reporting.statements()),
        "where": _some_of(LOCATIONS),
        "platforms": _codes,
        "given": _some_of(answers_to("given")),
        "when": _one_of(answers_to("when")),
        "happened_on": _day,
    }
    return _checked(raw, checks)


def identifiers_of(person: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The identifiers of a person for the blind index: those typed one by one, and those its `accounts` name."""
    typed = [(str(one["kind"]), str(one["text"])) for one in person.get("identifiers", ())]
    read = [(one.kind, one.text) for one in answering.identifiers({"accounts": person.get("accounts", "")})]
    return list(dict.fromkeys(typed + read))[:MAX_IDENTIFIERS]


def answers_to(question: str) -> Collection[str]:
    """The codes that a question of a report can be answered with."""
    return reporting.questions()[question].options


def without_origin(value: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, str]:
    """Where the parts of a changed value came from: whatever a colleague wrote anew came from no report."""
    origin = value.get(ORIGIN, {})
    return {part: origin[part] for part in origin if part in changed and changed[part] == value.get(part)}


def _checked(raw: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    unknown = set(raw) - set(checks) - {ORIGIN}
    if unknown:
        raise BadInput(min(unknown), _("Bagian ini tidak dikenal."))
    found = {name: checks[name](name, value) for name, value in raw.items() if name in checks}
    value = {name: part for name, part in found.items() if part not in ("", None, [], {})}
    origin = {str(part): str(report) for part, report in dict(raw.get(ORIGIN) or {}).items() if part in value}
    return value | ({ORIGIN: origin} if origin else {})


def _text(name: str, value: Any) -> str:
    return answering.check_text(name, value, int(settings.LINDUNG_WORDS_MAX_CHARACTERS))


def _day(name: str, value: Any) -> str:
    if value in ("", None):
        return ""
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError:
        raise BadInput(name, _("Tulis tanggalnya, misalnya 2026-03-20.")) from None


def _flag(name: str, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise BadInput(name, _("Pilih salah satu dari daftar."))


def _country(name: str, value: Any) -> str:
    if isinstance(value, str) and (not value or (len(value) == 2 and value.isascii() and value.isalpha())):
        return value.upper()
    raise BadInput(name, _("Pilih negaranya dari daftar."))


def _region(name: str, value: Any) -> str:
    place = regions.get(value) if value and isinstance(value, str) else None
    if value and (place is None or place.is_province != (name == "province")):
        raise BadInput(name, _("Tempat ini tidak dikenal."))
    return str(value or "")


def _one_of(known: Collection[str]) -> Check:
    def check(name: str, value: Any) -> str:
        if not isinstance(value, str) or (value and value not in known):
            raise BadInput(name, _("Pilih salah satu dari daftar."))
        return value

    return check


def _some_of(known: Collection[str]) -> Check:
    def check(name: str, value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or not all(isinstance(code, str) and code in known for code in value):
            raise BadInput(name, _("Pilih dari daftar."))
        return list(dict.fromkeys(value))

    return check


def _codes(name: str, value: Any) -> list[str]:
    """Codes of a table that staff maintain: of the right form, and no more than a list has."""
    fits = isinstance(value, list | tuple) and len(value) <= answering.MAX_CODES
    if not fits or not all(isinstance(code, str) and code.replace("_", "").isalnum() for code in value):
        raise BadInput(name, _("Pilih dari daftar."))
    return list(dict.fromkeys(value))


def _identifiers(name: str, value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list | tuple) or len(value) > MAX_IDENTIFIERS:
        raise BadInput(name, _("Terlalu banyak. Bagi menjadi beberapa orang."))
    found = []
    for one in value:
        kind, text = (one.get("kind"), one.get("text")) if isinstance(one, Mapping) else (None, None)
        if kind not in blind.KINDS or not isinstance(text, str):
            raise BadInput(name, _("Pilih dari daftar."))
        if text.strip():
            found.append({"kind": str(kind), "text": answering.check_text(name, text, 500)})
    return found
