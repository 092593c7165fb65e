"""Half-written reports and mailbox visits: one sealed row each, in a file of their own, never backed up.

The key of a row is the exclusive-or of two session cookies, so that losing either one (quick exit drops the one
that a script can read, even offline) leaves a row that nobody can open. The file is SQLite on both databases: writes
survive the sudden death of this process and of PostgreSQL (`synchronous=OFF` risks them only with the machine).
"""

from __future__ import annotations

import binascii
import json
import logging
import os
import sqlite3
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from lindung.core import clock
from lindung.core.errors import SealBroken, Unavailable
from lindung.vault.primitives import aead_open, aead_seal, context, hkdf, random_key

_log = logging.getLogger("lindung.vault")

KINDS = ("walk", "visit")
MAX_ROWS = 100_000
_CHECK_EVERY = 64
_EMPTY, _VISIT, _FILLED = 0, 1, 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS draft (
    id BLOB PRIMARY KEY, kind TEXT NOT NULL, rank INTEGER NOT NULL, touched INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS draft_idle ON draft (touched);
CREATE INDEX IF NOT EXISTS draft_rank ON draft (rank, touched);
"""


@dataclass
class Walk:
    """One walk through the questions, or one visit to the mailbox.

    `a` and `b` are the cookie values. `data` is the caller's own JSON; a walk counts as filled, and is kept longest, as
    soon as one of its values is a non-empty list or dict. `began` is the exact moment, sealed with the rest.
    """

    a: str = field(repr=False)
    b: str = field(repr=False)
    kind: str = "walk"
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    began: datetime = field(default_factory=clock.now, repr=False)

    @property
    def id(self) -> str:
        """A name for this walk, 64 hex digits, the same from beginning to end: makes a retried send one report."""
        return hkdf(_root(self.a, self.b) or b"", "draft/walk").hex()

    @property
    def rank(self) -> int:
        """How long it is kept when room is short: 0 an empty walk, 1 a visit, 2 a walk with answers."""
        if any(isinstance(value, list | dict) and value for value in self.data.values()):
            return _FILLED if self.kind == "walk" else _VISIT
        return _EMPTY if self.kind == "walk" else _VISIT


def begin(kind: str = "walk", data: dict[str, Any] | None = None) -> Walk:
    """Open a new row and return it with two fresh cookie values. Raises Unavailable when the store cannot take it.

    The number of rows is capped (settings.LINDUNG_DRAFTS_MAX_ROWS, 100,000 unless set): beyond it the oldest EMPTY
    walks go first, then the oldest visits, and only then the walks that were untouched the longest.
    """
    if kind not in KINDS:
        raise ValueError("drafts: expected walk or visit")
    walk = Walk(_text(random_key()), _text(random_key()), kind, dict(data or {}))
    _housekeeping()
    _write(walk)
    return walk


def load(a: str | None, b: str | None) -> Walk | None:
    """Return the row that two cookies open, or None when there is none, it idled too long, or a cookie is malformed.

    Reading counts as use and moves the idle limit (settings.LINDUNG_WALK_IDLE_MINUTES). Raises Unavailable when the
    store cannot be read.
    """
    root = _root(a, b)
    if root is None or a is None or b is None:
        return None
    row_id = hkdf(root, "draft/row")
    with _store() as db:
        row = db.execute("SELECT kind, touched, body FROM draft WHERE id = ?", (row_id,)).fetchone()
    if row is None or row[1] < _oldest():
        return None
    kind, touched, body = row
    try:
        inside = json.loads(aead_open(hkdf(root, "draft/body"), body, _context(row_id, kind)))
    except (SealBroken, ValueError):
        return None
    if touched != _minute():
        # A full disk must not keep somebody from reading what is there.
        with suppress(Unavailable), _store() as db:
            db.execute("UPDATE draft SET touched = ? WHERE id = ?", (_minute(), row_id))
    return Walk(a, b, kind, inside["data"], datetime.fromisoformat(inside["began"]))


def save(walk: Walk) -> bool:
    """Write a walk's data. Raises Unavailable when the store cannot take it (disk full, file unreadable).

    A row that vanished meanwhile (the file was deleted, room was short) is made again, unless somebody destroyed it on
    purpose: then nothing is written and the answer is False.
    """
    root = _root(walk.a, walk.b)
    if root is None or _was_destroyed(hkdf(root, "draft/row")):
        return False
    _write(walk)
    return True


def destroy(a: str | None, b: str | None) -> None:
    """Delete a row at once; its bytes are overwritten. Harmless when there is none. Raises Unavailable."""
    root = _root(a, b)
    if root is None:
        return
    row_id = hkdf(root, "draft/row")
    _mark_destroyed(row_id)
    with _store() as db:
        db.execute("DELETE FROM draft WHERE id = ?", (row_id,))


def purge() -> int:
    """Delete every row that idled longer than the limit; return how many. `begin` does it once a minute by itself."""
    with _store() as db:
        return db.execute("DELETE FROM draft WHERE touched < ?", (_oldest(),)).rowcount


def count() -> int:
    """Return how many rows there are (for the health page and for tests)."""
    with _store() as db:
        return int(db.execute("SELECT count(*) FROM draft").fetchone()[0])


# --- sealing --------------------------------------------------------------------------------------------------------


def _text(half: bytes) -> str:
    return urlsafe_b64encode(half).rstrip(b"=").decode("ascii")


def _half(text: str | None) -> bytes | None:
    if not text or len(text) != 43 or not text.isascii():
        return None
    try:
        half = urlsafe_b64decode(text + "=")
    except (binascii.Error, ValueError):
        return None
    # One spelling only: the last character carries four unused bits.
    return half if len(half) == 32 and _text(half) == text else None


def _root(a: str | None, b: str | None) -> bytes | None:
    first, second = _half(a), _half(b)
    if first is None or second is None:
        return None
    return bytes(x ^ y for x, y in zip(first, second, strict=True))


def _context(row_id: bytes, kind: str) -> bytes:
    return context("draft", row_id, kind)


def _minute() -> int:
    return int(clock.now().timestamp()) // 60


def _oldest() -> int:
    return _minute() - int(settings.LINDUNG_WALK_IDLE_MINUTES)


def _write(walk: Walk) -> None:
    root = _root(walk.a, walk.b)
    if root is None:
        raise ValueError("drafts: expected a walk that begin or load gave")
    row_id = hkdf(root, "draft/row")
    began = walk.began.astimezone(UTC).isoformat()
    inside = json.dumps({"data": walk.data, "began": began}, ensure_ascii=False, separators=(",", ":"))
    body = aead_seal(hkdf(root, "draft/body"), inside.encode("utf-8", "surrogatepass"), _context(row_id, walk.kind))
    row = (row_id, walk.kind, walk.rank, _minute(), body)
    statement = "INSERT OR REPLACE INTO draft (id, kind, rank, touched, body) VALUES (?, ?, ?, ?, ?)"
    try:
        with _store() as db:
            db.execute(statement, row)
    except _Busy:
        raise  # nothing is full: whoever has just begun must not pay for a crowd
    except Unavailable:
        if not _make_room():
            raise
        with _store() as db:
            db.execute(statement, row)


# --- room -----------------------------------------------------------------------------------------------------------

_state = threading.Lock()
_begun = 0
_purged_at = -1
_destroyed: OrderedDict[bytes, float] = OrderedDict()
_REMEMBER_SECONDS = 3600.0
_REMEMBER_AT_MOST = 10_000


def _housekeeping() -> None:
    global _begun, _purged_at
    with _state:
        _begun += 1
        check = _begun % _CHECK_EVERY == 1
        idle = _purged_at != _minute()
        _purged_at = _minute()
    # Neither may keep anybody from beginning: the write itself will tell when the store is really gone.
    with suppress(Unavailable):
        if idle:
            purge()
        if check:
            most = int(getattr(settings, "LINDUNG_DRAFTS_MAX_ROWS", MAX_ROWS))
            surplus = count() - most
            if surplus >= 0:
                _evict(surplus + min(_CHECK_EVERY, max(1, most // 10)), _FILLED)


def _evict(number: int, highest_rank: int) -> int:
    with _store() as db:
        return db.execute(
            "DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE rank <= ? ORDER BY rank, touched LIMIT ?)",
            (highest_rank, number),
        ).rowcount


def _make_room() -> bool:
    """Throw out what idled, then empty walks, so that one with answers can still be written to a full disk."""
    try:
        return purge() + _evict(1000, _EMPTY) > 0
    except Unavailable:
        return False


def _mark_destroyed(row_id: bytes) -> None:
    now = time.monotonic()
    with _state:
        _destroyed[row_id] = now
        while _destroyed and (
            len(_destroyed) > _REMEMBER_AT_MOST or next(iter(_destroyed.values())) < now - _REMEMBER_SECONDS
        ):
            _destroyed.popitem(last=False)


def _was_destroyed(row_id: bytes) -> bool:
    with _state:
        return row_id in _destroyed


# --- the file -------------------------------------------------------------------------------------------------------

_local = threading.local()

# One thread at a time: SQLite lets waiting threads sleep and try again, and with dozens of them some never get in.
_turn = threading.Lock()
_BUSY_SECONDS = 10.0
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class _Busy(Unavailable):
    """Another process held the file for too long."""


@dataclass
class _Open:
    db: sqlite3.Connection
    path: str
    pid: int
    file: tuple[int, int]


@contextmanager
def _store() -> Iterator[sqlite3.Connection]:
    """Give this thread's connection for a moment; a failure of the file becomes Unavailable, without its message."""
    with _turn:
        try:
            yield _connection()
        except sqlite3.Error as error:
            _forget(damaged=_is_damaged(error))
            raise (_Busy if _code(error) in _BUSY else Unavailable) from None
        except OSError:
            raise Unavailable from None


def _connection() -> sqlite3.Connection:
    path = str(settings.LINDUNG_DRAFTS_PATH)
    opened: _Open | None = getattr(_local, "opened", None)
    if opened is not None:
        if opened.path == path and opened.pid == os.getpid() and opened.file == _file(path):
            return opened.db
        _forget()
    try:
        opened = _connect(path)
    except sqlite3.Error as error:
        if not _is_damaged(error):
            raise
        # A machine that went down in the middle of a write may leave a broken file. Drafts are worth less than service.
        _throw_away(path)
        opened = _connect(path)
    _local.opened = opened
    return opened.db


def _connect(path: str) -> _Open:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        for pragma in ("journal_mode=TRUNCATE", "synchronous=OFF", "secure_delete=ON", "temp_store=MEMORY"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        if db.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'draft%'").fetchone()[0] < 3:
            db.executescript("BEGIN IMMEDIATE;" + _SCHEMA + "COMMIT;")
        file = _file(path)
        if file is None:
            raise sqlite3.OperationalError("the file vanished")
        return _Open(db, path, os.getpid(), file)
    except BaseException:
        db.close()
        raise


def _file(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damaged(error: sqlite3.Error) -> bool:
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _forget(damaged: bool = False) -> None:
    opened: _Open | None = getattr(_local, "opened", None)
    _local.opened = None
    if opened is None:
        return
    if opened.pid == os.getpid():
        with suppress(sqlite3.Error):
            opened.db.close()
    if damaged:
        _throw_away(opened.path)


def _throw_away(path: str) -> None:
    _log.error("vault: the drafts file was damaged and is begun anew")
    for name in (path, path + "-journal"):
        Path(name).unlink(missing_ok=True)
