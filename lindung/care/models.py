"""Care for staff: home visits with a way back, threats, talks that are due, and a diary that only its writer reads.

Where somebody goes and what was considered is sealed in the case (`visit:<hex>`); a threat in a record of its own
(kind `threat`, field `told`, staff key of its team); a diary to its writer's own key. Nothing here measures anybody:
supervisors see how much work somebody carries, never how it feels.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class VisitLevel(models.TextChoices):
    """How somebody may go, by the rules of knowledge/visits.yaml; a person may choose a stricter one."""

    ALONE = "alone", _("Boleh sendiri")
    PAIR = "pair", _("Berdua dengan rekan")
    ESCORT = "escort", _("Hanya didampingi polisi atau aparat setempat")
    NOT_NOW = "not_now", _("Jangan berangkat dulu")


class VisitState(models.TextChoices):
    PLANNED = "planned", _("Direncanakan")
    OUT = "out", _("Sedang di luar")
    BACK = "back", _("Sudah kembali")
    CALLED_OFF = "called_off", _("Dibatalkan")


class Visit(models.Model):
    """A visit for a case, from the plan to the way back.

    Invariants: `back_by` is the moment after which nobody knows that the person is well; `alarm_at` is when the clock
    calls next, and set exactly while the person is out; `companion` goes along and is not the worker.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="visits")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    companion = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="visits_along"
    )
    level = models.CharField(max_length=8, choices=VisitLevel)
    rules = models.CharField(max_length=20)
    """Version of the rules that gave the level."""
    state = models.CharField(max_length=10, choices=VisitState, default=VisitState.PLANNED)
    starts_at = models.DateTimeField()
    back_by = models.DateTimeField()
    out_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    """The last time the person said that all is well."""
    back_at = models.DateTimeField(null=True, blank=True)
    alarm_at = models.DateTimeField(null=True, blank=True)
    alarms = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(back_by__gt=F("starts_at")), name="care_visit_comes_back"),
            models.CheckConstraint(
                condition=Q(companion=None) | ~Q(companion=F("worker")), name="care_visit_companion"
            ),
            models.CheckConstraint(
                condition=(Q(state="out") & Q(alarm_at__isnull=False)) | (~Q(state="out") & Q(alarm_at=None)),
                name="care_visit_alarm_while_out",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["alarm_at"], condition=Q(state="out"), name="care_visit_alarm"),
            models.Index(fields=["worker", "state", "starts_at"], name="care_visit_mine"),
            models.Index(fields=["case", "starts_at"], name="care_visit_case"),
        ]

    @property
    def field(self) -> str:
        """Name of the sealed field of the case: place, telephone, what was considered."""
        return f"visit:{self.id.hex}"


class ThreatKind(models.TextChoices):
    """How it came."""

    IN_PERSON = "in_person", _("Langsung")
    PHONE = "phone", _("Telepon")
    CHAT = "chat", _("Pesan atau media sosial")
    LETTER = "letter", _("Surat")
    FOLLOWED = "followed", _("Diikuti atau didatangi")
    OTHER = "other", _("Cara lain")


class Police(models.TextChoices):
    """Whether the police know of a threat. The person threatened decides, unless life is in danger."""

    NOT_ASKED = "not_asked", _("Belum dibicarakan")
    NOT_WANTED = "not_wanted", _("Belum mau melapor")
    REPORTED = "reported", _("Dilaporkan")


class Threat(models.Model):
    """A threat against a colleague. What happened and what was done about it is sealed in `record`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="threats")
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="threat")
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="threats")
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ThreatKind)
    on = models.DateField()
    told_at = models.DateTimeField()
    police = models.CharField(max_length=10, choices=Police, default=Police.NOT_ASKED)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-told_at", "id"]
        indexes: ClassVar = [models.Index(fields=["team", "told_at"], name="care_threat_team")]

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other."""
        return self.id.hex[:8].upper()


class TalkKind(models.TextChoices):
    DEBRIEFING = "debriefing", _("Bicara setelah kejadian berat")
    SUPERVISION = "supervision", _("Supervisi berkala")
    PEER = "peer", _("Dukungan sesama rekan")


class Talk(models.Model):
    """A talk that somebody is owed: planned, held, or called off. It has no words: what is said stays there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="talks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="talks")
    kind = models.CharField(max_length=12, choices=TalkKind)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField(null=True, blank=True)
    called_off = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["planned_at", "id"]
        indexes: ClassVar = [models.Index(fields=["team", "user", "planned_at"], name="care_talk_of")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(held_at=None) | Q(called_off=False), name="care_talk_held_or_not")
        ]


class Diary(models.Model):
    """Somebody chose to keep a diary of how they are. Without this row none is kept; ending it deletes every entry."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="diary"
    )
    since = models.DateField()


class DiaryEntry(models.Model):
    """One entry: sealed to the writer's own key, so that no supervisor, administrator or recovery key opens it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    diary = models.ForeignKey(Diary, on_delete=models.CASCADE, related_name="entries")
    on = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["diary", "on"], name="care_diary_day")]
