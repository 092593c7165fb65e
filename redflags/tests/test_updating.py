"""Payments added bit by bit, late and out of order, lead to what one scan of all of them finds."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lindung_redflags import folders
from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.model import Catalogue, Conditions, Indicator, Test
from lindung_redflags.errors import BadInput
from lindung_redflags.rows import Account, Payment
from lindung_redflags.scanning import Asked, scan
from lindung_redflags.updating.update import More, update
from tests.books import DAY, GRIDS, LISTS, START, books, indicators
from tests.test_scanning import payment, person, read, redflags, write

_MOMENT = pa.timestamp("us", tz="UTC")
_PAYMENTS = pa.schema(
    [
        ("tx_id", pa.string()), ("ts", _MOMENT), ("amount", pa.decimal128(18, 4)), ("currency", pa.string()),
        ("amount_idr", pa.int64()), ("payer_id", pa.string()), ("payee_id", pa.string()),
        ("payer_country", pa.string()), ("payee_country", pa.string()), ("channel", pa.string()),
        ("status", pa.string()), ("remark", pa.string()), ("device_id", pa.string()),
        ("merchant_category", pa.string()), ("payer_balance_after", pa.decimal128(18, 4)),
    ]
)  # fmt: skip
_ACCOUNTS = pa.schema(
    [
        ("account_id", pa.string()), ("holder_id", pa.string()), ("kind", pa.string()), ("birth_date", pa.date32()),
        ("utc_offset", pa.int64()), ("country", pa.string()), ("opened_on", pa.date32()), ("is_customer", pa.bool_()),
    ]
)  # fmt: skip


def units(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 10_000


def put_payments(path: Path, accounts: Sequence[Account], some: Sequence[Payment]) -> str:
    """A file of payments in the form that is read."""
    names = {one.a: one.account_id for one in accounts}
    rows = [
        {
            "tx_id": x.tx_id, "ts": datetime.fromtimestamp(x.t, UTC), "amount": units(x.amount), "currency": x.cur,
            "amount_idr": x.idr, "payer_id": names[x.p], "payee_id": names[x.q], "payer_country": x.pc,
            "payee_country": x.qc, "channel": x.channel, "status": x.status, "remark": x.remark,
            "device_id": x.device, "merchant_category": x.mcc, "payer_balance_after": units(x.balance),
        }
        for x in some
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, _PAYMENTS), path)
    return str(path)


def put_accounts(path: Path, accounts: Sequence[Account]) -> str:
    rows = [
        {
            "account_id": x.account_id, "holder_id": x.holder_id or None, "kind": x.kind,
            "birth_date": None if x.birth is None else date(1970, 1, 1) + timedelta(days=x.birth),
            "utc_offset": None if x.offset_s is None else x.offset_s // 60, "country": x.country,
            "opened_on": None if x.opened is None else date(1970, 1, 1) + timedelta(days=x.opened // DAY),
            "is_customer": x.customer,
        }
        for x in accounts
        if x.listed
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, _ACCOUNTS), path)
    return str(path)


def same(one: Path, other: Path) -> None:
    """Two results say the same; `quality.json` names other files, and counts rows that were stated twice."""
    for name in ("alerts.parquet", "held.parquet", "hits.parquet"):
        assert read(one / name) == read(other / name), name
    for name in ("summary.json", "report.html"):
        assert (one / name).read_text() == (other / name).read_text(), name
    first, second = (json.loads((folder / "quality.json").read_text()) for folder in (one, other))
    for name in ("files", "rejected", "null_rates", "restated"):
        first.pop(name), second.pop(name)
    assert first == second


RAW = load().indicators["R01"].raw


def known(some: Sequence[Indicator]) -> Catalogue:
    chosen = {f"X{n}": replace(one, id=f"X{n}", weight=20, raw=RAW) for n, one in enumerate(some)}
    return Catalogue(chosen, LISTS, GRIDS)


class Growing:
    """A result that is fed bit by bit."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        folder.mkdir(parents=True)
        self.folder, self.catalogue, self.number = folder, catalogue, 0
        self.out = folder / "out"

    def feed(
        self,
        accounts: Sequence[Account],
        listed: Sequence[Account],
        some: Sequence[Payment],
        decided: str | None = None,
    ) -> dict[str, int]:
        """A scan first, an update then. `listed`: the accounts file of now; `decided`: a record of decisions."""
        self.number += 1
        given = put_payments(self.folder / f"{self.number}.parquet", accounts, some)
        now = put_accounts(self.folder / f"acc{self.number}.parquet", listed)
        if self.number == 1:
            scan(Asked([given], now, self.out, self.catalogue, threshold=20, decided=decided))
            return {}
        return update(More(self.out, [given], now, self.catalogue, decided=decided))[1]

    def all_at_once(self, accounts: Sequence[Account], some: Sequence[Payment], decided: str | None = None) -> Path:
        given = put_payments(self.folder / "all.parquet", accounts, some)
        now = put_accounts(self.folder / "acc.parquet", accounts)
        whole = self.folder / "whole"
        scan(Asked([given], now, whole, self.catalogue, threshold=20, decided=decided))
        return whole


