"""One report, opened: everything a colleague sees on its page, as plain values. Made by `services.open_report` only.

What is written in words here was sealed a moment ago; `repr` shows ids and codes alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from .intake import Intake
from .models import Alert, ClosureProposal, Direction, FollowUp, PoliceClock, Report, Withdrawal
from .models_moves import Reassignment, Transfer


@dataclass(frozen=True)
class MessageView:
    """One message of the mailbox. `alias` is the only name that the reporter ever sees; `by` is for colleagues.

    `canned`: the code of the canned answer that it began with, if any.
    """

    id: UUID
    direction: str
    kind: str
    alias: str
    by: str
    at: datetime
    text: str = field(repr=False)
    read_by_staff: bool = False
    read_by_reporter: bool = False
    read_at: datetime | None = None
    canned: str = field(default="", repr=False)

    @property
    def incoming(self) -> bool:
        """Written by the reporter."""
        return self.direction == Direction.IN

    @property
    def read(self) -> bool:
        """The other side has read it."""
        return self.read_by_staff if self.incoming else self.read_by_reporter


@dataclass(frozen=True)
class TriageView:
    """One judgement, the newest last."""

    id: UUID
    at: datetime
    by: str
    risk: str
    authority: str
    next_step: str
    selfharm: bool
    forms: tuple[str, ...] = ()
    reason: str = field(default="", repr=False)
    safety_plan: str = field(default="", repr=False)
    child_known: bool | None = None
    police_code: str = ""
    taxonomy_version: str = ""


@dataclass(frozen=True)
class NoteView:
    id: UUID
    at: datetime
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class HandoverView:
    """A warm handover: who took over, and whether they said yes by voice."""

    id: UUID
    at: datetime
    by: str
    by_voice: bool
    name: str = field(repr=False)


@dataclass(frozen=True)
class AttemptView:
    """One try to reach or find a child. `stopped`: no further try is made, for the reason given."""

    id: UUID
    at: datetime
    by: str
    channel: str
    stopped: bool
    note: str = field(repr=False)
    stop_reason: str = field(default="", repr=False)


@dataclass(frozen=True)
class PoliceView:
    """The clock of the duty to report. `overdue`: 72 calendar hours are over and nobody has decided."""

    starts_at: datetime
    due_at: datetime
    overdue: bool
    decision: str
    decided_at: datetime | None
    by: str
    reason: str = field(default="", repr=False)
    who_told_child: str = field(default="", repr=False)


@dataclass(frozen=True)
class FollowUpView:
    id: UUID
    kind: str
    due_at: datetime
    overdue: bool
    done_at: datetime | None
    by: str


@dataclass(frozen=True)
class TimelineEntry:
    """One line of the history, oldest first. `kind` is a code that the page has a sentence for.

    `code` is a further code (risk, channel, decision, kind of message), `text` the words, if there are any.
    """

    at: datetime
    kind: str
    by: str = ""
    code: str = ""
    text: str = field(default="", repr=False)
    ref: UUID | None = None


@dataclass(frozen=True)
class OpenedReport:
    """Everything on one report. `answers` are exactly as sent; `contents` names the sealed fields that exist.

    `rest`: what rooms above keep in this record, opened, by the name of the field, for their panels.
    """

    report: Report
    answers: Mapping[str, Any] = field(repr=False)
    messages: tuple[MessageView, ...]
    triage: tuple[TriageView, ...]
    notes: tuple[NoteView, ...]
    police: PoliceView | None
    follow_ups: tuple[FollowUpView, ...]
    handovers: tuple[HandoverView, ...]
    attempts: tuple[AttemptView, ...]
    closures: tuple[ClosureProposal, ...]
    withdrawal: Withdrawal | None
    links: Any
    alerts: tuple[Alert, ...]
    timeline: tuple[TimelineEntry, ...]
    contents: tuple[str, ...]
    missing: tuple[str, ...] = ()
    reassignments: tuple[Reassignment, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    intake: Intake | None = field(default=None, repr=False)
    taken_in_by: str = ""
    rest: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def closing_obstacles(self) -> tuple[str, ...]:
        """Codes of what stands in the way of closing; see `services.closing.obstacles`."""
        return self.missing


def police_view(clock_row: PoliceClock, now: datetime, by: str, words: Mapping[str, Any]) -> PoliceView:
    """Make the view of a police clock at a moment."""
    return PoliceView(
        starts_at=clock_row.starts_at,
        due_at=clock_row.due_at,
        overdue=clock_row.running and now >= clock_row.due_at,
        decision=clock_row.decision,
        decided_at=clock_row.decided_at,
        by=by,
        reason=str(words.get("reason", "")),
        who_told_child=str(words.get("who_told_child", "")),
    )


def follow_up_view(row: FollowUp, now: datetime, by: str) -> FollowUpView:
    """Make the view of a follow-up at a moment."""
    overdue = row.done_at is None and now >= row.due_at
    return FollowUpView(row.pk, row.kind, row.due_at, overdue, row.done_at, by)
