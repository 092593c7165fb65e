"""What changes everything: the child is missing, was found, died, or lives elsewhere now.

A child who is missing or died is at high risk until a person assesses it anew: of a death others may be in danger,
above all siblings. From then on the mailbox tells nothing more about the case (`selectors.is_silent`): whoever reads it
may not be the child.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock, worktime
from lindung.core.errors import BadInput
from lindung.vault.services import Keyring

from .. import rules, selectors
from ..models import Case, ChildEvent, ChildEventKind
from .access import checked_choice, checked_text, open_case_for, open_keys, seal, touch
from .beside import hold, tell

ALARMING = frozenset({ChildEventKind.MISSING, ChildEventKind.DIED})


def record_event(actor: Actor, keyring: Keyring, case_id: UUID, kind: str, on: date, words: str = "") -> ChildEvent:
    """Write down that the child is missing, was found, died or moved, with the circumstances in words.

    Missing and death raise the risk, and the case is looked at again at once. Raises NotFound, NotAllowed, CaseClosed,
    BadInput for a day ahead, a child who is found without having been missing, or anything after a death.
    """
    checked_choice("kind", kind, ChildEventKind)
    words = checked_text("words", words, required=False)
    case = open_case_for(actor, case_id)
    if on > worktime.local_day(clock.now(), case.tz):
        raise BadInput("on", _("Tanggal ini belum tiba."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        case.refresh_from_db()
        _check(case, kind)
        row = ChildEvent(case=case, kind=kind, on=on, at=clock.now(), by_id=actor.user_id)
        row.save(force_insert=True)
        seal(case, keys, row.field, {"words": words})
        changes: dict[str, Any] = {}
        if kind in ALARMING:
            changes = {"risk": rules.raised(case.risk), "review_due_at": min(case.review_due_at or row.at, row.at)}
        touch(case, **changes)
        tell("case.child_event", actor, case, event=row.pk, what=kind)
    return row


def _check(case: Case, kind: str) -> None:
    now = selectors.child_states(case.pk)
    if ChildEventKind.DIED in now:
        raise BadInput("kind", _("Anak ini sudah tercatat meninggal."))
    if kind == ChildEventKind.FOUND and ChildEventKind.MISSING not in now:
        raise BadInput("kind", _("Anak ini tidak tercatat hilang."))
    if kind == ChildEventKind.MISSING and ChildEventKind.MISSING in now:
        raise BadInput("kind", _("Anak ini sudah tercatat hilang."))
