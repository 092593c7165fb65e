"""When a body must have answered, and who is called when it has not: pure reckoning, no database.

High risk runs in minutes of the calendar, on holidays and at night; the others in working days of the place of the
body that was asked, so that nobody is called late because another island has a holiday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lindung.core import clock, worktime

from . import knowledge
from .knowledge import MINUTES

REMINDER, SUPERVISOR, SECOND, LAST = 0, 1, 2, 3
"""What the next call is, by the number of calls made so far."""


@dataclass(frozen=True)
class Times:
    """The moments of one clock. `lapse` is None for high risk, which calls again every `again` instead."""

    answer: datetime
    supervisor: datetime
    second: datetime
    lapse: datetime | None
    again: timedelta | None

    def due(self, calls: int, now: datetime) -> datetime:
        """When the next call is due after `calls` calls."""
        if calls <= SECOND:
            return (self.answer, self.supervisor, self.second)[calls]
        return self.lapse if self.lapse is not None else now + (self.again or timedelta(days=1))


def times(sent_at: datetime, risk: str, tz: str) -> Times:
    """The clock of a referral that was sent at a moment. `tz` is the zone of the receiving place."""
    steps = knowledge.steps()[risk]

    def at(count: int) -> datetime:
        if steps.unit == MINUTES:
            return clock.coarse(sent_at) + timedelta(minutes=count)
        return worktime.add_working_days(sent_at, count, tz)

    return Times(
        answer=at(steps.answer),
        supervisor=at(steps.supervisor),
        second=at(steps.second),
        lapse=at(steps.lapse) if steps.lapse is not None else None,
        again=timedelta(minutes=steps.again) if steps.again is not None else None,
    )
