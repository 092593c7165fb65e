"""What the vault keeps: public keys, wrapped private keys, wrapped record keys, ciphertext. None is readable."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lindung.core.clock import coarse_now, now
from lindung.core.ids import new_id


class MemberKey(models.Model):
    """A person's key pair; the private half is wrapped under a key that only the passphrase gives."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    holder = models.UUIDField(db_index=True)
    public = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=16)
    wrapped_private = models.BinaryField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder"], condition=Q(active=True), name="vault_one_active_member_key")
        ]

    def __str__(self) -> str:
        return f"member key {self.id}"

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits, to be compared by voice before a team key is granted."""
        from lindung.vault.keyring import fingerprint

        return fingerprint(bytes(self.public))


class RecoveryKey(models.Model):
    """The public half of an organisation's recovery key; the private half exists on paper only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.UUIDField(db_index=True)
    public = models.BinaryField(max_length=32)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(active=True), name="vault_one_active_recovery_key"
            )
        ]

    def __str__(self) -> str:
        return f"recovery key {self.id}"


class TeamKey(models.Model):
    """One version of a team's key pair. New records go to the active one; a retiring one only opens old records."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRING = "retiring"
        DESTROYED = "destroyed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.UUIDField(db_index=True)
    organisation = models.UUIDField()
    version = models.PositiveIntegerField()
    public = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    # The private half of a retiring key, always sealed to the team's active key (never to one between them).
    sealed_to_successor = models.BinaryField(null=True)
    # Somebody who held this key has left: rotate it.
    rotation_due = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "version"], name="vault_team_key_version"),
            models.UniqueConstraint(fields=["team"], condition=Q(state="active"), name="vault_one_active_team_key"),
        ]

    def __str__(self) -> str:
        return f"team key {self.id} version {self.version}"


class TeamKeyGrant(models.Model):
    """The private half of a team key, sealed to one member or to the recovery key.

    `endorsed` is a token that only a holder of the team key could make, over the recipient's public key: a rotation
    gives the new key to nobody whose grant lacks it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team_key = models.ForeignKey(TeamKey, on_delete=models.CASCADE, related_name="grants")
    member_key = models.ForeignKey(MemberKey, null=True, on_delete=models.CASCADE, related_name="grants")
    recovery_key = models.ForeignKey(RecoveryKey, null=True, on_delete=models.CASCADE, related_name="grants")
    sealed_private = models.BinaryField()
    endorsed = models.BinaryField(max_length=32, default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team_key", "member_key"], name="vault_grant_once_a_member"),
            models.UniqueConstraint(fields=["team_key", "recovery_key"], name="vault_grant_once_a_recovery_key"),
            models.CheckConstraint(
                condition=Q(member_key__isnull=True) ^ Q(recovery_key__isnull=True), name="vault_grant_to_one"
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.id}"


class SealedRecord(models.Model):
    """The anchor of everything that is sealed under one pair of keys."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32)
    shredded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class WrappedKey(models.Model):
    """A record key, wrapped for somebody who may open it. Deleting these rows is what shreds a record.

    An offered one is sealed to another team's key and opens nothing until that team takes the record over.
    """

    class Recipient(models.TextChoices):
        TEAM = "team"
        RECEIPT = "receipt"
        HELD = "held"
        OFFERED = "offered"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="wrapped_keys")
    name = models.CharField(max_length=8)
    recipient = models.CharField(max_length=8, choices=Recipient.choices)
    # PROTECT: a team key is never removed from under the records that it opens.
    team_key = models.ForeignKey(TeamKey, null=True, on_delete=models.PROTECT, related_name="wrapped_keys")
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "name", "team_key"],
                condition=Q(team_key__isnull=False),
                name="vault_wrap_once_a_team",
            ),
            models.UniqueConstraint(
                fields=["record", "name"], condition=Q(recipient="receipt"), name="vault_wrap_once_a_receipt"
            ),
        ]

    def __str__(self) -> str:
        return f"wrapped key {self.id}"


class SealedField(models.Model):
    """One version of one field of a record, encrypted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="sealed_fields")
    key_name = models.CharField(max_length=8)
    field = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    ciphertext = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "field", "version"], name="vault_field_version")]

    def __str__(self) -> str:
        return f"sealed field {self.id}"


class BlindEntry(models.Model):
    """A keyed token of an identifier: equal identifiers give equal tokens, and a token gives nothing back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="blind_entries")
    kind = models.CharField(max_length=8)
    token = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "kind", "token"], name="vault_blind_once_a_record")]
        indexes = [models.Index(fields=["token"], name="vault_blind_token")]

    def __str__(self) -> str:
        return f"blind entry {self.id}"


class Tombstone(models.Model):
    """The id of a record that was shredded. It stays, so that no backup brings the record back."""

    record = models.UUIDField(primary_key=True)
    at = models.DateTimeField(default=coarse_now)

    def __str__(self) -> str:
        return f"tombstone {self.record}"
