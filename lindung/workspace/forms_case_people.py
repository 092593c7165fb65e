"""The forms about a child and the people around it: short, one question after the other."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import child as knowledge
from lindung.casework.models import PersonRole, Standing, Status
from lindung.places import selectors as places
from lindung.reporting import knowledge as reporting
from lindung.reporting import selectors as reports
from lindung.workspace.casewords import NATIONALITY, ONLINE
from lindung.workspace.forms import Choices, Columns, StaffForm, Words

LINE = 200
UNKNOWN = ("", _("Belum diketahui"))


def line(label: Any, help_text: Any = "", **more: Any) -> django.CharField:
    """One line of words, kept as typed."""
    return django.CharField(label=label, help_text=help_text, max_length=LINE, strip=False, required=False, **more)


def day(label: Any, help_text: Any = "") -> django.DateField:
    """A date, by the picker of the browser."""
    widget = django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return django.DateField(label=label, help_text=help_text, required=False, widget=widget)


def options(question: str) -> Choices:
    """The answers of a question of reports, and that nobody knows."""
    known = reporting.questions()[question].options.values()
    return [UNKNOWN, *[(one.code, one.label) for one in known if one.code != "unknown"]]


class VersionForm(StaffForm):
    """A form that knows the version of what it was made from."""

    version = django.IntegerField(widget=django.HiddenInput)
    all_optional = True

    def parts(self) -> dict[str, Any]:
        """What was chosen and typed, as the service takes it."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


class WhoForm(VersionForm):
    """Who the child is."""

    name = "anak"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = line(_("Nama anak"), _("Hanya kalau anak mau. Nama tidak pernah tampil di daftar."))
        self.order_fields(["name"])

    nickname = line(_("Panggilan"))
    born_on = day(_("Tanggal lahir"))
    age_band = django.ChoiceField(label=_("Umur"), required=False, choices=lambda: options("age_band"))
    sex = django.ChoiceField(label=_("Jenis kelamin"), required=False, choices=lambda: options("sex"))
    nationality = django.ChoiceField(
        label=_("Kewarganegaraan"),
        required=False,
        choices=[UNKNOWN, *[(code, NATIONALITY[code]) for code in ("indonesian", "foreign")]],
    )
    protection = django.ChoiceField(
        label=_("Mencari perlindungan di Indonesia"),
        help_text=_("Kalau ya, kedutaan negara asal tidak pernah diberi tahu."),
        required=False,
        choices=[("", _("Tidak, atau belum diketahui")), *[(c, NATIONALITY[c]) for c in ("asylum_seeker", "refugee")]],
    )
    identity_number = line(_("Nomor induk kependudukan"), _("Hanya kalau sudah perlu untuk layanan."))
    birth_place = line(_("Tempat lahir"))
    school = line(_("Sekolah dan kelas"))
    languages = line(_("Bahasa sehari-hari"))


class ReachForm(VersionForm):
    """How to reach the child without putting it in danger."""

    name = "hubungi"
    checks_words = True
    must_not_know = Words(label=_("Siapa yang tidak boleh tahu"), rows=2, required=False)
    reach = django.ChoiceField(label=_("Cara menjawab"), required=False, choices=lambda: options("reach"))
    reach_how = Words(label=_("Cara dan waktu yang aman"), rows=2, required=False)
    contact = line(_("Nomor atau alamat yang aman"))
    address = Words(label=_("Alamat atau patokan tempat tinggal"), rows=2, required=False)


class NeedsForm(VersionForm):
    """What the child needs to take part."""

    name = "butuh"
    checks_words = True
    accommodations = Columns(
        label=_("Yang memudahkan anak"),
        required=False,
        choices=lambda: [
            (one.code, one.label) for one in reporting.questions()["easier"].options.values() if one.code != "none"
        ],
    )
    accommodations_note = Words(label=_("Bahasa apa, atau yang lain"), rows=2, required=False)
    disabilities = Columns(
        label=_("Dukungan disabilitas"),
        required=False,
        choices=lambda: [(one.code, one.label) for one in knowledge.disabilities().values()],
    )
    health = Words(label=_("Kesehatan yang perlu diketahui"), rows=2, required=False)
    strengths = Words(label=_("Kekuatan anak dan yang disukainya"), rows=2, required=False)
    notes = Words(label=_("Catatan lain"), rows=3, required=False)


class StatusForm(VersionForm):
    """What the child is before the law and in our care."""

    name = "status"
    statuses = django.MultipleChoiceField(
        label=_("Status anak"),
        help_text=_("Boleh lebih dari satu. Tidak ada status yang mengurangi layanan untuk anak."),
        choices=Status.choices,
        widget=django.CheckboxSelectMultiple,
        required=False,
    )


class FactorsForm(VersionForm):
    """What makes it harder for the child to be safe."""

    name = "faktor"
    factors = Columns(
        label=_("Keadaan yang membuat anak lebih rentan"),
        help_text=_("Tentang keadaan di sekitar anak, bukan tentang apa yang dilakukan anak."),
        required=False,
        choices=lambda: [(one.code, one.label) for one in knowledge.factors().values()],
    )


