"""Forms of series and merging. A report is named by the reference that stands on its page; nothing else is searched."""

from __future__ import annotations

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.workspace.forms import StaffForm

INTO_THIS, INTO_OTHER = "sini", "sana"

WAYS = [
    (INTO_THIS, _("Laporan itu digabung ke laporan ini")),
    (INTO_OTHER, _("Laporan ini digabung ke laporan itu")),
]


class _ByReference(StaffForm):
    other = django.CharField(
        label=_("Nomor laporan lain"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages={"required": _("Isi dulu bagian ini.")},
    )


class JoinForm(_ByReference):
    """Another report for the series of this one."""

    name = "seri"


class MergeForm(_ByReference):
    """Another report that is handled together with this one, and which of the two leads."""

    name = "gabung"
    way = django.ChoiceField(
        label=_("Laporan induk"),
        choices=WAYS,
        initial=INTO_THIS,
        widget=django.RadioSelect,
        help_text=_("Triase, status, dan penutupan induk berlaku untuk keduanya."),
    )
