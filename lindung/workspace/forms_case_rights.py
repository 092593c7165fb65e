"""The forms about consent, best-interests decisions, what may not be told, and letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import rights as knowledge
from lindung.casework.models_rights import Answer, BarredKind, Giver
from lindung.workspace.forms import Choices, Columns, StaffForm, Words
from lindung.workspace.forms_case_people import line

NOBODY = ("", _("Pilih"))


def _scopes() -> Choices:
    return [(scope.code, scope.label) for scope in knowledge.scopes().values()]


class ConsentForm(StaffForm):
    """What somebody answered, for one or several purposes."""

    name = "izin"
    giver = django.ChoiceField(label=_("Siapa yang menjawab"), choices=Giver.choices, widget=django.RadioSelect)
    person = django.ChoiceField(
        label=_("Wali yang mana"),
        help_text=_("Hanya wali yang sudah dinilai aman yang bisa dipilih."),
        required=False,
        choices=[NOBODY],
    )
    official = line(_("Lembaga atau pejabat yang mana"))
    scopes = Columns(label=_("Untuk apa"), choices=_scopes)
    answer = django.ChoiceField(label=_("Jawabannya"), choices=Answer.choices, widget=django.RadioSelect)
    words = Words(label=_("Dengan kata-katanya sendiri"), rows=2, required=False)
    how = Words(
        label=_("Bagaimana ditanyakan"),
        help_text=_("Bertemu, telepon, dengan juru bahasa; siapa yang ada di situ."),
        rows=2,
        required=False,
    )
    asked_on = django.DateField(
        label=_("Tanggal ditanya"), widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, guardians: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [NOBODY, *guardians]  # type: ignore[attr-defined]


class MaturityForm(StaffForm):
    """Whether the child understands what is asked and what follows from it."""

    name = "paham"
    judged = django.ChoiceField(
        label=_("Menurutmu, apakah anak paham?"),
        choices=lambda: [(one.code, one.label) for one in knowledge.maturity().values()],
        widget=django.RadioSelect,
    )
    why = Words(label=_("Dari mana kamu tahu"), rows=2)
    version = django.IntegerField(widget=django.HiddenInput)


class WithdrawForm(StaffForm):
    """A yes is taken back."""

    name = "tarik"
    words = Words(label=_("Kata-katanya, kalau ada"), rows=2, required=False)


class BarForm(StaffForm):
    """Somebody who may not know, or something that may not be told."""

    name = "jangan"
    kind = django.ChoiceField(label=_("Apa yang dijaga"), choices=BarredKind.choices, widget=django.RadioSelect)
    what = django.CharField(
        label=_("Sebutkan singkat"), help_text=_("Untuk kita sendiri. Tersegel."), max_length=300, strip=False
    )
    person = django.ChoiceField(label=_("Orang dari kasus ini"), required=False, choices=[NOBODY])
    words = django.CharField(
        label=_("Kata yang mengenalinya"),
        help_text=_(
            "Satu per baris: nama, panggilan, nomor, akun, istilah. Huruf besar, tanda baca, jarak, dan angka "
            "pengganti huruf tetap dikenali; kata lain untuk hal yang sama tidak."
        ),
        required=False,
        max_length=2000,
        strip=False,
        widget=django.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "short"}),
    )
    section = django.ChoiceField(
        label=_("Bagian yang tidak boleh keluar sama sekali"),
        required=False,
        choices=lambda: [
            ("", _("Tidak ada")),
            *[(section.code, section.label) for section in knowledge.sections().values()],
        ],
    )
    keep = Words(
        label=_("Pesan untuk siapa pun yang menerima rujukan"),
        help_text=_("Apa yang harus mereka jaga, tanpa menyebut hal itu sendiri. Ikut di setiap rujukan."),
        rows=2,
        required=False,
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [NOBODY, *people]  # type: ignore[attr-defined]


class LiftForm(StaffForm):
    """Take an entry off the list."""

    name = "cabut"
    why = Words(label=_("Mengapa sekarang boleh"), rows=2)
    agreed = django.BooleanField(label=_("Anak setuju hal ini tidak dijaga lagi"), required=False)


class DecisionForm(StaffForm):
    """A best-interests decision. Its boxes stand in knowledge/decisions.yaml; a draft may leave some empty."""

    name = "keputusan"
    checks_words = True
    question = django.ChoiceField(
        label=_("Tentang apa"),
        choices=lambda: [(one.code, f"{one.label}. {one.when.label}") for one in knowledge.questions().values()],
        widget=django.RadioSelect,
    )
    scope = django.ChoiceField(
        label=_("Kalau menggantikan izin: untuk keperluan apa"),
        required=False,
        choices=lambda: [("", _("Tidak menggantikan izin")), *_scopes()],
    )
    choice = django.ChoiceField(
        label=_("Yang diputuskan"),
        required=False,
        choices=lambda: [("", _("Belum diputuskan")), *[(c.code, c.label) for c in knowledge.choices().values()]],
        widget=django.RadioSelect,
    )
    review_on = django.DateField(
        label=_("Ditinjau lagi paling lambat"),
        help_text=_("Sesudah hari itu keputusan ini tidak berlaku lagi."),
        widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    version = django.IntegerField(widget=django.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in knowledge.parts().values():
            self.fields[f"part_{part.code}"] = Words(
                label=part.label,
                help_text=part.hint.label if part.hint else "",
                rows=part.rows,
                required=part.code == "question",
            )
        parts = [f"part_{code}" for code in knowledge.parts()]
        self.order_fields(["question", "scope", *parts, "choice", "review_on", "version"])

    def words(self) -> dict[str, str]:
        """What was written into the boxes, by their codes."""
        return {code: self.cleaned_data.get(f"part_{code}") or "" for code in knowledge.parts()}


class LetterForm(StaffForm):
    """A letter, or a note for a call."""

    name = "surat"
    letter = django.ChoiceField(
        label=_("Yang dibuat"),
        choices=lambda: [(one.code, one.label) for one in knowledge.letters().values()],
        widget=django.RadioSelect,
    )
    person = django.ChoiceField(
        label=_("Untuk siapa"),
        help_text=_("Wali yang diduga terlibat, terduga pelaku, dan orang yang tidak boleh tahu tidak ada di sini."),
        required=False,
        choices=[NOBODY],
    )
    organisation = django.ChoiceField(label=_("Atau untuk lembaga"), required=False, choices=[NOBODY])
    body = Words(
        label=_("Isi, dengan kalimatmu sendiri"),
        help_text=_("Jangan menceritakan kejadian. Rincian hanya lewat rujukan."),
        rows=4,
    )
    phone = line(_("Nomor yang bisa dihubungi"))
    language = django.ChoiceField(label=_("Bahasa"), choices=[("id", "Bahasa Indonesia"), ("en", "English")])

    def __init__(
        self,
        *args: Any,
        people: Sequence[tuple[str, str]] = (),
        bodies: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [NOBODY, *people]  # type: ignore[attr-defined]
        self.fields["organisation"].choices = [NOBODY, *bodies]  # type: ignore[attr-defined]