def put_decisions(path: Path, accounts: Sequence[Account], chance: random.Random) -> str:
    """A record of decisions about some of the accounts, of some of the time."""
    start = datetime.fromtimestamp(START, UTC).date()
    lines = ["account_id,class,from,until,decided_by,decided_on,reason"]
    for one in accounts:
        for subject in ("payer", "payee"):
            first, last = start + timedelta(days=chance.randrange(2)), start + timedelta(chance.choice([5, 100, 1000]))
            if chance.random() < 0.6:
                lines.append(f"{one.account_id},{subject},{first},{last},officer,{first},known")
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return str(path)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(books(40), st.lists(indicators(), min_size=1, max_size=3), st.integers(0, 10**6), st.booleans())
def test_bit_by_bit_in_any_order_is_as_all_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    rows: tuple[list[Account], list[Payment]],
    some: list[Indicator],
    seed: int,
    in_order: bool,
) -> None:
    """Some payments are stated again with another status, some accounts change meanwhile, some things are decided."""
    accounts, payments = rows
    payments, chance = [one for one in payments if one.t < START + 450 * DAY], random.Random(seed)
    if chance.random() < 0.5:  # else hardly ever something is held back
        some = [*some, indicator(), indicator(subject="possible_victim", at="out")]
    weights = {"payer": 20, "payee": 20, "possible_victim": chance.choice([5, 20])}
    catalogue = known(some)
    for name, one in catalogue.indicators.items():
        catalogue.indicators[name] = replace(one, weight=weights[one.subject])
    growing = Growing(tmp_path_factory.mktemp("book") / "grows", catalogue)
    decided = [put_decisions(growing.folder / f"decided{n}.csv", accounts, chance) for n in range(2)]
    days: list[list[Payment]] = [[], [], []]
    for place, one in enumerate(payments):
        first = place * 3 // len(payments) if in_order else chance.randrange(3)
        later = chance.choice([None, None, None, *range(first + 1, 3)])
        if later is not None:
            days[later].append(one)
            one = replace(one, status=chance.choice(["completed", "declined"]), remark=chance.choice([None, "kos"]))
        days[first].append(one)
    before = [
        replace(one, kind=chance.choice([one.kind, "person"]), listed=one.listed and chance.random() < 0.8)
        for one in accounts
    ]
    for number, day in enumerate(days):
        chance.shuffle(day)
        growing.feed(accounts, before if number == 0 else accounts, day, [decided[0], None, decided[-1]][number])
    same(growing.out, growing.all_at_once(accounts, payments, decided[-1]))
    shutil.rmtree(growing.folder)


def test_a_world_day_by_day_with_shuffled_and_late_days_is_as_one_scan(tmp_path: Path) -> None:
    """About 20,000 synthetic payments over 100 days, in bits of days of which one comes last."""
    world = tmp_path / "world"
    redflags(
        "synth", "--out", world, "--transactions", 20000, "--accounts", 2000, "--seed", 1, "--days", 100,
        "--prevalence", 0.02,
    )  # fmt: skip
    table = pq.read_table(world / "transactions.parquet")
    moments = [int(one.timestamp()) for one in table["ts"].to_pylist()]
    start, chance = min(moments), random.Random(1)
    bits: list[list[int]] = [[] for _ in range(4)]
    order = [0, 2, 3, 1]
    for row, t in enumerate(moments):
        day = (t - start) // DAY
        bits[order[0 if day < 97 else min(day - 96, 3)] if chance.random() > 0.002 else 3].append(row)
    out, whole, rates = tmp_path / "out", tmp_path / "whole", str(world / "rates.csv")
    accounts, catalogue = str(world / "accounts.parquet"), load()
    again = []
    for number, bit in enumerate(bits):
        chance.shuffle(bit)
        path = tmp_path / f"{number}.parquet"
        pq.write_table(table.take(bit), path)
        if number == 0:
            scan(Asked([str(path)], accounts, out, catalogue, rates=rates))
        else:
            again.append(update(More(out, [str(path)], accounts, catalogue, rates=rates))[1]["scanned_again"])
    scan(Asked([str(world / "transactions.parquet")], accounts, whole, catalogue, rates=rates))
    same(out, whole)
    assert read(whole / "alerts.parquet"), "a comparison of nothing says nothing"
    assert max(again) < 1200, "a day touches only part of the accounts"


