"""Tokens of partners: made by an administrator, shown once, checked with every request, revoked at once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Organisation
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound

from .. import rules, selectors
from ..errors import MissingScope, TokenExpired, TokenRefused, TokenRevoked
from ..models import PartnerToken, Purpose, Scope

SECRET_BYTES = 32
MAX_NAME = 80
_SHAPE = re.compile(r"lnd_([0-9a-f]{32})_([0-9a-f]{64})")
_NOBODY = hashlib.sha256(b"nobody").digest()

_PROBLEMS: dict[str, str | Promise] = {
    "none": _("Pilih paling sedikit satu izin."),
    "unknown": _("Izin ini tidak dikenal."),
    "school_receipt": _("Sekolah tidak pernah menerima kode anak."),
    "receipt_alone": _("Kode hanya datang bersama laporan: pilih juga izin mengirim."),
}


@dataclass(frozen=True)
class Caller:
    """A partner's machine whose secret was right. `secret` lives only as long as the request."""

    token: PartnerToken
    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        return self.token.pk.bytes


def create_token(
    *,
    actor: Actor,
    issuer: Organisation,
    organisation: Organisation,
    name: str,
    purpose: str,
    scopes: Collection[str],
    expires_on: date,
    daily_limit: int = 200,
    sandbox: bool = False,
) -> tuple[PartnerToken, str]:
    """Make a token of a partner; return it with its text `lnd_<id>_<secret>`, which exists nowhere else.

    Raises NotAllowed unless the actor manages tokens of `issuer`, and BadInput (with its field) for a purpose that does
    not fit the organisation, scopes that do not fit the purpose, or an expiry that is missing or over a year away.
    """
    if not rules.may_manage_tokens(actor, issuer.pk, issuer.kind):
        raise NotAllowed
    if not selectors.partners_for(issuer).filter(pk=organisation.pk).exists():
        raise NotAllowed
    _check(organisation, name, purpose, scopes, expires_on, daily_limit)
    secret = secrets.token_bytes(SECRET_BYTES)
    token = PartnerToken(
        organisation=organisation,
        issuer=issuer,
        name=name.strip(),
        purpose=purpose,
        sandbox=sandbox,
        scopes=" ".join(scope for scope in Scope.values if scope in scopes),
        secret_hash=hashlib.sha256(secret).digest(),
        daily_limit=daily_limit,
        expires_on=expires_on,
    )
    with transaction.atomic():
        token.save(force_insert=True)
        audit.record(
            "partners.token_created",
            actor=actor.audit_name,
            subject=token.pk.hex,
            data={
                "organisation": organisation.pk,
                "purpose": purpose,
                "sandbox": sandbox,
                "submit": Scope.SUBMIT in scopes,
                "state": Scope.STATE in scopes,
                "receipt": Scope.RECEIPT in scopes,
            },
        )
    return token, f"lnd_{token.pk.hex}_{secret.hex()}"


def _check(
    organisation: Organisation, name: str, purpose: str, scopes: Collection[str], expires_on: date, daily_limit: int
) -> None:
    if not name.strip() or len(name) > MAX_NAME:
        raise BadInput("name", _("Tulis nama mesinnya, paling panjang 80 huruf."))
    if purpose not in Purpose.values:
        raise BadInput("purpose", _("Pilih salah satu dari daftar."))
    if not rules.purpose_fits(purpose, organisation.kind):
        raise BadInput("purpose", _("Token sekolah hanya untuk sekolah, dan sekolah hanya boleh punya token sekolah."))
    problem = rules.scopes_problem(purpose, scopes)
    if problem:
        raise BadInput("scopes", _PROBLEMS[problem])
    if not rules.expiry_fits(expires_on, selectors.today()):
        raise BadInput("expires_on", _("Pilih hari setelah hari ini, paling lama setahun lagi."))
    if not 1 <= daily_limit <= rules.HIGHEST_DAILY_LIMIT:
        raise BadInput("daily_limit", _("Pilih angka antara 1 dan 5000."))


def revoke_token(actor: Actor, token_id: UUID) -> PartnerToken:
    """End a token at once. Raises NotFound for one of another network; revoking twice changes nothing."""
    with transaction.atomic():
        token = selectors.tokens_visible_to(actor).filter(pk=token_id).first()
        if token is None or not rules.may_manage_tokens(actor, token.issuer_id, token.issuer.kind):
            raise NotFound
        now = clock.now()
        if PartnerToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            token.revoked_at = now
            audit.record("partners.token_revoked", actor=actor.audit_name, subject=token.pk.hex)
    return token


def authenticate(text: str) -> Caller:
    """Return who sends this token, and note the day. No scope is checked yet: see `need`.

    Raises TokenRefused for anything unknown, and TokenRevoked or TokenExpired only to whoever knows the secret.
    """
    shape = _SHAPE.fullmatch(text)
    found = PartnerToken.objects.select_related("organisation").filter(pk=UUID(hex=shape[1])).first() if shape else None
    secret = bytes.fromhex(shape[2]) if shape else b""
    wanted = bytes(found.secret_hash) if found else _NOBODY
    # One comparison in every case: an id that exists takes no longer than one that does not.
    if not hmac.compare_digest(hashlib.sha256(secret).digest(), wanted) or found is None:
        raise TokenRefused
    day = selectors.today()
    if found.revoked_at is not None:
        raise TokenRevoked
    if day > found.expires_on:
        raise TokenExpired
    if found.last_used_on != day:
        PartnerToken.objects.filter(pk=found.pk).update(last_used_on=day)
    return Caller(found, secret)


def need(caller: Caller, scope: str) -> None:
    """Raise MissingScope unless the token may do this."""
    if scope not in caller.token.scope_set:
        raise MissingScope
