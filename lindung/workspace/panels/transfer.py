"""The panel that offers a report to another team: one query, for the teams that may be asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from lindung.reporting import answers as answering
from lindung.reporting import rules_staff, selectors_moves, state
from lindung.reporting.knowledge import moves
from lindung.reporting.models_moves import TransferState
from lindung.reporting.opened import OpenedReport
from lindung.workspace import times
from lindung.workspace.doors import actor_of


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """What the panel shows; None for whoever may not offer, and for a report that cannot be offered."""
    actor, report = actor_of(request), opened.report
    if not rules_staff.may_triage(actor, report.team_id) or not state.allowed(report.state, state.Event.TRANSFER):
        return None
    row = next((offer for offer in opened.transfers if offer.state == TransferState.OFFERED), None)
    teams = selectors_moves.teams_to_ask(actor, report, answering.codes(opened.answers, "concern"))
    if row is not None:
        reason = moves.transfer_reasons().get(row.reason)
        name = next((team.name for team in teams if team.pk == row.to_team_id), "")
        return {
            "offer": {
                "id": row.pk,
                "to": name,
                "reason": reason.label if reason else "",
                "urgent": row.urgent,
                "due": times.deadline(row.due_at, now, report.tz),
            }
        }
    held = report.claimed_by_id not in (None, actor.user_id)
    return {
        "teams": [(str(team.pk), team.name) for team in teams],
        "held": held and not rules_staff.may_take_over(actor, report.team_id),
    }
