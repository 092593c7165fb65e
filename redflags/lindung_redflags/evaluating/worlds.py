"""A labelled world from its files to its figures, without reasons and counterfactuals: hits, episodes, figures."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from lindung_redflags import coverage
from lindung_redflags.alerts import THRESHOLD, episodes
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.engines import duck
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating import ablation, naive, truth
from lindung_redflags.evaluating.command import Evaluated
from lindung_redflags.evaluating.measuring import measure
from lindung_redflags.evaluating.ranking import entries
from lindung_redflags.reading import open_tables

FILES = ("transactions.parquet", "accounts.parquet", "labels_accounts.parquet", "labels_transactions.parquet")


def evaluate_world(world: Path, catalogue: Catalogue, threshold: int = THRESHOLD, memory: str = "4GB") -> Evaluated:
    """The figures of the catalogue, of the naive rules and without each group, on a folder that `redflags synth` wrote.

    The same as a scan and `redflags evaluate` of it give. Raises BadInput.
    """
    for name in FILES:
        if not (world / name).is_file():
            raise BadInput(f"{world}: expected a folder that `redflags synth` wrote; {name} is not in it")
    payments, accounts, labels, labelled = (str(world / name) for name in FILES)
    with tempfile.TemporaryDirectory(prefix="redflags-") as work, duckdb.connect(f"{work}/work.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET memory_limit = ?", [memory])
        open_tables(connection, payments, accounts)
        ran = [catalogue.indicators[name] for name in coverage.look(connection, catalogue).ran]
        hits = duck.hits(connection, catalogue, catalogue.grids, ran)
        names = dict(connection.execute("SELECT a, account_id FROM acc").fetchall())
        counted, last = connection.execute("SELECT count(*), coalesce(max(t), 0) FROM tx").fetchall()[0]
        known = truth.labels(connection, labels)
        subjects, people = truth.people(connection, accounts, datetime.fromtimestamp(last, UTC))
        first = truth.first_planted(connection, labelled)
        world_truth = truth.Truth(known, counted, len(subjects), subjects, first, people)
        made = Evaluated(
            catalogue.version,
            threshold,
            measure("catalogue", entries(episodes(hits, catalogue, threshold), names), world_truth),
        )
        made.naive = {name: measure(name, rule(connection), world_truth) for name, rule in naive.RULES.items()}
        made.without = ablation.without_each(hits, catalogue, threshold, names, world_truth)
        return made
