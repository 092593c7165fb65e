"""Identifiers that tell nothing: random, never sequential, never made from a time."""

from __future__ import annotations

import uuid


def new_id() -> uuid.UUID:
    """Return a random (version 4) UUID. Versions 1 and 7 would carry the second of a visit."""
    return uuid.uuid4()
