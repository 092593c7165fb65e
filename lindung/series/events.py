"""What this room writes into the audit trail: ids and codes alone, never an identifier and never how many there are."""

from __future__ import annotations

KINDS = frozenset(
    {
        "series.joined",
        "series.left",
        "series.returned",
        "series.merged",
        "series.unmerged",
        # what the clock and other deeds do (actor is "system")
        "series.carried",
    }
)
