"""The messages of one report: sealed words in the vault, everything else in the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from lindung.core import clock
from lindung.vault import services as vault
from lindung.vault.services import REPORTER, RecordKeys

from .models import Direction, Message, MessageKind, Report

PREFIX = "message:"


@dataclass(frozen=True)
class MessageView:
    """One message as its reader sees it. `read`: the other side has read it."""

    id: UUID
    direction: str
    kind: str
    alias: str
    at: datetime
    read: bool
    text: str = field(repr=False)

    @property
    def incoming(self) -> bool:
        """Written by the reporter."""
        return self.direction == Direction.IN


def add(
    report: Report,
    keys: RecordKeys,
    *,
    direction: str,
    text: str,
    kind: str = MessageKind.TEXT,
    author_id: UUID | None = None,
    alias: str = "",
    form_tag: bytes | None = None,
) -> Message:
    """Seal and store one message at the present minute, after all others; must run inside a transaction.

    Raises IntegrityError when a message with this `form_tag` exists already.
    """
    last = Message.objects.filter(report=report).aggregate(last=Max("sort"))["last"]
    message = Message(
        report=report,
        direction=direction,
        kind=kind,
        author_id=author_id,
        alias=alias,
        at=clock.coarse_now(),
        sort=(last or 0) + 1,
        read_by_staff=direction == Direction.OUT,
        read_by_reporter=direction == Direction.IN,
        form_tag=form_tag,
    )
    message.save(force_insert=True)
    sealed = {message.field: (REPORTER, text.encode("utf-8"))}
    vault.put_first(record_id=report.record_id, keys=keys, fields=sealed)
    return message


def read(report: Report, keys: RecordKeys) -> list[MessageView]:
    """Open the whole thread, oldest first: two queries. Raises SealBroken when a message was tampered with."""
    texts = vault.get_many(record_id=report.record_id, keys=keys, prefix=PREFIX)
    return [
        MessageView(
            id=message.id,
            direction=message.direction,
            kind=message.kind,
            alias=message.alias,
            at=message.at,
            read=message.read_by_staff if message.direction == Direction.IN else message.read_by_reporter,
            text=texts.get(message.field, b"").decode("utf-8"),
        )
        for message in Message.objects.filter(report=report).order_by("at", "sort", "id")
    ]
