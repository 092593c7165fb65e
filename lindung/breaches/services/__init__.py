"""Every write of the register. Views call these functions and nothing below them."""

from .deciding import decide, decide_all_by_mailbox
from .registering import (
    add_all,
    add_report,
    close,
    note_authority,
    open_breach,
    propose_closure,
    read,
    reject_closure,
    remove_report,
    write_measures,
)

__all__ = [
    "add_all",
    "add_report",
    "close",
    "decide",
    "decide_all_by_mailbox",
    "note_authority",
    "open_breach",
    "propose_closure",
    "read",
    "reject_closure",
    "remove_report",
    "write_measures",
]
