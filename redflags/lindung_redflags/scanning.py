"""A scan: from files of payments and accounts to a folder with alerts, hits, a summary and a page to read.

The folder appears whole or not at all: everything is written beside it and moved into place at the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import alerts as alerting
from lindung_redflags import coverage, deciding, folders, hanging, results, rows, words
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.engines import engine, found
from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.errors import BadInput
from lindung_redflags.reading import open_tables
from lindung_redflags.results import Found
from lindung_redflags.updating import state

WARMING = 90 * 86400

Told = Callable[[str, float], None]
"""Called with what is being done and the share of the scan that is behind it."""


@dataclass(frozen=True)
class Asked:
    """What somebody asked for. `since`, `until`: days in UTC, both included; alerts raised outside are not written."""

    transactions: list[str]
    accounts: str
    out: Path
    catalogue: Catalogue
    relations: str | None = None
    rates: str | None = None
    decided: str | None = None
    """A file of decisions about suspects that were held back."""
    reject: Path | None = None
    since: date | None = None
    until: date | None = None
    threshold: int = alerting.THRESHOLD
    memory: str = "4GB"
    engine: str = "duckdb"
    state: bool = True
    """Whether the payments are kept in the folder, so that `update` can add to it."""

    def as_dict(self) -> dict[str, Any]:
        """What decides a result, besides the data."""
        return {
            "catalogue": self.catalogue.version,
            "threshold": self.threshold,
            "engine": self.engine,
            "since": self.since,
            "until": self.until,
        }


def scan(asked: Asked, told: Told = lambda text, share: None) -> dict[str, Any]:
    """Scan and write the folder; return what summary.json says. Raises BadInput, BadCatalogue; nothing is left then."""
    if asked.out.exists():
        raise BadInput(f"{asked.out}: expected a folder that is not there yet; a scan never writes over another one")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with workplace(asked.out, asked.memory) as (folder, connection):
        find = engine(asked.engine, folder, asked.memory)
        told("reading", 0.0)
        quality = open_tables(
            connection,
            asked.transactions,
            asked.accounts,
            relations=asked.relations,
            rates=asked.rates,
            reject=asked.reject,
        )
        decisions = deciding.read(connection, asked.decided)
        if asked.until is not None:
            connection.execute("DELETE FROM tx WHERE t >= ?", [_second(asked.until) + 86400])
        covered = coverage.look(connection, asked.catalogue)
        running = [asked.catalogue.indicators[name] for name in covered.ran]
        passes = iter(range(1, 1000))
        find(
            connection,
            asked.catalogue,
            asked.catalogue.grids,
            running,
            told=lambda ids: told(ids, 0.2 + 0.5 * min(next(passes) / max(len(running), 1), 1)),
        )
        told("alerts", 0.7)
        made = explained(connection, asked, deciding.spans(connection), told)
        told("writing", 0.95)
        results.keep(connection, folder, made, asked.catalogue)
        results.name_cases(made.lines)
        figures = results.whole(connection)
        summary = results.summarise(
            connection,
            figures,
            covered,
            made.lines,
            made.held,
            asked.as_dict(),
            deciding.figures(connection, decisions),
        )
        folder_out = folder / "out"
        folder_out.mkdir()
        results.write(connection, folder_out, made.lines, made.held, summary, quality, asked.catalogue)
        if asked.state and asked.until is None:
            state.first(connection, folder_out, asked.as_dict(), covered.ran, quality, decisions)
        connection.close()
        folder_out.rename(asked.out)
    told("done", 1.0)
    return summary


@contextmanager
def workplace(out: Path, memory: str) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """A folder beside `out` that goes away again, and a connection that spills into it what memory does not hold."""
    with folders.beside(out) as folder, duckdb.connect() as connection:
        connection.execute("SET memory_limit = ?", [memory])
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = {text(folder / 'spill')}")
        yield folder, connection


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _inside(asked: Asked, second: int) -> bool:
    return (asked.since is None or second >= _second(asked.since)) and (
        asked.until is None or second < _second(asked.until) + 86400
    )


def explained(connection: duckdb.DuckDBPyConnection, asked: Asked, decided: alerting.Decided, told: Told) -> Found:
    """Episodes that reach the threshold, for those that are alerts the reasons and what they hang on, and a list of
    those that are held back. `decided`: what people decided about these.

    Needs the table `hit` of an engine; leaves `episode` with all episodes.
    """
    reaching = found.episodes(connection, asked.catalogue, asked.threshold)
    episodes = [
        one for one in alerting.episodes(reaching, asked.catalogue, asked.threshold, decided) if one.raised is not None
    ]
    chosen = [
        (place, one)
        for place, one in enumerate(episodes)
        if one.alerts and one.raised is not None and _inside(asked, one.raised)
    ]
    made = Found(episodes, rows.accounts(connection, (one.a for one in episodes)))
    version = asked.catalogue.version
    made.ids = {place: alerting.alert_id(made.accounts[one.a], one, version) for place, one in chosen}
    hangs_on = hanging.all_of(
        connection,
        asked.catalogue,
        asked.threshold,
        [one for _, one in chosen],
        lambda share: told("reasons", 0.7 + 0.25 * share),
        decided=decided,
    )
    made.held = [
        {
            "account_id": made.accounts[one.a].account_id,
            "class": one.subject,
            "score": one.score,
            "first_ts": one.first,
            "last_ts": one.last,
            "possible_victim_signs": one.signs,
            "indicators": sorted({hit.indicator for hit in one.hits}),
            "decided_before": any(
                begin <= one.last and one.first <= end for begin, end in decided.get((one.a, one.subject), ())
            ),
        }
        for one in episodes
        if one.held_back and one.raised is not None and _inside(asked, one.raised)
    ]
    for (place, one), (begun, told_by) in zip(chosen, hangs_on, strict=True):
        account = made.accounts[one.a]
        made.lines.append(
            {
                "alert_id": made.ids[place],
                "account_id": account.account_id,
                "holder_id": account.holder_id,
                "class": one.subject,
                "score": one.score,
                "raised_at": one.raised,
                "first_ts": one.first,
                "last_ts": one.last,
                "reasons_id": words.reasons(one, asked.catalogue, "id"),
                "reasons_en": words.reasons(one, asked.catalogue, "en"),
                "counterfactual": json.dumps(told_by.as_dict()),
                "case_id": "",
                "warming_up": one.first - begun < WARMING,
            }
        )
    return made
