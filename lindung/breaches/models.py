"""The register of incidents with personal data (UU 27/2022 art. 46): clocks, decisions, notices.

Nothing here tells what happened. In the clear stand codes, times and ids; everything in words is sealed under the key
of the incident's team. Sealed fields of its record (staff key): `measures` (what happened and what was done, a version
each time), `authority` (the reference of the notice to the authority), `decision:<hex>` (why somebody is told so).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id
from lindung.reporting.fields import MinuteField


class State(models.TextChoices):
    OPEN = "open", _("Berjalan")
    CLOSED = "closed", _("Ditutup")


class Breach(models.Model):
    """One incident. The 3 x 24 calendar hours run from `discovered_at`, for the authority and for each person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="breach")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="breaches")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    discovered_at = MinuteField()
    due_at = MinuteField()
    kinds = models.JSONField(default=list)
    systems = models.JSONField(default=list)
    people_band = models.CharField(max_length=12)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    authority_told_at = MinuteField(null=True, blank=True)
    authority_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reminders = models.PositiveSmallIntegerField(default=0)
    remind_at = models.DateTimeField(null=True, blank=True)
    closing_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closing_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-discovered_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["team", "state"], name="breach_list"),
            models.Index(fields=["state", "remind_at"], name="breach_remind"),
        ]

    def __str__(self) -> str:
        return f"breach {self.id}"

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other."""
        return self.id.hex[:8].upper()


class Notice(models.Model):
    """What was decided for one affected report. It stays, without the report, when that is erased.

    `way` is a code of knowledge/notices.yaml; empty as long as nobody has decided.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, on_delete=models.CASCADE, related_name="notices")
    report = models.ForeignKey(
        "reporting.Report", null=True, blank=True, on_delete=models.SET_NULL, related_name="breach_notices"
    )
    way = models.CharField(max_length=12, blank=True, default="")
    home_safe = models.BooleanField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["added_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["breach", "report"], condition=Q(report__isnull=False), name="notice_once_a_report"
            )
        ]

    @property
    def field(self) -> str:
        """Name of the sealed field with the reason, under the record of the incident."""
        return f"decision:{self.id.hex}"
