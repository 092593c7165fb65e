"""Plans, goals, the checklist: what may follow what, and when something is due. Pure functions, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lindung.core.worktime import Zone, add_working_days, local_day

from .knowledge.standard import Item, Standard
from .models_plan import GOAL_DONE, GoalState, MarkState, PlanState

LONGEST_WORKING_DAYS = 250
"""About a year of working days; what takes longer is a goal of a later plan."""

_G = GoalState
WAYS: dict[str, frozenset[str]] = {
    _G.PLANNED: frozenset({_G.UNDER_WAY, _G.REACHED, _G.PARTLY, _G.NOT_REACHED, _G.DROPPED}),
    _G.UNDER_WAY: frozenset({_G.REACHED, _G.PARTLY, _G.NOT_REACHED, _G.DROPPED}),
    **{state: frozenset({_G.UNDER_WAY}) for state in GOAL_DONE},
}
"""Where a goal may go from where it stands. One that ended can be taken up again."""

NEEDS_WORDS = frozenset({_G.PARTLY, _G.NOT_REACHED, _G.DROPPED})
"""Outcomes that say nothing without words. They are about the services and what stood in their way, never the child."""

P = PlanState
PLAN_WAYS: dict[str, frozenset[str]] = {
    P.DRAFT: frozenset({P.WAITING, P.REPLACED}),
    P.WAITING: frozenset({P.APPROVED, P.DRAFT}),
    P.APPROVED: frozenset({P.REPLACED}),
    P.REPLACED: frozenset(),
}


def may_goal_go(before: str, after: str) -> bool:
    """Tell whether a goal may go from one state to another; staying is no way."""
    return after in WAYS.get(before, frozenset())


def goal_due(start: datetime, working_days: int, zone: Zone) -> date:
    """The local date on which a goal of so many working days is due: holidays and joint leave of the place count out.

    Raises ValueError below one day or beyond LONGEST_WORKING_DAYS.
    """
    if working_days > LONGEST_WORKING_DAYS:
        raise ValueError("goal_due: expected at most a year of working days")
    return local_day(add_working_days(start, working_days, zone), zone)


def due_problem(due_on: date | None, working_days: int | None, today: date) -> tuple[str, str] | None:
    """Return (field, code) of what is wrong with a goal's time, or None: a date or working days, not in the past."""
    if (due_on is None) == (working_days is None):
        return "due_on", "one_of_two"
    if working_days is not None and not 1 <= working_days <= LONGEST_WORKING_DAYS:
        return "working_days", "working_days_range"
    if due_on is not None and due_on < today:
        return "due_on", "past"
    return None


def item_due(item: Item, received_at: datetime, zone: Zone) -> datetime | None:
    """When a point of the checklist is due, counted from the receipt of the first report; None without a time.

    Hours run by the calendar in every place; working days are those of the place.
    """
    if item.hours is not None:
        return received_at + timedelta(hours=item.hours)
    if item.working_days is not None:
        return add_working_days(received_at, item.working_days, zone)
    return None


@dataclass(frozen=True)
class Progress:
    """How far a stage is: points done, points that apply, points marked as not applicable."""

    done: int
    of: int
    not_applicable: int

    @property
    def complete(self) -> bool:
        return self.done == self.of


def progress(items: Iterable[Item], marks: Mapping[str, str], risk: str) -> Progress:
    """Count a stage. A point for another risk does not count, unless somebody marked it; what is not applicable is
    no longer asked for. `marks`: the state of the newest mark by item."""
    done = of = none = 0
    for item in items:
        state = marks.get(item.code, MarkState.UNDONE)
        if state == MarkState.NOT_APPLICABLE:
            none += 1
        elif state == MarkState.DONE or item.applies_to(risk):
            of += 1
            done += state == MarkState.DONE
    return Progress(done, of, none)


def carried(old: Standard | None, new: Standard, marks: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Which marks count on after a move: {new item: (old item, state)}.

    A point with the same code keeps its mark, one that names earlier codes in `was` takes the first of them that is
    marked. The others begin anew: a mark is never guessed. `old` may be a version whose file is not here any more.
    """
    known = set(old.items) if old else set(marks)
    found = {}
    for code, item in new.items.items():
        for source in (code, *item.was):
            if source in known and marks.get(source, MarkState.UNDONE) != MarkState.UNDONE:
                found[code] = (source, marks[source])
                break
    return found


def wellbeing_change(pairs: Iterable[tuple[Mapping[str, int], Mapping[str, int]]]) -> tuple[int, float]:
    """How many children answered before and after, and the mean difference of their means (statements that both have).

    Each child counts once, whatever it answered. (0, 0.0) when there is nobody.
    """
    changes = []
    for before, after in pairs:
        both = sorted(set(before) & set(after))
        if both:
            changes.append(sum(after[code] - before[code] for code in both) / len(both))
    return len(changes), (sum(changes) / len(changes) if changes else 0.0)
