"""The forms around takedowns. They check what kind of thing was typed; what is allowed, the services decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.reporting import selectors as reports
from lindung.takedown import addresses, knowledge
from lindung.takedown.models import Addressee, AnswerCode, EndReason, Kind, Method, Result
from lindung.workspace.forms import StaffForm, Words

_REQUIRED = {"required": _("Isi dulu bagian ini.")}


class Moment(django.DateTimeField):
    """Date and time on the clock of a place; empty means now."""

    def __init__(self, **kwargs: Any) -> None:
        widget = django.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(required=False, widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)

    def to_python(self, value: Any) -> Any:
        """Stay without a zone: the form knows its place."""
        if value in self.empty_values:
            return None
        for form in self.input_formats or []:
            try:
                return datetime.strptime(str(value), form)  # noqa: DTZ007 (the zone is that of the place)
            except ValueError:
                continue
        raise django.ValidationError(self.error_messages["invalid"], code="invalid")


def in_zone(typed: datetime | None, tz: str) -> datetime | None:
    """The moment that was typed, on the clock of a place; None stays now."""
    return typed.replace(tzinfo=ZoneInfo(tz)) if typed is not None else None


def _platforms() -> list[tuple[str, Any]]:
    return [("", _("Tidak ada atau tidak tahu")), *((entry.code, entry.label) for entry in reports.platforms())]


class AddForm(StaffForm):
    """What is to be taken down, who is asked, on what ground. The links that the reporter gave are only ticked."""

    name = "hapus-isi"
    given = django.MultipleChoiceField(
        label=_("Link dari pelapor"), required=False, widget=django.CheckboxSelectMultiple
    )
    kind = django.ChoiceField(label=_("Tambahan berupa"), choices=Kind.choices, initial=Kind.URL)
    entries = django.CharField(
        label=_("Alamat atau hash lain"),
        help_text=_("Satu baris satu. Hash dihitung orang lain; di sini tidak pernah ada berkas."),
        required=False,
        max_length=20_000,
        strip=False,
        widget=django.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "none", "class": "short"}),
    )
    addressees = django.MultipleChoiceField(
        label=_("Diminta kepada"),
        choices=Addressee.choices,
        widget=django.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih sedikitnya satu penerima.")},
    )
    platform = django.ChoiceField(label=_("Platform"), choices=_platforms, required=False)
    bases = django.MultipleChoiceField(
        label=_("Dasar"),
        help_text=_("Tiap penerima mendapat dasar pertama yang cocok. Belum ada yang diperiksa ahli hukum."),
        choices=lambda: [(basis.code, basis.label) for basis in knowledge.bases().values()],
        widget=django.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih dasar yang cocok untuk setiap penerima.")},
    )

    def __init__(self, *args: Any, offered: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = list(offered)
        if self.offered:
            choices = [(f"{number}", addresses.defanged(text)) for number, text in enumerate(self.offered)]
            self.fields["given"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["given"]

    def wanted(self) -> list[tuple[str, str]]:
        """The chosen and the typed entries, as (kind, text)."""
        chosen = [(str(Kind.URL), self.offered[int(number)]) for number in self.cleaned_data.get("given") or []]
        lines = [line for line in self.cleaned_data["entries"].splitlines() if line.strip()]
        return chosen + [(self.cleaned_data["kind"], line) for line in lines]


class AnswerForm(StaffForm):
    name = "jawaban"
    code = django.ChoiceField(
        label=_("Jawaban penerima"), choices=AnswerCode.choices, widget=django.RadioSelect, error_messages=_REQUIRED
    )
    words = Words(
        label=_("Isi jawabannya, singkat"),
        help_text=_("Alasan menolak atau yang ditanyakan. Tanpa gambar, tanpa rincian."),
        rows=2,
        required=False,
    )
    at = Moment(label=_("Waktu dijawab"), help_text=_("Kosong berarti sekarang."))
    version = django.IntegerField(widget=django.HiddenInput)


class CheckForm(StaffForm):
    name = "periksa"
    result = django.ChoiceField(
        label=_("Hasil"), choices=Result.choices, widget=django.RadioSelect, error_messages=_REQUIRED
    )
    method = django.ChoiceField(
        label=_("Dari mana tahunya"), choices=Method.choices, widget=django.RadioSelect, error_messages=_REQUIRED
    )
    at = Moment(label=_("Waktu diperiksa"), help_text=_("Kosong berarti sekarang."))
    version = django.IntegerField(widget=django.HiddenInput)


class EndForm(StaffForm):
    name = "akhiri"
    event = django.ChoiceField(
        label=_("Tindakan"),
        choices=[("give_up", _("Tidak bisa diminta")), ("withdraw", _("Batalkan permintaan"))],
        widget=django.RadioSelect,
        error_messages=_REQUIRED,
    )
    reason = django.ChoiceField(label=_("Alasan"), choices=EndReason.choices)
    version = django.IntegerField(widget=django.HiddenInput)


class SentForm(StaffForm):
    """A person has sent the letter outside the platform."""

    name = "terkirim"
    reference = django.CharField(
        label=_("Nomor dari penerima"),
        help_text=_("Kalau ada. Disimpan tersegel."),
        required=False,
        max_length=200,
        strip=False,
    )
    at = Moment(label=_("Waktu dikirim"), help_text=_("Kosong berarti sekarang."))


class ContactForm(StaffForm):
    """How an addressee is reached: public facts only."""

    name = "kontak"
    addressee = django.ChoiceField(label=_("Penerima"), choices=Addressee.choices)
    platform = django.ChoiceField(label=_("Platform"), choices=_platforms, required=False)
    form_url = django.CharField(label=_("Alamat formulir"), required=False, max_length=300)
    email = django.CharField(label=_("Surel"), required=False, max_length=120)
    police_guide = django.CharField(label=_("Panduan untuk penegak hukum"), required=False, max_length=300)
    asks = django.CharField(
        label=_("Yang mereka minta"),
        help_text=_("Fakta umum saja: jangan menulis nama orang."),
        required=False,
        max_length=500,
        widget=django.Textarea(attrs={"rows": 2, "class": "short"}),
    )
    promised_hours = django.IntegerField(label=_("Janji jawaban, dalam jam"), required=False, min_value=1)
    version = django.IntegerField(widget=django.HiddenInput, required=False)


class ListFilters(django.Form):
    """What the list shows. Anything unknown in the address counts as not chosen."""

    kepada = django.ChoiceField(
        label=_("Diminta kepada"), required=False, choices=[("", _("Semua")), *Addressee.choices]
    )

    def chosen(self) -> Mapping[str, str]:
        """The filters that are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
