"""What this room writes into the audit trail. The data of an event holds ids, codes, numbers and yes or no only."""

from __future__ import annotations

KINDS = frozenset(
    {
        # what the reporter does (actor is empty, the time is a whole minute)
        "report.received",
        "report.message_received",
        "report.read_by_reporter",
        "report.withdrawal_asked",
        "report.withdrawal_undone",
        # what staff do
        "report.taken_in",  # typed by staff for somebody who called, came or wrote; instead of report.received
        "report.opened",
        "report.claimed",
        "report.released",
        "report.message_sent",
        "report.note_added",
        "report.triaged",
        "report.police_decided",
        "report.handed_over",
        "report.follow_up_done",
        "report.attempt_logged",
        "report.closure_proposed",
        "report.closure_rejected",
        "report.closed",
        "report.reopened",
        "report.moved",
        "report.linked",
        "report.unlinked",
        "report.withdrawal_decided",
        "report.handed_on",
        "report.transfer_offered",
        "report.transfer_accepted",
        "report.transfer_declined",
        "report.transfer_withdrawn",
        "report.legal_hold_changed",
        "report.legal_hold_reviewed",
        "report.legal_hold_lift_asked",
        "report.legal_hold_kept",
        "duty.shift_added",
        "duty.shift_removed",
        "platform.added",
        "platform.retired",
        "view.saved",
        "view.renamed",
        "view.deleted",
        # what the clock does (actor is "system")
        "report.alert_sent",
        "report.transfer_fell",
        "report.transfer_called",
        "report.withdrawn",
        "report.erased",
    }
)
