"""From the folder of a scan and the normalised tables to the files of a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from lindung_redflags.catalogue.loading import build, own_files, read
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.errors import BadInput
from lindung_redflags.goaml import NotReady, Wanted, command, from_scan, read_release, told
from lindung_redflags.goaml.model import Reporter
from lindung_redflags.goaml.profile import load_profile
from lindung_redflags.goaml.report import make
from tests.goaml.cases import DAY, START, XSD

ALERT = "cd" * 32


def r01() -> Catalogue:
    path = next(one for one in own_files() if one.stem == "R01")
    raw, node = read(path)
    return Catalogue({"R01": build(path, raw, node, {}, {})})


CATALOGUE = r01()


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Five outsiders pay K1; the fifth in dollars. K1 was opened on 24 December 2025 in Indonesia's central zone."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        made.execute(
            "CREATE TABLE acc(a INTEGER, account_id VARCHAR, h INTEGER, holder_id VARCHAR, kind VARCHAR, "
            "birth INTEGER, opened BIGINT, offset_s INTEGER, country VARCHAR, product VARCHAR, kyc VARCHAR, "
            "customer BOOLEAN, listed BOOLEAN)"
        )
        made.execute(
            "CREATE TABLE tx(n BIGINT, tx_id VARCHAR, t BIGINT, amount BIGINT, cur VARCHAR, idr BIGINT, p INTEGER, "
            "q INTEGER, ph INTEGER, qh INTEGER, pc VARCHAR, qc VARCHAR, channel VARCHAR, status VARCHAR, "
            "remark VARCHAR)"
        )
        made.execute(
            "INSERT INTO acc VALUES (0,'K1',0,'H1','person',5630,1766505600,28800,'ID','wallet',NULL,true,true)"
        )  # 1985-06-01; 24 December 2025 00.00 WITA
        for n in range(1, 6):
            made.execute(f"INSERT INTO acc(a, account_id, h, customer, listed) VALUES ({n}, 'L{n}', {n}, false, false)")
            money = "10000000, 'USD', 16000000" if n == 5 else "1000000000, 'IDR', 100000"
            made.execute(
                f"INSERT INTO tx VALUES ({n}, 'T{n}', {START + n}, {money}, {n}, 0, {n}, 0, 'AU', NULL, 'ewallet', "
                "'completed', NULL)"
            )
        yield made


@pytest.fixture
def folder(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Path:
    made = tmp_path / "scan"
    made.mkdir()
    moment = f"to_timestamp({START + 5})"
    connection.execute(
        f"COPY (SELECT '{ALERT}' AS alert_id, 'K1' AS account_id, 'H1' AS holder_id, 'payee' AS class, 60 AS score, "
        f"{moment} AS raised_at, {moment} AS first_ts, {moment} AS last_ts) TO '{made}/alerts.parquet' (FORMAT parquet)"
    )
    observed, threshold = json.dumps(["5", "1", "1", "1"]), json.dumps(["parties >= 5"] * 4)
    figures = f"'R01', {moment}, '{observed}', '{threshold}'"
    connection.execute(
        f"COPY (SELECT *, 'K1' AS account_id FROM (VALUES ('{ALERT}', {figures}, ['T5', 'T1', 'T2', 'T3', 'T4']), "
        f'(NULL, {figures}, [])) v(alert_id, indicator, "at", observed, threshold, tx_ids)) '
        f"TO '{made}/hits.parquet' (FORMAT parquet)"
    )
    reasons = {"R10": {"id": "data tidak ada: device_id", "en": "data that is not there: device_id"}}
    summary = {"catalogue": CATALOGUE.version, "coverage": {"ran": ["R01"], "of": 2, "did_not_run": reasons}}
    (made / "summary.json").write_text(json.dumps(summary))
    return made


def test_the_evidence_of_an_alert(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    given = {"K1": {"first_name": "Orang", "last_name": "Satu"}, "L1": {"possible_victim": True}, "X": {"city": "Kota"}}
    for name in (ALERT, ALERT[:8]):
        found = from_scan(folder, name, given, connection=connection, catalogue=CATALOGUE)
        assert found.alert.alert_id == ALERT
        assert set(found.parties) == {"K1", "L1", "L2", "L3", "L4", "L5"}
        subject = found.subject
        assert (subject.first_name, subject.customer, str(subject.birth_date), str(subject.opened_on)) == (
            "Orang", True, "1985-06-01", "2025-12-24",
        )  # fmt: skip
        assert [one.tx_id for one in found.alert.completed] == ["T1", "T2", "T3", "T4", "T5"]
        last = found.alert.completed[-1]
        assert (str(last.amount), last.currency, last.amount_idr) == ("1000", "USD", 16_000_000)
        assert last.payer_country == "AU"
        assert len(found.alert.hits) == 1
        hit = found.alert.hits[0]
        assert (hit.at, hit.tx_ids) == (START + 5, ("T1", "T2", "T3", "T4", "T5"))
        assert "PPATK" in hit.sources[0].name
        assert "jumlah pihak yang berbeda" in hit.says_id
        assert "number of different parties" in hit.says_en
        assert [one.name for one in found.alert.unchecked] == ["R10"]
        assert (found.may_be_victim("L1"), found.may_be_victim("L2")) == (True, False)


def test_an_alert_that_was_held_back_once_says_so(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    sign = replace(CATALOGUE.indicators["R01"], id="V", subject="possible_victim")
    known = Catalogue(CATALOGUE.indicators | {"V": sign})
    summary = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps(summary | {"catalogue": known.version}))
    for days, account, signs in ((-30, "K1", ("V",)), (-31, "K1", ()), (30, "K1", ("V",)), (0, "K2", ())):
        _add_hit(connection, folder, "V", START + 5 + days * 86400, account)
        found = from_scan(folder, ALERT, {}, connection=connection, catalogue=known)
        assert found.alert.victim_signs == signs, days
        gaps = make(found, Reporter(), load_profile("generic"), made_on=date(2026, 3, 1), as_draft=True).gaps
        assert ["(V)" in gap.fill_en for gap in gaps].count(True) == len(signs)


def _add_hit(connection: duckdb.DuckDBPyConnection, folder: Path, name: str, at: int, account: str) -> None:
    """The hits of the folder, and one more instead of the one that was added before."""
    path = folder / "hits.parquet"
    connection.execute(f"""
        CREATE OR REPLACE TABLE h AS SELECT * FROM read_parquet('{path}') WHERE indicator <> '{name}'
        UNION ALL BY NAME
        SELECT '{name}' AS indicator, to_timestamp({at}) AS "at", '{account}' AS account_id
    """)
    connection.execute(f"COPY h TO '{path}' (FORMAT parquet)")


def test_whole_seconds_instead_of_moments_are_read_alike(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    before = from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE)
    path = folder / "hits.parquet"
    seconds = 'SELECT * REPLACE (epoch_us("at") // 1000000 AS "at")'
    connection.execute(f"CREATE TABLE h AS {seconds} FROM read_parquet('{path}')")
    connection.execute(f"COPY h TO '{path}' (FORMAT parquet)")
    assert from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE) == before


@pytest.mark.parametrize(("alert_id", "said"), [("ab" * 32, "no alert"), ("cdcd", "no alert"), ("", "no alert")])
def test_an_alert_that_is_not_there(
    folder: Path, connection: duckdb.DuckDBPyConnection, alert_id: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        from_scan(folder, alert_id, {}, connection=connection, catalogue=CATALOGUE)


def test_data_or_a_catalogue_that_is_not_that_of_the_scan(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BadInput, match="give the same catalogue"):
        from_scan(folder, ALERT, {}, connection=connection, catalogue=Catalogue({}))
    connection.execute("DELETE FROM tx WHERE tx_id = 'T2'")
    with pytest.raises(BadInput, match="1 of 5 payments of the alert are not there"):
        from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE)


@pytest.mark.parametrize("name", ["alerts.parquet", "hits.parquet", "summary.json"])
def test_a_folder_that_is_not_whole(folder: Path, connection: duckdb.DuckDBPyConnection, name: str) -> None:
    (folder / name).write_text("x")
    with pytest.raises(BadInput, match=name):
        from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE)
    (folder / name).unlink()
    with pytest.raises(BadInput, match=name):
        from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE)


def test_a_missing_column_is_named(folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
    path = folder / "hits.parquet"
    connection.execute(f"CREATE TABLE h AS SELECT * EXCLUDE (tx_ids) FROM read_parquet('{path}')")
    connection.execute(f"COPY h TO '{path}' (FORMAT parquet)")
    with pytest.raises(BadInput, match="column tx_ids is missing"):
        from_scan(folder, ALERT, {}, connection=connection, catalogue=CATALOGUE)


def test_from_the_files_of_an_institution_to_a_valid_report(
    tmp_path: Path, folder: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    wanted = Wanted(folder, ALERT, tmp_path / "out", DAY, profile="generic")
    with pytest.raises(NotReady) as caught:
        command(wanted, connection=connection, catalogue=CATALOGUE)
    assert not wanted.out.exists()
    lines = told(caught.value.gaps, "id")
    assert "[wajib] report/rentity_id: berkas pelapor: rentity_id" in lines
    assert len([one for one in lines if "kolom institution_code" in one]) == 6
    reporter, parties = tmp_path / "reporter.toml", tmp_path / "parties.csv"
    reporter.write_text(
        'rentity_id = "4711"\ncity = "Jakarta"\nfirst_name = "P"\nlast_name = "C"\ninstitution_code = "BCTH"\n'
    )
    rows = ["K1,Orang,Satu,0000,ID,ID,Orang Satu,IDR,active,,"]
    rows += [f"L{n},,,,,,,,,LAIN,AU" for n in range(1, 6)]
    parties.write_text(
        "account_id,first_name,last_name,id_number,nationality,residence,account_name,account_currency,account_status,"
        "institution_code,country\n" + "\n".join(rows) + "\n"
    )
    done = Wanted(folder, ALERT[:16], tmp_path / "out", DAY, "generic", reporter, parties, XSD)
    report, paths = command(done, connection=connection, catalogue=CATALOGUE)
    assert report.ready
    assert report.checked is not None
    assert report.checked.valid
    root = etree.fromstring(paths[-1].read_bytes())
    assert len(root.findall("transaction")) == 5
    assert {one.text for one in root.iter("to_is_suspected")} == {"true"}
    assert "jumlah pihak yang berbeda" in (root.findtext("reason") or "")
    assert "R10: data tidak ada: device_id" in (root.findtext("reason") or "")


def test_the_file_of_a_release(tmp_path: Path) -> None:
    path = tmp_path / "release.toml"
    path.write_text('decided_by = "A"\nconfirmed_by = "B"\nlegal_basis = "C"\nofficer = "D"\n')
    assert read_release(path).officer == "D"
    path.write_text('decided_by = "A"\n')
    with pytest.raises(BadInput, match="expected exactly"):
        read_release(path)
