"""A query that is made into SQL once and asked many times, each time at another moment.

Composing one with many parts costs Django more than answering it costs the database. Build it with MOMENT where it asks
for the time; sums such as `MOMENT - timedelta(hours=24)` keep their distance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.core.signals import setting_changed
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import IntegerField, QuerySet, Subquery

MOMENT = datetime(2400, 1, 1, tzinfo=UTC)
_NEAR = timedelta(days=3650)


Made = TypeVar("Made")
Given = ParamSpec("Given")


def once_each(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Compose once for each set of arguments and anew after a setting was changed: for what depends on nothing else."""
    kept: Any = lru_cache(maxsize=1024)(make)

    def forget(**_: Any) -> None:
        kept.cache_clear()

    @wraps(make)
    def made(*given: Given.args, **named: Given.kwargs) -> Made:
        found: Made = kept(*given, **named)
        return found

    setting_changed.connect(forget, weak=False)
    return made


class Number(Subquery):
    """How many rows a query has, as a value in another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field: Any = IntegerField()


class Prepared:
    """The SQL of a queryset, without its rows. Parameters within ten years of MOMENT stand for the time of asking."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self.sql, parameters = rows.query.sql_with_params()
        self._parameters = tuple(parameters)
        self._offsets = {at: offset for at, value in enumerate(parameters) if (offset := _offset(value)) is not None}

    def row(self, now: datetime) -> tuple[Any, ...] | None:
        """Ask, and return the first row as the database has it."""
        adapt = connection.ops.adapt_datetimefield_value
        parameters = list(self._parameters)
        for at, offset in self._offsets.items():
            parameters[at] = adapt(now + offset)
        with _cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found: tuple[Any, ...] | None = cursor.fetchone()
        if connection.vendor == "postgresql" and connection.queries_logged:
            connection.queries_log.append({"sql": self.sql, "time": "0"})  # Django cannot spell out this kind
        return found


def _cursor() -> CursorWrapper:
    """On PostgreSQL one that sends parameters apart, so that the server plans a query once for each connection."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql import base

    connection.ensure_connection()
    binding: Any = base.ServerBindingCursor
    return connection.make_cursor(binding(connection.connection))


def _offset(value: object) -> timedelta | None:
    """How far a parameter is from MOMENT: SQLite has moments as text in UTC, PostgreSQL as they are."""
    if isinstance(value, str) and value[:2] in {"23", "24"}:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    offset = (value if value.tzinfo else value.replace(tzinfo=UTC)) - MOMENT
    return offset if abs(offset) < _NEAR else None
