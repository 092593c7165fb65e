"""Who is acting, as a plain value: rules and selectors of every room decide from this alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

SYSTEM_ID = UUID(int=0)


@dataclass(frozen=True)
class Actor:
    """A person (or the system) with their roles at this moment.

    `roles` holds (team, role); the team is None for a role that holds in the whole organisation
    (administrator, auditor, data analyst). `organisation_ids` are the organisations the person belongs to.
    """

    user_id: UUID
    username: str
    roles: frozenset[tuple[UUID | None, str]] = frozenset()
    organisation_ids: frozenset[UUID] = frozenset()
    alias: str = ""
    is_system: bool = False

    @classmethod
    def system(cls) -> Actor:
        """The command line on the server itself. It may manage, and holds no key."""
        return cls(user_id=SYSTEM_ID, username="system", is_system=True)

    @property
    def audit_name(self) -> str:
        """What the audit writes: 'system' or the hex id, never a name."""
        return "system" if self.is_system else self.user_id.hex

    @property
    def role_names(self) -> frozenset[str]:
        return frozenset(role for _, role in self.roles)

    @property
    def team_ids(self) -> frozenset[UUID]:
        return frozenset(team for team, _ in self.roles if team is not None)

    def has_role(self, *roles: str) -> bool:
        """Tell whether the person has at least one of these roles, in whatever team."""
        return any(role in roles for _, role in self.roles)

    def has_role_in(self, team_id: UUID, *roles: str) -> bool:
        """Tell whether the person has at least one of these roles (any, when none is named) in this team."""
        return any(team == team_id and (not roles or role in roles) for team, role in self.roles)

    def teams_with(self, roles: Collection[str]) -> frozenset[UUID]:
        """Return the teams in which the person has one of these roles."""
        return frozenset(team for team, role in self.roles if team is not None and role in roles)
