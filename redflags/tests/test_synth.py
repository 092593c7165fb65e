"""The synthetic world: what is written, that it is sound, the same again, and nothing half-made."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung_redflags.errors import BadInput
from lindung_redflags.synth import command, make, making
from lindung_redflags.synth.cases import Maker
from lindung_redflags.synth.choosing import PATTERNS
from lindung_redflags.synth.families import FAMILIES, family_size
from lindung_redflags.synth.money import CENTS, CURRENCIES, GRID, RATE, UNIT, in_currency, to_rupiah
from lindung_redflags.synth.rows import Rows
from lindung_redflags.synth.seasons import allowance_days, fasting, weights
from lindung_redflags.synth.world import build
from lindung_redflags.synth.writing import coded, decimals, numbered

SIZE = {"transactions": 400_000, "accounts": 40_000, "prevalence": 0.002}
TABLES = ("transactions", "accounts", "labels_accounts", "labels_transactions")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synth") / "world"
    make(out, seed=1, **SIZE)
    return out


@pytest.fixture(scope="module")
def world(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in TABLES:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name}.parquet')")
    return connection


def one(world: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = world.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_as_many_as_asked(world: duckdb.DuckDBPyConnection) -> None:
    assert one(world, "SELECT count(*) FROM transactions") == SIZE["transactions"]
    assert one(world, "SELECT count(*) FROM accounts") == SIZE["accounts"]
    assert one(world, "SELECT count(*) FROM labels_accounts WHERE planted") == 80
    assert one(world, "SELECT count(DISTINCT tx_id) FROM transactions") == SIZE["transactions"]
    assert one(world, "SELECT count(DISTINCT account_id) FROM accounts") == SIZE["accounts"]


def test_columns_are_those_of_the_input(world: duckdb.DuckDBPyConnection) -> None:
    found = {name: kind for name, kind, *_ in world.execute("DESCRIBE transactions").fetchall()}
    assert found == {
        "tx_id": "VARCHAR",
        "ts": "TIMESTAMP WITH TIME ZONE",
        "amount": "DECIMAL(18,4)",
        "currency": "VARCHAR",
        "amount_idr": "BIGINT",
        "payer_id": "VARCHAR",
        "payee_id": "VARCHAR",
        "payer_country": "VARCHAR",
        "payee_country": "VARCHAR",
        "channel": "VARCHAR",
        "status": "VARCHAR",
        "remark": "VARCHAR",
        "device_id": "VARCHAR",
        "merchant_category": "VARCHAR",
        "payer_balance_after": "DECIMAL(18,4)",
        "purpose_code": "VARCHAR",
        "destination_country": "VARCHAR",
    }
    found = {name: kind for name, kind, *_ in world.execute("DESCRIBE accounts").fetchall()}
    assert found == {
        "account_id": "VARCHAR",
        "holder_id": "VARCHAR",
        "kind": "VARCHAR",
        "birth_date": "DATE",
        "region": "VARCHAR",
        "utc_offset": "INTEGER",
        "country": "VARCHAR",
        "opened_on": "DATE",
        "is_customer": "BOOLEAN",
        "product": "VARCHAR",
        "kyc_level": "VARCHAR",
    }


def test_nothing_is_unsound(world: duckdb.DuckDBPyConnection) -> None:
    wrong = {
        "amounts": "amount <= 0 OR amount_idr <= 0",
        "to oneself": "payer_id = payee_id",
        "rupiah with sen": "currency = 'IDR' AND amount % 1 <> 0",
        "rupiah from rupiah": "currency = 'IDR' AND amount <> amount_idr",
        "currency": "(payer_country = 'ID') <> (currency = 'IDR')",
        "balance": "payer_balance_after < 0",
        "outside the period": "ts < TIMESTAMPTZ '2026-01-03 00:00Z' OR ts > TIMESTAMPTZ '2026-05-06 00:00Z'",
    }
    for name, condition in wrong.items():
        assert one(world, f"SELECT count(*) FROM transactions WHERE {condition}") == 0, name
    order = "SELECT epoch_us(ts) < lag(epoch_us(ts)) OVER (ORDER BY tx_id) AS back FROM transactions"
    assert one(world, f"SELECT count(*) FROM ({order}) WHERE back") == 0
    early = """SELECT count(*) FROM transactions t JOIN accounts a ON a.account_id IN (t.payer_id, t.payee_id)
        WHERE epoch(t.ts) < (a.opened_on - DATE '1970-01-01') * 86400 - 14 * 3600"""
    assert one(world, early) == 0
    assert one(world, "SELECT count(*) FROM accounts WHERE opened_on < birth_date") == 0
    country = """SELECT count(*) FROM transactions t JOIN accounts a ON a.account_id = t.payer_id
        WHERE a.country <> t.payer_country"""
    assert one(world, country) == 0


def test_rupiah_follow_the_rates_half_up(folder: Path, world: duckdb.DuckDBPyConnection) -> None:
    with (folder / "rates.csv").open(encoding="utf-8") as file:
        rates = {(row["date"], row["currency"]): Decimal(row["idr"]) for row in csv.DictReader(file)}
    rows = world.execute("""SELECT strftime(make_timestamp(epoch_us(ts)), '%Y-%m-%d'), currency, amount, amount_idr
        FROM transactions WHERE currency <> 'IDR'""").fetchall()
    assert len(rows) > 10_000
    for day, currency, amount, idr in rows:
        assert int((amount * rates[day, currency]).quantize(Decimal(1), ROUND_HALF_UP)) == idr


def test_balances_are_a_running_sum(world: duckdb.DuckDBPyConnection) -> None:
    """From one payment to the next a balance changes by what came and went in between."""
    chosen = """SELECT payer_id FROM transactions WHERE payer_balance_after IS NOT NULL
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 60"""
    rows = world.execute(f"""SELECT payer_id, payee_id, amount_idr, status, payer_balance_after FROM transactions
        WHERE payer_id IN ({chosen}) OR payee_id IN ({chosen}) ORDER BY tx_id""").fetchall()
    ours = {row[0] for row in world.execute(chosen).fetchall()}
    known: dict[str, Decimal] = {}
    checked = 0
    for payer, payee, idr, status, after in rows:
        moved = idr if status == "completed" else 0
        if payee in known:
            known[payee] += moved
        if payer in ours:
            if payer in known:
                assert known[payer] - moved == after
                checked += 1
            known[payer] = after
    assert checked > 3000


def test_labels(world: duckdb.DuckDBPyConnection) -> None:
    families = dict(
        world.execute("SELECT family, count(*) FROM labels_accounts WHERE NOT planted GROUP BY 1").fetchall()
    )
    assert families == dict.fromkeys(FAMILIES, 300)
    assert one(world, "SELECT count(*) - count(DISTINCT account_id) FROM labels_accounts") == 0
    for name, condition in {
        "planted without a pattern": "planted <> (pattern <> '')",
        "both planted and of a family": "planted = (family <> '')",
        "difficulty": "planted <> (difficulty IN ('easy', 'hard')) OR (NOT planted AND difficulty <> '')",
        "side": "side NOT IN ('payer', 'payee', 'possible_victim')",
    }.items():
        assert one(world, f"SELECT count(*) FROM labels_accounts WHERE {condition}") == 0, name
    sides = dict(world.execute("SELECT DISTINCT pattern, side FROM labels_accounts WHERE planted").fetchall())
    assert sides == {pattern.id: pattern.side for pattern in PATTERNS}
    assert {name for name, side in sides.items() if side == "possible_victim"} == {
        "X01",
        "X02",
        "X03",
        "X04",
        "X06",
        "R08",
    }
    both = "SELECT pattern FROM labels_accounts WHERE planted GROUP BY 1 HAVING count(DISTINCT difficulty) < 2"
    assert world.execute(both).fetchall() == []
    subjects = """SELECT count(*) FROM labels_accounts JOIN accounts USING (account_id)
        WHERE planted AND is_customer AND
        kind NOT IN ('merchant', 'biller', 'school', 'charity', 'business', 'agent')"""
    assert one(world, subjects) == 80


def test_no_young_person_is_planted_as_a_suspect(world: duckdb.DuckDBPyConnection) -> None:
    found = """SELECT count(*) FROM labels_accounts JOIN accounts USING (account_id) 
        WHERE planted AND side <> 'possible_victim' AND
        (kind IN ('minor', 'student') OR birth_date > DATE '2008-01-05')"""
    assert one(world, found) == 0


def test_each_planted_payment_belongs_to_its_account(world: duckdb.DuckDBPyConnection) -> None:
    alien = """SELECT count(*) FROM labels_transactions l JOIN transactions t USING (tx_id) WHERE NOT EXISTS (
        SELECT 1 FROM labels_accounts a WHERE a.pattern = l.pattern AND a.account_id IN (t.payer_id, t.payee_id))"""
    assert one(world, "SELECT count(*) FROM labels_transactions") > 400
    assert one(world, alien) == 0
    idle = """SELECT count(*) FROM labels_accounts a WHERE planted AND NOT EXISTS (
        SELECT 1 FROM labels_transactions l JOIN transactions t USING (tx_id) WHERE a.pattern = l.pattern AND
        a.account_id IN (t.payer_id, t.payee_id))"""
    assert one(world, idle) == 0


def test_it_is_indonesia(world: duckdb.DuckDBPyConnection) -> None:
    zones = """SELECT count(*) FILTER (region::INT BETWEEN 11 AND 36 OR region IN ('61', '62')),
        count(*) FILTER (region::INT > 80),
        count(*) FROM accounts WHERE region IS NOT NULL AND country = 'ID'"""
    west, east, everybody = world.execute(zones).fetchone() or (0, 0, 0)
    assert 0.7 < west / everybody < 0.9
    assert 0.01 < east / everybody < 0.06
    assert {row[0] for row in world.execute("SELECT DISTINCT channel FROM transactions").fetchall()} == {
        "bank",
        "ewallet",
        "qris",
        "pulsa",
        "topup",
        "gift",
        "remittance",
        "card",
        "crypto",
        "cash",
    }
    kinds = {row[0] for row in world.execute("SELECT DISTINCT kind FROM accounts").fetchall()}
    assert kinds == {"person", "minor", "student", "business", "merchant", "school", "charity", "biller", "agent"}
    heavy = """SELECT sum(n) FILTER (rank <= 0.01) / sum(n) FROM (
        SELECT n, percent_rank() OVER (ORDER BY n DESC) AS rank
        FROM (SELECT payer_id, count(*) AS n FROM transactions JOIN accounts ON account_id = payer_id GROUP BY 1))"""
    assert 0.05 < float(str(one(world, heavy))) < 0.4
    touches = """SELECT avg(n) FROM (SELECT account_id, count(*) AS n FROM (
        SELECT payer_id AS account_id FROM transactions UNION ALL SELECT payee_id FROM transactions)
        JOIN accounts USING (account_id) GROUP BY 1)"""
    assert 12 < float(str(one(world, touches))) < 22


def test_feasts_and_paydays(world: duckdb.DuckDBPyConnection) -> None:
    days = dict(
        world.execute("""SELECT make_timestamp(epoch_us(ts))::DATE, count(*) FROM transactions
        WHERE remark IN ('THR') AND purpose_code = 'SALA' GROUP BY 1""").fetchall()
    )
    assert sum(days.values()) > 500
    assert min(days) >= date(2026, 3, 6)
    assert max(days) <= date(2026, 3, 14)
    level = weights(date(2026, 1, 5), 120)
    assert level[20] > 1.2 * level[8]  # Sunday the 25th of January against Tuesday the 13th
    fast = fasting(date(2026, 1, 5), 120)
    assert int(fast.sum()) == 30
    assert np.flatnonzero(fast)[0] == (date(2026, 2, 19) - date(2026, 1, 5)).days
    assert len(allowance_days(date(2026, 6, 1), 90)) == 0
    meal = """SELECT count(*) FILTER (h = 4) / count(*) FROM (
        SELECT hour(make_timestamp(epoch_us(ts) + 25200000000)) AS h,
        make_timestamp(epoch_us(ts) + 25200000000)::DATE AS d FROM transactions WHERE channel = 'qris')
        WHERE (d BETWEEN DATE '2026-02-19' AND DATE '2026-03-20') = {}"""
    assert float(str(one(world, meal.format("true")))) > 3 * float(str(one(world, meal.format("false"))))


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_seed_decides_everything(tmp_path: Path) -> None:
    small = {"transactions": 20_000, "accounts": 2_000, "prevalence": 0.01}
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make(tmp_path / name, seed=seed, **small)
    first, again, other = (_hashes(tmp_path / name) for name in "abc")
    assert set(first) == set(making.FILES)
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_the_summary_says_what_is_there(folder: Path, tmp_path: Path) -> None:
    said = json.loads((folder / "meta.json").read_text("utf-8"))
    assert said["arguments"]["seed"] == 1
    assert said["unfair"] == []
    assert said["families"] == dict.fromkeys(FAMILIES, 300)
    assert sum(sum(one.values()) for one in said["planted"].values()) == 80
    lines: list[str] = []
    command(tmp_path / "x", transactions=20_000, accounts=2_000, seed=3, prevalence=0.02, say=lines.append)
    assert any("40 accounts" in line for line in lines)
    rare = "2,000 accounts cannot hold 40 planted ones fairly"
    assert any(line.startswith("too rare among innocent payments: ") for line in lines), rare


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"accounts": 1_999}, "accounts: 1999; expected 2000 to"),
        ({"transactions": 11_999}, "transactions: 11999; expected 12000 to"),
        ({"prevalence": 0.03}, "prevalence: 0.03; expected 0 to 0.02"),
        ({"prevalence": -0.1}, "prevalence"),
        ({"days": 99}, "days: 99; expected 100 to 730"),
        ({"seed": -1}, "seed: -1; expected 0"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, wrong: dict[str, float], named: str) -> None:
    asked = {"transactions": 20_000, "accounts": 2_000, "seed": 1, "prevalence": 0.01, **wrong}
    with pytest.raises(BadInput, match=named):
        make(tmp_path / "out", **asked)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"transactions": 20_000, "accounts": 2_000, "seed": 1, "prevalence": 0.01}
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep")
    with pytest.raises(BadInput, match="does not exist yet or is empty"):
        make(tmp_path / "full", **asked)  # type: ignore[arg-type]
    assert (tmp_path / "full" / "mine.txt").read_text() == "keep"

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(making.writing, "write_labels", full)
    with pytest.raises(OSError, match="no space"):
        make(tmp_path / "out", **asked)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_sizes_of_families() -> None:
    assert [family_size(n) for n in (2_000, 20_000, 40_000, 75_000, 500_000)] == [15, 150, 300, 300, 2000]


@given(
    st.lists(
        st.tuples(st.integers(1, 10**13), st.integers(0, len(CURRENCIES) - 1), st.integers(-(10**6), 10**6)),
        min_size=1,
        max_size=30,
    )
)
def test_rupiah_half_up(rows: list[tuple[int, int, int]]) -> None:
    amount, currency, shift = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    amount //= np.maximum(RATE[currency] // UNIT, 1)
    rates = (RATE[currency] + shift * (currency > 0) % 1000)[:, None] * np.ones((1, len(CURRENCIES)), dtype=np.int64)
    found = to_rupiah(amount, currency, np.arange(len(rows)), rates)
    for number, value in enumerate(found.tolist()):
        exact = Decimal(int(amount[number])) / UNIT * Decimal(int(rates[number, 0])) / UNIT
        assert value == max(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), 1)


@given(
    st.lists(
        st.tuples(st.floats(500, 1e8), st.integers(0, len(CURRENCIES) - 1), st.booleans()), min_size=1, max_size=30
    )
)
def test_amounts_lie_on_their_grid(rows: list[tuple[float, int, bool]]) -> None:
    idr, currency, even = (np.array(column) for column in zip(*rows, strict=True))
    found = in_currency(idr, currency, even)
    step = np.where(even, GRID[currency] * UNIT, np.rint(CENTS[currency] * UNIT)).astype(np.int64)
    assert (found > 0).all()
    assert (found % step == 0).all()
    assert (np.abs(found * RATE[currency] / UNIT / UNIT - idr) <= step * RATE[currency] / UNIT / UNIT + 1).all()


@given(st.lists(st.integers(0, 10**9 - 1), min_size=1, max_size=20))
def test_texts_and_decimals(numbers: list[int]) -> None:
    values = np.array(numbers, dtype=np.int64)
    assert numbered("tx", values).to_pylist() == [f"tx{number:09d}" for number in numbers]
    assert decimals(values).to_pylist() == [Decimal(number).scaleb(-4) for number in numbers]
    gone = values % 2 == 0
    assert decimals(values, gone).to_pylist() == [
        None if number % 2 == 0 else Decimal(number).scaleb(-4) for number in numbers
    ]
    names = (None, "a", "b")
    assert coded(values % 3, names).to_pylist() == [names[number % 3] for number in numbers]


def test_the_same_word_is_no_sign(world: duckdb.DuckDBPyConnection) -> None:
    """No remark stands on planted payments only, and most planted ones have none."""
    rows = world.execute(
        """SELECT remark, pattern IS NOT NULL, count(*) FROM transactions
        LEFT JOIN labels_transactions USING (tx_id) GROUP BY ALL"""
    ).fetchall()
    counts: dict[bool, dict[str | None, int]] = defaultdict(dict)
    for text, planted, n in rows:
        counts[planted][text] = n
    assert set(counts[True]) <= set(counts[False])
    assert counts[True][None] > sum(counts[True].values()) / 3


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_has_an_account_before_they_are_born(seed: int) -> None:
    world = build(np.random.default_rng(seed), 100_000, date(2026, 1, 5), 120)
    assert (world.holder != np.arange(world.size)).sum() > 1_000
    assert (world.opened >= world.birth + 3000).all()


def test_a_payer_drawn_by_chance_is_never_the_payee() -> None:
    rng = np.random.default_rng(1)
    world = build(rng, 4_000, date(2026, 1, 5), 120)
    maker = Maker(rng, world, Rows())
    t = np.full(3, (world.first_day + 1) * 86400)
    maker.pay(t, np.array([5, 6, 5]), 5, 10_000, channel="bank")
    maker.pay(t, 5, np.array([5, 6, 5]), 10_000, channel="bank")
    book = maker.rows.joined()
    assert (book["p"] != book["q"]).all()
    assert sorted(book["p"])[:3] == [5, 5, 5]
    assert (book["q"] == 5).sum() == 3


def test_a_pot_that_its_keeper_wins_stays_where_it_is() -> None:
    rng = np.random.default_rng(1)
    maker = Maker(rng, build(rng, 4_000, date(2026, 1, 5), 120), Rows())
    t = np.full(3, (maker.world.first_day + 1) * 86400)
    maker.write(t, np.array([5, 6, 7]), np.array([8, 6, 9]), np.array([10, 20, 30]), 0, channel="bank")
    book = maker.rows.joined()
    assert book["p"].tolist() == [5, 7]
    assert book["amount"].tolist() == [10, 30]
