"""What a scan wrote, read again: hits below the threshold too, so that episodes and scores are put together anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.alerts import Decided, Episode, episodes
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating.ranking import Entry, entries
from lindung_redflags.reference import Hit

_COLUMNS = {"hits.parquet": {"account_id", "indicator", "at"}, "alerts.parquet": {"account_id", "class", "raised_at"}}
_SPAN = {"first_ts", "last_ts"}


@dataclass(frozen=True)
class Scanned:
    """The hits of a scan with the ids of the accounts by number, and what summary.json says."""

    hits: list[Hit]
    names: dict[int, str]
    summary: dict[str, Any]
    decided: Decided = field(default_factory=dict)
    """Where people decided that what is held back is raised."""

    @property
    def threshold(self) -> int:
        return int(self.summary["threshold"])

    def inside(self) -> Callable[[int], bool]:
        """Whether an alert raised at a second is one of the days that were asked for."""
        since, until = (self.summary.get(name) for name in ("since", "until"))
        first = None if since is None else _second(date.fromisoformat(since))
        end = None if until is None else _second(date.fromisoformat(until) + timedelta(days=1))
        return lambda second: (first is None or second >= first) and (end is None or second < end)

    def episodes(self, catalogue: Catalogue) -> list[Episode]:
        return episodes(self.hits, catalogue, self.threshold, self.decided)

    def ranking(self, catalogue: Catalogue) -> list[Entry]:
        return entries(self.episodes(catalogue), self.names, self.inside())


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def read(connection: duckdb.DuckDBPyConnection, folder: Path, catalogue: Catalogue) -> Scanned:
    """Read the folder of a scan that was made with this catalogue. Raises BadInput."""
    expected = "expected a folder that `redflags scan` wrote"
    for name in ("summary.json", *_COLUMNS):
        if not (folder / name).is_file():
            raise BadInput(f"{folder}: {expected}; {name} is not in it")
    try:
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
        version, transactions = summary["catalogue"], summary["transactions"]
        int(summary["threshold"]), int(summary["accounts"]), int(transactions)
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            f"{folder / 'summary.json'}: expected JSON with catalogue, threshold, transactions, accounts"
        ) from None
    if version != catalogue.version:
        raise BadInput(
            f"{folder}: scanned with catalogue {version}, and this one is {catalogue.version}; expected the same, give "
            "--catalogue and --params as for the scan, or scan again"
        )
    for name, columns in _COLUMNS.items():
        _has(connection, folder / name, columns)
    rows = connection.execute(
        'SELECT account_id, indicator, epoch_us("at") // 1000000 FROM read_parquet(?) ORDER BY ALL',
        [str(folder / "hits.parquet")],
    ).fetchall()
    numbers = {name: number for number, name in enumerate(dict.fromkeys(row[0] for row in rows))}
    hits = [Hit(numbers[row[0]], row[1], row[2], number) for number, row in enumerate(rows)]
    unknown = sorted({hit.indicator for hit in hits} - set(catalogue.indicators))
    if unknown:
        raise BadInput(f"{folder / 'hits.parquet'}, column indicator: expected ids of the catalogue, not {unknown[0]}")
    made = Scanned(hits, {number: name for name, number in numbers.items()}, summary)
    if summary.get("decisions", {}).get("released"):
        _has(connection, folder / "alerts.parquet", _SPAN)
        made = replace(made, decided=_decided(connection, folder, numbers))
    _belongs(connection, folder, made, catalogue)
    return made


def _decided(
    connection: duckdb.DuckDBPyConnection, folder: Path, numbers: dict[str, int]
) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """The times of all alerts: where one was written although it would be held back, a person had decided so."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for account, subject, first, last in connection.execute(
        'SELECT account_id, "class", epoch_us(first_ts) // 1000000, epoch_us(last_ts) // 1000000 FROM read_parquet(?)',
        [str(folder / "alerts.parquet")],
    ).fetchall():
        if account in numbers:
            found.setdefault((numbers[account], subject), []).append((first, last))
    return found


def _has(connection: duckdb.DuckDBPyConnection, path: Path, columns: set[str]) -> None:
    try:
        there = {row[0] for row in connection.execute("DESCRIBE FROM read_parquet(?)", [str(path)]).fetchall()}
    except duckdb.Error:
        raise BadInput(f"{path}: expected a whole Parquet file") from None
    for name in sorted(columns - there):
        raise BadInput(f"{path}, column {name}: expected this column")


def _belongs(connection: duckdb.DuckDBPyConnection, folder: Path, made: Scanned, catalogue: Catalogue) -> None:
    """The alerts that the hits give must be those that were written."""
    inside = made.inside()
    again = sorted(
        (made.names[one.a], one.subject, one.raised)
        for one in made.episodes(catalogue)
        if one.alerts and one.raised is not None and inside(one.raised)
    )
    written = connection.execute(
        'SELECT account_id, "class", epoch_us(raised_at) // 1000000 FROM read_parquet(?) ORDER BY ALL',
        [str(folder / "alerts.parquet")],
    ).fetchall()
    if again != sorted(written):
        raise BadInput(
            f"{folder}: expected alerts.parquet and hits.parquet of one scan; the hits give {len(again)} alerts, and "
            f"{len(written)} are written"
        )
