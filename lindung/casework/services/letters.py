"""Letters and notes for calls, made from a template and a few sentences of the writer; nothing is sent by the platform.

A letter is made only when the matrix gives a basis for its scope today and the gate lets it through (outgoing): never
to an implicated guardian, never with a barred fact. It is looked at again each time that somebody opens it, because a
guardian may have become implicated since.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, NotFound
from lindung.directory.models import Organisation
from lindung.vault.services import Keyring

from .. import outgoing, signals
from ..knowledge import rights as knowledge
from ..knowledge.rights import Letter
from ..models import Case
from ..models_rights import Outgoing
from . import consents
from .access import case_for, checked_choice, checked_text, open_case_for, open_keys, seal, unseal
from .beside import hold

LANGUAGES = ("id", "en")
_BLANK = re.compile(r"(\{\w+\})")


@dataclass(frozen=True)
class LetterInput:
    """A letter as its form gives it, to a person of the case or to a body. `phone`: where to call back."""

    letter: str
    body: str = field(repr=False)
    language: str = "id"
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    phone: str = field(default="", repr=False)


@dataclass(frozen=True)
class Made:
    """A letter as it was made."""

    row: Outgoing
    subject: str = field(repr=False)
    text: str = field(repr=False)
    language: str = "id"


def write_letter(actor: Actor, keyring: Keyring, case_id: UUID, entry: LetterInput) -> Made:
    """Make a letter or a note for a call, keep it sealed, and note for whom and on which ground.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, NoConsent without a basis for its scope, and Barred for somebody
    who may not be told or a text that holds what may not be told.
    """
    template = knowledge.letters()[checked_choice("letter", entry.letter, knowledge.letters())]
    checked_choice("language", entry.language, LANGUAGES)
    checked_text("body", entry.body)
    checked_text("phone", entry.phone, required="{phone}" in template.body.label_id)
    case = open_case_for(actor, case_id)
    body = _body(template, entry)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)  # people, consents and the list stand still until this is written
        guarded = outgoing.guard(case, keys)
        outgoing.check_recipient(guarded, to_person=entry.person_id, to_body=body)
        basis = consents.basis_for(case, keys, template.scope)
        name = body.name if body is not None else _name_of(guarded, entry.person_id)
        subject, text = _filled(template, entry, actor, case, name)
        outgoing.check(guarded, keys, f"{subject}\n{text}", to_person=entry.person_id, to_body=body)
        row = Outgoing.objects.create(
            case=case,
            kind=template.code,
            recipient_id=entry.person_id,
            organisation=body,
            ground=basis.ground,
            at=clock.now(),
            by_id=actor.user_id,
        )
        made = Made(row, subject, text, entry.language)
        seal(case, keys, row.field, {"subject": subject, "text": text, "language": entry.language})
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.letter_made")
        data = {"letter": row.pk.hex, "kind": row.kind, "ground": row.ground}
        audit.record("case.letter_made", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return made


def open_letter(actor: Actor, keyring: Keyring, case_id: UUID, letter_id: UUID) -> Made:
    """Open a letter again, for reading or printing: through the gate as if it were made now. Audited.

    Raises NotFound, NotAllowed, and Barred when its recipient may not be told any more, or what it holds may not.
    """
    case = case_for(actor, case_id)
    row = Outgoing.objects.filter(pk=letter_id, case=case).select_related("organisation").first()
    if row is None:
        raise NotFound
    keys = open_keys(case, keyring)
    said = unseal(case, keys, row.field)
    subject, text = str(said.get("subject", "")), str(said.get("text", ""))
    outgoing.check(case, keys, f"{subject}\n{text}", to_person=row.recipient_id, to_body=row.organisation)
    with transaction.atomic():
        data = {"letter": row.pk.hex, "kind": row.kind}
        audit.record("case.letter_read", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return Made(row, subject, text, str(said.get("language", "id")))


def _body(template: Letter, entry: LetterInput) -> Organisation | None:
    """The body it goes to, or None for a person. Raises BadInput when the kind of letter goes to neither."""
    if template.to == "person":
        if entry.person_id is None or entry.organisation_id is not None:
            raise BadInput("person", _("Pilih untuk siapa."))
        return None
    wanted = entry.organisation_id
    body = Organisation.objects.filter(pk=wanted).first() if wanted is not None else None
    if body is None or entry.person_id is not None:
        raise BadInput("organisation", _("Pilih lembaganya dari direktori."))
    return body


def _name_of(guarded: outgoing.Guarded, person_id: UUID | None) -> str:
    return next((person.name for person in guarded.people if person.id == person_id), "")


def _filled(template: Letter, entry: LetterInput, actor: Actor, case: Case, name: str) -> tuple[str, str]:
    """Subject and text. What people wrote is filled in last and never read as a template."""
    english = entry.language == "en"
    subject = template.subject.label_en if english else template.subject.label_id
    text = template.body.label_en if english else template.body.label_id
    today = worktime.local_day(clock.now(), case.tz)
    day = worktime.describe_day(today, case.tz, entry.language)
    head, found, tail = text.partition("{body}")
    values = {
        "date": day if day.endswith(str(today.year)) else f"{day} {today.year}",
        "organisation": case.team.organisation.name,
        "team": case.team.name,
        "worker": actor.alias or case.team.name,
        "phone": entry.phone,
        "name": name or "…",
    }
    return subject, _put(head, values) + (entry.body if found else "") + _put(tail, values)


def _put(text: str, values: dict[str, str]) -> str:
    """Fill the blanks in one pass, so that a name that looks like a blank is never filled in turn."""
    return "".join(values.get(part[1:-1], part) if part.startswith("{") else part for part in _BLANK.split(text))
