"""The mailbox of a report alone, for a page about something else: its messages, without the rest of the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.vault.services import Keyring

from .. import rules_staff as rules
from ..models import Message, Report
from ..opened import MessageView
from .access import open_keys, report_for
from .handling import mark_read
from .reading import messages_alone


@dataclass(frozen=True)
class Box:
    """The conversation of a report, oldest first."""

    report: Report
    messages: tuple[MessageView, ...] = field(repr=False)


def open_box(actor: Actor, keyring: Keyring, report_id: UUID) -> Box:
    """Open the conversation of a report; audited as an opening. What the reporter wrote counts as read.

    Raises NotFound, NotAllowed, SealBroken as `open_report` does.
    """
    report = report_for(actor, report_id, rules.may_handle)
    rows = list(Message.objects.filter(report=report))
    messages = messages_alone(report, open_keys(report, keyring), rows)
    new = [message.id for message in messages if message.incoming and not message.read_by_staff]
    with transaction.atomic():
        if new:
            mark_read(report, new)
        audit.record("report.opened", actor=actor.audit_name, subject=report.pk.hex)
    return Box(report, messages)
