"""SQLite gets to know how rows are spread, once an hour and never inside somebody's transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from lindung.core import planner

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def known(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = %s", [table])
        return bool(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def _never_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_looked_at", None)


@pytest.mark.django_db(transaction=True)
def test_it_is_looked_once_an_hour() -> None:
    if connection.vendor != "sqlite":
        assert planner.refresh(NOON) == 0
        return
    Session.objects.create(session_key="a", session_data="", expire_date=NOON)
    assert not known("django_session")
    with transaction.atomic():
        assert planner.refresh(NOON) == 0
    turns = [planner.refresh(NOON + timedelta(minutes=minutes)) for minutes in (0, 1, 59, 61, 62)]
    assert turns == [1, 0, 0, 1, 0]
    assert known("django_session")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_stat1")
