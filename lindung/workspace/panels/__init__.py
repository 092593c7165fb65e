"""Panels of the report's page that belong to a room of their own (takedown, series, …), each a module beside this one.

A panel reads with at most one or two queries, whatever the report: the whole page has a budget of 25.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from lindung.reporting.opened import OpenedReport
from lindung.workspace.panels import casework, desk, intake, partners, series, takedown, transfer


@dataclass(frozen=True)
class Panel:
    """`build(request, opened, now)` gives the context of `template`, or None when there is nothing to show.

    `side`: main or side column of the page, or message: inside the form of an answer. In the template the context is
    `panel`.
    """

    template: str
    build: Callable[[HttpRequest, OpenedReport, datetime], dict[str, Any] | None]
    side: str = "side"


@dataclass(frozen=True)
class Shown:
    """A panel with what it shows."""

    template: str
    side: str
    data: dict[str, Any]


def shown(request: HttpRequest, opened: OpenedReport, now: datetime) -> list[Shown]:
    """Build the panels of one opened report, in the order of PANELS."""
    built = ((panel, panel.build(request, opened, now)) for panel in PANELS)
    return [Shown(panel.template, panel.side, data) for panel, data in built if data is not None]


PANELS: tuple[Panel, ...] = (
    Panel("workspace/cases/panel.html", casework.build),
    Panel("workspace/intake/panel.html", intake.build),
    Panel("workspace/partners/panel.html", partners.build),
    Panel("workspace/desk/choose.html", desk.build, side="message"),
    Panel("workspace/moves/panel.html", transfer.build),
    Panel("workspace/takedown/panel.html", takedown.build),
    Panel("workspace/series/panel.html", series.build),
)
