"""Why a report changes hands or stays on hold, and what its mailbox is told (transfers, holds, notices.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from lindung.core.knowledge import Labelled

from . import _entries


@cache
def transfer_reasons() -> Mapping[str, Labelled]:
    """Why a report is offered to another team."""
    return MappingProxyType({label.code: label for _, label in _entries("transfers", "reasons")})


@cache
def decline_reasons() -> Mapping[str, Labelled]:
    """Why a team does not take a report that it was offered."""
    return MappingProxyType({label.code: label for _, label in _entries("transfers", "declines")})


@cache
def lift_reasons() -> Mapping[str, Labelled]:
    """Why a legal hold may end."""
    return MappingProxyType({label.code: label for _, label in _entries("holds", "lift_reasons")})


@cache
def _notices() -> Mapping[str, Labelled]:
    return MappingProxyType({label.code: label for _, label in _entries("notices", "notices")})


def notice(code: str, language: str) -> str:
    """The fixed sentence of a code in the language of the report ("id" or "en"). KeyError for an unknown code."""
    found = _notices()[code]
    return found.label_en if language == "en" else found.label_id
