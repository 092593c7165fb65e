"""From one team to another, with that team's yes: offered, taken over, declined, taken back, fallen.

The team that offers keeps the report, its clocks and its alerts until the other one says yes. Everything that changes
an offer locks the report first and ends with one conditional UPDATE of the offer: of several at once exactly one wins.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from .. import answers as answering
from .. import keepers, rules_moves, rules_staff, selectors_moves, signals, state, thread
from ..errors import HeldByColleague
from ..knowledge import moves as knowledge
from ..models import (
    OPEN_STATES,
    ClosureProposal,
    Direction,
    MessageKind,
    Report,
    ReportExclusion,
    Risk,
    Withdrawal,
    WithdrawalState,
)
from ..models_moves import LegalHold, Transfer, TransferState
from ..selectors import WAITING_ON_STAFF
from . import alerts
from .access import checked_choice, checked_text, lock, open_keys, report_for, risk_code
from .handling import FALLBACK_ALIAS, seal_for_staff
from .receiving import ANSWERS, promise
from .storing import storing


class NotNow(Conflict):
    """The report cannot be offered as it stands: a wish to stop waits, or it is merged with another one."""

    code = "not_now"
    message = _("Laporan ini belum bisa diserahkan: putuskan dulu permintaan berhenti, atau pisahkan gabungannya.")


def offer(
    actor: Actor,
    keyring: Keyring,
    report_id: UUID,
    to_team_id: UUID,
    reason: str,
    words: str,
    urgent: bool = False,
    *,
    with_case: bool = False,
) -> Transfer:
    """Offer a report to another team. `words` are for that team, sealed, and read by it once it has said yes.

    A report that became a case goes with its case alone (`with_case`). Raises NotFound, NotAllowed, BadInput for a team
    that may not be asked (named by the report, hidden from it, without a key, or without a supervisor's hand),
    HeldByColleague, NotNow, GoesWithCase, and Conflict when it is offered already.
    """
    checked_choice("reason", reason, list(knowledge.transfer_reasons()))
    words = checked_text("words", words)
    with storing(), transaction.atomic():
        report = report_for(actor, report_id, rules_staff.may_triage)
        lock(Report.objects.filter(pk=report.pk)).get()
        report.refresh_from_db()
        keys = open_keys(report, keyring)
        _check_free(actor, report, with_case)
        sealed = vault.get(record_id=report.record_id, keys=keys, field=ANSWERS)
        concerns = answering.codes(answering.decode(sealed), "concern")
        team = next((t for t in selectors_moves.teams_to_ask(actor, report, concerns) if t.pk == to_team_id), None)
        if team is None:
            raise BadInput("team", _("Tim ini tidak bisa menerima laporan ini."))
        now = clock.now()
        due = clock.coarse(rules_moves.answer_due(report.risk, urgent, now, team.tz))
        row = Transfer(
            report=report,
            from_team_id=report.team_id,
            to_team=team,
            reason=reason,
            urgent=urgent,
            offered_by_id=actor.user_id,
            offered_at=now,
            due_at=due,
            remind_at=rules_moves.first_call(report.risk, urgent, now, due),
        )
        if Transfer.objects.filter(report=report, state=TransferState.OFFERED).exists():
            raise Conflict
        row.save(force_insert=True)
        vault.offer(record_id=report.record_id, keyring=keyring, to_team_id=team.pk)
        seal_for_staff(report, keys, row.field, words.encode())
        _record("report.transfer_offered", actor.audit_name, row, reason=reason, urgent=urgent)
    return row


class GoesWithCase(Conflict):
    """The report became a case: the case is handed over, and the report goes along."""

    code = "goes_with_case"
    message = _("Laporan ini sudah menjadi kasus. Serahkan kasusnya, laporannya ikut.")


def _check_free(actor: Actor, report: Report, with_case: bool) -> None:
    """Raise what stands in the way of offering a report."""
    if not with_case and keepers.standing(report.pk):
        raise GoesWithCase
    if not state.allowed(report.state, state.Event.TRANSFER):
        raise Conflict
    held = report.claimed_by_id not in (None, actor.user_id)
    if held and not rules_staff.may_take_over(actor, report.team_id):
        raise HeldByColleague
    waiting = Withdrawal.objects.filter(report=report, state=WithdrawalState.SUPERVISOR)
    if waiting.exists() or _is_merged(report):
        raise NotNow


def _is_merged(report: Report) -> bool:
    return report.merged_into_id is not None or Report.objects.filter(merged_into=report.pk).exists()


def accept(actor: Actor, keyring: Keyring, transfer_id: UUID) -> Report:
    """Say yes: the report, its keys and its clocks are this team's, and nobody's of it yet.

    The other team's keys are dropped in the same transaction, and the mailbox gets one fixed sentence. What waited for
    staff keeps its time; what waited for the reporter or for a service gets the full time of its risk. High risk calls
    this team's duty. Raises NotFound for an offer that was never this person's to answer, NotAllowed without the team's
    key, Conflict when somebody was faster, SealBroken when the offered keys do not open the report.
    """
    with storing(), transaction.atomic():
        row, report = _incoming(actor, transfer_id)
        if _is_merged(report):
            raise NotNow
        _decide(row, TransferState.ACCEPTED, actor)
        keys = vault.take_over(record_id=report.record_id, keyring=keyring)
        _move(report, row)
        thread.add(
            report,
            keys,
            direction=Direction.OUT,
            kind=MessageKind.SYSTEM,
            text=knowledge.notice("transferred", report.language),
            alias=FALLBACK_ALIAS,
        )
        alerts.stop(report.pk)
        if report.risk == Risk.HIGH:
            alerts.plan(report, clock.coarse_now())
        signals.report_moved.send(
            sender=Report, report_id=report.pk, from_team=row.from_team_id, to_team=row.to_team_id
        )
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.transfer_accepted")
        _record("report.transfer_accepted", actor.audit_name, row)
    return report


def _move(report: Report, row: Transfer) -> None:
    changes: dict[str, Any] = {"team": row.to_team, "claimed_by": None, "claimed_at": None, "version": F("version") + 1}
    if report.state not in WAITING_ON_STAFF:
        now = clock.coarse_now()
        changes["due_at"] = deadlines.response_due(risk_code(report.risk), now, report.tz)
        changes["promised_at"] = promise(row.to_team, report.risk, now, report.tz)
    target = state.next_state(report.state, state.Event.TRANSFER)
    rows = Report.objects.filter(pk=report.pk, team=row.from_team_id, state=report.state, version=report.version)
    if rows.update(state=target, **changes) != 1:
        raise Conflict
    ClosureProposal.objects.filter(report=report, state=ClosureProposal.ProposalState.OPEN).update(
        state=ClosureProposal.ProposalState.REJECTED
    )
    # Two people of the team that has the report end a hold: a wish of the other team does not count here.
    LegalHold.objects.filter(report=report, lifted_at=None).update(
        lift_reason="", lift_asked_by=None, lift_asked_at=None
    )
    report.refresh_from_db()


def decline(actor: Actor, transfer_id: UUID, reason: str) -> Transfer:
    """Say no, with a reason (a code): nothing of it stays with this team. Raises like `accept`, and BadInput."""
    checked_choice("reason", reason, list(knowledge.decline_reasons()))
    with storing(), transaction.atomic():
        row, report = _incoming(actor, transfer_id)
        _decide(row, TransferState.DECLINED, actor, decline_reason=reason)
        vault.take_back(record_id=report.record_id)
        _record("report.transfer_declined", actor.audit_name, row, reason=reason)
    return row


def take_back(actor: Actor, transfer_id: UUID) -> Transfer:
    """Withdraw an offer: analysts and supervisors of the team that made it. Raises NotFound, Conflict when too late."""
    with storing(), transaction.atomic():
        seen = selectors_moves.offers_out(actor).filter(pk=transfer_id).first()
        if seen is None:
            raise NotFound
        row, report = _locked(seen)
        _decide(row, TransferState.WITHDRAWN, actor)
        vault.take_back(record_id=report.record_id)
        _record("report.transfer_withdrawn", actor.audit_name, row)
    return row


def _incoming(actor: Actor, transfer_id: UUID) -> tuple[Transfer, Report]:
    """An offer that this person may answer, with its report locked. Looked at again after the lock: it may be gone."""
    seen = selectors_moves.answerable(actor).filter(pk=transfer_id).first()
    if seen is None:
        if selectors_moves.offers_of(actor).filter(pk=transfer_id).exists():
            raise Conflict  # it was there a moment ago
        raise NotFound
    row, report = _locked(seen)
    if not selectors_moves.answerable(actor).filter(pk=transfer_id).exists():
        raise Conflict
    return row, report


def _locked(seen: Transfer) -> tuple[Transfer, Report]:
    report = lock(Report.objects.filter(pk=seen.report_id)).first()
    row = Transfer.objects.select_related("to_team", "from_team").filter(pk=seen.pk).first()
    if report is None or row is None or row.state != TransferState.OFFERED:
        raise Conflict
    return row, report


def _decide(row: Transfer, outcome: TransferState, actor: Actor | None, **more: str) -> None:
    """The one conditional UPDATE by which an offer ends."""
    rows = Transfer.objects.filter(pk=row.pk, state=TransferState.OFFERED)
    who = actor.user_id if actor else None
    if rows.update(state=outcome, decided_by=who, decided_at=clock.now(), remind_at=None, **more) != 1:
        raise Conflict
    row.refresh_from_db()


def let_fall(report_id: UUID) -> None:
    """End the offer of a report that can no longer be handed over: withdrawn, closed, moved, hidden from that team.

    For use inside the transaction that changed the report; nothing happens when there is no offer.
    """
    row = Transfer.objects.filter(report=report_id, state=TransferState.OFFERED).select_related("report").first()
    if row is None:
        return
    hidden = ReportExclusion.objects.filter(report=report_id, team=row.to_team_id).exists()
    stopping = Withdrawal.objects.filter(report=report_id, state=WithdrawalState.SUPERVISOR).exists()
    there = row.report.state in OPEN_STATES and row.report.team_id == row.from_team_id
    if there and not hidden and not stopping and not _is_merged(row.report):
        return
    _decide(row, TransferState.FALLEN, None)
    vault.take_back(record_id=row.report.record_id)
    _record("report.transfer_fell", "system", row)


def on_report_changed(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of `signals.report_changed`, inside the transaction of the change."""
    let_fall(report_id)


def _record(kind: str, actor: str, row: Transfer, **more: str | bool) -> None:
    data = {"transfer": row.pk.hex, "from": row.from_team_id, "to": row.to_team_id, **more}
    audit.record(kind, actor=actor, subject=row.report_id.hex, data=data)
