"""Staff take in what somebody tells by phone, in person, in a chat or a letter: the same door, the same sealing.

Whoever types needs no key: what comes in is sealed to the team that receives it, by the same rules as at the portal.
A report that names the typist's own team goes elsewhere, and is not theirs to see from then on. The receipt belongs to
the caller: it is never stored, and nobody can ask for it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, NotAllowed
from lindung.core.ids import new_id
from lindung.vault import receipts
from lindung.vault.services import STAFF

from .. import intake, rules_staff, selectors
from ..knowledge.intake import channels
from ..models import Report
from . import receiving

EARLIEST_ZONE = "Asia/Jayapura"
"""Where a new day begins first."""


@dataclass(frozen=True)
class Begun:
    """One form: its id makes a doubled send the same one, its receipt is what the caller will get."""

    form_id: UUID
    code: str = field(repr=False)


@dataclass(frozen=True)
class TakenIn:
    """Where a report went. `sees`: whoever typed it may see it; `opens`: they hold the key to it as well.

    `named`: it concerns our own people, a partner or a school, so it went to the independent team.
    """

    report_id: UUID
    reference: str
    team_name: str
    promised_at: datetime
    tz: str
    sees: bool
    opens: bool
    named: bool


def begin(actor: Actor) -> Begun:
    """Make what one form needs. Raises NotAllowed for people who take nothing in."""
    if not rules_staff.may_take_in(actor):
        raise NotAllowed
    return Begun(new_id(), receipts.generate())


def receive_by_staff(
    actor: Actor,
    begun: Begun,
    *,
    channel: str,
    answers: Mapping[str, Any],
    consent: Mapping[str, Any],
    language: str,
    seen_on: str = "",
) -> TakenIn:
    """Take in what somebody told `actor`; the same form sent twice gives one report.

    `consent`: see intake.check_consent; for media monitoring it is empty and `seen_on` is the day. Raises NotAllowed,
    BadInput (with the question or the part of the consent as its field; also when more is written than may be kept),
    Conflict when the form was sent under another receipt, and Unavailable when it cannot be stored now or nobody may
    receive it.
    """
    if not rules_staff.may_take_in(actor):
        raise NotAllowed
    way = channels().get(channel)
    if way is None:
        raise BadInput("channel", _("Pilihan ini tidak dikenal."))
    checked, day = None, ""
    if way.short:
        today = worktime.local_day(clock.now(), EARLIEST_ZONE)
        day = intake.check_media(answers, seen_on, today)
        answers = {"path": "witness", **answers}
    else:
        checked = intake.check_consent(consent)
        intake.check_fits(checked, answers)
    written = intake.encode(intake.Intake(actor.user_id, channel, checked, day))
    report = receiving.receive(
        answers=answers,
        code=begun.code,
        walk_id=b"staff" + actor.user_id.bytes + begun.form_id.bytes,
        language=language,
        source=actor.audit_name,
        channel=channel,
        typist=receiving.Typist(actor.audit_name, {intake.FIELD: (STAFF, written)}),
    )
    return _outcome(actor, report)


def _outcome(actor: Actor, report: Report) -> TakenIn:
    sees = selectors.visible_to(actor).filter(pk=report.pk).exists()
    keyed = selectors.keyed_teams(actor).filter(team_key__team=report.team_id)
    return TakenIn(
        report_id=report.pk,
        reference=report.reference,
        team_name=report.team.name,
        promised_at=report.promised_at,
        tz=report.tz,
        sees=sees,
        opens=sees and keyed.exists(),
        named=report.team.kind == "independent",
    )
