"""A bundle that only the printed recovery key opens: the secrets that travel apart from a backup."""

from __future__ import annotations

from uuid import UUID

from lindung.core.errors import NotAllowed
from lindung.vault.primitives import aead_open, aead_seal, box_open, box_seal, context, public_of, random_key
from lindung.vault.recovery import active_recovery_key, read_secret

_SEALED_KEY_BYTES = 80


def seal_to_recovery(organisation_id: UUID, data: bytes) -> bytes:
    """Seal bytes to an organisation's recovery key. Raises NotAllowed when it has none."""
    recovery = active_recovery_key(organisation_id)
    if recovery is None:
        raise NotAllowed
    key = random_key()
    return box_seal(bytes(recovery.public), key) + aead_seal(key, data, context("recovery bundle"))


def open_with_recovery(recovery_secret: str, sealed: bytes) -> bytes:
    """Open what `seal_to_recovery` sealed. Needs no database. Raises BadRecoveryKey or SealBroken."""
    private = read_secret(recovery_secret)
    key = box_open(private, sealed[:_SEALED_KEY_BYTES], public_of(private))
    return aead_open(key, sealed[_SEALED_KEY_BYTES:], context("recovery bundle"))
