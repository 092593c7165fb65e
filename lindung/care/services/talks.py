"""Debriefing, supervision, support among colleagues: planned, held, called off. Never what was said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership
from lindung.audit import services as audit
from lindung.casework.services.access import checked_choice
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

from .. import rules
from ..models import Talk, TalkKind


def plan_talk(actor: Actor, team_id: UUID, user_id: UUID, *, kind: str, planned_at: datetime) -> Talk:
    """Plan a talk for somebody of the team, or for oneself. Raises NotAllowed, BadInput."""
    if not rules.may_plan_talk(actor, team_id, user_id):
        raise NotAllowed
    checked_choice("kind", kind, TalkKind)
    if planned_at <= clock.now():
        raise BadInput("planned_at", _("Waktunya sudah lewat."))
    if not Membership.objects.filter(user=user_id, team=team_id, user__is_active=True).exists():
        raise BadInput("user", _("Pilih rekan dari tim yang sama."))
    with transaction.atomic():
        talk = Talk(team_id=team_id, user_id=user_id, kind=kind, planned_at=planned_at, planned_by_id=actor.user_id)
        talk.save(force_insert=True)
        _record("care.talk_planned", actor, talk)
    return talk


def hold_talk(actor: Actor, talk_id: UUID) -> Talk:
    """It took place. The person themselves may say so, or a supervisor. Raises NotFound, Conflict."""
    return _settle(actor, talk_id, "care.talk_held", held_at=clock.now())


def call_off_talk(actor: Actor, talk_id: UUID) -> Talk:
    """It does not take place. Raises NotFound, Conflict."""
    return _settle(actor, talk_id, "care.talk_called_off", called_off=True)


def _settle(actor: Actor, talk_id: UUID, kind: str, **changes: object) -> Talk:
    talk = Talk.objects.filter(pk=talk_id).first()
    if talk is None or not rules.may_plan_talk(actor, talk.team_id, talk.user_id):
        raise NotFound
    with transaction.atomic():
        if Talk.objects.filter(pk=talk.pk, held_at=None, called_off=False).update(**changes) != 1:
            raise Conflict
        _record(kind, actor, talk)
    talk.refresh_from_db()
    return talk


def _record(kind: str, actor: Actor, talk: Talk) -> None:
    audit.record(kind, actor=actor.audit_name, subject=talk.pk.hex, data={"user": talk.user_id.hex, "kind": talk.kind})
