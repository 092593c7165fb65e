"""Backups under load, on the database of the run.

What was acknowledged before the backup began opens after restoring; what was erased since does not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from lindung.vault.secrets import KEY_FILES
from tools.installation import Installation

SENDERS = Path(__file__).with_name("senders.py")


def new_database() -> str:
    """Return the address of an empty database on the server of the run; empty for SQLite."""
    url = os.environ.get("LINDUNG_DATABASE", "")
    if not url:
        return ""
    import psycopg

    name = f"backup_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def program(place: Installation, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, str(SENDERS), *arguments],
        env=place.env, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def states(place: Installation, codes: list[str]) -> list[str]:
    return program(place, "open", stdin="\n".join(codes) + "\n").split("\n")[: len(codes)]


@dataclass
class Backup:
    """A source with reports, a backup taken while more of them came in, and one report erased since."""

    source: Installation
    archive: Path
    recovery: str
    before: list[str]
    erased: str

    def restore(self, target: Installation, *options: str, key: str = "") -> subprocess.CompletedProcess[str]:
        command = ["backup", "restore", str(self.archive), *options]
        return target.run(*command, stdin=f"{key or self.recovery}\n", check=False)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Backup:
    folder = tmp_path_factory.mktemp("source")
    source = Installation(folder, new_database()).prepare()
    secrets = source.people["_recovery"]
    sender = subprocess.Popen(
        [sys.executable, str(SENDERS), "send", "4"],
        env=source.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert sender.stdin is not None
    assert sender.stdout is not None
    before = [sender.stdout.readline().strip() for _ in range(40)]
    try:
        done = source.run("backup", "create", str(folder / "backups"), "--organisation", "organisation")
    finally:
        sender.stdin.close()
        later = sender.stdout.read().split()
        assert sender.wait(timeout=60) == 0
    assert later, "reports came in while the backup was taken"
    archive = next((folder / "backups").glob("*.tar"))
    assert archive.name in done.stdout
    erased = before.pop()
    program(source, "erase", erased)
    return Backup(source, archive, next(iter(secrets.values())), before, erased)


def target_in(folder: Path) -> Installation:
    return Installation(folder, new_database())


def nothing_written(target: Installation) -> bool:
    return not any(path.is_file() for path in target.folder.rglob("*"))


def test_every_receipt_acknowledged_before_the_backup_opens_after_restoring(backup: Backup, tmp_path: Path) -> None:
    target = target_in(tmp_path / "new")
    done = backup.restore(target, "--tombstones", backup.source.env["LINDUNG_TOMBSTONES"])
    assert done.returncode == 0, done.stderr
    assert states(target, backup.before) == ["open"] * len(backup.before)
    assert states(target, [backup.erased]) == ["shut WrongReceipt"], "erased since the backup, so erased again"
    assert states(backup.source, [backup.erased]) == ["shut WrongReceipt"]
    assert "1 records erased" in done.stdout
    assert target.run("audit", "verify").returncode == 0
    refused = backup.restore(target, "--tombstones", backup.source.env["LINDUNG_TOMBSTONES"])
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert states(target, backup.before[:3]) == ["open"] * 3, "the refusal changed nothing"


def test_a_backup_without_the_list_of_what_was_erased_is_refused(backup: Backup, tmp_path: Path) -> None:
    target = target_in(tmp_path / "new")
    done = backup.restore(target)
    assert done.returncode == 1
    assert "--tombstones" in done.stderr
    assert nothing_written(target)


def test_a_damaged_archive_is_refused_with_nothing_written(backup: Backup, tmp_path: Path) -> None:
    content = bytearray(backup.archive.read_bytes())
    for place in (200, len(content) // 2, len(content) - 12_000):
        damaged = bytearray(content)
        damaged[place] ^= 1
        copy = tmp_path / backup.archive.name
        copy.write_bytes(damaged)
        target = target_in(tmp_path / f"new-{place}")
        done = target.run("backup", "restore", str(copy), stdin=f"{backup.recovery}\n", check=False)
        assert done.returncode == 1, place
        assert nothing_written(target), place
    copy.write_bytes(content[: len(content) // 2])
    assert target.run("backup", "restore", str(copy), stdin="x\n", check=False).returncode == 1
    assert nothing_written(target)


def test_another_recovery_key_opens_nothing(backup: Backup, tmp_path: Path) -> None:
    other = list(backup.source.people["_recovery"].values())[1]
    target = target_in(tmp_path / "new")
    done = backup.restore(target, "--without-tombstones", key=other)
    assert done.returncode == 1
    assert "does not open" in done.stderr
    assert nothing_written(target)


def test_no_secret_and_no_half_written_report_lies_in_the_archive(backup: Backup) -> None:
    content = (
        backup.archive.read_bytes()
        + backup.archive.with_name(backup.archive.name.replace(".tar", "-secrets.sealed")).read_bytes()
    )
    secrets = Path(backup.source.env["LINDUNG_SECRETS_DIR"])
    for secret in secrets.iterdir():
        text = secret.read_bytes().strip()
        assert text not in content
        if secret.name in KEY_FILES:
            assert bytes.fromhex(text.decode()) not in content
    assert b"CREATE TABLE draft" not in content


def test_old_backups_expire_and_the_newest_list_of_tombstones_stays_beside(backup: Backup, tmp_path: Path) -> None:
    folder = backup.archive.parent
    old = folder / "lindung-20200101-0000-00000000.tar"
    sealed = folder / "lindung-20200101-0000-00000000-secrets.sealed"
    other = folder / "notes.txt"
    for path in (old, sealed, other):
        path.write_text("x")
    backup.source.run("backup", "create", str(folder), "--organisation", "organisation", "--keep", "30")
    assert not old.exists()
    assert not sealed.exists()
    assert other.exists()
    assert backup.archive.exists()
    assert (folder / "tombstones").read_bytes() == Path(backup.source.env["LINDUNG_TOMBSTONES"]).read_bytes()
    assert not list(folder.glob(".part-*"))
    assert not list(folder.glob("*.part"))
