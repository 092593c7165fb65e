"""What is known of the accounts beside the scan: labels, and for fairness age, province and given attributes.

Files are read and checked like those of a scan: a wrong one is refused with file, row, column and what was expected.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.engines.conditions_sql import listed
from lindung_redflags.reading.checking import Cross, Rows
from lindung_redflags.reading.faults import Collector, Fault, InputFaults
from lindung_redflags.reading.kinds import ACCOUNTS, SEX, Column, choice, words, yes_or_no
from lindung_redflags.reading.sources import Given, find
from lindung_redflags.rows import EXCLUDED

DIFFICULTIES = ("easy", "hard")
BANDS = ((0, "0-17"), (18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-59"), (60, "60+"))
"""Ages in whole years from which a band counts."""

LABELS = (
    Column("account_id", words(required=True), True),
    Column("planted", yes_or_no, True),
    Column("side", choice(CLASSES), True),
    Column("pattern", words()),
    Column("family", words()),
    Column("difficulty", choice(DIFFICULTIES)),
)
LABELLED_PAYMENTS = (Column("tx_id", words(required=True), True), Column("pattern", words(required=True), True))
_PEOPLE = tuple(
    Column("region", words()) if column.name == "region" else column
    for column in ACCOUNTS
    if column.name in {"account_id", "kind", "birth_date", "region", "is_customer"}
)
_ATTRIBUTES = (Column("account_id", words(required=True), True), Column("attribute", words(required=True), True))


@dataclass(frozen=True)
class Label:
    """What an account is. `side`: the class that it is, or that it resembles; empty texts: not told."""

    account: str
    planted: bool
    side: str
    pattern: str = ""
    family: str = ""
    difficulty: str = ""


@dataclass(frozen=True)
class Truth:
    """The truth of one set of payments.

    `population`: accounts that a rule could raise. `subjects`: these, where somebody told which; `first`: the second of
    the first labelled payment by account; `people`: {what: {account: group}}, as {"age": {"a1": "18-24"}}.
    """

    labels: Mapping[str, Label]
    payments: int
    population: int
    subjects: frozenset[str] | None = None
    first: Mapping[str, int] | None = None
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def planted(self, account: str) -> Label | None:
        found = self.labels.get(account)
        return found if found is not None and found.planted else None


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    """The checked rows as a temporary table. Raises InputFaults."""
    faults = Collector(None)
    with tempfile.TemporaryDirectory(prefix="redflags-") as folder:
        rows.check(connection, faults, Path(folder))
        faults.check()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows.good}")


def _now() -> int:
    return int(time.time())


def labels(connection: duckdb.DuckDBPyConnection, given: Given) -> dict[str, Label]:
    """Read the labels of accounts; leaves the table `labelled`. Raises InputFaults."""
    crosses = (
        Cross("side", "planted AND side IS NULL", f"one of {', '.join(CLASSES)}, where planted is true"),
        Cross("pattern", "NOT planted AND pattern IS NOT NULL", "nothing, where planted is false"),
    )
    rows = Rows(find(connection, given), LABELS, _now(), key=("account_id",), crosses=crosses)
    _table(connection, "labelled", rows)
    found = connection.execute(
        "SELECT account_id, planted, coalesce(side, ''), coalesce(pattern, ''), coalesce(family, ''), "
        "coalesce(difficulty, '') FROM labelled"
    ).fetchall()
    return {row[0]: Label(*row) for row in found}


def first_planted(connection: duckdb.DuckDBPyConnection, given: Given) -> dict[str, int]:
    """The second of the first labelled payment of each planted account, from the tables `tx`, `acc` and `labelled`.

    Raises InputFaults, also where a labelled payment is not among the payments.
    """
    rows = Rows(find(connection, given), LABELLED_PAYMENTS, _now(), key=("tx_id",))
    _table(connection, "labelled_tx", rows)
    lost = connection.execute("SELECT count(*) FROM labelled_tx ANTI JOIN tx USING (tx_id)").fetchall()[0][0]
    if lost:
        said = f"payments that are among the transactions; {lost} are not"
        raise InputFaults([Fault(rows.sources[0].name, 0, "tx_id", said)])
    return dict(
        connection.execute("""
            SELECT l.account_id, min(t) FROM labelled_tx x JOIN tx USING (tx_id)
            JOIN acc s ON s.a IN (tx.p, tx.q)
            JOIN labelled l ON l.account_id = s.account_id AND l.planted AND l.pattern = x.pattern
            GROUP BY ALL
        """).fetchall()
    )


def people(
    connection: duckdb.DuckDBPyConnection, given: Given, last: datetime
) -> tuple[frozenset[str], dict[str, dict[str, str]]]:
    """The accounts that could be raised, and of these the age band on a day and the province. Raises InputFaults."""
    rows = Rows(find(connection, given), _PEOPLE, _now(), key=("account_id",))
    _table(connection, "told", rows)
    customer = "coalesce(is_customer, false)" if rows.present("is_customer") else "true"
    found = connection.execute(f"""
        SELECT account_id, birth_date, left(region, 2) FROM told
        WHERE {customer} AND coalesce(kind NOT IN {listed(EXCLUDED)}, true)
    """).fetchall()
    day = last.astimezone(UTC).date()
    groups: dict[str, dict[str, str]] = {"age": {}, "region": {}}
    for account, birth, province in found:
        groups["age"][account] = _band(birth, day)
        groups["region"][account] = province or "?"
    return frozenset(row[0] for row in found), groups


def _band(birth: int | None, day: date) -> str:
    if birth is None:
        return "?"
    born = date(1970, 1, 1) + timedelta(days=birth)
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return [name for low, name in BANDS if age >= low][-1] if age >= 0 else "?"


def sexes(connection: duckdb.DuckDBPyConnection, given: Given) -> dict[str, str]:
    """Sex by account, from a file that is for this comparison only. Raises InputFaults."""
    sources = find(connection, given)
    for source in sources:
        named = [name for name in source.columns if SEX.fullmatch(name)]
        if len(named) != 1:
            raise InputFaults([source.fault(0, "sex", "this column, once")])
        source.columns = {"attribute" if name == named[0] else name: column for name, column in source.columns.items()}
    _table(connection, "attributes", Rows(sources, _ATTRIBUTES, _now(), key=("account_id",)))
    return dict(connection.execute("SELECT account_id, attribute FROM attributes").fetchall())


def moment(text: str | None) -> datetime:
    """The last moment of a scan; where there were no payments, now."""
    return datetime.fromisoformat(text) if text else datetime.now(UTC)


__all__: Sequence[str] = ("BANDS", "Label", "Truth", "first_planted", "labels", "moment", "people", "sexes")
