"""What this room writes into the audit trail: ids and codes only, never a secret and never what was sent."""

from __future__ import annotations

KINDS = frozenset(
    {
        "partners.token_created",
        "partners.token_revoked",
        "partners.report_submitted",  # beside report.received: which token it came through
    }
)
