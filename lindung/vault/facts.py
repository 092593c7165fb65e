"""Coded facts as keyed tokens: equal values compare and group in SQL, their meaning needs the statistics key.

Stated limit: whoever has the database and outside knowledge of frequencies can guess which token is which.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from lindung.vault.primitives import token
from lindung.vault.secrets import load_secrets


def fact_token(field: str, value: str) -> bytes:
    """Return the 32-byte token of a coded value; the same value under another field gives another token."""
    return token(load_secrets().statistics_key, f"fact/{field}", value)


def meaning(field: str, token: bytes, vocabulary: Iterable[str]) -> str | None:
    """Return which value of the vocabulary a token stands for, or None."""
    wanted = bytes(token)
    return next((v for v in vocabulary if hmac.compare_digest(fact_token(field, v), wanted)), None)


def meanings(field: str, vocabulary: Iterable[str]) -> Mapping[bytes, str]:
    """Return the whole vocabulary by token, for reading many rows; reckoned once for each key and vocabulary."""
    return _meanings(load_secrets().statistics_key, field, tuple(vocabulary))


@lru_cache(maxsize=256)
def _meanings(key: bytes, field: str, vocabulary: tuple[str, ...]) -> Mapping[bytes, str]:
    return MappingProxyType({token(key, f"fact/{field}", value): value for value in vocabulary})
