"""Who receives, who may open, how urgent, and when a supervisor must look first: pure functions, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lindung.accounts.actors import Actor

from . import answers as answering
from . import knowledge
from .models import State

READERS = frozenset({"analyst", "case_worker", "supervisor"})
"""Roles that may open a report of their own team."""

RISK_ORDER = {"high": 0, "medium": 1, "low": 2}

CONCERNS = ("works_here", "partner", "school")


@dataclass(frozen=True)
class TeamFacts:
    """What the choice of a recipient needs to know of a team. `intake_order` None: it receives nothing."""

    id: UUID
    kind: str
    organisation_kind: str
    intake_order: int | None
    province: str = ""


@dataclass(frozen=True)
class ReportFacts:
    """What the right to open a report depends on."""

    team_id: UUID
    excluded_team_ids: frozenset[UUID]
    state: str


def initial_risk(answers: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The risk before a person has read, and the codes of the rules that fit (knowledge/risk_rules.yaml).

    The highest fitting rule wins. Nothing known is medium, never low: silence is common when somebody is afraid.
    """
    fitting = [
        rule
        for rule in knowledge.risk_rules()
        if all(wanted & set(answering.codes(answers, q)) for q, wanted in rule.conditions.items())
    ]
    risks = [rule.risk for rule in fitting] or [knowledge.default_risk()]
    return min(risks, key=RISK_ORDER.__getitem__), tuple(rule.code for rule in fitting)


def named_by(team: TeamFacts, concerns: Iterable[str]) -> bool:
    """Tell whether a report with these concerns names a team of this kind or of this organisation's kind."""
    for code in concerns:
        concern = knowledge.concerns().get(code)
        if concern and (team.kind in concern.team_kinds or team.organisation_kind in concern.organisation_kinds):
            return True
    return False


def excluded_teams(concerns: Collection[str], teams: Iterable[TeamFacts]) -> frozenset[UUID]:
    """The teams that a report with these concerns must be hidden from."""
    return frozenset(team.id for team in teams if named_by(team, concerns))


def recipient(
    concerns: Collection[str],
    teams: Iterable[TeamFacts],
    *,
    province: str = "",
    excluded: Collection[UUID] = (),
) -> TeamFacts | None:
    """Choose the team that receives a report; None when nobody may.

    Invariant: never a team that the report names, nor one of `excluded`. A report that concerns somebody who works
    here, at a partner or at a school (or that already excludes a team) goes to an independent team if there is one;
    any other to an intake team: of its province, else a national one, else the first in the row of recipients.
    """
    free = [
        team
        for team in teams
        if team.intake_order is not None
        and team.kind in {"intake", "independent"}
        and team.id not in excluded
        and not named_by(team, concerns)
    ]
    sensitive = bool(set(concerns) & set(CONCERNS)) or bool(excluded)

    def rank(team: TeamFacts) -> tuple[bool, int, int, str]:
        nearness = 0 if province and team.province == province else 1 if not team.province else 2
        return (team.kind != "independent") == sensitive, nearness, team.intake_order or 0, team.id.hex

    return min(free, key=rank, default=None)


def may_open(actor: Actor, report: ReportFacts) -> bool:
    """Tell whether a person may see and open a report. `selectors.visible_to` says the same of many.

    Analysts, case workers and supervisors of the team that holds it; nobody who belongs to a team that it names,
    whatever else they are; nobody at all while it is withdrawn. Administrators, auditors, partners, data analysts
    and the system see no report.
    """
    if actor.is_system or report.state == State.WITHDRAWN:
        return False
    if actor.team_ids & report.excluded_team_ids:
        return False
    return report.team_id in actor.teams_with(READERS)


def withdrawal_needs_supervisor(
    *,
    risk: str,
    police_clock_running: bool,
    legal_hold: bool,
    state: str,
    danger_now: bool = False,
    in_other_hands: bool = False,
) -> str:
    """Why a supervisor looks before anything is locked: a code, or "" when the reporter's wish is enough.

    legal_hold, high_risk, police_clock, open_case (somebody elsewhere already works on it: it was referred, closed
    because it became a case, or reported to the police).
    """
    if legal_hold:
        return "legal_hold"
    if risk == "high" or danger_now:
        return "high_risk"
    if police_clock_running:
        return "police_clock"
    if state == State.REFERRED or in_other_hands:
        return "open_case"
    return ""


def step_code(*, state: str, withdrawal_state: str = "", is_help: bool = False) -> str:
    """The fixed sentence of the mailbox (knowledge/steps.yaml) for what is known without any key.

    That somebody presses the reporter to stop never shows: whoever presses may hold the receipt.
    """
    if state == State.WITHDRAWN:
        return "withdrawn"
    if withdrawal_state == "supervisor":
        return "withdrawal_supervisor"
    if withdrawal_state == "refused":
        return "withdrawal_refused"
    if state == State.NEW and is_help:
        return "new_question"
    return str(state)


def raised_risk(risk: str) -> str:
    """The risk after somebody told that they are pressed to stop: control over a child is itself a danger."""
    return "high" if risk in RISK_ORDER else risk
