"""A case, opened for one colleague: rows beside the words that belong to them. `repr` shows no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from .models import Case, CaseIncident, Person, Standing
from .models import PersonRole as Role


@dataclass(frozen=True)
class PersonView:
    """Somebody around the child: the row's columns, and the sealed words as a mapping."""

    id: UUID
    role: str
    standing: str
    also_child: bool
    added_at: datetime
    removed_at: datetime | None
    version: int
    words: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.words.get("name") or "")

    @property
    def is_implicated(self) -> bool:
        """A guardian whom nothing may reach: the alleged offender, who shields one, or who benefits."""
        return self.role == Role.GUARDIAN and self.standing == Standing.IMPLICATED and self.removed_at is None


@dataclass(frozen=True)
class IncidentView:
    """Something that happened to the child. `shared`: with how many other cases."""

    id: int
    incident_id: UUID
    report_id: UUID | None
    added_at: datetime
    words: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class OpenedCase:
    """Everything on one case. `rest`: every sealed field by its name, opened, for the rooms and parts that own them."""

    case: Case
    child: Mapping[str, Any] = field(repr=False)
    places: Mapping[str, Mapping[str, Any]] = field(repr=False)
    people: tuple[PersonView, ...] = field(repr=False)
    incidents: tuple[IncidentView, ...] = field(repr=False)
    reports: Mapping[str, Mapping[str, Any]] = field(repr=False)
    rest: Mapping[str, bytes] = field(repr=False)

    def words(self, name: str) -> dict[str, Any]:
        """The value of one sealed field; {} when it was never written."""
        from .services.access import decode

        return decode(self.rest[name]) if name in self.rest else {}


def person_view(row: Person, words: Mapping[str, Any]) -> PersonView:
    """Put a row and its words together."""
    return PersonView(
        row.pk, row.role, row.standing, row.also_child, row.added_at, row.removed_at, row.version, words
    )  # fmt: skip


def incident_view(row: CaseIncident, words: Mapping[str, Any]) -> IncidentView:
    """Put a row and its words together."""
    return IncidentView(row.pk, row.incident_id, row.report_id, row.added_at, words)
