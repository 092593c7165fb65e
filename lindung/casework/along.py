"""Sealed records of rooms above that change hands with a case: offered, taken over and taken back together with it.

Each function runs inside the transaction of the step. A room registers its own in apps.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from lindung.vault.services import Keyring

from .models import Case


@dataclass(frozen=True)
class Along:
    """`offer(case, keyring, to_team)`, `take_over(case, keyring, from_team)`, `take_back(case)`.

    `leave(case, keyring, from_team, to_team)`: a conflict of interest takes the case away from a team at once, with a
    keyring of that team.
    """

    offer: Callable[[Case, Keyring, UUID], None]
    take_over: Callable[[Case, Keyring, UUID], None]
    take_back: Callable[[Case], None]
    leave: Callable[[Case, Keyring, UUID, UUID], None]


_rooms: dict[str, Along] = {}


def register(room: str, along: Along) -> None:
    """Have a room's records go along. Registering a room again replaces it."""
    _rooms[room] = along


def offered(case: Case, keyring: Keyring, to_team_id: UUID) -> None:
    """The case was offered to another team."""
    for _room, along in sorted(_rooms.items()):
        along.offer(case, keyring, to_team_id)


def taken_over(case: Case, keyring: Keyring, from_team_id: UUID) -> None:
    """The other team said yes; `keyring` is of somebody there."""
    for _room, along in sorted(_rooms.items()):
        along.take_over(case, keyring, from_team_id)


def taken_back(case: Case) -> None:
    """Nothing came of the offer."""
    for _room, along in sorted(_rooms.items()):
        along.take_back(case)


def left(case: Case, keyring: Keyring, from_team_id: UUID, to_team_id: UUID) -> None:
    """The case names somebody of the team that had it: its records go where it goes."""
    for _room, along in sorted(_rooms.items()):
        along.leave(case, keyring, from_team_id, to_team_id)
