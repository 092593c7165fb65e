"""The do-not-disclose list: who may not know, and what may not be told, until a second person lifts it.

For a person, the words are the names, numbers and accounts by which they are recognised as a recipient. For a fact,
they are the words by which a text that holds it is recognised (rules_barred). `keep`: what whoever receives anything
has to keep to, in words that tell nothing themselves; it travels with every referral and export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_barred as rules
from .. import signals
from ..knowledge import rights as knowledge
from ..models import Case, Person
from ..models_rights import Barred, BarredKind
from .access import case_for, checked_choice, checked_text, decode, lock, open_keys, seal

MOST_WORDS = 40


@dataclass(frozen=True)
class BarInput:
    """Something or somebody to keep away. `words` one each; `section` keeps a whole part of the case in."""

    kind: str
    what: str = field(repr=False)
    words: Sequence[str] = field(default=(), repr=False)
    keep: str = field(default="", repr=False)
    section: str = ""
    person_id: UUID | None = None


@dataclass(frozen=True)
class Kept:
    """One entry of the list, opened."""

    row: Barred
    what: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    keep: str = field(repr=False)

    @property
    def present(self) -> bool:
        return self.row.lifted_at is None


def bar(actor: Actor, keyring: Keyring, case_id: UUID, entry: BarInput) -> Barred:
    """Put somebody or something on the list; it holds at once, in a closed case too.

    Raises NotFound, NotAllowed, BadInput: a fact needs a section or words long enough to be recognised, a person needs
    to be named, and `keep` may not hold the fact itself.
    """
    case = case_for(actor, case_id)
    words = _checked(entry)
    person = _person(case, entry)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        if lock(Case.objects.filter(pk=case.pk, team=case.team_id)).first() is None:
            raise Conflict
        row = Barred.objects.create(
            case=case,
            kind=entry.kind,
            person=person,
            section=entry.section if entry.kind == BarredKind.FACT else "",
            added_at=clock.now(),
            added_by_id=actor.user_id,
        )
        seal(case, keys, row.field, {"what": entry.what, "words": words, "keep": entry.keep})
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.barred_added")
        data = {"barred": row.pk.hex, "kind": row.kind, "section": row.section}
        audit.record("case.barred_added", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return row


def kept(
    case: Case, keys: RecordKeys | None = None, *, sealed: Mapping[str, bytes] | None = None, lifted: bool = False
) -> list[Kept]:
    """The list of a case, opened; with `lifted` those too that were taken off it. Two queries.

    `sealed`: the fields of the case where they were opened already; else `keys` opens them.
    """
    rows = Barred.objects.filter(case=case)
    rows = rows if lifted else rows.filter(lifted_at=None)
    found = list(rows.select_related("person", "added_by", "lifted_by"))
    texts = opened(case, keys, sealed, "barred:") if found else {}
    result = []
    for row in found:
        said = decode(texts[row.field])
        words = tuple(str(word) for word in said.get("words", ()))
        result.append(Kept(row, str(said.get("what", "")), words, str(said.get("keep", ""))))
    return result


def opened(case: Case, keys: RecordKeys | None, sealed: Mapping[str, bytes] | None, prefix: str) -> Mapping[str, bytes]:
    """The sealed fields that begin with `prefix`: those at hand, else opened with the keys. Raises NotAllowed."""
    if sealed is not None:
        return sealed
    if keys is None:
        raise NotAllowed
    return vault.get_many(record_id=case.record_id, keys=keys, prefix=prefix)


def _checked(entry: BarInput) -> list[str]:
    checked_choice("kind", entry.kind, BarredKind)
    checked_text("what", entry.what)
    checked_text("keep", entry.keep, required=False)
    if entry.section:
        checked_choice("section", entry.section, knowledge.sections())
    words = list(dict.fromkeys(word.strip() for word in entry.words if word.strip()))
    if len(words) > MOST_WORDS:
        raise BadInput("words", _("Terlalu banyak. Bagi menjadi beberapa."))
    for word in words:
        checked_text("words", word)
        if not rules.recognisable(word):
            raise BadInput("words", _("Sedikitnya tiga huruf atau angka, supaya bisa dikenali."))
    if entry.kind == BarredKind.FACT and not (words or entry.section):
        raise BadInput("words", _("Tulis kata yang mengenalinya, atau pilih bagian yang tidak boleh keluar."))
    if entry.kind == BarredKind.PERSON and not (words or entry.person_id):
        raise BadInput("words", _("Pilih orangnya, atau tulis nama, nomor, atau akunnya."))
    if entry.kind == BarredKind.FACT and rules.met(entry.keep, words):
        raise BadInput("keep", _("Pesan untuk penerima tidak boleh menyebut hal itu sendiri."))
    return words


def _person(case: Case, entry: BarInput) -> Person | None:
    if entry.person_id is None:
        return None
    person = Person.objects.filter(pk=entry.person_id, case=case, removed_at=None).first()
    if person is None or entry.kind != BarredKind.PERSON:
        raise BadInput("person", _("Pilih orang dari kasus ini."))
    return person
