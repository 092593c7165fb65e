"""Reports and everything that hangs on them.

Nothing in these tables tells a story: what a person wrote, a name, a handle, a number, a place in words or a reason
in words is sealed in the vault under the report's record. In the clear stand ids, codes that staff need for queues and
clocks, and times in whole minutes. What is clear and why: docs/data-dictionary.md.

Sealed fields (key in brackets): `answers` (reporter), `message:<hex>` (reporter), `triage:<hex>`, `note:<hex>`,
`police`, `handover:<hex>`, `attempt:<hex>`, `canned:<hex>` (staff); `<hex>` is the id of the row.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id

from . import models_moves as models_moves  # tables of this room too, in files of their own
from .fields import MinuteField
from .models_duty import Alert as Alert
from .models_duty import DutyLevel as DutyLevel
from .models_duty import DutyShift as DutyShift


class State(models.TextChoices):
    """Where a report stands."""

    NEW = "new", _("Baru")
    CLAIMED = "claimed", _("Sedang dibaca")
    WAITING_REPORTER = "waiting_reporter", _("Menunggu pelapor")
    WAITING_STAFF = "waiting_staff", _("Menunggu petugas")
    REFERRED = "referred", _("Dirujuk")
    CLOSED = "closed", _("Ditutup")
    WITHDRAWN = "withdrawn", _("Ditarik")


OPEN_STATES = (
    State.NEW,
    State.CLAIMED,
    State.WAITING_REPORTER,
    State.WAITING_STAFF,
    State.REFERRED,
)


class Risk(models.TextChoices):
    """Risk levels of the ministry's intake standard."""

    HIGH = "high", _("Tinggi")
    MEDIUM = "medium", _("Sedang")
    LOW = "low", _("Rendah")


class RiskSource(models.TextChoices):
    """Who set the risk: the rule table at receipt, or a person since."""

    RULES = "rules", _("Aturan")
    STAFF = "staff", _("Petugas")


class Direction(models.TextChoices):
    IN = "in", _("Dari pelapor")
    OUT = "out", _("Dari petugas")


class MessageKind(models.TextChoices):
    TEXT = "text", _("Pesan")
    ADDITION = "addition", _("Tambahan atau perbaikan")
    STOP_PRESSURE = "stop_pressure", _("Ada yang menyuruh berhenti")
    SYSTEM = "system", _("Pemberitahuan")


HELP_PATH = "worried_self"
"""Path of an adult who fears harming a child: it is help and no case."""

OURS, THEIRS, CLOSED_RANK, UNLISTED = range(4), range(4, 8), 8, 9
"""Places in the queue: what waits for us (0 high, 1 medium, 2 low, 3 asks for help), then what waits for the reporter
or a service in the same order, then what is closed; withdrawn and merged reports stand in no list."""


def queue_rank() -> Case:
    """The place of a report in the queue, from its own columns alone: it never depends on the time of day."""
    kind = Case(
        When(path=HELP_PATH, then=Value(3)),
        When(risk=Risk.HIGH.value, then=Value(0)),
        When(risk=Risk.MEDIUM.value, then=Value(1)),
        default=Value(2),
    )
    waits = Case(
        When(state__in=[State.WAITING_REPORTER.value, State.REFERRED.value], then=Value(THEIRS.start)), default=Value(0)
    )
    return Case(
        When(Q(merged_into__isnull=False) | Q(state=State.WITHDRAWN.value), then=Value(UNLISTED)),
        When(state=State.CLOSED.value, then=Value(CLOSED_RANK)),
        default=kind + waits,
    )


