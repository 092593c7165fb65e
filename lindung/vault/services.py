"""The door of the vault: everything that other rooms call. All arguments are keywords; no function has an actor.

The caller decides by its own rules who may do a thing and records the audit event in the same transaction.
"""

from lindung.vault.cleaning import after_shred
from lindung.vault.errors import BadReceipt, BadRecoveryKey, ForgedGrant, SecretMissing, WrongPassphrase
from lindung.vault.keyring import REPORTER, STAFF, Keyring, RecordKeys, fingerprint
from lindung.vault.memberkeys import (
    create_member_key,
    has_team_key,
    holds_team_key,
    member_key,
    reset_member_key,
    revoke_grants,
    revoke_member,
    rewrap_member_key,
    unlock,
    unlock_with,
)
from lindung.vault.offers import is_offered, offer, take_back, take_over
from lindung.vault.records import (
    drop,
    fields,
    get,
    get_many,
    hold,
    is_held,
    new_record,
    open_many_with_team,
    open_with_receipt,
    open_with_team,
    put,
    put_first,
    release,
    transfer,
)
from lindung.vault.recovery import active_recovery_key, create_recovery_key
from lindung.vault.sharing import share, unshare
from lindung.vault.shredding import read_tombstones, replay_tombstones, shred, sync_tombstones
from lindung.vault.teamkeys import (
    destroy_old_keys,
    ensure_team_key,
    grant_recovery_key,
    grant_team_key,
    recover_team,
    rewrap_batch,
    rotate_team_key,
    teams_due_for_rotation,
)

__all__ = [
    "REPORTER",
    "STAFF",
    "BadReceipt",
    "BadRecoveryKey",
    "ForgedGrant",
    "Keyring",
    "RecordKeys",
    "SecretMissing",
    "WrongPassphrase",
    "active_recovery_key",
    "after_shred",
    "create_member_key",
    "create_recovery_key",
    "destroy_old_keys",
    "drop",
    "ensure_team_key",
    "fields",
    "fingerprint",
    "get",
    "get_many",
    "grant_recovery_key",
    "grant_team_key",
    "has_team_key",
    "hold",
    "holds_team_key",
    "is_held",
    "is_offered",
    "member_key",
    "new_record",
    "offer",
    "open_many_with_team",
    "open_with_receipt",
    "open_with_team",
    "put",
    "put_first",
    "read_tombstones",
    "recover_team",
    "release",
    "replay_tombstones",
    "reset_member_key",
    "revoke_grants",
    "revoke_member",
    "rewrap_batch",
    "rewrap_member_key",
    "rotate_team_key",
    "share",
    "shred",
    "sync_tombstones",
    "take_back",
    "take_over",
    "teams_due_for_rotation",
    "transfer",
    "unlock",
    "unlock_with",
    "unshare",
]
