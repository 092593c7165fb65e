"""Every write of this room. Views, the command line and the rooms above call these functions and nothing below them.

The actor comes first and, where content is opened or written, the keyring. Each owner of a subject adds its names.
"""

from . import (
    approving,
    barring,
    closing,
    consents,
    decisions,
    demands,
    feedback,
    following_up,
    legal,
    letters,
    moving,
    places,
    simfoni,
    tips,
)
from .assessing import AssessmentInput, SafetyInput, assess, review, write_safety_plan
from .checklist import mark, move_standard, set_stage
from .child import change_child, set_factors, set_place, set_statuses
from .child_events import record_event
from .conferences import HeldInput, hold_conference, plan_conference
from .filling import add_report
from .goals import DeliveryInput, GoalInput, change_goal, move_goal, record_delivery, remove_goal
from .groups import answer, end_group, hold_session, join, leave, make_group, read_answers
from .holding import ask_to_lift, put_on_hold
from .incidents import add_incident, change_incident, remove_incident, share_incident
from .linking import link_cases, unlink_cases
from .notes import add_note
from .opening import open_from_reports
from .people import add_person, change_person, remove_person
from .planning import PlanWords, add_goal, ask_approval, discard, new_plan, write_plan
from .reading import open_case, read_all
from .tasks import add_task, change_task, finish_task
from .workers import assign, end_work, hand_over, take

__all__ = [
    "AssessmentInput",
    "DeliveryInput",
    "GoalInput",
    "HeldInput",
    "PlanWords",
    "SafetyInput",
    "add_goal",
    "add_incident",
    "add_note",
    "add_person",
    "add_report",
    "add_task",
    "answer",
    "approving",
    "ask_approval",
    "ask_to_lift",
    "assess",
    "assign",
    "barring",
    "change_child",
    "change_goal",
    "change_incident",
    "change_person",
    "change_task",
    "closing",
    "consents",
    "decisions",
    "demands",
    "discard",
    "end_group",
    "end_work",
    "feedback",
    "finish_task",
    "following_up",
    "hand_over",
    "hold_conference",
    "hold_session",
    "join",
    "leave",
    "legal",
    "letters",
    "link_cases",
    "make_group",
    "mark",
    "move_goal",
    "move_standard",
    "moving",
    "new_plan",
    "open_case",
    "open_from_reports",
    "places",
    "plan_conference",
    "put_on_hold",
    "read_all",
    "read_answers",
    "record_delivery",
    "record_event",
    "remove_goal",
    "remove_incident",
    "remove_person",
    "review",
    "set_factors",
    "set_place",
    "set_stage",
    "set_statuses",
    "share_incident",
    "simfoni",
    "take",
    "tips",
    "unlink_cases",
    "write_plan",
    "write_safety_plan",
]
