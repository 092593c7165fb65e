"""Forms of the register of incidents. The services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Team
from lindung.breaches import knowledge
from lindung.workspace.forms import Columns, StaffForm, Words

_PLEASE = {"required": _("Isi dulu bagian ini.")}


def _choices(name: str) -> Any:
    return lambda: [(entry.code, entry.label) for entry in knowledge.choices(name).values()]


def _moment(label: Any, **more: Any) -> django.DateTimeField:
    widget = django.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    errors = {**_PLEASE, "invalid": _("Tulis tanggal dan jam.")}
    return LocalMoment(label=label, widget=widget, input_formats=formats, error_messages=errors, **more)


class LocalMoment(django.DateTimeField):
    """A moment as the clock on the team's wall shows it: it has no zone until the service knows the team."""

    def to_python(self, value: Any) -> Any:
        for form in self.input_formats or ():
            try:
                return self.strptime(str(value).strip(), str(form))
            except (ValueError, TypeError):
                continue
        if value in self.empty_values:
            return None
        raise django.ValidationError(self.error_messages["invalid"], code="invalid")


class BreachForm(StaffForm):
    """A new incident."""

    name = "insiden-isi"
    team = django.ChoiceField(label=_("Tim yang menangani"), help_text=_("Hanya penyelianya yang bisa membaca isinya."))
    discovered_at = _moment(_("Kapan diketahui"), help_text=_("Waktu setempat tim itu. Dari sini 3 x 24 jam dihitung."))
    kinds = Columns(label=_("Data apa yang mungkin terlihat"), choices=_choices("kinds"), error_messages=_PLEASE)
    systems = Columns(label=_("Di mana"), choices=_choices("systems"), error_messages=_PLEASE)
    people_band = django.ChoiceField(label=_("Kira-kira berapa orang"), choices=_choices("bands"))
    words = Words(
        label=_("Apa yang terjadi, dan apa yang sudah dilakukan"),
        help_text=_("Tersegel untuk tim itu. Jangan tulis nama anak; pakai nomor laporan."),
        rows=5,
        error_messages=_PLEASE,
    )

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [(str(team.pk), team.name) for team in teams]  # type: ignore[attr-defined]


class MeasuresForm(StaffForm):
    name = "tindakan-isi"
    people_band = django.ChoiceField(label=_("Kira-kira berapa orang"), choices=_choices("bands"))
    words = Words(label=_("Apa yang terjadi, dan apa yang sudah dilakukan"), rows=6, error_messages=_PLEASE)
    version = django.IntegerField(widget=django.HiddenInput)


class AuthorityForm(StaffForm):
    name = "lembaga-isi"
    told_at = _moment(_("Kapan diberitahukan"))
    reference = django.CharField(
        label=_("Nomor atau tanda terima"), max_length=200, strip=False, error_messages=_PLEASE,
        help_text=_("Tersegel. Tulis juga bagaimana dikirim."),
    )  # fmt: skip


class AffectedForm(StaffForm):
    name = "terkena-isi"
    number = django.CharField(
        label=_("Nomor laporan"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages=_PLEASE,
    )


class DecisionForm(StaffForm):
    """How one person is told."""

    name = "putusan-isi"
    way = django.ChoiceField(
        label=_("Bagaimana diberitahu"),
        choices=lambda: [(way.code, way.label) for way in knowledge.ways().values()],
        widget=django.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )
    home_safe = django.BooleanField(
        label=_("Seseorang sudah menilai rumahnya aman"),
        help_text=_("Hanya untuk pemberitahuan ke rumah. Tulis siapa dan mengapa."),
        required=False,
    )
    reason = Words(label=_("Alasan, dan cara aman lain"), rows=3, required=False)
