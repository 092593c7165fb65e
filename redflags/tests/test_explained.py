"""For every alert of a run: without the payments it hangs on it is gone, and with any one of them back it returns.

The plain reference found those payments. Here the engine is asked: each alert's account is copied once for each of its
cases, with everybody who pays or is paid by it, and all copies are scanned at once.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from lindung_redflags import hanging, words
from lindung_redflags.alerts import episodes
from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.engines import duck, found
from lindung_redflags.reading import open_tables
from lindung_redflags.rows import Account, Payment
from lindung_redflags.scanning import Asked, scan
from lindung_redflags.synth import make
from tests.books import tables

TOGETHER = timedelta(days=30)


CATALOGUE = load()
THRESHOLD = 12
"""Lower than usual: more alerts, and more of them with several reasons."""


def _scan(connection: duckdb.DuckDBPyConnection, folder: Path, transactions: Path, accounts: Path, rates: Path) -> None:
    scan(
        Asked([str(transactions)], str(accounts), folder, CATALOGUE, rates=str(rates), threshold=THRESHOLD, state=False)
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {folder.name} AS SELECT * FROM read_parquet(?)", [str(folder / "alerts.parquet")]
    )


def test_every_alert_of_a_run_hangs_on_what_it_says(tmp_path: Path) -> None:
    world = tmp_path / "world"
    make(transactions=12_000, accounts=2_000, seed=5, prevalence=0.01, out=world)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    _scan(
        connection, tmp_path / "found", world / "transactions.parquet", world / "accounts.parquet", world / "rates.csv"
    )
    alerts = connection.execute("SELECT alert_id, account_id, counterfactual FROM found ORDER BY alert_id").fetchall()
    assert len(alerts) > 15
    cases = []
    for place, (alert_id, account, told) in enumerate(alerts):
        removed = json.loads(told)["remove_tx_ids"]
        assert removed, alert_id
        for number, back in enumerate([None, *removed]):
            left_out = [name for name in removed if name != back]
            cases.append((f"_{place}_{number}", alert_id, account, left_out, back is not None))
    connection.execute(
        "CREATE TABLE cases (mark VARCHAR, alert_id VARCHAR, account VARCHAR, left_out VARCHAR[], back BOOLEAN)"
    )
    connection.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?)", cases)
    _copies(connection, world, tmp_path)
    _scan(connection, tmp_path / "again", tmp_path / "tx.parquet", tmp_path / "acc.parquet", world / "rates.csv")
    wrong = connection.execute(
        """
        SELECT c.mark, f.class, c.back, f.counterfactual FROM cases c JOIN found f USING (alert_id)
        WHERE c.back <> EXISTS (
            SELECT 1 FROM again g
            WHERE g.account_id = c.account || c.mark AND g.class = f.class
            AND g.first_ts <= f.last_ts + ?::INTERVAL AND f.first_ts <= g.last_ts + ?::INTERVAL
        )
        """,
        [TOGETHER, TOGETHER],
    ).fetchall()
    assert wrong == []


def test_two_processes_find_what_one_finds_and_a_fault_of_one_is_not_lost(tmp_path: Path) -> None:
    world = tmp_path / "world"
    make(transactions=12_000, accounts=2_000, seed=6, prevalence=0.01, out=world)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        open_tables(connection, [str(world / "transactions.parquet")], str(world / "accounts.parquet"))
        duck.find(connection, CATALOGUE, CATALOGUE.grids)
        reaching = found.episodes(connection, CATALOGUE, THRESHOLD)
        alerts = [one for one in episodes(reaching, CATALOGUE, THRESHOLD) if one.alerts]
        assert len(alerts) > 4
        alone = hanging.all_of(connection, CATALOGUE, THRESHOLD, alerts, processes=1)
        assert hanging.all_of(connection, CATALOGUE, THRESHOLD, alerts, processes=2) == alone
        assert [all(one.remove) for _, one in alone] == [True] * len(alerts)
        connection.execute("UPDATE tx SET status = 'declined'")
        for processes in (1, 2):
            with pytest.raises(AssertionError, match="does not confirm the alert"):
                hanging.all_of(connection, CATALOGUE, THRESHOLD, alerts, processes=processes)


def test_payments_of_a_shared_device_are_known_where_only_a_share_speaks_of_them() -> None:
    shared = Indicator(
        "X", "payee", "primary", "device", 30, "in", tests=(
            Test("share", "account", 86400, ">=", 1, "least", Conditions.of({"shared_device": 3})),
        ),
    )  # fmt: skip
    accounts = [Account(a=a, account_id=f"a{a}", h=a, holder_id=f"h{a}") for a in range(4)]
    payments = [
        Payment(n=n, tx_id=f"t{n}", t=n, amount=1, cur="IDR", idr=1, p=3, q=q, ph=3, qh=q, device="d")
        for n, q in enumerate((1, 2, 0))
    ]
    alone = Catalogue({"X": shared})
    with tables(accounts, payments) as connection:
        duck.find(connection, alone, {})
        alerts = episodes(found.episodes(connection, alone, 30), alone, 30)
        assert [one.a for one in alerts] == [0]
        [(_, told)] = hanging.all_of(connection, alone, 30, alerts, processes=1)
    assert told.remove == ("t2",)


def _copies(connection: duckdb.DuckDBPyConnection, world: Path, folder: Path) -> None:
    """For each case the account, everybody it deals with and their payments, under names of their own.

    One payment between strangers at the end keeps the clock where it was; devices are shared among all copies of one
    case and nobody else.
    """
    connection.execute(
        f"CREATE VIEW tx AS SELECT * FROM read_parquet('{world}/transactions.parquet');"
        f"CREATE VIEW acc AS SELECT * FROM read_parquet('{world}/accounts.parquet')"
    )
    connection.execute("""
        CREATE TABLE copied AS
        WITH devices AS (
            SELECT DISTINCT c.mark, x.device_id FROM cases c JOIN tx x ON x.payee_id = c.account
            WHERE x.device_id IS NOT NULL
        ), touching AS (
            SELECT c.mark, x.tx_id FROM cases c JOIN tx x ON x.payer_id = c.account OR x.payee_id = c.account
            UNION SELECT d.mark, x.tx_id FROM devices d JOIN tx x ON x.device_id = d.device_id
        )
        SELECT t.mark, x.* FROM touching t JOIN cases c USING (mark) JOIN tx x USING (tx_id)
        WHERE NOT list_contains(c.left_out, x.tx_id)
    """)
    connection.execute(f"""
        COPY (
            SELECT * EXCLUDE (mark) REPLACE (
                tx_id || mark AS tx_id, payer_id || mark AS payer_id, payee_id || mark AS payee_id,
                device_id || mark AS device_id
            ) FROM copied
            UNION ALL BY NAME
            SELECT * REPLACE ('last' AS tx_id, 'stranger-1' AS payer_id, 'stranger-2' AS payee_id) FROM tx
            WHERE tx_id = (SELECT max_by(tx_id, ts) FROM tx)
        ) TO '{folder}/tx.parquet' (FORMAT parquet)
    """)
    connection.execute(f"""
        COPY (
            SELECT a.* REPLACE (a.account_id || p.mark AS account_id, a.holder_id || p.mark AS holder_id)
            FROM (
                SELECT mark, payer_id AS account_id FROM copied UNION SELECT mark, payee_id FROM copied
            ) p JOIN acc a USING (account_id)
        ) TO '{folder}/acc.parquet' (FORMAT parquet)
    """)


def test_of_an_account_with_too_many_payments_is_said_that_nobody_can_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = tmp_path / "world"
    make(transactions=12_000, accounts=2_000, seed=6, prevalence=0.01, out=world)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        open_tables(connection, [str(world / "transactions.parquet")], str(world / "accounts.parquet"))
        duck.find(connection, CATALOGUE, CATALOGUE.grids)
        reaching = found.episodes(connection, CATALOGUE, THRESHOLD)
        alerts = [one for one in episodes(reaching, CATALOGUE, THRESHOLD) if one.alerts]
        usual = hanging.all_of(connection, CATALOGUE, THRESHOLD, alerts, processes=1)
        sizes = dict(
            connection.execute(
                "SELECT a, count(*) FROM (SELECT p AS a, n FROM tx UNION SELECT q, n FROM tx) GROUP BY a"
            ).fetchall()
        )
        most = sorted(sizes[one.a] for one in alerts)[len(alerts) // 2]
        monkeypatch.setattr(hanging, "MOST", most)
        bounded = hanging.all_of(connection, CATALOGUE, THRESHOLD, alerts, processes=2)
    busy = [sizes[one.a] > most for one in alerts]
    assert any(busy)
    assert not all(busy)
    for many, (first, told), (begun, alone) in zip(busy, bounded, usual, strict=True):
        assert (first, told) == (begun, replace(alone, remove=None) if many else alone)
    said = [
        words.hanging(replace(alone, remove=None).as_dict()["remove_tx_ids"], language) for language in ("id", "en")
    ]
    assert ["terlalu banyak pembayaran" in said[0], "too many payments" in said[1]] == [True, True]
