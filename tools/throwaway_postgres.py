"""A PostgreSQL cluster that lives as long as one command: its own folder, its own port, no password, gone afterwards.

    python tools/throwaway_postgres.py COMMAND [ARGUMENT ...]

Runs COMMAND with LINDUNG_DATABASE pointing at the cluster and returns its exit code. PostgreSQL refuses to run as
root, so root hands it to the user `postgres` or `nobody`. Benchmarks and tests import `Cluster`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

# No statement, parameter or address may reach the log, as deploy/ sets it for production.
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "log_connections": "off",
    "log_disconnections": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "''",
    "log_error_verbosity": "terse",
    "max_connections": "120",
    "shared_buffers": "128MB",
}


def find_binaries() -> Path | None:
    """Return the folder with initdb and postgres of the newest installed version, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]) if p.parts[-3].isdigit() else 0
    )
    if found:
        return found[-1].parent
    which = shutil.which("initdb")
    return Path(which).resolve().parent if which else None


class Cluster:
    """A started cluster. `url` goes into LINDUNG_DATABASE; `folder` holds the data; `kill()` is SIGKILL to it all."""

    def __init__(self) -> None:
        binaries = find_binaries()
        if binaries is None:
            raise SystemExit("PostgreSQL is not installed. Type: apt-get install --no-install-recommends postgresql")
        self.binaries = binaries
        self.root = Path(tempfile.mkdtemp(prefix="lindung-pg-"))
        self.folder = self.root / "data"
        self.log = self.root / "log"
        self.port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/lindung"
        self._user = _unprivileged() if os.geteuid() == 0 else None
        if self._user:
            self.root.chmod(0o755)
            shutil.chown(self.root, self._user)
        self._process: subprocess.Popen[bytes] | None = None

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            user=self._user,
            cwd="/",
            capture_output=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        if done.returncode:
            raise SystemExit(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')}")

    def __enter__(self) -> Cluster:
        self._run(
            str(self.binaries / "initdb"),
            "-D",
            str(self.folder),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        )
        with (self.folder / "postgresql.conf").open("a") as conf:
            conf.write("".join(f"{name} = {value}\n" for name, value in SETTINGS.items()))
            conf.write(f"port = {self.port}\nunix_socket_directories = '{self.root}'\n")
        self.start()
        self._run(str(self.binaries / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "lindung")
        return self

    def start(self) -> None:
        """Start the server and wait until it answers (crash recovery included)."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.folder)],
                user=self._user, cwd="/", stdout=log, stderr=log, start_new_session=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            ready = subprocess.run(
                [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if ready.returncode == 0:
                return
            if self._process.poll() is not None:
                # The children of a killed server may still hold the shared memory for a moment.
                time.sleep(0.2)
                return self.start()
            time.sleep(0.05)
        raise SystemExit(f"PostgreSQL did not start; see {self.log}")

    def kill(self) -> None:
        """SIGKILL the server and every child, as a power cut of the process would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def main(command: list[str]) -> int:
    if not command or command[0] in {"-h", "--help"}:
        print(__doc__)
        return 0 if command else 2
    with Cluster() as cluster:
        return subprocess.run(command, env={**os.environ, "LINDUNG_DATABASE": cluster.url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
