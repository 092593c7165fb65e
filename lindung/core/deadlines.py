"""The clocks of a report as pure functions: aware moments in, aware moments in UTC out, nothing stored, nothing asked.

Only the lowest risk is counted in working days. Everything that guards a child's safety runs in calendar hours,
through nights, weekends and Lebaran, the same in every zone. Sources: standards of service (high at once, medium
within about six hours, low within three working days; report to the police within 3 x 24 hours: UU 12/2022) and the
practice of duty rosters.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple

from .worktime import OFFICE_CLOSES, Zone, add_working_days

Risk = Literal["high", "medium", "low"]
Level = Literal["analyst", "second", "supervisor"]

HIGH_RESPONSE = timedelta(minutes=15)
MEDIUM_RESPONSE = timedelta(hours=6)
LOW_RESPONSE_WORKING_DAYS = 3
POLICE_REPORT = timedelta(hours=72)
MEDICAL_WINDOW = timedelta(hours=72)
SELFHARM_FOLLOW_UP = timedelta(hours=24)


class Step(NamedTuple):
    """One rung of the escalation: who is alerted, and when if nobody has answered until then."""

    level: Level
    at: datetime


def response_due(risk: Risk, received_at: datetime, zone: Zone, *, closes: time = OFFICE_CLOSES) -> datetime:
    """When a report must have been answered.

    high: 15 minutes later; medium: 6 hours later; both by the calendar, never in working days, so `zone` changes
    nothing. low: close of business of the third working day after the local day of receipt in `zone`. An unknown risk
    raises ValueError: a report whose risk is not known yet is not "low".
    """
    received = _utc(received_at)
    if risk == "high":
        return received + HIGH_RESPONSE
    if risk == "medium":
        return received + MEDIUM_RESPONSE
    if risk == "low":
        return add_working_days(received, LOW_RESPONSE_WORKING_DAYS, zone, closes=closes)
    raise ValueError("response_due: expected high, medium or low")


def police_due(received_at: datetime) -> datetime:
    """The end of 3 x 24 hours after the report came in: exactly 72 calendar hours, holidays and zones or not."""
    return _utc(received_at) + POLICE_REPORT


def medical_window_until(when_code: str, received_at: datetime) -> datetime | None:
    """The last moment at which the 72 hours for medical care may still be open; `None` for any other answer.

    "within_72h" says that the harm lies somewhere between 72 hours ago and now, and no more is asked of the child. The
    window therefore closes some time between now and 72 hours after the report. This gives the latest of these
    moments, because a mark taken away earlier could be taken away while help was still possible. It is never a time
    to wait for: hospital first, at once, and care later than this is still care.
    """
    return _utc(received_at) + MEDICAL_WINDOW if when_code == "within_72h" else None


def escalation_steps(received_at: datetime, *, minutes: int = 15) -> tuple[Step, Step, Step]:
    """Who is alerted to a report of high risk, and when: the analyst at once, then the second, then the supervisor.

    `minutes` (1 or more) is the time that each has to answer: the setting LINDUNG_ESCALATION_MINUTES.
    """
    if minutes < 1:
        raise ValueError("escalation_steps: expected at least one minute")
    received, wait = _utc(received_at), timedelta(minutes=minutes)
    return Step("analyst", received), Step("second", received + wait), Step("supervisor", received + 2 * wait)


def selfharm_follow_up_due(decided_at: datetime) -> datetime:
    """When somebody must have spoken to the child again after self-harm was noted: 24 calendar hours."""
    return _utc(decided_at) + SELFHARM_FOLLOW_UP


def withdrawal_end(asked_at: datetime, days: int) -> datetime:
    """When a withdrawn report is erased unless its receipt takes that back: `days` (1 or more) times 24 hours."""
    if days < 1:
        raise ValueError("withdrawal_end: expected at least one day")
    return _utc(asked_at) + timedelta(days=days)


def _utc(moment: datetime) -> datetime:
    """Into UTC before any arithmetic: adding to a local time moves the hands of a clock, not time itself."""
    if moment.tzinfo is None:
        raise ValueError("deadlines: expected an aware datetime")
    return moment.astimezone(UTC)
