"""A report became a case: its clock stands as after a referral, and its mailbox stays the child's way to us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import Conflict

from .. import rules_staff, signals
from ..errors import HeldByColleague
from ..models import OPEN_STATES, Report, State, Withdrawal, WithdrawalState
from ..models_moves import Reassignment
from ..state import Event, next_state
from . import alerts


class StopWaits(Conflict):
    """Somebody asked to stop, and a supervisor has not decided yet."""

    code = "stop_waits"
    message = _("Ada permintaan berhenti yang belum diputuskan. Putuskan dulu, lalu buka kasusnya.")


def check_free(actor: Actor, report: Report, *, whoever_holds: bool = False) -> None:
    """Raise what keeps a report from becoming a case: a colleague who holds it, or a wish to stop that waits.

    For a locked report, inside the transaction that opens the case. A supervisor may open one that a colleague holds;
    so may anybody when it led to a case already and this one is for another child (`whoever_holds`).
    """
    held = not whoever_holds and report.claimed_by_id not in (None, actor.user_id)
    if held and not rules_staff.may_take_over(actor, report.team_id):
        raise HeldByColleague
    if Withdrawal.objects.filter(report=report, state=WithdrawalState.SUPERVISOR).exists():
        raise StopWaits


def became_case(actor: Actor, report: Report) -> None:
    """Let a report wait for its case, in the hands of whoever opened it; a closed one stays closed. Alerts stop.

    For a locked report, inside the transaction that opens the case, whose audit event tells of it. Raises Conflict when
    the report changed since it was read.
    """
    if report.state != State.CLOSED:
        taken = next_state(report.state, Event.CLAIM) if report.state == State.NEW else report.state
        changes: dict[str, Any] = {"state": next_state(taken, Event.REFER), "version": F("version") + 1}
        if report.claimed_by_id is None:
            changes |= {"claimed_by": actor.user_id, "claimed_at": clock.now()}
        rows = Report.objects.filter(pk=report.pk, state=report.state, version=report.version, team=report.team_id)
        if rows.update(**changes) != 1:
            raise Conflict
        alerts.stop(report.pk)
        report.refresh_from_db()
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.became_case")


def follow_worker(actor: Actor, report_id: UUID, team_id: UUID, user_id: UUID) -> bool:
    """Put an open report of a team into the hands of whoever leads its case now: that person answers the child.

    Inside the transaction that gives the case, whose audit event tells of it. Tells whether it changed hands; a report
    that a colleague writes in at this moment stays where it is.
    """
    report = Report.objects.filter(pk=report_id, team=team_id, state__in=OPEN_STATES).first()
    if report is None or report.claimed_by_id == user_id:
        return False
    now, before = clock.now(), report.claimed_by_id
    rows = Report.objects.filter(pk=report.pk, version=report.version, claimed_by=before, state=report.state)
    if rows.update(claimed_by=user_id, claimed_at=now, version=F("version") + 1) != 1:
        return False
    if before is not None:
        Reassignment.objects.create(report=report, from_user_id=before, to_user_id=user_id, by_id=actor.user_id, at=now)
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.handed_on")
    return True
