"""`redflags evaluate`: what the command line calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating import ablation, folder, naive, saying, truth
from lindung_redflags.evaluating.measuring import Measured, measure
from lindung_redflags.reading import open_tables


@dataclass(frozen=True)
class Asked:
    """What somebody asked for. The payments are needed for days to the first alert and for the naive rules."""

    folder: Path
    labels: str
    catalogue: Catalogue
    transactions: Sequence[str] = ()
    accounts: str | None = None
    rates: str | None = None
    transaction_labels: str | None = None
    attributes: str | None = None


@dataclass
class Evaluated:
    """The figures of the scan, of the naive rules beside it, and without each group of indicators."""

    catalogue: str
    threshold: int
    scan: Measured
    naive: dict[str, Measured] = field(default_factory=dict)
    without: dict[str, Measured] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "note": saying.NOTE,
            "catalogue": self.catalogue,
            "threshold": self.threshold,
            "scan": self.scan.as_dict(),
            "naive": {name: one.as_dict() for name, one in self.naive.items()},
            "without_group": {name: one.as_dict() for name, one in self.without.items()},
        }


def evaluate(asked: Asked) -> Evaluated:
    """Compare a scan with labels. Raises BadInput."""
    _asked_well(asked)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        scanned = folder.read(connection, asked.folder, asked.catalogue)
        known = _truth(connection, asked, scanned)
        ranking = scanned.ranking(asked.catalogue)
        made = Evaluated(asked.catalogue.version, scanned.threshold, measure("catalogue", ranking, known))
        if asked.transactions:
            made.naive = {name: measure(name, rule(connection), known) for name, rule in naive.RULES.items()}
        made.without = ablation.without_each(
            scanned.hits, asked.catalogue, scanned.threshold, scanned.names, known, scanned.inside(), scanned.decided
        )
        return made


def _asked_well(asked: Asked) -> None:
    if asked.transactions and asked.accounts is None:
        raise BadInput("--transactions: expected --accounts beside it")
    if asked.transaction_labels and not asked.transactions:
        raise BadInput("--transactions-labels: expected --transactions and --accounts beside it, to know the days")
    if asked.attributes and asked.accounts is None:
        raise BadInput("--attributes: expected --accounts beside it, to know whom the scan could raise")


def _truth(connection: duckdb.DuckDBPyConnection, asked: Asked, scanned: folder.Scanned) -> truth.Truth:
    labels = truth.labels(connection, asked.labels)
    summary = scanned.summary
    people: dict[str, dict[str, str]] = {}
    subjects, first = None, None
    if asked.accounts is not None:
        subjects, people = truth.people(connection, asked.accounts, truth.moment(summary.get("last")))
    if asked.attributes is not None:
        assert subjects is not None
        told = truth.sexes(connection, asked.attributes)
        people["sex"] = {account: told.get(account, "?") for account in sorted(subjects)}
    if asked.transactions:
        assert asked.accounts is not None
        open_tables(connection, list(asked.transactions), asked.accounts, rates=asked.rates)
        counted = connection.execute("SELECT count(*) FROM tx").fetchall()[0][0]
        if summary.get("until") is None and counted != summary["transactions"]:
            raise BadInput(
                f"--transactions: expected the {summary['transactions']} payments that were scanned, not {counted}"
            )
        if asked.transaction_labels:
            first = truth.first_planted(connection, asked.transaction_labels)
    population = int(summary["accounts"]) if subjects is None else len(subjects)
    return truth.Truth(labels, int(summary["transactions"]), population, subjects, first, people)


def write(made: Evaluated, path: Path) -> None:
    """Write everything as JSON, whole or not at all. Raises BadInput."""
    work = path.with_name(f".{path.name}.unfinished")
    try:
        work.write_text(json.dumps(made.as_dict(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        work.replace(path)
    except OSError:
        work.unlink(missing_ok=True)
        raise BadInput(f"{path}: expected a file that can be written") from None
