"""Keys of teams: made, granted, recovered, and rotated without losing anything on the way.

A rotation has three steps, each whole or not at all, each of which may be repeated after an interruption:
`rotate_team_key` makes the new pair, grants it to everybody who holds the old one, and seals the private halves of all
earlier keys to it at once; `rewrap_batch` moves the records over, some hundreds at a time; `destroy_old_keys` destroys
an old key when nothing is wrapped to it any more.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from lindung.core.errors import Conflict, NotAllowed
from lindung.core.ids import new_id
from lindung.vault.errors import ForgedGrant
from lindung.vault.keyring import Keyring, open_team_private, seal_team_private, unwrap, wrap
from lindung.vault.locks import first_shared
from lindung.vault.models import MemberKey, RecoveryKey, TeamKey, TeamKeyGrant, WrappedKey
from lindung.vault.primitives import context, generate_keypair, hkdf, public_of, token
from lindung.vault.recovery import active_recovery_key, read_secret

_ACTIVE, _RETIRING, _DESTROYED = TeamKey.State.ACTIVE, TeamKey.State.RETIRING, TeamKey.State.DESTROYED

REWRAPPED = (WrappedKey.Recipient.TEAM, WrappedKey.Recipient.OFFERED)
"""Wraps that a rotation moves to the new key: those of the team, and those of what is offered to it."""


def ensure_team_key(*, team_id: UUID, organisation_id: UUID, member_keys: Iterable[MemberKey] = ()) -> TeamKey:
    """Return the team's active key; make the first one, sealed to these members and to the recovery key.

    For a team that has a key already the members are ignored: only a colleague who holds it can grant it.
    """
    with transaction.atomic():
        existing = TeamKey.objects.filter(team=team_id, state=_ACTIVE).first()
        if existing is not None:
            return existing
        private, public = generate_keypair()
        key = TeamKey.objects.create(
            id=new_id(), team=team_id, organisation=organisation_id, version=_next_version(team_id), public=public
        )
        _grant_to_all(key, private, member_keys)
        return key


def grant_team_key(*, team_id: UUID, granter: Keyring, to: MemberKey) -> TeamKeyGrant:
    """Give a colleague the team's active key (and with it the older ones). Compare the fingerprint by voice before.

    Raises NotAllowed when the granter does not hold it, Conflict when the colleague's key is no longer active.
    Granting twice is harmless.
    """
    with transaction.atomic():
        key = lock_active_key(team_id)
        return _grant(key, granter.team_private(key), to)


def grant_recovery_key(*, team_id: UUID, granter: Keyring) -> None:
    """Seal the team's key to the organisation's present recovery key and drop the grants of earlier ones.

    Raises NotAllowed when the granter does not hold the team key or there is no recovery key.
    """
    with transaction.atomic():
        key = lock_active_key(team_id)
        private = granter.team_private(key)
        recovery = active_recovery_key(key.organisation)
        if recovery is None:
            raise NotAllowed
        TeamKeyGrant.objects.filter(team_key__team=team_id, recovery_key__isnull=False).delete()
        _new_grant(key, private, recovery).save(force_insert=True)


def recover_team(*, team_id: UUID, recovery_secret: str, to: MemberKey) -> TeamKeyGrant:
    """Give a member the team key with the printed recovery key, when nobody is left who could grant it.

    Raises BadRecoveryKey for a mistyped key, NotAllowed when the team has no grant for this one.
    """
    private = read_secret(recovery_secret)
    public = public_of(private)
    with transaction.atomic():
        key = lock_active_key(team_id)
        grants = TeamKeyGrant.objects.filter(team_key=key, recovery_key__isnull=False).select_related("recovery_key")
        for grant in grants:
            if grant.recovery_key is not None and bytes(grant.recovery_key.public) == public:
                return _grant(key, open_team_private(private, bytes(grant.sealed_private), key, public), to)
    raise NotAllowed


def rotate_team_key(*, team_id: UUID, keyring: Keyring) -> TeamKey:
    """Make a new active key for a team; records that come in from now on are sealed to it alone.

    Everybody who holds the present key, and the recovery key, gets a grant for the new one. The private halves of all
    earlier keys are sealed to the new one in the same transaction, so that nothing is lost whatever happens next.
    A recovery key that was replaced since gets none until somebody gives it one (`grant_recovery_key`). Raises
    NotAllowed when the keyring does not open the present key, ForgedGrant when somebody who writes to the database
    alone has put a recipient in.
    """
    with transaction.atomic():
        old = TeamKey.objects.select_for_update().filter(team=team_id, state=_ACTIVE).first()
        if old is None:
            raise NotAllowed
        recipients = _true_recipients(old, keyring.team_private(old))
        earlier = [old, *TeamKey.objects.select_for_update().filter(team=team_id, state=_RETIRING)]
        privates = {key.pk: keyring.team_private(key) for key in earlier}
        private, public = generate_keypair()
        for key in earlier:
            key.state = _RETIRING
            key.rotation_due = False
            key.sealed_to_successor = seal_team_private(public, privates[key.pk], key)
            key.save(update_fields=["state", "rotation_due", "sealed_to_successor"])
        new = TeamKey.objects.create(
            id=new_id(), team=team_id, organisation=old.organisation, version=_next_version(team_id), public=public
        )
        TeamKeyGrant.objects.bulk_create([_new_grant(new, private, recipient) for recipient in recipients])
    return new


def rewrap_batch(*, team_id: UUID, keyring: Keyring, size: int = 200) -> int:
    """Wrap up to `size` record keys to the active team key; return how many are left under old ones.

    One transaction a call; call it until it returns 0. Withdrawn records are not counted: their wraps can only be
    opened with the receipt, so the old key stays for them until they are released or shredded.
    """
    with transaction.atomic():
        active = lock_active_key(team_id)
        keyring.team_private(active)
        old = WrappedKey.objects.filter(team_key__team=team_id, team_key__state=_RETIRING, recipient__in=REWRAPPED)
        batch = list(old.select_related("team_key").select_for_update(of=("self",)).order_by("id")[:size])
        for row in batch:
            if row.team_key is None:
                continue
            key = open_wrap(row, keyring.team_private(row.team_key), bytes(row.team_key.public))
            row.wrapped = wrap_for_team(active, row.record_id, row.name, key)
            row.team_key = active
        WrappedKey.objects.bulk_update(batch, ["wrapped", "team_key"], batch_size=100)
        return old.count()


def destroy_old_keys(*, team_id: UUID) -> int:
    """Destroy the retiring keys to which nothing is wrapped any more; return how many.

    Their grants and the private half that was sealed to the successor go; the public half stays as a trace. A key that
    a withdrawn record still needs loses its grants and keeps only the half sealed to the active key. On PostgreSQL
    call `after_shred` afterwards.
    """
    destroyed = 0
    with transaction.atomic():
        keys = list(TeamKey.objects.select_for_update().filter(team=team_id, state=_RETIRING))
        for key in keys:
            recipients = set(WrappedKey.objects.filter(team_key=key).values_list("recipient", flat=True))
            if recipients & set(REWRAPPED):
                continue
            TeamKeyGrant.objects.filter(team_key=key).delete()
            if not recipients:
                TeamKey.objects.filter(pk=key.pk).update(state=_DESTROYED, sealed_to_successor=None)
                destroyed += 1
    return destroyed


def teams_due_for_rotation() -> list[UUID]:
    """Return the teams that somebody left since their key was made."""
    due = TeamKey.objects.filter(state=_ACTIVE, rotation_due=True)
    return list(due.order_by("team").values_list("team", flat=True))


def lock_active_key(team_id: UUID) -> TeamKey:
    """Return the team's active key, held still until the transaction ends. Raises NotAllowed for a team without one.

    Without the lock a record could be wrapped to a key that is destroyed at the same moment.
    """
    for _ in range(3):  # a rotation that committed meanwhile leaves the first look empty
        key = first_shared(TeamKey.objects.filter(team=team_id, state=_ACTIVE))
        if key is not None:
            return key
    raise NotAllowed


def wrap_for_team(team_key: TeamKey, record_id: UUID, name: str, key: bytes) -> bytes:
    """Seal one record key to a team key, bound to the record and to its name."""
    return wrap(bytes(team_key.public), key, "record key", record_id.bytes, name)


def open_wrap(row: WrappedKey, private: bytes, public: bytes) -> bytes:
    """Open a wrap that `wrap_for_team` made."""
    return unwrap(private, bytes(row.wrapped), "record key", row.record_id.bytes, row.name, public=public)


def _next_version(team_id: UUID) -> int:
    last = TeamKey.objects.filter(team=team_id).order_by("-version").values_list("version", flat=True).first()
    return (last or 0) + 1


def _grant(key: TeamKey, private: bytes, to: MemberKey) -> TeamKeyGrant:
    current = MemberKey.objects.select_for_update().filter(pk=to.pk, active=True).first()
    if current is None or bytes(current.public) != bytes(to.public):
        raise Conflict
    made = _new_grant(key, private, current)
    grant, _ = TeamKeyGrant.objects.update_or_create(
        team_key=key,
        member_key=current,
        defaults={"sealed_private": made.sealed_private, "endorsed": made.endorsed},
    )
    return grant


def _grant_to_all(key: TeamKey, private: bytes, member_keys: Iterable[MemberKey]) -> None:
    recipients: list[MemberKey | RecoveryKey] = list(member_keys)
    recovery = active_recovery_key(key.organisation)
    if recovery is not None:
        recipients.append(recovery)
    TeamKeyGrant.objects.bulk_create([_new_grant(key, private, recipient) for recipient in recipients])


def _new_grant(key: TeamKey, private: bytes, recipient: MemberKey | RecoveryKey) -> TeamKeyGrant:
    public = bytes(recipient.public)
    member = recipient if isinstance(recipient, MemberKey) else None
    return TeamKeyGrant(
        team_key=key,
        member_key=member,
        recovery_key=None if isinstance(recipient, MemberKey) else recipient,
        sealed_private=seal_team_private(public, private, key),
        endorsed=_endorsement(key, private, recipient),
    )


def _endorsement(key: TeamKey, private: bytes, recipient: MemberKey | RecoveryKey) -> bytes:
    """What only a holder of the team key can write beside a grant, and any other holder can check."""
    whom = context(type(recipient).__name__, recipient.pk.bytes, bytes(recipient.public))
    return token(hkdf(private, "team key/endorsement"), "grant", context(key.pk.bytes, whom))


def _true_recipients(key: TeamKey, private: bytes) -> list[MemberKey | RecoveryKey]:
    """Who holds the key and is to hold the next one: active members, and the recovery key in force.

    The member keys stay locked, so that nobody who is just leaving is granted the new key.
    """
    members = MemberKey.objects.select_for_update(of=("self",)).filter(active=True, grants__team_key=key)
    recipients: list[MemberKey | RecoveryKey] = list(members.order_by("pk"))
    recipients += RecoveryKey.objects.filter(active=True, grants__team_key=key, organisation=key.organisation)
    grants = TeamKeyGrant.objects.filter(team_key=key)
    endorsed = {grant.member_key_id or grant.recovery_key_id: bytes(grant.endorsed) for grant in grants}
    for recipient in recipients:
        if not hmac.compare_digest(endorsed[recipient.pk], _endorsement(key, private, recipient)):
            raise ForgedGrant
    return recipients
