"""What stood on a day is what a scan that ends on that day finds; nothing later has a say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung_redflags.alerts import alert_id, episodes
from lindung_redflags.backtest import Wanted, backtest, nearest_below, replay, table
from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.errors import BadInput
from lindung_redflags.reference import Book, Hit, hits
from lindung_redflags.rows import Account, Payment
from lindung_redflags.scanning import Asked, scan
from tests.books import DAY, GRIDS, LISTS, START, books, indicators
from tests.test_scanning import payment, person, read, redflags, write


def known(some: list[Indicator]) -> Catalogue:
    return Catalogue({f"X{n}": replace(one, id=f"X{n}", weight=20) for n, one in enumerate(some)}, LISTS, GRIDS)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(books(40), st.lists(indicators(), min_size=1, max_size=3), st.sampled_from([20, 40]))
def test_what_stands_on_a_day_needs_nothing_later(
    rows: tuple[list[Account], list[Payment]], some: list[Indicator], threshold: int
) -> None:
    accounts, payments = rows
    everybody, catalogue = {one.a: one for one in accounts}, known(some)
    clock = {}
    for one in payments:
        clock[date(1970, 1, 1) + timedelta(days=one.t // DAY)] = one.t
    found = hits(Book(everybody, payments, GRIDS, LISTS), catalogue)
    made = replay(found, catalogue, threshold, sorted(clock.items()))
    for day, last in clock.items():
        until = [one for one in payments if one.t <= last]
        expected = {
            (alert_id(everybody[one.a], one, "v"), one.raised)
            for one in episodes(hits(Book(everybody, until, GRIDS, LISTS), catalogue), catalogue, threshold)
            if one.alerts
        }
        standing = {
            (alert_id(everybody[one.then.a], one.then, "v"), one.then.raised)
            for one in made
            if one.came <= day and (one.left is None or one.left > day)
        }
        assert standing == expected


ENOUGH = str(load().indicators["R01"].weight)
"""Points that R01 reaches alone."""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """People who pay one person, more and more of them, over three months; some pay others a little."""
    start = datetime(2026, 3, 2, 3, tzinfo=UTC)
    rows = []
    for month in range(3):
        for n in range(8):
            at = start + timedelta(days=31 * month, hours=9 * n)
            rows.append(payment(100 * month + n, at, f"p{n}", f"p{20 + month}", 400_000 + n % 2 * 50_000))
    rows += [payment(900 + n, start + timedelta(days=3 * n), f"p{n % 9}", f"p{n % 7 + 10}", 75_500) for n in range(25)]
    people = [person(f"p{n}") for n in range(24)]
    labels = write(
        tmp_path / "labels.csv",
        [{"account_id": f"p{n}", "planted": "true", "side": "payee", "pattern": "many payers"} for n in (20, 21, 23)],
    )
    assert labels.exists()
    return write(tmp_path / "tx.csv", rows), write(tmp_path / "acc.csv", people)


def test_months_end_as_scans_that_end_there(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "back"
    command = [
        "backtest",
        files[0],
        "--accounts",
        files[1],
        "--threshold",
        ENOUGH,
        "--from",
        "2026-03-01",
        "--to",
        "2026-05-31",
    ]
    said = redflags(*command, "--out", out, "--labels", tmp_path / "labels.csv").stdout
    assert said.startswith("bulan ")
    assert (out / "backtest.txt").read_text() == said + "\n" + table(
        json.loads((out / "backtest.json").read_text()), "en"
    )
    assert sorted(path.name for path in out.iterdir()) == [
        "backtest.json", "backtest.txt", "below.parquet", "came.parquet", "days.parquet",
    ]  # fmt: skip
    came, days = read(out / "came.parquet"), read(out / "days.parquet")
    catalogue = load()
    for end in (date(2026, 3, 3), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)):
        scan(Asked([str(files[0])], str(files[1]), tmp_path / f"{end}", catalogue, until=end, threshold=int(ENOUGH)))
        alerts = read(tmp_path / f"{end}" / "alerts.parquet")
        standing = [row for row in came if row["came"] <= end and (row["withdrawn"] is None or row["withdrawn"] > end)]
        assert {(row["alert_id"], row["raised_at"]) for row in alerts} == {
            (row["alert_id"], row["raised_at"]) for row in standing
        }
        assert len(standing) == sum(row["standing"] for row in days if row["day"] == end)
    made = json.loads((out / "backtest.json").read_text())
    assert {month: classes["payee"]["came"] for month, classes in made["months"].items()} == {
        "2026-03": 1, "2026-04": 1, "2026-05": 1,
    }  # fmt: skip
    assert made["months"]["2026-05"]["payee"]["planted"] == 0, "p22 is not among the labelled"
    assert made["labels"] == {"many payers": {"subjects": 3, "found": 2}}
    assert made["indicators"]["R01"] == {"2026-03": 1, "2026-04": 1, "2026-05": 1}
    assert "2026-04" in said
    later = tmp_path / "later"
    redflags(*command[:6], "--from", "2026-04-15", "--to", "2026-05-31", "--out", later)
    part = json.loads((later / "backtest.json").read_text())
    assert part["standing_before"]["payee"] == 2
    assert [month["payee"]["came"] for month in part["months"].values()] == [0, 1]
    assert sum(row["came"] is None for row in read(later / "came.parquet")) == 2


def test_the_sample_is_of_those_nearest_below_and_the_seed_decides_among_equals() -> None:
    indicator = Indicator("A", "payee", "primary", "flow", weight=20)
    lower = replace(indicator, id="B", weight=25, group="time")
    supporting = replace(indicator, id="S", kind="supporting")
    catalogue = Catalogue({one.id: one for one in (indicator, lower, supporting)}, {}, {})
    found = [Hit(a, "A", START, a) for a in range(80)] + [Hit(a, "B", START, a) for a in range(80, 90)]
    found += [Hit(90, "A", START, 90), Hit(90, "B", START, 91), Hit(91, "S", START, 92)]
    names = {a: Account(a, f"a{a}", a, f"h{a}") for a in range(92)}
    made = episodes(found, catalogue, 30)
    sample = nearest_below(made, names, seed=1)
    assert [one.score for one in sample] == [25] * 10 + [20] * 40
    assert 90 not in {one.a for one in sample}, "an alert is not below"
    assert 91 not in {one.a for one in sample}, "without a primary indicator there is no score"
    assert sample == nearest_below(reversed(made), names, seed=1)
    assert {one.a for one in sample} != {one.a for one in nearest_below(made, names, seed=2)}
    assert len(nearest_below(made, names, 1, number=200)) == 90


def test_an_alert_about_a_suspect_is_withdrawn_when_the_account_may_be_a_victims() -> None:
    suspect = Indicator("A", "payee", "primary", "flow", weight=40)
    catalogue = Catalogue({"A": suspect, "V": replace(suspect, id="V", subject="possible_victim")})
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(4)]
    clock = [(day, START + n * DAY) for n, day in enumerate(days)]
    found = [Hit(0, "A", START + DAY - 5, 0), Hit(0, "V", START + 2 * DAY + 1, 1), Hit(0, "A", START + 9 * DAY, 2)]
    payee, victim = replay(found, catalogue, 30, clock)
    assert (payee.then.subject, payee.came, payee.left) == ("payee", days[1], days[3])
    assert (victim.then.subject, victim.came, victim.left) == ("possible_victim", days[3], None)


def test_faults_leave_nothing(files: tuple[Path, Path], tmp_path: Path) -> None:
    wanted = Wanted(
        [str(files[0])], str(files[1]), date(2026, 5, 1), date(2026, 4, 1), tmp_path / "back", load()
    )  # fmt: skip
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput, match="expected a first day not after the last"):
        backtest(wanted)
    with pytest.raises(BadInput, match="planted"):
        backtest(replace(wanted, end=date(2026, 5, 2), labels=str(files[0])))
    with pytest.raises(BadInput, match="not there yet"):
        backtest(replace(wanted, out=tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_days_without_any_payment_are_days_without_alerts(files: tuple[Path, Path], tmp_path: Path) -> None:
    made = backtest(
        Wanted([str(files[0])], str(files[1]), date(2026, 2, 1), date(2026, 2, 10), tmp_path / "none", load())
    )
    assert made["transactions"] == 0
    assert [sum(row["standing"] for row in read(tmp_path / "none/days.parquet"))] == [0]
    assert read(tmp_path / "none/below.parquet") == []
