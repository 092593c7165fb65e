"""Erasing for good: the keys first, then the rows, then a tombstone so that no backup brings a record back."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lindung.core import clock
from lindung.vault.models import BlindEntry, SealedField, SealedRecord, Tombstone, WrappedKey
from lindung.vault.signals import record_shredded

_log = logging.getLogger("lindung.vault")


def shred(*, record_id: UUID) -> bool:
    """Destroy a record: wrapped keys, blind-index entries, fields; the empty anchor and a tombstone stay.

    Sends `signals.record_shredded` in the same transaction. The tombstone's line in settings.LINDUNG_TOMBSTONES is on
    the disk right after the commit. Returns False when there was nothing (any more) to shred. On PostgreSQL call
    `after_shred` afterwards, outside the transaction.
    """
    minute = clock.coarse_now()
    with transaction.atomic():
        record = SealedRecord.objects.select_for_update().filter(pk=record_id).first()
        if record is None or record.shredded_at is not None:
            return False
        WrappedKey.objects.filter(record=record_id).delete()
        BlindEntry.objects.filter(record=record_id).delete()
        SealedField.objects.filter(record=record_id).delete()
        SealedRecord.objects.filter(pk=record_id).update(shredded_at=minute)
        Tombstone.objects.get_or_create(record=record_id, defaults={"at": minute})
        record_shredded.send(sender=SealedRecord, record_id=record_id)
        transaction.on_commit(partial(_remember, record_id, minute))
    return True


def sync_tombstones() -> int:
    """Write into the tombstone file what only the database knows (after a crash or a full disk); return how many."""
    known = set(read_tombstones())
    missing = [t for t in Tombstone.objects.order_by("at", "record").iterator() if t.record not in known]
    _append((t.record, t.at) for t in missing)
    return len(missing)


def replay_tombstones() -> int:
    """Shred again every record that the tombstone file names and a restored backup brought back; return how many.

    Run it before anything is served. Each record is a transaction of its own, so an interrupted run is simply repeated.
    """
    return sum(shred(record_id=record_id) for record_id in read_tombstones())


def read_tombstones() -> list[UUID]:
    """Return the record ids in the tombstone file, in order. A line that a crash cut short is passed over."""
    try:
        lines = Path(settings.LINDUNG_TOMBSTONES).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(UUID(hex=line.split(" ")[0]))
        except ValueError:
            continue
    return found


def _remember(record_id: UUID, minute: datetime) -> None:
    try:
        _append([(record_id, minute)])
    except OSError:
        # The row in the database stays; sync_tombstones writes the line when the disk has room again.
        _log.error("vault: the tombstone file could not be written")


def _append(entries: Iterable[tuple[UUID, datetime]]) -> None:
    lines = "".join(f"{record.hex} {minute:%Y-%m-%dT%H:%MZ}\n" for record, minute in entries)
    if not lines:
        return
    with _locked(Path(settings.LINDUNG_TOMBSTONES)) as file:
        end = file.seek(0, os.SEEK_END)
        torn = False
        if end:
            file.seek(end - 1)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + lines.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    if new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
