"""A child's safety: warm handover by voice, follow-ups within hours, every try to reach a child in danger."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.services import Keyring

from .. import rules_staff as rules
from .. import selectors, signals
from ..models import Attempt, FollowUp, FollowUpKind, Handover, NextStep, Report, Risk, TriageEntry
from ..state import Event, allowed
from .access import checked_choice, checked_text, move, open_keys, report_for
from .handling import seal_for_staff
from .receiving import promise

ATTEMPT_CHANNELS = (
    "mailbox",
    "phone",
    "whatsapp",
    "email",
    "platform",  # through the platform, also an emergency request for disclosure
    "police",
    "school",
    "village",
    "visit",
    "service",  # a service unit, a hospital, a crisis line
    "other",
)
"""Ways to reach or find a child: the mailbox, then landmarks, school, platform handle, police."""

_HANDED_ON = frozenset({NextStep.REFERRAL, NextStep.CASE, NextStep.SAFETY_PLAN})


def record_handover(actor: Actor, keyring: Keyring, report_id: UUID, name: str, by_voice: bool) -> Handover:
    """Record a handover and who took over. Only one that was accepted by voice counts as warm.

    An accepted one moves a report whose next step is a referral, a case or a safety plan to "referred"; one that was
    merely sent stops no clock and moves nothing.
    """
    name = checked_text("name", name)
    report = report_for(actor, report_id, rules.may_handle)
    keys = open_keys(report, keyring)
    with transaction.atomic():
        row = Handover.objects.create(report=report, at=clock.now(), by_voice=by_voice, by_id=actor.user_id)
        seal_for_staff(report, keys, row.field, json.dumps({"name": name}, ensure_ascii=False).encode())
        if by_voice and _is_handed_on(report) and allowed(report.state, Event.REFER):
            # Somebody is with the child now: news for the mailbox within hours, not minutes.
            news = promise(report.team, Risk.LOW if report.risk == Risk.LOW else Risk.MEDIUM, row.at, report.tz)
            move(report, Event.REFER, actor, promised_at=clock.coarse(news))
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.handed_over")
        audit.record(
            "report.handed_over",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"handover": row.pk.hex, "by_voice": by_voice},
        )
    return row


def _is_handed_on(report: Report) -> bool:
    newest = TriageEntry.objects.filter(report=report).order_by("-at", "-id").first()
    return newest is not None and (newest.next_step in _HANDED_ON or newest.selfharm)


def complete_follow_up(actor: Actor, follow_up_id: UUID) -> FollowUp:
    """Mark a follow-up as done, once. Raises NotFound for a hidden one, Conflict when somebody has done it."""
    with transaction.atomic():
        row = FollowUp.objects.filter(pk=follow_up_id, report__in=selectors.visible_to(actor)).first()
        if row is None:
            raise NotFound
        report = report_for(actor, row.report_id, rules.may_handle)
        now = clock.now()
        if FollowUp.objects.filter(pk=row.pk, done_at=None).update(done_at=now, done_by=actor.user_id) != 1:
            raise Conflict
        row.refresh_from_db()
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.follow_up_done")
        audit.record(
            "report.follow_up_done",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"follow_up": row.pk.hex, "kind": row.kind, "late": now > row.due_at},
        )
    return row


def log_attempt(
    actor: Actor,
    keyring: Keyring,
    report_id: UUID,
    channel: str,
    note: str,
    stopped: bool = False,
    stop_reason: str = "",
) -> Attempt:
    """Log one try to find or reach a child. Whoever stops trying says why; their name stands beside it."""
    checked_choice("channel", channel, ATTEMPT_CHANNELS)
    note = checked_text("note", note)
    stop_reason = checked_text("stop_reason", stop_reason, required=stopped)
    if stop_reason.strip() and not stopped:
        raise BadInput("stopped", _("Alasan berhenti hanya diisi kalau usaha dihentikan."))
    report = report_for(actor, report_id, rules.may_handle)
    keys = open_keys(report, keyring)
    with transaction.atomic():
        row = Attempt.objects.create(
            report=report, at=clock.now(), by_id=actor.user_id, channel=channel, stopped=stopped
        )
        words = json.dumps({"note": note, "stop_reason": stop_reason}, ensure_ascii=False)
        seal_for_staff(report, keys, row.field, words.encode())
        audit.record(
            "report.attempt_logged",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"attempt": row.pk.hex, "channel": channel, "stopped": stopped},
        )
    return row


def open_safety_check(report: Report, due_at: datetime) -> FollowUp:
    """Open a safety check of a report, inside the caller's transaction; one open check at a time."""
    found = FollowUp.objects.filter(report=report, kind=FollowUpKind.SAFETY_CHECK, done_at=None).first()
    return found or FollowUp.objects.create(report=report, kind=FollowUpKind.SAFETY_CHECK, due_at=due_at)
