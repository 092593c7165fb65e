"""Keys of people: made from a passphrase, opened by it, re-wrapped, reset, taken away.

Like all services of the vault these have no actor and write no audit event: the caller knows who acts and records it
in the same transaction. Derivations are slow: derive first, then pass `keys` inside the transaction. `passphrase` does
both, before the function's own transaction.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lindung.core.errors import Conflict, SealBroken
from lindung.core.ids import new_id
from lindung.vault.errors import WrongPassphrase
from lindung.vault.keyring import Keyring, member_wrap_context
from lindung.vault.models import MemberKey, TeamKey, TeamKeyGrant
from lindung.vault.passphrases import PassphraseKeys, derive, derive_new, new_salt
from lindung.vault.primitives import aead_open, aead_seal, generate_keypair


def create_member_key(*, holder: UUID, passphrase: str = "", keys: PassphraseKeys | None = None) -> MemberKey:
    """Give a person a key pair. Raises Conflict when there is an active one: that is what `reset_member_key` is for."""
    derived = keys or derive_new(passphrase)
    with transaction.atomic():
        if MemberKey.objects.filter(holder=holder, active=True).exists():
            raise Conflict
        return _make(holder, derived)


def unlock(*, holder: UUID, passphrase: str) -> Keyring:
    """Open a person's private key. Raises WrongPassphrase, after the same work, also when there is no key."""
    key = member_key(holder=holder)
    return unlock_with(holder=holder, keys=derive(passphrase, bytes(key.salt) if key else new_salt()))


def unlock_with(*, holder: UUID, keys: PassphraseKeys) -> Keyring:
    """Open a person's private key with what was derived already. Raises WrongPassphrase."""
    key = member_key(holder=holder)
    if key is None:
        raise WrongPassphrase
    return Keyring(holder, key.pk, _open(key, keys))


def rewrap_member_key(*, holder: UUID, old: str | PassphraseKeys, new: str | PassphraseKeys) -> MemberKey:
    """Change the passphrase: the same key pair under a new wrap, so every grant stays.

    Raises WrongPassphrase, and Conflict when the key changed meanwhile.
    """
    key = member_key(holder=holder)
    if key is None:
        raise WrongPassphrase
    private = _open(key, old if isinstance(old, PassphraseKeys) else derive(old, bytes(key.salt)))
    derived = new if isinstance(new, PassphraseKeys) else derive_new(new)
    before = bytes(key.wrapped_private)
    key.salt = derived.salt
    key.wrapped_private = aead_seal(derived.wrapping, private, member_wrap_context(holder, key))
    with transaction.atomic():
        changed = MemberKey.objects.filter(pk=key.pk, active=True, wrapped_private=before).update(
            salt=key.salt, wrapped_private=key.wrapped_private
        )
        if changed != 1:
            raise Conflict
    return key


def reset_member_key(*, holder: UUID, new_passphrase: str = "", keys: PassphraseKeys | None = None) -> MemberKey:
    """Give a person who lost the passphrase a new key pair without any grant.

    An administrator may do this and gains nothing: the new key opens no record until a colleague who holds the team key
    grants it, after comparing the fingerprint by voice.
    """
    derived = keys or derive_new(new_passphrase)
    with transaction.atomic():
        _retire(_locked(holder))
        return _make(holder, derived)


def revoke_member(*, holder: UUID) -> list[UUID]:
    """Take every grant and the key itself away from a leaver; return the teams whose key must now be rotated.

    The leaver may have copied team keys while it was allowed: only `rotate_team_key` shuts out of what comes after.
    """
    with transaction.atomic():
        pairs = _locked(holder)
        teams = _mark_for_rotation(TeamKeyGrant.objects.filter(member_key__in=pairs))
        _retire(pairs)
    return teams


def revoke_grants(*, holder: UUID, team_id: UUID) -> bool:
    """Take one team's key away from somebody who stays elsewhere; True when there was a grant. Rotate after it."""
    with transaction.atomic():
        grants = TeamKeyGrant.objects.filter(member_key__in=_locked(holder), team_key__team=team_id)
        teams = _mark_for_rotation(grants)
        grants.delete()
    return bool(teams)


def member_key(*, holder: UUID) -> MemberKey | None:
    """Return a person's active key, for its fingerprint and for grants."""
    return MemberKey.objects.filter(holder=holder, active=True).first()


def holds_team_key(*, team_id: UUID, member_key: MemberKey) -> bool:
    """Tell whether a member's key has a grant for the team's active key."""
    return TeamKeyGrant.objects.filter(
        member_key=member_key.pk, member_key__active=True, team_key__team=team_id, team_key__state=TeamKey.State.ACTIVE
    ).exists()


def has_team_key(*, team_id: UUID) -> bool:
    """Tell whether a team has a key, so that records can be sealed to it."""
    return TeamKey.objects.filter(team=team_id, state=TeamKey.State.ACTIVE).exists()


def _make(holder: UUID, derived: PassphraseKeys) -> MemberKey:
    private, public = generate_keypair()
    key = MemberKey(id=new_id(), holder=holder, public=public, salt=derived.salt)
    key.wrapped_private = aead_seal(derived.wrapping, private, member_wrap_context(holder, key))
    key.save(force_insert=True)
    return key


def _open(key: MemberKey, derived: PassphraseKeys) -> bytes:
    try:
        return aead_open(derived.wrapping, bytes(key.wrapped_private), member_wrap_context(key.holder, key))
    except SealBroken:
        raise WrongPassphrase from None


def _locked(holder: UUID) -> QuerySet[MemberKey]:
    """Return a person's keys, locked: a rotation or a grant that is under way comes wholly before or wholly after."""
    keys = MemberKey.objects.filter(holder=holder)
    teams = TeamKeyGrant.objects.filter(member_key__in=keys).values_list("team_key__team", flat=True)
    # The same order as in a rotation, team keys before member keys: else the two would wait for each other.
    active = TeamKey.objects.filter(team__in=list(teams), state=TeamKey.State.ACTIVE)
    list(active.select_for_update().order_by("pk"))
    list(keys.select_for_update().order_by("pk"))
    return keys


def _retire(keys: QuerySet[MemberKey]) -> None:
    TeamKeyGrant.objects.filter(member_key__in=keys).delete()
    keys.update(active=False, wrapped_private=b"", salt=b"")


def _mark_for_rotation(grants: QuerySet[TeamKeyGrant]) -> list[UUID]:
    teams = list(grants.order_by().values_list("team_key__team", flat=True).distinct())
    TeamKey.objects.filter(team__in=teams, state=TeamKey.State.ACTIVE).update(rotation_due=True)
    return teams
