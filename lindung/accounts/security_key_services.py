"""Setting up, using and removing security keys: one transaction, one audit event, actor first."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts import rules, second_factor, security_keys
from lindung.accounts.actors import Actor
from lindung.accounts.models import SecurityKey, User
from lindung.accounts.security_keys import Place
from lindung.audit import services as audit
from lindung.core.errors import BadInput, NotAllowed, NotFound


def add_security_key(*, actor: Actor, user: User, place: Place, challenge: bytes, answer: str, label: str) -> list[str]:
    """Add a key that has just answered `challenge`; return ten recovery codes when it is the first second factor.

    Raises BadInput when the answer is none to this challenge at this place, or when the key is there already.
    """
    if actor.user_id != user.pk:
        raise NotAllowed
    new = security_keys.proved_new(place, challenge, answer)
    if new is None:
        raise BadInput("answer", _("Jawaban kunci ini tidak cocok dengan halaman ini. Coba lagi."))
    key = SecurityKey(
        user=user,
        credential_id=new.credential_id,
        public_key=new.credential_public_key,
        sign_count=new.sign_count,
        rp_id=place.rp_id,
        transports=security_keys.transports_of(answer),
    )
    key.label_sealed = security_keys.seal_label(key.pk, label.strip()[: security_keys.LABEL_CHARACTERS])
    try:
        with transaction.atomic():
            first = not User.objects.select_for_update().get(pk=user.pk).second_factor_on
            if user.security_keys.count() >= security_keys.MOST:
                raise BadInput("answer", _("Sudah ada sepuluh kunci. Hapus dulu yang tidak dipakai."))
            key.save(force_insert=True)
            if first:
                User.objects.filter(pk=user.pk).update(second_factor_on=True)
                user.second_factor_on = True
            codes = second_factor.new_recovery_codes(user) if first else []
            _record("accounts.security_key_added", actor, user, key.pk)
    except IntegrityError as error:
        raise BadInput("answer", _("Kunci ini sudah terpasang.")) from error
    return codes


def use_security_key(*, actor: Actor, user: User, place: Place, challenge: bytes, answer: str) -> bool:
    """Tell whether one of the person's keys signed this challenge here, and let its counter go on.

    A counter that does not go on means that two devices hold the same key: it is distrusted from then on, whichever of
    them came second. `challenge` must have been used up before (`sessions.take_challenge`): a replayed answer then
    never gets here, and cannot make an honest key suspect.
    """
    if actor.user_id != user.pk:
        raise NotAllowed
    key = user.security_keys.filter(
        credential_id=security_keys.credential_of(answer), rp_id=place.rp_id, distrusted=False
    ).first()
    count = security_keys.proved_count(key, place, challenge, answer) if key is not None else None
    with transaction.atomic():
        if key is None or count is None:
            _record("accounts.security_key_refused", actor, user, key.pk if key else None)
            return False
        row = SecurityKey.objects.filter(pk=key.pk, distrusted=False)
        # A key without a counter says 0 every time.
        went_on = row.filter(sign_count__lt=count) if count else row.filter(sign_count=0)
        if went_on.update(sign_count=count) == 1:
            return True
        suspect = row.update(distrusted=True) == 1
        kind = "accounts.security_key_distrusted" if suspect else "accounts.security_key_refused"
        _record(kind, actor, user, key.pk)
    return False


def remove_security_key(*, actor: Actor, user: User, key_id: UUID, place: Place | None) -> None:
    """Take a key away. Raises BadInput for the last second factor: a key of another address does not count here."""
    if actor.user_id != user.pk:
        raise NotAllowed
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)  # two removals at once may not take the last two
        key = held.security_keys.filter(pk=key_id).first()
        if key is None:
            raise NotFound
        others = [other for other in security_keys.keys_at(held, place) if other.pk != key.pk]
        if not rules.keeps_a_factor(has_app=bool(held.totp_sealed), other_keys=len(others)):
            raise BadInput("key", _("Ini faktor kedua terakhirmu. Pasang dulu kunci lain atau aplikasi di ponselmu."))
        key.delete()
        _record("accounts.security_key_removed", actor, user, key_id)


def remove_app(*, actor: Actor, user: User, place: Place | None) -> None:
    """Take the code app away, so that no page can ask for its code. Raises BadInput without a key for this place."""
    if actor.user_id != user.pk:
        raise NotAllowed
    with transaction.atomic():
        held = User.objects.select_for_update().get(pk=user.pk)
        if not held.totp_sealed:
            raise NotFound
        if not rules.keeps_a_factor(has_app=False, other_keys=len(security_keys.keys_at(held, place))):
            raise BadInput("app", _("Ini faktor kedua terakhirmu. Pasang dulu kunci lain atau aplikasi di ponselmu."))
        User.objects.filter(pk=user.pk).update(totp_sealed=None)
        user.totp_sealed = None
        audit.record("accounts.factor_removed", actor=actor.audit_name, subject=user.pk.hex)


def _record(kind: str, actor: Actor, user: User, key_id: UUID | None) -> None:
    audit.record(kind, actor=actor.audit_name, subject=user.pk.hex, data={"key": key_id.hex} if key_id else {})
