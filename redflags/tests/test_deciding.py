"""What is held back beside a possible victim, who sees it, and what a person's decision does."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lindung_redflags.alerts import Episode
from lindung_redflags.catalogue import load
from lindung_redflags.catalogue.model import Catalogue, Indicator, Test
from lindung_redflags.deciding import read as read_decisions
from lindung_redflags.errors import BadInput
from lindung_redflags.evaluating import folder as evaluating
from lindung_redflags.scanning import Asked, scan
from lindung_redflags.updating.update import More, update
from tests.books import DAY, GRIDS, LISTS, START
from tests.test_scanning import read, redflags
from tests.test_updating import PEOPLE, contents, paid, put_accounts, put_payments, same

RAW = load().indicators["R01"].raw


def indicator(name: str, subject: str, at: str, least: int, weight: int) -> Indicator:
    test = Test("payments", "account", DAY, ">=", least, "payments")
    return Indicator(name, subject, "primary", "flow", weight, at=at, tests=(test,), raw=RAW)


CATALOGUE = Catalogue(
    {one.id: one for one in (indicator("A", "payee", "in", 2, 40), indicator("V", "possible_victim", "out", 1, 5))},
    LISTS,
    GRIDS,
)
"""Who receives twice is an alert, and who pays at all may be a victim: by far no alert."""

PAYMENTS = [paid(0, 0, 0, 1), paid(1, 5, 2, 1), paid(2, DAY, 1, 3), paid(3, DAY + 5, 0, 3), paid(4, 2 * DAY, 3, 0)]
"""a1 receives twice and pays; a3 receives twice and pays; a0 pays."""

TODAY = datetime.fromtimestamp(START, UTC).date()


def decision(account: str = "a1", subject: str = "payee", first: int = 0, last: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "account_id": account, "class": subject, "from": str(TODAY + timedelta(days=first)),
        "until": str(TODAY + timedelta(days=last)), "decided_by": "reviewer 7",
        "decided_on": str(TODAY + timedelta(days=3)), "reason": "the shop of the holder", **more,
    }  # fmt: skip


def put(path: Path, *rows: dict[str, Any]) -> str:
    names = list(decision())
    lines = [",".join(str(row.get(name, "")) for name in names) for row in rows]
    path.write_text("\n".join([",".join(names), *lines, ""]), "utf-8")
    return str(path)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    payments = put_payments(tmp_path / "tx.parquet", PEOPLE, PAYMENTS)
    return Asked([payments], put_accounts(tmp_path / "acc.parquet", PEOPLE), tmp_path / "out", CATALOGUE)


def about(out: Path, name: str = "alerts.parquet") -> list[tuple[str, str]]:
    return [(row["account_id"], row["class"]) for row in read(out / name)]


def test_what_is_held_back_is_listed_apart_and_only_for_the_owner_of_the_folder(asked: Asked) -> None:
    summary = scan(asked)
    assert about(asked.out) == []
    held = read(asked.out / "held.parquet")
    assert [row["account_id"] for row in held] == ["a1", "a3"]
    assert list(held[0]) == [
        "account_id", "class", "score", "first_ts", "last_ts", "possible_victim_signs", "indicators", "decided_before",
    ]  # fmt: skip
    assert (held[0]["class"], held[0]["score"]) == ("payee", 40)
    assert (held[0]["possible_victim_signs"], held[0]["indicators"]) == (["V"], ["A"])
    assert not held[0]["decided_before"]
    assert held[0]["first_ts"] == str(datetime.fromtimestamp(START + 5, UTC).replace(tzinfo=None)) + "+00"
    assert (asked.out / "held.parquet").stat().st_mode & 0o077 == 0
    assert summary["held_back"] == 2
    page = (asked.out / "report.html").read_text("utf-8")
    assert "until a person has decided" in page
    assert "sampai ada orang yang memutuskan" in page
    assert "<td>a1</td>" not in page, "the page names nobody who is held back"
    assert {row["alert_id"] for row in read(asked.out / "hits.parquet")} == {None}


def test_a_decision_raises_the_alert_as_it_would_have_been(asked: Asked, tmp_path: Path) -> None:
    free = Catalogue({"A": CATALOGUE.indicators["A"]}, LISTS, GRIDS)
    scan(replace(asked, catalogue=free, out=tmp_path / "free"))
    path = put(
        tmp_path / "decided.csv", decision(), decision("a3", first=1, last=1), decision("a3", subject="payer"),
        decision("a2"), decision("nobody"),
    )  # fmt: skip
    summary = scan(replace(asked, decided=path))
    decided = summary["decisions"]
    assert len(decided.pop("sha256")) == 1
    assert decided == {"given": 5, "released": 2, "outgrown": 0, "matched_nothing": 3}
    assert summary["held_back"] == 0
    assert read(asked.out / "held.parquet") == []
    raised, expected = read(asked.out / "alerts.parquet"), read(tmp_path / "free/alerts.parquet")
    told = f"a1\npayee\n{START + 5}\n{CATALOGUE.version}"
    assert hashlib.sha256(told.encode()).hexdigest() in {row["alert_id"] for row in raised}
    for some in (raised, expected):
        some.sort(key=lambda row: str(row["account_id"]))
    assert [row | {"alert_id": ""} for row in raised] == [row | {"alert_id": ""} for row in expected]
    assert len(about(asked.out)) == 2
    page = (asked.out / "report.html").read_text("utf-8")
    assert "Alerts raised because a person decided so: 2." in page
    assert "3 keputusan tidak mengenai apa pun" in page


def test_a_decision_about_a_part_of_the_time_releases_nothing_and_is_told(asked: Asked, tmp_path: Path) -> None:
    later = put_payments(tmp_path / "later.parquet", PEOPLE, [paid(5, 10 * DAY, 0, 1), paid(6, 10 * DAY + 9, 2, 1)])
    path = put(tmp_path / "decided.csv", decision(), decision("a3", first=2, last=9))
    summary = scan(replace(asked, transactions=[*asked.transactions, later], decided=path))
    assert about(asked.out) == []
    figures = {name: summary["decisions"][name] for name in ("released", "outgrown", "matched_nothing")}
    assert figures == {"released": 0, "outgrown": 1, "matched_nothing": 1}
    held = {row["account_id"]: row["decided_before"] for row in read(asked.out / "held.parquet")}
    assert held == {"a1": True, "a3": False}


def test_a_decision_never_takes_the_alert_about_a_possible_victim_away(asked: Asked, tmp_path: Path) -> None:
    strong = {name: replace(one, weight=40) for name, one in CATALOGUE.indicators.items()}
    known = replace(asked, catalogue=Catalogue(strong, LISTS, GRIDS))
    scan(replace(known, out=tmp_path / "before"))
    scan(replace(known, decided=put(tmp_path / "decided.csv", decision())))
    victims = [row for row in about(tmp_path / "before") if row[1] == "possible_victim"]
    assert ("a1", "possible_victim") in victims
    assert sorted(about(asked.out)) == sorted([*victims, ("a1", "payee")])


def test_days_that_are_not_asked_for_are_not_listed_either(asked: Asked) -> None:
    summary = scan(replace(asked, since=TODAY + timedelta(days=1)))
    assert about(asked.out, "held.parquet") == [("a3", "payee")]
    assert summary["held_back"] == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (decision(subject="possible_victim"), "row 2, column class: expected payer or payee"),
        (decision(last=-1), "row 2, column until: expected a day not before from"),
        (decision(until="soon"), "row 2, column until: expected a day, as 2026-01-31"),
        (decision(decided_by=""), "row 2, column decided_by: expected a text that is not empty"),
        (decision(reason=" "), "row 2, column reason: expected a text that is not empty"),
        (decision(decided_on=str(TODAY - timedelta(days=1))), "row 2, column decided_on: expected a day not before"),
        (decision(decided_on="2999-01-01"), "row 2, column decided_on: expected a day that is not in the future"),
        (decision(account_id=""), "row 2, column account_id: expected a text that is not empty"),
    ],
)
def test_a_wrong_decision_is_told_with_its_place_and_nothing_is_written(
    asked: Asked, tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    path = put(tmp_path / "decided.csv", row)
    with pytest.raises(BadInput) as told:
        scan(replace(asked, decided=path))
    assert said.replace("row 2", f"{path}, line 2") in str(told.value)
    assert not asked.out.exists()


def test_a_missing_column_and_an_empty_record(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("account_id,class,from,until,decided_by,decided_on\n", "utf-8")
    with pytest.raises(BadInput, match="column reason: expected this column"):
        scan(replace(asked, decided=str(tmp_path / "bad.csv")))
    with duckdb.connect() as connection:
        made = read_decisions(connection, put(tmp_path / "none.csv"))
        assert (made.rows, connection.execute("SELECT count(*) FROM decision").fetchall()) == (0, [(0,)])


def test_an_update_heeds_what_was_decided_since_and_remembers_it(asked: Asked, tmp_path: Path) -> None:
    accounts, out = asked.accounts, asked.out
    path = put(tmp_path / "decided.csv", decision("a3", first=1, last=1))
    scan(replace(asked, decided=path))
    assert about(out) == [("a3", "payee")]
    nothing = put_payments(tmp_path / "none.parquet", PEOPLE, [])
    other = put(tmp_path / "more.csv", decision())
    counted = update(More(out, [nothing], accounts, CATALOGUE, decided=other))[1]
    assert counted["scanned_again"] == 2, "only those about whom something else is decided"
    assert about(out) == [("a1", "payee")]
    assert about(out, "held.parquet") == [("a3", "payee")]
    whole = tmp_path / "whole"
    scan(replace(asked, out=whole, decided=other))
    same(out, whole)
    more = put_payments(tmp_path / "more.parquet", PEOPLE, [paid(7, 9 * DAY, 2, 0)])
    summary = update(More(out, [more], accounts, CATALOGUE))[0]
    assert about(out) == [("a1", "payee")], "what was decided before holds"
    assert about(out, "held.parquet") == [("a3", "payee")]
    assert (summary["decisions"]["given"], summary["decisions"]["released"], summary["held_back"]) == (1, 1, 1)
    shutil.rmtree(whole)
    scan(replace(asked, transactions=[*asked.transactions, more], out=whole, decided=other))
    same(out, whole)
    before = contents(out)
    bad = put(tmp_path / "bad.csv", decision(subject="victim"))
    with pytest.raises(BadInput, match="column class"):
        update(More(out, [nothing], accounts, CATALOGUE, decided=bad))
    assert contents(out) == before


def test_an_evaluation_reads_what_a_decision_raised(asked: Asked, tmp_path: Path) -> None:
    scan(replace(asked, decided=put(tmp_path / "decided.csv", decision())))
    with duckdb.connect() as connection:
        found = evaluating.read(connection, asked.out, CATALOGUE).episodes(CATALOGUE)
    alerts: list[Episode] = [one for one in found if one.alerts]
    assert [(one.subject, one.released) for one in alerts] == [("payee", True)]
    assert sum(one.held_back for one in found) == 1


def test_the_command_takes_decisions(asked: Asked, tmp_path: Path) -> None:
    path = put(tmp_path / "decided.csv", decision(subject="victim"))
    done = redflags(
        "scan", *asked.transactions, "--accounts", asked.accounts, "--out", asked.out, "--decided", path, check=False
    )
    assert done.returncode == 1
    assert "line 2, column class: expected payer or payee" in done.stderr
    right = put(tmp_path / "decided.csv", decision())
    given = ("scan", *asked.transactions, "--accounts", asked.accounts, "--out", asked.out, "--decided", right)
    said = redflags(*given, "--language", "en").stdout
    assert "Decisions about nothing that is held back: 1" in said
    assert json.loads((asked.out / "summary.json").read_text())["decisions"]["matched_nothing"] == 1
