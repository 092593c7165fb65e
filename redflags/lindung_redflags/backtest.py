"""`redflags backtest`: how alerts would have come day by day, and what stayed just below the threshold.

One pass over the payments gives all hits. A hit is dated when it could be known, so what stood on a day follows from
the hits up to the latest payment of that day; a test holds that against scans that end on that day. An alert can be
withdrawn again: when the account turns out to be a possible victim's, it is no longer raised as a suspect.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import alerts as alerting
from lindung_redflags import coverage, results, rows, telling
from lindung_redflags.catalogue.model import CLASSES, Catalogue
from lindung_redflags.engines import duck
from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating import truth
from lindung_redflags.reading import open_tables
from lindung_redflags.reference import Hit
from lindung_redflags.scanning import Told, workplace

SAMPLE = 50
"""Episodes below the threshold that are drawn for people to look at."""


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for. `begin`, `end`: days in UTC, both included; `labels`: who was planted, where known."""

    transactions: list[str]
    accounts: str
    begin: date
    end: date
    out: Path
    catalogue: Catalogue
    relations: str | None = None
    rates: str | None = None
    reject: Path | None = None
    labels: str | None = None
    threshold: int = alerting.THRESHOLD
    seed: int = 1
    memory: str = "4GB"


@dataclass(frozen=True)
class Standing:
    """An alert from the day on which it came to the day on which it was withdrawn, if it was."""

    came: date
    left: date | None
    then: alerting.Episode
    """As it was when it came."""
    latest: alerting.Episode
    """As it was on the last day on which it stood."""


def replay(
    hits: Iterable[Hit], catalogue: Catalogue, threshold: int, clock: Sequence[tuple[date, int]]
) -> list[Standing]:
    """The alerts of each day. `clock`: days, and the second of the latest payment up to the end of each."""
    found: list[Standing] = []
    by_account = sorted(hits, key=lambda hit: (hit.a, hit.at))
    for _, group in groupby(by_account, key=lambda hit: hit.a):
        mine, place = list(group), 0
        standing: dict[tuple[str, int], tuple[date, alerting.Episode, alerting.Episode]] = {}
        for day, second in clock:
            before = place
            while place < len(mine) and mine[place].at <= second:
                place += 1
            if place == before:
                continue
            now = {
                (one.subject, one.first): one
                for one in alerting.episodes(mine[:place], catalogue, threshold)
                if one.alerts
            }
            for key in standing.keys() - now.keys():
                came, then, latest = standing.pop(key)
                found.append(Standing(came, day, then, latest))
            for key, one in now.items():
                came, then, _ = standing.get(key, (day, one, one))
                standing[key] = (came, then, one)
        found += [Standing(came, None, then, latest) for came, then, latest in standing.values()]
    return sorted(found, key=lambda one: (one.came, one.then.a, one.then.subject, one.then.first))


def nearest_below(
    made: Iterable[alerting.Episode], names: dict[int, rows.Account], seed: int, number: int = SAMPLE
) -> list[alerting.Episode]:
    """Episodes below the threshold, those nearest to it first; among equals a draw that the seed decides."""

    def lot(one: alerting.Episode) -> str:
        said = f"{seed}\n{names[one.a].account_id}\n{one.subject}\n{one.first}"
        return hashlib.sha256(said.encode()).hexdigest()

    below = [one for one in made if one.raised is None and one.score > 0]
    return sorted(below, key=lambda one: (-one.score, lot(one)))[:number]


