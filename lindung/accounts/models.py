"""Who works here: organisation > team > member, and what a sign-in needs. No content of a report is here."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.ids import new_id


class Organisation(models.Model):
    """A legal body that staff belong to. Its recovery key (in the vault) is printed once and kept offline."""

    class Kind(models.TextChoices):
        NETWORK = "network", _("Jaringan")
        UPTD = "uptd", _("UPTD PPA")
        PARTNER = "partner", _("Mitra layanan")
        SCHOOL = "school", _("Sekolah")
        MINISTRY = "ministry", _("Kementerian")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    region = models.CharField(max_length=13, blank=True)  # Kemendagri code, "" for the whole country
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who share one team key. `intake_order` is the place in the row of recipients; None receives none."""

    class Kind(models.TextChoices):
        INTAKE = "intake", _("Penerima laporan")
        INDEPENDENT = "independent", _("Penerima independen")
        PARTNER = "partner", _("Mitra rujukan")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    tz = models.CharField(max_length=40, default="Asia/Jakarta")
    province = models.CharField(max_length=2, blank=True)  # Kemendagri code
    intake_order = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by their sign-in name. People are made by `services.add_user` alone."""


class User(AbstractBaseUser):
    """A member of staff. `password` holds the hex verifier that the vault derives from the passphrase.

    `temporary_passphrase`: somebody else chose it; it opens only the page where the person chooses their own.
    """

    class Language(models.TextChoices):
        INDONESIAN = "id", "Bahasa Indonesia"
        ENGLISH = "en", "English"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="users")
    username = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=120)
    alias = models.CharField(max_length=60)  # the name that a reporter sees, such as "Kak Melati"
    email = models.EmailField(blank=True)
    salt = models.BinaryField(max_length=16)  # the same as the member key's: one derivation serves both
    temporary_passphrase = models.BooleanField(default=True)
    totp_sealed = models.BinaryField(null=True)
    totp_last_step = models.BigIntegerField(default=0)
    second_factor_on = models.BooleanField(default=False)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.INDONESIAN)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)

    last_login = None  # the audit knows it
    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "alias"]

    def __str__(self) -> str:
        return self.display_name

    def set_password(self, raw_password: str | None) -> NoReturn:
        raise TypeError("A passphrase also wraps a key: use accounts.services.")

    def check_password(self, raw_password: str | None) -> NoReturn:
        raise TypeError("A passphrase is checked by accounts.backends through the gate.")


class Role(models.TextChoices):
    """What somebody does. `rules.py` says what each may do and which go together."""

    ANALYST = "analyst", _("Analis")
    CASE_WORKER = "case_worker", _("Pendamping kasus")
    SUPERVISOR = "supervisor", _("Penyelia")
    PARTNER = "partner", _("Mitra")
    DATA_ANALYST = "data_analyst", _("Analis data")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Membership(models.Model):
    """One role of one person: in a team, or (`team` empty) for the whole organisation of that person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "team", "role"], name="one_membership_each"),
            models.UniqueConstraint(fields=["user", "role"], condition=Q(team=None), name="one_wide_membership_each"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.team_id or ''}"


class RecoveryCode(models.Model):
    """One of ten codes that stand in for the second factor once. Only a keyed hash is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class SecurityKey(models.Model):
    """A security key (WebAuthn) of a person, for one host name. Its secret never leaves it, so none is here.

    `distrusted`: its counter went backwards, so there may be a copy; it opens nothing any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="security_keys")
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    rp_id = models.CharField(max_length=253)
    transports = models.CharField(max_length=64, blank=True)
    label_sealed = models.BinaryField()
    distrusted = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.id)


class PendingSignIn(models.Model):
    """A passphrase was right and the second factor is still missing. Lives for five minutes.

    `wrapped` is the private key of the member under a key that only the browser's short-lived cookie holds.
    `attempts` counts codes before they are looked at, so that parallel tries cannot outrun the limit.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="pending_sign_ins")
    wrapped = models.BinaryField()
    seed_wrapped = models.BinaryField(null=True)
    challenge_wrapped = models.BinaryField(null=True)
    may_enrol = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return str(self.id)


class GrantRequest(models.Model):
    """Somebody needs a team's key. A colleague who holds it decides, after hearing the fingerprint."""

    class State(models.TextChoices):
        OPEN = "open", _("Menunggu")
        GRANTED = "granted", _("Diberikan")
        REFUSED = "refused", _("Ditolak")
        VOID = "void", _("Tidak berlaku lagi")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grant_requests")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="grant_requests")
    member_key_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["team", "member_key_id"], condition=Q(state="open"), name="one_open_request_a_key"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


def role_label(role: str) -> str:
    """Return the translated name of a role code."""
    return str(Role(role).label)


def as_uuid(value: object) -> uuid.UUID:
    """Turn an id from a form or an address into a UUID; raises ValueError."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
