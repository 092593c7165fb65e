"""A scan: from files of payments and accounts to a folder with alerts, hits, a summary and a page to read.

The folder appears whole or not at all: everything is written beside it and moved into place at the end.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import alerts as alerting
from lindung_redflags import counterfactual, coverage, page, rows, words
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.engines import duck
from lindung_redflags.errors import BadInput
from lindung_redflags.reading import open_tables
from lindung_redflags.reference import Hit

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
    reject: Path | None = None
    since: date | None = None
    until: date | None = None
    threshold: int = alerting.THRESHOLD
    memory: str = "4GB"


@dataclass
class Found:
    """What a scan found, before it is written."""

    episodes: list[alerting.Episode]
    accounts: dict[int, rows.Account]
    ids: dict[int, str] = field(default_factory=dict)
    """Alert id by the place of its episode in the list."""
    lines: list[dict[str, Any]] = field(default_factory=list)


def scan(asked: Asked, told: Told = lambda text, share: None) -> dict[str, Any]:
    """Scan and write the folder; return what summary.json says. Raises BadInput, BadCatalogue; nothing is left then."""
    if asked.out.exists():
        raise BadInput(f"{asked.out}: expected a folder that is not there yet; a scan never writes over another one")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with _beside(asked.out) as folder, duckdb.connect(str(folder / "work.duckdb")) as connection:
        connection.execute("SET memory_limit = ?", [asked.memory])
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{str(folder).replace(chr(39), chr(39) * 2)}/spill'")
        told("reading", 0.0)
        quality = open_tables(
            connection,
            asked.transactions,
            asked.accounts,
            relations=asked.relations,
            rates=asked.rates,
            reject=asked.reject,
        )
        if asked.until is not None:
            connection.execute("DELETE FROM tx WHERE t >= ?", [_second(asked.until) + 86400])
        covered = coverage.look(connection, asked.catalogue)
        running = [asked.catalogue.indicators[name] for name in covered.ran]
        passes = iter(range(1, 1000))
        found = duck.hits(
            connection,
            asked.catalogue,
            asked.catalogue.grids,
            running,
            told=lambda ids: told(ids, 0.2 + 0.5 * min(next(passes) / max(len(running), 1), 1)),
        )
        told("alerts", 0.7)
        made = _alerts(connection, asked, found, told)
        told("writing", 0.95)
        folder_out = folder / "out"
        folder_out.mkdir()
        _write(connection, folder_out, made, asked)
        summary = _summary(connection, asked, covered, made)
        (folder_out / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", "utf-8")
        quality.write(folder_out / "quality.json")
        (folder_out / "report.html").write_text(page.draw(summary, made.lines, asked.catalogue), "utf-8")
        connection.close()
        folder_out.rename(asked.out)
    told("done", 1.0)
    return summary


@contextmanager
def _beside(out: Path) -> Any:
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _inside(asked: Asked, second: int) -> bool:
    return (asked.since is None or second >= _second(asked.since)) and (
        asked.until is None or second < _second(asked.until) + 86400
    )


def _alerts(connection: duckdb.DuckDBPyConnection, asked: Asked, found: list[Hit], told: Told) -> Found:
    """Episodes, and for those that are alerts the reasons and what they hang on."""
    everybody = rows.accounts(connection)
    made = Found(alerting.episodes(found, asked.catalogue, asked.threshold), everybody)
    version = asked.catalogue.version
    chosen = [
        (place, one)
        for place, one in enumerate(made.episodes)
        if one.alerts and one.raised is not None and _inside(asked, one.raised)
    ]
    made.ids = {place: alerting.alert_id(everybody[one.a], one, version) for place, one in chosen}
    cases = alerting.case_ids([(made.ids[place], everybody[one.a], one) for place, one in chosen])
    last = connection.execute("SELECT coalesce(max(t), 0) FROM tx").fetchall()[0][0]
    first = dict(
        connection.execute(
            "SELECT a, min(t) FROM (SELECT p AS a, t FROM tx UNION ALL SELECT q, t FROM tx) GROUP BY a"
        ).fetchall()
    )
    devices = any(one.payments.speaks_of("shared_device") for one in asked.catalogue)
    touching = rows.payments_of(connection, sorted({one.a for _, one in chosen}), devices)
    for done, (place, one) in enumerate(chosen):
        told("reasons", 0.7 + 0.25 * done / len(chosen))
        account = everybody[one.a]
        hanging = _hangs_on(asked, everybody, touching[one.a], one, last)
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
                "counterfactual": json.dumps(hanging.as_dict()),
                "case_id": cases[made.ids[place]],
                "warming_up": one.first - first[one.a] < WARMING,
            }
        )
    return made


def _hangs_on(
    asked: Asked, everybody: dict[int, rows.Account], touching: list[rows.Payment], one: alerting.Episode, last: int
) -> counterfactual.Counterfactual:
    account = everybody[one.a]
    again = counterfactual.Rescan(
        account, everybody, touching, asked.catalogue, asked.catalogue.grids, asked.threshold, last
    )
    again.only(
        {hit.indicator for hit in one.hits}
        | {i.id for i in asked.catalogue if i.subject == alerting.VICTIM and i.computed}
    )
    hanging = counterfactual.find(again, one)
    if hanging is None:
        raise AssertionError(f"the reference does not confirm the alert of account number {one.a} ({one.subject})")
    return hanging


_ALERTS = {
    "alert_id": "VARCHAR",
    "account_id": "VARCHAR",
    "holder_id": "VARCHAR",
    "class": "VARCHAR",
    "score": "INTEGER",
    "raised_at": "BIGINT",
    "first_ts": "BIGINT",
    "last_ts": "BIGINT",
    "reasons_id": "VARCHAR",
    "reasons_en": "VARCHAR",
    "counterfactual": "VARCHAR",
    "case_id": "VARCHAR",
    "warming_up": "BOOLEAN",
}
_HITS = {
    "alert_id": "VARCHAR",
    "indicator": "VARCHAR",
    "at": "BIGINT",
    "observed": "VARCHAR",
    "threshold": "VARCHAR",
    "a": "INTEGER",
    "n": "BIGINT",
}


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, made: Found, asked: Asked) -> None:
    """alerts.parquet and hits.parquet, sorted, with moments in UTC."""
    _load(connection, folder, "alert_lines", _ALERTS, made.lines)
    moments = ", ".join(f"to_timestamp({name}) AS {name}" for name in ("raised_at", "first_ts", "last_ts"))
    connection.execute(f"""
        COPY (SELECT * REPLACE ({moments}) FROM alert_lines ORDER BY score DESC, alert_id)
        TO '{_quoted(folder / "alerts.parquet")}' (FORMAT parquet)
    """)
    _load(connection, folder, "hit_lines", _HITS, _hit_lines(made, asked))
    connection.execute(f"""
        COPY (
            SELECT h.alert_id, h.indicator, to_timestamp(h."at") AS "at", h.observed, h.threshold, e.tx_ids,
                c.account_id
            FROM hit_lines h JOIN acc c ON c.a = h.a
            LEFT JOIN evidence e ON e.a = h.a AND e.n = h.n AND e.indicator = h.indicator
            ORDER BY c.account_id, h."at", h.indicator, h.n
        ) TO '{_quoted(folder / "hits.parquet")}' (FORMAT parquet)
    """)


def _hit_lines(made: Found, asked: Asked) -> Iterable[dict[str, Any]]:
    for place, one in enumerate(made.episodes):
        for hit in one.hits:
            tests = asked.catalogue.indicators[hit.indicator].tests
            yield {
                "alert_id": made.ids.get(place),
                "indicator": hit.indicator,
                "at": hit.at,
                "a": hit.a,
                "n": hit.n,
                "observed": json.dumps([counterfactual.shown(value) for value in hit.observed]),
                "threshold": json.dumps([f"{test.feature} {test.op} {test.value}" for test in tests]),
            }


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _load(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    columns: Mapping[str, str],
    lines: Iterable[Mapping[str, Any]],
) -> None:
    """Many rows into a table: by way of a file, because one INSERT a row takes a millisecond."""
    path = folder / f"{table}.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps({name: line[name] for name in columns}, ensure_ascii=False) + "\n")
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT * FROM read_json('{_quoted(path)}', format = 'newline_delimited', columns = {{{types}}},
            maximum_object_size = 100000000)
    """)
    path.unlink()


