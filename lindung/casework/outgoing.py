"""The one gate: every text, section, letter, sheet and export that leaves a case goes through here.

What it holds back, whoever asks and whatever the consent: a fact of the do-not-disclose list (by its words, see
rules_barred, and whole sections), anything to a person of that list, to a guardian who is implicated or not judged safe
yet, or to an alleged offender, also under another role or through their number or account; and anything to a body that
the case keeps away. DOORS names every function of this room that hands something out; a test holds it complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.core.errors import NotAllowed
from lindung.directory.models import Organisation
from lindung.places import selectors as places
from lindung.reporting import knowledge as reporting
from lindung.reporting.selectors import platform_labels
from lindung.vault import services as vault
from lindung.vault.services import RecordKeys

from . import rules_barred
from .errors import Barred
from .knowledge import child as child_knowledge
from .knowledge import rights as knowledge
from .models import Case, Person, PersonRole, Standing, Status
from .models_plan import Assessment, Plan, SafetyPlan
from .models_rights import BarredKind
from .opened import OpenedCase, PersonView, person_view
from .services.access import decode
from .services.barring import Kept, kept
from .shapes import ORIGIN

CAUTIONS = "cautions"
"""The section that travels with everything: who may not know, and what whoever receives it has to keep to."""

LEFT_OUT = "[…]"
"""Stands for a line that was left out. It has no letters, so that nothing can be recognised in it."""

DOORS = frozenset(
    {
        "lindung.casework.outgoing.gather",
        "lindung.casework.services.letters.write_letter",
        "lindung.casework.services.letters.open_letter",
        "lindung.casework.services.demands.answer",
        "lindung.casework.services.simfoni.sheet",
        "lindung.casework.services.tips.hand_over",
    }
)
"""Every function of this room that hands something out of a case, or notes that it was."""


@dataclass(frozen=True)
class Guarded:
    """A case as the gate sees it: the list, the people around the child, and the sealed fields."""

    case: Case
    kept: tuple[Kept, ...] = field(repr=False)
    people: tuple[PersonView, ...] = field(repr=False)
    fields: Mapping[str, bytes] = field(repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of barred facts."""
        return tuple(word for entry in self.kept if entry.row.kind == BarredKind.FACT for word in entry.words)

    @property
    def sections(self) -> frozenset[str]:
        """The sections that stay in as a whole."""
        return frozenset(entry.row.section for entry in self.kept if entry.row.section)


def guard(opened: Case | OpenedCase | Guarded, keys: RecordKeys | None = None) -> Guarded:
    """Read what the gate needs to know of a case: a query for an opened one, otherwise four, and the keys of it."""
    if isinstance(opened, Guarded):
        return opened
    if isinstance(opened, OpenedCase):
        present = tuple(person for person in opened.people if person.removed_at is None)
        return Guarded(opened.case, tuple(kept(opened.case, sealed=opened.rest)), present, opened.rest)
    if keys is None:
        raise NotAllowed
    fields = vault.get_many(record_id=opened.record_id, keys=keys)
    rows = Person.objects.filter(case=opened, removed_at=None)
    people = tuple(person_view(row, decode(fields[row.field]) if row.field in fields else {}) for row in rows)
    return Guarded(opened, tuple(kept(opened, sealed=fields)), people, fields)


# --- the checks -------------------------------------------------------------------------------------------------------


def check(
    opened: Case | OpenedCase | Guarded,
    keys: RecordKeys,
    text: str,
    *,
    to_person: UUID | None = None,
    to_body: Organisation | None = None,
    to_contact: str = "",
    sections: Iterable[str] = (),
    asked: str | None = None,
    to_law: bool = False,
) -> None:
    """Raise Barred when this may not leave: for its words, for a section, or for whom it or its reader would reach.

    `to_person`: a person of the case; `to_body`: a body, by whose numbers and addresses somebody may be reached;
    `to_contact`: any other number, account, address or name. `asked`: the part of the text that tells its reader what
    to do (the goal of a referral), when it is not all of it. `to_law`: what the police or a court is given by law may
    hold the number of somebody in the family. `codes` of the error: the ids of what stands in the way, never a word
    of it.
    """
    guarded = guard(opened, keys)
    check_recipient(guarded, to_person=to_person, to_body=to_body, to_contact=to_contact)
    _check_sections(guarded, sections)
    _check_text(guarded, text)
    if not to_law:
        _check_numbers(guarded, text, text if asked is None else asked)


