"""What this room writes into the audit trail: ids, codes and numbers only."""

from __future__ import annotations

KINDS = frozenset(
    {
        "directory.added",
        "directory.changed",
        "directory.service_saved",
        "directory.service_removed",
        "directory.verified",
        "directory.ended",
        "directory.team_linked",
        "directory.imported",
        "directory.exported",
    }
)
