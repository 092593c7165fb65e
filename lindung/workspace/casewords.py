"""Words of an opened case, put into labels: the child, places, statuses and factors as lines that a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.casework.knowledge import child as knowledge
from lindung.casework.models import PlaceRole, Status
from lindung.casework.shapes import ORIGIN
from lindung.core.knowledge import Labelled
from lindung.places import selectors as places
from lindung.reporting import knowledge as reporting
from lindung.workspace.marks import place_label

ONLINE: dict[str, str | Promise] = {"online": gettext_lazy("di internet"), "offline": gettext_lazy("tatap muka")}

NATIONALITY: dict[str, str | Promise] = {
    "indonesian": gettext_lazy("Indonesia"), "foreign": gettext_lazy("Warga negara lain"),
    "asylum_seeker": gettext_lazy("Pencari suaka"), "refugee": gettext_lazy("Pengungsi"),
}  # fmt: skip

CHILD: dict[str, str | Promise] = {
    "name": gettext_lazy("Nama"),
    "nickname": gettext_lazy("Panggilan"),
    "born_on": gettext_lazy("Tanggal lahir"),
    "age_band": gettext_lazy("Umur"),
    "sex": gettext_lazy("Jenis kelamin"),
    "nationality": gettext_lazy("Kewarganegaraan"),
    "protection": gettext_lazy("Perlindungan"),
    "identity_number": gettext_lazy("Nomor induk kependudukan"),
    "birth_place": gettext_lazy("Tempat lahir"),
    "address": gettext_lazy("Alamat"),
    "school": gettext_lazy("Sekolah"),
    "languages": gettext_lazy("Bahasa sehari-hari"),
    "contact": gettext_lazy("Cara menghubungi"),
    "reach": gettext_lazy("Cara menjawab"),
    "reach_how": gettext_lazy("Cara dan waktu yang aman"),
    "must_not_know": gettext_lazy("Siapa yang tidak boleh tahu"),
    "accommodations": gettext_lazy("Yang memudahkan"),
    "accommodations_note": gettext_lazy("Keterangan kebutuhan"),
    "disabilities": gettext_lazy("Disabilitas"),
    "health": gettext_lazy("Kesehatan"),
    "strengths": gettext_lazy("Kekuatan dan yang disukai"),
    "notes": gettext_lazy("Catatan lain"),
}
"""Parts of the child in the order in which a page shows them; statuses and factors stand on their own."""

INCIDENT: dict[str, str | Promise] = {
    "forms": gettext_lazy("Bentuk"),
    "statements": gettext_lazy("Yang diceritakan"),
    "where": gettext_lazy("Terjadi"),
    "platforms": gettext_lazy("Di mana di internet"),
    "other_platform": gettext_lazy("Tempat lain di internet"),
    "when": gettext_lazy("Kapan"),
    "happened_on": gettext_lazy("Tanggal"),
    "given": gettext_lazy("Yang diberi atau dibayar"),
    "given_note": gettext_lazy("Keterangan pemberian"),
    "media_url": gettext_lazy("Link yang disebut"),
    "summary": gettext_lazy("Ringkasan"),
}

PERSON: dict[str, str | Promise] = {
    "relation": gettext_lazy("Hubungan"),
    "contact": gettext_lazy("Cara menghubungi"),
    "address": gettext_lazy("Alamat"),
    "accounts": gettext_lazy("Akun, nomor, atau link"),
    "safe_to_contact": gettext_lazy("Aman dihubungi"),
    "notes": gettext_lazy("Catatan"),
}


@dataclass(frozen=True)
class Said:
    """One line: what it is about, in words or as a list, and whether a report told it. `kind`: text, code or list."""

    part: str
    label: str
    kind: str = "text"
    text: str = field(default="", repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)
    told: bool = False


def child(words: Mapping[str, Any]) -> list[Said]:
    """The child, line by line; what nobody knows is left out."""
    return _lines(words, CHILD, {})


def incident(words: Mapping[str, Any], platforms: Mapping[str, str]) -> list[Said]:
    """What happened, in codes of the taxonomy."""
    return _lines(words, INCIDENT, platforms)


def person(words: Mapping[str, Any]) -> list[Said]:
    """Somebody around the child, without the name."""
    return _lines(words, PERSON, {})


def statuses(words: Mapping[str, Any]) -> list[str]:
    """What the child is before the law and in our care."""
    return [str(Status(code).label) for code in words.get("statuses", ()) if code in Status.values]


def factors(words: Mapping[str, Any]) -> list[str]:
    """What makes it harder for this child to be safe; none of it is about what the child did."""
    return labels(knowledge.factors(), words.get("factors", ()))


def needs(words: Mapping[str, Any]) -> list[str]:
    """What makes it easier for this child, and disability support."""
    options = reporting.questions()["easier"].options
    found = [options[code].label for code in words.get("accommodations", ()) if code in options]
    return found + labels(knowledge.disabilities(), words.get("disabilities", ()))


def four_places(told: Mapping[str, Mapping[str, Any]]) -> list[Said]:
    """The four places that decide whose task it is; one that nobody knows says so."""
    found = []
    for role in PlaceRole:
        words = told.get(role.value, {})
        text = "\n".join(part for part in (place(words), str(words.get("words") or "")) if part)
        found.append(Said(role.value, str(role.label), text=text, told=bool(words.get(ORIGIN))))
    return found


def place(words: Mapping[str, Any]) -> str:
    """One place by its codes: regency and province, or the country."""
    country = str(words.get("country") or "")
    if country and country != "ID":
        return _("Luar negeri (%(country)s)") % {"country": country}
    return place_label(str(words.get("province") or ""), str(words.get("regency") or ""))


def relation(words: Mapping[str, Any]) -> str:
    """Who somebody is to the child: as a report said it by a code, or in a colleague's words."""
    return reporting.option_label("who", str(words.get("relation") or ""))