def check_recipient(
    guarded: Guarded,
    *,
    to_person: UUID | None = None,
    to_body: Organisation | None = None,
    to_contact: str = "",
) -> None:
    """Raise Barred when somebody would be reached who may not know."""
    contacts = [to_contact] if to_contact else []
    if to_body is not None:
        _check_body(guarded, to_body)
        contacts += [to_body.name, to_body.phone, to_body.whatsapp, to_body.email, to_body.website]
    name, person = "", None
    if to_person is not None:
        person = next((one for one in guarded.people if one.id == to_person), None)
        if person is None:
            raise Barred("recipient", _("Orang ini tidak ada di kasus ini."))
        if why := _unreachable(guarded, person):
            raise Barred("recipient", why, (person.id.hex,))
        name, contacts = person.name, [*contacts, *_contacts(person.words)]
    for other in guarded.people:
        if _never_told(guarded, other) and _same_person(other, name, contacts):
            raise Barred("recipient", NEVER, (other.id.hex,))
    relation = str(person.words.get("relation", "")) if person is not None else ""
    for entry in guarded.kept:
        if entry.row.kind == BarredKind.PERSON and _named(entry, [name, relation, *contacts]):
            raise Barred("recipient", NEVER, (entry.row.pk.hex,))


NEVER = gettext_lazy("Orang ini tidak boleh diberi tahu. Tidak ada surat, telepon, atau pesan untuknya dari kasus ini.")


def reachable(guarded: Guarded) -> list[PersonView]:
    """The people of a case to whom a letter or call can be made at all, for a choice on a form."""
    found = []
    for person in guarded.people:
        try:
            check_recipient(guarded, to_person=person.id)
        except Barred:
            continue
        found.append(person)
    return found


def _check_body(guarded: Guarded, body: Organisation) -> None:
    """A body whose own team the case keeps away (it is named, or concerned) gets nothing either."""
    if body.team_id is not None and guarded.case.exclusions.filter(team=body.team_id).exists():
        raise Barred("recipient", _("Lembaga ini dijauhkan dari kasus ini."))


def _unreachable(guarded: Guarded, person: PersonView) -> str:
    """Why no word goes to a person of the case, or ""."""
    if _never_told(guarded, person):
        return str(NEVER)
    if person.role == PersonRole.GUARDIAN and person.standing != Standing.SAFE:
        return _("Nilai dulu apakah wali ini aman bagi anak. Sebelum itu tidak ada surat atau telepon.")
    if person.words.get("safe_to_contact") is False:
        return _("Menghubungi orang ini tercatat tidak aman.")
    return ""


def _never_told(guarded: Guarded, person: PersonView) -> bool:
    """An implicated guardian, an alleged offender, or somebody on the list."""
    if person.role == PersonRole.ALLEGED_OFFENDER or person.standing == Standing.IMPLICATED:
        return True
    return _on_list(guarded, person)


def _on_list(guarded: Guarded, person: PersonView) -> bool:
    return any(e.row.kind == BarredKind.PERSON and e.row.person_id == person.id for e in guarded.kept)


def _contacts(words: Mapping[str, Any]) -> list[str]:
    """Everything by which a person can be reached, one each: what was typed so, each line, and what looks like it.

    Out of a line: numbers of seven digits and more, and words with @, an underline, a dot or a digit. Bare words
    ("WhatsApp", "rumah") and the beginnings of numbers say nothing of a person.
    """
    found = [*_contact_lines(words), *_ways(words)]
    return [contact for contact in dict.fromkeys(found) if contact.strip()]


def _contact_lines(words: Mapping[str, Any]) -> list[str]:
    return [line for part in ("contact", "accounts") for line in re.split(r"[\n,;]", str(words.get(part, "")))]


def _ways(words: Mapping[str, Any]) -> list[str]:
    """What of it looks like a number, an account or an address, and what was typed as one."""
    found = [str(one.get("text", "")) for one in words.get("identifiers", ())]
    for line in _contact_lines(words):
        found += [number for number in _NUMBER.findall(line) if sum(c.isdigit() for c in number) >= _DIGITS]
        found += _ACCOUNT.findall(_NUMBER.sub(" ", line))
    return [way for way in dict.fromkeys(found) if way.strip()]


_DIGITS = 7
_NUMBER = re.compile(r"\+?\d[\d\s().\-/]*\d")
_ACCOUNT = re.compile(r"(?=\S*[@_.\d])\S*\w\S{3,}\w")


