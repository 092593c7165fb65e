"""When a case is due: from which moment its clocks count, and how late its reviews are. Reads only.

Review dates and hours run by the calendar; only what a rule counts in working days (rules_risk, rules_plan) knows
holidays, and then those of the case's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Min

from .knowledge.standard import Standard
from .models import Case, CaseReport
from .rules_plan import item_due


def received_at(case: Case) -> datetime:
    """The moment from which the clocks of the standard count: the receipt of the first report, else the opening."""
    first: datetime | None = CaseReport.objects.filter(case=case).aggregate(at=Min("report__received_at"))["at"]
    return min(first, case.opened_at) if first else case.opened_at


def due_items(case: Case, standard: Standard, received: datetime) -> Mapping[str, datetime]:
    """When each point of the checklist that applies to the case's present risk is due, where the standard says so."""
    found = {}
    for code, item in standard.items.items():
        due = item_due(item, received, case.tz) if item.applies_to(case.risk) else None
        if due is not None:
            found[code] = due
    return found
