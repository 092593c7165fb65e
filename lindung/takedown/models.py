"""Requests to have something taken down. No table holds an address: it is sealed under the staff key of its report.

Sealed fields of the report's record (staff key): `takedown:<hex item>` the address or hash, `takedown_ref:<hex entry>`
the addressee's reference, `takedown_answer:<hex answer>` what the addressee wrote, in the words of staff. In the clear
stand ids, codes and times. What is clear and why: docs/data-dictionary.md.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Kind(models.TextChoices):
    """What is handed over: an address, or a fingerprint of material that somebody else computed."""

    URL = "url", _("Alamat internet")
    MD5 = "md5", "MD5"
    SHA1 = "sha1", "SHA-1"
    SHA256 = "sha256", "SHA-256"
    PHOTODNA = "photodna", "PhotoDNA"
    PDQ = "pdq", "PDQ"


class Addressee(models.TextChoices):
    """Who is asked."""

    PLATFORM = "platform", _("Platform")
    IWF = "iwf", _("Portal IWF")
    KOMDIGI = "komdigi", _("Komdigi")
    HOST = "host", _("Penyedia hosting")


class State(models.TextChoices):
    """Where a request stands. The only ways between them: state.py."""

    DRAFT = "draft", _("Perlu dikirim")
    SENT = "sent", _("Menunggu jawaban")
    REMOVED = "removed", _("Katanya sudah dihapus")
    REFUSED = "refused", _("Ditolak")
    ASKS_MORE = "asks_more", _("Minta keterangan")
    CHECKING = "checking", _("Diperiksa ulang")
    GONE = "gone", _("Sudah hilang")
    NOT_POSSIBLE = "not_possible", _("Tidak bisa diminta")
    WITHDRAWN = "withdrawn", _("Dibatalkan")


DONE_STATES = (State.GONE, State.NOT_POSSIBLE, State.WITHDRAWN)
UNDER_WAY = (State.SENT, State.REMOVED, State.ASKS_MORE, State.REFUSED, State.CHECKING)


class AnswerCode(models.TextChoices):
    """What an addressee answers."""

    REMOVED = "removed", _("Sudah dihapus")
    REFUSED = "refused", _("Ditolak")
    ASKS_MORE = "asks_more", _("Minta keterangan")


class Method(models.TextChoices):
    """How a person knows, without ever opening material."""

    ADDRESSEE = "addressee", _("Kata penerima, dalam surat atau portalnya")
    ADDRESS = "address", _("Alamatnya menjawab: tidak ada")
    LIST = "list", _("Status di portal IWF atau daftar hash")


class Result(models.TextChoices):
    THERE = "there", _("Masih ada")
    NOT_THERE = "not_there", _("Tidak ada")
    COULD_NOT_TELL = "could_not_tell", _("Belum bisa dipastikan")


class EndReason(models.TextChoices):
    """Why nothing is asked (any more)."""

    PRIVATE_CHAT = "private_chat", _("Hanya ada di chat pribadi atau terenkripsi")
    NO_ADDRESSEE = "no_addressee", _("Tidak ada penerima yang bisa dihubungi")
    UNCLEAR = "unclear", _("Alamatnya tidak jelas")
    POLICE = "police", _("Polisi meminta menunggu")
    MISTAKE = "mistake", _("Salah catat")


class Item(models.Model):
    """One address or hash of one report, handed to one addressee.

    Invariants: `tag` makes adding the same twice one; `address` is equal for the same address handed to several, within
    one report only; `round` grows when it must be sent again, and only checks of the
    present round count; `first_*` are written once and feed the statistics; `version` grows with every change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey("reporting.Report", on_delete=models.CASCADE, related_name="takedowns")
    tag = models.BinaryField(max_length=32)
    address = models.BinaryField(max_length=32, default=b"")
    kind = models.CharField(max_length=10, choices=Kind)
    addressee = models.CharField(max_length=10, choices=Addressee)
    platform = models.CharField(max_length=40, blank=True, default="")
    basis = models.CharField(max_length=20)
    state = models.CharField(max_length=14, choices=State, default=State.DRAFT)
    end_reason = models.CharField(max_length=14, choices=EndReason, blank=True, default="")
    round = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=AnswerCode, blank=True, default="")
    first_answered_at = models.DateTimeField(null=True, blank=True)
    last_result = models.CharField(max_length=14, choices=Result, blank=True, default="")
    first_not_there_at = models.DateTimeField(null=True, blank=True)
    check_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "tag"], name="takedown_once_a_report")]
        indexes: ClassVar = [
            models.Index(fields=["state", "remind_at"], name="takedown_reminders"),
            models.Index(fields=["report", "state"], name="takedown_of_report"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Eight hexadecimal digits that staff say to each other."""
        return self.id.hex[:8].upper()

    @property
    def field(self) -> str:
        """Name of the sealed field that holds the address."""
        return f"takedown:{self.id.hex}"


class Notice(models.Model):
    """One letter to one addressee about several items of a team's reports. Its text is made when it is read."""

    class NoticeState(models.TextChoices):
        DRAFT = "draft", _("Belum dikirim")
        SENT = "sent", _("Terkirim")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="takedown_notices")
    addressee = models.CharField(max_length=10, choices=Addressee)
    platform = models.CharField(max_length=40, blank=True, default="")
    template = models.CharField(max_length=10)
    state = models.CharField(max_length=6, choices=NoticeState, default=NoticeState.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "id"]

    @property
    def reference(self) -> str:
        """The number that stands in the letter."""
        return self.id.hex[:8].upper()


class Entry(models.Model):
    """An item on a notice. `sent_at` is empty until the notice is sent; an item waits on one notice at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="entries")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "item"], name="takedown_once_a_notice"),
            models.UniqueConstraint(fields=["item"], condition=Q(sent_at=None), name="takedown_on_one_open_notice"),
        ]

    @property
    def field(self) -> str:
        """Name of the sealed field that holds the addressee's reference."""
        return f"takedown_ref:{self.id.hex}"


class Answer(models.Model):
    """What an addressee answered, and when. Their words: `takedown_answer:<hex id>`, staff key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="answers")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=10, choices=AnswerCode)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    @property
    def field(self) -> str:
        return f"takedown_answer:{self.id.hex}"


class Check(models.Model):
    """A person looked again. `round` is that of the item: checks before it was sent again do not count."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, choices=Method)
    result = models.CharField(max_length=14, choices=Result)
    round = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["at", "id"]


class Contact(models.Model):
    """How an addressee is reached: public facts only, kept by staff. One row for each addressee and platform."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    addressee = models.CharField(max_length=10, choices=Addressee)
    platform = models.CharField(max_length=40, blank=True, default="")
    form_url = models.CharField(max_length=300, blank=True, default="")
    email = models.CharField(max_length=120, blank=True, default="")
    police_guide = models.CharField(max_length=300, blank=True, default="")
    asks = models.CharField(max_length=500, blank=True, default="")
    promised_hours = models.PositiveIntegerField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["addressee", "platform"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["addressee", "platform"], name="contact_once_an_addressee")
        ]


class Erased(models.Model):
    """What stays of an item that was sent and whose report was erased: one line of the statistics without any id.

    Lengths of time are in tenths of an hour, as everywhere in the statistics, so that no moment can be reckoned back.
    `named`: the report was hidden from some team, so that its line is shown to the team that had it alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    addressee = models.CharField(max_length=10, choices=Addressee)
    platform = models.CharField(max_length=40, blank=True, default="")
    answered_tenths = models.PositiveIntegerField(null=True, blank=True)
    not_there_tenths = models.PositiveIntegerField(null=True, blank=True)
    gone = models.BooleanField(default=False)
    still_there = models.BooleanField(default=False)
    named = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "month"], name="takedown_erased_month")]
