"""Every write of this room. Views, the command line and the rooms above call these functions and nothing below them.

The actor comes first and, where content is opened or written, the keyring. Each owner of a subject adds its names.
"""

from . import barring, consents, decisions, letters
from .assessing import AssessmentInput, SafetyInput, assess, review, write_safety_plan
from .checklist import mark, move_standard, set_stage
from .conferences import HeldInput, hold_conference, plan_conference
from .filling import add_report
from .goals import DeliveryInput, GoalInput, change_goal, move_goal, record_delivery, remove_goal
from .groups import answer, end_group, hold_session, join, leave, make_group, read_answers
from .opening import open_from_reports
from .planning import PlanWords, add_goal, ask_approval, discard, new_plan, write_plan
from .reading import open_case, read_all

__all__ = [
    "AssessmentInput",
    "DeliveryInput",
    "GoalInput",
    "HeldInput",
    "PlanWords",
    "SafetyInput",
    "add_goal",
    "add_report",
    "answer",
    "ask_approval",
    "assess",
    "barring",
    "change_goal",
    "consents",
    "decisions",
    "discard",
    "end_group",
    "hold_conference",
    "hold_session",
    "join",
    "leave",
    "letters",
    "make_group",
    "mark",
    "move_goal",
    "move_standard",
    "new_plan",
    "open_case",
    "open_from_reports",
    "plan_conference",
    "read_all",
    "read_answers",
    "record_delivery",
    "remove_goal",
    "review",
    "set_stage",
    "write_plan",
    "write_safety_plan",
]
