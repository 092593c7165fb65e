"""People and reports of the register's tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from lindung.accounts.models import Membership
from lindung.breaches import services
from lindung.breaches.models import Breach
from lindung.core import clock
from lindung.reporting.tests.conftest import MONDAY, Sent, analyst, second, send, supervisor
from lindung.reporting.tests.staff import Desk

__all__ = ["analyst", "second", "send", "supervisor"]

WORDS = "Laptop hilang di bus; layar terkunci, kunci tim sudah diganti."


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def enter(cast: Any) -> Callable[..., Breach]:
    """Return `enter(desk=supervisor, ...)`: an incident discovered now, entered for the intake team."""

    def make(user: Any = None, team: Any = None, discovered: datetime | None = None, words: str = WORDS) -> Breach:
        return services.open_breach(
            cast.actor(user or cast.supervisor), (team or cast.intake).pk, discovered or clock.now(),
            ["story", "names"], ["laptop"], "to_10", words,
        )  # fmt: skip

    return make


@pytest.fixture
def other_supervisor(cast: Any) -> Desk:
    Membership.objects.create(user=cast.other_analyst, team=cast.other_intake, role="supervisor")
    return Desk(cast, cast.other_analyst)


__all__ += ["MONDAY", "Sent"]
