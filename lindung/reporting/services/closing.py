"""Ending a report. What could leave a child alone if it were wrong needs two people, after a safety check.

Nothing here, in no language, calls anybody a liar: a report may be closed, a child is never judged.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.rules import may_confirm_closure
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

from .. import rules_staff as rules
from .. import selectors, signals
from ..errors import NotYet
from ..models import (
    ClosureProposal,
    ClosureReason,
    Direction,
    FollowUp,
    Handover,
    Message,
    NextStep,
    PoliceClock,
    Report,
    TriageEntry,
    Withdrawal,
    WithdrawalState,
)
from ..state import Event, allowed, states_for
from . import alerts
from .access import checked_choice, lock, move, report_for, risk_code
from .receiving import promise

ProposalState = ClosureProposal.ProposalState

OBSTACLES: dict[str, str | Promise] = {
    "not_judged": _("Belum ada penilaian."),
    "unread": _("Ada pesan pelapor yang belum dibaca."),
    "police": _("Keputusan lapor polisi belum dicatat."),
    "follow_up": _("Tindak lanjut keselamatan belum selesai."),
    "handover": _("Serah terima lisan belum dicatat."),
    "withdrawal": _("Permintaan berhenti belum diputuskan."),
    "merged": _("Laporan ini digabung: tutup lewat laporan induknya."),
}
"""What stands in the way of closing, in words for staff."""


def obstacles(report: Report) -> tuple[str, ...]:
    """What must be done before a report can be closed, as codes of OBSTACLES; empty when nothing is left: one query.

    Self-harm needs a handover that somebody accepted by voice, not before it was noted, and its follow-up done. What is
    left to do on reports that were merged into it is left to do here; a merged one is closed with the other.
    """
    if report.merged_into_id is not None:
        return ("merged",)
    together = Report.objects.filter(Q(pk=report.pk) | Q(merged_into=report.pk)).values("pk")
    noted = TriageEntry.objects.filter(report__in=together, selfharm=True)
    handed_over = Handover.objects.filter(
        report__in=together, by_voice=True, at__gte=Subquery(noted.order_by("at").values("at")[:1])
    )
    running = (WithdrawalState.WAITING, WithdrawalState.SUPERVISOR)
    stands = {
        "not_judged": ~Exists(TriageEntry.objects.filter(report=report)),
        "unread": Exists(Message.objects.filter(report__in=together, direction=Direction.IN, read_by_staff=False)),
        "police": Exists(PoliceClock.objects.filter(report__in=together, decision="")),
        "follow_up": Exists(FollowUp.objects.filter(report__in=together, done_at=None)),
        "handover": Q(Exists(noted)) & ~Exists(handed_over),
        "withdrawal": Exists(Withdrawal.objects.filter(report=report, state__in=running)),
    }
    asked = [ExpressionWrapper(Q(one), output_field=BooleanField()) for one in stands.values()]
    found = Report.objects.filter(pk=report.pk).values_list(*asked).first() or ()
    return tuple(code for code, there in zip(stands, found, strict=False) if there)


def propose_closure(actor: Actor, report_id: UUID, reason: str, safety_checked: bool) -> ClosureProposal:
    """Propose to close. `done` closes at once; every other reason waits for a second person and needs a safety check.

    So does `done` when the last judgement was out of scope or misuse. Returns the proposal (state `confirmed` when it
    closed at once). Raises NotYet with what is missing, BadInput without the safety check, HeldByColleague, or
    Conflict when somebody has already proposed.
    """
    checked_choice("reason", reason, ClosureReason)
    with transaction.atomic():
        report = report_for(actor, report_id, rules.may_propose_closure)
        lock(Report.objects.filter(pk=report.pk)).get()
        alone = not rules.needs_two_people(reason, _last_step(report))
        if not alone and not safety_checked:
            raise BadInput("safety_checked", _("Periksa dulu keselamatan anak, lalu usulkan penutupan."))
        if not allowed(report.state, Event.CLOSE):
            raise Conflict
        _check_ready(report)
        proposal = ClosureProposal(
            report=report,
            reason=reason,
            safety_checked=safety_checked,
            proposed_by_id=actor.user_id,
            proposed_at=clock.now(),
        )
        if alone:
            proposal.state, proposal.confirmed_at = ProposalState.CONFIRMED, proposal.proposed_at
        try:
            with transaction.atomic():
                proposal.save(force_insert=True)
        except IntegrityError:
            raise Conflict from None
        if alone:
            _reject_open(report, actor)
            _close(report, actor, reason, take=True)
        data: dict[str, str | bool] = {"proposal": proposal.pk.hex, "reason": reason, "safety_checked": safety_checked}
        kind = "report.closed" if alone else "report.closure_proposed"
        audit.record(kind, actor=actor.audit_name, subject=report.pk.hex, data=data)
    return proposal


def confirm_closure(actor: Actor, proposal_id: UUID) -> ClosureProposal:
    """Agree to a closure as the second person; the report is closed. The proposer never can.

    Two confirmations at once close it once: one conditional UPDATE. Raises NotFound, NotAllowed, Conflict, NotYet.
    """
    with transaction.atomic():
        proposal, report = _proposal_for(actor, proposal_id)
        if not may_confirm_closure(actor, report.team_id, proposal.proposed_by_id):
            raise NotAllowed
        if rules.needs_two_people(proposal.reason, _last_step(report)) and not proposal.safety_checked:
            raise BadInput("safety_checked", _("Periksa dulu keselamatan anak, lalu usulkan penutupan."))
        _check_ready(report)
        _decide(proposal, actor, ProposalState.CONFIRMED)
        _close(report, actor, proposal.reason, take=False)
        audit.record(
            "report.closed",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"proposal": proposal.pk.hex, "reason": proposal.reason, "proposed_by": proposal.proposed_by_id.hex},
        )
    return proposal


def reject_closure(actor: Actor, proposal_id: UUID) -> ClosureProposal:
    """Disagree with a closure, or take back one's own; the report stays open."""
    with transaction.atomic():
        proposal, report = _proposal_for(actor, proposal_id)
        if not rules.may_propose_closure(actor, report.team_id):
            raise NotAllowed
        _decide(proposal, actor, ProposalState.REJECTED)
        audit.record(
            "report.closure_rejected",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"proposal": proposal.pk.hex, "reason": proposal.reason},
        )
    return proposal


