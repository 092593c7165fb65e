"""What this room keeps: whether the first answer came in time, what stays of what was erased, and monthly reports.

Nothing here tells of one child. Coded facts are keyed tokens, as where they come from; a monthly report holds codes and
numbers after the small ones were kept back. What is clear and why: docs/data-dictionary.md.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Source(models.TextChoices):
    """What is counted."""

    REPORTS = "reports", _("Laporan")
    CASES = "cases", _("Kasus dibuka")
    CLOSED = "closed", _("Kasus ditutup")
    SERVICES = "services", _("Layanan")
    REFERRALS = "referrals", _("Rujukan")


class FirstAnswer(models.Model):
    """Somebody answered a report for the first time. `in_time`: not after what the reporter had been promised then.

    Noted when it happens, because a promise is renewed each time it becomes our turn again.
    """

    report = models.OneToOneField(
        "reporting.Report", primary_key=True, on_delete=models.CASCADE, related_name="first_answer"
    )
    in_time = models.BooleanField()


class Counted(models.Model):
    """A report that had been merged into one that is erased: it was counted there, once, and stands alone now."""

    report = models.OneToOneField(
        "reporting.Report", primary_key=True, on_delete=models.CASCADE, related_name="counted_elsewhere"
    )


class Erased(models.Model):
    """So many erased reports, cases, services or referrals of a team and a month with the same facts.

    `named`: they were hidden from some team. `cell` is the keyed token of all facts together, `length` the tenths of an
    hour until a referral was accepted, if it was.
    """

    source = models.CharField(max_length=9, choices=Source)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    named = models.BooleanField(default=False)
    cell = models.BinaryField(max_length=32)
    length = models.PositiveIntegerField(null=True, blank=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "team", "month", "named", "cell"], name="statistics_erased_cell")
        ]


class ErasedFact(models.Model):
    """A fact of such a group, as a keyed token. `field` is a dimension of knowledge/definitions.yaml."""

    erased = models.ForeignKey(Erased, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=12)
    token = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["erased", "field", "token"], name="statistics_erased_fact_once")
        ]


class MonthlyReport(models.Model):
    """The report of a team or an organisation about one month, as it was made: it never changes afterwards.

    `numbers` holds codes and numbers (monthly.py says in which shape), the small ones kept back. `number` counts the
    reports about the same month: a later one replaces nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="monthly_reports"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="monthly_reports"
    )
    month = models.DateField()
    number = models.PositiveSmallIntegerField(default=1)
    version = models.CharField(max_length=20)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    numbers = models.JSONField()

    class Meta:
        ordering: ClassVar = ["-month", "-number"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(team=None, organisation__isnull=False) | Q(team__isnull=False, organisation=None),
                name="statistics_monthly_of_one",
            ),
            models.UniqueConstraint(
                fields=["team", "month", "number"], condition=Q(organisation=None), name="statistics_monthly_of_team"
            ),
            models.UniqueConstraint(
                fields=["organisation", "month", "number"], condition=Q(team=None), name="statistics_monthly_of_body"
            ),
        ]
