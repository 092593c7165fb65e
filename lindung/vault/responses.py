"""Requests that a machine may send twice: everything that makes the second one harmless comes from its own key.

The caller names each request with a key of its choice (the header Idempotency-Key). Together with the caller's secret
and the pepper it gives one root, and the root gives all the rest: a tag that finds the request again, a tag of what it
said, the key that its stored answer is sealed under, the receipt, the reference. Nothing of this can be computed from
the database: not even with the pepper, and not by trying likely keys, because the caller's secret is not there either.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from dataclasses import dataclass, field

from lindung.vault import receipts
from lindung.vault.primitives import aead_open, aead_seal, context, hkdf, token
from lindung.vault.secrets import key_for

_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_HALF = 5
"""Bytes of each half of a practice reference: eight characters."""


@dataclass(frozen=True)
class RequestKeys:
    """What one named request of one caller gives. `tag` (32 bytes) and `reference` may be stored, nothing else."""

    tag: bytes = field(repr=False)
    walk: bytes = field(repr=False)
    receipt: str = field(repr=False)
    reference: str
    practice: str
    body_key: bytes = field(repr=False)
    response_key: bytes = field(repr=False)


def keys_of(*, caller: bytes, secret: bytes, name: str) -> RequestKeys:
    """Derive the keys of a request. `caller`: the id of who sends; `secret`: 32 random bytes that only they have.

    The same three give the same keys for as long as the pepper stays. Costs some hashes, no slow derivation.
    """
    root = _root(caller, secret, "request", name.encode())
    practice = hkdf(root, "request/practice", _HALF)
    return RequestKeys(
        tag=hkdf(root, "request/tag"),
        walk=hkdf(root, "request/walk"),
        receipt=receipts.from_seed(hkdf(root, "request/receipt")),
        reference="R" + _letters(hkdf(root, "request/reference", 2 * _HALF)),
        practice="S" + _letters(practice + _mark(caller, secret, practice)),
        body_key=hkdf(root, "request/body"),
        response_key=hkdf(root, "request/response"),
    )


def body_tag(keys: RequestKeys, body: bytes) -> bytes:
    """Return 32 bytes that are equal for equal bodies of this request and tell nothing about them."""
    return token(keys.body_key, "body", body)


def seal_response(keys: RequestKeys, data: bytes) -> bytes:
    """Seal the answer to a request so that only whoever sends the request again can have it opened."""
    return aead_seal(keys.response_key, data, context("response", keys.tag))


def open_response(keys: RequestKeys, sealed: bytes) -> bytes:
    """Open what `seal_response` gave. Raises SealBroken."""
    return aead_open(keys.response_key, sealed, context("response", keys.tag))


def is_practice(*, caller: bytes, secret: bytes, reference: str) -> bool:
    """Tell whether this caller was given a practice reference, although none is stored: its second half is a mark."""
    if len(reference) != 17 or not reference.isascii():
        return False
    first = _bytes(reference[1:9])
    if first is None:
        return False
    wanted = "S" + _letters(first + _mark(caller, secret, first))
    return hmac.compare_digest(wanted.encode(), reference.encode())


def _root(caller: bytes, secret: bytes, what: str, value: bytes) -> bytes:
    return token(key_for("requests"), what, context(caller, secret, value))


def _mark(caller: bytes, secret: bytes, half: bytes) -> bytes:
    return _root(caller, secret, "practice", half)[:_HALF]


def _letters(data: bytes) -> str:
    """Write bytes (a multiple of five) in Crockford's 32 characters: no I, L, O or U to be misread."""
    return b32encode(data).translate(_CROCKFORD).decode("ascii")


def _bytes(text: str) -> bytes | None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    if not set(text) <= set(alphabet):
        return None
    number = 0
    for character in text:
        number = number * 32 + alphabet.index(character)
    return number.to_bytes(len(text) * 5 // 8, "big")
