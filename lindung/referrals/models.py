"""Referrals: a child's need, handed to a body that provides for it, answered, served and ended with an outcome.

No column tells a story. Each version of what is handed over is a sealed record of its own (kind `referral`), with keys
of its own, opened by the sending team and, while it is shared, by the receiving one. Its fields (staff key): `about`
(the goal and how it may be handled), `section:<code>` (what was chosen to be told), `news:<hex>` (what the receiver or
the sender says about it, with the version that was the newest then). What only the sender may read stands in the case:
`referral:<hex>` (why a warning was overridden, why it was revoked).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.casework.models import Risk
from lindung.core.ids import new_id


class State(models.TextChoices):
    """Where a referral stands. The only ways between them: state.py."""

    DRAFT = "draft", _("Rancangan")
    SENT = "sent", _("Menunggu jawaban")
    ACCEPTED = "accepted", _("Diterima")
    DECLINED = "declined", _("Ditolak")
    IN_SERVICE = "in_service", _("Sedang dilayani")
    COMPLETED = "completed", _("Selesai")
    REVOKED = "revoked", _("Dicabut")
    LAPSED = "lapsed", _("Tidak dijawab")


SHARED = (State.SENT, State.ACCEPTED, State.IN_SERVICE, State.COMPLETED)
"""The states in which the receiving team opens what was sent to it."""

ACTIVE = (State.SENT, State.ACCEPTED, State.IN_SERVICE)
"""The states in which something is still to come."""

ENDED = (State.DECLINED, State.COMPLETED, State.REVOKED, State.LAPSED)


class Way(models.TextChoices):
    """How it reaches the body."""

    PLATFORM = "platform", _("Lewat Lindung")
    LETTER = "letter", _("Surat")
    PHONE = "phone", _("Telepon")


class Referral(models.Model):
    """One need of one child, handed to one body.

    Invariants: nothing that was sent lacks its ground (a consent or a signed decision, held by the database);
    `receiving_team` is set exactly for what goes through the platform; `next_call_at` is set while the clock runs and
    empty while it stands; of high risk only `voice_at` stops it; `version` grows with every change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="referrals")
    organisation = models.ForeignKey("directory.Organisation", on_delete=models.PROTECT, related_name="referrals")
    receiving_team = models.ForeignKey(
        "accounts.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="referrals_received"
    )
    way = models.CharField(max_length=8, choices=Way)
    service = models.CharField(max_length=24)
    """A key of the list of services, which is also the purpose that is consented to."""
    goal = models.ForeignKey(
        "casework.Goal", null=True, blank=True, on_delete=models.SET_NULL, related_name="referrals"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.MEDIUM)
    """The risk of the case when it was sent: it sets the clock."""
    overridden = models.CharField(max_length=200, blank=True, default="")
    """Codes of what does not fit this body and was accepted with a reason, joined by a blank (rules_fit)."""
    consent = models.ForeignKey(
        "casework.Consent", null=True, blank=True, on_delete=models.RESTRICT, related_name="referrals"
    )
    decision = models.ForeignKey(
        "casework.Decision", null=True, blank=True, on_delete=models.RESTRICT, related_name="referrals"
    )
    ground = models.CharField(max_length=24, blank=True, default="")
    """A code of casework's grounds; `consent` is the yes that leads when several were needed."""
    second_choice_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="second_choices"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer_due_at = models.DateTimeField(null=True, blank=True)
    next_call_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    supervisor_told_at = models.DateTimeField(null=True, blank=True)
    second_offered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    voice_at = models.DateTimeField(null=True, blank=True)
    voice_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """Who wrote down that a named person accepted by voice; the name is sealed."""
    served_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=24, blank=True, default="")
    """Why it was declined or revoked, or with what outcome it was completed: codes of knowledge/."""
    unshare_at = models.DateTimeField(null=True, blank=True)
    """When the receiver of a completed one loses its keys."""
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_at=None)
                | Q(consent__isnull=False, decision=None)
                | Q(consent=None, decision__isnull=False),
                name="referral_sent_on_a_ground",
            ),
            models.CheckConstraint(condition=Q(state="draft") | Q(sent_at__isnull=False), name="referral_sent_at"),
            models.CheckConstraint(
                condition=Q(way="platform", receiving_team__isnull=False)
                | (~Q(way="platform") & Q(receiving_team=None)),
                name="referral_team_of_the_platform",
            ),
            models.CheckConstraint(
                condition=Q(second_choice_of=None) | ~Q(second_choice_of=F("id")), name="referral_second_of_another"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "made_at"], name="referral_of_case"),
            models.Index(fields=["receiving_team", "state", "sent_at"], name="referral_received"),
            models.Index(fields=["next_call_at"], condition=Q(next_call_at__isnull=False), name="referral_calls"),
            models.Index(fields=["unshare_at"], condition=Q(unshare_at__isnull=False), name="referral_unshare"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that two offices say to each other."""
        return self.id.hex[:8].upper()

    @property
    def field(self) -> str:
        """Name of the sealed field of the case that holds what the receiver never reads."""
        return f"referral:{self.id.hex}"

    @property
    def high_risk(self) -> bool:
        return self.risk == Risk.HIGH

    @property
    def waits(self) -> bool:
        """Whether somebody still has to accept it. A click is not enough for a child at high risk."""
        if self.state == State.SENT:
            return True
        return self.high_risk and self.voice_at is None and self.state in (State.ACCEPTED, State.IN_SERVICE)


class Version(models.Model):
    """One version of what is handed over. `shared_at`: the receiver opens it; `unshared_at`: no more.

    Invariant: one that was made while nothing was shared, or after sharing ended, is never shared.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="referral_version")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(null=True, blank=True)
    unshared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "number"], name="referral_version_number"),
            models.CheckConstraint(
                condition=Q(unshared_at=None) | Q(shared_at__isnull=False), name="referral_unshared_after_shared"
            ),
        ]


class NewsKind(models.TextChoices):
    """What happened, as either side tells it."""

    ACCEPTED = "accepted", _("Diterima")
    VOICE = "voice", _("Diterima lewat suara")
    DECLINED = "declined", _("Ditolak")
    DELIVERED = "delivered", _("Layanan diberikan")
    COMPLETED = "completed", _("Selesai dengan hasil")
    MESSAGE = "message", _("Pesan")


class News(models.Model):
    """Something that the receiver, or the sender for them, tells of a referral.

    Its words are the field `news:<hex>` of the record of `told_in`, so that both read them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="news")
    told_in = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="news")
    kind = models.CharField(max_length=10, choices=NewsKind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_receiver = models.BooleanField()
    on = models.DateField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    child_came = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"news:{self.id.hex}"
