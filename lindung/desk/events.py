"""What this room writes into the audit trail: ids and codes only.

Nothing about breaks and counts is ever written there: see docs/decisions on private counts.
"""

from __future__ import annotations

KINDS = frozenset(
    {
        "desk.answer_proposed",
        "desk.answer_approved",
        "desk.answer_rejected",
        "desk.answer_retired",
        "desk.answer_restored",
    }
)
