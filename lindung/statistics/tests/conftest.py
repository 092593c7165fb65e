"""Real reports, cases and referrals of a few months, and whose numbers they are."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from conftest import Cast
from lindung.core import clock
from lindung.reporting import services as reporting
from lindung.reporting.models import Report
from lindung.statistics import selectors
from lindung.statistics.counts import Scope
from lindung.vault import receipts

NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
JANUARY = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _then():
    with clock.frozen(NOW), translation.override("id"):
        yield


@pytest.fixture
def send(cast: Cast) -> Callable[..., Report]:
    """Return `send(at=JANUARY, **answers)`: a real report, received then."""

    def make(at: datetime = JANUARY, **answers: Any) -> Report:
        with clock.frozen(at):
            return reporting.receive(
                answers={"path": "child", "words": "cerita", **answers}, code=receipts.generate(),
                walk_id=secrets.token_bytes(32), language="id", source="x",
            )  # fmt: skip

    return make


@pytest.fixture
def team(cast: Cast) -> Scope:
    """The numbers of the intake team, as its supervisor sees them."""
    return selectors.scope_for(cast.actor(cast.supervisor))


@pytest.fixture
def body(cast: Cast) -> Scope:
    """The numbers of the whole organisation, as its data analyst sees them."""
    return selectors.scope_for(cast.actor(cast.data_analyst))
