"""Consent: who said yes or no to what, taking it back, and the one question that other services ask: on which basis?

Whose yes counts follows from the consent matrix by how things stand today: the child's age and maturity, and what its
guardians mean for its safety. A yes of a guardian who turns out to be implicated counts for nothing from that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_consent as rules
from .. import signals
from ..errors import Barred, NoConsent
from ..knowledge import rights as knowledge
from ..knowledge.rights import Outcome
from ..models import Case, Person, PersonRole, Standing
from ..models_rights import Answer, Consent, Giver
from ..opened import OpenedCase
from ..rules_consent import Basis, ChildFacts, Finding
from .access import case_for, checked_choice, checked_text, lock, open_case_for, open_keys, seal, unseal
from .beside import hold
from .decisions import guardians, rulings

MATURITY_FIELD = "maturity"
WORDS = ("how", "words", "present", "official")
"""How it was asked, the answer in the person's own words, who was there, which body or official."""


@dataclass(frozen=True)
class ConsentInput:
    """One answer of one person, for one or several scopes. `person_id`: the guardian who was asked."""

    giver: str
    answer: str
    scopes: tuple[str, ...]
    asked_on: date
    person_id: UUID | None = None
    words: Mapping[str, str] = field(default_factory=dict, repr=False)


def reading() -> str:
    """The reading of the law that this installation follows; the usual one where it chose none or an unknown one."""
    chosen = str(getattr(settings, "LINDUNG_CONSENT_READING", ""))
    return chosen if chosen in knowledge.readings() else knowledge.usual_reading()


