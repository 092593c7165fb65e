"""A security key made of software, and the browser before it: signs as the standard says, or wrongly where asked to.

Shapes: `key.make(options, origin)` and `key.sign(options, origin)` take the JSON of our pages and give the JSON that
the script puts into the form. `key.clone()` is a copy that counts on by itself.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn import base64url_to_bytes
from webauthn.helpers import bytes_to_base64url as b64
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftwareKey:
    """One credential on one device. `counts=False`: a device without a counter, which says 0 every time."""

    def __init__(self, *, counts: bool = True) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1()).private_numbers()
        self.id = os.urandom(32)
        self.counts = counts
        self.counter = 0
        self.flags = PRESENT

    def clone(self) -> SoftwareKey:
        """Return what a thief has who read the key's memory out."""
        return copy.copy(self)

    def make(self, options: str, origin: str, *, rp_id: str = "", challenge: bytes = b"") -> str:
        """Answer a wish to be set up."""
        wish = json.loads(options)
        held = [base64url_to_bytes(key["id"]) for key in wish["excludeCredentials"]]
        assert self.id not in held, "a browser says InvalidStateError here"
        numbers = self.private.public_numbers
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(rp_id or wish["rp"]["id"], ATTESTED)
        data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(public)
        client = self._client("webauthn.create", challenge or base64url_to_bytes(wish["challenge"]), origin)
        told = {
            "clientDataJSON": b64(client),
            "attestationObject": b64(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["usb", "nfc", "teleport"],
        }
        return self._answer(told)

    def sign(
        self, options: str, origin: str, *, rp_id: str = "", challenge: bytes = b"", kind: str = "webauthn.get"
    ) -> str:
        """Answer a wish to sign in."""
        wish = json.loads(options)
        data = self._data(rp_id or wish["rpId"])
        client = self._client(kind, challenge or base64url_to_bytes(wish["challenge"]), origin)
        private = self.private.private_key()
        signature = private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        told = {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        return self._answer(told)

    def _data(self, rp_id: str, more: int = 0) -> bytes:
        self.counter += self.counts
        flags = bytes([self.flags | more])
        return hashlib.sha256(rp_id.encode()).digest() + flags + self.counter.to_bytes(4, "big")

    @staticmethod
    def _client(kind: str, challenge: bytes, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": b64(challenge), "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, told: dict[str, Any]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": told})
