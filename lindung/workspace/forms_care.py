"""The forms of care for staff: a visit, a threat, a talk, a day of one's own diary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.care.knowledge import visit_rules
from lindung.care.models import Police, TalkKind, ThreatKind, VisitLevel
from lindung.workspace.forms import StaffForm, Words

_FILL = {"required": _("Isi dulu bagian ini.")}
_CHOOSE = {"required": _("Pilih salah satu."), "invalid_choice": _("Pilih salah satu.")}

MOODS: dict[int, str | Promise] = {
    1: _("Sangat berat"),
    2: _("Berat"),
    3: _("Biasa"),
    4: _("Baik"),
    5: _("Sangat baik"),
}

People = Iterable[tuple[str, str]]


def _moment(label: Any, **more: Any) -> django.DateTimeField:
    widget = django.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    wrong = {"required": _("Isi tanggal dan jamnya."), "invalid": _("Isi tanggal dan jamnya.")}
    return django.DateTimeField(label=label, widget=widget, error_messages=wrong, **more)


class VisitForm(StaffForm):
    """What is considered before somebody goes. `people`: colleagues who may go along, as (id, name)."""

    name = "kunjungan"
    place = Words(label=_("Ke mana"), rows=2, hints=False, error_messages=_FILL)
    starts_at = _moment(_("Berangkat"))
    back_by = _moment(_("Paling lambat kembali"), help_text=_("Lewat 15 menit dari jam ini, sistem memanggil rekan."))
    answers = django.MultipleChoiceField(
        label=_("Yang berlaku di sana"),
        choices=lambda: [(code, text.label) for code, text in visit_rules().questions.items()],
        widget=django.CheckboxSelectMultiple,
        required=False,
    )
    level = django.ChoiceField(
        label=_("Cara berangkat"),
        help_text=_("Kosong: mengikuti jawaban di atas. Boleh lebih ketat, tidak boleh lebih longgar."),
        choices=[("", _("Menurut jawaban")), *VisitLevel.choices[:3]],
        required=False,
    )
    companion = django.ChoiceField(label=_("Rekan yang ikut"), required=False)
    escort = Words(label=_("Siapa dari polisi atau aparat yang mendampingi"), rows=1, hints=False, required=False)
    reach = Words(label=_("Nomor yang bisa dihubungi di sana"), rows=1, hints=False, required=False)
    care = Words(
        label=_("Kesepakatan lain"),
        help_text=_("Kata sandi di telepon, tempat bertemu kalau berpencar."),
        rows=2,
        hints=False,
        required=False,
    )

    def __init__(self, *args: Any, people: People = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["companion"]
        field.choices = [("", _("Tidak ada")), *people]


class WellForm(StaffForm):
    """All is well out there; by when one is back, if it takes longer."""

    name = "aman"
    back_by = _moment(_("Kembali paling lambat, kalau lebih lama"), required=False)


class ThreatForm(StaffForm):
    """Somebody was threatened. `people`: colleagues, as (id, name); `teams` likewise."""

    name = "ancaman"
    team = django.ChoiceField(label=_("Tim"), error_messages=_CHOOSE)
    about = django.ChoiceField(label=_("Siapa yang diancam"), error_messages=_CHOOSE)
    kind = django.ChoiceField(label=_("Bagaimana"), choices=ThreatKind.choices, error_messages=_CHOOSE)
    on = django.DateField(
        label=_("Tanggal"),
        widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Pilih tanggalnya."), "invalid": _("Pilih tanggalnya.")},
    )
    text = Words(label=_("Apa yang terjadi"), rows=3, hints=False, error_messages=_FILL)

    def __init__(self, *args: Any, people: People = (), teams: People = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about: Any = self.fields["about"]
        about.choices = list(people)
        team: Any = self.fields["team"]
        team.choices = list(teams)
        if len(team.choices) == 1:
            team.widget, team.initial = django.HiddenInput(), team.choices[0][0]


class StepForm(StaffForm):
    """What was done since."""

    name = "tindakan"
    version = django.IntegerField(widget=django.HiddenInput)
    text = Words(label=_("Apa yang dilakukan"), rows=2, hints=False, error_messages=_FILL)
    police = django.ChoiceField(label=_("Polisi"), choices=[("", _("Tidak berubah")), *Police.choices], required=False)


class TalkForm(StaffForm):
    """A talk that somebody is owed. `people`: those for whom this person may plan one, as (team and user id, name)."""

    name = "bicara"
    whom = django.ChoiceField(label=_("Untuk siapa"), error_messages=_CHOOSE)
    kind = django.ChoiceField(label=_("Bentuk"), choices=TalkKind.choices, error_messages=_CHOOSE)
    planned_at = _moment(_("Kapan"))

    def __init__(self, *args: Any, people: People = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom: Any = self.fields["whom"]
        whom.choices = list(people)


class DiaryForm(StaffForm):
    """How today is, for oneself alone."""

    name = "harian"
    mood = django.TypedChoiceField(
        label=_("Hari ini rasanya"),
        coerce=int,
        choices=MOODS.items(),
        widget=django.RadioSelect,
        error_messages=_CHOOSE,
    )
    text = Words(label=_("Kalau mau, tulis sedikit"), rows=3, hints=False, required=False)
