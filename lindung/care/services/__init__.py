"""Every write of this room."""

from .diary import begin_diary, end_diary, entries, write_entry
from .talks import call_off_talk, hold_talk, plan_talk
from .threats import OpenedThreat, close_threat, continue_threat, open_threat, tell_threat
from .visits import (
    OpenedVisit,
    VisitPlan,
    call_off,
    come_back,
    go_out,
    open_overdue,
    open_visits,
    plan_visit,
    say_all_well,
)

__all__ = [
    "OpenedThreat",
    "OpenedVisit",
    "VisitPlan",
    "begin_diary",
    "call_off",
    "call_off_talk",
    "close_threat",
    "come_back",
    "continue_threat",
    "end_diary",
    "entries",
    "go_out",
    "hold_talk",
    "open_overdue",
    "open_threat",
    "open_visits",
    "plan_talk",
    "plan_visit",
    "say_all_well",
    "tell_threat",
    "write_entry",
]
