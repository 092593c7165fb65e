"""Who reads and when, and the calls for attention. Ids, codes and times only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id

from .fields import MinuteField


class DutyLevel(models.TextChoices):
    ANALYST = "analyst", _("Petugas jaga pertama")
    SECOND = "second", _("Petugas jaga kedua")
    SUPERVISOR = "supervisor", _("Penyelia jaga")


class DutyShift(models.Model):
    """Who reads, and when: `starts_at` belongs to the shift, `ends_at` does not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, related_name="shifts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shifts")
    level = models.CharField(max_length=10, choices=DutyLevel, default=DutyLevel.ANALYST)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start")
        ]
        indexes: ClassVar = [models.Index(fields=["team", "starts_at", "ends_at"], name="shift_now")]


class Alert(models.Model):
    """One planned, content-free call for attention. The level follows the roster; a claim stops all of a report.

    Those with `stopped` false are the running round of a report: at most one a level. `retry_at` is both the lease of
    the loop that is delivering it now and the next try after a failure. `nobody`: nobody of that level was on duty.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="alerts")
    level = models.CharField(max_length=10, choices=DutyLevel)
    due_at = MinuteField()
    sent_at = models.DateTimeField(null=True, blank=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    stopped = models.BooleanField(default=False)
    nobody = models.BooleanField(default=False)
    mailed = models.BooleanField(default=False)
    posted = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["stopped", "sent_at", "due_at"], name="alert_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "level"], condition=Q(stopped=False), name="one_running_alert_a_level"
            )
        ]
