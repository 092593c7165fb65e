"""Taking a report, reading it, answering it. Every opening leaves a trace; every write knows what it was made from."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_staff as rules
from .. import signals, thread
from ..errors import HeldByColleague
from ..models import Direction, Message, Note, Report, State
from ..opened import OpenedReport
from ..state import Event, allowed, states_for
from . import alerts
from .access import checked_text, hold_lead, move, open_keys, report_for
from .reading import CANNED_PREFIX, read_all

FALLBACK_ALIAS = "Petugas"


def claim(actor: Actor, report_id: UUID, *, take_over: bool = False) -> Report:
    """Take a free report: one conditional UPDATE, so of two colleagues exactly one gets it. Alerts stop.

    Taking what is already one's own changes nothing. `take_over` lets a supervisor take it out of a colleague's hands.
    Raises HeldByColleague, or Conflict when the report is closed or withdrawn.
    """
    with transaction.atomic():
        report = report_for(actor, report_id, rules.may_handle)
        if report.claimed_by_id == actor.user_id:
            return report
        hold_lead(report, Event.CLAIM)
        if not allowed(report.state, Event.CLAIM):
            raise Conflict
        previous = report.claimed_by_id if take_over else None
        if previous is not None and not rules.may_take_over(actor, report.team_id):
            raise NotAllowed
        taken = Report.objects.filter(
            pk=report.pk, team=report.team_id, claimed_by=previous, state__in=states_for(Event.CLAIM)
        ).update(
            state=Case(When(state=State.NEW, then=Value(State.CLAIMED.value)), default=F("state")),
            claimed_by=actor.user_id,
            claimed_at=clock.now(),
            version=F("version") + 1,
        )
        if taken != 1:
            raise HeldByColleague
        alerts.stop(report.pk)
        report.refresh_from_db()
        data = {"from": previous.hex} if previous else {}
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.claimed")
        audit.record("report.claimed", actor=actor.audit_name, subject=report.pk.hex, data=data)
    return report


def release(actor: Actor, report_id: UUID) -> Report:
    """Give a report back. Only who holds it can, or a supervisor. A report of high risk calls for attention again."""
    with transaction.atomic():
        report = report_for(actor, report_id, rules.may_handle)
        hold_lead(report, Event.RELEASE)
        holder = report.claimed_by_id
        if holder is None or not allowed(report.state, Event.RELEASE):
            raise Conflict
        if holder != actor.user_id and not rules.may_take_over(actor, report.team_id):
            raise HeldByColleague
        released = Report.objects.filter(pk=report.pk, claimed_by=holder, state__in=states_for(Event.RELEASE)).update(
            state=Case(When(state=State.CLAIMED, then=Value(State.NEW.value)), default=F("state")),
            claimed_by=None,
            claimed_at=None,
            version=F("version") + 1,
        )
        if released != 1:
            raise Conflict
        report.refresh_from_db()
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.released")
        audit.record("report.released", actor=actor.audit_name, subject=report.pk.hex, data={"from": holder.hex})
    return report


def open_report(actor: Actor, keyring: Keyring, report_id: UUID) -> OpenedReport:
    """Open everything on a report for one colleague; audited each time. What the reporter wrote counts as read.

    Raises NotFound for a report that the actor may not see, NotAllowed without the team's key and while a withdrawal
    locks it, SealBroken when a sealed value was changed.
    """
    report = report_for(actor, report_id, rules.may_handle)
    opened = read_all(actor, report, open_keys(report, keyring))
    new = [message.id for message in opened.messages if message.incoming and not message.read_by_staff]
    with transaction.atomic():
        if new:
            mark_read(report, new)
        audit.record("report.opened", actor=actor.audit_name, subject=report.pk.hex)
    return opened


def mark_read(report: Report, seen: list[UUID]) -> int:
    """Only what was on the page: a message that came in a moment later stays new."""
    new = Message.objects.filter(report=report, pk__in=seen, direction=Direction.IN, read_by_staff=False)
    return new.update(read_by_staff=True)


def post_staff_message(
    actor: Actor, keyring: Keyring, report_id: UUID, text: str, version: int, *, canned: str = ""
) -> Message:
    """Answer the reporter: sealed under the reporter key, signed with the alias alone, exactly as typed.

    `canned` is the code of the canned answer that it began with. It is sealed under the staff key: an answer about
    threats, named in the audit or in a column, would tell what happened to whoever reads those.

    The report must be free or the actor's own and is the actor's afterwards. Raises Conflict when it changed since
    `version` (the caller keeps the text), BadInput for an empty or too long text or one that hides a picture.
    """
    text = checked_text("text", text)
    report = report_for(actor, report_id, rules.may_handle)
    keys = open_keys(report, keyring)
    with transaction.atomic():
        move(report, Event.ANSWER, actor, version=version, take=True)
        message = thread.add(
            report,
            keys,
            direction=Direction.OUT,
            text=text,
            author_id=actor.user_id,
            alias=actor.alias or FALLBACK_ALIAS,
        )
        if canned:
            sealed = {f"{CANNED_PREFIX}{message.pk.hex}": (vault.STAFF, canned.encode())}
            vault.put_first(record_id=report.record_id, keys=keys, fields=sealed)
        alerts.stop(report.pk)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.message_sent")
        audit.record("report.message_sent", actor=actor.audit_name, subject=report.pk.hex)
    return message


def add_note(actor: Actor, keyring: Keyring, report_id: UUID, text: str) -> Note:
    """Write a note for colleagues, under the staff key; no receipt opens it. It changes nothing else."""
    text = checked_text("text", text)
    report = report_for(actor, report_id, rules.may_handle)
    keys = open_keys(report, keyring)
    with transaction.atomic():
        note = Note.objects.create(report=report, author_id=actor.user_id, at=clock.now())
        seal_for_staff(report, keys, note.field, text.encode())
        audit.record("report.note_added", actor=actor.audit_name, subject=report.pk.hex)
    return note


def seal_for_staff(report: Report, keys: RecordKeys, field: str, plaintext: bytes) -> int:
    """Seal one staff text under the staff key; returns its version."""
    return vault.put(record_id=report.record_id, keys=keys, key_name="staff", field=field, plaintext=plaintext)
