"""The public samples of AMLSim: a threshold on the number of payers beside rules of our engine.

Called by redflags_quality.py. The rules are indicators in amlsim_indicators/, read by the catalogue's loader and run by
the engine. Their thresholds are chosen on one sample and measured on the next; the naive threshold is chosen on the
very sample that it is measured on, which flatters it. No label is looked at but to choose and to measure.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
from lindung_redflags.catalogue import load
from lindung_redflags.engines import duck
from lindung_redflags.reading import open_tables

INDICATORS = Path(__file__).parent / "amlsim_indicators"
SAMPLES = ("20K_fanin200", "20K_cycle200", "20K_fanin200cycle200")
RUPIAH = 15_000
"""For one unit of money of a sample; any number would do, because thresholds are chosen."""
GRID: dict[str, list[dict[str, Any]]] = {
    "AM01": [{"repeats": n} for n in (2, 3, 4, 5)],
    "AM02": [{"repeats": n} for n in (2, 3, 4, 5)],
    "AM03": [{"payers": n, "to": RUPIAH * to} for n, to in product((1, 2, 3, 4, 6), (5, 10, 25, 50, 100))],
}
RULES = {
    "several payments of one pair within a day": ("AM01", "AM02"),
    "many payers of small sums within 30 days": ("AM03",),
}


@dataclass(frozen=True)
class Score:
    """How well accounts that are raised agree with those that are labelled."""

    right: int
    raised: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.raised if self.raised else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both: 2 * right / (raised + labelled)."""
        return 2 * self.right / (self.raised + self.labelled) if self.raised + self.labelled else 0.0


@dataclass
class Sample:
    """What each indicator raises with each of its thresholds, and what is labelled. Accounts by their id."""

    name: str
    labelled: frozenset[str]
    payers: dict[str, int]
    payments: dict[str, int]
    raised: dict[tuple[str, int], frozenset[str]]

    def score(self, accounts: frozenset[str] | set[str]) -> Score:
        return Score(len(self.labelled & accounts), len(accounts), len(self.labelled))


def read(archive: Path, say: Callable[[str], None] = print) -> Sample:
    """Read one sample and run every indicator with every threshold on it."""
    name = archive.name.removesuffix(".tgz")
    with tempfile.TemporaryDirectory(prefix="amlsim-") as work, duckdb.connect() as connection:
        with tarfile.open(archive) as packed:
            (Path(work) / name).mkdir()
            for file in ("nodes.csv", "transactions.csv"):
                content = packed.extractfile(f"{name}/{file}")
                if content is None:
                    raise SystemExit(f"{archive}: expected the file {name}/{file} in it")
                (Path(work) / name / file).write_bytes(content.read())
        tables(connection, Path(work) / name)
        labelled = ids(connection, "SELECT account_id FROM nodes WHERE fraud")
        naive = {
            what: dict(
                connection.execute(f"SELECT account_id, count({what}) FROM acc JOIN tx ON q = a GROUP BY 1").fetchall()
            )
            for what in ("DISTINCT p", "*")
        }
        raised = {}
        for indicator, choices in GRID.items():
            for number, values in enumerate(choices):
                catalogue = load([INDICATORS], {indicator: values})
                found = duck.hits(connection, catalogue, catalogue.grids, [catalogue.indicators[indicator]])
                numbers = sorted({hit.a for hit in found})
                raised[indicator, number] = ids(
                    connection, "SELECT account_id FROM acc WHERE a IN (SELECT unnest(?::INTEGER[]))", [numbers]
                )
            say(f"{name}: {indicator}, {len(choices)} thresholds")
    return Sample(name, labelled, naive["DISTINCT p"], naive["*"], raised)


def ids(connection: duckdb.DuckDBPyConnection, sql: str, given: Sequence[Any] = ()) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute(sql, list(given)).fetchall())


def tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The tables `acc` and `tx` of the engine, and `nodes(account_id, fraud)`. A step is a day, at noon.

    The few payments of an account to itself are left out: the engine refuses them.
    """
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE nodes AS SELECT printf('n%06d', nodeid) AS account_id, isFraud = 1 AS fraud FROM read_csv(?)",
        [str(folder / "nodes.csv")],
    )
    connection.execute("CREATE TABLE am_accounts AS SELECT account_id, 'person' AS kind, 'US' AS country FROM nodes")
    connection.execute(
        f"""
        CREATE TABLE am_payments AS SELECT
            printf('t%09d', row_number() OVER ()) AS tx_id,
            TIMESTAMPTZ '2019-01-01 12:00:00+00' + to_days(CAST("time" AS INTEGER)) AS ts,
            "value" AS amount, 'USD' AS currency, CAST("value" * {RUPIAH} AS BIGINT) AS amount_idr,
            printf('n%06d', sourceNodeId) AS payer_id, printf('n%06d', targetNodeId) AS payee_id,
            'US' AS payer_country, 'US' AS payee_country, 'bank' AS channel
        FROM read_csv(?, types = {{'value': 'DECIMAL(18,2)'}}) WHERE sourceNodeId <> targetNodeId
        """,
        [str(folder / "transactions.csv")],
    )
    open_tables(connection, "am_payments", "am_accounts")


def naive(sample: Sample, counts: dict[str, int]) -> tuple[Score, int]:
    """The best threshold on a number for each account, chosen on the sample itself."""
    every = sorted(set(counts.values()))
    scores = [(sample.score({one for one, count in counts.items() if count >= least}), least) for least in every]
    return max(scores, key=lambda entry: (entry[0].f1, -entry[1]))


def union(sample: Sample, chosen: Sequence[tuple[str, int]]) -> frozenset[str]:
    return frozenset().union(*(sample.raised[one] for one in chosen))


def choose(sample: Sample, indicators: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """The thresholds with the best F1 on a sample; of equal ones the first of the grid."""
    ways = product(*([(name, number) for number in range(len(GRID[name]))] for name in indicators))
    return max(ways, key=lambda chosen: sample.score(union(sample, chosen)).f1)


def said(chosen: Sequence[tuple[str, int]]) -> str:
    return ", ".join(
        f"{name} " + " ".join(f"{k}={v}" for k, v in GRID[name][number].items()) for name, number in chosen
    )


def compare(folder: Path, say: Callable[[str], None] = print) -> list[list[str]]:
    """A row for each rule on each sample: sample, rule, thresholds, chosen on, precision, recall, F1."""
    samples = [read(folder / f"{name}.tgz", say) for name in SAMPLES]
    rows = []
    for place, sample in enumerate(samples):
        for what, counts in (("payers", sample.payers), ("payments received", sample.payments)):
            score, least = naive(sample, counts)
            rows.append(line(sample, f"naive: number of {what}", f"at least {least}", "itself", score))
        other = samples[place - 1]
        for name, indicators in RULES.items():
            chosen = choose(other, indicators)
            rows.append(line(sample, name, said(chosen), other.name, sample.score(union(sample, chosen))))
    return rows


def line(sample: Sample, rule: str, thresholds: str, chosen_on: str, score: Score) -> list[str]:
    figures = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
    return [sample.name, rule, thresholds, chosen_on, *figures]


HEADS = ("Sample", "Rule", "Thresholds", "Chosen on", "Precision", "Recall", "F1")
