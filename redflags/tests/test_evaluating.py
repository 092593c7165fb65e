"""`redflags evaluate` as somebody runs it: a scan and labels in, tables and JSON out, or a sentence."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from lindung_redflags import cli, scanning
from lindung_redflags.catalogue import load
from lindung_redflags.evaluating import command, folder, saying, truth
from lindung_redflags.reading.faults import InputFaults
from tests.test_scanning import payment, person, write

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
OWN: dict[str, Any] = {
    "id": "Z01",
    "class": "payee",
    "kind": "primary",
    "group": "fan-in",
    "weight": 100,
    "title": {"id": "Enam pembayar", "en": "Six payers"},
    "explanation": {"id": "Untuk uji.", "en": "For a test."},
    "sources": [{"name": "a test", "mark": "K", "says": "six payers"}],
    "needs": {"accounts": ["holder_id"]},
    "features": ["parties"],
    "at": "in",
    "when": {"all": [{"feature": "parties", "entity": "account", "window": "7d", "op": ">=", "value": "$payers"}]},
    "parameters": {
        "payers": {"unit": "people", "default": 6, "min": 2, "reason": {"id": "Untuk uji.", "en": "For a test."}}
    },
    "check": {"id": ["Apa?"], "en": ["What?"]},
    "innocent": {"id": ["Pedagang"], "en": ["Sellers"]},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """p20 is planted, s20 sells; six people pay each of them within two days. The scan is in `result`."""
    path = tmp_path_factory.mktemp("evaluate")
    rows = [payment(n, START + timedelta(hours=8 * n), f"p{n}", "p20") for n in range(6)]
    rows += [payment(100 + n, START + timedelta(days=3, hours=8 * n), f"p{n + 6}", "s20") for n in range(6)]
    rows += [payment(200 + n, START + timedelta(days=9 * n), f"p{n}", f"p{n + 6}", 75_500) for n in range(6)]
    people = [*(person(f"p{n}", born="1988-01-02") for n in range(12)), person("p20", born="2003-03-03")]
    write(path / "tx.csv", rows)
    write(path / "acc.csv", [*people, person("s20"), person("shop", "merchant")])
    write(path / "labels.csv", [
        {"account_id": "p20", "planted": "true", "side": "payee", "pattern": "Z01", "family": "", "difficulty": "easy"},
        {"account_id": "p3", "planted": "true", "side": "payer", "pattern": "Z02", "family": "", "difficulty": "hard"},
        {"account_id": "s20", "planted": "false", "side": "payee", "pattern": "", "family": "online_seller",
         "difficulty": ""},
    ])  # fmt: skip
    write(path / "tx_labels.csv", [{"tx_id": f"t{n:04d}", "pattern": "Z01"} for n in range(6)])
    write(path / "sex.csv", [{"account_id": f"p{n}", "sex": "F" if n % 2 else "M"} for n in range(12)])
    own = path / "own"
    own.mkdir()
    (own / "Z01.yaml").write_text(yaml.safe_dump(OWN, sort_keys=False), "utf-8")
    scanning.scan(
        scanning.Asked(
            transactions=[str(path / "tx.csv")],
            accounts=str(path / "acc.csv"),
            out=path / "result",
            catalogue=load([own]),
            threshold=100,
        )
    )
    return path


def asked(world: Path, **more: Any) -> command.Asked:
    return command.Asked(world / "result", str(world / "labels.csv"), load([world / "own"]), **more)


def run(world: Path, *more: object) -> Any:
    given = ["evaluate", world / "result", "--labels", world / "labels.csv", "--catalogue", world / "own", *more]
    return CliRunner().invoke(cli.app, [str(one) for one in given])


def everything(world: Path) -> dict[str, Any]:
    return {
        "transactions": [str(world / "tx.csv")],
        "accounts": str(world / "acc.csv"),
        "transaction_labels": str(world / "tx_labels.csv"),
        "attributes": str(world / "sex.csv"),
    }


def test_what_a_scan_found_and_missed(world: Path) -> None:
    made = command.evaluate(asked(world, **everything(world))).as_dict()
    scan = made["scan"]
    found = {one["pattern"]: one for one in scan["patterns"]}
    assert found["Z01"]["with_an_alert"] == 1
    # The sixth payer comes 40 hours after the first.
    assert found["Z01"]["days_to_first_alert"] == pytest.approx([40 / 24] * 3)
    assert found["Z02"]["with_an_alert"] == 0
    assert {"pattern": "Z02", "difficulty": "hard"} in scan["missed"]
    assert scan["families"]["online_seller"]["with_an_alert"]["count"] == 1
    # One alert a million is one place here, and p20 and the seller share it.
    assert scan["budget"]["alerts_a_queue"] == 1
    assert found["Z01"]["recall"]["count"] == pytest.approx(1 / 2)
    assert found["Z01"]["of_ceiling"] == pytest.approx(1)
    assert scan["accounts"] == 14
    assert "no performance in the field" in made["note"]["en"]
    payees = [one["value"] for one in scan["average_precision"]["payee"]]
    assert payees == pytest.approx([3 / 4])


def test_naive_rules_stand_beside_it_and_each_group_is_left_out(world: Path) -> None:
    made = command.evaluate(asked(world, **everything(world)))
    assert set(made.naive) == {"many payers", "foreign payer"}
    assert made.naive["many payers"].alerts["payee"].of == 2
    assert made.naive["foreign payer"].alerts["payer"].of == 0
    assert made.without["fan-in"].alerts["payee"].of == 0
    assert command.evaluate(asked(world)).naive == {}


def test_fairness_by_age_province_and_given_sex(world: Path) -> None:
    told = command.evaluate(asked(world, **everything(world))).as_dict()["scan"]["fairness"]
    assert set(told) == {"age", "region", "sex"}
    # Eleven payers and the seller: 1 of 12, (1 + 1.9207 -+ 1.96 * sqrt(11/12 + 0.9604)) / 15.8415.
    wanted = {"count": 1, "of": 12, "share": 1 / 12, "low": 0.01486, "high": 0.35388}
    assert told["age"]["35-44"]["suspects"] == pytest.approx(wanted, abs=1e-4)
    assert "18-24" not in told["age"], "the only one of this age is planted"
    assert told["region"]["31"]["possible_victim"]["count"] == 0
    assert told["sex"]["F"]["suspects"]["of"] == 5, "p3 is planted"
    assert told["sex"]["?"]["suspects"]["count"] == 1
    assert set(command.evaluate(asked(world)).scan.fairness) == set()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_command_prints_tables_and_writes_json(world: Path, tmp_path: Path, language: str) -> None:
    out = tmp_path / "figures.json"
    done = run(
        world, "--language", language, "--out", out, "--transactions", world / "tx.csv", "--accounts",
        world / "acc.csv", "--transactions-labels", world / "tx_labels.csv", "--attributes", world / "sex.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert saying.NOTE[language] in done.output
    for word in ("Z01", "Z02", "online_seller", "35-44", "31", "F"):
        assert word in done.output
    assert ("Terlewat seluruhnya" if language == "id" else "Missed wholly") in done.output
    figures = json.loads(out.read_text("utf-8"))
    assert figures["scan"]["patterns"][0]["pattern"] == "Z01"
    assert figures["catalogue"] == load([world / "own"]).version
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


def test_another_catalogue_is_refused(world: Path) -> None:
    done = run(world, "--params", write_params(world))
    assert done.exit_code == 1
    assert "scanned with catalogue" in str(done.exception)


def write_params(world: Path) -> Path:
    path = world / "params.yaml"
    path.write_text("Z01: {payers: 7}\n", "utf-8")
    return path


def copied(world: Path, tmp_path: Path) -> command.Asked:
    shutil.copytree(world / "result", tmp_path / "result")
    return command.Asked(tmp_path / "result", str(world / "labels.csv"), load([world / "own"]))


@pytest.mark.parametrize("name", ["alerts.parquet", "hits.parquet", "summary.json"])
def test_a_folder_that_no_scan_wrote_is_refused(world: Path, tmp_path: Path, name: str) -> None:
    given = copied(world, tmp_path)
    (given.folder / name).write_bytes(b"PAR1 and no more")
    with pytest.raises(command.BadInput, match=f"{name}: expected"):
        command.evaluate(given)
    (given.folder / name).unlink()
    with pytest.raises(command.BadInput, match=f"{name} is not in it"):
        command.evaluate(given)


def test_alerts_and_hits_of_two_scans_are_refused(world: Path, tmp_path: Path) -> None:
    given = copied(world, tmp_path)
    with duckdb.connect() as connection:
        path = str(given.folder / "alerts.parquet")
        connection.execute("CREATE TABLE kept AS FROM read_parquet(?) LIMIT 1", [path])
        connection.execute(f"COPY kept TO '{path}' (FORMAT parquet)")
    with pytest.raises(command.BadInput, match="of one scan; the hits give"):
        command.evaluate(given)
    with duckdb.connect() as connection:
        path = str(given.folder / "hits.parquet")
        connection.execute("CREATE TABLE kept AS SELECT * EXCLUDE account_id FROM read_parquet(?)", [path])
        connection.execute(f"COPY kept TO '{path}' (FORMAT parquet)")
        with pytest.raises(command.BadInput, match="column account_id: expected this column"):
            folder.read(connection, given.folder, given.catalogue)


HEAD = "account_id,planted,side,pattern,family,difficulty\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "a,true,payee,R01,,easy\na,false,payee,,arisan,\n", "line 3, column account_id: expected each"),
        (HEAD + "a,maybe,payee,R01,,easy\n", "line 2, column planted: expected true or false"),
        (HEAD + "a,true,seller,R01,,easy\n", "line 2, column side: expected one of payer, payee, possible_victim"),
        (HEAD + "a,true,,R01,,easy\n", "line 2, column side: expected one of .* where planted is true"),
        (HEAD + "a,false,payee,R01,,\n", "line 2, column pattern: expected nothing, where planted is false"),
        (HEAD + "a,true,payee,R01,,middling\n", "line 2, column difficulty: expected one of easy, hard"),
        (HEAD + ",true,payee,R01,,easy\n", "line 2, column account_id: expected a text"),
        (HEAD + "a,true,payee\n", "line 2: expected 6 values"),
        ("account_id,side\na,payee\n", "column planted: expected this column"),
        ("", "expected a file that is not empty"),
    ],
)
def test_wrong_labels_are_refused_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, "utf-8")
    with duckdb.connect() as connection, pytest.raises(InputFaults, match=said):
        truth.labels(connection, str(path))


def test_what_is_asked_for_must_be_enough(world: Path, tmp_path: Path) -> None:
    for more, said in (
        ({"transactions": ["x"]}, "--transactions: expected --accounts"),
        ({"transaction_labels": "x"}, "--transactions-labels: expected --transactions"),
        ({"attributes": "x"}, "--attributes: expected --accounts"),
        (everything(world) | {"attributes": str(world / "acc.csv")}, "column sex: expected this column, once"),
        (everything(world) | {"accounts": str(world / "sex.csv")}, "column sex: expected no column about sex"),
    ):
        with pytest.raises(command.BadInput, match=said):
            command.evaluate(asked(world, **more))
    lost = write(tmp_path / "lost.csv", [{"tx_id": "t0000", "pattern": "Z01"}, {"tx_id": "x", "pattern": "Z01"}])
    with pytest.raises(command.BadInput, match="among the transactions; 1 are not"):
        command.evaluate(asked(world, **everything(world) | {"transaction_labels": str(lost)}))
    fewer = write(tmp_path / "fewer.csv", [payment(1, START, "p1", "p2")])
    with pytest.raises(command.BadInput, match="expected the 18 payments that were scanned, not 1"):
        command.evaluate(asked(world, **everything(world) | {"transactions": [str(fewer)]}))
