"""The mailbox: what somebody with the receipt may read and write. No name, no account, no actor.

Everything is shown from coded states and fixed sentences, except the messages, which the receipt opens.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lindung.audit import services as audit
from lindung.core import clock, deadlines, worktime
from lindung.core.errors import BadInput, Conflict, Unavailable
from lindung.vault.primitives import token as keyed
from lindung.vault.secrets import key_for

from .. import answers as answering
from .. import knowledge, rules, selectors, signals, thread
from .. import state as states
from ..errors import StoppedMeanwhile
from ..models import Direction, Message, MessageKind, Report, Risk, State, Withdrawal, WithdrawalState
from . import alerts, withdrawal
from .receiving import promise
from .storing import storing
from .visits import Visit, enter, opened, withdrawal_facts
from .withdrawal import StopResult

__all__ = [
    "MailboxView",
    "StopResult",
    "Visit",
    "WithdrawalView",
    "ask_to_stop",
    "enter",
    "undo_stop",
    "view",
    "write",
]

_log = logging.getLogger("lindung.reporting")

REPORTER_KINDS = (MessageKind.TEXT, MessageKind.ADDITION, MessageKind.STOP_PRESSURE)


@dataclass(frozen=True)
class WithdrawalView:
    """A request to stop. `shred_text`: when the report is erased, in words of the place."""

    state: str
    asked_at: datetime
    shred_at: datetime | None
    shred_text: str
    reason: str


@dataclass(frozen=True)
class MailboxView:
    """The page "Kabar ceritamu". `step` and `next` are whole sentences in the active language.

    `late`: the promised time has passed and the next step is ours. `promised_at` is None when nothing is promised.
    `messages` leaves out "Ada yang menyuruhku berhenti": whoever presses a child may hold the receipt and read along.
    """

    step_code: str
    step: str
    next: str
    promised_at: datetime | None
    promised_text: str
    late: bool
    alias: str
    outcome: str
    withdrawal: WithdrawalView | None
    can_write: bool
    can_stop: bool
    can_undo: bool
    stop_goes_to_supervisor: bool
    waiting_days: int
    is_help: bool
    new_answers: int
    messages: tuple[thread.MessageView, ...] = field(repr=False)


def view(visit: Visit) -> MailboxView:
    """Read the mailbox and mark the answers in it as read. Raises WrongReceipt when the report has been erased."""
    with storing():
        report, keys = opened(visit)
        messages = thread.read(report, keys)
        asked = Withdrawal.objects.filter(report=report).order_by("-asked_at", "id").first()
        new = sum(not m.read and not m.incoming for m in messages)
        path = rules.withdrawal_needs_supervisor(**withdrawal_facts(report))
    if report.state == State.WITHDRAWN:
        withdrawal.take_keys_away(visit)
    if new:
        _mark_read(report)
    return _page(report, messages, asked, new, path)


def write(visit: Visit, text: str, kind: str, token: str | bytes) -> Message:
    """Add a message and return it. The same `token` (of the form) gives the same single message.

    `kind`: text, addition, or stop_pressure, which may be empty. A closed report is opened again. Raises BadInput,
    StoppedMeanwhile while a withdrawal locks the report, Unavailable when it cannot be stored now.
    """
    if kind not in REPORTER_KINDS:
        raise BadInput("kind", _("Pilihan ini tidak dikenal."))
    answering.check_text("text", text, int(settings.LINDUNG_WORDS_MAX_CHARACTERS))
    if not text.strip() and kind != MessageKind.STOP_PRESSURE:
        raise BadInput("text", _("Tulis dulu pesanmu. Satu kata juga boleh."))
    tag = keyed(key_for("reporting/form"), "message", token)
    with storing():
        try:
            with transaction.atomic():
                return _write(visit, text, kind, tag)
        except IntegrityError:
            known = Message.objects.filter(report=visit.report_id, form_tag=tag).first()
            if known is None:
                raise
            return known


def _write(visit: Visit, text: str, kind: str, tag: bytes) -> Message:
    report, keys = opened(visit, lock=True)
    known = Message.objects.filter(report=report, form_tag=tag).first()
    if known is not None:
        return known
    if report.state == State.WITHDRAWN:
        raise StoppedMeanwhile()
    message = thread.add(report, keys, direction=Direction.IN, text=text, kind=kind, form_tag=tag)
    advance(report, pressed=kind == MessageKind.STOP_PRESSURE)
    signals.message_received.send(sender=Report, report_id=report.pk, kind=kind)
    audit.record("report.message_received", actor="", subject=report.id.hex, data={"kind": kind}, coarse=True)
    return message


def advance(report: Report, *, pressed: bool) -> None:
    """Give the report its state after a message, and its clocks when the next step has become ours or more urgent.

    For use inside the transaction that holds the report.
    """
    target = states.next_state(report.state, states.Event.WRITE)
    risk = rules.raised_risk(report.risk) if pressed else report.risk
    changes: dict[str, Any] = {"state": target, "version": F("version") + 1}
    if target != report.state or risk != report.risk:
        now = clock.coarse_now()
        changes["due_at"] = deadlines.response_due(risk, now, report.tz)  # type: ignore[arg-type]
        changes["promised_at"] = promise(report.team, risk, now, report.tz)
        if report.state in selectors.WAITING_ON_STAFF:
            # What was promised before is never put off.
            changes["due_at"] = min(changes["due_at"], report.due_at)
            changes["promised_at"] = min(changes["promised_at"], report.promised_at)
    if report.state == State.CLOSED:
        changes |= {"closed_at": None, "outcome": ""}
    if pressed:
        changes |= {"risk": risk, "stop_pressure": True}
    if Report.objects.filter(pk=report.pk, state=report.state).update(**changes) != 1:
        raise Conflict()
    report.refresh_from_db()
    if pressed and report.risk == Risk.HIGH:
        alerts.plan(report, clock.coarse_now())


def ask_to_stop(visit: Visit, pressured: bool = False, *, token: str | bytes = "") -> StopResult:
    """Somebody with the receipt asks to stop; see `withdrawal.ask`.

    `pressured` ("Ada yang menyuruhku berhenti") stops nothing: it tells staff, raises the urgency and keeps the report.
    Without a `token` of its own it counts once a minute.
    """
    if not pressured:
        return withdrawal.ask(visit)
    once = token or f"stop {visit.report_id.hex} {clock.coarse_now().isoformat()}"
    write(visit, "", MessageKind.STOP_PRESSURE, once)
    return StopResult("kept", None, "")


def undo_stop(visit: Visit) -> None:
    """Change one's mind; see `withdrawal.undo`."""
    withdrawal.undo(visit)


