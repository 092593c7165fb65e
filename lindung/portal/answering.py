"""What a posted page means: which answers it gives, which button was pressed, and what is wrong with it.

Values stay exactly as they were sent. A field left empty is an answer taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import Error as DatabaseError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lindung.core.knowledge import Labelled
from lindung.core.textsafe import holds_media
from lindung.places import selectors as places
from lindung.portal.questions import SELF_PATHS, Action, Field, Screen, Words
from lindung.reporting import answers as answering
from lindung.reporting import knowledge, selectors

SEARCH, BACK, ENOUGH = "search", "back", "enough"
"""Buttons of every page: look for a place, go back, go to the summary. All of them keep what was typed."""

_ALWAYS = {
    "next": Action("next", "main", Words("Lanjut", "Continue")),
    SEARCH: Action(SEARCH, "main", Words("Cari", "Search")),
    BACK: Action(BACK, "link", Words("Kembali", "Back"), go=BACK),
    ENOUGH: Action(ENOUGH, "link", Words("Cukup. Aku mau periksa dan kirim.", "That is enough."), go="check"),
}


@dataclass(frozen=True)
class Option:
    """One answer to choose from. `chosen` as it was answered."""

    code: str
    label: str
    chosen: bool = False


@dataclass
class Reading:
    """A posted page. `problems` holds a sentence for each field that cannot be taken; then `status` is 422."""

    action: Action
    answers: dict[str, str | list[str]] = field(default_factory=dict, repr=False)
    cleared: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    media: bool = False
    search: bool = False


def read(screen: Screen, path: str, posted: QueryDict) -> Reading:
    """Read a posted page. Nothing is raised: what is wrong stands in `problems`."""
    wanted = posted.get("do", "next")
    action = next((a for a in screen.actions if a.code == wanted and a.on(path)), None)
    reading = Reading(action or _ALWAYS.get(wanted, _ALWAYS["next"]), search=wanted == SEARCH)
    if action is None and wanted not in _ALWAYS:
        reading.problems["do"] = _("Tombol ini tidak dikenal.")
        return reading
    reading.cleared += [*reading.action.clear]
    for entry in screen.fields:
        if reading.action.code == "skip":
            reading.cleared.append(entry.name)
        else:
            _read_field(entry, path, posted, reading)
    for name, value in reading.action.sets.items():
        chosen = reading.answers.get(name, [])
        if isinstance(value, list) and isinstance(chosen, list):
            value = [*chosen, *(code for code in value if code not in chosen)]
        reading.answers[name] = value
    return reading


def _read_field(entry: Field, path: str, posted: QueryDict, reading: Reading) -> None:
    sent = posted.getlist(entry.name)
    if not any(sent) and entry.kind in {"tap", "place"} and reading.action.code in {SEARCH, BACK, ENOUGH}:
        return  # one touch answers these: without it, what was answered before stays
    if entry.kind == "text":
        text = sent[-1] if sent else ""
        problem = text_problem(text, answering.limit_of(entry.name))
        if problem:
            reading.problems[entry.name] = problem
            reading.media = reading.media or holds_media(text)
        if text:
            reading.answers[entry.name] = text
        else:
            reading.cleared.append(entry.name)
    elif entry.kind == "place":
        _read_place(entry, sent, reading)
    else:
        known = {option.code for option in options(entry, path, everything=True)}
        codes = [code for code in sent if code]
        if len(codes) > answering.MAX_CODES or not set(codes) <= known or (entry.kind == "tap" and len(codes) > 1):
            reading.problems[entry.name] = _("Pilihan ini tidak ada di daftar. Pilih lagi, ya.")
        elif not codes:
            reading.cleared.append(entry.name)
        else:
            reading.answers[entry.name] = codes if entry.kind == "choice" else codes[0]


def _read_place(entry: Field, sent: list[str], reading: Reading) -> None:
    if not sent or not sent[-1]:
        reading.cleared.append(entry.name)
        return
    place = places.get(sent[-1])
    if place is None or not place.in_force:
        reading.problems[entry.name] = _("Tempat ini tidak ada di daftar. Pilih lagi, ya.")
    elif place.is_province:
        reading.answers["province"] = place.code
        reading.cleared.append("regency")
    else:
        reading.answers["province"] = place.province_code
        reading.answers["regency"] = place.code


def text_problem(text: str, limit: int) -> str:
    """Say what is wrong with a text, or "": media in it, or how many characters too many."""
    if holds_media(text):
        return _("Di tulisan ini terselip gambar, video, atau suara. Kami tidak menerimanya. Hapus bagian itu, ya.")
    if len(text) > limit:
        over = len(text) - limit
        return ngettext(
            "Tulisannya lebih %(over)d huruf dari yang bisa kami terima. Kamu bisa memotongnya dan melanjutkan nanti.",
            "Tulisannya lebih %(over)d huruf dari yang bisa kami terima. Kamu bisa memotongnya dan melanjutkan nanti.",
            over,
        ) % {"over": over}
    return ""


def apply(data: dict[str, Any], reading: Reading) -> None:
    """Put a reading without problems into a walk."""
    answers: dict[str, Any] = data["answers"]
    for name in reading.cleared:
        answers.pop(name, None)
    answers.update(reading.answers)
    marks: list[str] = data["marks"]
    if reading.action.mark and reading.action.mark not in marks:
        marks.append(reading.action.mark)
    if reading.action.unmark in marks:
        marks.remove(reading.action.unmark)
    if "reach" in reading.answers and "must_not_know" in marks:
        marks.remove("must_not_know")


def options(entry: Field, path: str, chosen: Iterable[str] = (), *, everything: bool = False) -> list[Option]:
    """The answers that a page offers on this path, in order; with `everything` those of every path."""
    mine = path in SELF_PATHS
    omitted = frozenset() if everything else entry.omit if mine else entry.other_omit
    picked = set(chosen)
    found = []
    for option in _labelled(entry.name):
        if option.code in omitted and option.code not in picked:
            continue
        special = None if mine else entry.other_labels.get(option.code)
        found.append(Option(option.code, str(special or option.label), option.code in picked))
    return found


def _labelled(name: str) -> Iterable[Labelled]:
    if name == "online_where":
        try:
            offered = selectors.platforms()
        except DatabaseError:
            offered = []
        # Codes of the file stay valid when staff retire them: a page may have been open for a while.
        return offered or knowledge.platforms().values()
    return knowledge.questions()[name].options.values()


def labels_of(name: str, value: Any, path: str, labels: Mapping[str, Any]) -> list[str]:
    """What an answer reads like on the summary: labels of codes, or the words themselves."""
    question = knowledge.questions()[name]
    if question.kind == "text":
        return [str(value)]
    codes = [value] if isinstance(value, str) else list(value)
    if question.kind == "place":
        return [place.name for place in map(places.get, codes) if place]
    mine = path in SELF_PATHS
    shown = []
    for code in codes:
        special = None if mine else labels.get(code)
        if special is None and name == "online_where":
            special = selectors.platform_label(code)
        shown.append(str(special or knowledge.option_label(name, code)))
    return shown
