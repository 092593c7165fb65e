"""What the tests of this room share: who sends, who receives, and a body with a team on the platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lindung.core import clock
from lindung.referrals.tests.people import MONDAY, Worker, provider


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def sender(cast: Any) -> Worker:
    return Worker(cast, cast.case_worker)


@pytest.fixture
def receiver(cast: Any) -> Worker:
    return Worker(cast, cast.partner)


@pytest.fixture
def body(cast: Any) -> Any:
    """Provides psychological support in Jakarta, and works on the platform."""
    return provider(cast.partner_team)
