"""Taking a referral back: by hand, or because the yes behind it was taken back, or a rule says so."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.casework.services.access import checked_choice, checked_text, open_keys, seal, unseal
from lindung.core import clock
from lindung.vault.services import Keyring

from .. import knowledge
from ..models import Referral
from ..state import Event
from . import calling
from .access import hold_case, move, sent, unshare


def revoke(
    actor: Actor, keyring: Keyring, referral_id: UUID, reason: str, *, words: str = "", version: int | None = None
) -> Referral:
    """Take a referral back: the receiver's keys go with the commit, and nothing written later reaches them.

    `words` stay with the sender. What was read is read (docs/threat-model.md). Raises NotFound, NotAllowed, BadInput,
    and Conflict when it has ended already or changed since `version`.
    """
    checked_choice("reason", reason, [code for code, known in knowledge.revoke_reasons().items() if known.by_hand])
    words = checked_text("words", words, required=False)
    referral = sent(actor, referral_id)
    keys = open_keys(referral.case, keyring)
    with transaction.atomic():
        hold_case(referral)
        taken_back(referral, reason, actor, version=version)
        if words.strip():
            kept = unseal(referral.case, keys, referral.field)
            seal(referral.case, keys, referral.field, {**kept, "revoked": words})
        calling.end(referral, actor)
    calling.call_receivers(referral)
    return referral


def taken_back(referral: Referral, reason: str, actor: Actor, *, version: int | None = None) -> None:
    """The same by a rule, inside its transaction, after the case was held. Raises Conflict when it has ended."""
    who = None if actor.is_system else actor.user_id
    move(
        referral, Event.REVOKE, version=version, reason=reason, ended_at=clock.now(), ended_by_id=who,
        next_call_at=None,
    )  # fmt: skip
    unshare(referral)
    data = {"case": referral.case_id.hex, "reason": reason}
    audit.record("referral.revoked", actor=actor.audit_name, subject=referral.pk.hex, data=data)
