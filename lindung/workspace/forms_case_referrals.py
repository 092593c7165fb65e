"""Forms of referrals, on both sides. What may leave, to whom and on which ground, the services decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms as django
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import rights as casework
from lindung.referrals import knowledge
from lindung.referrals.models import Way
from lindung.workspace.forms import Choices, StaffForm, Words
from lindung.workspace.forms_case_plan import Versioned, day, moment

_PLEASE = {"required": _("Isi dulu bagian ini.")}
TICK, TEXT = "s-", "t-"
"""How the fields of a section begin: whether it goes along, and its text."""

NEEDS: dict[str, str | Promise] = {
    "siblings": _("Bersama saudaranya"),
    "with_mother": _("Bersama ibunya"),
    "lgbt_safe": _("Aman bagi anak LGBT"),
}


class ChooseForm(StaffForm):
    """What the child needs: the page then shows who provides it here. Nothing is sent or kept."""

    name = "cari"
    layanan = django.ChoiceField(label=_("Layanan apa yang dibutuhkan anak?"), error_messages=_PLEASE)
    kebutuhan = django.MultipleChoiceField(
        label=_("Dan sebaiknya"), choices=list(NEEDS.items()), widget=django.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, services: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layanan"].choices = [("", _("Pilih layanan")), *services]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SectionRow:
    """One section of a case as the form shows it: a tick, what it is about, and its text to be read and corrected."""

    code: str
    label: str
    about: str
    tick: Any
    text: Any


class ReferralForm(StaffForm):
    """What is handed over: the goal in words, and the sections, each looked at by a person. Filled from the case."""

    name = "rujukan"
    checks_words = True
    goal = Words(
        label=_("Apa yang diharapkan dari layanan ini?"),
        help_text=_("Satu atau dua kalimat. Tanpa rincian kejadian."),
        rows=2,
        error_messages=_PLEASE,
    )

    def __init__(
        self, *args: Any, codes: Iterable[str] = (), goals: Choices = (), ways: Iterable[Way] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = casework.sections()
        self.codes = [code for code in known if code in set(codes)]
        for code in self.codes:
            self.fields[TICK + code] = django.BooleanField(label=known[code].label, required=False)
            self.fields[TEXT + code] = Words(label=_("Isi bagian ini"), rows=4, required=False)
        goals, ways = list(goals), list(ways)
        if goals:
            self.fields["goal_id"] = django.ChoiceField(
                label=_("Untuk tujuan yang mana di rencana?"),
                choices=[("", _("Tidak untuk tujuan tertentu")), *goals],
                required=False,
            )
        if len(ways) > 1:
            self.fields["way"] = django.ChoiceField(
                label=_("Lembaga ini belum memakai Lindung. Dihubungi lewat apa?"),
                choices=[(way.value, way.label) for way in ways],
                widget=django.RadioSelect,
                initial=ways[0].value,
                required=False,
            )
        self.fields["version"] = django.IntegerField(widget=django.HiddenInput, required=False)

    @property
    def rows(self) -> list[SectionRow]:
        """The sections in order, for the page."""
        known = casework.sections()
        return [
            SectionRow(code, known[code].label, known[code].about.label, self[TICK + code], self[TEXT + code])
            for code in self.codes
        ]

    @property
    def sections(self) -> dict[str, str]:
        """The chosen sections with their texts."""
        data = self.cleaned_data
        return {code: data.get(TEXT + code, "") for code in self.codes if data.get(TICK + code)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code in self.codes:
            if data.get(TICK + code) and not str(data.get(TEXT + code) or "").strip():
                self.add_error(TEXT + code, _("Bagian ini dipilih tapi masih kosong."))
        return data


def filled(texts: Mapping[str, str], usual: Iterable[str]) -> dict[str, Any]:
    """Initial values of the sections: every text, and a tick at the usual ones that hold something."""
    ticked = set(usual)
    found: dict[str, Any] = {}
    for code, text in texts.items():
        found[TEXT + code] = text
        found[TICK + code] = code in ticked and bool(text.strip())
    return found


class SendForm(Versioned):
    """Send a draft; why, when the body does not quite fit: the page asks only then."""

    name = "kirim"
    all_optional = True
    override = Words(
        label=_("Mengapa tetap ke lembaga ini?"),
        help_text=_("Disimpan di kasus, tidak ikut ke lembaga itu."),
        rows=2,
        required=False,
    )


class RevokeForm(Versioned):
    name = "cabut"
    checks_words = True
    reason = django.ChoiceField(label=_("Mengapa dicabut?"), error_messages=_PLEASE)
    words = Words(
        label=_("Catatan"), help_text=_("Hanya untuk kasus ini, tidak ikut ke lembaga itu."), rows=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(code, known.label) for code, known in knowledge.revoke_reasons().items() if known.by_hand]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]


class VoiceForm(Versioned):
    """Somebody with a name said yes by voice."""

    name = "suara"
    person = django.CharField(
        label=_("Siapa yang menerima lewat suara?"),
        help_text=_("Nama dan tugasnya di lembaga itu."),
        max_length=200,
        strip=False,
        error_messages=_PLEASE,
    )
    at = moment(_("Kapan?"))


class SayForm(Versioned):
    name = "kabar"
    checks_words = True
    words = Words(label=_("Pesan"), rows=3, error_messages=_PLEASE)


class YesForm(Versioned):
    name = "terima"
    checks_words = True
    words = Words(label=_("Pesan"), help_text=_("Misalnya kapan dan di mana anak bisa datang."), rows=2, required=False)


class NoForm(Versioned):
    name = "tolak"
    checks_words = True
    reason = django.ChoiceField(label=_("Mengapa belum bisa?"), widget=django.RadioSelect, error_messages=_PLEASE)
    words = Words(label=_("Keterangan"), rows=2, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = [(code, label.label) for code, label in knowledge.decline_reasons().items()]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]


class DeliveryForm(Versioned):
    name = "layanan"
    checks_words = True
    on = day(_("Tanggal"))
    minutes = django.IntegerField(
        label=_("Lamanya, dalam menit"), min_value=1, max_value=24 * 60, required=False,
        widget=django.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    child_came = django.BooleanField(label=_("Anak hadir"), required=False, initial=True)
    words = Words(
        label=_("Apa yang dilakukan"),
        help_text=_("Singkat, tentang layanannya. Kalau anak tidak hadir, tulis apa langkah berikutnya."),
        rows=2,
        required=False,
    )


class OutcomeForm(Versioned):
    name = "hasil"
    checks_words = True
    outcome = django.ChoiceField(label=_("Bagaimana hasilnya?"), widget=django.RadioSelect, error_messages=_PLEASE)
    words = Words(
        label=_("Keterangan"),
        help_text=_("Perlu diisi kalau tujuannya belum tercapai. Tentang layanannya, tidak menilai anak."),
        rows=3,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcomes = [(code, known.label) for code, known in knowledge.outcomes().items()]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
