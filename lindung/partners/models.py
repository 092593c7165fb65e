"""Machines of partners that send reports: their tokens, what they sent, and answers kept for a repeated request.

Nothing of a report is here. The secret of a token is kept as a hash of 256 random bits; the answer to a request is
sealed under a key that only whoever sends the request again can make (vault/responses.py).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.ids import new_id
from lindung.reporting.fields import MinuteField


class Purpose(models.TextChoices):
    """What a partner is to the children it reports about. A school never learns what became of a report."""

    PLATFORM = "platform", _("Platform")
    SCHOOL = "school", _("Sekolah")
    HELPLINE = "helpline", _("Layanan telepon")
    NGO = "ngo", _("Lembaga")


class Scope(models.TextChoices):
    """What a token may be used for."""

    SUBMIT = "report:submit", _("Mengirim laporan")
    STATE = "report:state", _("Membaca keadaan kasar laporannya")
    RECEIPT = "report:receipt", _("Menerima kode 20 angka untuk orang yang ada di depannya")


class CoarseState(models.TextChoices):
    """All that a partner ever learns about a report."""

    RECEIVED = "received", _("sudah diterima")
    IN_PROGRESS = "in_progress", _("sedang dikerjakan")
    CLOSED = "closed", _("sudah selesai")


class PartnerToken(models.Model):
    """One machine of one partner. `issuer`: the network that made it, whose administrators see and revoke it.

    `scopes` are codes of Scope, joined by blanks. `expires_on` is the last day it works, in settings.TIME_ZONE.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="partner_tokens")
    issuer = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="issued_tokens")
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=10, choices=Purpose)
    sandbox = models.BooleanField(default=False)
    scopes = models.CharField(max_length=80)
    secret_hash = models.BinaryField(max_length=32)
    daily_limit = models.PositiveIntegerField(default=200)
    created_at = models.DateTimeField(default=clock.now)
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"partner token {self.pk}"

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(self.scopes.split())


class Submission(models.Model):
    """A report that came through a token, under the reference that the partner knows it by.

    `told` is what the partner was last told. `quiet`: it is told "received" for ever, because a school sent it or the
    report names a body of the partner's kind. `report` is empty once the report was erased; the row then answers on,
    until the same time after the receipt as every other (settings.LINDUNG_PARTNER_REFERENCE_DAYS).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=17, unique=True)
    token = models.ForeignKey(PartnerToken, on_delete=models.PROTECT, related_name="submissions")
    report = models.OneToOneField(
        "reporting.Report", null=True, blank=True, on_delete=models.SET_NULL, related_name="submission"
    )
    told = models.CharField(max_length=12, choices=CoarseState, default=CoarseState.RECEIVED)
    quiet = models.BooleanField(default=False)
    received_at = MinuteField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["token", "received_at"], name="submission_day"),
            models.Index(fields=["received_at"], name="submission_age"),
        ]

    def __str__(self) -> str:
        return self.reference


class StoredResponse(models.Model):
    """The answer to a request, for when the same request comes again. Gone after settings.LINDUNG_IDEMPOTENCY_DAYS."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tag = models.BinaryField(max_length=32, unique=True)
    body_tag = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    day = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"stored response {self.pk}"
