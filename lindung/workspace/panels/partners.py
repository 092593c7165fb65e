"""Which partner's machine sent a report, and all that this partner is told about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from lindung.partners import selectors
from lindung.partners.models import CoarseState, Purpose
from lindung.partners.services import CHANNEL
from lindung.reporting.opened import OpenedReport


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """One query for a report that came through the API, none for any other."""
    if opened.report.channel != CHANNEL:
        return None
    row = selectors.submission_of(opened.report.pk)
    if row is None:
        return None
    return {
        "partner": row.token.organisation.name,
        "machine": row.token.name,
        "purpose": Purpose(row.token.purpose).label,
        "reference": row.reference,
        "quiet": row.quiet,
        "told": CoarseState(row.told).label,
    }
