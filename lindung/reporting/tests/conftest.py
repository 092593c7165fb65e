"""What the tests of this room share: sending a report, opening its mailbox, and working with actors."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from lindung.accounts.models import User
from lindung.reporting import services
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox
from lindung.vault import receipts

from .staff import Desk

MONDAY = datetime(2026, 11, 23, 3, 0, 30, tzinfo=UTC)
"""Monday 23 November 2026, 10:00:30 in Jakarta, a working day."""


@dataclass
class Sent:
    """A report together with what its reporter keeps."""

    report: Report
    code: str
    walk_id: bytes

    def visit(self) -> mailbox.Visit:
        return mailbox.enter(self.code, "203.0.113.9")

    def again(self) -> Report:
        self.report = Report.objects.get(pk=self.report.pk)
        return self.report


@pytest.fixture
def send(cast: Any) -> Callable[..., Sent]:
    """Return `send(**answers)`: a real receipt, a walk of its own, everything sealed."""

    def _send(**answers: Any) -> Sent:
        code, walk = receipts.generate(), secrets.token_bytes(32)
        report = services.receive(answers=answers, code=code, walk_id=walk, language="id", source="203.0.113.9")
        return Sent(report, code, walk)

    return _send


@pytest.fixture
def acting(cast: Any) -> Callable[[User], Any]:
    """Return the actor of a person of the cast."""
    return cast.actor


@pytest.fixture
def analyst(cast: Any) -> Desk:
    return Desk(cast, cast.analyst)


@pytest.fixture
def second(cast: Any) -> Desk:
    return Desk(cast, cast.second_analyst)


@pytest.fixture
def supervisor(cast: Any) -> Desk:
    return Desk(cast, cast.supervisor)
