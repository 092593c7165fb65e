"""The desk: answers that a team uses again and again, and how much each person has looked at.

Canned answers are the organisation's own words and stand in the clear; `casefree` keeps facts of a case out of them.
The counts of a person are sealed to that person's own key: no colleague, administrator or recovery key opens them.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.ids import new_id


class CannedAnswer(models.Model):
    """A text for many reporters, owned by an organisation, for one team or (`team` empty) for all of them.

    `starter` is the code of the text of ours that it began with; each is taken over once an organisation.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="canned_answers")
    team = models.ForeignKey(
        "accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="canned_answers"
    )
    starter = models.CharField(max_length=40, blank=True, default="")
    retired = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "starter"], condition=~models.Q(starter=""), name="desk_starter_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class CannedVersion(models.Model):
    """One state of an answer in both languages. It never changes: an edit is the next number.

    The version that is offered is the highest approved one. A newer proposal makes an undecided older one superseded.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Menunggu orang kedua")
        APPROVED = "approved", _("Disetujui")
        REJECTED = "rejected", _("Belum disetujui")
        SUPERSEDED = "superseded", _("Diganti usulan lain")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answer = models.ForeignKey(CannedAnswer, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    topic = models.CharField(max_length=20)
    title_id = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80)
    text_id = models.TextField()
    text_en = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["answer", "number"], name="desk_version_once"),
            models.UniqueConstraint(
                fields=["answer"], condition=models.Q(state="proposed"), name="desk_one_proposal_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.number}"

    def title(self, language: str) -> str:
        """The title in a language, `id` or `en`."""
        return self.title_en if language.startswith("en") else self.title_id

    def text(self, language: str) -> str:
        """The text in a language, `id` or `en`."""
        return self.text_en if language.startswith("en") else self.text_id


class OwnCount(models.Model):
    """What one session of a person counted on one day, sealed to that person's member key.

    A row a session, so that two browsers of one person never overwrite each other. Kept `rules.KEPT_DAYS` days.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.id)