def indicator(**more: Any) -> Indicator:
    given: dict[str, Any] = {
        "id": "X", "subject": "payee", "kind": "primary", "group": "flow", "weight": 20, "at": "in",
        "tests": (Test("payments", "account", DAY, ">=", 1, "payments"),),
    } | more  # fmt: skip
    return Indicator(**given)


def person_row(a: int, **more: Any) -> Account:
    return Account(a, f"a{a}", a, f"h{a}", "person", **more)


def paid(n: int, t: int, p: int, q: int, **more: Any) -> Payment:
    return Payment(n, f"t{n}", START + t, 10_000_000, "IDR", 1000, p, q, p, q, **more)


PEOPLE = [person_row(a) for a in range(4)]


def test_a_silence_ends_when_somebody_else_pays_later(tmp_path: Path) -> None:
    """Those who pay later are shops, at whom nothing is looked for."""
    accounts = [*PEOPLE[:2], *(replace(one, kind="merchant") for one in PEOPLE[2:])]
    growing = Growing(tmp_path / "x", known([indicator(then_silent=14 * DAY)]))
    growing.feed(accounts, accounts, [paid(0, 0, 0, 1)])
    assert not read(growing.out / "alerts.parquet")
    growing.feed(accounts, accounts, [paid(1, 14 * DAY - 1, 2, 3)])
    assert not read(growing.out / "alerts.parquet")
    growing.feed(accounts, accounts, [paid(2, 14 * DAY, 2, 3)])
    assert [row["account_id"] for row in read(growing.out / "alerts.parquet")] == ["a1"]


def test_the_first_value_in_a_column_lets_an_indicator_run_for_everybody(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "x", known([indicator(needs={"transactions": ("remark",)})]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1)])
    assert not read(growing.out / "alerts.parquet")
    growing.feed(PEOPLE, PEOPLE, [paid(1, 5, 2, 3, remark="kos")])
    assert sorted(row["account_id"] for row in read(growing.out / "alerts.parquet")) == ["a1", "a3"]


def test_a_device_is_shared_by_a_payment_that_comes_late(tmp_path: Path) -> None:
    counting = Conditions.of({"shared_device": 2})
    growing = Growing(tmp_path / "x", known([indicator(payments=counting)]))
    growing.feed(PEOPLE, PEOPLE, [paid(1, 100, 0, 1, device="d"), paid(2, 10 * DAY, 0, 1, device="e")])
    assert not read(growing.out / "alerts.parquet")
    growing.feed(PEOPLE, PEOPLE, [paid(0, 50, 2, 3, device="d")])
    assert [row["account_id"] for row in read(growing.out / "alerts.parquet")] == ["a1"]


def test_those_who_received_on_a_device_before_count_although_nothing_touched_them(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "x", known([indicator(payments=Conditions.of({"shared_device": 2}))]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 2, 3, device="d")])
    counted = growing.feed(PEOPLE, PEOPLE, [paid(1, 50, 0, 1, device="d")])
    assert counted["scanned_again"] == 2
    assert [row["account_id"] for row in read(growing.out / "alerts.parquet")] == ["a1"]


def test_an_account_without_a_holder_is_not_of_the_holder_who_is_called_as_it_is(tmp_path: Path) -> None:
    apart = [replace(PEOPLE[0], holder_id="a1"), replace(PEOPLE[1], holder_id=""), *PEOPLE[2:]]
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(apart, apart, [paid(0, 0, 2, 3)])
    growing.feed(apart, apart, [paid(1, 1, 0, 1)])
    assert sorted(row["account_id"] for row in read(growing.out / "alerts.parquet")) == ["a1", "a3"]
    together = [apart[0], replace(apart[1], holder_id="a1"), *apart[2:]]
    growing.feed(together, together, [])
    assert [row["account_id"] for row in read(growing.out / "alerts.parquet")] == ["a3"]


