"""The receipt: 20 digits that a child can copy by hand. It finds the report and opens it; nothing else does."""

from __future__ import annotations

import hashlib
import hmac
import secrets as _random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lindung.vault.errors import BadReceipt
from lindung.vault.primitives import hkdf
from lindung.vault.secrets import load_secrets

DIGITS = 20
_RANDOM_DIGITS = 18
_LOOK_ALIKE = {"O": "0", "o": "0", "l": "1", "I": "1"}
_SEPARATORS = frozenset(".,·/_:;#*|")


@dataclass(frozen=True)
class ReceiptKeys:
    """What one derivation gives: `tag` (32 bytes) finds the record, `key` (32 bytes) opens it."""

    tag: bytes = field(repr=False)
    key: bytes = field(repr=False)


def generate() -> str:
    """Return a new receipt: 18 random digits (59.8 bits) and two check digits (ISO/IEC 7064 MOD 97-10)."""
    body = f"{_random.randbelow(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}d}"
    return body + _check_digits(body)


def from_seed(seed: bytes) -> str:
    """Return the receipt that belongs to a secret seed of 32 bytes or more: always the same for the same seed.

    For requests that are repeated by a machine (see `responses`). As hard to guess as the seed, at most 59.8 bits.
    """
    if len(seed) < 32:
        raise ValueError("receipts: expected a seed of at least 32 bytes")
    body = f"{int.from_bytes(seed, 'big') % 10**_RANDOM_DIGITS:0{_RANDOM_DIGITS}d}"
    return body + _check_digits(body)


def check(text: str) -> str:
    """Return the 20 digits of what somebody typed.

    Accepts spaces, dashes, dots, digits of any script, the letter O for 0, and l or I for 1. Raises BadReceipt when the
    length or the check digits are wrong: every single wrong digit and every swap of neighbours is found, not located.
    """
    digits = []
    for character in text:
        digit = _digit(character)
        if digit is None:
            raise BadReceipt(_("Kode ini hanya berisi angka. Periksa lagi, ada huruf atau tanda yang terselip."))
        digits.append(digit)
    code = "".join(digits)
    if len(code) != DIGITS:
        raise BadReceipt(_("Kode ini harus 20 angka. Hitung lagi: lima kelompok, masing-masing empat angka."))
    if int(code) % 97 != 1:
        raise BadReceipt(_("Ada angka yang salah atau tertukar. Bandingkan pelan-pelan dengan catatanmu."))
    return code


def grouped(code: str) -> str:
    """Write a receipt in five groups of four, as on a prepaid electricity token."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def compare(code: str, groups: Sequence[str]) -> list[bool]:
    """Tell of each group of four that somebody read back whether it is the one of this receipt; spaces are free."""
    wanted = grouped(code).split(" ")
    heard = ["".join("?" if (digit := _digit(c)) is None else digit for c in group) for group in groups]
    heard += [""] * (len(wanted) - len(heard))
    return [hmac.compare_digest(a, b) for a, b in zip(wanted, heard, strict=False)]


def derive(code: str) -> ReceiptKeys:
    """Derive tag and key from a checked receipt: one Argon2id with the pepper, then two labels.

    The cost is settings.LINDUNG_ARGON_RECEIPT: (memory in KiB, passes, lanes). The pepper enters as HMAC key over the
    digits and makes the salt, so that a stolen database cannot be tried against without it. Ask `gate.turn` before, and
    run it outside a transaction.
    """
    pepper = load_secrets().pepper
    memory, passes, lanes = settings.LINDUNG_ARGON_RECEIPT
    root = hash_secret_raw(
        hmac.new(pepper, code.encode("ascii"), hashlib.sha256).digest(),
        hkdf(pepper, "receipt/salt"),
        time_cost=passes, memory_cost=memory, parallelism=lanes, hash_len=32, type=Type.ID,
    )  # fmt: skip
    return ReceiptKeys(tag=hkdf(root, "receipt/tag"), key=hkdf(root, "receipt/key"))


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def _digit(character: str) -> str | None:
    if character in _LOOK_ALIKE:
        return _LOOK_ALIKE[character]
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    # Blanks, dashes and invisible marks of every script only separate.
    ignored = character in _SEPARATORS or unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"}
    return "" if ignored or character == "−" else None
