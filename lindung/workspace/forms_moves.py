"""Forms of what changes hands: offers to other teams, work of colleagues, legal holds. The services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.core.knowledge import Labelled
from lindung.reporting import knowledge
from lindung.reporting.knowledge import moves
from lindung.workspace.forms import Choices, StaffForm, Words

_PLEASE = {"required": _("Isi dulu bagian ini.")}


def _labels(entries: Iterable[Labelled]) -> list[tuple[str, str]]:
    return [(entry.code, entry.label) for entry in entries]


class TransferForm(StaffForm):
    """To which team, why, and what that team should know once it has said yes. The page names the teams."""

    name = "tawarkan-isi"
    checks_words = True
    team = django.UUIDField(label=_("Tim"), error_messages={**_PLEASE, "invalid": _("Pilih salah satu tim.")})
    reason = django.ChoiceField(label=_("Alasan"), choices=lambda: _labels(moves.transfer_reasons().values()))
    words = Words(
        label=_("Yang perlu diketahui tim itu"),
        help_text=_("Baru bisa dibaca setelah mereka menerima."),
        rows=3,
        error_messages=_PLEASE,
    )
    urgent = django.BooleanField(
        label=_("Mendesak"),
        help_text=_(
            "Jawaban ditunggu menurut risiko satu tingkat lebih tinggi, dan petugas jaganya langsung dipanggil."
        ),
        required=False,
    )


class DeclineForm(StaffForm):
    name = "tolak-isi"
    reason = django.ChoiceField(label=_("Alasan"), choices=lambda: _labels(moves.decline_reasons().values()))


class HandOverForm(StaffForm):
    """Which reports, and to whom; several colleagues share them evenly."""

    name = "serahkan-isi"
    reports = django.TypedMultipleChoiceField(
        label=_("Laporan"), widget=django.CheckboxSelectMultiple, error_messages={"required": _("Pilih laporannya.")}
    )
    people = django.MultipleChoiceField(
        label=_("Diserahkan ke"),
        help_text=_(
            "Kalau lebih dari satu orang, laporan dibagi rata: yang paling sedikit memegang mendapat lebih dulu."
        ),
        widget=django.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih paling sedikit satu rekan.")},
    )

    def __init__(self, *args: Any, reports: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reports"].choices = list(reports)  # type: ignore[attr-defined]
        self.fields["people"].choices = list(people)  # type: ignore[attr-defined]


class HandOverCasesForm(StaffForm):
    """Which cases, and to whom; several colleagues share them evenly."""

    name = "serahkan-kasus"
    cases = django.TypedMultipleChoiceField(
        label=_("Kasus"), widget=django.CheckboxSelectMultiple, error_messages={"required": _("Pilih kasusnya.")}
    )
    people = django.MultipleChoiceField(
        label=_("Diserahkan ke"),
        help_text=_(
            "Kalau lebih dari satu orang, kasus dibagi rata: yang paling sedikit memegang mendapat lebih dulu."
        ),
        widget=django.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih paling sedikit satu rekan.")},
    )

    def __init__(self, *args: Any, cases: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = list(cases)  # type: ignore[attr-defined]
        self.fields["people"].choices = list(people)  # type: ignore[attr-defined]


class HoldByNumberForm(StaffForm):
    """A report that is to be kept, found by its short reference only."""

    name = "simpan-isi"
    number = django.CharField(
        label=_("Nomor laporan"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages=_PLEASE,
    )
    reason = django.ChoiceField(label=_("Alasan"), choices=lambda: _labels(knowledge.hold_reasons().values()))


class LiftForm(StaffForm):
    name = "akhiri-isi"
    reason = django.ChoiceField(
        label=_("Mengapa boleh diakhiri"), choices=lambda: _labels(moves.lift_reasons().values())
    )
