"""What this room writes into the audit trail: ids, codes and numbers, never words."""

from __future__ import annotations

KINDS = frozenset(
    {
        # the sender
        "referral.drafted",
        "referral.discarded",
        "referral.amended",
        "referral.sent",
        "referral.opened",
        "referral.revoked",
        "referral.printed",
        # either side
        "referral.voice_accepted",
        "referral.said",
        # the receiver, or the sender for a body without an account
        "referral.received_opened",
        "referral.accepted",
        "referral.declined",
        "referral.delivered",
        "referral.completed",
        # what the clock and other rooms do (actor is "system" for the clock)
        "referral.reminded",
        "referral.supervisor_told",
        "referral.second_offered",
        "referral.lapsed",
        "referral.unshared",
        "referral.erased",
    }
)

TAKES_KEYS_AWAY = frozenset(
    {
        "referral.discarded",
        "referral.declined",
        "referral.revoked",
        "referral.lapsed",
        "referral.unshared",
        "referral.erased",
        # a case that changes hands takes what was handed over along
        "case.move_accepted",
        "case.move_declined",
        "case.move_taken_back",
        "case.move_fell",
    }
)
"""After these PostgreSQL drops the bytes of wrapped keys."""
