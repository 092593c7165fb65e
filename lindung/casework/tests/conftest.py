"""What holds after every test of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db.models import Exists, OuterRef

from lindung.casework.models import Case, CaseWorker, State


@pytest.fixture(autouse=True)
def _free_is_true(request: pytest.FixtureRequest) -> Iterator[None]:
    """No service leaves a case that nobody works on out of the list of those, or one with a worker in it."""
    uses_rows = bool({"cast", "db"} & set(request.fixturenames))
    if uses_rows:
        request.getfixturevalue("db")
    yield
    if uses_rows:
        held = Exists(CaseWorker.objects.filter(case=OuterRef("pk"), until=None))
        assert not Case.objects.filter(~held, free=False).exclude(state=State.CLOSED).exists()
        assert not Case.objects.filter(held, free=True).exists()
