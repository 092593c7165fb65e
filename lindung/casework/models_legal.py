"""The way through the law: milestones, the police's duty clock of the case, interviews, demands for records, tips.

Sealed fields of the case's record: `milestone:<hex>`, `interview:<hex>`, `demand:<hex>`, `tip:<hex>`, `simfoni`,
`police_duty` (why it was decided so), `lead` (who agreed to lead).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Milestone(models.Model):
    """A step of the proceedings on a date: `step`, `article` and `result` are codes of knowledge/legal.yaml.

    `article` may be `none_adequate`: no article fits on that date, which is an outcome that advocacy counts. Numbers of
    files, names of courts and words: `milestone:<hex>`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="milestones")
    step = models.CharField(max_length=20)
    on = models.DateField()
    article = models.CharField(max_length=32, blank=True, default="")
    result = models.CharField(max_length=20, blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    struck_at = models.DateTimeField(null=True, blank=True)
    """When a colleague struck it out as a mistake; it stays readable."""

    class Meta:
        ordering: ClassVar = ["on", "recorded_at", "id"]

    @property
    def field(self) -> str:
        return f"milestone:{self.id.hex}"


class PoliceDuty(models.Model):
    """The duty to report within 3 x 24 calendar hours, as far as a report's own clock (reporting) does not carry it."""

    case = models.OneToOneField("casework.Case", primary_key=True, on_delete=models.CASCADE, related_name="police_duty")
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decision = models.CharField(max_length=20, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )


class Interview(models.Model):
    """The child was asked about what happened: by whom and on which topics, so that nobody asks it all again.

    `topics` are codes of knowledge/interviews.yaml, joined by a blank; `agency` too. Names: `interview:<hex>`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="interviews")
    on = models.DateField()
    agency = models.CharField(max_length=20)
    topics = models.CharField(max_length=200, blank=True, default="")
    recorded = models.BooleanField(default=False)
    """Whether a recording or minutes exist elsewhere that others can use instead of asking again. Never held here."""
    companion = models.BooleanField(default=False)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["on", "noted_at", "id"]

    @property
    def field(self) -> str:
        return f"interview:{self.id.hex}"


class DemandState(models.TextChoices):
    OPEN = "open", _("Diterima")
    WITH_LAWYER = "with_lawyer", _("Diperiksa ahli hukum")
    ANSWERED = "answered", _("Dijawab")
    REFUSED = "refused", _("Ditolak")


class Demand(models.Model):
    """Police, prosecutors or a court ask for records: the letter, its basis, the lawyer, what was given.

    Who asked, the number of the letter and what was handed over in words: `demand:<hex>`. `given` are codes of
    knowledge/sections.yaml, joined by a blank. Nothing is given before a lawyer was named.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="demands")
    agency = models.CharField(max_length=20)
    basis = models.CharField(max_length=24)
    received_on = models.DateField()
    state = models.CharField(max_length=12, choices=DemandState, default=DemandState.OPEN)
    given = models.CharField(max_length=300, blank=True, default="")
    answered_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["received_on", "recorded_at", "id"]

    @property
    def field(self) -> str:
        return f"demand:{self.id.hex}"


class TipTo(models.TextChoices):
    POLICE = "police", _("Kepolisian")
    PPATK = "ppatk", _("PPATK")


class Tip(models.Model):
    """A lawful tip that was handed over: to whom, on which basis, when, by which way. What was told: `tip:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="tips")
    to = models.CharField(max_length=8, choices=TipTo)
    basis = models.CharField(max_length=24)
    way = models.CharField(max_length=16)
    handed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["handed_on", "id"]

    @property
    def field(self) -> str:
        return f"tip:{self.id.hex}"


class Simfoni(models.Model):
    """That the case stands in Simfoni PPA too: who typed it and when, so that it is never counted twice.

    Its reference number is the field `simfoni`. `identity`: the ground on which the identity was given, or empty when
    it was not.
    """

    class Ground(models.TextChoices):
        CONSENT = "consent", _("Persetujuan")
        DUTY = "duty", _("Kewajiban hukum")

    case = models.OneToOneField("casework.Case", primary_key=True, on_delete=models.CASCADE, related_name="simfoni")
    typed_on = models.DateField()
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    typed_elsewhere = models.BooleanField(default=False)
    identity = models.CharField(max_length=8, choices=Ground, blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(identity__in=["", "consent", "duty"]), name="case_simfoni_ground")
        ]
