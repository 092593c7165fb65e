"""What a scan leaves behind: alerts.parquet, hits.parquet, summary.json, quality.json and report.html in a new folder.

Hits and episodes stand in the tables `hit_rows` and `episode_rows` of the connection before they are written, so that
those of an earlier scan can be put beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import alerts as alerting
from lindung_redflags import coverage, page, rows
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.engines.found import kinds
from lindung_redflags.reading.quality import Quality


@dataclass
class Found:
    """What a scan found, before it is written."""

    episodes: list[alerting.Episode]
    accounts: dict[int, rows.Account]
    ids: dict[int, str] = field(default_factory=dict)
    """Alert id by the place of its episode in the list."""
    lines: list[dict[str, Any]] = field(default_factory=list)
    """The alerts."""
    held: list[dict[str, Any]] = field(default_factory=list)
    """Suspects' episodes that are no alerts until a person has decided."""


@dataclass(frozen=True)
class Whole:
    """Figures about everything that was scanned. Moments in UTC seconds."""

    transactions: int
    accounts: int
    first: int | None
    last: int | None


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
_HELD = {
    "account_id": "VARCHAR",
    "class": "VARCHAR",
    "score": "INTEGER",
    "first_ts": "BIGINT",
    "last_ts": "BIGINT",
    "possible_victim_signs": "VARCHAR[]",
    "indicators": "VARCHAR[]",
    "decided_before": "BOOLEAN",
}
_EPISODES = {
    "a": "INTEGER",
    "alert_id": "VARCHAR",
    "account_id": "VARCHAR",
    "class": "VARCHAR",
    "first_ts": "BIGINT",
    "last_ts": "BIGINT",
    "score": "INTEGER",
    "raised_at": "BIGINT",
    "held_back": "BOOLEAN",
    "released": "BOOLEAN",
}


_OBSERVED = """
    '[' || coalesce(array_to_string(list_transform(list_zip(h."over", h.under), lambda z: CASE
        WHEN z[1] IS NULL OR coalesce(z[2], 0) = 0 THEN '"0"'
        WHEN z[1] % z[2] = 0 THEN '"' || (z[1] // z[2]) || '"'
        ELSE '"' || (z[1] // gcd(z[1], z[2])) || '/' || (z[2] // gcd(z[1], z[2])) || '"' END), ', '), '') || ']'
"""
"""The values of a hit as counterfactual.shown writes them, in a list of JSON."""


def whole(connection: duckdb.DuckDBPyConnection) -> Whole:
    """The figures of the tables `tx` and `acc`."""
    counted, first, last = connection.execute("SELECT count(*), min(t), max(t) FROM tx").fetchall()[0]
    listed = connection.execute("SELECT count(*) FROM acc WHERE listed").fetchall()[0][0]
    return Whole(counted, listed, first, last)


