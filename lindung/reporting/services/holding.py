"""Legal holds: set by one supervisor, looked at every 90 days, ended by two people.

One person alone may keep a report from being erased; letting go may cost evidence or break a demand of a court, so a
second one agrees. `Report.legal_hold` is what erasing and withdrawals ask; the rows of LegalHold are the history.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from lindung.accounts.actors import Actor
from lindung.accounts.rules import may_decide_withdrawal
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed

from .. import rules_moves, rules_staff, signals
from ..knowledge import hold_reasons
from ..knowledge.moves import lift_reasons
from ..models import Report
from ..models_moves import LegalHold
from .access import checked_choice, lock, report_for


def put_on_hold(actor: Actor, report_id: UUID, reason: str) -> LegalHold:
    """Put a report on legal hold with a reason (a code of knowledge/holds.yaml).

    While it is on hold nothing erases it, and a wish to stop goes to a supervisor. Raises NotFound, NotAllowed unless a
    supervisor of the team, BadInput without a known reason, Conflict when it is on hold already.
    """
    checked_choice("reason", reason, list(hold_reasons()))
    with transaction.atomic():
        report = _locked(actor, report_id)
        if report.legal_hold:
            raise Conflict
        now = clock.now()
        row = LegalHold(
            report=report,
            reason=reason,
            set_by_id=actor.user_id,
            set_at=now,
            review_at=now + rules_moves.HOLD_REVIEW,
        )
        row.save(force_insert=True)
        _mark(report, on=True, reason=reason)
        _record("report.legal_hold_changed", actor, row, on=True, reason=reason)
    return row


def review_hold(actor: Actor, report_id: UUID) -> LegalHold:
    """Say that a hold is still needed: the next look is due in 90 days. For a supervisor of the team."""
    with transaction.atomic():
        report = _locked(actor, report_id)
        row = _running(report)
        now = clock.now()
        row.reviewed_by_id, row.reviewed_at, row.review_at = actor.user_id, now, now + rules_moves.HOLD_REVIEW
        row.save(update_fields=["reviewed_by", "reviewed_at", "review_at"])
        _record("report.legal_hold_reviewed", actor, row)
    return row


def ask_to_lift(actor: Actor, report_id: UUID, reason: str) -> LegalHold:
    """Propose to end a hold, as the first of two, with a reason (a code). The report stays on hold until then.

    Raises BadInput without a known reason, Conflict when it is not on hold or somebody has proposed already.
    """
    checked_choice("reason", reason, list(lift_reasons()))
    with transaction.atomic():
        report = _locked(actor, report_id)
        row = _running(report)
        if row.lift_asked_by_id is not None:
            raise Conflict
        row.lift_reason, row.lift_asked_by_id, row.lift_asked_at = reason, actor.user_id, clock.now()
        row.save(update_fields=["lift_reason", "lift_asked_by", "lift_asked_at"])
        _record("report.legal_hold_lift_asked", actor, row, reason=reason)
    return row


def confirm_lifting(actor: Actor, report_id: UUID) -> LegalHold:
    """Agree that a hold ends, as the second person: another analyst or supervisor of the team."""
    with transaction.atomic():
        report = _locked(actor, report_id, second=True)
        row = _running(report)
        if row.lift_asked_by_id is None:
            raise Conflict
        if not rules_moves.may_confirm_lifting(actor, report.team_id, row.lift_asked_by_id):
            raise NotAllowed
        row.lifted_by_id, row.lifted_at = actor.user_id, clock.now()
        row.save(update_fields=["lifted_by", "lifted_at"])
        _mark(report, on=False, reason="")
        _record(
            "report.legal_hold_changed", actor, row, on=False, reason=row.lift_reason, asked_by=row.lift_asked_by_id
        )
    return row


def keep_hold(actor: Actor, report_id: UUID) -> LegalHold:
    """Disagree with ending a hold, or take back one's own wish; the report stays on hold."""
    with transaction.atomic():
        report = _locked(actor, report_id, second=True)
        row = _running(report)
        if row.lift_asked_by_id is None:
            raise Conflict
        row.lift_reason, row.lift_asked_by_id, row.lift_asked_at = "", None, None
        row.save(update_fields=["lift_reason", "lift_asked_by", "lift_asked_at"])
        _record("report.legal_hold_kept", actor, row)
    return row


def _locked(actor: Actor, report_id: UUID, *, second: bool = False) -> Report:
    may = rules_staff.may_triage if second else may_decide_withdrawal
    report = report_for(actor, report_id, may)
    lock(Report.objects.filter(pk=report.pk)).get()
    report.refresh_from_db()
    if report.team_id not in actor.team_ids:
        raise Conflict
    return report


def _running(report: Report) -> LegalHold:
    row = LegalHold.objects.filter(report=report, lifted_at=None).first()
    if row is None:
        raise Conflict
    return row


def _mark(report: Report, *, on: bool, reason: str) -> None:
    rows = Report.objects.filter(pk=report.pk, state=report.state, version=report.version)
    if rows.update(legal_hold=on, hold_reason=reason, version=F("version") + 1) != 1:
        raise Conflict
    report.refresh_from_db()
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.legal_hold_changed")


def _record(kind: str, actor: Actor, row: LegalHold, **more: str | bool | UUID) -> None:
    data = {"hold": row.pk, **more}
    audit.record(kind, actor=actor.audit_name, subject=row.report_id.hex, data=data)
