"""Rooms above that work with a report: asked before it is erased, taken back or handed on, and told of a conflict.

This room may not look into cases: a room that makes something of reports registers itself in its apps.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.vault.services import Keyring

NEEDED, HELD = "needed", "held"
"""Something was made of the report and still stands; and nothing of it may be erased now."""

Question = Callable[[UUID], str]
Follower = Callable[[Actor, Keyring, UUID, UUID, UUID], None]
_questions: dict[str, Question] = {}
_followers: dict[str, Follower] = {}


def register(room: str, question: Question, follower: Follower) -> None:
    """Have `question(report_id)` asked (NEEDED, HELD or ""), and `follower` called when a conflict moves a report.

    follower(actor, keyring, report_id, from_team, to_team) runs inside that transaction: what was made of the report
    goes the same way, with its keys. Registering a room again replaces both.
    """
    _questions[room], _followers[room] = question, follower


def standing(report_id: UUID) -> str:
    """What the rooms above say of a report, the strictest: HELD, NEEDED or ""."""
    said = {question(report_id) for _, question in sorted(_questions.items())}
    return HELD if HELD in said else NEEDED if NEEDED in said else ""


def follow(actor: Actor, keyring: Keyring, report_id: UUID, from_team: UUID, to_team: UUID) -> None:
    """Let what was made of a report go where a conflict of interest sends it."""
    for _, follower in sorted(_followers.items()):
        follower(actor, keyring, report_id, from_team, to_team)
