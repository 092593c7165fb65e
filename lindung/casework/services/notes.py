"""Notes of colleagues: sealed, signed by whoever wrote them, never changed afterwards."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.vault.services import Keyring

from ..models import CaseNote
from .access import case_for, checked_text, open_keys, seal
from .beside import hold, tell


def add_note(actor: Actor, keyring: Keyring, case_id: UUID, text: str) -> CaseNote:
    """Write a note; also in a closed case: something may still become known. Raises NotFound, NotAllowed, BadInput."""
    text = checked_text("text", text)
    case = case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = CaseNote(case=case, author_id=actor.user_id, at=clock.now())
        row.save(force_insert=True)
        seal(case, keys, row.field, {"text": text})
        tell("case.noted", actor, case, note=row.pk)
    return row
