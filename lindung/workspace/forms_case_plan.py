"""Forms of the tab Rencana: assessment, safety, plan, goals, checklist, conferences. The services decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import plan as knowledge
from lindung.casework.models import Risk, Stage
from lindung.casework.models_plan import GoalState, MarkState
from lindung.casework.services.assessing import SAFETY_PARTS
from lindung.workspace.forms import Choices, StaffForm, Words
from lindung.workspace.forms_breaches import LocalMoment

_PLEASE = {"required": _("Isi dulu bagian ini.")}
ANSWERS: Choices = (
    (knowledge.YES, _("Ya")),
    (knowledge.NO, _("Tidak")),
    (knowledge.UNKNOWN, _("Belum tahu")),
)
QUESTION, NOTE = "t-", "c-"
"""How the fields of questions and of notes begin."""


def day(label: Any, help_text: Any = "", *, required: bool = True) -> django.DateField:
    """A date, by the picker of the browser."""
    widget = django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return django.DateField(label=label, help_text=help_text, required=required, widget=widget, error_messages=_PLEASE)


def moment(label: Any, help_text: Any = "") -> LocalMoment:
    """A time as the clock at the child's place shows it."""
    widget = django.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    errors = {**_PLEASE, "invalid": _("Tulis tanggal dan jam.")}
    return LocalMoment(label=label, help_text=help_text, widget=widget, input_formats=formats, error_messages=errors)


class Versioned(StaffForm):
    """A form that knows the version of what it was made from."""

    version = django.IntegerField(widget=django.HiddenInput)


