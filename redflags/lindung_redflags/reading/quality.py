"""What was read and how complete it is: for whoever judges whether a scan can be trusted. No data of a payment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.reading.codes import WIB


@dataclass(frozen=True)
class Tally:
    """What was read of one kind of input. `filled`: by column, the rows used that have a value."""

    read: int
    used: int
    repeated: int
    filled: dict[str, int]
    absent: list[str]
    ignored: list[str]
    files: list[dict[str, Any]]
    restated: list[dict[str, Any]] = field(default_factory=list)
    """Of each update in which payments were stated again in other words, how many, and where the first stands."""

    def and_then(self, more: Tally) -> Tally:
        """Both together, as if they had been read at once; their columns are the same."""
        return Tally(
            self.read + more.read,
            self.used + more.used,
            self.repeated + more.repeated,
            {name: self.filled.get(name, 0) + more.filled.get(name, 0) for name in self.filled | more.filled},
            self.absent,
            self.ignored,
            self.files + more.files,
            self.restated + more.restated,
        )


@dataclass(frozen=True)
class Quality:
    """`quality.json`. Shares lie between 0 and 1, of all rows used; moments are ISO 8601 in UTC, days in UTC+7."""

    rows: int
    """Payments that are used."""
    accounts: int
    """Listed accounts."""
    rejected: dict[str, int]
    """Rows left out, by kind of input."""
    duplicates: dict[str, int]
    """Of them, rows whose id had stood before."""
    null_rates: dict[str, dict[str, float]]
    """By kind of input and column that is there, the share of rows without a value."""
    absent: dict[str, list[str]]
    """Optional columns that are not there."""
    ignored: dict[str, list[str]]
    """Columns that are there and that nobody reads."""
    unmatched_ids: int
    """Accounts that payments name and that are not listed."""
    unmatched_rows: int
    """Payments with at least one of them."""
    unmatched_relations: int
    """Relations with a holder whom no account has."""
    unknown_offsets: float | None
    """Share of the listed accounts of which nobody knows what time it is where they are."""
    first: str | None
    last: str | None
    days_without_payments: list[str]
    """Days between the first and the last with no payment at all."""
    files: list[dict[str, Any]] = field(default_factory=list)
    """Each file or table with its size in bytes and its SHA-256; both are null for a table."""
    restated: list[dict[str, Any]] = field(default_factory=list)
    """Of each update in which payments came again with another content: how many `payments`, and `file` and `row` (in
    CSV the line) of the first. Their last statement holds."""

    tallies: dict[str, Tally] = field(default_factory=dict, repr=False)
    """What the figures were made of; not written."""

    def write(self, path: Path) -> None:
        """Write it as JSON; the file is there whole or not at all."""
        unfinished = path.with_name(f".{path.name}.unfinished")
        said = {name: value for name, value in asdict(self).items() if name != "tallies"}
        unfinished.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")
        unfinished.replace(path)


def measure(connection: duckdb.DuckDBPyConnection, tallies: Mapping[str, Tally]) -> Quality:
    """The quality of what `tx`, `acc` and, if relations were read, `rel` hold. `tallies`: by kind of input."""

    def one(sql: str) -> tuple[int, ...]:
        row = connection.execute(sql).fetchall()[0]
        return tuple(row)

    first, last = one("SELECT min(t), max(t) FROM tx")
    with_payments = {row[0] for row in connection.execute(f"SELECT DISTINCT (t + {WIB}) // 86400 FROM tx").fetchall()}
    days = range(min(with_payments), max(with_payments)) if with_payments else range(0)
    listed, unknown = one("SELECT count(*), count(*) FILTER (offset_s IS NULL) FROM acc WHERE listed")
    lost = one("SELECT count(*) FROM rel WHERE ha IS NULL OR hb IS NULL")[0] if "relations" in tallies else 0
    return Quality(
        rows=one("SELECT count(*) FROM tx")[0],
        accounts=listed,
        rejected={name: tally.read - tally.used for name, tally in tallies.items()},
        duplicates={name: tally.repeated for name, tally in tallies.items()},
        null_rates={
            name: {
                column: round(1 - filled / tally.used, 6)
                for column, filled in tally.filled.items()
                if tally.used and column not in tally.absent
            }
            for name, tally in tallies.items()
        },
        absent={name: tally.absent for name, tally in tallies.items()},
        ignored={name: tally.ignored for name, tally in tallies.items()},
        unmatched_ids=one("SELECT count(*) FROM acc WHERE NOT listed")[0],
        unmatched_rows=one(
            "SELECT count(*) FROM tx JOIN acc x ON x.a = p JOIN acc y ON y.a = q WHERE NOT (x.listed AND y.listed)"
        )[0],
        unmatched_relations=lost,
        unknown_offsets=round(unknown / listed, 6) if listed else None,
        first=_moment(first),
        last=_moment(last),
        days_without_payments=[
            (date(1970, 1, 1) + timedelta(days=day)).isoformat() for day in days if day not in with_payments
        ],
        files=[{"kind": name, **file} for name, tally in tallies.items() for file in tally.files],
        restated=[entry for tally in tallies.values() for entry in tally.restated],
        tallies=dict(tallies),
    )


def _moment(t: int | None) -> str | None:
    return None if t is None else datetime.fromtimestamp(t, UTC).isoformat().replace("+00:00", "Z")