class PlaceForm(VersionForm):
    """One of the four places. One list holds provinces with their regencies, so that no script is needed."""

    name = "tempat"
    country = django.CharField(
        label=_("Kode negara, kalau di luar Indonesia"),
        help_text=_("Dua huruf, misalnya MY. Kosongkan untuk Indonesia."),
        max_length=2,
        required=False,
    )
    place = django.ChoiceField(label=_("Provinsi, kabupaten, atau kota"), required=False, choices=lambda: regions())
    words = Words(label=_("Patokan atau keterangan"), rows=2, required=False)

    def parts(self) -> dict[str, Any]:
        data = self.cleaned_data
        code = data["place"]
        level = "regency" if "." in code else "province"
        return {"country": data["country"].upper(), "words": data["words"], **({level: code} if code else {})}


def regions() -> list[Any]:
    """Every province with its regencies, in groups."""
    found: list[Any] = [("", _("Belum diketahui"))]
    for province in places.provinces():
        whole = (province.code, _("%(province)s (kabupaten belum diketahui)") % {"province": province.name})
        found.append((province.name, [whole, *[(one.code, one.name) for one in places.regencies(province.code)]]))
    return found


class PersonForm(VersionForm):
    """Somebody around the child."""

    name = "orang"
    checks_words = True
    role = django.ChoiceField(label=_("Siapa dia bagi anak"), choices=PersonRole.choices, widget=django.RadioSelect)
    standing = django.ChoiceField(
        label=_("Kalau wali: aman bagi anak?"),
        help_text=_(
            "Diduga terlibat: terduga pelaku, melindungi pelaku, atau mendapat untung. Tidak ada surat, telepon, atau "
            "pemberitahuan yang bisa dibuat untuknya."
        ),
        required=False,
        choices=[("", _("Bukan wali")), *Standing.choices],
    )
    also_child = django.BooleanField(label=_("Orang ini juga masih anak"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = line(_("Nama"))
        self.order_fields(["role", "standing", "also_child", "name"])

    relation = line(_("Hubungan dengan anak"), _("Misalnya ibu, paman, tetangga, pelatih."))
    contact = line(_("Cara menghubungi"))
    address = Words(label=_("Alamat"), rows=2, required=False)
    accounts = Words(
        label=_("Akun, nomor, atau link"),
        help_text=_("Satu baris satu. Hanya untuk menemukan laporan lain yang menyebut orang yang sama."),
        rows=3,
        required=False,
        hints=False,
    )
    notes = Words(label=_("Catatan"), rows=3, required=False)

    def person(self) -> dict[str, Any]:
        """What is sealed of the person."""
        outside = ("role", "standing", "also_child")
        return {name: value for name, value in self.parts().items() if name not in outside}


class IncidentForm(VersionForm):
    """What happened, in codes; never a retelling."""

    name = "kejadian"
    checks_words = True
    forms = Columns(
        label=_("Bentuk"),
        required=False,
        choices=lambda: [(form.code, form.label) for form in reporting.forms().values()],
    )
    where = django.MultipleChoiceField(
        label=_("Terjadi di mana"), required=False, choices=list(ONLINE.items()), widget=django.CheckboxSelectMultiple
    )
    platforms = Columns(
        label=_("Aplikasi, gim, atau situs"),
        required=False,
        choices=lambda: [(entry.code, entry.label) for entry in reports.platforms()],
    )
    when = django.ChoiceField(label=_("Kapan"), required=False, choices=lambda: options("when"))
    happened_on = day(_("Tanggal, kalau diketahui"))
    given = Columns(
        label=_("Yang diberi atau dibayar"),
        required=False,
        choices=lambda: [(one.code, one.label) for one in reporting.questions()["given"].options.values()],
    )
    summary = Words(
        label=_("Ringkasan singkat"),
        help_text=_("Klinis dan pendek. Jangan menulis ulang cerita anak."),
        rows=3,
        required=False,
    )


class OpeningForm(StaffForm):
    """The child of a new case, filled in from its reports. `told` carries what was filled in: codes only."""

    TOLD = ("age_band", "sex")

    name = "buka"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = line(_("Nama anak"), _("Boleh kosong. Nama tidak pernah tampil di daftar."))
        self.order_fields(["name", "nickname"])

    nickname = line(_("Panggilan"))
    age_band = django.ChoiceField(label=_("Umur"), required=False, choices=lambda: options("age_band"))
    sex = django.ChoiceField(label=_("Jenis kelamin"), required=False, choices=lambda: options("sex"))
    statuses = django.MultipleChoiceField(
        label=_("Status anak"),
        help_text=_("Boleh lebih dari satu. Bisa diubah nanti."),
        choices=Status.choices,
        initial=[Status.VICTIM.value],
        required=False,
        widget=django.CheckboxSelectMultiple,
    )
    another_child = django.BooleanField(
        label=_("Ini untuk anak lain dari laporan yang sama"),
        help_text=_("Kasus anak lain punya pendampingnya sendiri. Kejadiannya dicatat sebagai kejadian yang sama."),
        required=False,
    )
    take = django.BooleanField(label=_("Aku yang mendampingi anak ini"), required=False)
    told = django.CharField(required=False, widget=django.HiddenInput, max_length=200)
    all_optional = True

    def changed(self) -> dict[str, Any]:
        """What a colleague wrote or changed; what stands as the report told it stays the report's."""
        data = self.cleaned_data
        told = dict(part.partition("=")[::2] for part in data["told"].split("|") if part)
        found: dict[str, Any] = {part: data[part] for part in ("name", "nickname") if data[part].strip()}
        found |= {part: data[part] for part in self.TOLD if data[part] != told.get(part, "")}
        return found | ({"statuses": data["statuses"]} if data["statuses"] else {})
