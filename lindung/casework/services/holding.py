"""Legal holds of cases: one supervisor sets it, two people end it. While it lasts nothing of the case is erased.

Neither are its reports, and nobody can take one of them back. Ending it goes through `approving` (subject `hold`).
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.core.errors import Conflict
from lindung.reporting.knowledge import hold_reasons
from lindung.vault.services import Keyring, RecordKeys

from .. import rules
from ..models import Case
from ..models_closing import Approval, ApprovalState, Subject
from . import approving
from .access import case_for, checked_choice, lock, touch
from .beside import tell


def put_on_hold(actor: Actor, case_id: UUID, reason: str) -> Case:
    """Keep a case from being erased, with a reason (a code of reporting's holds.yaml); closed ones too.

    Raises NotFound, NotAllowed unless a supervisor, BadInput, Conflict when it is on hold already.
    """
    checked_choice("reason", reason, list(hold_reasons()))
    case = case_for(actor, case_id, rules.may_supervise)
    with transaction.atomic():
        lock(Case.objects.filter(pk=case.pk)).first()
        case.refresh_from_db()
        if case.legal_hold or case.team_id not in actor.team_ids:
            raise Conflict
        touch(case, legal_hold=True, hold_reason=reason)
        tell("case.hold_set", actor, case, reason=reason)
    return case


def ask_to_lift(actor: Actor, keyring: Keyring, case_id: UUID, words: str) -> Approval:
    """Propose to end a hold, with the reason in words; it lasts until a second person agrees. Raises Conflict."""
    case = case_for(actor, case_id)
    if not case.legal_hold:
        raise Conflict
    return approving.ask(actor, keyring, case_id, Subject.HOLD, words=words)


def after_decision(actor: Actor, case: Case, keys: RecordKeys, approval: Approval) -> approving.Told:
    """What a decision about a hold leads to; inside its transaction."""
    if approval.state != ApprovalState.APPROVED or not case.legal_hold:
        return None
    touch(case, legal_hold=False, hold_reason="")
    return "case.hold_lifted", {}
