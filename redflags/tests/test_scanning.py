"""A scan as somebody runs it: files in, a whole folder out, or a sentence and nothing."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lindung_redflags import folders
from lindung_redflags.catalogue import load

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
Row = dict[str, Any]


def payment(number: int, at: datetime, payer: str, payee: str, amount: int = 500_000, **more: Any) -> Row:
    return {
        "tx_id": f"t{number:04d}", "ts": at.isoformat(), "amount": amount, "currency": "IDR", "payer_id": payer,
        "payee_id": payee, "payer_country": "ID", "payee_country": "ID", "channel": "ewallet",
        "status": "completed", **more,
    }  # fmt: skip


def person(account: str, kind: str = "person", born: str = "1990-05-17") -> Row:
    return {
        "account_id": account, "holder_id": f"h-{account}", "kind": kind, "birth_date": born, "region": "31",
        "country": "ID", "opened_on": "2020-01-01", "is_customer": "true", "product": "wallet",
    }  # fmt: skip


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Six people pay one person within two days; the same six pay a shop; everybody else pays now and then."""
    people = [f"p{n}" for n in range(12)]
    rows = [payment(n, START + timedelta(hours=8 * n), f"p{n}", "p11", 500_000 + n % 2 * 50_000) for n in range(6)]
    rows += [payment(100 + n, START + timedelta(hours=7 * n), f"p{n}", "shop") for n in range(6)]
    rows += [payment(200 + n, START + timedelta(days=9 * n), f"p{n % 5}", f"p{n % 5 + 5}", 75_500) for n in range(12)]
    accounts = [*(person(name) for name in people), person("shop", "merchant")]
    return write(tmp_path / "tx.csv", rows), write(tmp_path / "acc.csv", accounts)


ENOUGH = load().indicators["R01"].weight
"""The threshold at which the many payers of these files are an alert by themselves, whatever the catalogue weighs."""


