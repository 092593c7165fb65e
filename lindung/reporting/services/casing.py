"""A report became a case: its clock stands as after a referral, and its mailbox stays the child's way to us."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import Conflict

from .. import rules_staff, signals
from ..errors import HeldByColleague
from ..models import Report, State, Withdrawal, WithdrawalState
from ..state import Event, next_state
from . import alerts


class StopWaits(Conflict):
    """Somebody asked to stop, and a supervisor has not decided yet."""

    code = "stop_waits"
    message = _("Ada permintaan berhenti yang belum diputuskan. Putuskan dulu, lalu buka kasusnya.")


def check_free(actor: Actor, report: Report) -> None:
    """Raise what keeps a report from becoming a case: a colleague who holds it, or a wish to stop that waits.

    For a locked report, inside the transaction that opens the case. A supervisor may open one that a colleague holds.
    """
    held = report.claimed_by_id not in (None, actor.user_id)
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
