"""Recording. The one way into the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction

from lindung.audit import kinds
from lindung.audit.chain import GENESIS, Checkpoint, canonical, digest, moment
from lindung.audit.models import Event
from lindung.core import clock

# Any number works as long as nothing else in the database uses it: the letters "lin" and "aud" as bytes.
_ADVISORY_LOCK = 0x6C696E617564
_CODE = re.compile(r"[A-Za-z0-9_.:\-]{0,64}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LIKE_A_NUMBER = re.compile(r"[0-9.:\-]{7,}")
# One random id in three million is written with digits alone.
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_LARGEST = 10**9

Value = str | int | bool


def record(
    kind: str,
    *,
    actor: str | UUID,
    subject: str | UUID = "",
    data: Mapping[str, Value | UUID] | None = None,
    coarse: bool = False,
) -> Event:
    """Append one event to the chain, as the last action of the transaction that it tells about.

    `actor` is "" for a reporter, "system", or a user id in hex; `subject` the id of the record or "". `data` holds ids,
    codes, small numbers and flags only. `coarse` writes the whole minute: always so for visits to the portal.
    On PostgreSQL one advisory lock, kept until the commit, puts the appends in a row; on SQLite the IMMEDIATE
    transaction does. Raises RuntimeError outside a transaction, ValueError for an undeclared kind or for data that
    could be content; the messages name the key, never the value.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record: expected to run inside transaction.atomic")
    if kinds.owner_of(kind) is None:
        raise ValueError(f"audit kind {kind!r} is not declared")
    actor, subject = _code("actor", actor), _code("subject", subject)
    text = canonical({_key(key): _value(key, value) for key, value in (data or {}).items()})
    at = clock.coarse_now() if coarse else clock.now().replace(microsecond=0)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
    seq, prev = Event.objects.order_by("-seq").values_list("seq", "hash").first() or (0, GENESIS)
    event = Event(seq=seq + 1, at=at, actor=actor, kind=kind, subject=subject, data=text, prev_hash=prev)
    event.hash = digest(seq=event.seq, at=moment(at), actor=actor, kind=kind, subject=subject, data=text, prev=prev)
    event.save(force_insert=True)
    return event


def checkpoint() -> Checkpoint:
    """Return the head of the chain as it stands now, for the auditor to keep away from the server."""
    with transaction.atomic():
        seq, head = Event.objects.order_by("-seq").values_list("seq", "hash").first() or (0, GENESIS)
        count = Event.objects.count()
    return Checkpoint(seq=seq, hash=head, count=count, at=moment(clock.now()))


def _key(key: str) -> str:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError("audit data: expected keys of lower-case letters, digits and underscores")
    return key


def _value(key: str, value: Value | UUID) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) >= _LARGEST:
            raise ValueError(f"audit data {key!r}: expected a number below a thousand million")
        return value
    return _code(key, value)


def _code(name: str, value: str | UUID) -> str:
    if isinstance(value, UUID):
        return value.hex
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ValueError(f"audit data {name!r}: expected an id or a code of at most 64 characters")
    # A receipt, a telephone number or a bank account is made of the same characters as a code.
    if _LIKE_A_NUMBER.fullmatch(value) and not _DATE.fullmatch(value) and not _ID.fullmatch(value):
        raise ValueError(f"audit data {name!r}: expected a code, and a long number is not one")
    return value