def backtest(wanted: Wanted, told: Told = lambda text, share: None) -> dict[str, Any]:
    """Replay the days and write the folder; return what backtest.json says. Raises BadInput; nothing is left then."""
    if wanted.out.exists():
        raise BadInput(f"{wanted.out}: expected a folder that is not there yet")
    if wanted.begin > wanted.end:
        raise BadInput(f"{wanted.begin} to {wanted.end}: expected a first day not after the last")
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    with workplace(wanted.out, wanted.memory) as (folder, connection):
        told("reading", 0.0)
        open_tables(
            connection,
            wanted.transactions,
            wanted.accounts,
            relations=wanted.relations,
            rates=wanted.rates,
            reject=wanted.reject,
        )
        connection.execute("DELETE FROM tx WHERE t >= ?", [_midnight(wanted.end + timedelta(days=1))])
        labels = truth.labels(connection, wanted.labels) if wanted.labels is not None else None
        covered = coverage.look(connection, wanted.catalogue)
        running = [wanted.catalogue.indicators[name] for name in covered.ran]
        told("hits", 0.2)
        found = duck.hits(connection, wanted.catalogue, wanted.catalogue.grids, running)
        told("days", 0.8)
        names = rows.accounts(connection, {hit.a for hit in found})
        everything = replay(found, wanted.catalogue, wanted.threshold, _clock(connection, wanted.begin, wanted.end))
        came = [one for one in everything if one.came >= wanted.begin]
        episodes = [
            one
            for one in alerting.episodes(found, wanted.catalogue, wanted.threshold)
            if one.last >= _midnight(wanted.begin)
        ]
        sample = [
            one
            for classes in (("payer", "payee"), (alerting.VICTIM,))
            for one in nearest_below((e for e in episodes if e.subject in classes), names, wanted.seed)
        ]
        said: dict[str, Any] = {
            "catalogue": wanted.catalogue.version,
            "threshold": wanted.threshold,
            "from": wanted.begin.isoformat(),
            "to": wanted.end.isoformat(),
            "transactions": results.whole(connection).transactions,
            "coverage": covered.as_dict(),
            "standing_before": _by_class(
                one for one in everything if one.came < wanted.begin and (not one.left or one.left >= wanted.begin)
            ),
            "standing_at_the_end": _by_class(one for one in everything if one.left is None),
            "months": _months(everything, wanted, names, labels),
            "indicators": _indicators(came),
            "below": {
                "seed": wanted.seed,
                "of": dict(Counter(one.subject for one in episodes if one.raised is None and one.score > 0)),
                "drawn": dict(Counter(one.subject for one in sample)),
            },
            "labels": _found(came, names, labels) if labels is not None else None,
        }
        told("writing", 0.95)
        out = folder / "out"
        out.mkdir()
        (out / "backtest.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (out / "backtest.txt").write_text("\n".join(table(said, language) for language in ("id", "en")), "utf-8")
        _write(connection, folder, out, everything, sample, wanted, names)
        connection.close()
        out.rename(wanted.out)
    told("done", 1.0)
    return said


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _clock(connection: duckdb.DuckDBPyConnection, begin: date, end: date) -> list[tuple[date, int]]:
    """The day before the first, and each day, with the latest payment up to its end; none before any payment."""
    latest = dict(connection.execute("SELECT t // 86400, max(t) FROM tx GROUP BY ALL").fetchall())
    start = begin - timedelta(days=1)
    last = max((t for number, t in latest.items() if number <= _midnight(start) // 86400), default=None)
    clock = [] if last is None else [(start, last)]
    for number in range((end - begin).days + 1):
        day = begin + timedelta(days=number)
        last = latest.get(_midnight(day) // 86400, last)
        if last is not None:
            clock.append((day, last))
    return clock


def _by_class(some: Iterable[Standing]) -> dict[str, int]:
    counted = Counter(one.then.subject for one in some)
    return {name: counted[name] for name in CLASSES}


def _months(
    everything: Sequence[Standing],
    wanted: Wanted,
    names: dict[int, rows.Account],
    labels: dict[str, truth.Label] | None,
) -> dict[str, dict[str, dict[str, int]]]:
    """By month and class: alerts that came, that were withdrawn, and, with labels, that came about planted subjects."""
    days = ((wanted.begin + timedelta(days=n)) for n in range((wanted.end - wanted.begin).days + 1))
    entry = {"came": 0, "withdrawn": 0} | ({} if labels is None else {"planted": 0})
    found = {month: {name: dict(entry) for name in CLASSES} for month in dict.fromkeys(f"{day:%Y-%m}" for day in days)}
    for one in everything:
        if one.came >= wanted.begin:
            here = found[f"{one.came:%Y-%m}"][one.then.subject]
            here["came"] += 1
            if labels is not None:
                here["planted"] += _planted(one, names, labels) is not None
        if one.left is not None and one.left >= wanted.begin:
            found[f"{one.left:%Y-%m}"][one.then.subject]["withdrawn"] += 1
    return found


def _planted(one: Standing, names: dict[int, rows.Account], labels: dict[str, truth.Label]) -> truth.Label | None:
    label = labels.get(names[one.then.a].account_id)
    return label if label is not None and label.planted and label.side == one.then.subject else None


def _indicators(came: Sequence[Standing]) -> dict[str, dict[str, int]]:
    """By indicator and month, the alerts in which it had been seen when they came."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in came:
        for name in {hit.indicator for hit in one.then.hits}:
            found[name][f"{one.came:%Y-%m}"] += 1
    return {name: dict(sorted(months.items())) for name, months in sorted(found.items())}


def _found(
    came: Sequence[Standing], names: dict[int, rows.Account], labels: dict[str, truth.Label]
) -> dict[str, dict[str, int]]:
    """By planted pattern: how many subjects there are, and about how many an alert of their class came."""
    made = {
        pattern: {"subjects": count, "found": 0}
        for pattern, count in sorted(Counter(one.pattern for one in labels.values() if one.planted).items())
    }
    for label in {label.account: label for one in came if (label := _planted(one, names, labels))}.values():
        made[label.pattern]["found"] += 1
    return made


def table(said: dict[str, Any], language: str) -> str:
    """The months as a text for a terminal: came (withdrawn) in each class."""
    heads = "".join(f"{telling.CLASSES[language][name]:>18}" for name in CLASSES)
    lines = [f"{telling.say('month', language):10}{heads}"]
    for month, classes in said["months"].items():
        cells = [f"{classes[name]['came']} ({classes[name]['withdrawn']})" for name in CLASSES]
        lines.append(f"{month:10}" + "".join(f"{cell:>18}" for cell in cells))
    lines.append(telling.say("came", language))
    of, drawn = (sum(said["below"][name].values()) for name in ("of", "drawn"))
    lines.append(telling.say("below", language, of=of, drawn=drawn))
    for pattern, counted in (said["labels"] or {}).items():
        lines.append(f"{pattern:40} {telling.say('planted', language, **counted)}")
    return "\n".join(lines) + "\n"


_CAME = {
    "alert_id": "VARCHAR", "account_id": "VARCHAR", "class": "VARCHAR", "came": "DATE", "withdrawn": "DATE",
    "score_then": "INTEGER", "score_latest": "INTEGER", "raised_at": "BIGINT", "first_ts": "BIGINT",
    "last_ts": "BIGINT", "indicators_then": "VARCHAR[]",
}  # fmt: skip
_DAYS = {"day": "DATE", "class": "VARCHAR", "came": "BIGINT", "withdrawn": "BIGINT", "standing": "BIGINT"}
_BELOW = {
    "account_id": "VARCHAR", "class": "VARCHAR", "score": "INTEGER", "threshold": "INTEGER", "first_ts": "BIGINT",
    "last_ts": "BIGINT", "hits": "BIGINT", "indicators": "VARCHAR[]",
}  # fmt: skip


def _write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    out: Path,
    everything: Sequence[Standing],
    sample: Sequence[alerting.Episode],
    wanted: Wanted,
    names: dict[int, rows.Account],
) -> None:
    """came.parquet, days.parquet and below.parquet."""
    came = (
        {
            "alert_id": alerting.alert_id(names[one.then.a], one.then, wanted.catalogue.version),
            "account_id": names[one.then.a].account_id,
            "class": one.then.subject,
            "came": one.came.isoformat() if one.came >= wanted.begin else None,
            "withdrawn": one.left.isoformat() if one.left else None,
            "score_then": one.then.score,
            "score_latest": one.latest.score,
            "raised_at": one.then.raised,
            "first_ts": one.then.first,
            "last_ts": one.latest.last,
            "indicators_then": sorted({hit.indicator for hit in one.then.hits}),
        }
        for one in everything
        if one.left is None or one.left >= wanted.begin
    )
    results.load(connection, folder, "came", _CAME, came)
    results.load(connection, folder, "days", _DAYS, _each_day(everything, wanted))
    below = (
        {
            "account_id": names[one.a].account_id,
            "class": one.subject,
            "score": one.score,
            "threshold": wanted.threshold,
            "first_ts": one.first,
            "last_ts": one.last,
            "hits": len(one.hits),
            "indicators": sorted({hit.indicator for hit in one.hits}),
        }
        for one in sample
    )
    results.load(connection, folder, "below", _BELOW, below)
    moments = {"came": ("raised_at", "first_ts", "last_ts"), "days": (), "below": ("first_ts", "last_ts")}
    ordered = {"came": "came NULLS FIRST, alert_id", "days": "day, class", "below": "class, score DESC, account_id"}
    for name, columns in moments.items():
        shown = ", ".join(f"to_timestamp({column}) AS {column}" for column in columns)
        chosen = f"* REPLACE ({shown})" if shown else "*"
        target = text(out / f"{name}.parquet")
        connection.execute(f"COPY (SELECT {chosen} FROM {name} ORDER BY {ordered[name]}) TO {target} (FORMAT parquet)")


def _each_day(everything: Sequence[Standing], wanted: Wanted) -> Iterable[dict[str, Any]]:
    came = Counter((one.came, one.then.subject) for one in everything)
    left = Counter((one.left, one.then.subject) for one in everything if one.left)
    for name in CLASSES:
        standing = sum(count for (day, subject), count in came.items() if subject == name and day < wanted.begin)
        standing -= sum(count for (day, subject), count in left.items() if subject == name and day < wanted.begin)
        for number in range((wanted.end - wanted.begin).days + 1):
            day = wanted.begin + timedelta(days=number)
            standing += came[day, name] - left[day, name]
            yield {
                "day": day.isoformat(),
                "class": name,
                "came": came[day, name],
                "withdrawn": left[day, name],
                "standing": standing,
            }
