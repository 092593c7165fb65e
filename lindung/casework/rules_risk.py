"""What the answers of an assessment suggest, what a person may decide, and by when: pure functions, no database.

The suggestion is never a sum. Each rule of knowledge/assessment.yaml stands for itself and says why; the highest one
that fits is suggested. No rule asks what the child did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lindung.core.worktime import OFFICE_CLOSES, Zone, add_working_days, local_day

from .knowledge import plan as knowledge
from .knowledge.plan import RISKS, Rule

LOW, MEDIUM, HIGH = RISKS


@dataclass(frozen=True)
class Suggestion:
    """A risk with the rules that fired, the highest first.

    `missing`: questions without whose answer the risk is not low; they are why nothing that fired can still be medium.
    """

    risk: str
    fired: tuple[Rule, ...]
    missing: tuple[str, ...]


def suggest(answers: Mapping[str, str]) -> Suggestion:
    """What the stated rules give for answers by question (yes, no, unknown; what was not asked is left out).

    Low only when every question of `needed_for_low` has an answer and no rule fired; else at least medium.
    """
    fired = tuple(rule for rule in knowledge.rules() if rule.fits(answers))
    missing = tuple(
        code for code in knowledge.needed_for_low() if answers.get(code) not in {knowledge.YES, knowledge.NO}
    )
    if fired:
        return Suggestion(fired[0].risk, fired, missing)
    return Suggestion(MEDIUM if missing else LOW, (), missing)


def decision_problem(suggested: str, decided: str, rationale: str) -> tuple[str, str] | None:
    """Return (field, code) of what is wrong with a decision, or None: below the suggestion only with a rationale."""
    if decided not in RISKS:
        return "risk", "unknown_risk"
    if RISKS.index(decided) < RISKS.index(suggested) and not rationale.strip():
        return "rationale", "rationale_missing"
    return None


def proposed_services(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Services (keys of the directory) that answer a need that was named."""
    return tuple(
        service
        for service, items in knowledge.needs()
        if any(answers.get(item) == knowledge.YES for item in items)
        or (service == "shelter" and answers.get("safe_place") == knowledge.NO)
    )


def first_service_due(risk: str, start: datetime, zone: Zone) -> datetime:
    """By when the first service is due, counted from the receipt of the report.

    high: at once; medium: hours by the calendar, never in working days, so `zone` changes nothing; low: close of
    business of the n-th working day of the place.
    """
    follows = knowledge.follows()[risk]
    if follows.working_days:
        return add_working_days(start, follows.working_days, zone)
    return start + timedelta(hours=follows.hours or 0)


def review_due(risk: str, at: datetime, zone: Zone) -> datetime:
    """When a case is looked at again at the latest: calendar days after the local day, at the close of business.

    It never waits for a working day: the day may be a Sunday or Lebaran, and then it is done before.
    """
    return on_day(local_day(at, zone) + timedelta(days=knowledge.follows()[risk].review_days), zone)


def on_day(day: date, zone: Zone) -> datetime:
    """The close of business of a local date of a place, as a moment."""
    return datetime.combine(day, OFFICE_CLOSES, zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone))
