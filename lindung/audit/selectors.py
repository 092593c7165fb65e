"""Reading the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lindung.audit.chain import Checkpoint, moment
from lindung.audit.models import Event
from lindung.audit.verify import Finding, verify_events


def as_row(event: Event) -> dict[str, Any]:
    """Write one event as it stands in an export."""
    return {
        "seq": event.seq,
        "at": moment(event.at),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "data": event.data,
        "prev": event.prev_hash,
        "hash": event.hash,
    }


def rows(up_to: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the events in order, up to a sequence number, without holding them all in memory."""
    events = Event.objects.order_by("seq")
    if up_to is not None:
        events = events.filter(seq__lte=up_to)
    for event in events.iterator(chunk_size=2000):
        yield as_row(event)


def of_subject(subject: str | UUID) -> QuerySet[Event]:
    """Return what happened to one record, oldest first. A UUID is looked for in both spellings."""
    names = {str(subject), subject.hex} if isinstance(subject, UUID) else {subject}
    return Event.objects.filter(subject__in=names).order_by("seq")


def verify_database(checkpoints: Sequence[Checkpoint] = ()) -> list[Finding]:
    """Verify the log where it lies; an auditor rather verifies an export on another machine."""
    return verify_events(rows(), checkpoints)