def test_a_late_alert_about_another_account_of_the_holder_begins_the_case(tmp_path: Path) -> None:
    accounts = [PEOPLE[0], *(replace(one, h=1, holder_id="h1") for one in PEOPLE[1:3]), PEOPLE[3]]
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(accounts, accounts, [paid(1, 10 * DAY, 0, 1)])
    (before,) = read(growing.out / "alerts.parquet")
    growing.feed(accounts, accounts, [paid(0, 5 * DAY, 3, 2)])
    cases = {row["account_id"]: row["case_id"] for row in read(growing.out / "alerts.parquet")}
    assert set(cases) == {"a1", "a2"}
    assert cases["a1"] == cases["a2"] != before["case_id"]


def test_an_account_that_turns_out_to_have_the_same_holder_changes_those_it_paid(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1), paid(1, 5, 2, 3)])
    assert sorted(row["account_id"] for row in read(growing.out / "alerts.parquet")) == ["a1", "a3"]
    one_person = [replace(PEOPLE[0], holder_id="h1"), *PEOPLE[1:]]
    growing.feed(PEOPLE, one_person, [])
    assert [row["account_id"] for row in read(growing.out / "alerts.parquet")] == ["a3"]


def test_a_reversed_payment_takes_its_alert_away(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1)])
    assert len(read(growing.out / "alerts.parquet")) == 1
    counted = growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1, status="reversed")])
    assert (counted["new"], counted["restated"]) == (0, 1)
    told = {"payments": 1, "file": str(growing.folder / "2.parquet"), "row": 1}
    assert json.loads((growing.out / "quality.json").read_text())["restated"] == [told]
    assert not read(growing.out / "alerts.parquet")
    assert json.loads((growing.out / "summary.json").read_text())["transactions"] == 1


def test_a_payment_that_is_stated_again_without_a_change_touches_nobody(tmp_path: Path) -> None:
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1)])
    counted = growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1), paid(1, 1, 2, 3)])
    assert (counted["new"], counted["restated"], counted["unchanged"], counted["scanned_again"]) == (1, 0, 1, 2)


