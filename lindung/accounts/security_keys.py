"""Security keys (WebAuthn): what a browser is asked, and whether its answer proves the key.

A key answers only to the address where it was set up, so a copied sign-in page gets nothing from it. It is a second
factor and never the only one: the passphrase opens the member's private key, and no key could do that.

Browsers allow it on a named host over TLS, and on localhost; never on a bare address such as 127.0.0.1.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass

import webauthn
from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from webauthn.helpers import structs
from webauthn.registration.verify_registration_response import VerifiedRegistration

from lindung.accounts.models import SecurityKey, User
from lindung.vault import primitives
from lindung.vault.secrets import key_for

NAME = "Lindung"
MOST = 10
"""Keys that one person may have: a limit against a mistake, not a rule."""
WAIT_MILLISECONDS = 120_000
ANSWER_CHARACTERS = 16_000
LABEL_CHARACTERS = 40


@dataclass(frozen=True)
class Place:
    """The address that a key answers to: the host name, and the origins that a page of it may have."""

    rp_id: str
    origins: tuple[str, ...]


def place_of(request: HttpRequest) -> Place | None:
    """Return where this page is, as a key sees it; None where no browser offers security keys.

    The host is one of settings.ALLOWED_HOSTS, or Django refuses the request. It is what the browser typed, so the
    proxy has to hand the Host header on as it came, with its port.
    """
    host = request.get_host()
    name, port = split_domain_port(host)
    local = name == "localhost" or name.endswith(".localhost")
    if not name or _is_bare_address(name) or not (local or settings.LINDUNG_HTTPS or request.is_secure()):
        return None
    tail = f"{name}:{port}" if port else name
    return Place(name, (f"https://{tail}", f"http://{tail}") if local else (f"https://{tail}",))


def keys_at(user: User, place: Place | None) -> list[SecurityKey]:
    """Return the keys of a person that may open something at this address, oldest first."""
    if place is None:
        return []
    return list(user.security_keys.filter(rp_id=place.rp_id, distrusted=False).order_by("created_at", "pk"))


def request_to_make(user: User, place: Place, challenge: bytes) -> str:
    """Return, as JSON, what a browser needs to set a key up. A key that is there already is refused by the browser."""
    options = webauthn.generate_registration_options(
        rp_id=place.rp_id,
        rp_name=NAME,
        user_id=user.pk.bytes,
        user_name=user.username,
        challenge=challenge,
        timeout=WAIT_MILLISECONDS,
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            authenticator_attachment=structs.AuthenticatorAttachment.CROSS_PLATFORM,
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.DISCOURAGED,
        ),
        exclude_credentials=_named(user.security_keys.filter(rp_id=place.rp_id)),
        hints=[structs.PublicKeyCredentialHint.SECURITY_KEY],
    )
    return webauthn.options_to_json(options)


def request_to_sign(keys: Iterable[SecurityKey], place: Place, challenge: bytes) -> str:
    """Return, as JSON, what a browser needs to ask one of these keys for its signature."""
    options = webauthn.generate_authentication_options(
        rp_id=place.rp_id,
        challenge=challenge,
        timeout=WAIT_MILLISECONDS,
        allow_credentials=_named(keys),
        user_verification=structs.UserVerificationRequirement.DISCOURAGED,
    )
    return webauthn.options_to_json(options)


def proved_new(place: Place, challenge: bytes, answer: str) -> VerifiedRegistration | None:
    """Return the new key of a browser's answer, None when the answer is not one to this challenge at this address."""
    try:
        return webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=list(place.origins),
        )
    except Exception:
        # The answer is a stranger's bytes in three formats: besides its own errors the library lets KeyError and others
        # through. Whatever cannot be read proves nothing.
        return None


def proved_count(key: SecurityKey, place: Place, challenge: bytes, answer: str) -> int | None:
    """Return the counter that the key signed, None when this key did not sign this challenge at this address.

    Whether the counter went on is for the caller, who compares it in the database: two answers may come at once.
    """
    try:
        proved = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.rp_id,
            expected_origin=list(place.origins),
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=0,
        )
    except Exception:  # as in proved_new
        return None
    return proved.new_sign_count if proved.credential_id == bytes(key.credential_id) else None


def credential_of(answer: str) -> bytes:
    """Return the id of the key that an answer names, b"" when it names none. It proves nothing yet."""
    try:
        return webauthn.base64url_to_bytes(str(json.loads(answer)["rawId"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return b""


def transports_of(answer: str) -> str:
    """Return how the key is reached, as the codes that the standard knows, in one line; the rest is left out."""
    try:
        told = json.loads(answer)["response"]["transports"]
        known = {t.value for t in structs.AuthenticatorTransport} & {t for t in told if isinstance(t, str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return ",".join(sorted(known))


def seal_label(key_id: object, label: str) -> bytes:
    """Seal the name that a person gave a key: it is their own words."""
    return primitives.aead_seal(key_for("accounts/security-key"), label.encode(), _aad(key_id))


def label_of(key: SecurityKey) -> str:
    """Return the name that the person gave this key."""
    return primitives.aead_open(key_for("accounts/security-key"), bytes(key.label_sealed), _aad(key.pk)).decode()


def _aad(key_id: object) -> bytes:
    return primitives.context("accounts/security-key", str(key_id))


def _named(keys: Iterable[SecurityKey]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [
        structs.PublicKeyCredentialDescriptor(
            id=bytes(key.credential_id),
            transports=[structs.AuthenticatorTransport(code) for code in key.transports.split(",") if code] or None,
        )
        for key in keys
    ]


def _is_bare_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
