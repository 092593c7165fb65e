"""The kinds of audit events that this room writes."""

from __future__ import annotations

from lindung.audit import kinds

KINDS = frozenset(
    {
        "accounts.organisation_created",
        "accounts.recovery_key_created",
        "accounts.team_created",
        "accounts.user_added",
        "accounts.roles_set",
        "accounts.user_deactivated",
        "accounts.passphrase_reset",
        "accounts.passphrase_changed",
        "accounts.passphrase_chosen",
        "accounts.language_changed",
        "accounts.grant_requested",
        "accounts.grant_given",
        "accounts.grant_refused",
        "accounts.grant_mismatch",
        "accounts.team_recovered",
        "accounts.rotation_finished",
        "accounts.factor_enrolled",
        "accounts.factor_removed",
        "accounts.recovery_codes_made",
        "accounts.security_key_added",
        "accounts.security_key_removed",
        "accounts.security_key_refused",
        "accounts.security_key_distrusted",
        "accounts.signed_in",
        "accounts.code_refused",
        "accounts.signed_out",
    }
)


def declare() -> None:
    """Make the kinds known to the audit."""
    kinds.declare("accounts", KINDS)