class Report(models.Model):
    """One report, from the send button to the day it is erased.

    Invariants: the sealed content belongs to `record`; `team` holds its keys and is never one of `exclusions`;
    `version` grows by one with every change that a colleague must see before writing over it. `merged_into`: a
    colleague handles it together with that report, of the same team and never merged itself; queues count it there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    record = models.OneToOneField("vault.SealedRecord", on_delete=models.PROTECT, related_name="report")
    receipt_tag = models.BinaryField(max_length=32, unique=True)
    walk_tag = models.BinaryField(max_length=32, unique=True)
    # The indexes of the queue begin with the team.
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="reports", db_index=False)
    channel = models.CharField(max_length=20, default="portal")
    path = models.CharField(max_length=20, default="child")
    language = models.CharField(max_length=8, default="id")
    tz = models.CharField(max_length=40, default="Asia/Jakarta")
    state = models.CharField(max_length=20, choices=State, default=State.NEW)
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.MEDIUM)
    risk_source = models.CharField(max_length=8, choices=RiskSource, default=RiskSource.RULES)
    received_at = MinuteField()
    due_at = MinuteField()
    promised_at = MinuteField()
    # Its index leaves out what nobody holds, or SQLite would look there for the free ones of the queue.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="claimed_reports",
        db_index=False,
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    medical_until = MinuteField(null=True, blank=True)
    danger_now = models.BooleanField(default=False)
    selfharm = models.BooleanField(default=False)
    stop_pressure = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    legal_hold = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=20, blank=True, default="")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    version = models.PositiveIntegerField(default=1)
    # Computed by the database itself, so that no write can forget it.
    queue_rank = models.GeneratedField(
        expression=queue_rank(), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )

    class Meta:
        indexes: ClassVar = [
            # The state is in it so that walking along the queue reads no row that is not shown.
            models.Index(fields=["team", "queue_rank", "due_at", "id", "state"], name="report_queue"),
            models.Index(
                fields=["team", "queue_rank", "due_at", "id", "state"],
                condition=Q(claimed_by__isnull=True),
                name="report_free",
            ),
            models.Index(fields=["claimed_by"], condition=Q(claimed_by__isnull=False), name="report_held"),
            models.Index(fields=["team", "received_at", "id"], name="report_arrival"),
            models.Index(fields=["team", "state"], name="report_state"),
            models.Index(fields=["team", "channel"], name="report_channel"),
            models.Index(fields=["team", "language"], name="report_language"),
            models.Index(fields=["state", "closed_at"], name="report_retention"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="report_merged_into_another")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other; no part of the receipt."""
        return self.id.hex[:8].upper()

    @property
    def is_help(self) -> bool:
        """An adult who fears harming a child asked for help: no case, no alleged offender, a queue of its own."""
        return self.path == HELP_PATH


class ReportFact(models.Model):
    """A coded fact as a keyed token: equal values group in SQL, the meaning needs the statistics key.

    `field` is one of form, age_band, sex, province, regency, given, platform.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="facts")
    field = models.CharField(max_length=12)
    token = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            # In this order it also finds the reports of a fact, side by side.
            models.UniqueConstraint(fields=["field", "token", "report"], name="fact_once_a_report")
        ]


class ReportExclusion(models.Model):
    """A team that a report names or concerns: it sees nothing of the report, not even that there is one."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="exclusions")
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="excluded_reports")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "team"], name="exclusion_once_a_team")]


class ReportLink(models.Model):
    """A colleague says that two reports belong together ("I told before"). Keys and boxes stay apart."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="links_made")
    other = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="links_received")
    reason = models.CharField(max_length=20)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "other"], name="link_once"),
            models.CheckConstraint(condition=~Q(report=F("other")), name="link_of_two_reports"),
        ]


class Message(models.Model):
    """One message of the mailbox. The text is the vault field `message:<hex id>` under the reporter key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction)
    kind = models.CharField(max_length=16, choices=MessageKind, default=MessageKind.TEXT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    alias = models.CharField(max_length=60, blank=True, default="")
    at = MinuteField()
    sort = models.PositiveIntegerField(default=0)
    read_by_staff = models.BooleanField(default=False)
    read_by_reporter = models.BooleanField(default=False)
    read_at = MinuteField(null=True, blank=True)
    form_tag = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "sort", "id"]
        indexes: ClassVar = [
            models.Index(fields=["report", "at"], name="message_thread"),
            models.Index(fields=["report", "direction"], condition=Q(read_by_staff=False), name="message_unread"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "form_tag"], name="message_once_a_form")]

    @property
    def field(self) -> str:
        """Name of the sealed field that holds the text."""
        return f"message:{self.id.hex}"


class Authority(models.TextChoices):
    """Whose task it is (intake standard c)."""

    DISTRICT = "district", _("Kabupaten atau kota")
    PROVINCE = "province", _("Provinsi")
    NATIONAL = "national", _("Nasional")
    OTHER_COUNTRY = "other_country", _("Negara lain")


class NextStep(models.TextChoices):
    ADVICE = "advice", _("Saran")
    TAKEDOWN = "takedown", _("Permintaan hapus konten")
    REFERRAL = "referral", _("Rujukan")
    CASE = "case", _("Kasus")
    SAFETY_PLAN = "safety_plan", _("Rencana keselamatan")
    OUT_OF_SCOPE = "out_of_scope", _("Di luar lingkup")
    MISUSE = "misuse", _("Penyalahgunaan, perlu dua orang")


