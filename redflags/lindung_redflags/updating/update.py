"""`redflags update`: further payments are added, and the folder is as one scan of all payments would have written it.

Only accounts at which the difference can be felt are scanned again, from all their payments; what was found of the
others is taken over. The new folder is written beside the old one and takes its place at the end.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import coverage, deciding, folders, results
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.engines import duck
from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.errors import BadInput
from lindung_redflags.reading import open_tables
from lindung_redflags.reading.quality import Tally, measure
from lindung_redflags.scanning import Asked, Told, explained, workplace
from lindung_redflags.updating import merging, state


@dataclass(frozen=True)
class More:
    """What somebody asked for. `folder`: what a scan wrote; `transactions`: files with further payments."""

    folder: Path
    transactions: list[str]
    accounts: str
    catalogue: Catalogue
    relations: str | None = None
    rates: str | None = None
    decided: str | None = None
    """A file of all decisions about suspects that are held back; without it those of before hold."""
    reject: Path | None = None
    memory: str = "4GB"


def update(more: More, told: Told = lambda text, share: None) -> tuple[dict[str, Any], dict[str, int]]:
    """Update the folder; return what summary.json says, and how many payments were new, restated, unchanged, and how
    many accounts were scanned again. Raises BadInput; the folder is as it was then.
    """
    folders.recover(more.folder)
    if not more.folder.is_dir():
        raise BadInput(f"{more.folder}: expected a folder that `redflags scan` wrote")
    with folders.alone(more.folder):
        before = state.read(more.folder)
        _fits(more, before)
        with workplace(more.folder, more.memory) as (beside, connection):
            return _update(more, before, beside, connection, told)


def _fits(more: More, before: state.State) -> None:
    """Whether the state was made with what is asked now. Raises BadInput."""
    changed = [
        name
        for name, same in {
            "the catalogue or its parameters": before.asked["catalogue"] == more.catalogue.version,
            "the engine": before.asked["engine"] == "duckdb",
            "the version of this program": before.program == state.program(),
            "whether relations are given": ("relations" in before.tallies) == (more.relations is not None),
        }.items()
        if not same
    ]
    if changed:
        raise BadInput(
            f"{more.folder}: {', '.join(changed)} changed since it was written; what was found before does not hold "
            "any more: scan everything anew"
        )


def _update(
    more: More, before: state.State, beside: Path, connection: duckdb.DuckDBPyConnection, told: Told
) -> tuple[dict[str, Any], dict[str, int]]:
    told("reading", 0.0)
    read = open_tables(
        connection, more.transactions, more.accounts, relations=more.relations, rates=more.rates, reject=more.reject
    ).tallies
    _new_files(read["transactions"], before.tallies["transactions"])
    decisions = _decisions(connection, more, before)
    told("what changed", 0.3)
    counted, place = merging.merge(connection, more.folder, before.parts, more.transactions)
    if place is not None:
        again = {"payments": counted["restated"], "file": place.file, "row": place.row}
        read["transactions"] = replace(read["transactions"], restated=[again])
    merging.as_tables(connection)
    covered = coverage.look(connection, more.catalogue)
    running = [more.catalogue.indicators[name] for name in covered.ran]
    figures = results.whole(connection)
    tallies = {name: read.get(name) or before.tallies[name] for name in _order(read, before.tallies)}
    tallies["transactions"] = before.tallies["transactions"].and_then(read["transactions"])
    quality = measure(connection, tallies)
    merging.touch(connection, running, before.last, everybody=covered.ran != before.ran)
    decided = deciding.spans(connection)
    merging.around_touched(connection, running)
    counted["scanned_again"] = connection.execute("SELECT count(*) FROM subject").fetchall()[0][0]
    told("scanning", 0.45)
    duck.find(connection, more.catalogue, more.catalogue.grids, running)
    asked = Asked(
        transactions=more.transactions,
        accounts=more.accounts,
        out=more.folder,
        catalogue=more.catalogue,
        since=before.since,
        threshold=before.asked["threshold"],
        engine=before.asked["engine"],
    )
    made = explained(connection, asked, decided, told)
    told("writing", 0.95)
    results.keep(connection, beside, made, more.catalogue)
    _take_over(connection, more.folder)
    lines = made.lines + _others(connection, more.folder / "alerts.parquet", "raised_at", "first_ts", "last_ts")
    held = made.held + _others(connection, more.folder / "held.parquet", "first_ts", "last_ts")
    results.name_cases(lines)
    summary = results.summarise(
        connection, figures, covered, lines, held, asked.as_dict(), deciding.figures(connection, decisions)
    )
    new = beside / "out"
    new.mkdir()
    new.chmod(more.folder.stat().st_mode)
    results.write(connection, new, lines, held, summary, quality, more.catalogue)
    parts = _keep_payments(connection, more.folder, new, before.parts)
    state.keep_accounts(connection, new, "SELECT * FROM known")
    state.seal(
        connection,
        new,
        replace(before, ran=tuple(covered.ran), last=figures.last, tallies=tallies, parts=parts, decisions=decisions),
    )
    connection.close()
    folders.swap(new, more.folder)
    told("done", 1.0)
    return summary, counted


def _decisions(connection: duckdb.DuckDBPyConnection, more: More, before: state.State) -> deciding.Decisions:
    """Make `decision`, those that are given or those of before, and `redecided`: the accounts where they differ."""
    kept = more.folder / "state/decided.parquet"
    deciding.kept(connection, kept, "decision_then")
    if more.decided is None:
        deciding.kept(connection, kept)
        decisions = before.decisions
    else:
        decisions = deciding.read(connection, more.decided)
    connection.execute("""
        CREATE TEMP TABLE redecided AS
        SELECT DISTINCT account_id FROM (
            (FROM decision EXCEPT FROM decision_then) UNION ALL (FROM decision_then EXCEPT FROM decision)
        )
    """)
    return decisions


def _order(read: dict[str, Tally], before: dict[str, Tally]) -> list[str]:
    """Kinds of input in the order in which a scan reads them."""
    return [name for name in ("rates", "accounts", "relations", "transactions") if name in read or name in before]


def _new_files(read: Tally, before: Tally) -> None:
    """Whether these files have the columns of those before and are not among them. Raises BadInput."""
    if (read.absent, read.ignored) != (before.absent, before.ignored):
        missing = sorted((set(read.absent) - set(before.absent)) | (set(before.ignored) - set(read.ignored)))
        others = sorted((set(before.absent) - set(read.absent)) | (set(read.ignored) - set(before.ignored)))
        said = [f"also {', '.join(missing)}"] if missing else []
        said += [f"no {', '.join(others)}"] if others else []
        raise BadInput(f"{read.files[0]['name']}: expected the same columns as before: {' and '.join(said)}")
    known = {file["sha256"]: file["name"] for file in before.files if file["sha256"]}
    again = [file for file in read.files if file["sha256"] in known]
    if again and read.used:
        raise BadInput(
            f"{again[0]['name']}: expected payments that are not there yet; the same file was read already, as "
            f"{known[again[0]['sha256']]}"
        )


_MINE = "account_id NOT IN (SELECT account_id FROM out_of)"


def _take_over(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Put hits and episodes of accounts that nothing touched beside the new ones. Makes `out_of`, the touched ones."""
    connection.execute("""
        CREATE TEMP TABLE out_of AS
        SELECT account_id FROM number JOIN touched USING (a)
    """)
    connection.execute(f"""
        INSERT INTO hit_rows BY NAME SELECT * REPLACE (CAST(epoch("at") AS BIGINT) AS "at")
        FROM read_parquet({text(folder / "hits.parquet")}) WHERE {_MINE}
    """)
    connection.execute(f"""
        INSERT INTO episode_rows BY NAME SELECT * FROM read_parquet({text(folder / "state/episodes.parquet")})
        WHERE {_MINE}
    """)