def _mark_read(report: Report) -> None:
    """A full disk must not keep a child from reading an answer: then it simply stays marked as unread."""
    unread = Message.objects.filter(report=report, direction=Direction.OUT, read_by_reporter=False)
    try:
        with storing(), transaction.atomic():
            count = unread.update(read_by_reporter=True, read_at=clock.coarse_now())
            if count:
                data = {"messages": count}
                audit.record("report.read_by_reporter", actor="", subject=report.id.hex, data=data, coarse=True)
    except Unavailable:
        _log.warning("mailbox: answers could not be marked as read")


def _page(
    report: Report,
    messages: list[thread.MessageView],
    asked: Withdrawal | None,
    new: int,
    path: str,
) -> MailboxView:
    asked_state = _still_told(asked, messages)
    code = rules.step_code(state=report.state, withdrawal_state=asked_state, is_help=report.is_help)
    running = asked_state in {WithdrawalState.WAITING, WithdrawalState.SUPERVISOR}
    ours = report.state in selectors.WAITING_ON_STAFF and not running
    late = ours and report.promised_at <= clock.now()
    promised = report.promised_at if ours and not late else None
    shred = asked.shred_at if asked and running else None
    alias = _alias(report, messages)
    when = worktime.describe_moment(shred or _kept_until(report) or report.promised_at, report.tz)
    following = knowledge.steps()["late" if late else _following(report, code)].next
    return MailboxView(
        step_code=code,
        step=_fill(knowledge.steps()[code].label, alias, when),
        next=_fill(following.label, alias, when),
        promised_at=promised,
        promised_text=worktime.describe_moment(promised, report.tz) if promised else "",
        late=late,
        alias=alias,
        outcome=_outcome(report),
        withdrawal=_withdrawal_view(asked, report) if asked else None,
        can_write=report.state != State.WITHDRAWN,
        can_stop=not running,
        can_undo=running and (shred is None or clock.now() < shred),
        stop_goes_to_supervisor=bool(path),
        waiting_days=int(settings.LINDUNG_WITHDRAWAL_DAYS),
        is_help=report.is_help,
        new_answers=new,
        messages=tuple(m for m in messages if m.kind != MessageKind.STOP_PRESSURE),
    )


def _kept_until(report: Report) -> datetime | None:
    """Until when a closed box can be opened at least; see `retention`."""
    return report.closed_at and report.closed_at + timedelta(days=int(settings.LINDUNG_RETENTION_DAYS))


def _following(report: Report, code: str) -> str:
    """Whose sentence about what comes next is told: a day for news that has passed is named no more."""
    return "referred_before" if code == State.REFERRED and report.promised_at <= clock.now() else code


def _still_told(asked: Withdrawal | None, messages: list[thread.MessageView]) -> str:
    """The last wish to stop as the page tells it: that it was refused, only until somebody writes again."""
    if asked is None:
        return ""
    decided = asked.decided_at
    if asked.state == WithdrawalState.REFUSED and decided and any(m.at > decided for m in messages):
        return ""
    return str(asked.state)


def _fill(sentence: str, alias: str, when: str) -> str:
    days = str(settings.LINDUNG_WITHDRAWAL_DAYS)
    return sentence.replace("{alias}", alias).replace("{when}", when).replace("{days}", days)


def _alias(report: Report, messages: list[thread.MessageView]) -> str:
    """The name that the reader goes by: who has the report now, else who answered last."""
    if report.claimed_by is not None and report.claimed_by.alias:
        return report.claimed_by.alias
    answered = [m.alias for m in messages if not m.incoming and m.alias]
    return answered[-1] if answered else gettext("Petugas")


def _outcome(report: Report) -> str:
    found = knowledge.outcomes().get(report.outcome)
    return found.told.label if found else ""


def _withdrawal_view(asked: Withdrawal, report: Report) -> WithdrawalView:
    text = worktime.describe_moment(asked.shred_at, report.tz) if asked.shred_at else ""
    return WithdrawalView(asked.state, asked.asked_at, asked.shred_at, text, asked.reason)
