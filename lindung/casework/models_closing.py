"""Four eyes, the end of a case, what comes after it, moving it, and what the child says about us.

Sealed fields of the case's record: `approval:<hex>`, `closure:<hex>`, `follow_up:<hex>`, `move:<hex>`,
`feedback:<hex>`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class ApprovalState(models.TextChoices):
    OPEN = "open", _("Menunggu orang kedua")
    APPROVED = "approved", _("Disetujui")
    REJECTED = "rejected", _("Tidak disetujui")
    TAKEN_BACK = "taken_back", _("Ditarik")


class Subject(models.TextChoices):
    """What needs a second person."""

    PLAN = "plan", _("Rencana layanan")
    CLOSURE = "closure", _("Penutupan kasus")
    MEDIATION = "mediation", _("Penyelesaian di luar pengadilan")
    HOLD = "hold", _("Mengakhiri penyimpanan untuk proses hukum")


class Approval(models.Model):
    """One person asks, a different one decides. Reasons in words: `approval:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="approvals")
    subject = models.CharField(max_length=10, choices=Subject)
    plan = models.ForeignKey("casework.Plan", null=True, blank=True, on_delete=models.CASCADE, related_name="approvals")
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "case"], name="case_approval_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "subject"], condition=Q(state="open"), name="case_one_open_approval"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(state="taken_back") | ~Q(decided_by=F("asked_by")),
                name="case_four_eyes",
            ),
        ]

    @property
    def field(self) -> str:
        return f"approval:{self.id.hex}"


class Closure(models.Model):
    """How a case ended: `reason` is a code of knowledge/closing.yaml. Summary in words: `closure:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="closures")
    approval = models.OneToOneField(Approval, on_delete=models.CASCADE, related_name="closure")
    reason = models.CharField(max_length=24)
    child_agrees = models.BooleanField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopen_reason = models.CharField(max_length=24, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["approval__asked_at", "id"]

    @property
    def field(self) -> str:
        return f"closure:{self.id.hex}"


class FollowUp(models.Model):
    """A look after closing, at 3 and 6 months. `result`: a code of knowledge/closing.yaml; words: `follow_up:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    result = models.CharField(max_length=20, blank=True, default="")
    cancelled = models.BooleanField(default=False)
    """The case was opened again before it was due."""

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], condition=Q(done_at=None, cancelled=False), name="case_follow_up_due")
        ]

    @property
    def field(self) -> str:
        return f"follow_up:{self.id.hex}"


class MoveState(models.TextChoices):
    OFFERED = "offered", _("Ditawarkan")
    ACCEPTED = "accepted", _("Diterima")
    DECLINED = "declined", _("Ditolak")
    TAKEN_BACK = "taken_back", _("Ditarik")


class CaseMove(models.Model):
    """A case handed to another team; it moves with its keys when that team accepts. Why, in words: `move:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="moves")
    from_team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    to_team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="case_moves")
    reason = models.CharField(max_length=20)
    decline_reason = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=10, choices=MoveState, default=MoveState.OFFERED)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["offered_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="case_one_open_move"),
            models.CheckConstraint(condition=~Q(from_team=F("to_team")), name="case_move_elsewhere"),
        ]

    @property
    def field(self) -> str:
        return f"move:{self.id.hex}"


class FeedbackKind(models.TextChoices):
    FEEDBACK = "feedback", _("Pendapat anak")
    COMPLAINT = "complaint", _("Keluhan")


class Feedback(models.Model):
    """What a child says about us, through the mailbox or a colleague. It goes to somebody else than the workers.

    Its words are sealed in a record of its own (kind `feedback`, field `words`), so that no worker's page of the case
    opens it. `team` holds the key of that record: the team of the case when it has a supervisor who does not work with
    the child, else the independent one. `for_user` was told first. `form_tag` makes a form that is sent twice one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="feedback")
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="feedback")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="feedback")
    kind = models.CharField(max_length=9, choices=FeedbackKind)
    mood = models.PositiveSmallIntegerField(null=True, blank=True)
    """1 (not helped) to 4 (helped a lot), if the child chose one."""
    at = models.DateTimeField()
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="feedback_to_read"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    form_tag = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["team", "at"], condition=Q(answered_at=None), name="case_feedback_open"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "form_tag"], name="case_feedback_once_a_form"),
        ]


class CallKind(models.TextChoices):
    REVIEW = "review", _("Tinjauan lewat waktu")
    FOLLOW_UP = "follow_up", _("Tindak lanjut setelah penutupan")
    MOVE = "move", _("Serah terima belum dijawab")
    APPROVAL = "approval", _("Persetujuan menunggu")
    FEEDBACK = "feedback", _("Pendapat anak belum dibaca")
    UNLED = "unled", _("Kasus tanpa pendamping")


class CaseCall(models.Model):
    """When somebody was last called for one kind of thing that waits: once a day at most, whatever the number."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="case_calls")
    kind = models.CharField(max_length=10, choices=CallKind)
    called_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="case_call_once")]
