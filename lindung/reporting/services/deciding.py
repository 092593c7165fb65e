"""What a supervisor decides: a wish to stop that touches somebody's safety. Legal holds: see `holding`."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.rules import may_decide_withdrawal
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import Conflict

from .. import keepers, signals
from ..models import ClosureProposal, Report, Withdrawal, WithdrawalState
from ..state import Event
from . import alerts
from .access import checked_choice, hold_lead, lock, move, report_for

ALLOW, KEEP = "allow", "keep"


class OnHold(Conflict):
    """A legal hold outranks the wish to stop."""

    code = "on_hold"
    message = _("Laporan ini disimpan untuk proses hukum. Akhiri dulu penyimpanan itu.")


def decide_withdrawal(actor: Actor, report_id: UUID, decision: str) -> Withdrawal:
    """Decide on a wish to stop that waits for a supervisor: `allow` (locked, then erased) or `keep`.

    Allowed, the report is hidden from the team at once and the waiting period starts, so that its receipt can still
    change it. The keys follow at the next visit of the mailbox: taking them by cryptography needs the receipt. Raises
    NotFound, NotAllowed unless a supervisor of the team, BadInput for another decision, OnHold, and Conflict when the
    reporter was faster.
    """
    checked_choice("decision", decision, (ALLOW, KEEP))
    with transaction.atomic():
        report = report_for(actor, report_id, may_decide_withdrawal)
        hold_lead(report)
        lock(Report.objects.filter(pk=report.pk)).get()
        report.refresh_from_db()
        asked = Withdrawal.objects.filter(report=report, state=WithdrawalState.SUPERVISOR).first()
        if asked is None:
            raise Conflict()
        if decision == ALLOW and (report.legal_hold or keepers.standing(report.pk) == keepers.HELD):
            raise OnHold()
        now = clock.now()
        changes = {"state": WithdrawalState.REFUSED, "decided_by_id": actor.user_id, "decided_at": now}
        if decision == ALLOW:
            end = deadlines.withdrawal_end(clock.coarse(now), settings.LINDUNG_WITHDRAWAL_DAYS)
            changes |= {"state": WithdrawalState.WAITING, "shred_at": end, "previous_state": report.state}
        rows = Withdrawal.objects.filter(pk=asked.pk, state=WithdrawalState.SUPERVISOR)
        if rows.update(**changes) != 1:
            raise Conflict()
        if decision == ALLOW:
            _lock_away(report, actor)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.withdrawal_decided")
        data = {"decision": decision, "reason": asked.reason}
        audit.record("report.withdrawal_decided", actor=actor.audit_name, subject=report.pk.hex, data=data)
    asked.refresh_from_db()
    return asked


def _lock_away(report: Report, actor: Actor) -> None:
    ClosureProposal.objects.filter(report=report, state=ClosureProposal.ProposalState.OPEN).update(
        state=ClosureProposal.ProposalState.REJECTED
    )
    move(report, Event.WITHDRAW, actor)
    alerts.stop(report.pk)
