"""The forms of the directory. Places are typed by name or code; what may be written, the services decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms as django
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Team
from lindung.directory import checks, hours, selectors
from lindung.directory.models import Does, Kind, Organisation, Service
from lindung.directory.rules import ForWhom
from lindung.directory.services import OrganisationInput, ServiceInput
from lindung.directory.sheets.columns import QUESTIONS, WHOLE_COUNTRY
from lindung.places import selectors as places
from lindung.places.catalogue import Place
from lindung.places.matching import words_of
from lindung.workspace.forms import StaffForm

_FILL = {"required": _("Isi dulu bagian ini.")}
Choices = list[tuple[str, str | Promise]]


def places_named(text: str) -> list[Place]:
    """The place that a code or a name means; several when the name is shared, none when there is no such place."""
    text = text.strip()
    place = places.get(text)
    if place is not None:
        return list(places.current(text))
    found = places.search(text, 6)
    exact = [one for one in found if words_of(one.name) == words_of(text)]
    if exact:
        return exact
    same = [one for one in found if words_of(one.short_name) == words_of(text)]
    return same or found


class Region(django.CharField):
    """One place, by name or code; gives its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=80, **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "").strip()
        return code_of(text) if text else ""


def code_of(text: str) -> str:
    """The code of one place. Raises ValidationError with the choices when the name is shared."""
    try:
        return checks.region(text)
    except checks.Wrong:
        found = places_named(text)
    if len(found) == 1:
        return found[0].code
    if not found:
        raise ValidationError(_("Tempat ini tidak ketemu. Tulis nama atau kodenya."))
    names = ", ".join(f"{one.name} ({one.code})" for one in found)
    raise ValidationError(_now("Lebih dari satu tempat: %(names)s. Tulis kodenya.") % {"names": names})


class Regions(django.CharField):
    """Several places, one a line or separated by ";"; "indonesia" alone is the whole country."""

    def clean(self, value: Any) -> tuple[str, ...]:
        text = str(super().clean(value) or "")
        pieces = [piece.strip() for piece in text.replace("\n", ";").replace(",", ";").split(";") if piece.strip()]
        if [piece.lower() for piece in pieces] == [WHOLE_COUNTRY]:
            return (WHOLE_COUNTRY,)
        return tuple(dict.fromkeys(code_of(piece) for piece in pieces))


