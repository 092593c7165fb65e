"""Six-digit codes (TOTP, RFC 6238: SHA-1, 30 seconds) and recovery codes. Nothing here is of use without the pepper.

The seed is sealed under a key that the pepper gives, and the pepper is not on the data disk: a stolen database holds no
seed. It is deliberately not sealed under the member's own key: an administrator who resets a passphrase would then have
to switch the second factor off as well, and could sign in alone.
"""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

import pyotp
import segno
from django.conf import settings
from django.db.models import Q

from lindung.accounts.models import RecoveryCode, User
from lindung.core import clock
from lindung.vault import primitives
from lindung.vault.secrets import key_for

STEP_SECONDS = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1: read from paper without doubt
_CODE_CHARACTERS = 12  # 31 ** 12: 59 bits


def new_seed() -> str:
    """Return a fresh seed of 160 bits in base32."""
    return pyotp.random_base32(32)


def seal_seed(user_id: UUID, seed: str) -> bytes:
    """Seal a seed for keeping in the database."""
    return primitives.aead_seal(_seed_key(), seed.encode(), _aad(user_id))


def open_seed(user: User) -> str | None:
    """Return the seed of a person, None if there is none; raises SealBroken if it belongs to somebody else."""
    if not user.totp_sealed:
        return None
    return primitives.aead_open(_seed_key(), bytes(user.totp_sealed), _aad(user.pk)).decode()


def address(user: User, seed: str) -> str:
    """Return the otpauth address that an authenticator app reads."""
    return pyotp.TOTP(seed).provisioning_uri(name=user.username, issuer_name="Lindung")


def picture(uri: str) -> str:
    """Return the QR picture of an address as an SVG data URI; nothing is written or fetched."""
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def matching_step(seed: str, code: str) -> int | None:
    """Return the time step whose code this is, at most one step before or after now; None if there is none."""
    digits = "".join(code.split())
    present = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(seed)
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            found = step
    return found


def use_code(user: User, code: str) -> bool:
    """Accept a six-digit code once: a step at or before the last accepted one is refused, in one conditional update."""
    seed = open_seed(user)
    step = matching_step(seed, code) if seed else None
    if step is None:
        return False
    return User.objects.filter(pk=user.pk, totp_last_step__lt=step).update(totp_last_step=step) == 1


def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes of a person; return the ten new ones, which are shown once and kept only as hashes."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CODE_CHARACTERS)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hash=_hash(user.pk, code)) for code in codes)
    return ["-".join(code[i : i + 4] for i in range(0, _CODE_CHARACTERS, 4)) for code in codes]


def use_recovery_code(user: User, typed: str) -> bool:
    """Accept a recovery code once; spaces, hyphens and capitals do not matter."""
    code = "".join(c for c in typed.lower() if c.isalnum())
    if len(code) != _CODE_CHARACTERS:
        return False
    unused = RecoveryCode.objects.filter(Q(used_at=None), user=user, hash=_hash(user.pk, code))
    return unused.update(used_at=clock.now()) == 1


def codes_left(user: User) -> int:
    """Return how many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def may_be_off() -> bool:
    """The second factor may be off in a demonstration only."""
    return bool(settings.LINDUNG_DEMO)


def _hash(user_id: UUID, code: str) -> bytes:
    return primitives.token(key_for("accounts/recovery-code"), user_id.hex, code)


def _seed_key() -> bytes:
    return key_for("accounts/totp")


def _aad(user_id: UUID) -> bytes:
    return primitives.context("accounts/totp", user_id.bytes)