def record(actor: Actor, keyring: Keyring, case_id: UUID, entry: ConsentInput) -> list[Consent]:
    """Record what somebody answered; a later answer of the same person for the same scope takes its place.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, and Barred for a guardian who must not be asked.
    """
    case = open_case_for(actor, case_id)
    _check(entry, worktime.local_day(clock.now(), case.tz))
    person = _guardian(case, entry.person_id) if entry.giver == Giver.GUARDIAN else None
    keys = open_keys(case, keyring)
    words = {name: text for name, text in entry.words.items() if text}
    with transaction.atomic():
        hold(case)
        rows = [
            Consent(
                case=case,
                giver=entry.giver,
                person=person,
                scope=scope,
                answer=entry.answer,
                asked_on=entry.asked_on,
                recorded_at=clock.now(),
                recorded_by_id=actor.user_id,
            )
            for scope in dict.fromkeys(entry.scopes)
        ]
        Consent.objects.bulk_create(rows)
        for row in rows:
            seal(case, keys, row.field, words)
        if entry.answer == Answer.REFUSED:
            _tell_other_rooms(case, rows)
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.consent_recorded")
        data: dict[str, audit.Value | UUID] = {"giver": entry.giver, "answer": entry.answer, "scopes": len(rows)}
        audit.record("case.consent_recorded", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return rows


def withdraw(actor: Actor, keyring: Keyring, case_id: UUID, consent_id: UUID, words: str = "") -> Consent:
    """Take a yes back, as the person who gave it wishes: at once, whatever was begun, also when the case is closed.

    Other rooms are told. Raises NotFound, NotAllowed, and Conflict when it was taken back already or was a no.
    """
    words = checked_text("words", words, required=False)
    case = case_for(actor, case_id)
    row = Consent.objects.filter(pk=consent_id, case=case).first()
    if row is None:
        raise NotFound
    keys = open_keys(case, keyring)
    with transaction.atomic():
        if lock(Case.objects.filter(pk=case.pk, team=case.team_id)).first() is None:
            raise Conflict
        rows = Consent.objects.filter(pk=row.pk, answer=Answer.GIVEN, withdrawn_at=None)
        if rows.update(withdrawn_at=clock.now(), withdrawn_by=actor.user_id) != 1:
            raise Conflict
        row.refresh_from_db()
        if words:
            seal(case, keys, row.field, {**unseal(case, keys, row.field), "withdrawn": words})
        _tell_other_rooms(case, [row])
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.consent_withdrawn")
        data = {"consent": row.pk.hex, "giver": row.giver, "scope": row.scope}
        audit.record("case.consent_withdrawn", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return row


def judge_maturity(actor: Actor, keyring: Keyring, case_id: UUID, judged: str, why: str, version: int) -> None:
    """Say whether the child understands what is asked and what follows; the reason is sealed beside it.

    `version`: that of the sealed judgement that the person saw (0: none yet). Raises NotFound, NotAllowed, CaseClosed,
    BadInput, Conflict.
    """
    checked_choice("judged", judged, knowledge.maturity())
    why = checked_text("why", why)
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        before = unseal(case, keys, MATURITY_FIELD)
        if int(before.get("version", 0)) != version:
            raise Conflict
        now = worktime.local_day(clock.now(), case.tz).isoformat()
        said = {"judged": judged, "why": why, "on": now, "by": actor.user_id.hex, "version": version + 1}
        seal(case, keys, MATURITY_FIELD, said)
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.maturity_judged")
        audit.record("case.maturity_judged", actor=actor.audit_name, subject=case.pk.hex)


def basis_for(case: Case, keys: RecordKeys, scope: str) -> Basis:
    """Return on which basis a step of this scope may be taken today: the yeses that count, or a signed decision.

    Raises NoConsent with the codes of what is missing (`reasons`) and a message that says it in words. Whoever writes
    on this basis locks the case first: a yes that is taken back in that moment waits, or is seen.
    """
    finding = findings(case, keys, [scope])[scope]
    if finding.basis is None:
        raise NoConsent(finding.missing, in_words(finding.missing))
    return finding.basis


def findings(case: Case, keys: RecordKeys, scopes: Iterable[str] | None = None) -> dict[str, Finding]:
    """What the matrix says today of each scope (all of knowledge/consent.yaml, unless told). A few queries for all.

    Raises BadInput for a scope that does not exist.
    """
    wanted = list(knowledge.scopes()) if scopes is None else list(scopes)
    for scope in wanted:
        checked_choice("scope", scope, knowledge.scopes())
    return _judged(case, child_facts(case, keys), guardians(case), rulings(case, keys), wanted)


@dataclass(frozen=True)
class Overview:
    """How consent stands in a case today, for the page that explains it."""

    child: ChildFacts
    guardians: tuple[rules.Guardian, ...]
    situation: str
    cell: Outcome
    findings: Mapping[str, Finding]


def overview(opened: OpenedCase) -> Overview:
    """The cell of the matrix that holds today, and what it says of every scope. Four queries."""
    case, today = opened.case, worktime.local_day(clock.now(), opened.case.tz)
    child = facts_from(opened.child, opened.words(MATURITY_FIELD), today)
    around = tuple(guardians(case))
    means = rules.situation(around)
    found = _judged(case, child, around, rulings(case, sealed=opened.rest), list(knowledge.scopes()))
    return Overview(child, around, means, rules.cell(child, means, reading()), found)


def _judged(
    case: Case,
    child: ChildFacts,
    around: Collection[rules.Guardian],
    signed: Collection[rules.Ruling],
    wanted: Collection[str],
) -> dict[str, Finding]:
    today, said = worktime.local_day(clock.now(), case.tz), answers(case, wanted)
    return {
        scope: rules.judge(
            child=child, guardians=around, said=said[scope], rulings=signed, scope=scope, today=today, reading=reading()
        )
        for scope in wanted
    }


def answers(case: Case, scopes: Iterable[str]) -> dict[str, list[rules.Said]]:
    """Every recorded answer of these scopes: one query."""
    found: dict[str, list[rules.Said]] = defaultdict(list)
    for row in Consent.objects.filter(case=case, scope__in=list(scopes)):
        said = rules.Said(row.pk, row.giver, row.answer, row.recorded_at, row.person_id, row.withdrawn_at)
        found[row.scope].append(said)
    return found


def child_facts(case: Case, keys: RecordKeys) -> ChildFacts:
    """The child's age band today and whether it understands, from the sealed fields."""
    return facts_from(
        unseal(case, keys, "child"), unseal(case, keys, MATURITY_FIELD), worktime.local_day(clock.now(), case.tz)
    )


def facts_from(child: Mapping[str, Any], maturity: Mapping[str, Any], today: date) -> ChildFacts:
    """Read the facts: the date of birth outranks the band, because the child grows while the case runs."""
    band = str(child.get("age_band") or "unknown")
    if child.get("born_on"):
        band = rules.band_of(rules.age_on(date.fromisoformat(str(child["born_on"])), today))
    judged = {"yes": True, "not_yet": False}.get(str(maturity.get("judged", "")))
    return ChildFacts(band, judged)


def in_words(missing: Iterable[str]) -> str:
    """What is missing, as sentences."""
    known = knowledge.missing()
    return " ".join(known[code].label for code in missing if code in known)


def _check(entry: ConsentInput, today: date) -> None:
    checked_choice("giver", entry.giver, Giver)
    checked_choice("answer", entry.answer, Answer)
    if not entry.scopes:
        raise BadInput("scopes", _("Pilih untuk apa."))
    for scope in entry.scopes:
        checked_choice("scopes", scope, knowledge.scopes())
    if entry.asked_on > today:
        raise BadInput("asked_on", _("Hari ini belum tiba."))
    for name, text in entry.words.items():
        checked_choice(name, name, WORDS)
        checked_text(name, text, required=False)
    if entry.giver == Giver.OFFICIAL and not entry.words.get("official", "").strip():
        raise BadInput("official", _("Tulis lembaga atau pejabat mana."))


def _guardian(case: Case, person_id: UUID | None) -> Person:
    """The guardian who was asked. Raises Barred for one who must not be: whoever did ask writes it as a note."""
    people = Person.objects.filter(case=case, role=PersonRole.GUARDIAN, removed_at=None)
    person = people.filter(pk=person_id).first() if person_id is not None else None
    if person is None:
        raise BadInput("person", _("Pilih walinya."))
    [known] = [guardian for guardian in guardians(case) if guardian.id == person.pk]
    if known.never_contacted:
        raise Barred("person", _("Wali ini tidak ditanya dan tidak diberi tahu."), (person.pk.hex,))
    if person.standing != Standing.SAFE:
        raise BadInput("person", _("Nilai dulu apakah wali ini aman bagi anak."))
    return person


def _tell_other_rooms(case: Case, rows: Iterable[Consent]) -> None:
    for row in rows:
        signals.consent_withdrawn.send(
            sender=Consent, case_id=case.pk, consent_id=row.pk, scope=row.scope, giver=row.giver
        )
