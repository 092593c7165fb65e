"""What a person still has in hand, asked of the rooms above before their access is taken away.

This room may not look into reports: a room that gives people work registers a question in its apps.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise


@dataclass(frozen=True)
class InHand:
    """One kind of work: a label in words (lazy) and how many."""

    label: str | Promise
    number: int


Question = Callable[[UUID], list[InHand]]
_questions: dict[str, Question] = {}


def register(room: str, question: Question) -> None:
    """Have `question(user_id)` asked. Registering a room again replaces its question."""
    _questions[room] = question


def in_hand(user_id: UUID) -> list[InHand]:
    """Everything that a person still has in hand, without what is zero."""
    found = [entry for _, question in sorted(_questions.items()) for entry in question(user_id)]
    return [entry for entry in found if entry.number]
