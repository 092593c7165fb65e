"""The recovery key of an organisation: printed once, kept offline, the way back when the last member is gone."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.vault.errors import BadRecoveryKey
from lindung.vault.models import RecoveryKey
from lindung.vault.primitives import context, generate_keypair

# Crockford's base 32: without I, L, O and U, so that it can be typed from paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CHECKSUM_BYTES = 3
_CHARACTERS = 56


def create_recovery_key(*, organisation: UUID) -> str:
    """Make a recovery key and return its private half for printing: 14 groups of 4 letters and digits.

    It is shown this once and stored nowhere. An earlier key becomes inactive but still opens what was sealed to it
    until the team keys are rotated or `grant_recovery_key` is called for each team.
    """
    private, public = generate_keypair()
    with transaction.atomic():
        RecoveryKey.objects.filter(organisation=organisation, active=True).update(active=False)
        RecoveryKey.objects.create(organisation=organisation, public=public)
    return write_secret(private)


def active_recovery_key(organisation: UUID) -> RecoveryKey | None:
    """Return the organisation's recovery key (its public half), or None."""
    return RecoveryKey.objects.filter(organisation=organisation, active=True).first()


def write_secret(private: bytes) -> str:
    """Write 32 bytes and a checksum of 3 as 56 characters in groups of four."""
    number = int.from_bytes(private + _checksum(private), "big")
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_CHARACTERS - 1), -1, -5))
    return " ".join(text[i : i + 4] for i in range(0, _CHARACTERS, 4))


def read_secret(text: str) -> bytes:
    """Read a typed recovery key; case, blanks and dashes do not matter, O reads as 0, I and L as 1.

    Raises BadRecoveryKey when it is not whole or the checksum is wrong.
    """
    letters = "".join(c for c in text.upper() if c.isalnum()).translate(_READ_AS)
    if len(letters) != _CHARACTERS or any(c not in _ALPHABET for c in letters):
        raise BadRecoveryKey(_("Kunci pemulihan terdiri dari 14 kelompok, masing-masing 4 huruf atau angka."))
    number = 0
    for letter in letters:
        number = number << 5 | _ALPHABET.index(letter)
    data = number.to_bytes(35, "big")
    private, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if checksum != _checksum(private):
        raise BadRecoveryKey(_("Kunci pemulihan salah ketik: bandingkan lagi setiap kelompok."))
    return private


def _checksum(private: bytes) -> bytes:
    return hashlib.sha256(context("recovery checksum", private)).digest()[:_CHECKSUM_BYTES]
