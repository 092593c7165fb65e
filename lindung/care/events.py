"""What this room writes into the audit trail: ids, codes and times. A diary leaves no trace (ADR 0018)."""

from __future__ import annotations

KINDS = frozenset(
    {
        "care.visit_planned",
        "care.visit_out",
        "care.visit_seen",
        "care.visit_back",
        "care.visit_called_off",
        "care.visit_opened",
        "care.threat_told",
        "care.threat_opened",
        "care.threat_continued",
        "care.threat_closed",
        "care.talk_planned",
        "care.talk_held",
        "care.talk_called_off",
        # what the clock does (actor is "system")
        "care.alarmed",
    }
)
