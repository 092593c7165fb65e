"""The one page on which staff type what somebody tells them. Every question comes from reporting/knowledge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms as django
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lindung.core import clock
from lindung.core.worktime import local_day
from lindung.places import selectors as places
from lindung.reporting import answers as answering
from lindung.reporting import intake, knowledge, selectors
from lindung.reporting.knowledge import intake as intake_knowledge
from lindung.reporting.services.staff_intake import EARLIEST_ZONE
from lindung.workspace.forms import Columns, StaffForm, Words

SHORT_TEXTS = frozenset({"online_other", "given_note", "easier_note", "told_before", "concern_note"})
TAPPED = frozenset({"path", "danger", "feeling", "reach"})
"""Questions with few answers that stand side by side; the others are lists to choose from."""

DAYS = frozenset({"happened_on"})
"""Questions whose words are a day."""

_HINTS: dict[str, str | Promise] = {
    "danger_place": _("Alamat, patokan, atau nama tempat. Temani sampai bantuan dihubungi."),
    "words": _("Kata-kata orangnya sendiri. Jangan menanyakan hal yang sama dua kali."),
    "accounts": _("Nama akun, nomor HP, link, nomor rekening. Satu di setiap baris. Jangan dibuka."),
    "media_url": _("Satu alamat di setiap baris. Jangan dibuka lagi, jangan disimpan, jangan difoto."),
    "reach_how": _("Nomor atau akun, dan jam yang aman. Hanya kalau orangnya mengizinkan disimpan."),
    "must_not_know": _("Dibaca sebelum siapa pun dihubungi."),
    "told_before": _("Kalau kodenya hilang. Kotak lama tetap tertutup; laporan lama dikaitkan oleh petugas."),
    "regency": _("Kalau ini dipilih, provinsi boleh kosong."),
}


@dataclass(frozen=True)
class Section:
    """A part of the page. `open`: something in it was filled, is wrong, or belongs to the first minute."""

    code: str
    title: str | Promise
    fields: list[BoundField]
    open: bool


_PARTS: tuple[tuple[str, str | Promise, tuple[str, ...], bool], ...] = (
    ("bahaya", _("Bahaya sekarang"), ("danger", "danger_place", "feeling"), True),
    ("siapa", _("Siapa yang bercerita"), ("path", "who", "language", "told_before"), True),
    ("terjadi", _("Apa yang terjadi"), ("words", "happened", "when", "happened_on"), True),
    ("internet", _("Di internet, akun, dan pembayaran"),
     ("online_where", "online_other", "accounts", "media_url", "given", "given_note"), False),
    ("anak", _("Anaknya, dan di mana"), ("age_band", "sex", "province", "regency"), False),
    ("mudah", _("Yang memudahkan anak"), ("easier", "easier_note"), False),
    ("aman", _("Cara aman menghubungi"), ("reach", "reach_how", "must_not_know"), False),
    ("kita", _("Menyangkut orang kita, mitra, atau sekolah"), ("concern", "concern_note"), False),
    ("izin", _("Yang boleh disimpan"),
     ("keep", "caller", "given_by", "given_how", "child_agreed", "reason", "note"), True),
)  # fmt: skip

CONSENT = ("keep", "caller", "given_by", "given_how", "child_agreed", "reason", "note")


class IntakeForm(StaffForm):
    """Everything that one person may tell, all of it optional. What fits together, the service decides."""

    name = "terima"
    all_optional = True
    token = django.CharField(widget=django.HiddenInput)
    language = django.ChoiceField(
        label=_("Bahasa untuk menjawab"), choices=[("id", "Bahasa Indonesia"), ("en", "English")], required=False
    )
    keep = Columns(
        label=_("Apa yang boleh disimpan?"),
        help_text=_("Tanyakan: “Boleh kucatat?” Tidak satu pun juga jawaban yang sah."),
        choices=lambda: _labels(intake_knowledge.choices("keep").values()),
        required=False,
    )
    caller = Words(
        label=_("Nama orang yang bercerita"),
        help_text=_("Hanya kalau orangnya mengizinkan."),
        rows=1,
        max_length=intake.LONGEST_NAME,
        required=False,
    )
    given_by = django.ChoiceField(label=_("Siapa yang mengizinkan?"), required=False)
    given_how = django.ChoiceField(label=_("Bagaimana izinnya diberikan?"), required=False)
    child_agreed = django.ChoiceField(label=_("Anaknya setuju dicatat?"), required=False)
    reason = django.ChoiceField(
        label=_("Kalau ceritanya tidak boleh disimpan: mengapa bagian untuk keselamatan tetap disimpan?"),
        help_text=_(
            "Tanpa izin, yang disimpan hanya bahaya, tempat, apa yang terjadi, kapan, dan siapa yang tidak boleh tahu."
        ),
        required=False,
    )
    note = Words(label=_("Catatan tentang izin"), rows=2, max_length=intake.LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in knowledge.questions().values():
            self.fields[question.code] = _field_of(question)
        for name in ("given_by", "given_how", "child_agreed", "reason"):
            choices = _labels(intake_knowledge.choices("without" if name == "reason" else name).values())
            nothing = "—" if name == "reason" else _("Belum ditanya")
            self.fields[name].choices = [("", nothing), *choices]  # type: ignore[attr-defined]
        self.fields["language"].initial = "en" if (get_language() or "id").startswith("en") else "id"
        self.fields["path"].initial = "child"

    def sections(self) -> list[Section]:
        """The parts of the page, in the order of a call."""
        found = []
        for code, title, names, first in _PARTS:
            fields = [self[name] for name in names]
            filled = any(self.is_bound and field.value() for field in fields)
            found.append(Section(code, title, fields, first or filled or any(field.errors for field in fields)))
        return found

    def clean(self) -> dict[str, Any]:
        """A regency outside of the chosen province, or a day to come, is a slip of the hand: say so, drop nothing."""
        data = super().clean() or {}
        day = data.get("happened_on")
        if day and day > local_day(clock.now(), EARLIEST_ZONE):
            self.add_error("happened_on", _("Tanggal ini belum terjadi."))
        home = places.province_of(data["regency"]) if data.get("regency") else None
        if home and data.get("province") and data["province"] != home.code:
            self.add_error("regency", _("Ini tidak terletak di provinsi yang dipilih."))
        return data

    def answers(self) -> dict[str, Any]:
        """What was answered, as the service takes it: nothing that was left out."""
        given = {code: self.cleaned_data[code] for code in knowledge.questions() if self.cleaned_data.get(code)}
        return {code: value.isoformat() if isinstance(value, date) else value for code, value in given.items()}

    def consent(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) or "" for name in CONSENT}


class MediaForm(StaffForm):
    """Addresses, the day, the platform. There is no field for anything else."""

    name = "media"
    all_optional = False
    token = django.CharField(widget=django.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["media_url"] = _field_of(knowledge.questions()["media_url"])
        self.fields["media_url"].label = _("Alamat halaman")
        self.fields["seen_on"] = django.DateField(label=_("Tanggal dilihat"), widget=_day())
        self.fields["online_where"] = _field_of(knowledge.questions()["online_where"])
        self.fields["media_url"].required = True

    def answers(self) -> dict[str, Any]:
        return {code: self.cleaned_data[code] for code in ("media_url", "online_where") if self.cleaned_data.get(code)}

    @property
    def seen_on(self) -> str:
        day: date = self.cleaned_data["seen_on"]
        return day.isoformat()


class ReadBackForm(StaffForm):
    """The receipt as the caller says it back, a field for each group. Nothing of it is kept."""

    name = "ulang"
    all_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = {"inputmode": "numeric", "autocomplete": "off", "class": "digits"}
        for number in range(1, 6):
            self.fields[f"g{number}"] = django.CharField(
                label=_("Kelompok %(number)d") % {"number": number},
                max_length=12,
                required=False,
                widget=django.TextInput(attrs=attributes),
            )

    def groups(self) -> list[str]:
        return [str(self.cleaned_data.get(f"g{number}") or "") for number in range(1, 6)]


def _labels(entries: Iterable[Any]) -> list[tuple[str, str]]:
    return [(entry.code, entry.label) for entry in entries]


def _field_of(question: knowledge.Question) -> django.Field:
    """The field that asks one question of the knowledge file."""
    said: dict[str, Any] = {"label": question.label, "help_text": _HINTS.get(question.code, ""), "required": False}
    if question.code in DAYS:
        return django.DateField(widget=_day(), **said)
    if question.kind == "text":
        rows = 8 if question.code == "words" else 1 if question.code in SHORT_TEXTS else 3
        return Words(rows=rows, max_length=answering.limit_of(question.code), **said)
    if question.kind == "place":
        return django.ChoiceField(choices=_places(question.code), **said)
    if question.code == "online_where":
        return Columns(choices=_labels(selectors.platforms()), **said)
    offered = _labels(question.options.values())
    if question.kind == "many":
        return Columns(choices=offered, **said)
    if question.code == "path":
        return django.ChoiceField(choices=offered, widget=django.RadioSelect, **said)
    if question.code in TAPPED:
        return django.ChoiceField(choices=[*offered, ("", _("Belum ditanya"))], widget=django.RadioSelect, **said)
    return django.ChoiceField(choices=[("", _("Belum ditanya")), *offered], **said)


def _day() -> django.DateInput:
    return django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _places(question: str) -> list[Any]:
    provinces = places.provinces()
    if question == "province":
        return [("", _("Belum ditanya")), *((p.code, p.name) for p in provinces)]
    groups = [(p.name, [(r.code, r.name) for r in places.regencies(p.code)]) for p in provinces]
    return [("", _("Belum ditanya")), *groups]
