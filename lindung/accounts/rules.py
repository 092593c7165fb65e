"""Who may do what with people, keys and duty: pure functions over plain values, no database."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from lindung.accounts.actors import Actor

ANALYST, CASE_WORKER, SUPERVISOR = "analyst", "case_worker", "supervisor"
PARTNER, DATA_ANALYST = "partner", "data_analyst"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"

CONTENT_ROLES = frozenset({ANALYST, CASE_WORKER, SUPERVISOR, PARTNER})
"""Roles of a team. Whoever has one may be given the team's key."""

WIDE_ROLES = frozenset({DATA_ANALYST, ADMINISTRATOR, AUDITOR})
"""Roles for a whole organisation. They hold no team key."""

SEPARATE_ROLES = frozenset({ADMINISTRATOR, AUDITOR})
"""Whoever has one of these has no other role: those who manage or check people never read content."""

ALL_ROLES = CONTENT_ROLES | WIDE_ROLES

TEAM_KIND_ROLES = {
    "intake": frozenset({ANALYST, CASE_WORKER, SUPERVISOR}),
    "independent": frozenset({ANALYST, CASE_WORKER, SUPERVISOR}),
    "partner": frozenset({PARTNER, CASE_WORKER}),
}


def roles_fit_together(roles: Collection[str]) -> bool:
    """Tell whether one person may have all these roles at once."""
    names = set(roles)
    if not names <= ALL_ROLES:
        return False
    if names & SEPARATE_ROLES and len(names) > 1:
        return False
    return not (PARTNER in names and names & {ANALYST, SUPERVISOR, DATA_ANALYST})


def role_fits_team(role: str, team_kind: str | None) -> bool:
    """Tell whether a role exists in a team of this kind; None asks for the whole organisation."""
    if team_kind is None:
        return role in WIDE_ROLES
    return role in TEAM_KIND_ROLES.get(team_kind, frozenset())


def role_fits_organisation(role: str, organisation_kind: str) -> bool:
    """Tell whether a body of this kind may have people with this role.

    The audit log is one for all: whoever reads it sees that a report went to the independent team, and when. So a body
    that reports may name (a partner, a service unit, a school) has no auditor here.
    """
    return role != AUDITOR or organisation_kind not in {"partner", "uptd", "school"}


def team_kinds_fit_together(kinds: Collection[str]) -> bool:
    """The independent recipient of reports about our own people shares nobody with other teams."""
    names = set(kinds)
    return "independent" not in names or names == {"independent"}


def may_manage_people(actor: Actor, organisation_id: UUID) -> bool:
    """People, roles, passphrase resets: administrators of that organisation, and the command line."""
    return actor.is_system or (actor.has_role(ADMINISTRATOR) and organisation_id in actor.organisation_ids)


def may_create_organisations(actor: Actor) -> bool:
    """Organisations are made on the server: their recovery key is printed there once."""
    return actor.is_system


def may_hold_team_key(actor: Actor, team_id: UUID) -> bool:
    """Only people with a content role in the team ever hold its key."""
    return bool(actor.teams_with(CONTENT_ROLES) & {team_id})


def may_decide_grant(actor: Actor, team_id: UUID, for_user: UUID) -> bool:
    """A colleague of the same team decides, never the person themselves; the vault checks the key."""
    return may_hold_team_key(actor, team_id) and actor.user_id != for_user


def keeps_a_factor(*, has_app: bool, other_keys: int) -> bool:
    """The last second factor stays: recovery codes are for the day when it is lost, not a factor of their own."""
    return has_app or other_keys > 0


def may_read_audit(actor: Actor) -> bool:
    """The audit is read by auditors, and exported on the server."""
    return actor.is_system or actor.has_role(AUDITOR)


def may_manage_duty(actor: Actor, team_id: UUID) -> bool:
    """The duty roster is made by supervisors of that team."""
    return actor.has_role_in(team_id, SUPERVISOR)


def may_confirm_closure(actor: Actor, team_id: UUID, proposed_by: UUID) -> bool:
    """A closure that needs two people is confirmed by another analyst or supervisor of the same team."""
    return actor.user_id != proposed_by and actor.has_role_in(team_id, ANALYST, SUPERVISOR)


def may_decide_withdrawal(actor: Actor, team_id: UUID) -> bool:
    """A withdrawal that is held (high risk, a running clock, a hold) goes to a supervisor of that team."""
    return actor.has_role_in(team_id, SUPERVISOR)
