"""A prepared query answers for the time of asking, whatever was composed before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db.models import Count, Q, Value

from lindung.core.prepared import MOMENT, Prepared

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)


def ends(*hours: float) -> None:
    for hour in hours:
        Session.objects.create(session_key=uuid4().hex, session_data="", expire_date=NOON + timedelta(hours=hour))


def test_the_moment_and_what_is_reckoned_from_it_are_filled_in() -> None:
    ends(-30, -25, -1, 0, 1)
    late, dayold = Q(expire_date__lt=MOMENT), Q(expire_date__lte=MOMENT - timedelta(hours=24, microseconds=5))
    fixed = Q(expire_date__gt=NOON)
    parts = {name: Count("pk", filter=part) for name, part in (("late", late), ("dayold", dayold), ("fixed", fixed))}
    query = Prepared(Session.objects.annotate(one=Value(1)).values("one").annotate(**parts).values_list(*parts))
    assert query.row(NOON) == (3, 2, 1)
    assert query.row(NOON + timedelta(microseconds=1)) == (4, 2, 1)
    assert query.row(NOON - timedelta(days=3)) == (0, 0, 1)
    assert query.row(NOON + timedelta(days=3)) == (5, 5, 1)


def test_texts_that_look_like_years_stay_as_they_are() -> None:
    Session.objects.create(session_key="2400", session_data="24 ya", expire_date=NOON)
    query = Prepared(Session.objects.filter(session_key="2400", session_data="24 ya").values_list("session_key"))
    assert query.row(NOON) == ("2400",)


def test_no_row_is_nothing() -> None:
    assert Prepared(Session.objects.values_list("pk")).row(NOON) is None