def close_with_case(actor: Actor, report_id: UUID, outcome: str) -> bool:
    """End a report with the case that was made from it; inside the transaction of the room above that ended the case.

    That room's rules decided who may, and two people did. `outcome` is a code of knowledge/outcomes.yaml. False
    when the report cannot end now (withdrawn, merged, closed already, or the actor's team does not have it). Raises
    NotYet with what is left to do on it.
    """
    report = lock(Report.objects.filter(pk=report_id, merged_into=None)).first()
    if report is None or report.team_id not in actor.team_ids or not allowed(report.state, Event.CLOSE):
        return False
    missing = tuple(code for code in obstacles(report) if code != "not_judged")
    if missing:
        raise NotYet(missing)
    _reject_open(report, actor)
    _close(report, actor, ClosureReason.DONE, take=False, outcome=outcome)
    data: dict[str, str | bool] = {"reason": ClosureReason.DONE.value, "with_case": True}
    audit.record("report.closed", actor=actor.audit_name, subject=report.pk.hex, data=data)
    return True


def reopen(actor: Actor, report_id: UUID) -> Report:
    """Open a closed report again; it waits for staff, is nobody's, and its times begin anew."""
    with transaction.atomic():
        report = report_for(actor, report_id, rules.may_triage)
        now = clock.coarse_now()
        changes: dict[str, Any] = {
            "due_at": deadlines.response_due(risk_code(report.risk), now, report.tz),
            "promised_at": promise(report.team, report.risk, now, report.tz),
        }
        move(report, Event.REOPEN, actor, closed_at=None, outcome="", claimed_by=None, claimed_at=None, **changes)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.reopened")
        audit.record("report.reopened", actor=actor.audit_name, subject=report.pk.hex)
    return report


def outcome_of(report: Report, reason: str) -> str:
    """The code of knowledge/outcomes.yaml: the reason itself, and for `done` what the last judgement led to."""
    if reason != ClosureReason.DONE:
        return reason
    step = _last_step(report)
    if step in {None, NextStep.OUT_OF_SCOPE, NextStep.MISUSE}:
        return ClosureReason.DONE.value
    return str(step)


def _last_step(report: Report) -> str | None:
    return TriageEntry.objects.filter(report=report).order_by("-at", "-id").values_list("next_step", flat=True).first()


def _proposal_for(actor: Actor, proposal_id: UUID) -> tuple[ClosureProposal, Report]:
    proposal = ClosureProposal.objects.filter(pk=proposal_id, report__in=selectors.visible_to(actor)).first()
    if proposal is None:
        raise NotFound
    report = report_for(actor, proposal.report_id, rules.may_handle)
    lock(Report.objects.filter(pk=report.pk)).get()
    return proposal, report


def _check_ready(report: Report) -> None:
    missing = obstacles(report)
    if missing:
        raise NotYet(missing)


def _decide(proposal: ClosureProposal, actor: Actor, outcome: str) -> None:
    rows = ClosureProposal.objects.filter(pk=proposal.pk, state=ProposalState.OPEN)
    if rows.update(state=outcome, confirmed_by=actor.user_id, confirmed_at=clock.now()) != 1:
        raise Conflict
    proposal.refresh_from_db()


def _reject_open(report: Report, actor: Actor) -> None:
    """A report that is closed as done leaves no open proposal behind."""
    ClosureProposal.objects.filter(report=report, state=ProposalState.OPEN).update(
        state=ProposalState.REJECTED, confirmed_by=actor.user_id, confirmed_at=clock.now()
    )


def _close(report: Report, actor: Actor, reason: str, *, take: bool, outcome: str = "") -> None:
    """Close in a state that can be closed; the holder lets go."""
    if report.state not in states_for(Event.CLOSE):
        raise Conflict
    outcome = outcome or outcome_of(report, reason)
    move(report, Event.CLOSE, actor, take=take, closed_at=clock.now(), outcome=outcome)
    Report.objects.filter(pk=report.pk).update(claimed_by=None, claimed_at=None)
    alerts.stop(report.pk)
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.closed")
