"""Reads the twelve scenarios and puts them on the calendar of today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import Any
from zoneinfo import ZoneInfo

from lindung.cli.demo.play import Story, span
from lindung.core.knowledge import KnowledgeError, load_yaml

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def scenarios() -> list[dict[str, Any]]:
    """Return the scenarios of scenarios.yaml; each has a number, a title in both languages and reports."""
    found: list[dict[str, Any]] = load_yaml("lindung.cli.demo", "scenarios.yaml")["scenarios"]
    for entry in found:
        if not {"number", "id", "en", "reports"} <= entry.keys():
            raise KnowledgeError(f"scenarios.yaml: {entry.get('number')}: expected number, id, en and reports")
    return found


def load(now: datetime) -> Iterator[Story]:
    """Yield one story a report, dated back from `now`."""
    for scenario in scenarios():
        for report in scenario["reports"]:
            first = _moment(report, now)
            every = span(report.get("every", "1d"))
            for turn in range(report.get("repeat", 1)):
                yield Story(
                    at=first + turn * every,
                    answers=dict(report["answers"]),
                    steps=list(report["steps"]),
                    title=f"{scenario['number']}. {scenario['id']}",
                    show=bool(report.get("show")),
                    key=f"{scenario['number']}{report.get('key', '')}",
                )


def _moment(report: dict[str, Any], now: datetime) -> datetime:
    zone = ZoneInfo(report["zone"])
    day = now.astimezone(zone).date() - timedelta(days=report["days_ago"])
    if "weekday" in report:
        day -= timedelta(days=(day.weekday() - _WEEKDAYS.index(report["weekday"])) % 7)
    hours, minutes = report["time"].split(":")
    return datetime.combine(day, wall_time(int(hours), int(minutes)), zone).astimezone(UTC)