@pytest.mark.parametrize("other", [{"t": START + 1}, {"q": 3, "qh": 3}, {"amount": 10_000}, {"cur": "USD"}])
def test_another_payment_with_the_same_id_is_refused(tmp_path: Path, other: dict[str, Any]) -> None:
    growing = Growing(tmp_path / "x", known([indicator()]))
    growing.feed(PEOPLE, PEOPLE, [paid(0, 0, 0, 1)])
    before = contents(growing.out)
    with pytest.raises(BadInput, match=r"2\.parquet, row 2, column tx_id: the tx_id of an earlier payment .* 1 of the"):
        growing.feed(PEOPLE, PEOPLE, [paid(1, 7, 0, 1), replace(paid(0, 0, 0, 1), **other)])
    assert contents(growing.out) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Two days of payments and the accounts."""
    start = datetime(2026, 3, 2, 3, tzinfo=UTC)
    days = [
        [payment(10 * day + n, start + timedelta(days=day, hours=n), f"p{3 * day + n}", "p9") for n in range(3)]
        for day in range(2)
    ]
    accounts = write(tmp_path / "acc.csv", [person(f"p{n}") for n in range(10)])
    return write(tmp_path / "1.csv", days[0]), write(tmp_path / "2.csv", days[1]), accounts


def test_the_command_adds_a_day_and_refuses_it_twice(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, accounts = files
    out, whole = tmp_path / "out", tmp_path / "whole"
    redflags("scan", first, "--accounts", accounts, "--out", out)
    said = redflags("update", out, second, "--accounts", accounts, "--language", "en").stdout
    assert "3 new payments" in said
    redflags("scan", first, second, "--accounts", accounts, "--out", whole)
    same(out, whole)
    before = contents(out)
    again = redflags("update", out, second, "--accounts", accounts, check=False)
    assert (again.returncode, "same file was read already" in again.stderr) == (1, True)
    assert contents(out) == before
    assert not list(tmp_path.glob(".out*"))


def test_what_is_stated_again_in_other_words_is_told_with_its_place(
    files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    first, second, accounts = files
    out = tmp_path / "out"
    redflags("scan", first, "--accounts", accounts, "--out", out)
    rows = [*csv.DictReader(second.open()), *csv.DictReader(first.open())]
    again = write(tmp_path / "again.csv", [row | {"status": "reversed"} for row in rows])
    redflags("update", out, again, "--accounts", accounts)
    third = write(tmp_path / "third.csv", [row | {"status": "completed"} for row in rows[4:]])
    said = redflags("update", out, third, "--accounts", accounts).stdout
    assert f"{third}, 2" in said
    entries = json.loads((out / "quality.json").read_text())["restated"]
    assert entries == [
        {"payments": 3, "file": str(again), "row": 5}, {"payments": 2, "file": str(third), "row": 2}
    ]  # fmt: skip


def test_what_was_made_otherwise_asks_for_a_full_scan(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    first, second, accounts = files
    out, catalogue = tmp_path / "out", load()
    asked = Asked([str(first)], str(accounts), out, catalogue)
    scan(asked)
    before, more = contents(out), More(out, [str(second)], str(accounts), catalogue)
    for other in (replace(more, catalogue=load([], {"R01": {"payers": 7}})), replace(more, relations=str(accounts))):
        with pytest.raises(BadInput, match="scan everything anew"):
            update(other)
    narrow = tmp_path / "narrow.csv"
    narrow.write_text("\n".join(line.rsplit(",", 1)[0] for line in second.read_text().splitlines()))
    with pytest.raises(BadInput, match="expected the same columns as before: also status"):
        update(replace(more, transactions=[str(narrow)]))
    assert contents(out) == before
    for name, how in (("until", {"until": date(2026, 3, 2)}), ("bare", {"state": False})):
        scan(replace(asked, out=tmp_path / name, **how))  # type: ignore[arg-type]
        assert not (tmp_path / name / "state").exists()
        with pytest.raises(BadInput, match="scan everything anew"):
            update(replace(more, folder=tmp_path / name))
    (out / "alerts.parquet").write_bytes((out / "hits.parquet").read_bytes())
    with pytest.raises(BadInput, match="not as it was written"):
        update(more)


def test_an_update_that_fails_at_the_last_moment_leaves_the_old_folder(
    files: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, accounts = files
    out = tmp_path / "out"
    scan(Asked([str(first)], str(accounts), out, load()))
    before = contents(out)

    def fail(new: Path, old: Path) -> None:
        assert (new / "state/state.json").is_file()
        raise KeyboardInterrupt

    monkeypatch.setattr(folders, "swap", fail)
    with pytest.raises(KeyboardInterrupt):
        update(More(out, [str(second)], str(accounts), load()))
    assert contents(out) == before
    assert not list(tmp_path.glob(".out*"))
    with folders.alone(out), pytest.raises(BadInput, match="another update"):
        update(More(out, [str(second)], str(accounts), load()))


def test_what_a_killed_run_left_behind_is_removed_by_the_next_unless_it_still_runs(
    files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    left, held, other = tmp_path / ".out-left", tmp_path / ".out-held", tmp_path / ".outer-left"
    for folder in (left, held, other):
        folder.mkdir()
        os.utime(folder, (0, 0))
    with folders.alone(held):
        scan(Asked([str(files[0])], str(files[2]), tmp_path / "out", load()))
    assert [folder.exists() for folder in (left, held, other)] == [False, True, True]


def test_an_update_that_is_ended_leaves_the_old_folder_and_nothing_else(
    files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    first, second, accounts = files
    out = tmp_path / "out"
    scan(Asked([str(first)], str(accounts), out, load()))
    before = contents(out)
    command = [sys.executable, "-m", "lindung_redflags.cli", "update", out, second, "--accounts", accounts]
    running = subprocess.Popen(list(map(str, command)))
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".out-*")) and time.monotonic() < until and running.poll() is None:
        time.sleep(0.005)
    running.terminate()
    assert running.wait() == 143
    assert contents(out) == before
    assert not list(tmp_path.glob(".out-*"))


def test_without_locks_on_folders_nothing_is_removed_that_might_be_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "fcntl", None)
    with folders.alone(tmp_path):
        assert folders.taken(tmp_path)


@pytest.mark.parametrize("in_one_step", [True, False])
def test_folders_change_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "name").write_text(folder.name)
    if not in_one_step:
        monkeypatch.setattr(folders, "_exchange", lambda *_: False)
    folders.swap(new, old)
    assert ((old / "name").read_text(), (new / "name").read_text()) == ("new", "old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]
    old.rename(tmp_path / ".old.before")
    folders.recover(old)
    assert (old / "name").read_text() == "new"
