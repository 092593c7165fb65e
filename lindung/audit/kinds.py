"""The register of event kinds. A room declares its own; an undeclared kind cannot be recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_declared: dict[str, frozenset[str]] = {}


def declare(room: str, kinds: Iterable[str]) -> None:
    """Add kinds such as "report.received" under the name of the room. Declaring the same again is harmless.

    Raises ValueError for a malformed kind or for one that another room already declared.
    """
    wanted = frozenset(kinds)
    for kind in wanted:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"audit kind {kind!r}: expected lower-case words joined by dots")
        owner = owner_of(kind)
        if owner is not None and owner != room:
            raise ValueError(f"audit kind {kind!r} already belongs to {owner}")
    _declared[room] = _declared.get(room, frozenset()) | wanted


def owner_of(kind: str) -> str | None:
    """Return the room that declared a kind, or None."""
    return next((room for room, kinds in _declared.items() if kind in kinds), None)


def all_kinds() -> frozenset[str]:
    """Return every declared kind."""
    return frozenset().union(*_declared.values())
