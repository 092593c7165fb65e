"""From a passphrase to keys: one Argon2id derivation, then separate labels for checking and for wrapping.

The pepper enters before it, as for receipts: people choose guessable passphrases, and without the pepper, which is not
on the data disk, a stolen database offers nothing to try them against.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw
from django.conf import settings

from lindung.vault.primitives import hkdf
from lindung.vault.secrets import load_secrets

SALT_BYTES = 16


@dataclass(frozen=True)
class PassphraseKeys:
    """What one derivation gives. `verifier` may be stored for sign-in; `wrapping` never leaves the memory."""

    salt: bytes
    verifier: bytes = field(repr=False)
    wrapping: bytes = field(repr=False)


def new_salt() -> bytes:
    """Return 16 random bytes."""
    return os.urandom(SALT_BYTES)


def derive(passphrase: str, salt: bytes) -> PassphraseKeys:
    """Derive the verifier and the wrapping key, 32 bytes each. Slow on purpose: run it outside a transaction.

    The cost is settings.LINDUNG_ARGON_PASSPHRASE: (memory in KiB, passes, lanes); Argon2id, RFC 9106. The verifier
    tells nothing about the wrapping key, so a stolen verifier opens no record. Another pepper gives other keys.
    """
    memory, passes, lanes = settings.LINDUNG_ARGON_PASSPHRASE
    peppered = hmac.new(hkdf(load_secrets().pepper, "passphrase"), passphrase.encode("utf-8"), hashlib.sha256).digest()
    root = hash_secret_raw(
        peppered, bytes(salt), time_cost=passes, memory_cost=memory, parallelism=lanes,
        hash_len=32, type=Type.ID,
    )  # fmt: skip
    return PassphraseKeys(bytes(salt), hkdf(root, "verifier"), hkdf(root, "wrapping"))


def derive_new(passphrase: str) -> PassphraseKeys:
    """Derive keys for a new passphrase, under a salt of its own."""
    return derive(passphrase, new_salt())