class TriageEntry(models.Model):
    """One judgement of a report. Forms, reason and the rest in words: vault field `triage:<hex id>`, staff key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="triages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    risk = models.CharField(max_length=8, choices=Risk)
    authority = models.CharField(max_length=16, choices=Authority)
    next_step = models.CharField(max_length=16, choices=NextStep)
    selfharm = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"triage:{self.id.hex}"


class Note(models.Model):
    """A colleague's note. The text is the vault field `note:<hex id>` under the staff key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"note:{self.id.hex}"


class PoliceDecision(models.TextChoices):
    REPORTED = "reported", _("Dilaporkan ke polisi")
    NOT_ENOUGH = "not_enough", _("Belum cukup untuk dilaporkan")
    LAWYER_EXCEPTION = "lawyer_exception", _("Pengecualian menurut ahli hukum")


class PoliceClock(models.Model):
    """The duty to report within 3 x 24 calendar hours (UU 12/2022). Reason and who told the child: field `police`."""

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE, related_name="police_clock")
    starts_at = MinuteField()
    due_at = MinuteField()
    decision = models.CharField(max_length=20, choices=PoliceDecision, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    @property
    def running(self) -> bool:
        return self.decision == ""


class FollowUpKind(models.TextChoices):
    SELFHARM_24H = "selfharm_24h", _("Tindak lanjut 24 jam")
    SAFETY_CHECK = "safety_check", _("Periksa keselamatan")


class FollowUp(models.Model):
    """Something that must be done for a child by a certain time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=16, choices=FollowUpKind)
    due_at = MinuteField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["due_at", "id"]


class Handover(models.Model):
    """A warm handover: a call was made and somebody accepted by voice. The name: `handover:<hex id>`, staff."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="handovers")
    at = models.DateTimeField()
    by_voice = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"handover:{self.id.hex}"


class Attempt(models.Model):
    """A try to find or reach a child in danger. Note and reason for stopping: field `attempt:<hex id>`, staff key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    stopped = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"attempt:{self.id.hex}"


class ClosureReason(models.TextChoices):
    MISUSE = "misuse", _("Penyalahgunaan")
    DUPLICATE = "duplicate", _("Sudah ada laporan lain")
    OUT_OF_SCOPE = "out_of_scope", _("Di luar lingkup")
    DONE = "done", _("Selesai")


class ClosureProposal(models.Model):
    """One person proposes to close; another one confirms. Nobody is ever called a liar by this."""

    class ProposalState(models.TextChoices):
        OPEN = "open", _("Menunggu orang kedua")
        CONFIRMED = "confirmed", _("Disetujui")
        REJECTED = "rejected", _("Tidak disetujui")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="closures")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    reason = models.CharField(max_length=16, choices=ClosureReason)
    safety_checked = models.BooleanField(default=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report"], condition=Q(state="open"), name="one_open_closure_a_report")
        ]


class WithdrawalState(models.TextChoices):
    WAITING = "waiting", _("Terkunci, masih bisa dibatalkan")
    SUPERVISOR = "supervisor", _("Menunggu penyelia")
    UNDONE = "undone", _("Dibatalkan oleh pelapor")
    REFUSED = "refused", _("Disimpan oleh penyelia")
    DONE = "done", _("Dihapus")


class Withdrawal(models.Model):
    """Somebody who holds the receipt asked to stop. `waiting`: the team's keys are gone until it is undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="withdrawals")
    state = models.CharField(max_length=12, choices=WithdrawalState)
    reason = models.CharField(max_length=16, blank=True, default="")
    pressured = models.BooleanField(default=False)
    previous_state = models.CharField(max_length=20, choices=State)
    asked_at = MinuteField()
    shred_at = MinuteField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=["waiting", "supervisor"]),
                name="one_running_withdrawal_a_report",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "shred_at"], name="withdrawal_due")]


class Tally(models.Model):
    """What stays of an erased report: a count in a month. Tokens are keyed; an unknown fact is the empty value."""

    month = models.DateField()
    province = models.BinaryField(max_length=32, default=b"")
    form = models.BinaryField(max_length=32, default=b"")
    age_band = models.BinaryField(max_length=32, default=b"")
    sex = models.BinaryField(max_length=32, default=b"")
    channel = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["month", "province", "form", "age_band", "sex", "channel", "outcome"], name="tally_cell"
            )
        ]


class Platform(models.Model):
    """An app, game or site that people can name. Staff maintain the list; a retired one is no longer offered."""

    code = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    sort = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["sort", "name"]

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A filter of the inbox that somebody keeps for themselves. The name is staff's own word, so it holds no story."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="view_once_a_name")]

    def __str__(self) -> str:
        return f"view {self.id}"
