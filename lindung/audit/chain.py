"""How one event is hashed to the one before it. Pure: the auditor's machine needs no Django for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Checkpoint:
    """The head of the chain at one moment. It leaves the server; later logs are held against it.

    `seq` is the last event's number (0 for an empty log), `hash` its hash in hex, `count` the number of events,
    `at` the moment it was taken, ISO 8601 in UTC.
    """

    seq: int
    hash: str
    count: int
    at: str

    def to_json(self) -> str:
        """Write it as one line."""
        return json.dumps({"checkpoint": self.__dict__}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Checkpoint:
        """Read the line that `to_json` wrote. Raises ValueError when it is no checkpoint."""
        try:
            fields = json.loads(line)["checkpoint"]
            point = cls(int(fields["seq"]), str(fields["hash"]), int(fields["count"]), str(fields["at"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("expected a line with {checkpoint: {seq, hash, count, at}}") from error
        if point.seq < 0 or len(point.hash) != 64:
            raise ValueError("expected a sequence number and a hash of 64 hexadecimal digits")
        return point


def moment(at: datetime) -> str:
    """Write an aware moment as it is hashed: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(data: Mapping[str, Any]) -> str:
    """Write a mapping so that equal mappings give equal text."""
    return json.dumps(dict(data), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(*, seq: int, at: str, actor: str, kind: str, subject: str, data: str, prev: str) -> str:
    """Return the event's hash: SHA-256 in hex over a JSON array of all its parts and the hash before it.

    A JSON array keeps the borders between the parts, so that no two events read as the same bytes.
    """
    parts = json.dumps(["lindung/audit/1", seq, at, actor, kind, subject, data, prev], ensure_ascii=True)
    return hashlib.sha256(parts.encode("ascii")).hexdigest()