def _summary(
    connection: duckdb.DuckDBPyConnection, asked: Asked, covered: coverage.Coverage, made: Found
) -> dict[str, Any]:
    counted, first, last = connection.execute("SELECT count(*), min(t), max(t) FROM tx").fetchall()[0]
    by_class = {
        name: sum(1 for line in made.lines if line["class"] == name) for name in ("payer", "payee", "possible_victim")
    }
    by_indicator: dict[str, dict[str, int]] = {name: {"hits": 0, "alerts": 0} for name in covered.ran}
    for place, one in enumerate(made.episodes):
        for name in {hit.indicator for hit in one.hits}:
            by_indicator[name]["hits"] += sum(1 for hit in one.hits if hit.indicator == name)
            by_indicator[name]["alerts"] += place in made.ids
    return {
        "catalogue": asked.catalogue.version,
        "threshold": asked.threshold,
        "engine": "duckdb",
        "transactions": counted,
        "accounts": sum(1 for one in made.accounts.values() if one.listed),
        "first": None if first is None else datetime.fromtimestamp(first, UTC).isoformat(),
        "last": None if last is None else datetime.fromtimestamp(last, UTC).isoformat(),
        "since": asked.since.isoformat() if asked.since else None,
        "until": asked.until.isoformat() if asked.until else None,
        "alerts": by_class,
        "held_back": sum(1 for one in made.episodes if one.held_back),
        "indicators": by_indicator,
        "coverage": covered.as_dict(),
    }
