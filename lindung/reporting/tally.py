"""What stays of an erased report: counts, without an id, so that the statistics stay whole.

Each report adds one to the cell with the empty form (there it is counted exactly once) and one to a cell for each of
its forms (a report may show several); without any form it is counted under `NO_FORM`. So totals are read where `form`
is empty, and counts by form where it is not; adding up both would count twice. Province, age band and sex are keyed
tokens; a fact that is not known is empty.
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from lindung.core import worktime
from lindung.vault.facts import fact_token

from .models import Report, ReportFact, Tally

NO_FORM = "none"
"""Value of the token for reports without a form."""

SINGLE = ("province", "age_band", "sex")


def add(report: Report, outcome: str) -> None:
    """Count a report that is being erased; runs in the transaction that shreds it.

    The month is the local one of receipt. `outcome`: a code of knowledge/outcomes.yaml, "" when it is not known.
    """
    tokens: dict[str, list[bytes]] = {}
    for field, token in ReportFact.objects.filter(report=report).values_list("field", "token"):
        tokens.setdefault(field, []).append(bytes(token))
    cell = {
        "month": worktime.local_day(report.received_at, report.tz).replace(day=1),
        "channel": report.channel,
        "outcome": outcome,
        **{field: tokens.get(field, [b""])[0] for field in SINGLE},
    }
    forms = sorted(set(tokens.get("form", []))) or [fact_token("form", NO_FORM)]
    for form in (b"", *forms):
        _increase({**cell, "form": form})


def _increase(cell: dict[str, object]) -> None:
    """Add one: an UPDATE, and the first time an INSERT; of two at once the slower one updates."""
    if Tally.objects.filter(**cell).update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            Tally.objects.create(**cell, count=1)
    except IntegrityError:
        Tally.objects.filter(**cell).update(count=F("count") + 1)


def reports(month: date | None = None) -> int:
    """How many erased reports were counted, of a month or of all time; each once."""
    rows = Tally.objects.filter(form=b"")
    if month is not None:
        rows = rows.filter(month=month)
    return rows.aggregate(total=Sum("count"))["total"] or 0
