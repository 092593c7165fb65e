"""Rooms above that still need a report: asked before it is erased, withdrawn or handed to another team.

This room may not look into cases: a room that makes something of reports registers a question in its apps.ready().
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

Question = Callable[[UUID], bool]
_questions: dict[str, Question] = {}


def register(room: str, question: Question) -> None:
    """Have `question(report_id)` asked. Registering a room again replaces its question."""
    _questions[room] = question


def needed(report_id: UUID) -> bool:
    """Tell whether a room above works with this report."""
    return any(question(report_id) for _, question in sorted(_questions.items()))
