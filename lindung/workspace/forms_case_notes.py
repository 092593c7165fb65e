"""The forms of notes, tasks, news of the child, and of who works on a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import child as knowledge
from lindung.casework.models import ChildEventKind, WorkerRole
from lindung.workspace.forms import StaffForm, Words

END_OF_DAY = time(17, 0)
"""A task that only names a day is due when offices close there."""


class CaseNoteForm(StaffForm):
    name = "catatan"
    checks_words = True
    text = Words(label=_("Catatan"), rows=4, error_messages={"required": _("Isi dulu bagian ini.")})


class TaskForm(StaffForm):
    """Something to do by a day. `people`: who works on the case, as (id, name)."""

    name = "tugas"
    checks_words = True
    words = Words(label=_("Apa yang perlu dilakukan"), rows=2, error_messages={"required": _("Isi dulu bagian ini.")})
    due = django.DateField(
        label=_("Paling lambat"),
        widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Pilih tanggalnya."), "invalid": _("Pilih tanggalnya.")},
    )
    assignee = django.ChoiceField(label=_("Siapa yang mengerjakan"), required=False)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assignee"]
        field.choices = [("", _("Siapa pun yang mendampingi")), *people]

    @staticmethod
    def at_end_of(day: date, tz: str) -> datetime:
        """When something that names only a day is due, where the child is."""
        return datetime.combine(day, END_OF_DAY, ZoneInfo(tz))


class ChildEventForm(StaffForm):
    """The child is missing, was found, moved, died."""

    name = "kabar"
    checks_words = True
    kind = django.ChoiceField(label=_("Apa yang terjadi"), choices=ChildEventKind.choices, widget=django.RadioSelect)
    on = django.DateField(
        label=_("Tanggal"),
        widget=django.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Pilih tanggalnya."), "invalid": _("Pilih tanggalnya.")},
    )
    words = Words(label=_("Keterangan singkat"), rows=3, required=False)


class AssignForm(StaffForm):
    """Who works with the child. `people`: who could, as (id, name with how many cases they have)."""

    name = "dampingi"
    user = django.ChoiceField(label=_("Siapa yang mendampingi"))
    role = django.ChoiceField(label=_("Sebagai"), choices=WorkerRole.choices)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.choices = list(people)


class AddReportForm(StaffForm):
    """A further report about the same child, by its short reference."""

    name = "laporan-lain"
    reference = django.CharField(
        label=_("Nomor laporan"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages={"required": _("Isi dulu bagian ini.")},
    )


class LinkCaseForm(StaffForm):
    """Another case that belongs to this one, by its short reference."""

    name = "kasus-lain"
    reference = django.CharField(
        label=_("Nomor kasus"),
        help_text=_("Delapan angka dan huruf, seperti 3F9A01BC."),
        max_length=16,
        error_messages={"required": _("Isi dulu bagian ini.")},
    )
    reason = django.ChoiceField(
        label=_("Alasan"), choices=lambda: [(one.code, one.label) for one in knowledge.link_reasons().values()]
    )
