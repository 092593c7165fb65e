"""What is read: values, rates, what is left out and told, and the account of it all."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lindung_redflags.errors import BadInput
from lindung_redflags.reading import open_tables
from lindung_redflags.rows import accounts as read_accounts
from lindung_redflags.rows import payments as read_payments
from tests.test_reading_faults import GOOD_ACC, GOOD_TX, NOW, listed, payments, write

MINIMAL = {name: GOOD_TX[name] for name in (
    "tx_id", "ts", "amount", "currency", "payer_id", "payee_id", "payer_country", "payee_country", "channel",
)}  # fmt: skip


def opened(folder: Path, tx: list[dict[str, str]], acc: list[dict[str, str]], **more: Any) -> Any:
    connection = duckdb.connect()
    quality = open_tables(connection, write(folder / "t.csv", tx), write(folder / "a.csv", acc), now=NOW, **more)
    return connection, quality


def test_one_payment_with_everything(tmp_path: Path) -> None:
    full = GOOD_TX | {"device_id": "d1", "merchant_category": "5816", "purpose_code": "GIFT"}
    connection, _ = opened(tmp_path, [full], listed())
    (row,) = read_payments(connection)
    assert (row.t, row.amount, row.cur, row.idr, row.balance) == (1772327700, 500_000_000, "IDR", 50000, 105_000)
    assert (row.p, row.q, row.ph, row.qh, row.pc, row.qc, row.dest) == (0, 1, 0, 1, "ID", "ID", "AU")
    assert (row.device, row.mcc, row.purpose, row.status, row.channel) == ("d1", "5816", "GIFT", "completed", "bank")
    one = read_accounts(connection)[0]
    assert (one.account_id, one.holder_id, one.kind, one.product, one.kyc) == ("a1", "h1", "person", "bank", "full")
    assert (one.birth, one.opened, one.offset_s) == (7425, 1577836800 - 25200, 25200)
    assert (one.customer, one.listed) == (True, True)


def test_what_is_absent_is_unknown_and_external_accounts_are_nobody(tmp_path: Path) -> None:
    connection, quality = opened(tmp_path, [MINIMAL], [{"account_id": "a2", "kind": ""}])
    (row,) = read_payments(connection)
    assert (row.status, row.idr, row.remark, row.device, row.mcc, row.balance, row.purpose, row.dest) == (
        "completed", 50000, None, None, None, None, None, None,
    )  # fmt: skip
    external, known = read_accounts(connection)[0], read_accounts(connection)[1]
    assert (external.account_id, external.listed, external.subject, external.kind, external.offset_s) == (
        "a1", False, False, None, None,
    )  # fmt: skip
    assert (known.listed, known.customer, known.offset_s, known.birth) == (True, True, None, None)
    assert (quality.unmatched_ids, quality.unmatched_rows, quality.unknown_offsets) == (1, 1, 1.0)
    assert quality.absent["transactions"] == [
        "amount_idr", "status", "remark", "device_id", "merchant_category", "payer_balance_after", "purpose_code",
        "destination_country",
    ]  # fmt: skip


def test_types_do_not_depend_on_what_is_there(tmp_path: Path) -> None:
    described = []
    for n, (tx, acc) in enumerate((([GOOD_TX], listed()), ([MINIMAL], [{"account_id": "a2", "kind": ""}]))):
        (tmp_path / str(n)).mkdir()
        connection, _ = opened(tmp_path / str(n), tx, acc)
        described.append([connection.execute(f"DESCRIBE {name}").fetchall() for name in ("tx", "acc")])
    assert described[0] == described[1]
    types = {row[0]: row[1] for row in described[0][0]}
    assert [types[name] for name in ("n", "t", "amount", "idr", "p", "ph", "remark", "balance")] == [
        "BIGINT", "BIGINT", "BIGINT", "BIGINT", "INTEGER", "INTEGER", "VARCHAR", "BIGINT",
    ]  # fmt: skip


@pytest.mark.parametrize(("region", "seconds"), [
    ("11", 25200), ("31", 25200), ("61.71", 25200), ("6201", 25200), ("51", 28800), ("63", 28800), ("65", 28800),
    ("7606", 28800), ("81", 32400), ("91", 32400), ("96.71.01", 32400),
])  # fmt: skip
def test_the_time_of_a_region(tmp_path: Path, region: str, seconds: int) -> None:
    acc = [GOOD_ACC | {"region": region, "utc_offset": ""}, GOOD_ACC | {"account_id": "a2", "region": region}]
    connection, _ = opened(tmp_path, [GOOD_TX], acc)
    known = read_accounts(connection)
    assert known[0].offset_s == seconds
    assert known[1].offset_s == 25200, "minutes that are given go before a region"


def test_holders(tmp_path: Path) -> None:
    acc = [GOOD_ACC | {"account_id": name, "holder_id": holder} for name, holder in (
        ("a1", "h1"), ("a2", "h1"), ("a3", ""), ("a4", "a3"),
    )]  # fmt: skip
    connection, _ = opened(tmp_path, [GOOD_TX | {"payee_id": "x9"}], acc)
    holders = {one.account_id: one.h for one in read_accounts(connection).values()}
    assert holders["a1"] == holders["a2"]
    assert len({holders[name] for name in ("a1", "a3", "a4", "x9")}) == 4, "an account is not the holder of its name"
    assert sorted(set(holders.values())) == [0, 1, 2, 3]


def test_rupiah_from_rates_are_exact_and_half_up(tmp_path: Path) -> None:
    cases = [("0.0001", "5000", 1), ("0.0001", "4999.99999999", 0), ("1", "10250.5", 10251), ("3", "0.49999999", 1),
             ("99999999999999.9999", "9", 900000000000000), ("19.99", "16234.56789012", 324529)]  # fmt: skip
    rates = [{"date": f"2026-03-0{n}", "currency": "USD", "idr": idr} for n, (_, idr, _) in enumerate(cases, 1)]
    foreign = GOOD_TX | {"currency": "USD", "amount_idr": ""}
    tx = [
        foreign | {"tx_id": f"t{n}", "ts": f"2026-03-0{n}T00:30:00+07:00", "amount": amount}
        for n, (amount, _, _) in enumerate(cases, 1)
    ]
    connection, _ = opened(tmp_path, tx, listed(), rates=write(tmp_path / "r.csv", rates))
    assert [row.idr for row in read_payments(connection)] == [idr for _, _, idr in cases]


@pytest.mark.parametrize(("amount", "idr"), [("50000.5", 50001), ("50000.4999", 50000), ("0.4999", 0), ("0.5", 1)])
def test_rupiah_of_rupiah_need_no_rate(tmp_path: Path, amount: str, idr: int) -> None:
    connection, _ = opened(tmp_path, [MINIMAL | {"amount": amount}], listed())
    assert connection.execute("SELECT idr FROM tx").fetchall() == [(idr,)]


def test_files_may_be_a_list_a_pattern_a_folder_or_a_table_and_give_the_same(tmp_path: Path) -> None:
    (tmp_path / "days").mkdir()
    rows = payments(6)
    for n in range(3):
        write(tmp_path / "days" / f"{n}.csv", rows[2 * n : 2 * n + 2])
    accounts = write(tmp_path / "a.csv", listed())
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW given AS FROM read_csv('{tmp_path}/days/*.csv', all_varchar = true)")
    found = []
    for given in (
        [tmp_path / "days" / f"{n}.csv" for n in (2, 0, 1)],
        str(tmp_path / "days" / "?.csv"),
        tmp_path / "days",
        "given",
    ):
        open_tables(connection, given, accounts, now=NOW)
        found.append(read_payments(connection))
        connection.execute("DROP TABLE tx; DROP TABLE acc")
    assert len(found[0]) == 6
    assert all(one == found[0] for one in found)


def test_a_name_with_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    for name in ("t[1].csv", "it's.csv"):
        path = write(tmp_path / name, payments())
        quality = open_tables(duckdb.connect(), path, write(tmp_path / "a.csv", listed()), now=NOW)
        assert quality.rows == 3


def test_semicolons_a_mark_of_byte_order_and_windows_line_ends(tmp_path: Path) -> None:
    text = "\r\n".join([";".join(GOOD_TX), ";".join(GOOD_TX.values()), ""])
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    connection = duckdb.connect()
    open_tables(connection, tmp_path / "t.csv", write(tmp_path / "a.csv", listed()), now=NOW)
    assert [row.tx_id for row in read_payments(connection)] == ["t1"]


def test_a_file_with_nothing_but_names_gives_no_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",".join(GOOD_TX) + "\n")
    (tmp_path / "a.csv").write_text(",".join(GOOD_ACC) + "\n")
    connection = duckdb.connect()
    quality = open_tables(connection, tmp_path / "t.csv", tmp_path / "a.csv")
    assert (quality.rows, quality.accounts, quality.first, quality.unknown_offsets) == (0, 0, None, None)
    assert quality.null_rates == {"accounts": {}, "transactions": {}}
    assert read_payments(connection) == []


def test_columns_that_nobody_reads_are_named(tmp_path: Path) -> None:
    _, quality = opened(tmp_path, [GOOD_TX | {"branch": "7", "teller": "x"}], listed())
    assert quality.ignored == {"accounts": [], "transactions": ["branch", "teller"]}


FORMULA = '=HYPERLINK("http://example.invalid")'


def test_rows_that_are_wrong_go_to_a_file_and_the_rest_is_read(tmp_path: Path) -> None:
    tx = payments(6)
    tx[1] |= {"amount": "-5", "channel": "swift", "remark": FORMULA}
    tx[3]["tx_id"] = "t1"
    tx[4]["remark"] = FORMULA
    path = write(tmp_path / "t.csv", tx)
    path.write_bytes(path.read_bytes().replace(b"t3,", b"t3,,"))
    reject = tmp_path / "rejected.csv"
    accounts = write(tmp_path / "a.csv", [*listed(), GOOD_ACC | {"account_id": "a3", "kind": "x"}])
    connection = duckdb.connect()
    quality = open_tables(connection, path, accounts, reject=reject, now=NOW)
    assert [(row.tx_id, row.remark) for row in read_payments(connection)] == [
        ("t1", tx[0]["remark"]), ("t5", FORMULA), ("t6", tx[5]["remark"]),
    ]  # fmt: skip
    with reject.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["file"], row["row"], row["column"]) for row in found] == [
        (str(accounts), "4", "kind"), (str(path), "4", ""), (str(path), "3", "amount"), (str(path), "3", "channel"),
        (str(path), "5", "tx_id"),
    ]  # fmt: skip
    assert "HYPERLINK" not in reject.read_text()
    assert quality.rejected == {"accounts": 1, "transactions": 3}
    assert quality.duplicates == {"accounts": 0, "transactions": 1}
    assert (quality.rows, quality.accounts) == (3, 2)


def test_rejected_rows_of_parquet_are_told_by_their_number(tmp_path: Path) -> None:
    rows = write(tmp_path / "t.csv", payments(4))
    chosen = "SELECT * REPLACE (CASE tx_id WHEN 't3' THEN '-1' ELSE amount END AS amount)"
    duckdb.connect().execute(f"COPY ({chosen} FROM read_csv('{rows}', all_varchar = true)) TO '{tmp_path}/t.parquet'")
    connection = duckdb.connect()
    accounts = write(tmp_path / "a.csv", listed())
    quality = open_tables(connection, tmp_path / "t.parquet", accounts, reject=tmp_path / "r.csv", now=NOW)
    assert [row.tx_id for row in read_payments(connection)] == ["t1", "t2", "t4"]
    assert (tmp_path / "r.csv").read_text().splitlines()[1].startswith(f"{tmp_path}/t.parquet,3,amount,")
    assert quality.rejected["transactions"] == 1


def test_a_file_of_rejected_rows_holds_no_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("=1+1.csv"), [GOOD_TX | {"channel": "swift"}])
    write(Path("a.csv"), listed())
    open_tables(duckdb.connect(), "=1+1.csv", "a.csv", reject="r.csv", now=NOW)
    assert Path("r.csv").read_text().splitlines()[1].startswith("'=1+1.csv,2,channel,")


def test_a_fault_of_a_whole_file_is_not_rejected_but_refused_and_leaves_no_file(tmp_path: Path) -> None:
    bad = [{k: v for k, v in row.items() if k != "amount"} for row in payments()]
    with pytest.raises(BadInput, match="column amount: expected this column"):
        opened(tmp_path, bad, listed(), reject=tmp_path / "r.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "t.csv"]


def test_nothing_of_the_work_is_left_in_the_connection(tmp_path: Path) -> None:
    connection, _ = opened(tmp_path, [*payments(), GOOD_TX], listed(), reject=tmp_path / "r.csv")
    names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    assert names == [("acc",), ("tx",)]


def test_relations(tmp_path: Path) -> None:
    rows = [
        {"holder_a": "h1", "holder_b": "h2", "relation": "parent", "since": "2020-01-01", "until": ""},
        {"holder_a": "h1", "holder_b": "gone", "relation": "sibling", "since": "", "until": "1970-01-02"},
    ]
    connection, quality = opened(tmp_path, payments(), listed(), relations=write(tmp_path / "rel.csv", rows))
    assert connection.execute("SELECT * FROM rel ORDER BY relation").fetchall() == [
        (0, 1, "parent", 18262, None), (0, None, "sibling", None, 1),
    ]  # fmt: skip
    assert quality.unmatched_relations == 1


def test_the_quality_of_what_was_read(tmp_path: Path) -> None:
    tx = payments(4)
    tx[0]["ts"], tx[1]["ts"] = "2026-03-01T17:30:00Z", "2026-03-02T16:59:59.9Z"
    tx[2]["ts"], tx[3]["ts"] = "2026-03-05T01:00:00+07:00", "2026-03-02T09:00:00Z"
    tx[0]["remark"] = ""
    acc = [*listed(), GOOD_ACC | {"account_id": "a3", "region": "", "utc_offset": ""}]
    _, quality = opened(tmp_path, tx, acc)
    quality.write(tmp_path / "quality.json")
    said = json.loads((tmp_path / "quality.json").read_text())
    assert (said["rows"], said["accounts"], said["unknown_offsets"]) == (4, 3, 0.333333)
    assert (said["first"], said["last"]) == ("2026-03-01T17:30:00Z", "2026-03-04T18:00:00Z")
    assert said["days_without_payments"] == ["2026-03-03", "2026-03-04"]
    assert said["null_rates"]["transactions"]["remark"] == 0.25
    assert said["null_rates"]["transactions"]["amount"] == 0
    assert "device_id" not in said["null_rates"]["transactions"]
    whole = (tmp_path / "t.csv").read_bytes()
    assert {"kind": "transactions", "name": str(tmp_path / "t.csv"), "bytes": len(whole),
            "sha256": hashlib.sha256(whole).hexdigest()} in said["files"]  # fmt: skip
    assert not list(tmp_path.glob(".*"))


def test_rows_are_numbered_in_the_order_of_time_and_id_however_many_there_are(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    duckdb.connect().execute(f"""
        COPY (
            SELECT 't' || hash(i) AS tx_id, 1.5::DECIMAL(18,4) AS amount, 'IDR' AS currency, 'a1' AS payer_id,
                TIMESTAMPTZ '2026-03-01 00:00:00Z' + to_seconds((hash(i + 1) % 5000)::BIGINT) AS ts,
                'a2' AS payee_id, 'ID' AS payer_country, 'ID' AS payee_country, 'bank' AS channel
            FROM range(400000) r(i)
        ) TO '{path}' (ROW_GROUP_SIZE 20000)
    """)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    open_tables(connection, path, write(tmp_path / "a.csv", listed()), now=NOW)
    assert connection.execute("SELECT current_setting('preserve_insertion_order')").fetchall() == [(False,)]
    wrong = connection.execute(
        "SELECT count(*) FROM (SELECT n, row_number() OVER (ORDER BY t, tx_id) - 1 AS m FROM tx) WHERE n <> m"
    ).fetchall()
    assert wrong == [(0,)]