def keep(connection: duckdb.DuckDBPyConnection, folder: Path, made: Found, catalogue: Catalogue) -> None:
    """Make the tables `hit_rows` and `episode_rows`. `made`: the episodes that reach the threshold; the others stand
    in `episode`. Needs `acc` and `tx`, and `hit`, `evidence`, `episode` of the engine.
    """
    load(connection, folder, "episode_lines", _EPISODES, _episode_lines(made))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE episode_rows AS
        SELECT * EXCLUDE (a) FROM episode_lines UNION ALL
        SELECT NULL, c.account_id, e.class, e.first_ts, e.last_ts, e.score, NULL, false, false
        FROM episode e JOIN acc c USING (a) WHERE NOT e.reached
    """)
    kinds(connection, catalogue)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE hit_rows AS
        SELECT l.alert_id, h.indicator, h."at", {_OBSERVED} AS observed, k.threshold, e.tx_ids, c.account_id, x.tx_id
        FROM hit h JOIN hit_kind k USING (indicator) JOIN acc c ON c.a = h.a JOIN tx x ON x.n = h.n
        LEFT JOIN episode_lines l ON l.a = h.a AND l.class = k.class AND h."at" BETWEEN l.first_ts AND l.last_ts
        LEFT JOIN evidence e ON e.a = h.a AND e.n = h.n AND e.indicator = h.indicator
    """)
    connection.execute("DROP TABLE episode_lines")


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    lines: list[dict[str, Any]],
    held: list[dict[str, Any]],
    summary: Mapping[str, Any],
    quality: Quality,
    catalogue: Catalogue,
) -> None:
    """Write the files into the folder, sorted, with moments in UTC. `lines`: the alerts; `held`: what is held back."""
    load(connection, folder, "alert_lines", _ALERTS, lines)
    moments = ", ".join(f"to_timestamp({name}) AS {name}" for name in ("raised_at", "first_ts", "last_ts"))
    connection.execute(f"""
        COPY (SELECT * REPLACE ({moments}) FROM alert_lines ORDER BY score DESC, alert_id)
        TO {text(folder / "alerts.parquet")} (FORMAT parquet)
    """)
    connection.execute(f"""
        COPY (
            SELECT * REPLACE (to_timestamp("at") AS "at") FROM hit_rows ORDER BY account_id, "at", indicator, tx_id
        ) TO {text(folder / "hits.parquet")} (FORMAT parquet)
    """)
    load(connection, folder, "held_lines", _HELD, held)
    moments = ", ".join(f"to_timestamp({name}) AS {name}" for name in ("first_ts", "last_ts"))
    connection.execute(f"""
        COPY (SELECT * REPLACE ({moments}) FROM held_lines ORDER BY account_id, "class", first_ts)
        TO {text(folder / "held.parquet")} (FORMAT parquet)
    """)
    (folder / "held.parquet").chmod(0o600)
    (folder / "summary.json").write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", "utf-8")
    quality.write(folder / "quality.json")
    (folder / "report.html").write_text(page.draw(summary, lines, catalogue), "utf-8")


def name_cases(lines: list[dict[str, Any]]) -> None:
    """Fill in `case_id` of all alerts of a scan."""
    cases = alerting.case_ids(
        [(line["alert_id"], line["holder_id"], line["class"], line["first_ts"], line["last_ts"]) for line in lines]
    )
    for line in lines:
        line["case_id"] = cases[line["alert_id"]]


def _episode_lines(made: Found) -> Iterable[dict[str, Any]]:
    for place, one in enumerate(made.episodes):
        yield {
            "alert_id": made.ids.get(place),
            "a": one.a,
            "account_id": made.accounts[one.a].account_id,
            "class": one.subject,
            "first_ts": one.first,
            "last_ts": one.last,
            "score": one.score,
            "raised_at": one.raised,
            "held_back": one.held_back,
            "released": one.released,
        }


def load(
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
        SELECT * FROM read_json({text(path)}, format = 'newline_delimited', columns = {{{types}}},
            maximum_object_size = 100000000)
    """)
    path.unlink()


def summarise(
    connection: duckdb.DuckDBPyConnection,
    figures: Whole,
    covered: coverage.Coverage,
    lines: list[dict[str, Any]],
    held: list[dict[str, Any]],
    asked: Mapping[str, Any],
    decisions: Mapping[str, Any],
) -> dict[str, Any]:
    """What summary.json says. `asked`: catalogue, threshold, engine, since, until; `decisions`: figures about them.

    Needs hit_rows.
    """
    by_class = {
        name: sum(1 for line in lines if line["class"] == name) for name in ("payer", "payee", "possible_victim")
    }
    by_indicator: dict[str, dict[str, int]] = {name: {"hits": 0, "alerts": 0} for name in covered.ran}
    for name, hits, alerts in connection.execute(
        "SELECT indicator, count(*), count(DISTINCT alert_id) FROM hit_rows GROUP BY indicator"
    ).fetchall():
        by_indicator[name] = {"hits": hits, "alerts": alerts}
    first_days: dict[str, Any] = {name: asked[name] for name in ("catalogue", "threshold", "engine")}
    return first_days | {
        "transactions": figures.transactions,
        "accounts": figures.accounts,
        "first": _moment(figures.first),
        "last": _moment(figures.last),
        "since": _day(asked["since"]),
        "until": _day(asked["until"]),
        "alerts": by_class,
        "held_back": len(held),
        "decisions": decisions,
        "indicators": by_indicator,
        "coverage": covered.as_dict(),
    }


def _moment(second: int | None) -> str | None:
    return None if second is None else datetime.fromtimestamp(second, UTC).isoformat()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