class Answer(django.TypedChoiceField):
    """Yes, no, or nobody asked yet."""

    def __init__(self, **kwargs: Any) -> None:
        choices: Choices = [("", _("Belum ditanyakan")), ("ya", _("Ya")), ("tidak", _("Tidak"))]
        super().__init__(choices=choices, required=False, coerce=lambda text: text == "ya", empty_value=None, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return {True: "ya", False: "tidak", None: ""}.get(value, value)


def _kinds() -> Choices:
    return [("", _("Semua")), *Kind.choices]


def _services() -> Choices:
    return [("", _("Semua")), *selectors.service_choices()]


_NEEDS: tuple[tuple[str, str | Promise], ...] = (
    ("siblings", _("bersama saudara")),
    ("with_mother", _("bersama ibu")),
    ("sign_language", _("bahasa isyarat")),
    ("wheelchair", _("kursi roda")),
    ("lgbt_safe", _("aman untuk anak LGBT")),
    ("night", _("malam hari")),
)


class DirectoryFilters(django.Form):
    """What the list shows. Anything unknown in the address counts as not chosen."""

    kata = django.CharField(label=_("Nama atau kode"), required=False, max_length=80)
    daerah = django.CharField(label=_("Daerah"), required=False, max_length=80)
    layanan = django.ChoiceField(label=_("Layanan"), required=False, choices=_services)
    jenis = django.ChoiceField(label=_("Jenis"), required=False, choices=_kinds)
    lihat = django.ChoiceField(
        label=_("Lihat"),
        required=False,
        choices=[
            ("", _("Semua yang ada")),
            ("buka", _("Buka sekarang")),
            ("periksa", _("Perlu diperiksa")),
            ("berakhir", _("Sudah berakhir")),
        ],
    )
    peran = django.ChoiceField(
        label=_("Peran"), required=False, choices=[("", _("Semua")), ("provides", _("Menyediakan sendiri"))]
    )
    umur = django.IntegerField(label=_("Umur anak"), required=False, min_value=0, max_value=checks.OLDEST)
    jk = django.ChoiceField(
        label=_("Anak"),
        required=False,
        choices=[("", _("Semua")), ("female", _("Perempuan")), ("male", _("Laki-laki"))],
    )
    perlu = django.MultipleChoiceField(
        label=_("Perlu"), required=False, choices=_NEEDS, widget=django.CheckboxSelectMultiple
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="saring-%s")
        self.is_valid()
        self.place: Place | None = None
        self.others: list[Place] = []
        if text := self.chosen.get("daerah", ""):
            found = places_named(text)
            self.place, self.others = (found[0], found[1:]) if found else (None, [])

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen and is valid."""
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None, [])}

    @property
    def first(self) -> list[django.BoundField]:
        return [self[name] for name in ("kata", "daerah", "layanan", "lihat")]

    @property
    def more(self) -> list[django.BoundField]:
        return [self[name] for name in ("jenis", "peran", "umur", "jk")]

    @property
    def uses_more(self) -> bool:
        return bool(set(self.chosen) & {"jenis", "peran", "umur", "jk", "perlu"})

    @property
    def searches(self) -> bool:
        """Whether it asks for services that fit, which is looked at one by one, and not for bodies alone."""
        return bool(set(self.chosen) & {"peran", "umur", "jk", "perlu"}) or self.chosen.get("lihat") == "buka"

    @property
    def child(self) -> ForWhom:
        wishes: dict[str, Any] = dict.fromkeys(self.chosen.get("perlu", []), True)
        age = self.chosen.get("umur")
        return ForWhom(age_from=age, age_to=age, sex=self.chosen.get("jk", ""), **wishes)


class BodyForm(StaffForm):
    """A body, without its services."""

    name = "lembaga"
    all_optional = True  # the page itself says what is needed
    title = django.CharField(label=_("Nama"), max_length=200, error_messages=_FILL)
    code = django.CharField(
        label=_("Kode"), help_text=_("Nama pendeknya di lembar kerja, seperti uptd.jember."), max_length=40,
        error_messages=_FILL,
    )  # fmt: skip
    kind = django.ChoiceField(label=_("Jenis"), choices=[("", _("Pilih")), *Kind.choices], error_messages=_FILL)
    region = Region(label=_("Daerah"), help_text=_("Nama atau kode. Kosong: seluruh Indonesia."), required=False)
    variants = django.CharField(
        label=_("Nama lain"), help_text=_("Dipisah titik koma."), max_length=1000, required=False
    )
    affiliation = django.CharField(label=_("Kode lembaga induk"), max_length=40, required=False)
    phone = django.CharField(label=_("Telepon kantor"), max_length=60, required=False)
    whatsapp = django.CharField(label=_("WhatsApp kantor"), max_length=60, required=False)
    email = django.CharField(label=_("Surel kantor"), max_length=120, required=False)
    website = django.CharField(label=_("Situs"), max_length=200, required=False)
    address = django.CharField(
        label=_("Alamat kantor"), help_text=_("Alamat rumah aman tidak disimpan."), max_length=300, required=False
    )
    source = django.CharField(label=_("Sumber"), max_length=200, required=False)
    since = django.DateField(
        label=_("Ada sejak"), required=False, widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    public = django.BooleanField(
        label=_("Boleh tampil di halaman bantuan untuk umum"),
        help_text=_("Tidak pernah untuk rumah aman dan anggota perorangan."), required=False,
    )  # fmt: skip
    verified = django.BooleanField(
        label=_("Sudah kutanyakan hari ini: semuanya benar"),
        help_text=_("Kalau tidak dicentang dan cara menghubunginya berubah, entri ini perlu diperiksa lagi."),
        required=False,
    )
    version = django.IntegerField(required=False, widget=django.HiddenInput)

    @classmethod
    def initial_of(cls, body: Organisation) -> dict[str, Any]:
        """The fields as they are now."""
        names = ("code", "kind", "region", "phone", "whatsapp", "email", "website", "address", "source", "since",
                 "public", "version")  # fmt: skip
        return {
            **{name: getattr(body, name) for name in names},
            "title": body.name,
            "variants": "; ".join(one.name for one in body.variants.all()),
            "affiliation": body.affiliation.code if body.affiliation else "",
        }

    @property
    def entry(self) -> OrganisationInput:
        """What the service takes."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"verified", "version"}}
        names = [piece for one in data.pop("variants").split(";") if (piece := one.strip())]
        return OrganisationInput(name=data.pop("title"), variants=tuple(names), **data)

    def problem(self, field: str, message: str | Promise) -> None:
        super().problem("title" if field == "name" else field, message)


class ServiceForm(StaffForm):
    """One service of a body."""

    name = "layanan"
    all_optional = True
    service = django.ChoiceField(
        label=_("Layanan"), choices=lambda: [("", _now("Pilih")), *selectors.service_choices()], error_messages=_FILL
    )
    does = django.ChoiceField(
        label=_("Apa yang dilakukan lembaga ini sendiri"),
        help_text=_("Rujukan hanya dikirim ke yang menyediakan sendiri."),
        choices=Does.choices, widget=django.RadioSelect, error_messages=_FILL,
    )  # fmt: skip
    coverage = Regions(
        label=_("Untuk daerah mana"),
        help_text=_("Nama atau kode, satu baris satu. Untuk semua: indonesia."),
        widget=django.Textarea(attrs={"rows": 3, "class": "short"}),
        max_length=4000, error_messages=_FILL,
    )  # fmt: skip
    hours = django.CharField(
        label=_("Jam buka, menurut jam di sana"),
        help_text=_("Seperti Sen-Jum 08.00-16.00; Sab 08.00-12.00, atau 24 jam. Tambah libur: buka saat libur juga."),
        max_length=hours.LONGEST, required=False,
    )  # fmt: skip
    age_from = django.IntegerField(label=_("Umur dari"), min_value=0, max_value=checks.OLDEST, required=False)
    age_to = django.IntegerField(label=_("Umur sampai"), min_value=0, max_value=checks.OLDEST, required=False)
    accepts_girls = Answer(label=_("Menerima anak perempuan"))
    accepts_boys = Answer(label=_("Menerima anak laki-laki"))
    siblings = Answer(label=_("Saudara bisa bersama"))
    with_mother = Answer(label=_("Ibu bisa ikut"))
    lgbt_safe = Answer(label=_("Aman untuk anak LGBT"))
    wheelchair = Answer(label=_("Kursi roda bisa masuk"))
    sign_language = Answer(label=_("Bahasa isyarat"))
    night_admission = Answer(label=_("Menerima malam hari"))
    languages = django.CharField(label=_("Bahasa"), help_text=_("Kode, seperti id jv."), max_length=100, required=False)
    faith_and_food = django.CharField(label=_("Agama dan makanan"), max_length=120, required=False)
    capacity = django.IntegerField(label=_("Muat berapa anak"), min_value=0, required=False)
    fee = django.CharField(label=_("Biaya"), help_text=_("Kosong: gratis."), max_length=120, required=False)
    contact = django.CharField(
        label=_("Bagian yang dihubungi"), help_text=_("Nama meja atau bagian, bukan nama orang."), max_length=120,
        required=False,
    )  # fmt: skip
    notes = django.CharField(label=_("Catatan untuk petugas"), max_length=300, required=False)
    active = django.BooleanField(label=_("Sekarang ditawarkan"), required=False, initial=True)
    version = django.IntegerField(required=False, widget=django.HiddenInput)

    PLAIN = ("service", "does", "age_from", "age_to", *QUESTIONS, "languages", "faith_and_food", "capacity", "fee",
             "contact", "notes", "active")  # fmt: skip

    @classmethod
    def initial_of(cls, service: Service, version: int) -> dict[str, Any]:
        """The fields as they are now."""
        regions = "\n".join(row.region for row in service.coverage.all())
        return {
            **{name: getattr(service, name) for name in cls.PLAIN},
            "coverage": WHOLE_COUNTRY if service.whole_country else regions,
            "hours": hours.write(service.always_open, selectors.hours_of(service)),
            "version": version,
        }

    @property
    def entry(self) -> ServiceInput:
        """What the service takes."""
        data = dict(self.cleaned_data)
        data.pop("version")
        coverage = data.pop("coverage")
        for name, empty in (("age_from", 0), ("age_to", 17)):
            data[name] = empty if data[name] is None else data[name]
        everywhere = coverage == (WHOLE_COUNTRY,)
        return ServiceInput(coverage=() if everywhere else coverage, whole_country=everywhere, **data)


class EndForm(StaffForm):
    """That a body ended, and who has its tasks now."""

    name = "akhir"
    on = django.DateField(
        label=_("Sejak kapan"), widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), error_messages=_FILL
    )
    successors = django.CharField(
        label=_("Kode lembaga penggantinya"), help_text=_("Dipisah spasi. Kosong kalau belum ada."), max_length=200,
        required=False,
    )  # fmt: skip
    version = django.IntegerField(widget=django.HiddenInput)