def _same_person(person: PersonView, name: str, contacts: Iterable[str]) -> bool:
    """The same name, or a way of reaching them that is the same however it is written."""
    theirs = list(contacts)
    if any(rules_barred.same_name(person.name, other) for other in (name, *theirs)):
        return True
    return any(rules_barred.same_contact(mine, other) for mine in _contacts(person.words) for other in theirs)


def _named(entry: Kept, said: Iterable[str]) -> bool:
    """Whether an entry of the list speaks of whoever is reached: by its words, or as it was told ("paman dan ayah").

    Where only a sentence is known, because a child told it, a name or relation that stands in it is enough.
    """
    everything = [one for one in said if rules_barred.recognisable(one)]
    pairs = [(word, one) for word in entry.words for one in everything]
    if any(rules_barred.holds(one, word) or rules_barred.same_contact(word, one) for word, one in pairs):
        return True
    return any(rules_barred.holds(entry.what, one) for one in everything)


def _check_sections(guarded: Guarded, sections: Iterable[str]) -> None:
    stopped = guarded.sections & set(sections)
    if stopped:
        ids = tuple(entry.row.pk.hex for entry in guarded.kept if entry.row.section in stopped)
        raise Barred("sections", _("Bagian ini ada di daftar yang tidak boleh keluar."), ids)


def _check_text(guarded: Guarded, text: str) -> None:
    ids = tuple(
        entry.row.pk.hex
        for entry in guarded.kept
        if entry.row.kind == BarredKind.FACT and rules_barred.met(text, entry.words)
    )
    if ids:
        raise Barred("body", _("Tulisan ini menyebut hal yang ada di daftar jangan disebut."), ids)


def _check_numbers(guarded: Guarded, text: str, asked: str) -> None:
    """No number, account or address of somebody in the family who is never told: its reader would call it.

    Only where the text describes, not where it asks, it may be one that the alleged offender is known by as well.
    """
    known = [way for one in guarded.people if one.role == PersonRole.ALLEGED_OFFENDER for way in _ways(one.words)]
    ids = []
    for person in guarded.people:
        if person.role == PersonRole.ALLEGED_OFFENDER or not _never_told(guarded, person):
            continue
        for way in _ways(person.words):
            shared = any(rules_barred.same_contact(way, other) for other in known)
            if rules_barred.holds(asked if shared else text, way):
                ids.append(person.id.hex)
                break
    if ids:
        raise Barred("body", _("Tulisan ini memuat nomor atau akun orang yang tidak boleh dihubungi."), tuple(ids))


# --- what can be handed over ------------------------------------------------------------------------------------------


def gather(opened: Case | OpenedCase | Guarded, keys: RecordKeys | None, sections: Iterable[str]) -> dict[str, str]:
    """Fill these sections from the case, in the active language, for somebody to read and correct before it leaves.

    Holds no barred fact: a barred section is not there, and a line that holds a barred word is left out with a mark in
    its place. `cautions` is always there when somebody or something may not be told. An opened case needs no `keys`.
    """
    guarded = guard(opened, keys)
    found: dict[str, str] = {}
    for code in dict.fromkeys(sections):
        section = knowledge.sections().get(code)
        if section is None or code in guarded.sections:
            continue
        lines = [line for source, parts in section.sources for line in _lines(guarded, source, parts)]
        _add(guarded, found, code, lines)
    _add(guarded, found, CAUTIONS, cautions(guarded))
    return found


def _add(guarded: Guarded, found: dict[str, str], code: str, lines: Iterable[str]) -> None:
    """Add what of these lines may leave. A word that only shows when texts stand behind each other is held back too."""
    text = "\n".join(_allowed(guarded, line) for line in lines)
    if text and rules_barred.met("\n".join([*found.values(), text]), guarded.words):
        text = LEFT_OUT
    if text:
        found[code] = text


def cautions(guarded: Guarded) -> list[str]:
    """Who may not know, and what is to be kept to: in words that tell none of it. Empty when there is nothing."""
    lines = []
    for person in guarded.people:
        if person.standing == Standing.IMPLICATED or _on_list(guarded, person):
            lines.append(_not_to(guarded, person))
    for entry in guarded.kept:
        if entry.row.kind == BarredKind.PERSON and entry.row.person_id is None:
            lines.append(_("Jangan menghubungi atau memberi tahu: %(who)s") % {"who": entry.what})
        elif entry.row.kind == BarredKind.FACT:
            lines.append(entry.keep or _("Ada hal pribadi yang tidak ikut di sini. Jangan menanyakannya."))
        if entry.row.kind == BarredKind.PERSON and entry.keep:
            lines.append(entry.keep)
    return list(dict.fromkeys(_allowed(guarded, line) for line in lines))


