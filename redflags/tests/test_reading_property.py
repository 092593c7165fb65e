"""Whatever is valid is read back exactly, from CSV and from Parquet."""

from __future__ import annotations

import csv
import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung_redflags.reading import open_tables
from lindung_redflags.reading.codes import CHANNELS, KINDS, PRODUCTS, STATUSES, countries, currencies
from lindung_redflags.rows import accounts as read_accounts
from lindung_redflags.rows import payments as read_payments

NOW = 1_782_864_000
START = datetime(2000, 1, 1, tzinfo=UTC)

_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
_ids = _words.filter(lambda one: bool(one.strip()))
_remarks = st.none() | st.text(st.sampled_from("ab ,;\"'=@\n\r\té"), min_size=1, max_size=8)
_amounts = st.integers(1, 10**18 - 1)
_zones = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_moments = st.integers(0, 26 * 365 * 86400 * 1_000_000).map(lambda us: START + timedelta(microseconds=us))
_days = st.none() | st.dates(date(1950, 1, 1), date(2000, 1, 1))


@st.composite
def inputs(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    names = draw(st.lists(_ids, min_size=2, max_size=6, unique=True))
    external = draw(st.integers(0, len(names) - 1))
    accounts = [
        {
            "account_id": name, "holder_id": draw(st.none() | st.sampled_from(["h1", "h2", names[0]])),
            "kind": draw(st.none() | st.sampled_from(KINDS)), "birth_date": draw(_days),
            "utc_offset": draw(st.none() | st.integers(-720, 840)),
            "country": draw(st.none() | st.sampled_from(countries())), "is_customer": draw(st.booleans()),
            "opened_on": draw(st.none() | st.dates(date(2000, 1, 2), date(2026, 1, 1))),
            "product": draw(st.none() | st.sampled_from(PRODUCTS)), "kyc_level": draw(st.none() | _words),
        }
        for name in names[external:]
    ]  # fmt: skip
    payments = []
    tied = draw(_moments)
    for tx_id in draw(st.lists(_ids, max_size=8, unique=True)):
        payer, payee = draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
        payments.append({
            "tx_id": tx_id, "ts": draw(st.just(tied) | _moments), "zone": draw(_zones), "amount": draw(_amounts),
            "currency": draw(st.sampled_from(currencies())), "amount_idr": draw(st.integers(0, 10**15)),
            "payer_id": payer, "payee_id": payee, "payer_country": draw(st.none() | st.sampled_from(countries())),
            "payee_country": draw(st.none() | st.sampled_from(countries())),
            "channel": draw(st.none() | st.sampled_from(CHANNELS)), "status": draw(st.sampled_from(STATUSES)),
            "remark": draw(_remarks), "payer_balance_after": draw(st.none() | st.integers(-(10**17), 10**17)),
        })  # fmt: skip
    return payments, accounts


def _units(value: int | None) -> str | None:
    return None if value is None else f"{Decimal(value).scaleb(-4):f}"


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    found = dict(row)
    if "ts" in row:
        found["ts"] = row["ts"].astimezone(found.pop("zone")).isoformat()
        found["amount"], found["payer_balance_after"] = _units(row["amount"]), _units(row["payer_balance_after"])
    return {name: str(value) if value is not None else None for name, value in found.items()}


def _write(folder: Path, name: str, rows: list[dict[str, Any]], columns: list[str], form: str) -> Path:
    types = _TYPES
    path = folder / f"{name}.{form}"
    texts = [_texts(row) for row in rows]
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(texts)
        return path
    connection = duckdb.connect()
    connection.execute("CREATE TABLE x (" + ", ".join(f"{c} {types.get(c, 'VARCHAR')}" for c in columns) + ")")
    if texts:
        marks = ", ".join(f"CAST(? AS {types.get(c, 'VARCHAR')})" for c in columns)
        connection.executemany(f"INSERT INTO x VALUES ({marks})", [[row[name] for name in columns] for row in texts])
    connection.execute(f"COPY x TO '{path}'")
    return path


_TYPES = {
    "ts": "TIMESTAMPTZ", "amount": "DECIMAL(18,4)", "amount_idr": "BIGINT", "payer_balance_after": "DECIMAL(18,4)",
    "birth_date": "DATE", "opened_on": "DATE", "utc_offset": "SMALLINT", "is_customer": "BOOLEAN",
}  # fmt: skip
_PAID = ["tx_id", "ts", "amount", "currency", "amount_idr", "payer_id", "payee_id", "payer_country", "payee_country",
         "channel", "status", "remark", "payer_balance_after"]  # fmt: skip
_HELD = ["account_id", "holder_id", "kind", "birth_date", "utc_offset", "country", "opened_on", "is_customer",
         "product", "kyc_level"]  # fmt: skip


def _day(value: date | None) -> int | None:
    return None if value is None else (value - date(1970, 1, 1)).days


@pytest.mark.parametrize("form", ["csv", "parquet"])
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(inputs())
def test_what_is_valid_is_read_back(form: str, book: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    paid, held = book
    connection = duckdb.connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        open_tables(
            connection, _write(Path(folder), "t", paid, _PAID, form),
            _write(Path(folder), "a", held, _HELD, form), now=NOW,
        )  # fmt: skip
    accounts = read_accounts(connection)
    ids = sorted({row["account_id"] for row in held} | {row[side] for row in paid for side in ("payer_id", "payee_id")})
    assert [accounts[a].account_id for a in range(len(accounts))] == ids
    known = {row["account_id"]: row for row in held}
    keys = [("h", known[i]["holder_id"]) if i in known and known[i]["holder_id"] else ("a", i) for i in ids]
    for a, (name, key) in enumerate(zip(ids, keys, strict=True)):
        one, said = accounts[a], known.get(name)
        assert [accounts[b].h == one.h for b in range(len(ids))] == [other == key for other in keys]
        assert one.listed == (said is not None)
        if said is None:
            assert (one.kind, one.birth, one.opened, one.offset_s, one.customer) == (None, None, None, None, False)
            continue
        offset = None if said["utc_offset"] is None else said["utc_offset"] * 60
        day = _day(said["opened_on"])
        assert one.opened == (None if day is None else day * 86400 - (offset or 0))
        assert (one.kind, one.birth, one.offset_s) == (said["kind"], _day(said["birth_date"]), offset)
        assert (one.country, one.product, one.kyc, one.customer) == (
            said["country"], said["product"], said["kyc_level"], said["is_customer"],
        )  # fmt: skip
    assert sorted({one.h for one in accounts.values()}) == list(range(len(set(keys))))

    def second(row: dict[str, Any]) -> int:
        return int((row["ts"] - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))

    expected = sorted(paid, key=lambda row: (second(row), row["tx_id"]))
    found = read_payments(connection)
    assert [row.n for row in found] == list(range(len(paid)))
    for row, said in zip(found, expected, strict=True):
        assert (row.tx_id, row.t) == (said["tx_id"], second(said))
        assert (row.amount, row.idr) == (said["amount"], said["amount_idr"])
        assert (row.cur, row.pc, row.qc) == (said["currency"], said["payer_country"], said["payee_country"])
        assert (ids[row.p], ids[row.q]) == (said["payer_id"], said["payee_id"])
        assert (row.ph, row.qh) == (accounts[row.p].h, accounts[row.q].h)
        assert (row.channel, row.status, row.balance) == (said["channel"], said["status"], said["payer_balance_after"])
        assert row.remark == said["remark"]
