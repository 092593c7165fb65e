"""A new version of the service standard from the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lindung.audit.models import Event
from lindung.casework.tests.standards import as_file
from lindung.cli import checks
from lindung.cli.main import app

pytestmark = pytest.mark.django_db
CONTENT = as_file("uji-1", ["satu", "dua"], in_force=date(2026, 1, 1))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.LINDUNG_STANDARDS_DIR = tmp_path / "standards"
    return Path(settings.LINDUNG_STANDARDS_DIR)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["standards", *arguments])


def test_it_is_checked_loaded_once_and_listed(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "baru.yaml"
    path.write_bytes(CONTENT)
    assert "sound. Version uji-1, in force from 2026-01-01: 1 stages, 2 points" in run("check", str(path)).stdout
    assert not folder.exists()
    done = run("load", str(path))
    assert done.exit_code == 0
    assert "Version uji-1 is loaded" in done.stdout
    assert [one.name for one in folder.iterdir()] == ["uji-1.yaml"]
    assert "uji-1" in Event.objects.get(kind="standard.loaded").data
    assert "already" in run("load", str(path)).stdout
    assert Event.objects.filter(kind="standard.loaded").count() == 1
    listed = run("list")
    assert listed.exit_code == 0
    assert "uji-1" in listed.stdout
    assert "pppa-2-2022.1" in listed.stdout


def test_a_wrong_file_is_refused_by_line_and_nothing_is_loaded(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "salah.yaml"
    path.write_bytes(CONTENT.replace(b"code: dua", b"code: DUA").replace(b"en: Example", b"en:"))
    for command in ("check", "load"):
        done = run(command, str(path))
        assert done.exit_code == 1
        assert "salah.yaml:3: expected a text of 1 to 300 characters" in done.output
        assert "salah.yaml:11: expected a code of 1 to 40 small letters, digits and _, found 'DUA'" in done.output
    assert not folder.exists()
    assert not Event.objects.filter(kind="standard.loaded").exists()


def test_another_content_under_the_same_version_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "baru.yaml"
    path.write_bytes(CONTENT)
    run("load", str(path))
    path.write_bytes(CONTENT.replace(b"Contoh", b"Lain"))
    done = run("load", str(path))
    assert done.exit_code == 1
    assert "expected a new version name" in done.output
    assert run("check", str(tmp_path / "tidak-ada.yaml")).exit_code == 1


def test_a_wrong_file_in_the_folder_is_told_by_list_and_check(folder: Path) -> None:
    folder.mkdir()
    (folder / "tangan.yaml").write_bytes(CONTENT.replace(b"code: intake", b"code: awal"))
    done = run("list")
    assert done.exit_code == 1
    assert "tangan.yaml:8: expected one of intake" in done.output
    assert any("tangan.yaml:8" in finding.text for finding in checks.standards())
