"""What this room writes into the audit trail: ids, codes and numbers only."""

from __future__ import annotations

KINDS = frozenset(
    {
        "breach.opened",
        "breach.changed",
        "breach.read",
        "breach.reports_added",
        "breach.report_removed",
        "breach.decided",
        "breach.authority_told",
        "breach.closure_proposed",
        "breach.closure_rejected",
        "breach.closed",
        "breach.reminded",
    }
)
