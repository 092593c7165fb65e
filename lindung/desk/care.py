"""How long somebody has worked without a break, and how much of it was heavy: plain values, no database, no names.

`Streak` is what a session knows, from page to page; `Day` what is kept of a day. Times are whole minutes since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from lindung.desk import rules

_REMEMBERED = 100
"""Reports of a day that are told apart; after so many, one that is opened again counts again."""


@dataclass(frozen=True)
class Day:
    """Counts of one day: reports opened, how many of them heavy (high risk or self-harm), breaks taken."""

    date: date
    opened: int = 0
    heavy: int = 0
    rests: int = 0
    row: UUID | None = None

    def counts(self) -> dict[str, int]:
        """What is sealed."""
        return {"opened": self.opened, "heavy": self.heavy, "rests": self.rests}

    def plus(self, counts: Mapping[str, Any]) -> Day:
        """Add the counts of another session of that day."""
        return replace(
            self,
            opened=self.opened + int(counts.get("opened", 0)),
            heavy=self.heavy + int(counts.get("heavy", 0)),
            rests=self.rests + int(counts.get("rests", 0)),
        )

    def kept_in(self, row: UUID) -> Day:
        return replace(self, row=row)


@dataclass(frozen=True)
class Streak:
    """Since when somebody has worked without a break. `unkept`: the day holds counts that no row has yet."""

    day: Day
    since: int
    last: int
    heavy: int = 0
    later: int = 0
    seen: tuple[str, ...] = ()
    unkept: bool = False

    def minutes(self, minute: int) -> int:
        """Minutes of work since the last break."""
        return max(0, minute - self.since)

    def touched(self, minute: int, today: date) -> Streak:
        """Somebody is at work in this minute. A gap was a break, and a new day begins anew."""
        if self.day.date != today:
            return begin(minute, today)
        if minute - self.last >= rules.PAUSE_MINUTES:
            return replace(self, since=minute, last=minute, heavy=0, later=0)
        return self if minute == self.last else replace(self, last=minute)

    def opened(self, reference: str, heavy: bool) -> Streak:
        """A report was opened; the same one again on the same day changes nothing."""
        if reference in self.seen:
            return self
        day = replace(self.day, opened=self.day.opened + 1, heavy=self.day.heavy + heavy)
        seen = (*self.seen, reference)[-_REMEMBERED:]
        return replace(self, day=day, heavy=self.heavy + heavy, seen=seen, unkept=True)

    def rested(self, minute: int) -> Streak:
        """Somebody takes a break now."""
        day = replace(self.day, rests=self.day.rests + 1)
        return replace(self, day=day, since=minute, last=minute, heavy=0, later=0, unkept=True)

    def put_off(self, until: int) -> Streak:
        """Do not remind before this minute."""
        return replace(self, later=until)

    def kept(self, day: Day) -> Streak:
        return replace(self, day=day, unkept=False)

    def due(self, minute: int, most_heavy: int, most_minutes: int) -> bool:
        """Whether a break is due; see `rules.break_is_due`."""
        return rules.break_is_due(
            minutes=self.minutes(minute),
            heavy=self.heavy,
            put_off_until=self.later,
            minute=minute,
            most_heavy=most_heavy,
            most_minutes=most_minutes,
        )

    def to_dict(self) -> dict[str, Any]:
        """For the session, which seals it."""
        return {
            "date": self.day.date.isoformat(), "row": self.day.row.hex if self.day.row else "", **self.day.counts(),
            "since": self.since, "last": self.last, "streak": self.heavy, "later": self.later, "seen": list(self.seen),
            "unkept": self.unkept,
        }  # fmt: skip


def begin(minute: int, today: date) -> Streak:
    """The first page of a day or of a session."""
    return Streak(Day(today), minute, minute)


def from_dict(data: Mapping[str, Any]) -> Streak:
    """Read what `to_dict` wrote. Raises KeyError or ValueError for anything else."""
    row = UUID(hex=data["row"]) if data["row"] else None
    day = Day(date.fromisoformat(data["date"]), int(data["opened"]), int(data["heavy"]), int(data["rests"]), row)
    return Streak(
        day, int(data["since"]), int(data["last"]), int(data["streak"]), int(data["later"]),
        tuple(str(one) for one in data["seen"]), bool(data["unkept"]),
    )  # fmt: skip
