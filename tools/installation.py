"""A whole installation in a folder of its own, started as a user would start it: for browser tests and benchmarks.

Shapes: `Installation(folder, database_url)`; `.prepare()` makes secrets, tables and people; `.start()` serves it on a
free port; `.kill()` is SIGKILL to the server and everything it started. Nothing of the environment's own LINDUNG_*
settings is taken over.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """One installation; `people` maps a role's name to {username, passphrase, totp, user, team} after prepare()."""

    def __init__(self, folder: Path, database_url: str = "", **extra: str) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.people: dict[str, dict[str, Any]] = {}
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("LINDUNG_", "DJANGO_"))}
        self.env |= {
            "LINDUNG_DATA_DIR": str(folder / "data"),
            "LINDUNG_SECRETS_DIR": str(folder / "secrets"),
            "LINDUNG_DRAFTS_PATH": str(folder / "drafts" / "drafts.sqlite3"),
            "LINDUNG_TOMBSTONES": str(folder / "tombstones"),
            "LINDUNG_DATABASE": database_url,
            "LINDUNG_HTTPS": "0",
            "DJANGO_SETTINGS_MODULE": "lindung.config.settings",
            "PYTHONPATH": str(ROOT),
            **extra,
        }
        self._server: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one `lindung` command in this installation."""
        done = subprocess.run(
            [sys.executable, "-m", "lindung.cli.main", *arguments],
            env=self.env, cwd=self.folder, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(f"lindung {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def prepare(self) -> Installation:
        """Make the secrets, the tables and the cast of staff; second factors are on."""
        self.run("secrets", "create")
        self.run("migrate")
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / "seed_people.py")],
            env=self.env, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"people could not be made:\n{done.stderr}")
        self.people = json.loads(done.stdout)
        return self

    def prepare_from(self, prepared: Installation) -> Installation:
        """Start as a copy of an installation on SQLite that was prepared and never served."""
        for folder in ("data", "secrets"):
            shutil.copytree(prepared.folder / folder, self.folder / folder)
        self.people = json.loads(json.dumps(prepared.people))
        return self

    def start(self, wait: float = 30.0) -> Installation:
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "lindung.cli.main", "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                env=self.env, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + wait
        while time.monotonic() < until:
            if self.healthy():
                return self
            if self._server.poll() is not None:
                raise RuntimeError(f"the server stopped:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)
        raise RuntimeError("the server did not answer in time")

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """End the server at once, as a power cut of the process would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._server is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._server.pid, number)
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
        self._server = None
