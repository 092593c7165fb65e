"""Who helps: organisations, what each does and for whom, where and when. Facts about bodies, kept by staff.

No table is sealed: everyone of staff reads all of it. Contacts are those of an office. Where a shelter stands is not
kept at all, and neither a shelter nor a member who is one person is ever public; the database itself holds both.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lindung.core.ids import new_id


class Kind(models.TextChoices):
    """Kinds of bodies that the source documents name."""

    UPTD_PROVINCE = "uptd_province", _("UPTD PPA provinsi")
    UPTD_DISTRICT = "uptd_district", _("UPTD PPA kabupaten/kota")
    NETWORK = "network", _("Anggota jaringan")
    NETWORK_PERSON = "network_person", _("Anggota jaringan perorangan")
    POLICE_PPA = "police_ppa", _("Unit PPA kepolisian")
    POLICE_PPA_PPO = "police_ppa_ppo", _("Ditres/Satres PPA-PPO")
    HOSPITAL = "hospital", _("Rumah sakit atau puskesmas")
    LEGAL_AID = "legal_aid", _("Bantuan hukum")
    LPSK = "lpsk", _("LPSK")
    PSYCHOLOGIST = "psychologist", _("Psikolog")
    SHELTER = "shelter", _("Rumah aman")
    SOCIAL_SERVICE = "social_service", _("Dinas sosial atau pekerja sosial")
    PROBATION = "probation", _("Balai pemasyarakatan")
    SCHOOL = "school", _("Sekolah")
    PLATFORM = "platform", _("Platform")
    FINANCIAL = "financial", _("Penyedia jasa keuangan")
    MINISTRY = "ministry", _("Kementerian atau lembaga")
    INTERNATIONAL = "international", _("Lembaga internasional")
    HELPLINE = "helpline", _("Layanan telepon")


class Organisation(models.Model):
    """A body, or a member of the network as a person with an affiliation. `code` is how spreadsheets name it.

    `name_key` is the name as `rules.name_key` writes it: two spellings of one name have the same. `region` is the
    Kemendagri code of its seat ("" for the whole country). `team`: its team on this platform, when it works here.
    `public`: the page for everybody may name it. `until`: the day from which it no longer exists under this name; its
    successor is in Succession. `version` counts changes of the body and of its services alike.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=16, choices=Kind)
    affiliation = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="affiliates")
    region = models.CharField(max_length=13, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    phone = models.CharField(max_length=60, blank=True, default="")
    whatsapp = models.CharField(max_length=60, blank=True, default="")
    email = models.CharField(max_length=120, blank=True, default="")
    website = models.CharField(max_length=200, blank=True, default="")
    tz = models.CharField(max_length=40, default="Asia/Jakarta")
    team = models.OneToOneField(
        "accounts.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="directory_entry"
    )
    public = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True, default="")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind=Kind.SHELTER) | Q(address=""), name="directory_shelter_unseen"),
            models.CheckConstraint(
                condition=Q(public=False) | ~Q(kind__in=[Kind.SHELTER, Kind.NETWORK_PERSON]),
                name="directory_not_public",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "region"], name="directory_kind"),
            models.Index(fields=["region", "name"], name="directory_region"),
        ]

    def __str__(self) -> str:
        return self.name


class NameVariant(models.Model):
    """Another name of the same body: an abbreviation, an older spelling (UPTD PPA / UPTD PPPA). `key` is normalised."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=200, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "key"], name="directory_variant_once")]


class Succession(models.Model):
    """A body took the tasks of another over on a day (Kominfo to Komdigi, 2024)."""

    before = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="successors")
    after = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="predecessors")
    on = models.DateField()
    source = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["before", "after"], name="directory_succession_once"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="directory_succession_of_two"),
        ]


class Does(models.TextChoices):
    """What the body itself does for a service. A referral goes to who provides."""

    PROVIDES = "provides", _("menyediakan sendiri")
    FACILITATES = "facilitates", _("memfasilitasi")
    IDENTIFIES = "identifies", _("mengidentifikasi kebutuhan")
    COORDINATES = "coordinates", _("mengoordinasikan")
    MONITORS = "monitors", _("memantau")


class Service(models.Model):
    """One service of one body: a key of knowledge/services.yaml, what it does itself, for whom, where and when.

    Empty yes/no questions mean "not asked yet" (null), which a search never takes for yes. Ages in whole years, both
    included. `capacity` in places or children at once. `fee` in words ("" for free of charge).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="services")
    service = models.CharField(max_length=24)
    does = models.CharField(max_length=12, choices=Does)
    whole_country = models.BooleanField(default=False)
    age_from = models.PositiveSmallIntegerField(default=0)
    age_to = models.PositiveSmallIntegerField(default=17)
    accepts_boys = models.BooleanField(null=True)
    accepts_girls = models.BooleanField(null=True)
    siblings = models.BooleanField(null=True)
    with_mother = models.BooleanField(null=True)
    lgbt_safe = models.BooleanField(null=True)
    wheelchair = models.BooleanField(null=True)
    sign_language = models.BooleanField(null=True)
    night_admission = models.BooleanField(null=True)
    always_open = models.BooleanField(default=False)
    languages = models.CharField(max_length=100, blank=True, default="id")
    """Codes (ISO 639) joined by a blank."""
    faith_and_food = models.CharField(max_length=120, blank=True, default="")
    capacity = models.PositiveIntegerField(null=True, blank=True)
    fee = models.CharField(max_length=120, blank=True, default="")
    contact = models.CharField(max_length=120, blank=True, default="")
    notes = models.CharField(max_length=300, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["service", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "service"], name="directory_service_once"),
            models.CheckConstraint(condition=Q(age_from__lte=F("age_to")), name="directory_ages"),
        ]
        indexes: ClassVar = [models.Index(fields=["service", "does", "active"], name="directory_service_does")]


class Coverage(models.Model):
    """A region that a service covers: a province (2 digits), a regency (31.71) or deeper. It covers all below it."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="coverage")
    region = models.CharField(max_length=13, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "region"], name="directory_coverage_once")]


class OpeningHours(models.Model):
    """When a service answers, in the local time of its body: weekday 0 (Monday) to 6. It may end after midnight.

    `closes` before or equal to `opens` means the next day. On public holidays and joint leave only if `holidays`.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    holidays = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="directory_weekday"),
            models.UniqueConstraint(fields=["service", "weekday", "opens"], name="directory_hours_once"),
        ]
