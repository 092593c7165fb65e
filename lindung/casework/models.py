"""Cases: one child each, made from one or more reports.

Nothing in these tables tells a story. Names, places in words, reasons and everything that people say is sealed in the
vault under the case's own record (kind `case`, staff key). In the clear stand ids, codes that a queue, a clock or a
rule needs without a key, and times. Coded facts about the child are keyed tokens (CaseFact). What is clear and why:
docs/data-dictionary.md.

Sealed fields of the record: `child`, `place:<role>`, `person:<hex>`, `incident:<hex>`, `note:<hex>`, `event:<hex>`,
`task:<hex>`, `report:<hex>` (what a report told, as it was when it was added), and those named in the four other files
of tables; `<hex>` is the id of the row.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id

from . import models_closing as models_closing  # tables of this room too, by subject
from . import models_legal as models_legal
from . import models_plan as models_plan
from . import models_rights as models_rights


class State(models.TextChoices):
    """Where a case stands. The only ways between them: state.py."""

    OPEN = "open", _("Terbuka")
    CLOSING = "closing", _("Menunggu persetujuan penutupan")
    CLOSED = "closed", _("Ditutup")


class Stage(models.TextChoices):
    """Which part of the standard the work is in. It may go back: a new assessment in the middle of services."""

    INTAKE = "intake", _("Penerimaan")
    ASSESSMENT = "assessment", _("Asesmen")
    PLAN = "plan", _("Rencana layanan")
    SERVICE = "service", _("Layanan")
    MONITORING = "monitoring", _("Pemantauan")
    TERMINATION = "termination", _("Pengakhiran")


class Risk(models.TextChoices):
    """Risk levels of the ministry's intake standard, as in reporting."""

    HIGH = "high", _("Tinggi")
    MEDIUM = "medium", _("Sedang")
    LOW = "low", _("Rendah")


class Status(models.TextChoices):
    """What the child is before the law and in our care; more than one at a time. None of them takes a service away.

    A child who displays harmful sexual behaviour is a child who needs help: under 12 never prosecuted (UU 11/2012).
    """

    VICTIM = "victim", _("Korban")
    WITNESS = "witness", _("Saksi")
    IN_CONFLICT = "in_conflict", _("Anak yang berkonflik dengan hukum")
    HSB_UNDER_12 = "hsb_under_12", _("Anak dengan perilaku seksual berbahaya, di bawah 12 tahun")
    HSB_12_17 = "hsb_12_17", _("Anak dengan perilaku seksual berbahaya, 12 sampai 17 tahun")


class PlaceRole(models.TextChoices):
    """The four places that decide whose task it is."""

    HOME = "home", _("Tempat asal")
    PRESENT = "present", _("Tempat sekarang")
    EVENT = "event", _("Tempat kejadian")
    SUSPECT = "suspect", _("Tempat terduga pelaku")


class Authority(models.TextChoices):
    """Whose task it is, derived from the four places (rules_places)."""

    DISTRICT = "district", _("Kabupaten atau kota")
    PROVINCE = "province", _("Provinsi")
    NATIONAL = "national", _("Nasional (KemenPPPA)")
    OTHER_COUNTRY = "other_country", _("Lintas negara")


class Case(models.Model):
    """One child's case, from the day it is opened to the day it is erased.

    Invariants: the sealed content belongs to `record`; `team` holds its keys and is never one of `exclusions`;
    `version` grows by one with every change that a colleague must see before writing over it; `standard` is the version
    of the service standard that it follows until somebody moves it; at most one present lead worker (CaseWorker);
    `free`: not closed, and nobody works on it now (services.access.settle_free keeps it so).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="case")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="cases", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.INTAKE)
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.MEDIUM)
    standard = models.CharField(max_length=20)
    tz = models.CharField(max_length=40, default="Asia/Jakarta")
    authority = models.CharField(max_length=16, choices=Authority, blank=True, default="")
    lead_agency = models.ForeignKey(
        "directory.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    review_due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=24, blank=True, default="")
    legal_hold = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=20, blank=True, default="")
    mediation_barred = models.BooleanField(default=True)
    """A sexual offence is never settled outside court (UU 12/2022 art. 23); only two people can lift it (closing)."""
    changed_at = models.DateTimeField()
    free = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "opened_at"], condition=Q(free=True), name="case_free"),
            models.Index(fields=["team", "state", "review_due_at", "id"], name="case_review"),
            models.Index(fields=["team", "state", "risk", "changed_at"], name="case_list"),
            models.Index(fields=["team", "opened_at", "id"], name="case_opened"),
            models.Index(fields=["state", "closed_at"], name="case_retention"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other."""
        return self.id.hex[:8].upper()


class CaseReport(models.Model):
    """A report that a case was made from. One report may lead to several cases: one for each child it tells of."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="case_reports")
    report = models.ForeignKey("reporting.Report", on_delete=models.PROTECT, related_name="case_reports")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "report"], name="case_report_once")]


class CaseFact(models.Model):
    """A coded fact as a keyed token, as in reporting.ReportFact.

    `field` is one of form, age_band, sex, channel, platform, status, vulnerability, disability, language, foreign,
    home_province, home_regency, present_province, present_regency, event_province, event_regency, suspect_province,
    suspect_regency.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=18)
    token = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            # In this order it also finds the cases of a fact, side by side.
            models.UniqueConstraint(fields=["field", "token", "case"], name="case_fact_once")
        ]


