"""The forms of the staff front door. They check what kind of thing was typed; what is allowed, the services decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django import forms as django
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Team
from lindung.core.knowledge import Labelled
from lindung.core.renderers import Renderer as FormRenderer
from lindung.core.textsafe import holds_media
from lindung.reporting import knowledge
from lindung.reporting.memory import lately
from lindung.reporting.models import (
    Authority,
    ClosureReason,
    DutyLevel,
    NextStep,
    PoliceDecision,
    Risk,
)
from lindung.workspace.marks import CHANNELS

LONGEST = 20_000
"""Characters of one text. The services hold the same limit."""

Choices = Iterable[tuple[str, str | Promise]]


class Renderer(FormRenderer):
    """Draws each field with this room's own template: label, hint and problem in words, then the control."""

    field_template_name = "workspace/field.html"
    form_template_name = "workspace/form.html"


class StaffForm(django.Form):
    """A form whose ids carry its name, so that several can stand on one page."""

    default_renderer = Renderer()  # one for all: each makes an engine that reads the templates anew
    use_required_attribute = False
    name = "form"
    checks_words = False
    """Whether its page takes the button "Periksa kata", which brings the form back with hints and sends nothing."""
    looked = False
    """The texts in it were looked at: hints stand below them, also without script."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.name}-%s")
        super().__init__(*args, **kwargs)

    @classmethod
    def as_typed(cls, data: QueryDict) -> Self:
        """Give the form back as it was typed: not judged, not sent, and with hints below its texts."""
        form = cls()
        for name, field in form.fields.items():
            if form.add_prefix(name) in data:
                form.initial[name] = field.widget.value_from_datadict(data, MultiValueDict(), form.add_prefix(name))
        form.looked = "periksa" in data
        return form

    def problem(self, field: str, message: str | Promise) -> None:
        """Put what a service refused beside the field it is about, or at the first field."""
        self.add_error(field if field in self.fields else next(iter(self.fields)), str(message))


class Words(django.CharField):
    """A text kept exactly as it was typed. Pictures in disguise are refused.

    `hints`: words that label a child are pointed out while writing. `measure`: language in which it must read easily.
    """

    def __init__(self, *, rows: int = 5, hints: bool = True, measure: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        kwargs.setdefault("strip", False)
        attrs = {"rows": rows, "maxlength": False, "data-hints": hints, "data-measure": measure or None}
        kwargs.setdefault("widget", django.Textarea(attrs={k: v for k, v in attrs.items() if v is not None}))
        super().__init__(**kwargs)
        self.hints, self.measure = hints, measure

    def validate(self, value: Any) -> None:
        super().validate(value)
        if self.required and not str(value).strip():
            raise ValidationError(self.error_messages["required"], code="required")
        if value and holds_media(value):
            raise ValidationError(_("Gambar, suara, atau video tidak pernah diterima. Tulis saja."), code="media")


class Columns(django.MultipleChoiceField):
    """Many choices, laid out in columns where there is room."""

    in_columns = True
    widget = django.CheckboxSelectMultiple


def _text(field: str) -> dict[str, Any]:
    return {"required": _("Isi dulu bagian ini.")} if field else {}


class MessageForm(StaffForm):
    """An answer to the reporter. `version` is the record as the writer saw it."""

    name = "pesan"
    checks_words = True
    text = Words(
        label=_("Tulis ke pelapor"),
        help_text=_("Kata sederhana, kalimat pendek, tanpa menyalahkan. Yang terlihat hanya nama samaranmu."),
        error_messages=_text("text"),
    )
    version = django.IntegerField(widget=django.HiddenInput)
    opened = django.CharField(required=False, widget=django.HiddenInput)
    canned = django.CharField(required=False, max_length=64, widget=django.HiddenInput)


class NoteForm(StaffForm):
    name = "catatan"
    checks_words = True
    text = Words(label=_("Catatan"), rows=4, error_messages=_text("text"))


def _labels(entries: Iterable[Labelled]) -> list[tuple[str, str]]:
    return [(entry.code, entry.label) for entry in entries]


def form_choices() -> list[tuple[str, str]]:
    """The taxonomy as staff choose from it."""
    return _labels(knowledge.forms().values())


class TriageForm(StaffForm):
    """One judgement. Self-harm is an outcome of its own and never ends with advice."""

    name = "triase"
    checks_words = True
    risk = django.ChoiceField(label=_("Risiko"), choices=Risk.choices, widget=django.RadioSelect)
    forms = Columns(label=_("Bentuk"), choices=form_choices, required=False)
    authority = django.ChoiceField(label=_("Kewenangan siapa"), choices=Authority.choices, widget=django.RadioSelect)
    child_known = django.ChoiceField(
        label=_("Ada anak yang diketahui sebagai korban"),
        help_text=_("Kalau ada, batas waktu lapor polisi berjalan: 3 x 24 jam sejak laporan masuk."),
        choices=[("", _("Menurut jalur laporan")), ("yes", _("Ya")), ("no", _("Tidak"))],
        required=False,
    )
    medical = django.ChoiceField(
        label=_("Jendela medis 72 jam"),
        help_text=_("Rumah sakit lebih dulu. Jangan menanyakan hal yang sama dua kali."),
        choices=[
            ("", _("Biarkan seperti sekarang")),
            ("open", _("Kekerasan dengan kontak tubuh, kurang dari 72 jam")),
            ("over", _("Sudah lewat, atau tidak ada")),
        ],
        required=False,
    )
    selfharm = django.BooleanField(
        label=_("Ada risiko menyakiti diri"),
        help_text=_("Perlu rencana keselamatan, serah terima lisan, dan tindak lanjut dalam 24 jam."),
        required=False,
    )
    safety_plan = Words(label=_("Rencana keselamatan"), rows=3, required=False)
    next_step = django.ChoiceField(label=_("Langkah berikutnya"), choices=NextStep.choices, widget=django.RadioSelect)
    reason = Words(label=_("Alasan"), rows=4, error_messages=_text("reason"))
    version = django.IntegerField(widget=django.HiddenInput)
    opened = django.CharField(required=False, widget=django.HiddenInput)


class PoliceForm(StaffForm):
    name = "polisi"
    checks_words = True
    decision = django.ChoiceField(label=_("Keputusan"), choices=PoliceDecision.choices, widget=django.RadioSelect)
    reason = Words(label=_("Alasan"), rows=3, error_messages=_text("reason"))
    who_told_child = Words(
        label=_("Siapa yang memberi tahu anak, dan bagaimana"), rows=2, error_messages=_text("who_told_child")
    )


class HandoverForm(StaffForm):
    name = "serah"
    person = django.CharField(
        label=_("Diterima oleh siapa"),
        help_text=_("Nama dan lembaga orang yang menerima."),
        max_length=200,
        strip=False,
        error_messages=_text("person"),
    )
    by_voice = django.BooleanField(label=_("Diterima secara lisan, bukan hanya terkirim"), required=False)


class AttemptForm(StaffForm):
    name = "upaya"
    checks_words = True
    channel = django.ChoiceField(label=_("Lewat apa"), choices=list(CHANNELS.items()))
    note = Words(label=_("Apa yang dilakukan dan hasilnya"), rows=3, error_messages=_text("note"))
    stopped = django.BooleanField(label=_("Upaya dihentikan"), required=False)
    stop_reason = Words(label=_("Alasan berhenti"), rows=2, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("stopped") and not (data.get("stop_reason") or "").strip():
            self.add_error("stop_reason", _("Tulis mengapa upaya dihentikan."))
        return data


class ClosureForm(StaffForm):
    name = "tutup-isi"
    reason = django.ChoiceField(label=_("Alasan"), choices=ClosureReason.choices, widget=django.RadioSelect)
    safety_checked = django.BooleanField(
        label=_("Keselamatan anak sudah diperiksa"),
        help_text=_("Selalu lebih dulu. Menutup tidak berarti menyebut anak berbohong."),
        required=False,
    )


class ConflictForm(StaffForm):
    """Which team the report names. The choices are set by the page."""

    name = "pindah-isi"
    team = django.ChoiceField(label=_("Laporan ini menyangkut orang dari"), choices=())
    sure = django.BooleanField(label=_("Ya, tim itu tidak boleh membacanya lagi"), error_messages=_text("sure"))

    def __init__(self, *args: Any, teams: Iterable[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = teams if teams is not None else ((str(pk), name) for pk, name in _team_names())
        self.fields["team"].choices = list(chosen)  # type: ignore[attr-defined]


def _team_names() -> list[tuple[Any, str]]:
    return lately("team names", lambda: list(Team.objects.order_by("name").values_list("pk", "name")))


class HoldForm(StaffForm):
    """Put on legal hold with a reason."""

    name = "tahan-isi"
    reason = django.ChoiceField(
        label=_("Alasan"), choices=lambda: _labels(knowledge.hold_reasons().values()), required=False
    )


class LinkForm(StaffForm):
    """Another report that belongs to this one, found by its short reference only."""

    name = "kaitan-isi"
    other = django.CharField(
        label=_("Nomor laporan lain"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages=_text("other"),
    )
    reason = django.ChoiceField(label=_("Alasan"), choices=lambda: _labels(knowledge.link_reasons().values()))


class ShiftForm(StaffForm):
    """One stretch of duty. An end at or before the start means the next day."""

    name = "jaga"
    team = django.ChoiceField(label=_("Tim"))
    user = django.ChoiceField(label=_("Siapa"))
    level = django.ChoiceField(label=_("Sebagai"), choices=DutyLevel.choices)
    day = django.DateField(label=_("Tanggal"), widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts = django.TimeField(label=_("Dari pukul"), widget=django.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = django.TimeField(label=_("Sampai pukul"), widget=django.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def moments(self, tz: str) -> tuple[datetime, datetime]:
        """The start and the end as moments in the zone of the team."""
        zone = ZoneInfo(tz)
        day = self.cleaned_data["day"]
        starts: time = self.cleaned_data["starts"]
        ends: time = self.cleaned_data["ends"]
        last = day + timedelta(days=1) if ends <= starts else day
        return datetime.combine(day, starts, zone), datetime.combine(last, ends, zone)


class PlatformForm(StaffForm):
    name = "platform"
    label = django.CharField(label=_("Nama aplikasi, gim, atau situs"), max_length=80, error_messages=_text("label"))


class CheckpointForm(StaffForm):
    name = "titik"
    earlier = django.CharField(
        label=_("Titik periksa yang kamu simpan"),
        help_text=_(
            "Tempel isi berkasnya, satu baris satu titik. Tanpa titik lama, rantai yang ditulis ulang tidak ketahuan."
        ),
        required=False,
        max_length=LONGEST,
        widget=django.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
