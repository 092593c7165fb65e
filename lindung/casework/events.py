"""What this room writes into the audit trail: ids, codes and numbers, never words."""

from __future__ import annotations

KINDS = frozenset(
    {
        # a case as a whole
        "case.made",
        "case.opened",
        "case.report_added",
        "case.exclusion_added",
        "case.hold_set",
        "case.hold_lifted",
        "case.linked",
        "case.unlinked",
        "case.erased",
        # the child and who is around it
        "case.child_changed",
        "case.statuses_changed",
        "case.factors_changed",
        "case.place_changed",
        "case.person_added",
        "case.person_changed",
        "case.person_removed",
        "case.incident_added",
        "case.incident_changed",
        "case.incident_shared",
        "case.child_event",
        # who works on it
        "case.taken",
        "case.assigned",
        "case.handed_over",
        "case.worker_ended",
        "case.noted",
        "case.task_added",
        "case.task_changed",
        "case.task_done",
    }
)