class TeamForm(StaffForm):
    """Which team on this platform works for the body."""

    name = "tim"
    team = django.ChoiceField(label=_("Tim"), required=False, choices=lambda: _teams())
    version = django.IntegerField(widget=django.HiddenInput)

    @property
    def team_id(self) -> UUID | None:
        text = self.cleaned_data["team"]
        return UUID(text) if text else None


def _teams() -> Iterable[tuple[str, str]]:
    rows = Team.objects.select_related("organisation").order_by("organisation__name", "name")
    yield "", _now("Tidak ada")
    for team in rows:
        yield str(team.pk), f"{team.organisation.name}: {team.name}"


class SheetForm(StaffForm):
    """Pasted cells of a spreadsheet, headings first. `seen`: the directory as the dry run saw it."""

    name = "lembar"
    # Not Words: a whole sheet without its blanks looks like anything. Each cell is looked at by itself.
    cells = django.CharField(
        label=_("Tempel sel-selnya di sini"),
        help_text=_("Salin dari program lembar kerja, dengan baris nama kolom, lalu tempel. Isi berkas CSV juga bisa."),
        widget=django.Textarea(attrs={"rows": 10, "spellcheck": "false", "wrap": "off", "class": "cells"}),
        max_length=900_000, strip=False, error_messages=_FILL,
    )  # fmt: skip
    seen = django.CharField(required=False, max_length=64, widget=django.HiddenInput)
