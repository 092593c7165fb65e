"""The forms of the inbox: what it shows, and the name of a filter that somebody keeps."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms as django
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.places import selectors as places
from lindung.reporting import knowledge, selectors
from lindung.reporting.inbox import Wanted
from lindung.reporting.inbox_rows import HELP, REPORTS
from lindung.reporting.knowledge import intake
from lindung.reporting.models import Risk, State
from lindung.reporting.services.saved_views import LONGEST_NAME
from lindung.workspace.forms import StaffForm

FIRST = ("risiko", "keadaan", "siapa", "hanya", "urut")
"""Fields that stand in the open; the others fold away."""

FACTS = {
    "bentuk": "form", "umur": "age_band", "jk": "sex", "provinsi": "province", "kabupaten": "regency",
    "platform": "platform", "pemberian": "given",
}  # fmt: skip
"""Field of the form by coded fact."""

Choices = list[tuple[str, str | Promise]]


def _all(choices: Any) -> Choices:
    return [("", _("Semua")), *choices]


def _options(question: str) -> Choices:
    return _all((option.code, option.label) for option in knowledge.questions()[question].options.values())


def _channels() -> Choices:
    ways = [(way.code, way.label) for way in intake.channels().values()]
    return _all([("portal", _("Portal")), *ways, ("api", _("Mesin mitra"))])


class InboxFilters(django.Form):
    """What the inbox shows. Anything unknown in the address counts as not chosen."""

    risiko = django.ChoiceField(label=_("Risiko"), required=False, choices=[("", _("Semua")), *Risk.choices])
    keadaan = django.ChoiceField(
        label=_("Keadaan"),
        required=False,
        choices=[
            ("", _("Yang terbuka")),
            *[(code, label) for code, label in State.choices if code != State.WITHDRAWN],
            ("all", _("Semua, juga yang ditutup")),
        ],
    )
    siapa = django.ChoiceField(
        label=_("Dipegang"),
        required=False,
        choices=[("", _("Siapa saja")), ("saya", _("Aku")), ("kosong", _("Belum diambil"))],
    )
    hanya = django.ChoiceField(
        label=_("Hanya"),
        required=False,
        choices=[("", _("Semua")), ("terlambat", _("Terlambat")), ("pesan", _("Ada pesan baru"))],
    )
    urut = django.ChoiceField(
        label=_("Urutan"),
        required=False,
        choices=[("", _("Paling mendesak")), ("baru", _("Paling baru masuk"))],
    )
    bentuk = django.ChoiceField(
        label=_("Bentuk"),
        required=False,
        choices=lambda: _all((form.code, form.label) for form in knowledge.forms().values()),
    )
    umur = django.ChoiceField(label=_("Umur"), required=False, choices=lambda: _options("age_band"))
    jk = django.ChoiceField(label=_("Jenis kelamin"), required=False, choices=lambda: _options("sex"))
    provinsi = django.ChoiceField(
        label=_("Provinsi"), required=False, choices=lambda: _all((p.code, p.name) for p in places.provinces())
    )
    kabupaten = django.ChoiceField(label=_("Kabupaten atau kota"), required=False, choices=[])
    platform = django.ChoiceField(label=_("Platform"), required=False, choices=[])
    pemberian = django.ChoiceField(label=_("Yang diberi"), required=False, choices=lambda: _options("given"))
    saluran = django.ChoiceField(label=_("Lewat"), required=False, choices=_channels)
    bahasa = django.ChoiceField(
        label=_("Bahasa"), required=False, choices=[("", _("Semua")), ("id", _("Indonesia")), ("en", _("Inggris"))]
    )
    antrean = django.ChoiceField(
        label=_("Antrean"),
        required=False,
        choices=[("", _("Semua")), (REPORTS, _("Laporan")), (HELP, _("Minta bantuan untuk diri sendiri"))],
    )
    dari = django.DateField(
        label=_("Masuk dari"), required=False, widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sampai = django.DateField(
        label=_("Masuk sampai"), required=False, widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="saring-%s")
        self._offer("platform", [(entry.code, entry.label) for entry in selectors.platforms()])
        province = str(data.get("provinsi") or "")
        regencies = [(place.code, place.name) for place in places.regencies(province)]
        self._offer("kabupaten", regencies)
        if not regencies:
            self.fields["kabupaten"].disabled = True
            self.fields["kabupaten"].choices = [("", _("Pilih provinsi dulu"))]  # type: ignore[attr-defined]
        self.is_valid()

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = _all(choices)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen and understood, as it stands in the address."""
        data = {name: self.cleaned_data.get(name) for name in self.fields}
        found = {name: value.isoformat() if isinstance(value, date) else value for name, value in data.items() if value}
        if found.get("kabupaten") and not found.get("provinsi"):
            del found["kabupaten"]
        return found

    @property
    def query(self) -> str:
        """The filter as part of an address; codes only."""
        return urlencode(self.chosen)

    @property
    def first(self) -> list[Any]:
        return [self[name] for name in FIRST]

    @property
    def others(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in FIRST]

    @property
    def uses_others(self) -> bool:
        return bool(set(self.chosen) - set(FIRST))

    def wanted(self, tz: str) -> Wanted:
        """The filter for the selector; days are those of the zone `tz`."""
        chosen, zone = self.chosen, ZoneInfo(tz)
        facts = {fact: chosen[name] for name, fact in FACTS.items() if name in chosen}
        if "regency" in facts:  # it lies in the province, which need not be looked up as well
            facts.pop("province", None)
        since, until = self.cleaned_data.get("dari"), self.cleaned_data.get("sampai")
        state = chosen.get("keadaan", "")
        newest = chosen.get("urut") == "baru" or state == State.CLOSED
        return Wanted(
            risk=chosen.get("risiko", ""),
            state=state,
            whose={"saya": "mine", "kosong": "free"}.get(chosen.get("siapa", ""), ""),
            only={"terlambat": "late", "pesan": "message"}.get(chosen.get("hanya", ""), ""),
            queue=chosen.get("antrean", ""),
            channel=chosen.get("saluran", ""),
            language=chosen.get("bahasa", ""),
            facts=facts,
            since=datetime.combine(since, time.min, zone) if since else None,
            before=datetime.combine(until + timedelta(days=1), time.min, zone) if until else None,
            sort="newest" if newest else "urgency",
        )


class ViewForm(StaffForm):
    """The name of a filter that somebody keeps."""

    name = "tampilan"
    nama = django.CharField(
        label=_("Simpan saringan ini sebagai"),
        help_text=_("Nama biasa, misalnya “Jawa Timur, belum diambil”. Jangan tulis nama anak atau isi laporan."),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Beri nama dulu.")},
    )
