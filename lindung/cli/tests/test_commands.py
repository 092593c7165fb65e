"""Commands as an administrator types them: what they print, how they end, what they leave."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools.installation import Installation

pytestmark = pytest.mark.sqlite  # installations of their own

COMMANDS = [
    [], ["dev"], ["serve"], ["work"], ["check"], ["migrate"], ["catalogues"], ["demo"], ["secrets", "create"],
    ["organisation", "add"], ["team", "add"], ["user", "add"], ["audit", "export"], ["audit", "verify"],
    ["retention", "run"], ["backup", "create"], ["backup", "restore"], ["key", "rotate"], ["key", "recover"],
    ["key", "recovery-create"], ["token", "add"], ["token", "list"], ["token", "revoke"],
]  # fmt: skip
PASSPHRASE = "empat kata acak untuk uji"


def bare(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command with an environment that holds no setting of ours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LINDUNG_", "DJANGO_"))}
    command = [sys.executable, "-m", "lindung.cli", *arguments]
    return subprocess.run(command, env={**clean, **env}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_without_any_setting(command: list[str]) -> None:
    from typer.testing import CliRunner

    from lindung.cli.main import app

    done = CliRunner().invoke(app, [*command, "--help"])
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert len(done.stdout.splitlines()) > 4


def test_a_wrong_command_ends_with_2_and_an_impossible_one_with_1(tmp_path: Path) -> None:
    assert bare("nonsense").returncode == 2
    done = bare("audit", "verify", str(tmp_path / "none"))
    assert done.returncode == 1
    assert "expected a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = bare("check", LINDUNG_DATABASE="mysql://nowhere", LINDUNG_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "LINDUNG_DATABASE: expected postgresql://" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    """An installation with nothing in it, with its own SQLite."""
    return Installation(tmp_path / "place")


def test_the_first_steps_of_an_installation(place: Installation) -> None:
    assert "missing" in place.run("check", check=False).stdout
    refused = place.run("serve", check=False)
    assert refused.returncode == 1
    assert "Nothing is served" in refused.stderr

    place.run("secrets", "create")
    secrets = Path(place.env["LINDUNG_SECRETS_DIR"])
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in [secrets, *secrets.iterdir()])
    place.run("secrets", "create")
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before

    assert "migrations applied" in place.run("migrate").stdout
    assert "up to date" in place.run("migrate").stdout
    printed = place.run("organisation", "add", "Jaringan", "--kind", "network").stdout
    assert re.search(r"(?:[0-9A-Z]{4} ){13}[0-9A-Z]{4}", printed), "the recovery key is shown once"
    place.run("team", "add", "Penerima", "--organisation", "Jaringan", "--order", "1")
    assert place.run("check", check=False).returncode == 1, "the team has no key yet"
    add = [
        "user",
        "add",
        "sari",
        "--organisation",
        "Jaringan",
        "--team",
        "Penerima",
        "--role",
        "analyst",
        "--name",
        "Sari",
    ]
    differ = place.run(*add, "--own-passphrase", stdin=f"{PASSPHRASE}\nother words here\n", check=False)
    assert differ.returncode == 1
    assert "differ" in differ.stderr
    short = place.run(*add, "--own-passphrase", stdin="short\nshort\n", check=False)
    assert short.returncode == 1
    assert "Traceback" not in short.stderr
    place.run(*add, "--own-passphrase", stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    unknown = place.run("key", "rotate", "--team", "Lain", "--member", "sari", stdin=f"{PASSPHRASE}\n", check=False)
    assert unknown.returncode == 1
    assert "Known: Penerima" in unknown.stderr
    wrong = place.run("key", "rotate", "--team", "Penerima", "--member", "sari", stdin="not it at all\n", check=False)
    assert wrong.returncode == 1
    done = place.run("key", "rotate", "--team", "Penerima", "--member", "sari", stdin=f"{PASSPHRASE}\n")
    assert "version 2" in done.stdout
    assert "1 old keys destroyed" in done.stdout
    report = place.run("check", check=False).stdout
    assert "error    https" in report, "the test's installation has no TLS, and check says so"
    assert "no independent team" in report
    assert "has no key yet" not in report


def test_the_log_is_exported_whole_and_verified_elsewhere(place: Installation, tmp_path: Path) -> None:
    place.run("secrets", "create")
    place.run("migrate")
    place.run("organisation", "add", "Jaringan")
    path = tmp_path / "log.jsonl"
    place.run("audit", "export", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert place.run("audit", "export", str(path), check=False).returncode == 1, "an export is never written over"
    place.run("organisation", "add", "Jaringan Dua")
    newer = tmp_path / "newer.jsonl"
    place.run("audit", "export", str(newer))
    # The auditor's machine has no installation.
    assert bare("audit", "verify", str(newer), "--checkpoint", str(path)).returncode == 0
    lines = newer.read_text().splitlines()
    newer.write_text("\n".join([*lines[:1], *lines[2:]]) + "\n")
    found = bare("audit", "verify", str(newer), "--checkpoint", str(path))
    assert found.returncode == 1
    assert "event 2: missing" in found.stdout


def test_a_taken_port_is_refused_and_not_shared(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = bare("dev", "--port", str(port), LINDUNG_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 1
    assert "already in use" in done.stderr
    assert not (tmp_path / "data").exists(), "it was refused before anything was made"
