"""Every write of this room. Views, the command line and later an API call these functions and nothing below them.

Services of staff take the actor first and, where content is opened or written, the keyring. Those of the reporter take
a receipt or a `mailbox.Visit` and have no actor: who writes stays unknown.
"""

from . import handing_over, holding, mailbox, transferring
from .boxes import Box, open_box
from .claiming import claim_many
from .closing import confirm_closure, propose_closure, reject_closure, reopen
from .conflict import mark_conflict
from .deciding import decide_withdrawal
from .handling import add_note, claim, open_report, post_staff_message, release
from .linking import find_by_reference, link_reports, unlink_reports
from .police import decide_police
from .receiving import promise, receive, walk_was_received
from .roster import add_platform, add_shift, remove_shift, retire_platform
from .safety import complete_follow_up, log_attempt, record_handover
from .saved_views import delete_view, rename_view, save_view
from .staff_intake import Begun, TakenIn, begin, receive_by_staff
from .triage import TriageInput, triage

__all__ = [
    "Begun",
    "Box",
    "TakenIn",
    "TriageInput",
    "add_note",
    "add_platform",
    "add_shift",
    "begin",
    "claim",
    "claim_many",
    "complete_follow_up",
    "confirm_closure",
    "decide_police",
    "decide_withdrawal",
    "delete_view",
    "find_by_reference",
    "handing_over",
    "holding",
    "link_reports",
    "log_attempt",
    "mailbox",
    "mark_conflict",
    "open_box",
    "open_report",
    "post_staff_message",
    "promise",
    "propose_closure",
    "receive",
    "receive_by_staff",
    "record_handover",
    "reject_closure",
    "release",
    "remove_shift",
    "rename_view",
    "reopen",
    "retire_platform",
    "save_view",
    "transferring",
    "triage",
    "unlink_reports",
    "walk_was_received",
]
