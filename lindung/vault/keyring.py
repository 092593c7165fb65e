"""Unlocked keys, held in memory only. Their repr tells whose they are and never what they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import OuterRef, Subquery

from lindung.core.errors import NotAllowed, SealBroken
from lindung.vault.models import MemberKey, TeamKey, TeamKeyGrant
from lindung.vault.primitives import box_open, box_seal, context, pad, public_of, unpad

REPORTER = "reporter"
STAFF = "staff"
_CONTEXT_BYTES = 16


@dataclass(frozen=True)
class RecordKeys:
    """The keys of one record as far as their holder may have them. A receipt gives no staff key."""

    record_id: UUID
    reporter: bytes | None = field(repr=False)
    staff: bytes | None = field(default=None, repr=False)

    def key(self, name: str) -> bytes:
        """Return the key of that name ("reporter" or "staff"). Raises NotAllowed when the holder has none."""
        key = {REPORTER: self.reporter, STAFF: self.staff}.get(name)
        if key is None:
            raise NotAllowed
        return key


class Keyring:
    """A member's private key, unlocked, and the team keys that it opens (fetched when first asked for)."""

    def __init__(self, holder: UUID, member_key_id: UUID, private: bytes) -> None:
        self.holder = holder
        self.member_key_id = member_key_id
        self._private = private
        self._public = public_of(private)
        self._team_keys: dict[UUID, bytes] = {}

    def __repr__(self) -> str:
        return f"<Keyring of {self.holder}>"

    def __reduce__(self) -> str:
        raise TypeError("a keyring is not pickled; use to_bytes and encrypt them")

    def to_bytes(self) -> bytes:
        """Return 48 bytes for the session, which must encrypt them with a key that only the browser holds."""
        return self.member_key_id.bytes + self._private

    @classmethod
    def from_bytes(cls, holder: UUID, data: bytes) -> Keyring:
        """Read what `to_bytes` wrote. Raises SealBroken for any other length."""
        if len(data) != 48:
            raise SealBroken
        return cls(holder, UUID(bytes=data[:16]), data[16:])

    def grants_for(self, team_key: OuterRef) -> Subquery:
        """The member's sealed grant of a team key, for use as a column of another query; see `team_private`."""
        grants = TeamKeyGrant.objects.filter(team_key=team_key, member_key=self.member_key_id, member_key__active=True)
        return Subquery(grants.values("sealed_private")[:1])

    def team_private(self, team_key: TeamKey, *, granted: bytes | None = None) -> bytes:
        """Return the private half of a team key, through this member's grant or through the team's active key.

        `granted`: what `grants_for` found. Raises NotAllowed when this member has no grant (any more), SealBroken when
        one was tampered with.
        """
        known = self._team_keys.get(team_key.pk)
        if known is None:
            sealed = bytes(granted) if granted is not None else self._granted(team_key)
            known = self._team_keys[team_key.pk] = self._open(team_key, sealed)
        return known

    def seal_own(self, data: bytes, *about: str | bytes | int) -> bytes:
        """Seal a few bytes that only this member reads again: no team key and no recovery key opens them.

        A new passphrase keeps them readable, a reset of the member's key does not.
        """
        return box_seal(self._public, _digest(("own", *about)) + pad(data))

    def open_own(self, sealed: bytes, *about: str | bytes | int) -> bytes:
        """Open what `seal_own` sealed for the same purpose. Raises SealBroken."""
        opened = box_open(self._private, sealed, self._public)
        if opened[:_CONTEXT_BYTES] != _digest(("own", *about)):
            raise SealBroken
        return unpad(opened[_CONTEXT_BYTES:])

    def active_team_key(self, team_id: UUID) -> tuple[TeamKey, bytes]:
        """Return a team's active key and its private half. Raises NotAllowed without a grant."""
        key = TeamKey.objects.filter(team=team_id, state=TeamKey.State.ACTIVE).first()
        if key is None:
            raise NotAllowed
        return key, self.team_private(key)

    def _granted(self, team_key: TeamKey) -> bytes | None:
        grant = TeamKeyGrant.objects.filter(
            team_key=team_key, member_key=self.member_key_id, member_key__active=True
        ).first()
        return bytes(grant.sealed_private) if grant is not None else None

    def _open(self, team_key: TeamKey, sealed: bytes | None) -> bytes:
        if sealed is not None:
            return open_team_private(self._private, sealed, team_key, self._public)
        if team_key.state != TeamKey.State.RETIRING or team_key.sealed_to_successor is None:
            raise NotAllowed
        active, private = self.active_team_key(team_key.team)
        return open_team_private(private, bytes(team_key.sealed_to_successor), team_key, bytes(active.public))


def wrap(public: bytes, key: bytes, *about: str | bytes | int) -> bytes:
    """Seal a key to a public key together with what it belongs to, so that two wraps cannot change places."""
    return box_seal(public, _digest(about) + key)


def unwrap(private: bytes, sealed: bytes, *about: str | bytes | int, public: bytes | None = None) -> bytes:
    """Open what `wrap` sealed. Raises SealBroken when it was made for something else."""
    opened = box_open(private, sealed, public)
    if opened[:_CONTEXT_BYTES] != _digest(about) or len(opened) != _CONTEXT_BYTES + 32:
        raise SealBroken
    return opened[_CONTEXT_BYTES:]


def seal_team_private(public: bytes, private: bytes, team_key: TeamKey) -> bytes:
    """Seal the private half of a team key to a member, a recovery key or the key that comes after it."""
    return wrap(public, private, "team key", team_key.pk.bytes)


def open_team_private(private: bytes, sealed: bytes, team_key: TeamKey, public: bytes | None = None) -> bytes:
    """Open what `seal_team_private` sealed."""
    return unwrap(private, sealed, "team key", team_key.pk.bytes, public=public)


def fingerprint(public: bytes) -> str:
    """Return six groups of five digits of a public key (99 bits), for comparing it by voice."""
    digest = hashlib.sha256(context("fingerprint", public)).digest()
    return " ".join(f"{int.from_bytes(digest[i : i + 5], 'big') % 100_000:05d}" for i in range(0, 30, 5))


def member_wrap_context(holder: UUID, key: MemberKey) -> bytes:
    """Return what a member's wrapped private key is bound to."""
    return context("member key", holder.bytes, key.pk.bytes, bytes(key.public))


def _digest(about: tuple[str | bytes | int, ...]) -> bytes:
    return hashlib.sha256(context("wrap", *about)).digest()[:_CONTEXT_BYTES]
