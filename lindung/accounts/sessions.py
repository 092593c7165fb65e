"""From a right passphrase to an open session, and what is kept on which side of the wire.

Between the two steps the member's private key lies in a PendingSignIn row, sealed under a key that only the
five-minute cookie "p" holds. Afterwards it lies in the session, sealed under a key that only the cookie "k" holds.
So neither the database nor a cookie alone opens anything.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse

from lindung.accounts.actors import Actor
from lindung.accounts.models import PendingSignIn, User
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import Locked, SealBroken
from lindung.vault import primitives
from lindung.vault.services import Keyring

KEY_COOKIE = "k"
PENDING_COOKIE = "p"
PENDING_SECONDS = 300
CODES_A_SIGN_IN = 5
CODES_AN_HOUR = 20
IDLE_MINUTES = int(getattr(settings, "LINDUNG_IDLE_MINUTES", 60))
SESSION_HOURS = int(getattr(settings, "LINDUNG_SESSION_HOURS", 12))
BACKEND = "lindung.accounts.backends.PassphraseBackend"


@dataclass
class Pending:
    """A sign-in that waits for its second factor. `key` is the one that the cookie holds."""

    row: PendingSignIn
    user: User
    keyring: Keyring
    key: bytes

    def __repr__(self) -> str:
        return f"<Pending {self.row.pk}>"


def start_pending(response: HttpResponse, user: User, keyring: Keyring, *, may_enrol: bool = False) -> PendingSignIn:
    """Remember for five minutes that the passphrase was right; the key goes into the cookie and nowhere else."""
    key = secrets.token_bytes(32)
    PendingSignIn.objects.filter(created_at__lt=clock.now() - timedelta(hours=1)).delete()
    row = PendingSignIn(user=user, may_enrol=may_enrol)
    row.wrapped = primitives.aead_seal(key, keyring.to_bytes(), _pending_aad(row.pk, user.pk))
    row.save(force_insert=True)
    _set_cookie(response, PENDING_COOKIE, f"{row.pk.hex}.{_b64(key)}", max_age=PENDING_SECONDS)
    return row


def pending_of(request: HttpRequest) -> Pending | None:
    """Return the sign-in that this browser began less than five minutes ago, or None."""
    row_hex, _, encoded = request.COOKIES.get(PENDING_COOKIE, "").partition(".")
    try:
        row_id, key = UUID(row_hex), _unb64(encoded)
    except ValueError:
        return None
    since = clock.now() - timedelta(seconds=PENDING_SECONDS)
    row = (
        PendingSignIn.objects.select_related("user")
        .filter(pk=row_id, done=False, attempts__lt=CODES_A_SIGN_IN, created_at__gt=since, user__is_active=True)
        .first()
    )
    if row is None:
        return None
    try:
        private = primitives.aead_open(key, bytes(row.wrapped), _pending_aad(row.pk, row.user_id))
    except SealBroken:
        return None
    return Pending(row, row.user, Keyring.from_bytes(row.user_id, private), key)


def too_many_codes(user: User) -> bool:
    """Tell whether a person used up the wrong codes of this hour.

    Only somebody who knows the passphrase gets so far, so this cannot be used to lock strangers out; without it whoever
    knows a passphrase could try codes until one fits.
    """
    hour = PendingSignIn.objects.filter(user=user, created_at__gt=clock.now() - timedelta(hours=1))
    return (hour.aggregate(n=Sum("attempts"))["n"] or 0) >= CODES_AN_HOUR


def claim_attempt(pending: Pending) -> bool:
    """Count one code before it is looked at. False: no more codes for this sign-in."""
    row = PendingSignIn.objects.filter(pk=pending.row.pk, done=False, attempts__lt=CODES_A_SIGN_IN)
    return row.update(attempts=F("attempts") + 1) == 1


def finish_pending(pending: Pending) -> bool:
    """Use a pending sign-in up, once: its wrapped key is wiped. False if somebody was faster."""
    row = PendingSignIn.objects.filter(pk=pending.row.pk, done=False)
    return row.update(done=True, attempts=0, wrapped=b"", seed_wrapped=None, challenge_wrapped=None) == 1


def challenge_of(pending: Pending) -> bytes:
    """Return what a security key has to sign now. A reload shows the same; once it was tried, there is a new one."""
    challenge, row = secrets.token_bytes(32), pending.row
    if not row.challenge_wrapped:
        wrapped = primitives.aead_seal(pending.key, challenge, _challenge_aad(row.pk))
        mine = PendingSignIn.objects.filter(pk=row.pk, done=False, challenge_wrapped=None)
        row.challenge_wrapped = wrapped
        if mine.update(challenge_wrapped=wrapped) != 1:  # another tab was faster
            row.refresh_from_db(fields=["challenge_wrapped"])
    if not row.challenge_wrapped:
        return challenge  # the sign-in is over: nothing fits this one
    return primitives.aead_open(pending.key, bytes(row.challenge_wrapped), _challenge_aad(row.pk))


def take_challenge(pending: Pending) -> bytes | None:
    """Use the challenge up, once, before the answer to it is looked at. None: there is none, or it was used."""
    wrapped = bytes(pending.row.challenge_wrapped or b"")
    row = PendingSignIn.objects.filter(pk=pending.row.pk, done=False, challenge_wrapped=wrapped)
    if not wrapped or row.update(challenge_wrapped=None) != 1:
        return None
    pending.row.challenge_wrapped = None
    return primitives.aead_open(pending.key, wrapped, _challenge_aad(pending.row.pk))


def open_session(request: HttpRequest, response: HttpResponse, user: User, keyring: Keyring, how: str) -> None:
    """Open a session after the last step, under a new session id. `how`: totp, key, recovery, enrolled or demo."""
    request.session.clear_expired()
    request.session.flush()
    auth.login(request, user, backend=BACKEND)
    minute = _minute()
    request.session.update({"how": how, "since": minute, "seen": minute})
    store_keyring(request, response, keyring)
    with transaction.atomic():
        audit.record("accounts.signed_in", actor=user.pk.hex, subject=user.pk.hex, data={"how": how})


def store_keyring(request: HttpRequest, response: HttpResponse, keyring: Keyring) -> None:
    """Seal a private key into the session under a fresh key that goes into the cookie."""
    assert isinstance(request.user, User)
    key = secrets.token_bytes(32)
    sealed = primitives.aead_seal(key, keyring.to_bytes(), _session_aad(request.user.pk))
    request.session["sealed_key"] = _b64(sealed)
    request._keyring = keyring  # type: ignore[attr-defined]
    _set_cookie(response, KEY_COOKIE, _b64(key))
    response.delete_cookie(PENDING_COOKIE, path="/", samesite="Strict")


def keyring_of(request: HttpRequest) -> Keyring | None:
    """Return the open keyring of the signed-in person, or None when the session holds no key for this browser."""
    cached: Keyring | None = getattr(request, "_keyring", None)
    if cached is not None:
        return cached
    if not isinstance(request.user, User):
        return None
    try:
        key = _unb64(request.COOKIES.get(KEY_COOKIE, ""))
        sealed = base64.urlsafe_b64decode(request.session.get("sealed_key", ""))
        private = primitives.aead_open(key, sealed, _session_aad(request.user.pk))
    except (ValueError, SealBroken):
        return None
    keyring = Keyring.from_bytes(request.user.pk, private)
    request._keyring = keyring  # type: ignore[attr-defined]
    return keyring


def seal_for_browser(request: HttpRequest, purpose: str, data: bytes) -> str:
    """Seal something that only this session in this browser may open again; for a hidden field or the session.

    The key comes from the cookie "k", so the database alone gives nothing, and after signing out nothing opens it.
    Raises Locked without that cookie.
    """
    return _b64(primitives.aead_seal(_browser_key(request, purpose), data, _browser_aad(request, purpose)))


def unseal_for_browser(request: HttpRequest, purpose: str, text: str) -> bytes | None:
    """Open what `seal_for_browser` gave; None for anything else. Raises Locked without the cookie."""
    key = _browser_key(request, purpose)
    try:
        return primitives.aead_open(key, base64.urlsafe_b64decode(text), _browser_aad(request, purpose))
    except (ValueError, SealBroken):
        return None


def _browser_key(request: HttpRequest, purpose: str) -> bytes:
    try:
        return primitives.hkdf(_unb64(request.COOKIES.get(KEY_COOKIE, "")), f"session/{purpose}")
    except ValueError:
        raise Locked from None


def _browser_aad(request: HttpRequest, purpose: str) -> bytes:
    assert isinstance(request.user, User)
    return primitives.context("accounts/browser", purpose, request.user.pk.bytes)


def is_open(request: HttpRequest) -> bool:
    """Tell whether this request comes from an open session, and note that it was seen (once a minute at most).

    Open means: signed in with every step that is due today, not idle for too long, not older than a working day,
    and the key opens.
    """
    if not isinstance(request.user, User):
        return False
    session, minute = request.session, _minute()
    if session.get("how") == "demo" and not settings.LINDUNG_DEMO:
        return False
    since, seen = session.get("since"), session.get("seen")
    if not isinstance(since, int) or not isinstance(seen, int):
        return False
    if minute - seen >= IDLE_MINUTES or minute - since >= SESSION_HOURS * 60 or keyring_of(request) is None:
        return False
    if minute != seen:
        session["seen"] = minute
    return True


def lock(request: HttpRequest, response: HttpResponse | None = None) -> None:
    """Close the session: its row goes, with the sealed key, and the cookies when a response is at hand."""
    user = request.user
    auth.logout(request)
    request._keyring = None  # type: ignore[attr-defined]
    if response is not None:
        for name in (KEY_COOKIE, PENDING_COOKIE):
            response.delete_cookie(name, path="/", samesite="Strict")
    if isinstance(user, User):
        with transaction.atomic():
            audit.record("accounts.signed_out", actor=user.pk.hex, subject=user.pk.hex)


def record_refused_code(user: User) -> None:
    """Write down that a code was wrong although the passphrase was right: a sign that a passphrase is known."""
    with transaction.atomic():
        audit.record("accounts.code_refused", actor=user.pk.hex, subject=user.pk.hex)


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor that `staff_required` put on the request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _set_cookie(response: HttpResponse, name: str, value: str, max_age: int | None = None) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/", httponly=True, samesite="Strict", secure=settings.LINDUNG_HTTPS
    )


def _minute() -> int:
    return int(clock.now().timestamp()) // 60


def _pending_aad(row_id: UUID, user_id: UUID) -> bytes:
    return primitives.context("accounts/pending", row_id.bytes, user_id.bytes)


def _challenge_aad(row_id: UUID) -> bytes:
    return primitives.context("accounts/challenge", row_id.bytes)


def _session_aad(user_id: UUID) -> bytes:
    return primitives.context("accounts/session", user_id.bytes)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _unb64(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError("expected 32 bytes")
    return key
