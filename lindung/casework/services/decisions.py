"""Best-interests decisions: written, weighed, signed by two different people, reviewed on a day.

What is signed is one version of the sealed text, and the codes beside it stand inside that text too: whoever changes a
word, a code or the day takes the first signature away. A decision holds until its review date and not a day longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_consent as rules
from .. import signals
from ..errors import NotYet
from ..knowledge import rights as knowledge
from ..models import Case, Person, PersonRole, TaskKind
from ..models_rights import Answer, Barred, BarredKind, Consent, Decision, DecisionState, Giver
from . import ruled_tasks
from .access import checked_choice, checked_text, decode, open_case_for, open_keys, seal
from .barring import opened

CODES = ("question", "scope", "choice", "review_on")
"""What stands in the clear and in the signed text alike."""


@dataclass(frozen=True)
class DecisionInput:
    """A decision as its form gives it. `words`: the parts of knowledge/decisions.yaml; a draft may leave some out.

    `scope`: what it allows without consent, a scope of knowledge/consent.yaml, or "".
    """

    question: str
    review_on: date
    choice: str = ""
    scope: str = ""
    words: Mapping[str, str] = field(default_factory=dict, repr=False)


def longest_review(question: str, today: date) -> date:
    """The last day that the review of a decision on this question may be put to."""
    return today + timedelta(days=knowledge.questions()[question].review_days)


def draft(
    actor: Actor, keyring: Keyring, case_id: UUID, entry: DecisionInput, *, replaces: UUID | None = None
) -> Decision:
    """Begin a decision. `replaces`: one of the same case that is in force until this one is signed.

    Raises NotFound, NotAllowed, CaseClosed, BadInput.
    """
    case = open_case_for(actor, case_id)
    _check(entry, worktime.local_day(clock.now(), case.tz))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        before = _before(case, replaces)
        row = Decision(
            case=case,
            question=entry.question,
            scope=entry.scope,
            choice=entry.choice,
            written_by_id=actor.user_id,
            written_at=clock.now(),
            review_on=entry.review_on,
            replaces=before,
        )
        row.sealed_version = seal(case, keys, row.field, _written(entry))
        row.save(force_insert=True)
        _record("case.decision_drafted", actor, case, row)
    return row


def _before(case: Case, replaces: UUID | None) -> Decision | None:
    if replaces is None:
        return None
    before = Decision.objects.filter(pk=replaces, case=case, state=DecisionState.SIGNED).first()
    if before is None:
        raise NotFound
    return before


def change(
    actor: Actor, keyring: Keyring, case_id: UUID, decision_id: UUID, entry: DecisionInput, version: int
) -> Decision:
    """Write a draft anew; a signature that it already bears is void, and the earlier text stays sealed.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, and Conflict when a colleague changed or signed it meanwhile.
    """
    case = open_case_for(actor, case_id)
    _check(entry, worktime.local_day(clock.now(), case.tz))
    row, keys = _row(case, decision_id), open_keys(case, keyring)
    with transaction.atomic():
        _write(
            row,
            version,
            question=entry.question,
            scope=entry.scope,
            choice=entry.choice,
            review_on=entry.review_on,
            first_signed_by=None,
            first_signed_at=None,
        )
        sealed = seal(case, keys, row.field, _written(entry))
        Decision.objects.filter(pk=row.pk).update(sealed_version=sealed)
        row.refresh_from_db()
        _record("case.decision_changed", actor, case, row)
    return row


def sign(
    actor: Actor, keyring: Keyring, case_id: UUID, decision_id: UUID, *, version: int, sealed_version: int
) -> Decision:
    """Sign what one has read: `version` and `sealed_version` are those of the page. The second signature makes it hold.

    Raises NotFound, NotAllowed, CaseClosed, NotYet (parts are missing: their codes), BadInput when one's own signature
    stands there already, Conflict when the text is not the one that was read or a colleague was faster.
    """
    case = open_case_for(actor, case_id)
    row, keys = _row(case, decision_id), open_keys(case, keyring)
    if row.state != DecisionState.DRAFT or row.version != version or row.sealed_version != sealed_version:
        raise Conflict
    text = decode(vault.get(record_id=case.record_id, keys=keys, field=row.field, version=sealed_version))
    _check_complete(row, text, worktime.local_day(clock.now(), case.tz))
    second = row.first_signed_by_id is not None
    if second and not rules.may_second(row.first_signed_by_id, actor.user_id):
        raise BadInput("sign", _("Kamu sudah menandatangani. Tanda tangan kedua dari orang lain."))
    now = clock.now()
    with transaction.atomic():
        if second:
            changes: dict[str, Any] = {"second_signed_by": actor.user_id, "second_signed_at": now}
            _write(row, version, sealed_version, state=DecisionState.SIGNED, **changes)
            _take_effect(case, row, actor)
        else:
            _write(row, version, sealed_version, first_signed_by=actor.user_id, first_signed_at=now)
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.decision_signed")
        _record("case.decision_signed", actor, case, row, signature=2 if second else 1)
    return row


def _take_effect(case: Case, row: Decision, actor: Actor) -> None:
    """What it replaces ends, and its review stands among the tasks of the case."""
    if row.replaces_id is not None:
        before = Decision.objects.filter(pk=row.replaces_id, state=DecisionState.SIGNED)
        before.update(state=DecisionState.REPLACED, version=F("version") + 1)
        ruled_tasks.end(case, TaskKind.DECISION, row.replaces_id, actor)
    ruled_tasks.ask(case, TaskKind.DECISION, row.pk, datetime.combine(row.review_on, time(9), ZoneInfo(case.tz)))


def drop(actor: Actor, case_id: UUID, decision_id: UUID, version: int) -> Decision:
    """Put a draft aside; it stays readable. Raises NotFound, NotAllowed, CaseClosed, Conflict."""
    case = open_case_for(actor, case_id)
    row = _row(case, decision_id)
    with transaction.atomic():
        _write(row, version, state=DecisionState.DROPPED)
        _record("case.decision_dropped", actor, case, row)
    return row


# --- what other services ask before their step ----------------------------------------------------------------------


def rulings(
    case: Case, keys: RecordKeys | None = None, *, sealed: Mapping[str, bytes] | None = None
) -> list[rules.Ruling]:
    """The signed decisions of a case. With `keys` only those whose codes stand in the signed text as they stand here.

    A writer of the database could change a code in the clear; what two people signed is sealed. `sealed`: the fields of
    the case where they were opened already.
    """
    rows = list(Decision.objects.filter(case=case, state=DecisionState.SIGNED))
    if (keys is not None or sealed is not None) and rows:
        texts = opened(case, keys, sealed, "decision:")
        rows = [row for row in rows if row.field in texts and _codes(row) == _codes_in(decode(texts[row.field]))]
    return [
        rules.Ruling(row.pk, row.question, row.scope, row.choice, row.second_signed_at, row.review_on)
        for row in rows
        if row.second_signed_at is not None
    ]


def guardians(case: Case) -> list[rules.Guardian]:
    """The guardians of a child as the rules ask for them: two queries."""
    kept = Barred.objects.filter(case=case, kind=BarredKind.PERSON, lifted_at=None).exclude(person=None)
    barred = set(kept.values_list("person_id", flat=True))
    rows = Person.objects.filter(case=case, role=PersonRole.GUARDIAN, removed_at=None).values_list("pk", "standing")
    return [rules.Guardian(pk, standing, pk in barred) for pk, standing in rows]


def required(
    case: Case,
    *,
    scope: str = "",
    overrides: bool = False,
    breaks_confidence: bool = False,
    leaves_home: bool = False,
) -> tuple[str, ...]:
    """The questions on which two people must still decide before a step of this scope: codes, empty when none.

    A guardian who is implicated, a no of the child, and that a scope takes the child from home are found here; the
    caller says the rest.
    """
    said_no = _child_said_no(case, scope) if scope else None
    leaves_home = leaves_home or (scope in knowledge.scopes() and knowledge.scopes()[scope].also == rules.LEAVES)
    asked = rules.mandatory(
        guardians=guardians(case),
        overrides=overrides,
        child_says_no=said_no is not None,
        breaks_confidence=breaks_confidence,
        leaves_home=leaves_home,
    )
    if not asked:
        return ()
    signed, today = rulings(case), worktime.local_day(clock.now(), case.tz)
    return tuple(
        question
        for question in asked
        if not rules.satisfied(
            question, signed, today, scope=scope, after=said_no if question == rules.DISAGREES else None
        )
    )


def need(case: Case, **step: Any) -> None:
    """Raise NotYet, with the codes `decision_<question>`, while `required` still names a question."""
    open_questions = required(case, **step)
    if open_questions:
        raise NotYet(tuple(f"decision_{question}" for question in open_questions))


def need_decision(case: Case, question: str, *, scope: str = "") -> None:
    """Raise NotYet unless two people decided to go ahead on this question, for this scope or in general."""
    today = worktime.local_day(clock.now(), case.tz)
    if not rules.satisfied(question, rulings(case), today, scope=scope):
        raise NotYet((f"decision_{question}",))


def _child_said_no(case: Case, scope: str) -> datetime | None:
    last = Consent.objects.filter(case=case, scope=scope, giver=Giver.CHILD).order_by("-recorded_at", "-id").first()
    if last is None or (last.answer == Answer.GIVEN and last.withdrawn_at is None):
        return None
    return last.withdrawn_at or last.recorded_at


# --- inside -----------------------------------------------------------------------------------------------------------


def _check(entry: DecisionInput, today: date) -> None:
    checked_choice("question", entry.question, knowledge.questions())
    if entry.choice:
        checked_choice("choice", entry.choice, knowledge.choices())
    if entry.scope:
        checked_choice("scope", entry.scope, knowledge.scopes())
        if not knowledge.questions()[entry.question].overrides:
            raise BadInput("scope", _("Keputusan ini tidak bisa menggantikan persetujuan."))
    if not today < entry.review_on <= longest_review(entry.question, today):
        days = knowledge.questions()[entry.question].review_days
        raise BadInput("review_on", _("Pilih hari sesudah hari ini, paling lama %(days)s hari lagi.") % {"days": days})
    for name, text in entry.words.items():
        checked_choice(name, name, knowledge.parts())
        checked_text(name, text, required=name == "question")


def _check_complete(row: Decision, text: Mapping[str, Any], today: date) -> None:
    """Nobody signs half a decision, nor one that would be over before it began."""
    words = text.get("words", {})
    lacking = [
        part.code for part in knowledge.parts().values() if part.required and not words.get(part.code, "").strip()
    ]
    if row.question == rules.LEFT_OUT and not words.get("left_out", "").strip():
        lacking.append("left_out")
    if words.get("left_out", "").strip() and not words.get("left_out_why", "").strip():
        lacking.append("left_out_why")
    if not row.choice:
        lacking.append("choice")
    if row.review_on <= today:
        lacking.append("review_on")
    if _codes(row) != _codes_in(text):
        raise Conflict
    if lacking:
        raise NotYet(tuple(lacking))


def _written(entry: DecisionInput) -> dict[str, Any]:
    return {
        "question": entry.question,
        "scope": entry.scope,
        "choice": entry.choice,
        "review_on": entry.review_on.isoformat(),
        "words": {name: text for name, text in entry.words.items() if text},
        "knowledge": knowledge.version("decisions"),
    }


def _codes(row: Decision) -> tuple[str, ...]:
    return row.question, row.scope, row.choice, row.review_on.isoformat()


def _codes_in(text: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(text.get(name, "")) for name in CODES)


def _row(case: Case, decision_id: UUID) -> Decision:
    row = Decision.objects.filter(pk=decision_id, case=case).first()
    if row is None:
        raise NotFound
    return row


def _write(row: Decision, version: int, sealed_version: int | None = None, **changes: Any) -> None:
    """One conditional UPDATE: still a draft, still the version that was seen. Raises Conflict; refreshes `row`."""
    rows = Decision.objects.filter(pk=row.pk, state=DecisionState.DRAFT, version=version)
    if sealed_version is not None:
        rows = rows.filter(sealed_version=sealed_version)
    if "second_signed_by" in changes:
        rows = rows.exclude(first_signed_by=None).exclude(first_signed_by=changes["second_signed_by"])
    elif "first_signed_at" in changes and changes["first_signed_at"] is not None:
        rows = rows.filter(first_signed_by=None)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise Conflict
    row.refresh_from_db()


def _record(kind: str, actor: Actor, case: Case, row: Decision, **data: Any) -> None:
    audit.record(
        kind,
        actor=actor.audit_name,
        subject=case.pk.hex,
        data={"decision": row.pk.hex, "question": row.question, **data},
    )


__all__ = [
    "DecisionInput",
    "change",
    "draft",
    "drop",
    "guardians",
    "longest_review",
    "need",
    "need_decision",
    "required",
    "rulings",
    "sign",
]
