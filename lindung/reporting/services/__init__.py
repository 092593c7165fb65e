"""Every write of this room. Views, the command line and later an API call these functions and nothing below them.

Services of staff take the actor first and, where content is opened or written, the keyring. Those of the reporter take
a receipt or a `mailbox.Visit` and have no actor: who writes stays unknown.
"""

from . import mailbox
from .conflict import mark_conflict
from .linking import find_by_reference, link_reports, unlink_reports
from .receiving import promise, receive, walk_was_received

__all__ = [
    "find_by_reference",
    "link_reports",
    "mailbox",
    "mark_conflict",
    "promise",
    "receive",
    "unlink_reports",
    "walk_was_received",
]
