"""Assessment, safety, plan of services, what was delivered, the checklist of the standard, conferences.

Sealed fields of the case's record: `assessment:<hex>`, `safety:<hex>`, `plan:<hex>`, `goal:<hex>`, `delivery:<hex>`,
`check:<hex>` (why an item does not apply), `conference:<hex>`, `review:<hex>`, `group:<hex>` (answers about wellbeing).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Assessment(models.Model):
    """One assessment of risk and needs. `suggested` is what the stated rules gave, `risk` what a person decided.

    Answers, needs and the rationale are the field `assessment:<hex>`; a risk below the suggestion needs a rationale.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="assessments")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rules = models.CharField(max_length=20)
    """Version of the rules that suggested the risk."""
    suggested = models.CharField(max_length=8)
    risk = models.CharField(max_length=8)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"assessment:{self.id.hex}"


class SafetyPlan(models.Model):
    """What the child and the people around it do when danger comes. The newest one counts; its text: `safety:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="safety_plans")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    with_child = models.BooleanField(default=False)
    review_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"safety:{self.id.hex}"


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Rancangan")
    WAITING = "waiting", _("Menunggu persetujuan")
    APPROVED = "approved", _("Disetujui")
    REPLACED = "replaced", _("Diganti")


class Plan(models.Model):
    """A plan of services. It becomes valid when a second person approves it (models_closing.Approval)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=PlanState, default=PlanState.DRAFT)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    with_child = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="case_plan_number")]

    @property
    def field(self) -> str:
        """Name of the sealed field that holds the child's wishes and hopes and what was agreed."""
        return f"plan:{self.id.hex}"


class GoalState(models.TextChoices):
    PLANNED = "planned", _("Direncanakan")
    UNDER_WAY = "under_way", _("Berjalan")
    REACHED = "reached", _("Tercapai")
    PARTLY = "partly", _("Tercapai sebagian")
    NOT_REACHED = "not_reached", _("Belum tercapai")
    DROPPED = "dropped", _("Tidak diteruskan")


GOAL_DONE = (GoalState.REACHED, GoalState.PARTLY, GoalState.NOT_REACHED, GoalState.DROPPED)


class Goal(models.Model):
    """One goal of a plan: a service (key of directory services), who provides it, and by when.

    `due_on` is a local date of the case's place; a time in working days was turned into it by `core.worktime`. What is
    to be reached, in words: `goal:<hex>`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    service = models.CharField(max_length=24)
    provider = models.ForeignKey(
        "directory.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=12, choices=GoalState, default=GoalState.PLANNED)
    due_on = models.DateField()
    working_days = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [models.Index(fields=["plan", "state"], name="case_goal_state")]

    @property
    def field(self) -> str:
        return f"goal:{self.id.hex}"


class Delivery(models.Model):
    """A service that was really delivered: when, how long, by whom. Words: `delivery:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="deliveries")
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    organisation = models.ForeignKey(
        "directory.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    child_came = models.BooleanField(default=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["on", "recorded_at", "id"]

    @property
    def field(self) -> str:
        return f"delivery:{self.id.hex}"


class MarkState(models.TextChoices):
    DONE = "done", _("Sudah")
    NOT_APPLICABLE = "not_applicable", _("Tidak berlaku")
    UNDONE = "undone", _("Belum")


class Mark(models.Model):
    """An item of the standard's checklist, marked by a person. The newest mark of an item counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="marks")
    standard = models.CharField(max_length=20)
    item = models.CharField(max_length=40)
    state = models.CharField(max_length=14, choices=MarkState)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["case", "standard", "item"], name="case_mark_item")]

    @property
    def field(self) -> str:
        return f"check:{self.id.hex}"


class Conference(models.Model):
    """A case conference: who came and what was agreed is the field `conference:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="conferences")
    planned_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["planned_at", "id"]

    @property
    def field(self) -> str:
        return f"conference:{self.id.hex}"


class CaseReview(models.Model):
    """Somebody looked at the whole case on its review date. `risk` as it stood then; words: `review:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="reviews")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    risk = models.CharField(max_length=8)
    due_at = models.DateTimeField(null=True, blank=True)
    """When it was due; the next one is `Case.review_due_at`."""

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"review:{self.id.hex}"


class Group(models.Model):
    """A psychosocial group activity (Aku Bangkit, Aku Bahagia). `programme` is a code of knowledge/groups.yaml.

    `answered` and `change_tenths` are written once, when it ends, and only for five children or more: how many answered
    before and after, and the mean difference of the scale of 1 to 4, in tenths.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="groups")
    programme = models.CharField(max_length=20)
    starts_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered = models.PositiveSmallIntegerField(null=True, blank=True)
    change_tenths = models.SmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-starts_on", "id"]


class GroupMember(models.Model):
    """A child of a case in a group. Answers about wellbeing before and after: `group:<hex>` in the case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members")
    case = models.ForeignKey("casework.Case", on_delete=models.CASCADE, related_name="groups")
    joined_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True, blank=True)
    after_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "case"], name="case_group_member_once")]

    @property
    def field(self) -> str:
        return f"group:{self.id.hex}"


class GroupSession(models.Model):
    """One meeting of a group; `came` are the members who were there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="sessions")
    on = models.DateField()
    came = models.ManyToManyField(GroupMember, related_name="sessions")

    class Meta:
        ordering: ClassVar = ["on", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "on"], name="case_group_session_day")]
