"""The synthetic world is fair: nothing alone gives a planted case away, and the measure of that sees a leak."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from lindung_redflags.synth import make
from lindung_redflags.synth.fairness import FIGURES, LEAST, MOST, Occurrence, occurrences, separations

SEEDS = (1, 12)


@pytest.fixture(scope="module", params=SEEDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fair") / "world"
    make(out, transactions=600_000, accounts=60_000, seed=request.param, prevalence=0.002)
    return out


def test_everything_is_more_often_innocent(folder: Path) -> None:
    found = occurrences(folder)
    columns = {one.column for one in found}
    assert {"channel", "payer_abroad", "payer_country", "minor", "remark", "currency"} <= columns
    assert {one.what for one in found if one.column == "minor"} == {"payer", "payee"}
    assert sum(one.planted for one in found if one.column == "channel") > 500
    assert [one for one in found if not one.fair] == []


def test_no_single_figure_gives_planted_accounts_away(folder: Path) -> None:
    found = separations(folder)
    assert set(found) == {"payer", "payee", "possible_victim"}
    assert len(FIGURES) >= 12
    assert {
        (side, figure): area for side, areas in found.items() for figure, area in areas.items() if area > MOST
    } == {}


def _change(folder: Path, out: Path, sql: str) -> Path:
    """A copy of a world whose payments were changed by SQL over the view `transactions`."""
    out.mkdir()
    with duckdb.connect() as connection:
        for name in ("transactions", "accounts", "labels_accounts", "labels_transactions"):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name}.parquet')")
        for name in ("transactions", "accounts", "labels_accounts", "labels_transactions"):
            said = sql if name == "transactions" else f"SELECT * FROM {name}"
            connection.execute(f"COPY ({said}) TO '{out / name}.parquet' (FORMAT parquet)")
    return out


def test_the_measure_sees_a_leak(folder: Path, tmp_path: Path) -> None:
    """A remark of their own, and a size of their own, are found out."""
    leak = _change(
        folder,
        tmp_path / "remark",
        "SELECT t.* REPLACE (CASE WHEN l.tx_id IS NOT NULL THEN 'tanda' ELSE remark END AS remark) FROM transactions t "
        "LEFT JOIN labels_transactions l USING (tx_id)",
    )
    unfair = [one for one in occurrences(leak) if not one.fair]
    assert [(one.column, one.what, one.innocent) for one in unfair] == [("remark", "tanda", 0)]
    large = _change(
        folder,
        tmp_path / "large",
        "SELECT t.* REPLACE (CASE WHEN a.side = 'payee' THEN 900000000 ELSE amount_idr END AS amount_idr) "
        "FROM transactions t "
        "LEFT JOIN (SELECT * FROM labels_accounts WHERE planted) a ON a.account_id = t.payee_id",
    )
    found = separations(large)
    assert found["payee"]["largest_in"] > 0.99
    assert found["payer"]["largest_in"] < MOST


def test_twenty_times_is_counted() -> None:
    assert Occurrence("channel", "gift", 5, 5 * LEAST).fair
    assert not Occurrence("channel", "gift", 5, 5 * LEAST - 1).fair
    assert Occurrence("channel", "gift", 0, 0).fair
