"""The checklist of the service standard in a case: marks, the stage of the work, moving to a newer version.

A mark is added, never changed; the newest of an item counts. A case follows the version of the standard that it was
opened under, also when newer ones are loaded, until somebody who works on it moves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.core.worktime import local_day
from lindung.vault.services import Keyring

from .. import rules_plan
from ..knowledge import standard as standards
from ..models import Case, Stage
from ..models_plan import Mark, MarkState
from .access import checked_choice, checked_text, open_case_for, open_keys, seal, touch, unseal
from .beside import hold, tell


def newest_marks(case: Case) -> dict[str, Mark]:
    """The newest mark of each item of the case's version of the standard: one query."""
    rows = Mark.objects.filter(case=case, standard=case.standard).select_related("by")
    return {mark.item: mark for mark in rows}


def counts(case: Case) -> dict[str, int]:
    """How many marks each item has: what a form must carry as `seen`."""
    rows = Mark.objects.filter(case=case, standard=case.standard).order_by().values_list("item")
    return dict(rows.annotate(n=Count("pk")))


def states_of(marks: Mapping[str, Mark]) -> dict[str, str]:
    """The state by item, as rules_plan asks for it."""
    return {item: mark.state for item, mark in marks.items()}


def mark(actor: Actor, keyring: Keyring, case_id: UUID, item: str, state: str, words: str = "", *, seen: int) -> Mark:
    """Mark an item. `seen`: how many marks of it the page knew of: of two people exactly one is first.

    That an item does not apply needs its reason (sealed). Raises BadInput, CaseClosed, Conflict when a colleague
    marked it meanwhile or the case moved to another version.
    """
    checked_choice("state", state, MarkState)
    words = checked_text("words", words, required=state == MarkState.NOT_APPLICABLE)
    case = open_case_for(actor, case_id)
    present = standards.find(case.standard)
    checked_choice("item", item, tuple(present.items) if present else ())
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        there = Mark.objects.filter(case=case, standard=case.standard, item=item).count()
        moved = not Case.objects.filter(pk=case.pk, standard=case.standard).exists()
        if there != seen or moved:
            raise Conflict
        row = Mark.objects.create(
            case=case, standard=case.standard, item=item, state=state, at=clock.now(), by_id=actor.user_id
        )
        if words.strip():
            seal(case, keys, row.field, {"text": words})
        tell("case.item_marked", actor, case, mark=row.pk.hex, item=item, state=state)
    return row


def move_standard(actor: Actor, keyring: Keyring, case_id: UUID, to: str, version: int) -> dict[str, tuple[str, str]]:
    """Let a case follow a newer version of the standard. Marks of points that are still there count on.

    The old marks stay where they are, under their version; why a point does not apply is taken along. Returns what was
    carried, {new item: (old item, state)}.
    Raises BadInput for a version that is not newer, CaseClosed, Conflict when the case changed since `version`.
    """
    case = open_case_for(actor, case_id)
    today = local_day(clock.now(), case.tz)
    new = next((one for one in standards.newer_than(case.standard, today) if one.version == to), None)
    if new is None:
        raise BadInput("to", _("Pilih versi standar yang lebih baru."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        marks = newest_marks(case)
        carried = rules_plan.carried(standards.find(case.standard), new, states_of(marks))
        before = case.standard
        touch(case, version=version, standard=new.version)
        for item, (old, state) in carried.items():
            row = Mark.objects.create(
                case=case, standard=new.version, item=item, state=state, at=marks[old].at, by_id=marks[old].by_id
            )
            if words := unseal(case, keys, marks[old].field):
                seal(case, keys, row.field, words)
        tell("case.standard_moved", actor, case, before=before, after=new.version, carried=len(carried))
    return carried


def set_stage(actor: Actor, case_id: UUID, stage: str, version: int) -> Case:
    """Say in which stage the work is; it may go back. Raises BadInput, CaseClosed, Conflict since `version`."""
    checked_choice("stage", stage, Stage)
    case = open_case_for(actor, case_id)
    with transaction.atomic():
        touch(case, version=version, stage=stage)
        tell("case.stage_set", actor, case, stage=stage)
    return case
