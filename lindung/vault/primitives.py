"""The few building blocks: sealed boxes, authenticated encryption with padding, derivation, tokens.

Sources: X25519 sealed boxes and XChaCha20-Poly1305 of libsodium; HKDF-SHA256, RFC 5869; padding of ISO/IEC 7816-4.
All keys are 32 bytes. Every failure to open is `SealBroken` and says nothing about the bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import bindings
from nacl.exceptions import CryptoError

from lindung.core.errors import SealBroken

KEY_BYTES = 32
_NONCE_BYTES = 24
_CLASSES = (256, 1024, 4096, 16384, 65536)
_LARGEST_CLASS = _CLASSES[-1]


def random_key() -> bytes:
    """Return 32 bytes from the operating system."""
    return os.urandom(KEY_BYTES)


def generate_keypair() -> tuple[bytes, bytes]:
    """Return (private, public), an X25519 pair of 32 bytes each."""
    private = random_key()
    return private, public_of(private)


def public_of(private: bytes) -> bytes:
    """Return the public half that belongs to a private one."""
    return bindings.crypto_scalarmult_base(private)


def box_seal(public: bytes, data: bytes) -> bytes:
    """Seal bytes so that only the holder of the private half can open them; 48 bytes longer than the data."""
    return bindings.crypto_box_seal(data, public)


def box_open(private: bytes, data: bytes, public: bytes | None = None) -> bytes:
    """Open a sealed box. Pass the public half where it is known: deriving it costs as much as the opening."""
    try:
        return bindings.crypto_box_seal_open(data, public or public_of(private), private)
    except (CryptoError, TypeError, ValueError):
        raise SealBroken from None


def pad(data: bytes) -> bytes:
    """Fill up to a size class (256 B, 1, 4, 16, 64 KiB, then multiples of 64 KiB), so that lengths tell little."""
    needed = len(data) + 1
    size = next((c for c in _CLASSES if needed <= c), -(-needed // _LARGEST_CLASS) * _LARGEST_CLASS)
    return data + b"\x80" + bytes(size - needed)


def unpad(padded: bytes) -> bytes:
    """Take the padding off again. Raises SealBroken when there is none."""
    data = padded.rstrip(b"\x00")
    if not data.endswith(b"\x80"):
        raise SealBroken
    return data[:-1]


def aead_seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt padded bytes with XChaCha20-Poly1305; the random nonce of 24 bytes stands in front.

    `aad` is what the ciphertext belongs to (see `context`); it is checked on opening and not stored.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plaintext), aad, nonce, key)


def aead_open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Decrypt what `aead_seal` gave. Raises SealBroken for a wrong key, another place, or any changed byte."""
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[_NONCE_BYTES:], aad, sealed[:_NONCE_BYTES], key
        )
    except (CryptoError, TypeError, ValueError):
        raise SealBroken from None
    return unpad(padded)


def context(*parts: str | bytes | int) -> bytes:
    """Join parts so that no two different lists give the same bytes (each part behind its length)."""
    encoded = [p if isinstance(p, bytes) else str(p).encode() for p in ("lindung/1", *parts)]
    return b"".join(len(p).to_bytes(4, "big") + p for p in encoded)


def hkdf_sha256(ikm: bytes, salt: bytes | None, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 as RFC 5869 gives it."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(ikm)


def hkdf(ikm: bytes, label: str, length: int = KEY_BYTES) -> bytes:
    """Derive a key of its own for each purpose: two labels give keys that tell nothing about each other."""
    return hkdf_sha256(ikm, None, b"lindung/1/" + label.encode(), length)


def token(key: bytes, domain: str, value: str | bytes) -> bytes:
    """Return 32 bytes (HMAC-SHA256) that are equal for equal values and mean nothing without the key."""
    return hmac.new(key, context(domain, value), hashlib.sha256).digest()
