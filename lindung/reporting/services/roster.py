"""The duty roster and the list of platforms: the two things about reporting that staff themselves keep up to date.

Who is on duty is read in `selectors.on_duty`, `selectors.next_reading` and `selectors.portal_duty`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.accounts.rules import CONTENT_ROLES, SUPERVISOR, may_manage_duty
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.core.ids import new_id

from .. import rules_staff as rules
from ..models import DutyLevel, DutyShift, Platform
from .access import checked_choice

LONGEST_SHIFT = timedelta(hours=24)
_CODE = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
MAX_PLATFORM_NAME = 80


def add_shift(actor: Actor, team_id: UUID, user_id: UUID, level: str, starts: datetime, ends: datetime) -> DutyShift:
    """Put a member of a team on duty, for at most 24 hours; a shift may run across midnight.

    Times without a zone are the local times of the team (its `tz`): 22:00 in Kupang is 22:00 WITA. The level
    `supervisor` needs a supervisor. Raises BadInput for somebody who is not of the team, an end that is not after the
    start, or a shift that overlaps one of the same person and level; NotAllowed unless the actor supervises the team.
    """
    if not may_manage_duty(actor, team_id):
        raise NotAllowed
    checked_choice("level", level, DutyLevel)
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound
    begin, end = local_moment(team, starts), local_moment(team, ends)
    if end <= begin:
        raise BadInput("ends", _("Jaga harus berakhir setelah mulai."))
    if end - begin > LONGEST_SHIFT:
        raise BadInput("ends", _("Satu giliran jaga paling lama 24 jam."))
    person = _member(team_id, user_id, level)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team_id)
        overlapping = DutyShift.objects.filter(
            team=team_id, user=user_id, level=level, starts_at__lt=end, ends_at__gt=begin
        )
        if overlapping.exists():
            raise BadInput("starts", _("Orang ini sudah berjaga pada waktu itu."))
        shift = DutyShift.objects.create(id=new_id(), team=team, user=person, level=level, starts_at=begin, ends_at=end)
        audit.record(
            "duty.shift_added",
            actor=actor.audit_name,
            subject=shift.pk.hex,
            data={"team": team_id.hex, "user": user_id.hex, "level": level},
        )
    return shift


def remove_shift(actor: Actor, shift_id: UUID) -> None:
    """Take a shift off the roster. Raises NotFound for a shift of another team."""
    with transaction.atomic():
        shift = DutyShift.objects.select_for_update().filter(pk=shift_id).first()
        if shift is None or not may_manage_duty(actor, shift.team_id):
            raise NotFound
        data = {"team": shift.team_id.hex, "user": shift.user_id.hex, "level": shift.level}
        shift.delete()
        audit.record("duty.shift_removed", actor=actor.audit_name, subject=shift_id.hex, data=data)


def local_moment(team: Team, moment: datetime) -> datetime:
    """Read a time as the clock on the team's wall shows it; an aware moment stays what it is."""
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(team.tz))


def _member(team_id: UUID, user_id: UUID, level: str) -> User:
    roles = (SUPERVISOR,) if level == DutyLevel.SUPERVISOR else tuple(CONTENT_ROLES)
    person = members_of(team_id, *roles).filter(pk=user_id).first()
    if person is None:
        raise BadInput("user", _("Pilih orang dari tim ini yang boleh berjaga di tingkat itu."))
    return person


def add_platform(actor: Actor, code: str, name: str) -> Platform:
    """Add an app, game or site to the list that people choose from, at its end. A retired one comes back with its code.

    `code`: small letters, digits, underscores. Raises BadInput, or Conflict when the code is already offered.
    """
    if not rules.may_maintain_platforms(actor):
        raise NotAllowed
    if not _CODE.fullmatch(code):
        raise BadInput("code", _("Kode hanya huruf kecil, angka, dan garis bawah."))
    if not name.strip() or len(name) > MAX_PLATFORM_NAME:
        raise BadInput("name", _("Tulis nama yang dikenal orang, paling panjang 80 huruf."))
    with transaction.atomic():
        if not Platform.objects.filter(code=code, active=False).update(active=True, name=name):
            last = Platform.objects.aggregate(last=Max("sort"))["last"] or 0
            try:
                with transaction.atomic():
                    Platform.objects.create(code=code, name=name, sort=last + 1)
            except IntegrityError:
                raise Conflict from None
        audit.record("platform.added", actor=actor.audit_name, data={"platform": code})
    return Platform.objects.get(code=code)


def retire_platform(actor: Actor, code: str) -> None:
    """Offer a platform no longer. Reports that name it keep the name. Raises NotFound unless it is offered."""
    if not rules.may_maintain_platforms(actor):
        raise NotAllowed
    with transaction.atomic():
        if not Platform.objects.filter(code=code, active=True).update(active=False):
            raise NotFound
        audit.record("platform.retired", actor=actor.audit_name, data={"platform": code})
