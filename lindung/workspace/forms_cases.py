"""The forms of cases: what the list shows, and opening a case from reports."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms as django
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework import listing
from lindung.casework.listing import Wanted
from lindung.casework.models import Risk, Stage, State
from lindung.casework.models import Status as ChildStatus
from lindung.places import selectors as places
from lindung.reporting import knowledge

FIRST = ("siapa", "risiko", "tahap", "hanya", "urut")
"""Fields that stand in the open; the others fold away."""

FACTS = {
    "bentuk": "form", "umur": "age_band", "jk": "sex", "status": "status", "provinsi": "present_province",
    "kabupaten": "present_regency",
}  # fmt: skip
"""Field of the form by coded fact."""

SORTS: dict[str, str] = {
    "tinjauan": listing.REVIEW, "risiko": listing.RISK, "berubah": listing.CHANGED, "baru": listing.OPENED,
}  # fmt: skip

Choices = list[tuple[str, str | Promise]]


def _all(choices: Any) -> Choices:
    return [("", _("Semua")), *choices]


def _options(question: str) -> Choices:
    return _all((option.code, option.label) for option in knowledge.questions()[question].options.values())


class CaseFilters(django.Form):
    """What the list of cases shows. Anything unknown in the address counts as not chosen."""

    siapa = django.ChoiceField(
        label=_("Pendamping"),
        required=False,
        choices=[("", _("Siapa saja")), ("saya", _("Aku")), ("kosong", _("Belum ada"))],
    )
    risiko = django.ChoiceField(label=_("Risiko"), required=False, choices=_all(Risk.choices))
    tahap = django.ChoiceField(label=_("Tahap"), required=False, choices=_all(Stage.choices))
    hanya = django.ChoiceField(
        label=_("Hanya"), required=False, choices=[("", _("Semua")), ("terlambat", _("Terlambat"))]
    )
    urut = django.ChoiceField(
        label=_("Urutan"),
        required=False,
        choices=[
            ("tinjauan", _("Tinjauan terdekat")),
            ("risiko", _("Risiko tertinggi")),
            ("berubah", _("Terakhir berubah")),
            ("baru", _("Paling baru dibuka")),
        ],
    )
    keadaan = django.ChoiceField(
        label=_("Keadaan"),
        required=False,
        choices=[("", _("Yang belum ditutup")), *State.choices, ("all", _("Semua, juga yang ditutup"))],
    )
    status = django.ChoiceField(label=_("Status anak"), required=False, choices=_all(ChildStatus.choices))
    bentuk = django.ChoiceField(
        label=_("Bentuk"),
        required=False,
        choices=lambda: _all((form.code, form.label) for form in knowledge.forms().values()),
    )
    umur = django.ChoiceField(label=_("Umur"), required=False, choices=lambda: _options("age_band"))
    jk = django.ChoiceField(label=_("Jenis kelamin"), required=False, choices=lambda: _options("sex"))
    provinsi = django.ChoiceField(
        label=_("Provinsi sekarang"),
        required=False,
        choices=lambda: _all((place.code, place.name) for place in places.provinces()),
    )
    kabupaten = django.ChoiceField(label=_("Kabupaten atau kota sekarang"), required=False, choices=[])

    def __init__(self, data: Any, *, sort: str = "tinjauan") -> None:
        data = data.copy()
        data.setdefault("urut", sort)
        super().__init__(data, auto_id="saring-%s")
        regencies = [(place.code, place.name) for place in places.regencies(str(data.get("provinsi") or ""))]
        field: Any = self.fields["kabupaten"]
        field.choices = _all(regencies)
        if not regencies:
            field.disabled = True
            field.choices = [("", _("Pilih provinsi dulu"))]
        self.is_valid()

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen and understood, as it stands in the address; the order is not a filter."""
        data = {name: self.cleaned_data.get(name) for name in self.fields if name != "urut"}
        found = {name: str(value) for name, value in data.items() if value}
        if found.get("kabupaten") and not found.get("provinsi"):
            del found["kabupaten"]
        return found

    @property
    def sort(self) -> str:
        """The order, by the word of the form."""
        return str(self.cleaned_data.get("urut") or "tinjauan")

    @property
    def query(self) -> str:
        """The filter and the order as part of an address; codes only."""
        return urlencode({**self.chosen, "urut": self.sort})

    @property
    def first(self) -> list[Any]:
        return [self[name] for name in FIRST]

    @property
    def others(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in FIRST]

    @property
    def uses_others(self) -> bool:
        return bool(set(self.chosen) - set(FIRST))

    def wanted(self) -> Wanted:
        """The filter for the list."""
        chosen = self.chosen
        facts = {fact: chosen[name] for name, fact in FACTS.items() if name in chosen}
        if "present_regency" in facts:  # it lies in the province, which need not be looked up as well
            facts.pop("present_province", None)
        return Wanted(
            state=chosen.get("keadaan", ""),
            stage=chosen.get("tahap", ""),
            risk=chosen.get("risiko", ""),
            whose={"saya": "mine", "kosong": "free"}.get(chosen.get("siapa", ""), ""),
            late=chosen.get("hanya") == "terlambat",
            facts=facts,
            sort=SORTS[self.sort],
        )
