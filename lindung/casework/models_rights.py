"""Whose yes is asked, what is decided over it, and what may never be told.

Sealed fields of the case's record: `consent:<hex>` (who, how it was asked, in whose words), `decision:<hex>` (question,
options, the child's view, who was consulted, who was left out and why, what was decided), `barred:<hex>` (what may not
be told, and the words by which it is recognised), `outgoing:<hex>` (a letter as it was made), `maturity` (whether the
child understands what is asked, and why a colleague thinks so).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Giver(models.TextChoices):
    """Who says yes or no. Which of them count follows from the consent matrix (knowledge/consent.yaml)."""

    CHILD = "child", _("Anak")
    GUARDIAN = "guardian", _("Wali atau orang tua")
    OFFICIAL = "official", _("Lembaga atau pejabat yang berwenang")


class Answer(models.TextChoices):
    GIVEN = "given", _("Setuju")
    REFUSED = "refused", _("Tidak setuju")


class Consent(models.Model):
    """A yes or no of one person for one purpose. `scope` is a code of knowledge/consent.yaml, such as a service.

    Invariants: never changed, only withdrawn (`withdrawn_at`), and followed by another; the newest one of a giver and
    scope counts. `person` is the guardian who was asked.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="consents")
    giver = models.CharField(max_length=8, choices=Giver)
    person = models.ForeignKey(
        "casework.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="consents"
    )
    scope = models.CharField(max_length=24)
    answer = models.CharField(max_length=8, choices=Answer)
    asked_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["recorded_at", "id"]
        indexes: ClassVar = [models.Index(fields=["case", "scope"], name="case_consent_scope")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(person=None) | Q(giver="guardian"), name="case_consent_person")
        ]

    @property
    def field(self) -> str:
        return f"consent:{self.id.hex}"


class DecisionState(models.TextChoices):
    DRAFT = "draft", _("Rancangan")
    SIGNED = "signed", _("Ditandatangani dua orang")
    REPLACED = "replaced", _("Diganti")
    DROPPED = "dropped", _("Tidak dipakai")


class Decision(models.Model):
    """A best-interests decision: in force once two different people signed what they both read.

    `question` is a code of knowledge/decisions.yaml. `scope` names what it allows without consent (a scope of consent),
    or is empty. `sealed_version` is the version of the sealed text that the first signature was made for: the second
    signs the same or nothing. `choice` is the code of what was decided: go_ahead, not_now, other_way.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="decisions")
    question = models.CharField(max_length=24)
    scope = models.CharField(max_length=24, blank=True, default="")
    choice = models.CharField(max_length=12, blank=True, default="")
    state = models.CharField(max_length=8, choices=DecisionState, default=DecisionState.DRAFT)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    sealed_version = models.PositiveIntegerField(default=1)
    first_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    first_signed_at = models.DateTimeField(null=True, blank=True)
    second_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    second_signed_at = models.DateTimeField(null=True, blank=True)
    review_on = models.DateField()
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["written_at", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "case"], name="case_decision_state")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(second_signed_by=None) | ~Q(second_signed_by=F("first_signed_by")),
                name="case_two_signatures",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(first_signed_by__isnull=False, second_signed_by__isnull=False),
                name="case_signed_by_two",
            ),
        ]

    @property
    def field(self) -> str:
        return f"decision:{self.id.hex}"


class BarredKind(models.TextChoices):
    PERSON = "person", _("Orang yang tidak boleh tahu")
    FACT = "fact", _("Hal yang tidak boleh disebut")


class Barred(models.Model):
    """Somebody who may not know, or something that may not be told; it travels with every referral and export.

    `section`: a part of what can be handed over that stays out as a whole (a code of knowledge/sections.yaml), or empty
    when only the words in `barred:<hex>` tell. `person`: the person of the case who may not know, if they stand there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="barred")
    kind = models.CharField(max_length=6, choices=BarredKind)
    person = models.ForeignKey(
        "casework.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="barred"
    )
    section = models.CharField(max_length=24, blank=True, default="")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["added_at", "id"]
        indexes: ClassVar = [models.Index(fields=["case"], condition=Q(lifted_at=None), name="case_barred_now")]

    @property
    def field(self) -> str:
        return f"barred:{self.id.hex}"


class Outgoing(models.Model):
    """A letter or note for a call that was made: what kind, for whom, on which ground. Its words are `outgoing:<hex>`.

    `recipient` is the person of the case or empty for a body; `ground` a code of knowledge/grounds.yaml.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="outgoing")
    kind = models.CharField(max_length=16)
    recipient = models.ForeignKey(
        "casework.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="outgoing"
    )
    organisation = models.ForeignKey(
        "directory.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ground = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"outgoing:{self.id.hex}"
