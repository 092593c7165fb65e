"""What this room writes into the audit trail: ids, codes and numbers only."""

from __future__ import annotations

KINDS = frozenset({"statistics.exported", "statistics.monthly_made", "statistics.monthly_exported"})
