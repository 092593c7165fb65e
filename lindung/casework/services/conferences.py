"""Case conferences: planned for a time, held, and who agreed on what. Words are sealed in the case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.services import Keyring

from .. import selectors
from ..models import Case, TaskKind
from ..models_plan import Conference
from . import ruled_tasks
from .access import checked_text, open_case_for, open_keys, seal, unseal
from .beside import hold, tell

FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class HeldInput:
    """What a conference led to, all sealed: who came, what the child wanted to be said, who agreed on what by when."""

    came: str = field(repr=False)
    agreed: str = field(repr=False)
    child_view: str = field(default="", repr=False)


def plan_conference(
    actor: Actor, keyring: Keyring, case_id: UUID, planned_at: datetime, invited: str, agenda: str
) -> Conference:
    """Plan a conference; it makes a task for that time. A time without a zone is that of the case's place.

    `invited` and `agenda` are words. Raises BadInput, CaseClosed.
    """
    sealed = {"invited": checked_text("invited", invited), "agenda": checked_text("agenda", agenda, required=False)}
    case = open_case_for(actor, case_id)
    moment = _moment(case, planned_at)
    if not clock.now() - timedelta(days=1) <= moment <= clock.now() + FARTHEST:
        raise BadInput("planned_at", _("Pilih waktu antara hari ini dan setahun lagi."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        row = Conference.objects.create(case=case, planned_at=moment, by_id=actor.user_id)
        seal(case, keys, row.field, sealed)
        ruled_tasks.ask(case, TaskKind.CONFERENCE, row.pk, moment)
        tell("case.conference_planned", actor, case, conference=row.pk.hex)
    return row


def hold_conference(
    actor: Actor, keyring: Keyring, conference_id: UUID, held_at: datetime, entry: HeldInput
) -> Conference:
    """Write down what a conference led to, once. Raises BadInput, NotFound, CaseClosed, Conflict when it stands there.

    Whoever was second gets the first one's words shown beside their own.
    """
    sealed = {
        "came": checked_text("came", entry.came),
        "agreed": checked_text("agreed", entry.agreed),
        "child_view": checked_text("child_view", entry.child_view, required=False),
    }
    row, case = conference_for(actor, conference_id)
    moment = _moment(case, held_at)
    if not case.opened_at - timedelta(days=1) <= moment <= clock.now():
        raise BadInput("held_at", _("Waktu konferensi tidak bisa di masa depan."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        if Conference.objects.filter(pk=row.pk, held_at=None).update(held_at=moment) != 1:
            raise Conflict
        seal(case, keys, row.field, {**unseal(case, keys, row.field), **sealed})
        ruled_tasks.end(case, TaskKind.CONFERENCE, row.pk, actor)
        tell("case.conference_held", actor, case, conference=row.pk.hex)
    row.refresh_from_db()
    return row


def conference_for(actor: Actor, conference_id: UUID) -> tuple[Conference, Case]:
    """A conference of a case that the actor works on. Raises NotFound, NotAllowed, CaseClosed."""
    rows = Conference.objects.filter(pk=conference_id, case__in=selectors.visible_to(actor).values("pk"))
    row = rows.first()
    if row is None:
        raise NotFound
    return row, open_case_for(actor, row.case_id)


def _moment(case: Case, moment: datetime) -> datetime:
    return clock.coarse(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(case.tz)))
