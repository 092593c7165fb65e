"""Worlds to tune on: tables of one institution's payments, what is known of its accounts, and hits that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np

from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.engines import duck
from lindung_redflags.errors import BadInput
from lindung_redflags.reading import open_tables
from lindung_redflags.tuning.scoring import Moments

LABELS = "labels_accounts.parquet"
_COLUMNS = ("account_id", "pattern", "family", "difficulty", "side")


@dataclass(frozen=True)
class Known:
    """What the labels say of an account. `pattern`: planted as this indicator, else empty; `family`: look-alikes."""

    pattern: str
    family: str
    difficulty: str
    side: str


@dataclass
class World:
    """Payments and accounts in a DuckDB connection. `known`: by number of the account; empty without labels."""

    name: str
    connection: duckdb.DuckDBPyConnection
    payments: int
    known: dict[int, Known] = field(default_factory=dict)
    kept: dict[str, Moments] = field(default_factory=dict)

    def moments(self, catalogue: Catalogue, wanted: Iterable[Indicator]) -> list[Moments]:
        """The hits of each indicator; those that were asked for before are not looked for again."""
        wanted = list(wanted)
        new = {_key(one): one for one in wanted if _key(one) not in self.kept}
        named = {f"N{number}": key for number, key in enumerate(new)}
        if named:
            duck.find(
                self.connection, catalogue, catalogue.grids, [replace(new[key], id=name) for name, key in named.items()]
            )
        for name, key in named.items():
            got = self.connection.execute('SELECT a, "at" FROM hit WHERE indicator = ?', [name]).fetchnumpy()
            self.kept[key] = Moments(np.asarray(got["a"], dtype=np.int64), np.asarray(got["at"], dtype=np.int64))
        return [self.kept[_key(one)] for one in wanted]


def _key(one: Indicator) -> str:
    """What decides the hits of an indicator."""
    return repr((one.at, one.payments, [(*_parts(t),) for t in one.tests], one.either, one.repeated, one.then_silent))


def _parts(test: object) -> Sequence[object]:
    return [getattr(test, name) for name in ("feature", "entity", "window", "op", "value", "of", "within")]


def open_world(folder: Path, labelled: bool = True, into: str = ":memory:") -> World:
    """Read transactions.parquet, accounts.parquet and, if `labelled`, labels_accounts.parquet of a folder.

    Raises BadInput.
    """
    for name in ("transactions.parquet", "accounts.parquet", *([LABELS] if labelled else [])):
        if not (folder / name).is_file():
            raise BadInput(f"{folder / name}: expected this file in a folder to tune on")
    connection = duckdb.connect(into)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    open_tables(connection, [str(folder / "transactions.parquet")], str(folder / "accounts.parquet"))
    payments = connection.execute("SELECT count(*) FROM tx").fetchall()[0][0]
    return World(str(folder), connection, payments, _known(connection, folder / LABELS) if labelled else {})


def _known(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[int, Known]:
    given = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()]
    missing = [name for name in _COLUMNS if name not in given]
    if missing:
        raise BadInput(f"{path}: expected the columns {', '.join(_COLUMNS)}; {', '.join(missing)} is missing")
    rows = connection.execute(
        f"SELECT a, {', '.join(f'coalesce(l.{name}, {chr(39) * 2})' for name in _COLUMNS[1:])}"
        " FROM read_parquet(?) l JOIN acc USING (account_id)",
        [str(path)],
    ).fetchall()
    return {row[0]: Known(*row[1:]) for row in rows}
