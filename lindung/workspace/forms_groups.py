"""Forms of group activities. The services decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Team
from lindung.casework.knowledge import plan as knowledge
from lindung.workspace.forms import StaffForm
from lindung.workspace.forms_case_plan import day

_PLEASE = {"required": _("Isi dulu bagian ini.")}
STATEMENT = "s-"


class GroupForm(StaffForm):
    """A new group."""

    name = "kelompok"
    team = django.ChoiceField(label=_("Tim"))
    programme = django.ChoiceField(
        label=_("Kegiatan"), choices=lambda: [(one.code, one.label) for one in knowledge.programmes().values()]
    )
    starts_on = day(_("Mulai"))

    def __init__(self, *args: Any, teams: Iterable[Team] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [(str(team.pk), team.name) for team in teams]  # type: ignore[attr-defined]


class JoinForm(StaffForm):
    """A child that takes part, by the short reference of its case."""

    name = "anggota"
    reference = django.CharField(
        label=_("Nomor kasus"),
        help_text=_("Delapan angka dan huruf. Hanya kasus yang kamu dampingi atau kamu selia."),
        max_length=16,
        error_messages=_PLEASE,
    )


class SessionForm(StaffForm):
    """A meeting and who came."""

    name = "pertemuan"
    on = day(_("Tanggal"))
    came = django.MultipleChoiceField(
        label=_("Yang datang"), widget=django.CheckboxSelectMultiple, required=False, choices=[]
    )

    def __init__(self, *args: Any, members: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["came"].choices = list(members)  # type: ignore[attr-defined]


class WellbeingForm(StaffForm):
    """Eight neutral statements about the last week. Every one may be skipped."""

    name = "rasa"
    all_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(value), label.label) for value, label in knowledge.scale().items()]
        for statement in knowledge.statements().values():
            self.fields[STATEMENT + statement.code] = django.TypedChoiceField(
                label=statement.label, choices=choices, widget=django.RadioSelect, required=False, coerce=int,
                empty_value=None,
            )  # fmt: skip

    def answers(self) -> dict[str, int]:
        found = {code: self.cleaned_data[STATEMENT + code] for code in knowledge.statements()}
        return {code: value for code, value in found.items() if value}

    @staticmethod
    def filled(answers: Mapping[str, int]) -> dict[str, str]:
        """What was answered before, by the names of the fields."""
        return {STATEMENT + code: str(value) for code, value in answers.items()}


class EndForm(StaffForm):
    """The end of a group."""

    name = "akhir"
    on = day(_("Hari terakhir"))
    version = django.IntegerField(widget=django.HiddenInput)
