"""Signing in with a passphrase. One derivation checks it and unwraps the key; strangers cost and get the same."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from lindung.accounts.models import User
from lindung.vault import gate, passphrases
from lindung.vault import services as vault
from lindung.vault.passphrases import PassphraseKeys
from lindung.vault.services import Keyring, WrongPassphrase

MAX_CHARACTERS = 256


def normal_username(username: str) -> str:
    """Sign-in names are compared without capitals and outer spaces."""
    return username.strip().lower()


def derive(passphrase: str, salt: bytes, source: str) -> PassphraseKeys:
    """Derive verifier and wrapping key in a turn of the gate; `source` is used in memory only, to take fair turns."""
    with gate.turn("signin", source):
        return passphrases.derive(passphrase, salt)


def derive_new(passphrase: str, source: str) -> PassphraseKeys:
    """Derive keys for a new passphrase under a salt of its own."""
    return derive(passphrase, passphrases.new_salt(), source)


def matches(user: User, keys: PassphraseKeys) -> bool:
    """Tell, in constant time, whether derived keys belong to the passphrase of this person."""
    return hmac.compare_digest(bytes.fromhex(user.password), keys.verifier)


def check(username: str, passphrase: str, source: str) -> tuple[User, Keyring] | None:
    """Return the person and their open keyring, or None. Unknown, former and mistaken people cannot be told apart."""
    if len(passphrase) > MAX_CHARACTERS:
        return None
    user = User.objects.filter(username=normal_username(username)).first()
    salt = bytes(user.salt) if user is not None else passphrases.new_salt()
    keys = derive(passphrase, salt, source)
    if user is None or not matches(user, keys) or not user.is_active:
        return None
    try:
        return user, vault.unlock_with(holder=user.pk, keys=keys)
    except WrongPassphrase:
        return None


class PassphraseBackend(BaseBackend):
    """Django's door to `check`. The keyring rides on the user object in memory (`unlocked`)."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, passphrase: str | None = None, **other: Any
    ) -> User | None:
        if username is None or passphrase is None:
            return None
        found = check(username, passphrase, source_of(request))
        if found is None:
            return None
        user, keyring = found
        user.unlocked = keyring  # type: ignore[attr-defined]
        return user

    def get_user(self, user_id: UUID) -> User | None:
        """Return the person of a session; a leaver's session ends with the next request."""
        return User.objects.select_related("organisation").filter(pk=user_id, is_active=True).first()


def source_of(request: HttpRequest | None) -> str:
    """Return what tells visitors apart while they wait for a turn. Held in memory only, never written."""
    if request is None:
        return "local"
    if settings.LINDUNG_TRUSTED_PROXY and request.META.get("HTTP_X_REAL_IP"):
        return str(request.META["HTTP_X_REAL_IP"])
    return str(request.META.get("REMOTE_ADDR") or "local")
