"""The directory from the command line: refused as a whole with every place named, imported, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lindung.cli.main import app
from lindung.directory.models import Organisation, Service
from lindung.directory.tests.sheets import as_csv, as_xlsx, invented

pytestmark = pytest.mark.django_db


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["directory", *map(str, arguments)])


def test_a_sheet_with_faults_is_refused_with_every_place_and_exit_code_1(tmp_path: Path) -> None:
    rows = invented(4)
    rows[0]["wilayah"], rows[2]["jam"] = "92.71", "kapan saja"
    path = tmp_path / "daftar.csv"
    path.write_bytes(as_csv(rows))
    before = Organisation.objects.count()
    for more in ([], ["--dry-run"]):
        done = run("import", path, *more)
        assert done.exit_code == 1
        assert f"{path}: Row 2, column F (wilayah): This region code is no longer in force. Now: 96.71." in done.stderr
        assert "Row 4, column AF (jam): Write opening hours like" in done.stderr
        assert "2 faults, nothing was imported." in done.stderr
        assert "kapan saja" not in done.output
    assert Organisation.objects.count() == before


def test_a_dry_run_writes_nothing_and_the_import_says_what_it_did(tmp_path: Path) -> None:
    path = as_xlsx(invented(6), tmp_path / "daftar.xlsx")
    done = run("import", path, "--dry-run")
    assert done.exit_code == 0
    assert "3 bodies would be added" in done.stdout
    assert not Service.objects.filter(contact="Meja layanan").exists()
    done = run("import", path)
    assert done.exit_code == 0, done.output
    assert done.stdout == "6 rows: 3 bodies added, 0 changed, 0 as they are; 6 services added, 0 changed.\n"
    assert Service.objects.filter(contact="Meja layanan").count() == 6


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_can_be_imported_again_and_never_overwrites(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"keluar.{ending}"
    done = run("export", path)
    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o077 == 0
    again = run("import", path)
    assert again.exit_code == 0, again.output
    assert " 0 bodies added, 0 changed" in again.stdout
    assert run("export", path).exit_code == 1


def test_wrong_use_and_missing_files_have_exit_codes_of_their_own(tmp_path: Path) -> None:
    assert run("export", tmp_path / "x.ods").exit_code == 2
    assert run("import").exit_code == 2
    missing = run("import", tmp_path / "tiada.csv")
    assert missing.exit_code == 1
    assert "no such file" in missing.stderr
    old = tmp_path / "lama.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0")
    assert "old XLS" in run("import", old).stderr
