"""What the clock does here: forget how much people looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from lindung.desk import rules
from lindung.desk.models import OwnCount


def forget_counts(now: datetime) -> int:
    """Delete the counts of days that are more than `rules.KEPT_DAYS` days ago; returns how many rows went."""
    deleted, _kinds = OwnCount.objects.filter(day__lt=now.date() - timedelta(days=rules.KEPT_DAYS)).delete()
    return deleted
