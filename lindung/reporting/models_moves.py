"""Reports that change hands, and those that may not be erased: hand-overs, offers to other teams, legal holds.

In the clear stand ids, codes and times; what a person says to the receiving team is the vault field `transfer:<hex>`
under the staff key of the report, so that nobody there reads it before the team has taken the report over.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id

from .fields import MinuteField


class Reassignment(models.Model):
    """A supervisor (or whoever held it) put a report into a colleague's hands. Clocks and versions went on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="reassignments")
    from_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]


class TransferState(models.TextChoices):
    OFFERED = "offered", _("Menunggu jawaban")
    ACCEPTED = "accepted", _("Diterima")
    DECLINED = "declined", _("Ditolak")
    WITHDRAWN = "withdrawn", _("Ditarik lagi")
    FALLEN = "fallen", _("Gugur")


class Transfer(models.Model):
    """A report is offered to another team. Until it is accepted that team sees a coarse card and opens nothing.

    `remind_at` is both when the next call for an answer is due and the lease of the loop that is making it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="transfers")
    from_team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    to_team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.OFFERED)
    reason = models.CharField(max_length=20)
    urgent = models.BooleanField(default=False)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    due_at = MinuteField()
    reminders = models.PositiveSmallIntegerField(default=0)
    remind_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["offered_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report"], condition=Q(state="offered"), name="one_open_transfer_a_report"),
            models.CheckConstraint(condition=~Q(from_team=F("to_team")), name="transfer_to_another_team"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "remind_at"], name="transfer_remind"),
            models.Index(fields=["to_team", "state"], name="transfer_inbox"),
            models.Index(fields=["from_team", "offered_at"], name="transfer_sent"),
        ]

    @property
    def field(self) -> str:
        """Name of the sealed field that holds the words for the receiving team."""
        return f"transfer:{self.id.hex}"


class LegalHold(models.Model):
    """A report is kept for a legal reason; the running one has no `lifted_at`. Two people end it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=20)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()
    review_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=20, blank=True, default="")
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["set_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report"], condition=Q(lifted_at=None), name="one_running_hold_a_report"),
        ]
        indexes: ClassVar = [models.Index(fields=["lifted_at", "review_at"], name="hold_review")]
