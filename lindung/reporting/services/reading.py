"""Puts an opened report together: rows, sealed words and the history in one line of time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.core import clock
from lindung.vault import services as vault
from lindung.vault.services import RecordKeys

from .. import answers as answering
from .. import intake, selectors
from ..memory import lately
from ..models import Direction, PoliceClock, Report, Withdrawal, WithdrawalState
from ..opened import (
    AttemptView,
    HandoverView,
    MessageView,
    NoteView,
    OpenedReport,
    TimelineEntry,
    TriageView,
    follow_up_view,
    police_view,
)
from ..rows import rows_of
from . import closing

_PEOPLE = (
    "author_id", "by_id", "done_by_id", "proposed_by_id", "confirmed_by_id", "from_user_id", "to_user_id",
    "offered_by_id", "decided_by_id",
)  # fmt: skip

_OWN_FIELDS = frozenset({"answers", "message", "triage", "note", "police", "handover", "attempt"})
POLICE_FIELD = "police"
CANNED_PREFIX = "canned:"
ANSWERS_FIELD = "answers"


class _Sealed:
    """The sealed fields of one record, opened, and the names of colleagues."""

    def __init__(self, report: Report, keys: RecordKeys) -> None:
        self.fields = vault.get_many(record_id=report.record_id, keys=keys)
        self._names: dict[UUID, str] = {}

    def text(self, field: str) -> str:
        return self.fields.get(field, b"").decode()

    def words(self, field: str) -> dict[str, Any]:
        raw = self.fields.get(field)
        return dict(json.loads(raw)) if raw else {}

    def learn(self, people: Iterable[UUID | None]) -> None:
        wanted = {person for person in people if person is not None}
        everybody = lately("people", lambda: dict(User.objects.values_list("pk", "display_name")))
        unknown = wanted - set(everybody)
        more = User.objects.filter(pk__in=unknown).values_list("pk", "display_name") if unknown else ()
        self._names |= everybody | dict(more)

    def name(self, person: UUID | None) -> str:
        return self._names.get(person, "") if person else ""


def read_all(actor: Actor, report: Report, keys: RecordKeys) -> OpenedReport:
    """Read and open everything on one report. The caller has checked the right to it and writes the audit event."""
    now = clock.now()
    sealed = _Sealed(report, keys)
    rows = rows_of(report)
    police: PoliceClock | None = next(iter(rows["police"]), None)
    taken_in = intake.decode(sealed.fields[intake.FIELD]) if intake.FIELD in sealed.fields else None
    sealed.learn([*_people(report, rows), taken_in.by if taken_in else None])
    messages, triage = _messages(rows["messages"], sealed), _triage(rows["triages"], sealed)
    notes = tuple(NoteView(n.pk, n.at, sealed.name(n.author_id), sealed.text(n.field)) for n in rows["notes"])
    handovers = tuple(
        HandoverView(h.pk, h.at, sealed.name(h.by_id), h.by_voice, str(sealed.words(h.field).get("name", "")))
        for h in rows["handovers"]
    )
    attempts = tuple(_attempt(row, sealed) for row in rows["attempts"])
    follow_ups = tuple(follow_up_view(row, now, sealed.name(row.done_by_id)) for row in rows["follow_ups"])
    police_words = sealed.words(POLICE_FIELD)
    decider = sealed.name(police.decided_by_id) if police else ""
    police_seen = police_view(police, now, decider, police_words) if police else None
    opened = OpenedReport(
        report=report,
        answers=answering.decode(sealed.fields[ANSWERS_FIELD]) if ANSWERS_FIELD in sealed.fields else {},
        messages=messages,
        triage=triage,
        notes=notes,
        police=police_seen,
        follow_ups=follow_ups,
        handovers=handovers,
        attempts=attempts,
        reassignments=tuple(rows["reassignments"]),
        transfers=tuple(rows["transfers"]),
        closures=tuple(sorted(rows["closures"], key=lambda row: row.proposed_at)),
        withdrawal=_withdrawal(rows["withdrawals"]),
        links=selectors.links(report, actor, seen=True),
        alerts=tuple(sorted(rows["alerts"], key=lambda row: (row.due_at, row.level))),
        timeline=(),
        contents=tuple(sorted(sealed.fields)),
        missing=closing.obstacles(report),
        rest={name: value for name, value in sealed.fields.items() if name.partition(":")[0] not in _OWN_FIELDS},
        intake=taken_in,
        taken_in_by=sealed.name(taken_in.by) if taken_in else "",
    )
    return _with_timeline(opened, sealed)


def messages_alone(report: Report, keys: RecordKeys, rows: list[Any]) -> tuple[MessageView, ...]:
    """The conversation of a report alone. The caller has checked the right to it and writes the audit event."""
    sealed = _Sealed(report, keys)
    sealed.learn(row.author_id for row in rows)
    return _messages(rows, sealed)


def _people(report: Report, rows: Mapping[str, list[Any]]) -> list[UUID | None]:
    found = [report.claimed_by_id]
    for group in rows.values():
        for row in group:
            for column in _PEOPLE:
                found.append(getattr(row, column, None))
    return found


def _messages(rows: list[Any], sealed: _Sealed) -> tuple[MessageView, ...]:
    return tuple(
        MessageView(
            id=row.pk,
            direction=row.direction,
            kind=row.kind,
            alias=row.alias,
            by=sealed.name(row.author_id),
            at=row.at,
            text=sealed.text(row.field),
            read_by_staff=row.read_by_staff,
            read_by_reporter=row.read_by_reporter,
            read_at=row.read_at,
            canned=sealed.text(f"{CANNED_PREFIX}{row.pk.hex}"),
        )
        for row in rows
    )


def _triage(rows: list[Any], sealed: _Sealed) -> tuple[TriageView, ...]:
    result = []
    for row in rows:
        words = sealed.words(row.field)
        result.append(
            TriageView(
                id=row.pk,
                at=row.at,
                by=sealed.name(row.author_id),
                risk=row.risk,
                authority=row.authority,
                next_step=row.next_step,
                selfharm=row.selfharm,
                forms=tuple(words.get("forms", ())),
                reason=str(words.get("reason", "")),
                safety_plan=str(words.get("safety_plan", "")),
                child_known=words.get("child_known"),
                police_code=str(words.get("police", "")),
                taxonomy_version=str(words.get("taxonomy", "")),
            )
        )
    return tuple(result)


def _attempt(row: Any, sealed: _Sealed) -> AttemptView:
    words = sealed.words(row.field)
    return AttemptView(
        id=row.pk,
        at=row.at,
        by=sealed.name(row.by_id),
        channel=row.channel,
        stopped=row.stopped,
        note=str(words.get("note", "")),
        stop_reason=str(words.get("stop_reason", "")),
    )


def _withdrawal(asked: list[Withdrawal]) -> Withdrawal | None:
    """The wish to stop that runs, or else the latest one."""
    running = (WithdrawalState.WAITING, WithdrawalState.SUPERVISOR)
    return max(asked, key=lambda row: (row.state in running, row.asked_at), default=None)


def _with_timeline(opened: OpenedReport, sealed: _Sealed) -> OpenedReport:
    report = opened.report
    lines = [TimelineEntry(report.received_at, "received", by=opened.taken_in_by, code=report.channel)]
    lines += [
        TimelineEntry(m.at, "message_in" if m.direction == Direction.IN else "message_out", m.by, m.kind, m.text, m.id)
        for m in opened.messages
    ]
    lines += [TimelineEntry(t.at, "triage", t.by, t.next_step, t.reason, t.id) for t in opened.triage]
    lines += [TimelineEntry(n.at, "note", n.by, "", n.text, n.id) for n in opened.notes]
    lines += [
        TimelineEntry(h.at, "handover", h.by, "by_voice" if h.by_voice else "not_by_voice", h.name, h.id)
        for h in opened.handovers
    ]
    lines += [TimelineEntry(a.at, "attempt", a.by, a.channel, a.note, a.id) for a in opened.attempts]
    lines += _deeds(opened, sealed)
    lines += _moves(opened, sealed)
    # Times of visits are whole minutes: receipt first, then what was written, in the order above.
    order = {id(line): number for number, line in enumerate(lines)}
    lines.sort(key=lambda line: (clock.coarse(line.at), _first(line), line.at, order[id(line)]))
    return replace(opened, timeline=tuple(lines))


def _first(line: TimelineEntry) -> int:
    return 0 if line.kind == "received" else 1


def _moves(opened: OpenedReport, sealed: _Sealed) -> list[TimelineEntry]:
    """From hand to hand and from team to team; the words for the other team are read by whoever reads the report."""
    lines = []
    for row in opened.reassignments:
        said = gettext("dari %(before)s ke %(after)s") % {
            "before": sealed.name(row.from_user_id), "after": sealed.name(row.to_user_id),
        }  # fmt: skip
        lines.append(TimelineEntry(row.at, "handed_on", sealed.name(row.by_id), text=said, ref=row.pk))
    for offer in opened.transfers:
        by, text = sealed.name(offer.offered_by_id), sealed.text(offer.field)
        lines.append(TimelineEntry(offer.offered_at, "transfer_offered", by, offer.reason, text, offer.pk))
        if offer.decided_at:
            who = sealed.name(offer.decided_by_id)
            lines.append(TimelineEntry(offer.decided_at, f"transfer_{offer.state}", who, offer.decline_reason))
    return lines


def _deeds(opened: OpenedReport, sealed: _Sealed) -> list[TimelineEntry]:
    lines = []
    report = opened.report
    if report.claimed_at and report.claimed_by_id:
        lines.append(TimelineEntry(report.claimed_at, "claimed", sealed.name(report.claimed_by_id)))
    police = opened.police
    if police and police.decided_at:
        lines.append(TimelineEntry(police.decided_at, "police", police.by, police.decision, police.reason))
    for follow_up in opened.follow_ups:
        if follow_up.done_at:
            lines.append(TimelineEntry(follow_up.done_at, "follow_up", follow_up.by, follow_up.kind, ref=follow_up.id))
    for row in opened.closures:
        lines.append(
            TimelineEntry(row.proposed_at, "closure_proposed", sealed.name(row.proposed_by_id), row.reason, ref=row.pk)
        )
        if row.confirmed_at:
            kind = "closure_confirmed" if row.state == row.ProposalState.CONFIRMED else "closure_rejected"
            by = sealed.name(row.confirmed_by_id)
            lines.append(TimelineEntry(row.confirmed_at, kind, by, row.reason, ref=row.pk))
    withdrawal = opened.withdrawal
    if withdrawal:
        lines.append(TimelineEntry(withdrawal.asked_at, "withdrawal", code=withdrawal.state, ref=withdrawal.pk))
    return lines
