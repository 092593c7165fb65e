"""Forms of what only supervisors do with a case."""

from __future__ import annotations

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.reporting import knowledge
from lindung.workspace.forms import StaffForm, Words

_PLEASE = {"required": _("Isi dulu bagian ini.")}


class HoldCaseForm(StaffForm):
    name = "simpan-kasus"
    reason = django.ChoiceField(
        label=_("Alasan"), choices=lambda: [(one.code, one.label) for one in knowledge.hold_reasons().values()]
    )


class LiftCaseForm(StaffForm):
    name = "akhiri-simpan"
    checks_words = True
    words = Words(label=_("Mengapa boleh diakhiri"), rows=3, error_messages=_PLEASE)


class ShareIncidentForm(StaffForm):
    """The case of another child, by its short reference."""

    name = "anak-lain"
    reference = django.CharField(
        label=_("Nomor kasus"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages=_PLEASE,
    )