class AssessmentForm(Versioned):
    """Every question may be left out. What was not asked tells nothing, and is never low."""

    name = "nilai"
    all_optional = True
    needs = Words(
        label=_("Kebutuhan dan harapan anak, dengan kata-katanya sendiri"),
        help_text=_("Tulis apa yang anak katakan. Jangan menilai."),
        rows=3,
        required=False,
    )
    risk = django.ChoiceField(
        label=_("Risiko menurutmu"), choices=Risk.choices, widget=django.RadioSelect, error_messages=_PLEASE
    )
    rationale = Words(
        label=_("Alasan"),
        help_text=_("Perlu diisi kalau lebih rendah dari saran aturan."),
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for area in knowledge.areas():
            for item in area.items:
                self.fields[QUESTION + item.code] = django.ChoiceField(
                    label=item.label, choices=ANSWERS, widget=django.RadioSelect, required=False
                )
            self.fields[NOTE + area.code] = Words(label=_("Catatan"), rows=2, required=False)
        last = ("needs", "risk", "rationale", "version")
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def areas(self) -> Iterator[dict[str, Any]]:
        """The parts with their questions and the note of each, for the page."""
        for area in knowledge.areas():
            yield {
                "code": area.code,
                "label": area.label.label,
                "strengths": area.strengths,
                "questions": [self[QUESTION + item.code] for item in area.items],
                "note": self[NOTE + area.code],
            }

    @staticmethod
    def answers_in(data: Mapping[str, Any]) -> dict[str, str]:
        """The answers that stand in these values; anything that is no answer is left out."""
        given = {code: str(data.get(QUESTION + code) or "") for code in knowledge.items()}
        return {code: answer for code, answer in given.items() if answer in knowledge.ANSWERS}

    def notes(self) -> dict[str, str]:
        return {area.code: self.cleaned_data[NOTE + area.code] for area in knowledge.areas()}

    @staticmethod
    def filled(words: Mapping[str, Any]) -> dict[str, Any]:
        """What an earlier assessment said, by the names of the fields: nothing is asked twice."""
        found = {QUESTION + code: answer for code, answer in words.get("answers", {}).items()}
        found |= {NOTE + area: text for area, text in words.get("notes", {}).items()}
        return {**found, "needs": words.get("needs", "")}


SAFETY_LABELS: dict[str, tuple[Any, Any]] = {
    "signs": (_("Tanda bahaya"), _("Apa yang anak lihat atau rasakan sebelum keadaan jadi berbahaya.")),
    "steps": (_("Yang anak lakukan"), _("Langkah pendek yang anak sendiri pilih dan bisa lakukan.")),
    "people": (_("Yang bisa dihubungi"), _("Orang yang anak percaya, 110, 129, 119 tekan 8.")),
    "places": (_("Tempat yang aman"), _("Ke mana anak bisa pergi, dan bagaimana ke sana.")),
    "not_alone": (_("Siapa yang menemani"), _("Kalau anak merasa tidak kuat, siapa yang ada di dekatnya.")),
}
assert tuple(SAFETY_LABELS) == SAFETY_PARTS


class SafetyForm(Versioned):
    """What the child does when danger comes, in its own words."""

    name = "aman"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, (label, help_text) in SAFETY_LABELS.items():
            needed = part == "steps"
            self.fields[part] = Words(label=label, help_text=help_text, rows=2, required=needed, error_messages=_PLEASE)
        self.order_fields([*SAFETY_LABELS, "with_child", "review_on", "version"])

    with_child = django.BooleanField(label=_("Dibuat bersama anak"), required=False)
    review_on = day(_("Dilihat lagi pada"))


class ReviewForm(Versioned):
    """A look at the whole case."""

    name = "tinjau"
    checks_words = True
    words = Words(label=_("Apa yang terlihat"), rows=4, error_messages=_PLEASE)
    next_on = day(
        _("Tinjauan berikutnya lebih awal"),
        _("Kosongkan untuk mengikuti aturan risiko. Lebih lambat dari aturan tidak bisa."),
        required=False,
    )


class PlanForm(Versioned):
    """The words of a plan."""

    name = "rencana"
    checks_words = True
    wishes = Words(
        label=_("Yang anak inginkan dan harapkan"), rows=3, error_messages=_PLEASE,
        help_text=_("Dengan kata-kata anak sendiri."),
    )  # fmt: skip
    agreed = Words(
        label=_("Yang disepakati, dan dengan siapa"),
        help_text=_("Jangan menyebut hal yang anak minta tidak diketahui orang."),
        rows=3,
        required=False,
    )
    with_child = django.BooleanField(label=_("Disusun bersama anak"), required=False)


class AskForm(Versioned):
    """Ask a second person."""

    name = "minta"
    words = Words(label=_("Pesan untuk orang kedua"), rows=2, required=False)


class AnswerForm(StaffForm):
    """What the second person says."""

    name = "jawab"
    approve = django.ChoiceField(
        label=_("Keputusanmu"),
        choices=(("yes", _("Setuju")), ("no", _("Belum setuju"))),
        widget=django.RadioSelect,
        error_messages=_PLEASE,
    )
    words = Words(label=_("Alasan"), help_text=_("Perlu diisi kalau belum setuju."), rows=2, required=False)


class GoalForm(Versioned):
    """One goal. The service is chosen before, so that only who provides it is offered."""

    name = "tujuan"
    service = django.CharField(widget=django.HiddenInput)
    words = Words(
        label=_("Apa yang ingin dicapai"),
        help_text=_("Tentang layanan dan keadaan, bukan tentang perilaku anak."),
        rows=3,
        error_messages=_PLEASE,
    )
    provider = django.ChoiceField(
        label=_("Siapa yang menyediakan"),
        help_text=_("Lembaga dari direktori yang memberi layanan ini sendiri dan mencakup tempat anak."),
        required=False,
        choices=[],
    )
    working_days = django.IntegerField(
        label=_("Dalam berapa hari kerja"),
        help_text=_("Hari kerja di tempat anak, tanpa hari libur dan cuti bersama."),
        required=False,
        min_value=1,
        max_value=250,
    )
    due_on = day(_("Atau pada tanggal"), required=False)

    def __init__(self, *args: Any, providers: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", _("Belum ditentukan")), *providers]  # type: ignore[attr-defined]

    def provider_id(self) -> UUID | None:
        chosen = self.cleaned_data["provider"]
        return UUID(chosen) if chosen else None


class MoveForm(Versioned):
    """How a goal stands now."""

    name = "kabar"
    checks_words = True
    state = django.ChoiceField(
        label=_("Bagaimana tujuannya"), widget=django.RadioSelect, error_messages=_PLEASE, choices=GoalState.choices
    )
    words = Words(
        label=_("Apa yang terjadi dengan layanannya"),
        help_text=_("Perlu diisi kalau tidak tercapai penuh. Tulis apa yang menghalangi layanan, bukan anaknya."),
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, states: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if states is not None:
            wanted = set(states)
            self.fields["state"].choices = [pair for pair in GoalState.choices if pair[0] in wanted]  # type: ignore[attr-defined]


class DeliveryForm(StaffForm):
    """A service that was really given."""

    name = "layanan"
    on = day(_("Tanggal"))
    organisation = django.ChoiceField(label=_("Oleh lembaga"), required=False, choices=[])
    minutes = django.IntegerField(label=_("Berapa menit"), required=False, min_value=1, max_value=1440)
    child_came = django.BooleanField(label=_("Anak menerima layanan ini"), required=False)
    words = Words(
        label=_("Catatan"),
        help_text=_("Perlu diisi kalau layanannya tidak jadi: apa yang menghalangi."),
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, providers: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("Tim kita sendiri")), *providers]  # type: ignore[attr-defined]

    def organisation_id(self) -> UUID | None:
        chosen = self.cleaned_data["organisation"]
        return UUID(chosen) if chosen else None


class MarkForm(Versioned):
    """A point of the checklist."""

    name = "butir"
    state = django.ChoiceField(
        label=_("Keadaannya"), choices=MarkState.choices, widget=django.RadioSelect, error_messages=_PLEASE
    )
    words = Words(label=_("Alasan"), help_text=_("Perlu diisi kalau butir ini tidak berlaku."), rows=2, required=False)


class StageForm(Versioned):
    """In which stage the work is."""

    name = "tahap"
    stage = django.ChoiceField(label=_("Tahap sekarang"), choices=Stage.choices)


class StandardForm(Versioned):
    """Move the case to a newer version of the standard."""

    name = "versi"
    to = django.ChoiceField(label=_("Pindah ke"), choices=[])

    def __init__(self, *args: Any, versions: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(versions)  # type: ignore[attr-defined]


class ConferenceForm(StaffForm):
    """Plan a conference."""

    name = "konferensi"
    planned_at = moment(_("Kapan"), _("Waktu setempat anak."))
    invited = Words(
        label=_("Siapa yang diundang"),
        help_text=_("Lembaga dan peran. Yang diduga terlibat tidak diundang."),
        rows=2,
        error_messages=_PLEASE,
    )
    agenda = Words(label=_("Yang dibicarakan"), rows=2, required=False)


class HeldForm(StaffForm):
    """What a conference led to."""

    name = "hasil"
    checks_words = True
    held_at = moment(_("Diadakan"), _("Waktu setempat anak."))
    came = Words(label=_("Siapa yang hadir"), rows=2, error_messages=_PLEASE)
    child_view = Words(label=_("Yang anak ingin disampaikan"), rows=2, required=False)
    agreed = Words(
        label=_("Siapa menyanggupi apa, sampai kapan"), help_text=_("Satu baris satu kesanggupan."), rows=5,
        error_messages=_PLEASE,
    )  # fmt: skip
