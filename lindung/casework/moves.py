"""Reads about what waits for a second person, for another team, or for whoever reads what a child says about us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, Team
from lindung.accounts.rules import ANALYST, SUPERVISOR
from lindung.core import clock
from lindung.reporting.rules_moves import HOLDERS
from lindung.reporting.selectors import keyed_teams
from lindung.vault.models import TeamKey

from . import rules_closing, selectors
from .models import Case, CaseExclusion, CaseWorker, State
from .models_closing import Approval, ApprovalState, CaseMove, Feedback, MoveState

SENT_DAYS = 90


def _unnamed(actor: Actor) -> Q:
    """Nothing of a case that a team of this person is excluded from."""
    return Q(~Exists(CaseExclusion.objects.filter(case=OuterRef("case"), team__in=actor.team_ids)))


# --- approvals --------------------------------------------------------------------------------------------------------


def approvals_waiting(actor: Actor) -> QuerySet[Approval]:
    """Questions that wait for a second person, of cases that this person may see: the oldest first."""
    seen = selectors.keyed(actor, Case.objects.filter(pk=OuterRef("case")))
    rows = Approval.objects.filter(Exists(seen), state=ApprovalState.OPEN).select_related("case", "asked_by", "plan")
    return rows.order_by("asked_at", "id")


def decidable(actor: Actor, rows: Sequence[Approval]) -> frozenset[UUID]:
    """Which of these questions this person can decide on: two queries, whatever their number."""
    found = Case.objects.filter(pk__in={row.case_id for row in rows})
    cases = {case.pk: case for case in selectors.facts_for(actor, found)}
    askers, teams = {row.asked_by_id for row in rows}, {row.case.team_id for row in rows}
    asked = Membership.objects.filter(team__in=teams, role=SUPERVISOR, user__in=askers)
    supervisors = set(asked.values_list("team_id", "user_id"))
    return frozenset(
        row.pk
        for row in rows
        if row.case_id in cases
        and rules_closing.may_decide(
            actor,
            selectors.facts_seen(actor, cases[row.case_id]),
            subject=row.subject,
            asked_by=row.asked_by_id,
            asker_supervises=(row.case.team_id, row.asked_by_id) in supervisors,
        )
    )


# --- moves ------------------------------------------------------------------------------------------------------------


def teams_to_ask(actor: Actor, case: Case) -> list[Team]:
    """The teams to which a case can be offered, by name: they hold cases, have a key, and the case excludes none."""
    keyed = TeamKey.objects.filter(team=OuterRef("pk"), state=TeamKey.State.ACTIVE)
    hidden = CaseExclusion.objects.filter(case=case, team=OuterRef("pk"))
    rows = Team.objects.filter(Exists(keyed), ~Exists(hidden), kind__in=HOLDERS).exclude(pk=case.team_id)
    return list(rows.select_related("organisation").order_by("name"))


def offers_in(actor: Actor) -> QuerySet[CaseMove]:
    """Cases that are offered to teams that this person supervises and whose key they hold."""
    if actor.is_system:
        return CaseMove.objects.none()
    rows = CaseMove.objects.filter(_unnamed(actor), state=MoveState.OFFERED, case__state=State.OPEN)
    rows = rows.filter(to_team__in=actor.teams_with({SUPERVISOR})).filter(to_team__in=keyed_teams(actor))
    return rows.select_related("case", "from_team", "to_team").order_by("answer_due_at", "id")


def offers_of(actor: Actor) -> QuerySet[CaseMove]:
    """Every offer to these teams, answered ones too: only to tell "too late" from "never there"."""
    return CaseMove.objects.filter(
        _unnamed(actor), to_team__in=actor.teams_with({SUPERVISOR}), to_team_id__in=keyed_teams(actor)
    )


def offers_out(actor: Actor, now: datetime | None = None) -> QuerySet[CaseMove]:
    """What the teams that this person supervises offered: open ones, and answered ones of the last 90 days."""
    if actor.is_system:
        return CaseMove.objects.none()
    since = (now or clock.now()) - timedelta(days=SENT_DAYS)
    rows = CaseMove.objects.filter(_unnamed(actor), from_team__in=actor.teams_with({SUPERVISOR}))
    rows = rows.filter(from_team__in=keyed_teams(actor)).filter(Q(state=MoveState.OFFERED) | Q(answered_at__gte=since))
    return rows.select_related("case", "from_team", "to_team", "offered_by").order_by("-offered_at", "id")


@dataclass(frozen=True)
class Card:
    """All that a team sees of a case that it is offered, before it says yes: nothing that tells of the child."""

    id: UUID
    from_team: str
    to_team: str
    tz: str
    reason: str
    risk: str
    offered_at: datetime
    due_at: datetime


def cards(actor: Actor) -> list[Card]:
    """The cards of everything that waits for this person's answer, the most pressing first: one query."""
    return [
        Card(
            row.pk, row.from_team.name, row.to_team.name, row.to_team.tz, row.reason, row.case.risk, row.offered_at,
            row.answer_due_at,
        )
        for row in offers_in(actor)
    ]  # fmt: skip


# --- what a child says about us ---------------------------------------------------------------------------------------


def feedback_for(actor: Actor) -> QuerySet[Feedback]:
    """What this person may read of what children said; `rules_closing.may_read_feedback` says the same of one."""
    if actor.is_system:
        return Feedback.objects.none()
    worked = CaseWorker.objects.filter(case=OuterRef("case"), user=actor.user_id)
    role = Q(team__in=actor.teams_with({SUPERVISOR}))
    role |= Q(team__kind="independent", team__in=actor.teams_with({ANALYST, SUPERVISOR}))
    rows = Feedback.objects.filter(role, _unnamed(actor), ~Exists(worked)).filter(team__in=keyed_teams(actor))
    return rows.select_related("team", "case").order_by(F("answered_at").asc(nulls_first=True), "-at", "id")
