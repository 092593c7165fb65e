"""Four eyes: one person asks, a different one decides, and what was asked for happens in the same transaction.

What an approval leads to is told by whoever owns the subject, through `on_decided`. The database holds two things by
itself: one open question of a subject and case, and nobody who decides on what they asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership
from lindung.accounts.rules import SUPERVISOR
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault.services import Keyring, RecordKeys

from .. import rules, rules_closing, selectors, signals
from ..models import Case
from ..models_closing import Approval, ApprovalState, Subject
from ..models_plan import Plan
from .access import case_for, checked_choice, checked_text, open_case_for, open_keys, seal, touch, unseal
from .beside import hold

Told = tuple[str, dict[str, Any]] | None
"""Another kind of audit event than that of the decision itself, with further ids and codes: one decision, one event."""


class Effect(Protocol):
    """What happens when a question of one subject is decided; called inside its transaction, after its own UPDATE."""

    def __call__(self, actor: Actor, case: Case, keys: RecordKeys, approval: Approval) -> Told: ...


_effects: dict[str, Effect] = {}


def on_decided(subject: str, effect: Effect) -> None:
    """Have `effect` called for approved, rejected and taken back questions of a subject (read `approval.state`).

    Registering a subject again replaces its effect. For the owner of the subject, in apps.ready().
    """
    _effects[str(subject)] = effect


def ask(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    subject: str,
    *,
    plan: Plan | None = None,
    words: str = "",
    version: int | None = None,
    prepare: Callable[[Case, RecordKeys, Approval], None] | None = None,
) -> Approval:
    """Ask for a second person. `words` tell them what to look at; `plan` is what a plan's approval is about.

    `prepare` writes what belongs to the question in the same transaction. Raises NotFound, NotAllowed, CaseClosed,
    BadInput, and Conflict when the same is asked already or the case changed since `version`.
    """
    checked_choice("subject", subject, Subject)
    words = checked_text("words", words, required=False)
    find = case_for if subject == Subject.HOLD else open_case_for  # a hold outlives the end of a case
    case = find(actor, case_id, rules.may_work)
    if (plan is not None) != (subject == Subject.PLAN) or (plan is not None and plan.case_id != case.pk):
        raise BadInput("plan", _("Pilih rencana yang perlu disetujui."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=subject == Subject.HOLD)
        row = Approval(case=case, subject=subject, plan=plan, asked_by_id=actor.user_id, asked_at=clock.now())
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise Conflict from None
        if version is not None:
            touch(case, version=version)
        seal(case, keys, row.field, {"asked": words})
        if prepare is not None:
            prepare(case, keys, row)
        _record("case.approval_asked", actor, row)
    return row


def decide(actor: Actor, keyring: Keyring, approval_id: UUID, *, approve: bool, words: str = "") -> Approval:
    """Agree or disagree, as the second person; a no needs its reason. Of two who decide at once exactly one does.

    Raises NotFound, NotAllowed for whoever asked or may not decide, BadInput, Conflict when it is decided already.
    """
    words = checked_text("words", words, required=not approve)
    row, case = _found(actor, approval_id)
    if not may_decide(actor, case, row):
        raise NotAllowed
    return _end(actor, keyring, case, row, ApprovalState.APPROVED if approve else ApprovalState.REJECTED, words)


def take_back(actor: Actor, keyring: Keyring, approval_id: UUID) -> Approval:
    """Take one's own question back, or, as a supervisor, anybody's. Raises NotFound, NotAllowed, Conflict."""
    row, case = _found(actor, approval_id)
    if row.asked_by_id != actor.user_id and not rules.may_supervise(actor, selectors.facts_of(case)):
        raise NotAllowed
    return _end(actor, keyring, case, row, ApprovalState.TAKEN_BACK, "")


def may_decide(actor: Actor, case: Case, row: Approval) -> bool:
    """Tell whether this person can be the second one for this question."""
    supervises = Membership.objects.filter(user=row.asked_by_id, team=case.team_id, role=SUPERVISOR)
    return rules_closing.may_decide(
        actor,
        selectors.facts_of(case),
        subject=row.subject,
        asked_by=row.asked_by_id,
        asker_supervises=supervises.exists(),
    )


def let_fall(actor: Actor, case: Case, keys: RecordKeys) -> int:
    """End every open question of a case that another team takes over: its people begin anew. Inside a transaction."""
    found = list(Approval.objects.filter(case=case, state=ApprovalState.OPEN))
    for row in found:
        Approval.objects.filter(pk=row.pk).update(state=ApprovalState.TAKEN_BACK, decided_at=clock.now())
        row.refresh_from_db()
        effect = _effects.get(row.subject)
        if effect is not None:
            effect(actor, case, keys, row)
    return len(found)


def _found(actor: Actor, approval_id: UUID) -> tuple[Approval, Case]:
    row = Approval.objects.filter(pk=approval_id, case__in=selectors.visible_to(actor).values("pk")).first()
    if row is None:
        raise NotFound
    case = case_for(actor, row.case_id, rules.may_work)
    if row.state != ApprovalState.OPEN:
        raise Conflict
    return row, case


def _end(actor: Actor, keyring: Keyring, case: Case, row: Approval, outcome: ApprovalState, words: str) -> Approval:
    keys = open_keys(case, keyring)
    said = unseal(case, keys, row.field)
    with transaction.atomic():
        hold(case, also_closed=row.subject == Subject.HOLD)
        rows = Approval.objects.filter(pk=row.pk, state=ApprovalState.OPEN, case__team=case.team_id)
        if rows.update(state=outcome, decided_by=actor.user_id, decided_at=clock.now()) != 1:
            raise Conflict
        row.refresh_from_db()
        case.refresh_from_db()
        seal(case, keys, row.field, {**said, "decided": words})
        effect = _effects.get(row.subject)
        told = effect(actor, case, keys, row) if effect is not None else None
        kind, more = told or (f"case.approval_{outcome.value}", {})
        _record(kind, actor, row, **more)
    return row


def _record(kind: str, actor: Actor, row: Approval, **more: Any) -> None:
    data = {"approval": row.pk, "subject": row.subject, **more}
    signals.case_changed.send(sender=Case, case_id=row.case_id, what=kind)
    audit.record(kind, actor=actor.audit_name, subject=row.case_id.hex, data=data)