def _others(connection: duckdb.DuckDBPyConnection, path: Path, *moments: str) -> list[dict[str, Any]]:
    """The rows of a file about accounts that nothing touched, with these moments in seconds."""
    seconds = ", ".join(f"CAST(epoch({name}) AS BIGINT) AS {name}" for name in moments)
    rows = connection.execute(f"SELECT * REPLACE ({seconds}) FROM read_parquet({text(path)}) WHERE {_MINE}")
    names = [column[0] for column in rows.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _keep_payments(
    connection: duckdb.DuckDBPyConnection, old: Path, new: Path, parts: tuple[str, ...]
) -> tuple[str, ...]:
    """The files of payments of before, without what was restated, and one more with what is new; return their names."""
    folder = new / "state" / "payments"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    columns = ", ".join(state.PAYMENT)
    restated = {Path(row[0]).name for row in connection.execute("SELECT DISTINCT filename FROM restated").fetchall()}
    for part in parts:
        source, target = old / "state/payments" / part, folder / part
        if part in restated:
            connection.execute(f"""
                COPY (SELECT {columns} FROM read_parquet({text(source)})
                    WHERE tx_id NOT IN (SELECT tx_id FROM restated)) TO {text(target)}
                (FORMAT parquet, COMPRESSION zstd)
            """)
            continue
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
    if not connection.execute("SELECT count(*) FROM fresh").fetchall()[0][0]:
        return parts
    added = f"{int(Path(parts[-1]).stem) + 1:05d}.parquet"
    connection.execute(
        f"COPY (SELECT {columns} FROM fresh) TO {text(folder / added)} (FORMAT parquet, COMPRESSION zstd)"
    )
    return (*parts, added)
