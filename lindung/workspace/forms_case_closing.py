"""Forms of the tab Penutupan, of approvals, moves and feedback. The services decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms as django
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import ending
from lindung.casework.models_closing import FeedbackKind
from lindung.casework.models_plan import GOAL_DONE
from lindung.workspace.forms import StaffForm, Words
from lindung.workspace.forms_case_legal import pick

_PLEASE = {"required": _("Isi dulu bagian ini.")}
STATE, WHY = "goal-", "words-"
"""How the fields of goals begin; the id of the goal in hex follows."""


class CloseForm(StaffForm):
    """Why the case ends, what came of each goal, and what the child says."""

    name = "usul"
    checks_words = True
    version = django.IntegerField(widget=django.HiddenInput)
    reason = pick(_("Alasan"), lambda: [(code, one.label) for code, one in ending.reasons().items()], radio=True)
    child_agrees = pick(
        _("Anak setuju"),
        [("", _("Tidak bisa ditanya")), ("yes", _("Ya")), ("no", _("Tidak"))],
        _("Tanyakan dulu. Kalau tidak setuju, tulis kata-katanya; orang kedua membacanya."),
        required=False,
        radio=True,
    )
    child_says = Words(label=_("Kata anak"), rows=2, required=False)
    summary = Words(label=_("Ringkasan"), help_text=_("Apa yang dicapai dan apa yang tetap berjalan."), rows=4,
                    error_messages=_PLEASE)  # fmt: skip

    def __init__(self, *args: Any, goals: Iterable[tuple[UUID, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(state.value, state.label) for state in GOAL_DONE]
        self.goals = list(goals)
        for goal, label in self.goals:
            self.fields[STATE + goal.hex] = django.ChoiceField(
                label=label, choices=states, widget=django.RadioSelect, error_messages=_PLEASE
            )
            self.fields[WHY + goal.hex] = Words(
                label=_("Alasan atau keterangan untuk tujuan itu"), rows=2, required=False
            )
        first = ["version", "reason"]
        last = ["child_agrees", "child_says", "summary"]
        self.order_fields([*first, *(name for name in self.fields if name not in {*first, *last}), *last])

    def outcomes(self) -> dict[UUID, tuple[str, str]]:
        """What came of each goal, as the service takes it."""
        data = self.cleaned_data
        return {goal: (data[STATE + goal.hex], data[WHY + goal.hex]) for goal, _label in self.goals}


class DecideForm(StaffForm):
    """The second person."""

    name = "putusan"
    approve = pick(_("Putusanmu"), [("yes", _("Setuju")), ("no", _("Tidak setuju"))], radio=True)
    words = Words(label=_("Alasan"), help_text=_("Wajib kalau tidak setuju."), rows=3, required=False)


class FollowUpForm(StaffForm):
    name = "kabar-isi"
    result = pick(
        _("Bagaimana kabar anak"), lambda: [(code, one.label) for code, one in ending.results().items()], radio=True
    )
    words = Words(label=_("Keterangan"), rows=3, required=False)


class ReopenForm(StaffForm):
    name = "buka-isi"
    reason = pick(_("Alasan"), lambda: [(code, one.label) for code, one in ending.reopenings().items()], radio=True)
    words = Words(label=_("Keterangan"), rows=3, error_messages=_PLEASE)


class MoveForm(StaffForm):
    """Which team is asked, why, and what it should know once it has said yes."""

    name = "pindah-isi"
    team = pick(_("Tim yang diminta"), ())
    reason = pick(_("Alasan"), lambda: [(code, one.label) for code, one in ending.moves().items()])
    words = Words(
        label=_("Untuk tim itu"), help_text=_("Baru bisa dibaca setelah mereka menerima."), rows=3,
        error_messages=_PLEASE,
    )  # fmt: skip

    def __init__(self, *args: Any, teams: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = list(teams)  # type: ignore[attr-defined]


class DeclineMoveForm(StaffForm):
    name = "tolak-pindah"
    reason = pick(_("Alasan"), lambda: [(code, one.label) for code, one in ending.declines().items()])


_MOODS = [("", _("Tidak memilih"))]


class PassOnForm(StaffForm):
    """What a child said about us, passed on by a colleague who will not read it again."""

    name = "pendapat-isi"
    kind = pick(_("Apa ini"), FeedbackKind.choices, radio=True)
    mood = pick(
        _("Seberapa membantu menurut anak"),
        lambda: [*_MOODS, *((code, one.label) for code, one in ending.moods().items())],
        required=False,
        radio=True,
    )
    text = Words(label=_("Kata anak, sedekat mungkin"), rows=4, required=False)


class AnswerFeedbackForm(StaffForm):
    name = "jawab"
    words = Words(
        label=_("Apa yang dilakukan"),
        help_text=_("Hanya untuk pembaca di sini. Kotak anak memberi tahu bahwa sudah dibaca."),
        rows=4,
        error_messages=_PLEASE,
    )
