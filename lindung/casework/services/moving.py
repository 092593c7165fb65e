"""A case goes to another team, with that team's yes: offered, taken over, declined, taken back, fallen.

The team that offers keeps the case, its keys and its clocks until the other one says yes. Its reports go along, so that
the child's mailbox is answered by the people who work with it. Of several answers at once exactly one counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import state as report_states
from lindung.reporting.models import Report
from lindung.reporting.models_moves import Transfer, TransferState
from lindung.reporting.services import transferring
from lindung.reporting.services.storing import storing
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from .. import along, moves, rules, rules_closing, signals
from ..knowledge import ending
from ..models import Case, CaseReport, State
from ..models_closing import CaseMove, MoveState
from ..state import Event, allowed
from . import approving, workers
from .access import checked_choice, checked_text, lock, move, open_case_for, open_keys, seal
from .beside import hold


def offer(actor: Actor, keyring: Keyring, case_id: UUID, to_team_id: UUID, *, reason: str, words: str) -> CaseMove:
    """Offer a case with its reports to another team. `words` are for that team, read by it once it has said yes.

    For supervisors of its team. Raises NotFound, NotAllowed, CaseClosed, BadInput for a team that cannot take it,
    NotNow when one of its reports cannot go, Conflict when it is offered already or about to end.
    """
    checked_choice("reason", reason, ending.moves())
    words = checked_text("words", words)
    case = open_case_for(actor, case_id, rules.may_supervise)
    team = next((team for team in moves.teams_to_ask(actor, case) if team.pk == to_team_id), None)
    if team is None:
        raise BadInput("team", _("Tim ini tidak bisa menerima kasus ini."))
    keys = open_keys(case, keyring)
    with storing(), transaction.atomic():
        hold(case)
        case.refresh_from_db()
        if not allowed(case.state, Event.MOVE):
            raise Conflict
        now = clock.now()
        row = CaseMove(
            case=case,
            from_team_id=case.team_id,
            to_team=team,
            reason=reason,
            offered_by_id=actor.user_id,
            offered_at=now,
            answer_due_at=rules_closing.answer_due(case.risk, now, team.tz),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise Conflict from None
        vault.offer(record_id=case.record_id, keyring=keyring, to_team_id=team.pk)
        along.offered(case, keyring, team.pk)
        seal(case, keys, row.field, {"words": words})
        for report in _going_along(case):
            transferring.offer(actor, keyring, report.pk, team.pk, _REPORT_REASONS[reason], words, with_case=True)
        _record("case.move_offered", actor.audit_name, row, reason=reason)
    return row


_REPORT_REASONS = {
    "child_moved": "place",
    "authority": "authority",
    "skill": "skill",
    "shared_workers": "skill",
    "capacity": "capacity",
    "asked": "asked",
}
"""How the reasons of a case are said of its reports (reporting/knowledge/transfers.yaml)."""


def _going_along(case: Case) -> list[Report]:
    """Reports that change hands with the case: open, of its team, and of no other case that goes on here."""
    own = CaseReport.objects.filter(case=case).values("report")
    others = CaseReport.objects.filter(report__in=own).exclude(case=case).exclude(case__state=State.CLOSED)
    rows = Report.objects.filter(pk__in=own, team=case.team_id).exclude(pk__in=others.values("report"))
    rows = rows.filter(state__in=report_states.states_for(report_states.Event.TRANSFER)).order_by("received_at", "id")
    return [report for report in rows if report.merged_into_id is None]


def accept(actor: Actor, keyring: Keyring, move_id: UUID) -> Case:
    """Say yes: the case, its keys and its reports are this team's, and nobody of it works on it yet.

    Who worked on it stops, what waited for a second person falls. Raises NotFound for an offer that was never this
    person's to answer, NotAllowed without the team's key, Conflict when somebody was faster, SealBroken.
    """
    with storing(), transaction.atomic():
        row, case = _incoming(actor, move_id)
        _decide(row, MoveState.ACCEPTED, actor)
        keys = vault.take_over(record_id=case.record_id, keyring=keyring)
        along.taken_over(case, keyring, row.from_team_id)
        approving.let_fall(actor, case, keys)
        case.refresh_from_db()
        move(case, Event.MOVE, team_id=row.to_team_id)
        workers.end_all(case)
        for transfer in _offered_along(row):
            transferring.accept(actor, keyring, transfer.pk)
        signals.case_moved.send(sender=Case, case_id=case.pk, from_team=row.from_team_id, to_team=row.to_team_id)
        _record("case.move_accepted", actor.audit_name, row)
    return case


def decline(actor: Actor, move_id: UUID, *, reason: str) -> CaseMove:
    """Say no, with a reason (a code): nothing of the case stays with this team. Raises like `accept`, and BadInput."""
    checked_choice("reason", reason, ending.declines())

    def reports(transfer: Transfer) -> None:
        transferring.decline(actor, transfer.pk, reason)

    with storing(), transaction.atomic():
        row, case = _incoming(actor, move_id)
        _decide(row, MoveState.DECLINED, actor, decline_reason=reason)
        vault.take_back(record_id=case.record_id)
        along.taken_back(case)
        _with_reports(row, reports)
        _record("case.move_declined", actor.audit_name, row, reason=reason)
    return row


def take_back(actor: Actor, move_id: UUID) -> CaseMove:
    """Withdraw an offer: supervisors of the team that made it. Raises NotFound, Conflict when it is answered."""

    def reports(transfer: Transfer) -> None:
        transferring.take_back(actor, transfer.pk)

    with storing(), transaction.atomic():
        seen = moves.offers_out(actor).filter(pk=move_id).first()
        if seen is None:
            raise NotFound
        row, case = _locked(seen)
        _decide(row, MoveState.TAKEN_BACK, actor)
        vault.take_back(record_id=case.record_id)
        along.taken_back(case)
        _with_reports(row, reports)
        _record("case.move_taken_back", actor.audit_name, row)
    return row


def on_case_excluded(sender: Any, *, case_id: UUID, team_id: UUID, **_: Any) -> None:
    """Receiver of `signals.case_excluded`: a case is never offered to a team that it excludes."""
    row = CaseMove.objects.filter(case=case_id, to_team=team_id, state=MoveState.OFFERED).select_related("case").first()
    if row is None:
        return
    _decide(row, MoveState.TAKEN_BACK, None)
    vault.take_back(record_id=row.case.record_id)
    along.taken_back(row.case)
    _record("case.move_fell", "system", row)


def _offered_along(row: CaseMove) -> list[Transfer]:
    own = CaseReport.objects.filter(case=row.case_id).values("report")
    found = Transfer.objects.filter(
        report__in=own, state=TransferState.OFFERED, from_team=row.from_team_id, to_team=row.to_team_id
    )
    return list(found.order_by("offered_at", "id"))


def _with_reports(row: CaseMove, end: Callable[[Transfer], object]) -> None:
    for transfer in _offered_along(row):
        end(transfer)


def _incoming(actor: Actor, move_id: UUID) -> tuple[CaseMove, Case]:
    """An offer that this person may answer, with its case locked. Looked at again after the lock: it may be gone."""
    seen = moves.offers_in(actor).filter(pk=move_id).first()
    if seen is None:
        if moves.offers_of(actor).filter(pk=move_id).exists():
            raise Conflict  # it was there a moment ago
        raise NotFound
    row, case = _locked(seen)
    if not moves.offers_in(actor).filter(pk=move_id).exists():
        raise Conflict
    return row, case


def _locked(seen: CaseMove) -> tuple[CaseMove, Case]:
    case = lock(Case.objects.filter(pk=seen.case_id)).first()
    row = CaseMove.objects.select_related("to_team", "from_team").filter(pk=seen.pk).first()
    if case is None or row is None or row.state != MoveState.OFFERED:
        raise Conflict
    return row, case


def _decide(row: CaseMove, outcome: MoveState, actor: Actor | None, **more: str) -> None:
    """The one conditional UPDATE by which an offer ends."""
    rows = CaseMove.objects.filter(pk=row.pk, state=MoveState.OFFERED)
    who = actor.user_id if actor else None
    if rows.update(state=outcome, answered_by=who, answered_at=clock.now(), **more) != 1:
        raise Conflict
    row.refresh_from_db()


def _record(kind: str, actor: str, row: CaseMove, **more: str) -> None:
    signals.case_changed.send(sender=Case, case_id=row.case_id, what=kind)
    data: dict[str, UUID | str] = {"move": row.pk, "from": row.from_team_id, "to": row.to_team_id, **more}
    audit.record(kind, actor=actor, subject=row.case_id.hex, data=data)