def _not_to(guarded: Guarded, person: PersonView) -> str:
    """Name somebody who may not know as exactly as the list allows."""
    relation, role = str(person.words.get("relation", "")), str(PersonRole(person.role).label)
    for who in (", ".join(filter(None, (relation, person.name))), role):
        line = _("Jangan menghubungi atau memberi tahu: %(who)s") % {"who": who}
        if who and not rules_barred.met(line, guarded.words):
            return line
    return LEFT_OUT


def _allowed(guarded: Guarded, line: str) -> str:
    return LEFT_OUT if rules_barred.met(line, guarded.words) else line


def _lines(guarded: Guarded, source: str, parts: tuple[str, ...]) -> list[str]:
    """The lines of one source of a section: a field, all fields of a kind, or the people of a role."""
    kind, colon, role = source.partition(":")
    if not colon:
        return _values(_field(guarded, kind), parts)
    if kind == "person":
        people = [person for person in guarded.people if person.role == role]
        return [line for person in people for line in _of_person(guarded, person, parts)]
    if kind in _NEWEST:
        if not any(name.startswith(f"{kind}:") for name in guarded.fields):
            return []
        row = _NEWEST[kind].objects.filter(case=guarded.case).last()
        return _values(_field(guarded, row.field), parts) if row is not None else []
    names = sorted(name for name in guarded.fields if name.startswith(f"{kind}:"))
    return [line for name in names for line in _values(_field(guarded, name), parts)]


_NEWEST: dict[str, Any] = {"safety": SafetyPlan, "assessment": Assessment, "plan": Plan}


def _field(guarded: Guarded, name: str) -> dict[str, Any]:
    return decode(guarded.fields[name]) if name in guarded.fields else {}


def _of_person(guarded: Guarded, person: PersonView, parts: tuple[str, ...]) -> list[str]:
    """A person around the child. Of one in the family who is never told no number leaves: nobody calls by mistake."""
    never = person.role != PersonRole.ALLEGED_OFFENDER and _never_told(guarded, person)
    taken = tuple(part for part in parts if not (never and part in _REACHING))
    lines = _values(person.words, taken)
    return [*lines, _("Jangan dihubungi.")] if never and lines else lines


_REACHING = frozenset({"contact", "accounts", "identifiers", "address"})


def _values(value: Mapping[str, Any], parts: tuple[str, ...]) -> list[str]:
    lines = []
    for part in parts or [name for name, inner in value.items() if name != ORIGIN and isinstance(inner, str)]:
        said = _said(part, value.get(part))
        label = knowledge.section_labels().get(part)
        if said:
            lines.append(f"{label.label}: {said}" if label else said)
    return lines


def _said(part: str, value: Any) -> str:
    """A value in words: codes by their labels, days as dates, lists joined."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_said(part, one) for one in value)))
    if isinstance(value, Mapping):
        return str(value.get("text", ""))
    text = str(value)
    if part in ("born_on", "happened_on"):
        day = parse_date(text)
        return date_format(day, "j F Y") if day else text
    if part in ("province", "regency"):
        place = places.get(text)
        return place.name if place else text
    if part == "platforms":
        return platform_labels([text]).get(text, text)
    return _labels_of(part).get(text, text)


def _labels_of(part: str) -> dict[str, str]:
    """The labels of a coded part, in the active language; {} for words."""
    question = _QUESTIONS.get(part)
    if question:
        return {code: str(label) for code, label in reporting.questions()[question].options.items()}
    if part == "forms":
        return {code: form.label for code, form in reporting.forms().items()}
    if part == "disabilities":
        return {code: label.label for code, label in child_knowledge.disabilities().items()}
    if part == "statuses":
        return {code: str(label) for code, label in Status.choices}
    if part == "where":
        return {"online": _("daring"), "offline": _("luring")}
    if part == "language":
        return {"id": "Bahasa Indonesia", "en": "English"}
    return {}


_QUESTIONS = {
    "age_band": "age_band", "sex": "sex", "reach": "reach", "accommodations": "easier", "when": "when",
    "relation": "who",
}  # fmt: skip
