"""Looks at how a child is, three and six months after its case ended."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import Conflict, NotFound
from lindung.vault.services import Keyring

from .. import rules
from ..knowledge import ending
from ..models import TaskKind
from ..models_closing import FollowUp
from . import ruled_tasks
from .access import case_for, checked_choice, checked_text, open_keys, seal
from .beside import hold, tell


def done(actor: Actor, keyring: Keyring, follow_up_id: UUID, *, result: str, words: str = "") -> FollowUp:
    """Note how the child was found: a result (a code) and, unless the child is well, how. It ends the reminder.

    A result that tells of danger opens nothing by itself: the page offers it, and a person does it. Raises NotFound,
    BadInput, Conflict when it is done already or the case was opened again.
    """
    checked_choice("result", result, ending.results())
    words = checked_text("words", words, required=result != "safe_well")
    found = FollowUp.objects.filter(pk=follow_up_id).only("case_id").first()
    if found is None:
        raise NotFound
    case = case_for(actor, found.case_id, rules.may_work)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        rows = FollowUp.objects.filter(pk=follow_up_id, case=case, done_at=None, cancelled=False)
        if rows.update(done_at=clock.now(), done_by=actor.user_id, result=result) != 1:
            raise Conflict
        row = FollowUp.objects.get(pk=follow_up_id)
        seal(case, keys, row.field, {"words": words})
        ruled_tasks.end(case, TaskKind.FOLLOW_UP, row.pk, actor)
        tell("case.followed_up", actor, case, follow_up=row.pk.hex, months=row.months, result=result)
    return row
