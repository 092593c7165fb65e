"""Forms for canned answers and for trying a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.desk import knowledge
from lindung.desk.services import LONGEST_TITLE
from lindung.workspace.forms import StaffForm, Words


class CannedForm(StaffForm):
    """A canned answer in both languages. `version`: the newest that the writer saw, 0 for a new answer."""

    name = "jawaban"
    team = django.ChoiceField(
        label=_("Milik siapa"),
        help_text=_("Satu tim, atau seluruh lembaga. Tidak bisa diubah lagi nanti."),
        required=False,
    )
    topic = django.ChoiceField(
        label=_("Untuk apa"), choices=lambda: [(t.code, t.label) for t in knowledge.topics().values()]
    )
    title_id = django.CharField(label=_("Judul, bahasa Indonesia"), max_length=LONGEST_TITLE)
    text_id = Words(
        label=_("Jawaban, bahasa Indonesia"),
        help_text=_(
            "Kalimat pendek, hangat, enak dibacakan. Jangan ada nama, tempat, nomor, atau hal dari satu kasus."
        ),
        rows=9,
        measure="id",
    )
    title_en = django.CharField(label=_("Judul, bahasa Inggris"), max_length=LONGEST_TITLE)
    text_en = Words(label=_("Jawaban, bahasa Inggris"), rows=9, measure="en")
    version = django.IntegerField(widget=django.HiddenInput, required=False)

    def __init__(self, *args: Any, teams: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Seluruh lembaga")), *teams]
        if teams:
            self.fields["team"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["team"]


class TryForm(StaffForm):
    """A text to be looked at, kept nowhere."""

    name = "coba"
    text = Words(label=_("Teks yang mau diperiksa"), rows=6, required=False, measure="id")
