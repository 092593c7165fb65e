"""The form for a partner's token. What fits together, the service of partners decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.accounts.models import Organisation
from lindung.partners import rules, selectors
from lindung.partners.models import Purpose, Scope
from lindung.workspace.forms import StaffForm

_MISSING = {"required": _("Isi dulu bagian ini.")}


class TokenForm(StaffForm):
    """One machine of one partner. `issuers`: the networks that the person may act for; `partners`: of the first."""

    name = "mesin"
    organisation = django.ModelChoiceField(
        label=_("Milik lembaga"),
        queryset=Organisation.objects.none(),
        empty_label=_("Pilih lembaga"),
        error_messages={**_MISSING, "invalid_choice": _("Pilih lembaga")},
    )
    label = django.CharField(
        label=_("Nama mesin"),
        help_text=_("Untuk mengenalinya di daftar ini, misalnya Sistem pengaduan."),
        max_length=80,
        error_messages=_MISSING,
    )
    purpose = django.ChoiceField(
        label=_("Untuk apa"),
        help_text=_("Sekolah tidak pernah tahu hasil laporan, dan tidak pernah menerima kode anak."),
        choices=Purpose.choices,
        widget=django.RadioSelect,
        error_messages=_MISSING,
    )
    scopes = django.MultipleChoiceField(
        label=_("Yang boleh dilakukan"),
        choices=Scope.choices,
        widget=django.CheckboxSelectMultiple,
        error_messages=_MISSING,
    )
    sandbox = django.BooleanField(
        label=_("Hanya untuk latihan: diperiksa sama, tetapi tidak ada yang disimpan"), required=False
    )
    expires_on = django.DateField(
        label=_("Berlaku sampai"),
        help_text=_("Paling lama setahun. Hari itu masih berlaku."),
        widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_MISSING,
    )
    daily_limit = django.IntegerField(
        label=_("Laporan paling banyak sehari"),
        min_value=1,
        max_value=rules.HIGHEST_DAILY_LIMIT,
        error_messages=_MISSING,
    )

    def __init__(self, *args: Any, issuers: Iterable[Organisation] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issuer = next(iter(issuers), None)
        if self.issuer is not None:
            self.fields["organisation"].queryset = selectors.partners_for(self.issuer)  # type: ignore[attr-defined]
        day = selectors.today()
        last = day + rules.LONGEST_VALIDITY
        self.fields["expires_on"].widget.attrs |= {
            "min": (day + timedelta(days=1)).isoformat(),
            "max": last.isoformat(),
        }
        self.fields["expires_on"].initial = last
        self.fields["daily_limit"].initial = 200
        self.fields["scopes"].initial = [Scope.SUBMIT]