def labels(known: Mapping[str, Labelled], codes: Iterable[str]) -> list[str]:
    """Labels of codes; an unknown one stays as it is."""
    return [known[code].label if code in known else code for code in codes]


def _lines(words: Mapping[str, Any], parts: Mapping[str, str | Promise], platforms: Mapping[str, str]) -> list[Said]:
    told = words.get(ORIGIN, {})
    found = []
    for part, label in parts.items():
        value = words.get(part)
        if value in (None, "", [], {}):
            continue
        line = Said(part, str(label), told=part in told, **_value(part, value, platforms))
        found.append(line)
    return found


def _value(part: str, value: Any, platforms: Mapping[str, str]) -> dict[str, Any]:
    if part in {"media_url", "accounts"}:
        return {"kind": "code", "text": str(value)}
    if isinstance(value, bool):
        return {"text": _("ya") if value else _("tidak")}
    if part in {"age_band", "sex", "reach", "when"}:
        return {"text": reporting.option_label(part, str(value))}
    if part in {"nationality", "protection"}:
        return {"text": str(NATIONALITY.get(str(value), value))}
    if part in {"born_on", "happened_on"}:
        return {"text": _day(str(value))}
    if part == "relation":
        return {"text": relation({"relation": value})}
    if isinstance(value, list):
        return {"kind": "list", "values": tuple(_code(part, str(code), platforms) for code in value)}
    return {"text": str(value)}


def _code(part: str, code: str, platforms: Mapping[str, str]) -> str:
    if part == "forms":
        return reporting.forms()[code].label if code in reporting.forms() else code
    if part == "statements":
        return reporting.statements()[code].label if code in reporting.statements() else code
    if part == "platforms":
        return platforms.get(code, code)
    if part == "where":
        return str(ONLINE.get(code, code))
    if part == "disabilities":
        return labels(knowledge.disabilities(), [code])[0]
    question = {"accommodations": "easier", "given": "given"}.get(part, "")
    return reporting.option_label(question, code) if question else code


def _day(text: str) -> str:
    try:
        return dateformat.format(date.fromisoformat(text), "j F Y")
    except ValueError:
        return text


def region(code: str) -> str:
    """The name of a province or regency; the code itself when nobody knows it."""
    found = places.get(code)
    return found.name if found else code
