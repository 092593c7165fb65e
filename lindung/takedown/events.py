"""What this room writes into the audit trail: ids, codes and numbers, never an address."""

from __future__ import annotations

KINDS = frozenset(
    {
        "takedown.added",
        "takedown.opened",
        "takedown.answered",
        "takedown.checked",
        "takedown.ended",
        "takedown.renewed",
        "takedown.notice_made",
        "takedown.notice_opened",
        "takedown.notice_exported",
        "takedown.notice_discarded",
        "takedown.notice_sent",
        "takedown.statistics_exported",
        "takedown.contact_saved",
        "takedown.contact_verified",
        # what the clock does (actor is "system")
        "takedown.reminded",
    }
)