class CaseExclusion(models.Model):
    """A team that the case names or concerns: it sees nothing of the case, not even that there is one."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="exclusions")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="excluded_cases")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "team"], name="case_exclusion_once")]


class WorkerRole(models.TextChoices):
    LEAD = "lead", _("Pendamping utama")
    CO = "co", _("Pendamping kedua")


class CaseWorker(models.Model):
    """Who works with this child, and from when to when. What a person sees of a case follows from it (rules.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="workers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_work")
    role = models.CharField(max_length=4, choices=WorkerRole)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(role="lead", until=None), name="case_one_present_lead"
            ),
            models.UniqueConstraint(fields=["case", "user"], condition=Q(until=None), name="case_worker_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user"], condition=Q(until=None), name="case_worker_now")]


class Incident(models.Model):
    """Something that happened, as far as more than one child shares it. It has no words: each case tells its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField()


class CaseIncident(models.Model):
    """An incident of a child: form, channel, dates and words are sealed in the case (`incident:<hex of incident>`).

    Two cases of one incident never share a present worker.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="incidents")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="cases")
    report = models.ForeignKey("reporting.Report", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """The report that told of it, if one did: a second child of that report gets the same incident."""
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "incident"], name="case_incident_once")]

    @property
    def field(self) -> str:
        """Name of the sealed field that holds what is known of it."""
        return f"incident:{self.incident_id.hex}"


class PersonRole(models.TextChoices):
    GUARDIAN = "guardian", _("Wali atau orang tua")
    RELATIVE = "relative", _("Keluarga")
    ALLEGED_OFFENDER = "alleged_offender", _("Terduga pelaku")
    TRUSTED = "trusted", _("Orang yang dipercaya anak")
    PROFESSIONAL = "professional", _("Petugas atau pendamping")
    OTHER = "other", _("Lain")


class Standing(models.TextChoices):
    """What a guardian means for the child's safety. Implicated: alleged offender, shields one, or benefits."""

    SAFE = "safe", _("Aman bagi anak")
    IMPLICATED = "implicated", _("Diduga terlibat")
    UNKNOWN = "unknown", _("Belum diketahui")
    ABSENT = "absent", _("Tidak ada")


class Person(models.Model):
    """Somebody around the child. Name, relation, contact and identifiers are sealed in `person:<hex>`.

    `standing` is for guardians only and stands in the clear, because a rule that keeps letters and calls from them must
    hold without any key. `also_child`: this person is a child too, and never only a suspect.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="people")
    role = models.CharField(max_length=16, choices=PersonRole)
    standing = models.CharField(max_length=10, choices=Standing, blank=True, default="")
    also_child = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["added_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(role="guardian") & ~Q(standing="")) | (~Q(role="guardian") & Q(standing="")),
                name="case_standing_of_guardians",
            )
        ]

    @property
    def field(self) -> str:
        return f"person:{self.id.hex}"


class CaseLink(models.Model):
    """Two cases of siblings or of the same events, as a colleague says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_made")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_received")
    reason = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "other"], name="case_link_once"),
            models.CheckConstraint(condition=~Q(case=F("other")), name="case_link_of_two"),
        ]


class CaseNote(models.Model):
    """A colleague's note; its text is the field `note:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"note:{self.id.hex}"


class TaskKind(models.TextChoices):
    """Why a task is there: by hand, or made by a rule."""

    HAND = "hand", _("Tugas")
    REVIEW = "review", _("Tinjauan berkala")
    GOAL = "goal", _("Tujuan rencana")
    FOLLOW_UP = "follow_up", _("Tindak lanjut setelah penutupan")
    REFERRAL = "referral", _("Rujukan")
    DECISION = "decision", _("Tinjauan keputusan kepentingan terbaik")
    DEMAND = "demand", _("Permintaan data dari aparat")
    FIRST = "first", _("Layanan pertama")
    SAFETY = "safety", _("Tinjauan rencana keselamatan")
    CONFERENCE = "conference", _("Konferensi kasus")


class CaseTask(models.Model):
    """Something to do by a time. Its words are the field `task:<hex>`; those that rules make need none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=10, choices=TaskKind, default=TaskKind.HAND)
    subject = models.UUIDField(null=True, blank=True)
    """The row that a rule made it for (a goal, a referral, a decision)."""
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="case_tasks"
    )
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["due_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["case", "due_at"], condition=Q(done_at=None), name="case_task_open"),
            models.Index(fields=["assignee", "due_at"], condition=Q(done_at=None), name="case_task_mine"),
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="case_task_due"),
        ]

    @property
    def field(self) -> str:
        return f"task:{self.id.hex}"


class ChildEventKind(models.TextChoices):
    MISSING = "missing", _("Anak hilang")
    FOUND = "found", _("Anak ditemukan")
    DIED = "died", _("Anak meninggal")
    MOVED = "moved", _("Anak pindah tempat")


class ChildEvent(models.Model):
    """Something that changes everything: missing, found, died, moved. Circumstances are the field `event:<hex>`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="child_events")
    kind = models.CharField(max_length=8, choices=ChildEventKind)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["on", "at", "id"]

    @property
    def field(self) -> str:
        return f"event:{self.id.hex}"
