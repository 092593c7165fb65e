"""Series of reports that belong together, and reports that are handled as one.

Nothing here names what they share: an identifier exists only as a token of the blind index, a fact only as a token of
its report. A series is a set of reports. It has no name, no team and no words, so that whoever sees one of its reports
learns nothing of the others. Everything goes with its reports.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Why(models.TextChoices):
    """Why a report was put into a series."""

    IDENTIFIER = "identifier", _("Menyebut akun, nomor, atau alamat yang sama")
    ALIKE = "alike", _("Fakta dan waktunya mirip")
    HAND = "hand", _("Pilihan rekan")


class Series(models.Model):
    """Reports that a colleague holds to belong together. Its members may be of several teams.

    Invariants: at least two members have not left, and at least one of those is an open report: it vanishes otherwise.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other."""
        return self.id.hex[:8].upper()


class SeriesMember(models.Model):
    """A report in a series; `left_at` when a colleague took it out, so that they can put it back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="members")
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="series_members")
    why = models.CharField(max_length=12, choices=Why)
    joined_at = models.DateTimeField()
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "report"], name="series_member_once")]


class Merge(models.Model):
    """`merged` is handled together with `lead`, of the same team. Keys, receipts, threads and words stay apart.

    The four snapshots hold codes, ids and times of both reports right before and right after (`rules.FIELDS`), so that
    undoing puts back exactly what merging changed, and nothing that somebody decided since. `police_before`: when the
    lead's own police clock began.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lead = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="merges_in")
    merged = models.OneToOneField("reporting.Report", on_delete=models.CASCADE, related_name="merge")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    police_before = models.DateTimeField(null=True, blank=True)
    lead_before = models.JSONField()
    lead_after = models.JSONField()
    merged_before = models.JSONField()
    merged_after = models.JSONField()

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(lead=F("merged")), name="merge_of_two_reports"),
        ]


class SeriesTally(models.Model):
    """What stays of a series: that one of so many reports ended in a month."""

    month = models.DateField()
    size = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["month", "size"], name="series_tally_cell")]
