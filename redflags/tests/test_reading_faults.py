"""Faults planted one by one: each is told with its file, row, column and what was expected, and nothing is made."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lindung_redflags.errors import BadInput
from lindung_redflags.reading import InputFaults, open_tables
from lindung_redflags.reading.kinds import ACCOUNTS, RATES, RELATIONS, TRANSACTIONS

NOW = 1_782_864_000  # 2026-07-01
SECRET = "kata sandi 4711"

GOOD_TX = {
    "tx_id": "t1", "ts": "2026-03-01T08:15:00+07:00", "amount": "50000", "currency": "IDR", "amount_idr": "50000",
    "payer_id": "a1", "payee_id": "a2", "payer_country": "ID", "payee_country": "ID", "channel": "bank",
    "status": "completed", "remark": SECRET, "payer_balance_after": "10.5", "destination_country": "AU",
}  # fmt: skip
GOOD_ACC = {
    "account_id": "a1", "holder_id": "h1", "kind": "person", "birth_date": "1990-05-01", "region": "31",
    "utc_offset": "420", "country": "ID", "opened_on": "2020-01-01", "is_customer": "true", "product": "bank",
    "kyc_level": "full",
}  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def payments(count: int = 3) -> list[dict[str, str]]:
    return [GOOD_TX | {"tx_id": f"t{n}"} for n in range(1, count + 1)]


def listed() -> list[dict[str, str]]:
    return [GOOD_ACC, GOOD_ACC | {"account_id": "a2", "holder_id": "h2"}]


def refused(transactions: Any, accounts: Any, **more: Any) -> InputFaults:
    """What is said about this input; no table is left."""
    connection = duckdb.connect() if "connection" not in more else more.pop("connection")
    with pytest.raises(BadInput) as caught:
        open_tables(connection, transactions, accounts, now=NOW, **more)
    left = connection.execute("SELECT table_name FROM duckdb_tables() WHERE table_name NOT LIKE 'given%'").fetchall()
    assert left == []
    assert isinstance(caught.value, InputFaults)
    assert SECRET not in str(caught.value)
    return caught.value


def test_what_the_faults_are_planted_into_is_right(tmp_path: Path) -> None:
    quality = open_tables(
        duckdb.connect(), write(tmp_path / "t.csv", payments()), write(tmp_path / "a.csv", listed()), now=NOW
    )
    assert (quality.rows, quality.accounts, quality.unmatched_ids) == (3, 2, 0)


NEEDED = [("t", c.name) for c in TRANSACTIONS if c.needed] + [("a", c.name) for c in ACCOUNTS if c.needed]


@pytest.mark.parametrize(("table", "column"), NEEDED)
def test_a_missing_column(tmp_path: Path, table: str, column: str) -> None:
    tx, acc = payments(), listed()
    less = [{name: value for name, value in row.items() if name != column} for row in (tx if table == "t" else acc)]
    tx, acc = (less, acc) if table == "t" else (tx, less)
    said = refused(write(tmp_path / "t.csv", tx), write(tmp_path / "a.csv", acc))
    assert [(f.file, f.row, f.column, f.expected) for f in said.faults] == [
        (str(tmp_path / f"{table}.csv"), 0, column, "this column")
    ]


WRONG_TX = [
    ("tx_id", "", "not empty"), ("tx_id", "   ", "not empty"),
    ("ts", "", "a moment"), ("ts", "2026-03-01T08:15:00", "time zone"), ("ts", "2026-03-01 08:15", "time zone"),
    ("ts", "01/03/2026 08:15", "a moment, as"), ("ts", "2026-02-30T08:15:00Z", "a moment, as"),
    ("ts", "2026-03-01", "a moment, as"), ("ts", "1772327700", "a moment, as"), ("ts", "infinity", "a moment, as"),
    ("ts", "2026-07-02T00:00:01Z", "not later than a day from now"), ("ts", "1970-01-01T00:00:00Z", "2000-01-01"),
    ("ts", "9999-12-31T00:00:00Z", "not later"), ("ts", "0001-01-01T00:00:00Z", "2000-01-01"),
    ("amount", "", "an amount"), ("amount", "-5", "above zero"), ("amount", "0", "above zero"),
    ("amount", "0.0000", "above zero"), ("amount", "1.23456", "at most 4 decimals"),
    ("amount", "1,000", "a point and no other separators"), ("amount", "1.000.000", "no other separators"),
    ("amount", "Rp 5000", "a number"), ("amount", "1e5", "a number"), ("amount", "NaN", "a number"),
    ("amount", "Infinity", "a number"), ("amount", "100000000000000", "below 100,000,000,000,000"),
    ("amount", "99999999999999999999", "below"), ("amount", " 5", "a number"),
    ("currency", "", "ISO 4217"), ("currency", "RPH", "ISO 4217"), ("currency", "idr", "ISO 4217"),
    ("currency", "XXX", "ISO 4217"),
    ("amount_idr", "50000.5", "whole rupiah"), ("amount_idr", "-1", "whole rupiah"),
    ("amount_idr", "1000000000000001", "whole rupiah"), ("amount_idr", "lima", "whole rupiah"),
    ("payer_id", "", "not empty"), ("payee_id", "", "not empty"), ("payee_id", "a1", "another account"),
    ("payer_country", "IDN", "ISO 3166"), ("payer_country", "id", "ISO 3166"), ("payee_country", "ZZ", "ISO 3166"),
    ("payee_country", "EU", "ISO 3166"), ("destination_country", "UK", "ISO 3166"),
    ("channel", "swift", "one of bank, ewallet"), ("channel", "Bank", "one of bank"),
    ("status", "done", "one of completed"), ("status", "", "one of completed"),
    ("payer_balance_after", "10.00001", "at most 4 decimals"), ("payer_balance_after", "kosong", "a number"),
]  # fmt: skip
WRONG_ACC = [
    ("account_id", "", "not empty"), ("kind", "child", "one of person"), ("product", "cash", "one of bank"),
    ("birth_date", "2026-07-03", "not in the future"), ("birth_date", "01-05-1990", "a day, as"),
    ("birth_date", "1890-01-01", "not before 1900"), ("birth_date", "2021-01-01", "a day not before birth_date"),
    ("opened_on", "2027-01-01", "not in the future"), ("opened_on", "2020-13-01", "a day, as"),
    ("opened_on", "1980-01-01", "a day not before birth_date"),
    ("utc_offset", "841", "-720 to 840"), ("utc_offset", "-721", "-720 to 840"), ("utc_offset", "7.5", "whole minutes"),
    ("utc_offset", "+07:00", "whole minutes"), ("region", "99", "code of a province"),
    ("region", "Bali", "code of a province"), ("region", "3", "code of a province"), ("country", "INA", "ISO 3166"),
    ("is_customer", "", "true or false"), ("is_customer", "perhaps", "true or false"),
]  # fmt: skip


def _cases(cases: list[tuple[str, str, str]]) -> list[Any]:
    return [pytest.param(*case, id=f"{case[0]}={case[1]!r}") for case in cases]


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(("column", "value", "expected"), _cases(WRONG_TX))
def test_a_wrong_value_of_a_payment(tmp_path: Path, column: str, value: str, expected: str, form: str) -> None:
    rows = payments()
    rows[1][column] = value
    path = write(tmp_path / "t.csv", rows)
    if form == "parquet":
        path = _parquet(path)
    said = refused(path, write(tmp_path / "a.csv", listed()))
    place = 3 if form == "csv" else 2  # the line of the file, the number of the row
    assert [(f.file, f.row, f.column) for f in said.faults] == [(str(path), place, column)]
    assert expected in said.faults[0].expected
    assert ("line 3" if form == "csv" else "row 2") in str(said)


def _parquet(path: Path) -> Path:
    """The same texts as Parquet."""
    target = path.with_suffix(".parquet")
    duckdb.connect().execute(f"COPY (FROM read_csv('{path}', all_varchar = true, header = true)) TO '{target}'")
    return target


@pytest.mark.parametrize(("column", "value", "expected"), _cases(WRONG_ACC))
def test_a_wrong_value_of_an_account(tmp_path: Path, column: str, value: str, expected: str) -> None:
    rows = [*listed(), GOOD_ACC | {"account_id": "a3", "holder_id": "h3", column: value}]
    said = refused(write(tmp_path / "t.csv", payments()), write(tmp_path / "a.csv", rows))
    where = "opened_on" if "birth_date" in expected else column
    assert [(f.row, f.column) for f in said.faults] == [(4, where)]
    assert expected in said.faults[0].expected


WRONG_TYPES = [
    ("ts", "TIMESTAMP '2026-03-01 08:15:00'", "timestamps with a time zone"), ("ts", "DATE '2026-03-01'", "time zone"),
    ("ts", "1772327700", "time zone"), ("tx_id", "1.5::DOUBLE", "text or whole numbers"),
    ("amount", "true", "decimals"), ("amount", "DATE '2026-03-01'", "decimals"), ("channel", "3", "text"),
    ("amount_idr", "'x'::BLOB", "whole numbers"), ("remark", "[1, 2]", "text or whole numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "sql", "expected"), WRONG_TYPES)
def test_a_wrong_type(tmp_path: Path, column: str, sql: str, expected: str) -> None:
    path = _typed(tmp_path, {column: sql})
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert [(f.row, f.column) for f in said.faults] == [(0, column)]
    assert expected in said.faults[0].expected


def _typed(folder: Path, other: dict[str, str], name: str = "typed.parquet") -> Path:
    """A Parquet file of one row in its proper types, but for `other`: SQL by column."""
    columns = {name: f"'{value}'" for name, value in GOOD_TX.items()}
    columns |= {"ts": "TIMESTAMPTZ '2026-03-01 08:15:00+07'", "amount": "50000::DECIMAL(18,4)"}
    columns |= {"amount_idr": "50000::BIGINT", "payer_balance_after": "10.5::DECIMAL(18,4)"}
    chosen = ", ".join(f"{sql} AS {column}" for column, sql in (columns | other).items())
    duckdb.connect().execute(f"COPY (SELECT {chosen}) TO '{folder / name}'")
    return folder / name


WRONG_NUMBERS = [
    ("amount", "0.1::FLOAT", "IDR", "minor units"), ("amount", "0.125::DOUBLE", "USD", "minor units"),
    ("amount", "'NaN'::DOUBLE", "IDR", "minor units"), ("amount", "'Infinity'::DOUBLE", "IDR", "minor units"),
    ("amount", "10.5::DOUBLE", "JPY", "minor units"), ("amount", "1e17::DOUBLE", "IDR", "minor units"),
    ("amount", "-2.5::DOUBLE", "USD", "above zero"), ("amount", "1.23456::DECIMAL(18,5)", "USD", "at most 4 decimals"),
    ("amount", "123456789012345678::BIGINT", "IDR", "below"), ("amount_idr", "1.5::DOUBLE", "IDR", "whole rupiah"),
    ("amount_idr", "'NaN'::DOUBLE", "IDR", "whole rupiah"), ("amount", "NULL::DOUBLE", "IDR", "an amount"),
    ("ts", "'infinity'::TIMESTAMPTZ", "IDR", "a moment"), ("ts", "NULL::TIMESTAMPTZ", "IDR", "a moment"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "sql", "currency", "expected"), WRONG_NUMBERS)
def test_a_wrong_number_of_its_type(tmp_path: Path, column: str, sql: str, currency: str, expected: str) -> None:
    path = _typed(tmp_path, {column: sql, "currency": f"'{currency}'"})
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert [(f.row, f.column) for f in said.faults] == [(1, column)]
    assert expected in said.faults[0].expected


def test_a_double_that_is_exact_in_minor_units_is_taken(tmp_path: Path) -> None:
    path = _typed(tmp_path, {"amount": "19.99::DOUBLE", "currency": "'USD'"})
    connection = duckdb.connect()
    open_tables(connection, path, write(tmp_path / "a.csv", listed()), now=NOW)
    assert connection.execute("SELECT amount FROM tx").fetchall() == [(199900,)]


@pytest.mark.parametrize("name", ["sex", "Gender", "jenis_kelamin", "JENIS KELAMIN"])
@pytest.mark.parametrize("table", ["t", "a"])
def test_a_column_about_sex_is_refused(tmp_path: Path, name: str, table: str) -> None:
    tx, acc = payments(), listed()
    more = [row | {name: "x"} for row in (tx if table == "t" else acc)]
    tx, acc = (more, acc) if table == "t" else (tx, more)
    said = refused(write(tmp_path / "t.csv", tx), write(tmp_path / "a.csv", acc))
    assert said.faults[0].column == name.lower()
    assert "never used" in said.faults[0].expected


Spoil = Callable[[bytes], bytes]
SPOILT_CSV: list[tuple[str, Spoil, int, str]] = [
    ("empty", lambda b: b"", 0, "not empty"),
    ("only a line end", lambda b: b"\n", 1, "names of the columns"),
    ("latin 1 in one row", lambda b: b.replace(b"t2,", b"t\xe92,"), 3, "UTF-8"),
    ("utf-16", lambda b: b.decode().encode("utf-16"), 1, "UTF-16"),
    ("latin 1 in the names", lambda b: b.replace(b"remark", b"r\xe9mark"), 1, "UTF-8"),
    ("a row too long", lambda b: b.replace(b"t2,", b"t2,,"), 3, "14 values"),
    ("a row too short", lambda b: b.replace(b"t2,", b"t2"), 3, "14 values"),
    ("an open quotation mark", lambda b: b.replace(b"t2,", b'"t2,'), 3, "closing quotation mark"),
    ("text after a quotation mark", lambda b: b.replace(b"t2,", b'"t"2,'), 3, "in quotation marks"),
    ("a sign that ends texts", lambda b: b.replace(b"t2,", b"t\x002,"), 3, "control characters"),
    ("a column twice", lambda b: b.replace(b"remark", b"tx_id"), 0, "only once"),
    ("names in quotation marks that stay open", lambda b: b'"' + b, 1, "names of the columns"),
]


@pytest.mark.parametrize(("spoil", "row", "expected"), [pytest.param(*c[1:], id=c[0]) for c in SPOILT_CSV])
def test_a_spoilt_csv_file(tmp_path: Path, spoil: Spoil, row: int, expected: str) -> None:
    path = write(tmp_path / "t.csv", payments())
    path.write_bytes(spoil(path.read_bytes()))
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert (said.faults[0].row, said.count) == (row, 1)
    assert expected in said.faults[0].expected


def test_a_torn_row_after_a_remark_of_two_lines_is_told_by_its_line(tmp_path: Path) -> None:
    rows = payments()
    rows[0]["remark"] = "satu\ndua"
    rows[2]["channel"] = "swift"
    path = write(tmp_path / "t.csv", rows)
    path.write_bytes(path.read_bytes().replace(b"t2,", b"t2,,"))
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert [fault.row for fault in said.faults] == [4, 5]


@pytest.mark.parametrize("keep", [0, 3, 200, -1])
def test_a_truncated_parquet_file(tmp_path: Path, keep: int) -> None:
    path = _typed(tmp_path, {})
    path.write_bytes(path.read_bytes()[:keep])
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert said.faults[0].expected == ("a file that is not empty" if keep == 0 else "a whole Parquet file")


def test_a_parquet_file_that_is_spoilt_inside(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    chosen = ", ".join(f"'{value}' AS {name}" for name, value in GOOD_TX.items() if name != "tx_id")
    duckdb.connect().execute(f"COPY (SELECT 't' || hash(i) AS tx_id, {chosen} FROM range(50000) t(i)) TO '{path}'")
    whole = bytearray(path.read_bytes())
    whole[100:20_000] = b"\xff" * 19_900
    path.write_bytes(bytes(whole))
    said = refused(path, write(tmp_path / "a.csv", listed()))
    assert [(f.file, f.expected) for f in said.faults] == [
        (str(path), "a file that can be read to its end, with text in UTF-8")
    ]


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    accounts = write(tmp_path / "a.csv", listed())
    (tmp_path / "empty").mkdir()
    (tmp_path / "t.xlsx").write_bytes(b"x")
    for given, expected in (
        (tmp_path / "none.csv", "that exists"), (str(tmp_path / "*.parquet"), "that exists"),
        ("no_table", "that exists"), (tmp_path / "empty", "a folder with files"),
        (tmp_path / "t.xlsx", "a file .csv"), ([], "at least one file"),
    ):  # fmt: skip
        assert expected in refused(given, accounts).faults[0].expected


def test_two_files_with_different_columns(tmp_path: Path) -> None:
    one = write(tmp_path / "1.csv", payments())
    rows = [{k: v for k, v in row.items() if k != "remark"} | {"tx_id": "z", "extra": "1"} for row in payments(1)]
    two = write(tmp_path / "2.csv", rows)
    said = refused([one, two], write(tmp_path / "a.csv", listed()))
    assert said.faults[0].file == str(two)
    assert said.faults[0].expected == f"the same columns as in {one}: also remark and no extra"


def test_an_id_that_stands_twice(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1.csv", payments(3)), write(tmp_path / "2.csv", payments(2))
    said = refused([one, two], write(tmp_path / "a.csv", listed()))
    assert [(f.file, f.row, f.column, f.expected) for f in said.faults] == [
        (str(two), 2, "tx_id", "each tx_id only once"), (str(two), 3, "tx_id", "each tx_id only once"),
    ]  # fmt: skip


def test_an_account_that_stands_twice_or_with_two_holders(tmp_path: Path) -> None:
    tx = write(tmp_path / "t.csv", payments())
    again = refused(tx, write(tmp_path / "a.csv", [*listed(), GOOD_ACC]))
    assert [(f.row, f.expected) for f in again.faults] == [(4, "each account_id only once")]
    other = refused(tx, write(tmp_path / "a.csv", [*listed(), GOOD_ACC | {"holder_id": "h9"}]))
    assert [(f.row, f.expected) for f in other.faults] == [(4, "each account_id only once, and with one holder_id")]


@pytest.mark.parametrize(("change", "column", "expected"), [
    ({"date": "2026/03/01"}, "date", "a day"), ({"date": ""}, "date", "a day"),
    ({"currency": "AAA"}, "currency", "ISO 4217"),
    ({"idr": "0"}, "idr", "above zero"), ({"idr": "-1"}, "idr", "above zero"), ({"idr": "1,5"}, "idr", "above zero"),
    ({"idr": "1.123456789"}, "idr", "at most 8 decimals"), ({"idr": ""}, "idr", "above zero"),
])  # fmt: skip
def test_a_wrong_rate(tmp_path: Path, change: dict[str, str], column: str, expected: str) -> None:
    row = {"date": "2026-03-01", "currency": "AUD", "idr": "10250.25"}
    said = refused(
        write(tmp_path / "t.csv", payments()), write(tmp_path / "a.csv", listed()),
        rates=write(tmp_path / "r.csv", [row | {"currency": "USD"}, row | change]),
    )  # fmt: skip
    assert [(f.row, f.column) for f in said.faults] == [(3, column)]
    assert expected in said.faults[0].expected


def test_a_rate_that_stands_twice_and_one_that_is_missing(tmp_path: Path) -> None:
    row = {"date": "2026-03-01", "currency": "AUD", "idr": "10250.25"}
    australian = GOOD_TX | {"amount_idr": "", "currency": "AUD"}
    tx = [australian | {"ts": f"2026-03-0{day}T23:00:00Z", "tx_id": f"t{day}"} for day in (1, 2)]
    files = write(tmp_path / "t.csv", tx), write(tmp_path / "a.csv", listed())
    twice = refused(*files, rates=write(tmp_path / "r.csv", [row, row]))
    assert [(f.row, f.expected) for f in twice.faults] == [(3, "each date and currency only once")]
    missing = refused(*files, rates=write(tmp_path / "r.csv", [row | {"date": "2026-03-02"}]))
    assert [(f.row, f.column) for f in missing.faults] == [(3, "amount_idr")]
    assert missing.faults[0].expected == "amount_idr, or a rate for AUD on 2026-03-03 (UTC+7)"
    assert len(refused(*files).faults) == 2


@pytest.mark.parametrize(("change", "column", "expected"), [
    ({"holder_a": ""}, "holder_a", "not empty"), ({"holder_b": "h1"}, "holder_b", "another holder"),
    ({"relation": ""}, "relation", "not empty"), ({"since": "x"}, "since", "a day"),
    ({"until": "2019-01-01"}, "until", "a day not before since"),
])  # fmt: skip
def test_a_wrong_relation(tmp_path: Path, change: dict[str, str], column: str, expected: str) -> None:
    row = {"holder_a": "h1", "holder_b": "h2", "relation": "parent", "since": "2020-01-01", "until": ""}
    said = refused(
        write(tmp_path / "t.csv", payments()), write(tmp_path / "a.csv", listed()),
        relations=write(tmp_path / "r.csv", [row | change]),
    )  # fmt: skip
    assert [(f.row, f.column) for f in said.faults] == [(2, column)]
    assert expected in said.faults[0].expected


def test_faults_of_all_files_are_told_together_the_first_twenty_with_the_number_of_all(tmp_path: Path) -> None:
    acc = [*listed(), GOOD_ACC | {"account_id": "a3", "kind": "child"}]
    tx = [row | {"channel": "swift"} for row in payments(30)]
    said = refused(write(tmp_path / "t.csv", tx), write(tmp_path / "a.csv", acc))
    assert (said.count, len(said.faults)) == (31, 20)
    assert [fault.column for fault in said.faults[:2]] == ["kind", "channel"]
    assert str(said).startswith("31 faults in the input:\n")
    assert str(said).endswith("... and 11 more")


def test_tables_that_are_there_already_stay(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE tx (x INTEGER)")
    with pytest.raises(BadInput, match="there is tx"):
        open_tables(connection, write(tmp_path / "t.csv", payments()), write(tmp_path / "a.csv", listed()))
    assert connection.execute("SELECT count(*) FROM tx").fetchall() == [(0,)]


def test_a_table_of_the_connection_is_checked_as_well(tmp_path: Path) -> None:
    connection = duckdb.connect()
    path = write(tmp_path / "t.csv", payments()).as_posix()
    connection.execute(f"CREATE TABLE given_tx AS SELECT * FROM read_csv('{path}', all_varchar = true)")
    connection.execute("UPDATE given_tx SET channel = 'swift' WHERE tx_id = 't2'")
    said = refused("given_tx", write(tmp_path / "a.csv", listed()), connection=connection)
    assert [(f.file, f.row, f.column) for f in said.faults] == [("given_tx", 2, "channel")]


def test_every_column_has_a_planted_fault() -> None:
    planted = {case[0] for case in WRONG_TX} | {case[0] for case in WRONG_TYPES} | {case[0] for case in WRONG_ACC}
    free = {"device_id", "merchant_category", "purpose_code", "holder_id", "kyc_level"}
    names = {column.name for column in (*TRANSACTIONS, *ACCOUNTS)}
    assert names - planted == free
    assert {c.name for c in RATES} == {"date", "currency", "idr"}
    assert {c.name for c in RELATIONS} == {"holder_a", "holder_b", "relation", "since", "until"}