def redflags(*arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    if arguments[0] == "scan" and "--threshold" not in arguments:
        arguments = (*arguments, "--threshold", ENOUGH)
    command = [sys.executable, "-m", "lindung_redflags.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


def read(path: Path) -> list[Row]:
    """The rows of a file; moments as text."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        moments = [name for name, kind, *_ in columns if kind == "TIMESTAMP WITH TIME ZONE"]
        shown = ", ".join(f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in moments)
        chosen = f"* REPLACE ({shown})" if shown else "*"
        rows = connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [str(path)]).fetchall()
        return [dict(zip([name for name, *_ in columns], row, strict=True)) for row in rows]


def test_many_payers_to_one_person_are_an_alert_and_to_a_shop_are_none(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = redflags("scan", files[0], "--accounts", files[1], "--out", out).stdout
    assert "24 transaksi dari 13 rekening" in said
    assert "indikator berjalan" in said
    assert "1 penerima" in said
    there = sorted(path.name for path in out.iterdir())
    written = ["alerts.parquet", "held.parquet", "hits.parquet", "quality.json", "report.html", "state", "summary.json"]
    assert there == written
    (alert,) = [row for row in read(out / "alerts.parquet") if row["class"] == "payee"]
    assert alert["account_id"] == "p11"
    assert alert["holder_id"] == "h-p11"
    assert "R01" in alert["reasons_id"]
    assert "PPATK" in alert["reasons_id"]
    assert "number of different parties within 7 days: 6 (limit: at least 5)" in alert["reasons_en"]
    assert alert["raised_at"].startswith("2026-03-03 11:00:00"), "at the fifth payer, not the sixth"
    hits = [row for row in read(out / "hits.parquet") if row["indicator"] == "R01"]
    assert {row["account_id"] for row in hits} == {"p11"}
    assert [row["tx_ids"] for row in hits] == [[f"t{n:04d}" for n in range(5)], ["t0005"]], "each payment once"
    assert {row["alert_id"] for row in hits} == {alert["alert_id"]}
    summary = json.loads((out / "summary.json").read_text())
    assert summary["alerts"]["payee"] == 1
    assert summary["coverage"]["of"] == len(summary["coverage"]["ran"]) + len(summary["coverage"]["did_not_run"])
    page = (out / "report.html").read_text("utf-8")
    assert "p11" in page
    assert 'lang="en"' in page
    assert "http" not in page, "it needs nothing from elsewhere"
    assert all(text in page for text in ("SAPA 129", "UU 8/2010 pasal 12", "Do not block"))
    raw = load().indicators["R01"].raw
    for language, source in (("id", "Sumber"), ("en", "Source")):
        reason = next(one for one in alert[f"reasons_{language}"].splitlines() if one.startswith("R01"))
        title, rest = reason.split("). ", 1)
        figures, where = rest.rsplit(f". {source}: ", 1)
        assert f"<summary>{escape(title)})</summary>" in page
        assert all(f"<li>{escape(one)}</li>" in page for one in figures.split("; "))
        assert f"<p>{source}: {escape(where)}</p>" in page
        assert all(f"<li>{escape(one)}</li>" in page for one in raw["check"][language] + raw["innocent"][language])
    assert page.count(alert["alert_id"][:12]) == 2, "for redflags explain, in both languages"


def test_what_it_hangs_on_is_told_and_true(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    redflags("scan", files[0], "--accounts", files[1], "--out", out)
    (alert,) = [row for row in read(out / "alerts.parquet") if row["class"] == "payee"]
    told = json.loads(alert["counterfactual"])
    assert (told["indicator"], told["parameter"], told["needed"]) == ("R01", "payers", ">= 5")
    rows = list(csv.DictReader(files[0].open()))
    for number, back in enumerate([None, *told["remove_tx_ids"]]):
        left = [row for row in rows if row["tx_id"] not in told["remove_tx_ids"] or row["tx_id"] == back]
        again = tmp_path / f"again{number}"
        redflags("scan", write(tmp_path / "left.csv", left), "--accounts", files[1], "--out", again)
        found = [row for row in read(again / "alerts.parquet") if row["class"] == "payee"]
        assert len(found) == (back is not None), back
    explained = redflags("explain", out, alert["alert_id"][:12], "--language", "en").stdout
    assert all(one in explained for one in told["remove_tx_ids"])
    assert alert["reasons_en"] in explained


def test_days_parameters_and_the_threshold_are_heeded(files: tuple[Path, Path], tmp_path: Path) -> None:
    def payees(name: str, *more: object) -> int:
        redflags("scan", files[0], "--accounts", files[1], "--out", tmp_path / name, *more)
        return sum(1 for row in read(tmp_path / name / "alerts.parquet") if row["class"] == "payee")

    params = tmp_path / "params.yaml"
    params.write_text("R01: {payers: 7}\n")
    assert payees("plain") == 1
    assert payees("more", "--params", params) == 0
    assert payees("high", "--threshold", 1000) == 0
    assert payees("before", "--until", "2026-03-02") == 0
    assert payees("since", "--since", "2026-03-05") == 0
    assert payees("within", "--since", "2026-03-03", "--until", "2026-03-03") == 1


def test_the_same_scan_gives_the_same_files(files: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("one", "two"):
        redflags("scan", files[0], "--accounts", files[1], "--out", tmp_path / name)
    for name in ("alerts.parquet", "hits.parquet"):
        assert read(tmp_path / "one" / name) == read(tmp_path / "two" / name)
    assert (tmp_path / "one/report.html").read_bytes() == (tmp_path / "two/report.html").read_bytes()


def test_a_fault_is_a_sentence_and_nothing_is_left(files: tuple[Path, Path], tmp_path: Path) -> None:
    rows = list(csv.DictReader(files[0].open()))
    rows[3]["amount"] = "-5"
    bad = write(tmp_path / "bad.csv", rows)
    before = sorted(tmp_path.iterdir())
    done = redflags("scan", bad, "--accounts", files[1], "--out", tmp_path / "out", check=False)
    assert done.returncode == 1
    assert "amount" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "there").mkdir()
    taken = redflags("scan", files[0], "--accounts", files[1], "--out", tmp_path / "there", check=False)
    assert taken.returncode == 1
    assert "never writes over" in taken.stderr
    assert redflags("scan", files[0], "--out", tmp_path / "out", check=False).returncode == 2
    assert (
        redflags(
            "scan", files[0], "--accounts", files[1], "--out", tmp_path / "out", "--since", "x", check=False
        ).returncode
        == 2
    )


def test_a_killed_scan_leaves_no_folder(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "lindung_redflags.cli",
        "scan",
        str(files[0]),
        "--accounts",
        str(files[1]),
        "--out",
        str(out),
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".out-*")) and time.monotonic() < until and running.poll() is None:
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert not out.exists() or (out / "report.html").exists(), "whole or not at all"
    redflags("scan", files[0], "--accounts", files[1], "--out", tmp_path / "next")
    assert (tmp_path / "next" / "report.html").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_within_a_query_tells_so_by_its_exit_code(number: int, code: int) -> None:
    long = (
        "import os, signal, threading, duckdb; from lindung_redflags import cli; "
        f"signal.signal({int(number)}, signal.SIG_DFL); "
        f"cli.app = lambda: (threading.Timer(0.2, os.kill, (os.getpid(), {int(number)})).start(), "
        "duckdb.execute('SELECT sum(hash(range)) FROM range(1000000000)')); cli.main()"
    )
    ended = subprocess.run([sys.executable, "-c", long], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (code, "")


def test_a_run_that_is_ended_while_its_folder_is_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def ended(folder: Path, mode: int) -> None:
        os.mkdir(folder, mode)
        made.append(folder)
        raise SystemExit(143)

    monkeypatch.setattr(Path, "mkdir", ended)
    with pytest.raises(SystemExit), folders.beside(tmp_path / "out"):
        pass
    assert [folder.parent for folder in made] == [tmp_path]
    assert not list(tmp_path.iterdir())


def test_the_catalogue_is_shown_in_both_languages() -> None:
    listed = redflags("catalogue").stdout.splitlines()
    assert any(line.startswith("R01 ") for line in listed)
    assert any("penerima" in line for line in listed)
    shown = redflags("catalogue", "R01", "--language", "en").stdout
    assert "payers = 5 people" in shown
    assert "arisan" in shown
    unknown = redflags("catalogue", "Z99", check=False)
    assert (unknown.returncode, "no indicator is called Z99" in unknown.stderr) == (1, True)
