"""The values of each dimension: which there are, in which order, how they are called, what a token means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.casework.knowledge import ending
from lindung.directory import knowledge as directory
from lindung.places import selectors as places
from lindung.reporting import knowledge as reporting
from lindung.reporting.knowledge import intake
from lindung.reporting.models import Risk
from lindung.vault.facts import meanings

from .counts import UNKNOWN

Label = str | Promise

PROMISE: dict[str, Label] = {
    "in_time": _("Dijawab tepat waktu"),
    "late": _("Dijawab terlambat"),
    "none": _("Belum dijawab"),
}
ANSWER: dict[str, Label] = {
    "accepted": _("Diterima"),
    "declined": _("Ditolak"),
    "ended": _("Dicabut atau tidak dijawab"),
    "waiting": _("Belum dijawab"),
}
DIMENSIONS = {"present_province": "province"}
"""The dimension of a coded fact that is called otherwise: of a case's four places the present one is counted."""


def values(dimension: str) -> tuple[str, ...]:
    """The codes of a dimension in the order in which they are shown."""
    return tuple(_values(dimension))


def label(dimension: str, code: str) -> str:
    """The name of a value; the code itself when no list knows it (any more)."""
    return str(_values(dimension).get(code, code))


@cache
def codes(fact: str) -> Mapping[bytes, str]:
    """What the tokens of a coded fact mean."""
    return meanings(fact, _values(DIMENSIONS.get(fact, fact)))


def _values(dimension: str) -> dict[str, Label]:
    unknown: dict[str, Label] = {UNKNOWN: _("Tidak diketahui")}
    if dimension == "form":
        return {form.code: form.label for form in reporting.forms().values() if form.code != UNKNOWN}
    if dimension in ("age_band", "sex"):
        options = reporting.questions()[dimension].options.values()
        return {option.code: option.label for option in options if option.code != UNKNOWN} | unknown
    if dimension == "province":
        return {place.code: place.name for place in places.provinces()} | unknown
    if dimension == "channel":
        ways: dict[str, Label] = {way.code: way.label for way in intake.channels().values()}
        return {"portal": _("Portal"), **ways, "api": _("Mesin mitra")}
    if dimension == "risk":
        return dict(Risk.choices)
    if dimension == "outcome":
        ends: dict[str, Label] = {end.code: end.label for end in reporting.outcomes().values()}
        return {**ends, "open": _("Belum ditutup")}
    if dimension == "closing":
        return {reason.code: reason.label for reason in ending.reasons().values()} | unknown
    if dimension == "service":
        return {kind.code: kind.label for kind in directory.services().values()}
    return {"promise": PROMISE, "answer": ANSWER}[dimension]
