"""What this room forgets, and when: answers after a month, references after two years, each whatever became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lindung.core import worktime

from . import rules, selectors
from .models import StoredResponse, Submission


def forget_old(now: datetime) -> int:
    """Delete stored answers and references whose time is over; return how many. Running twice deletes once."""
    day = worktime.local_day(now, settings.TIME_ZONE)
    answers = StoredResponse.objects.filter(day__lt=day - timedelta(days=int(settings.LINDUNG_IDEMPOTENCY_DAYS)))
    limit = now - timedelta(days=int(settings.LINDUNG_PARTNER_REFERENCE_DAYS))
    # Looked for first: on SQLite a DELETE would take the write lock twice a minute for nothing.
    gone = 0
    for rows in (answers, Submission.objects.filter(received_at__lt=limit)):
        if rows.exists():
            gone += rows.delete()[0]
    return gone


def on_report_erased(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of reporting's `report_erased`: fix what the partner is told, inside the erasing, and let go."""
    with transaction.atomic():
        row = Submission.objects.select_related("token", "report").filter(report=report_id).first()
        if row is None or row.report is None:
            return
        hidden = row.quiet or selectors.hidden_from(row.token.organisation_id, row.report)
        told = rules.told_after_erasing(told=row.told, state=row.report.state, hidden=hidden)
        Submission.objects.filter(pk=row.pk).update(told=told, report=None)
