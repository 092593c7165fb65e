"""The series of a report, and what it is handled together with: two queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from lindung.core import worktime
from lindung.reporting import rules_staff
from lindung.reporting.models import OPEN_STATES
from lindung.reporting.opened import OpenedReport
from lindung.series import selectors
from lindung.workspace import times
from lindung.workspace.doors import actor_of

SHOWN = 5
"""So many reports of a series stand here; its own page shows all."""


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """What the panel shows; None for a closed report that stands alone, and for the path of help."""
    actor, report = actor_of(request), opened.report
    if report.is_help:
        return None
    together = selectors.merges_of(actor, report)
    series = selectors.series_beside(actor, report)
    is_open = report.state in OPEN_STATES
    if not (is_open or series or together.lead or together.merged):
        return None
    return {
        "report_id": report.pk,
        "lead": together.lead,
        "merged": together.merged,
        "series": [
            {
                "id": pk,
                "reference": pk.hex[:8].upper(),
                "size": len(reports),
                "others": [
                    {
                        "report": row,
                        "month": times.month(worktime.local_day(row.received_at, row.tz)),
                        "state": row.get_state_display(),
                    }
                    for row in [each for each in reports if each.pk != report.pk][:SHOWN]
                ],
            }
            for pk, reports in series.items()
        ],
        "may_judge": rules_staff.may_triage(actor, report.team_id),
        "may_look": is_open,
    }
