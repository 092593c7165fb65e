"""Copying a database that is in use, and putting a copy into an empty one. SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from lindung.cli.bootstrap import CommandError

# Sign-ins of the moment: of no use after a restore, and nothing that should lie in a safe for a month.
PASSING = ["django_session", "accounts_pendingsignin"]


def sqlite_path() -> Path:
    """Return the file of the embedded database."""
    return Path(str(settings.DATABASES["default"]["NAME"]))


def copy_to(target: Path) -> None:
    """Write a copy that holds every transaction that was committed before this call began."""
    if connection.vendor == "sqlite":
        _copy_sqlite(target)
    else:
        _copy_postgres(target)


def _copy_sqlite(target: Path) -> None:
    """Copy in one step: writers wait for its length (20 s at most), and a copy under load ends.

    In small steps every write of another connection would start the copy again.
    """
    source_path = sqlite_path()
    if not source_path.is_file():
        raise CommandError(f"{source_path}: there is no database to back up.")
    with closing(sqlite3.connect(source_path, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        source.backup(copy, pages=-1)
        for table in PASSING:
            if copy.execute("SELECT 1 FROM sqlite_master WHERE name=?", [table]).fetchone():
                copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 (a fixed name)
        copy.commit()
        state = copy.execute("PRAGMA quick_check").fetchone()[0]
        if state != "ok":
            raise CommandError("The copy of the database is not sound. Look at the disk; nothing was kept.")
    target.chmod(0o600)


def _copy_postgres(target: Path) -> None:
    with _connection_arguments() as (arguments, environment):
        flags = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", f"--file={target}"]
        excluded = [f"--exclude-table-data={name}" for name in PASSING]
        _run(["pg_dump", *flags, *excluded, *arguments], environment)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())


def is_empty() -> bool:
    """Tell whether there is no table at all: only then may a backup be restored."""
    if connection.vendor == "sqlite":
        path = sqlite_path()
        if not path.exists() or path.stat().st_size == 0:
            return True
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor)


def restore_from(source: Path) -> None:
    """Fill the empty database from a copy that `copy_to` wrote, whole or not at all."""
    connection.close()
    if connection.vendor == "sqlite":
        target = sqlite_path()
        for leftover in (target, Path(f"{target}-journal"), Path(f"{target}-wal"), Path(f"{target}-shm")):
            leftover.unlink(missing_ok=True)
        os.replace(source, target)
        return
    with _connection_arguments() as (arguments, environment):
        flags = ["--no-owner", "--no-privileges", "--no-password", "--single-transaction", "--exit-on-error"]
        _run(["pg_restore", *flags, *arguments, str(source)], environment)


def make_empty() -> None:
    """Take back a restore that could not be finished. Only ever called for a database that was empty before it."""
    connection.close()
    if connection.vendor == "sqlite":
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(f"{sqlite_path()}{suffix}").unlink(missing_ok=True)
        return
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)} CASCADE")


@contextmanager
def _connection_arguments() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the arguments for PostgreSQL's programs; the password goes through a private file, gone afterwards."""
    database = settings.DATABASES["default"]
    arguments = [f"--dbname={connection.settings_dict['NAME']}"]
    for option, key in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if database.get(key):
            arguments.append(f"{option}={database[key]}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINDUNG_")}
    with tempfile.TemporaryDirectory(prefix="lindung-pg-") as folder:
        if database.get("PASSWORD"):
            passfile = Path(folder) / "pgpass"
            password = str(database["PASSWORD"]).replace("\\", "\\\\").replace(":", "\\:")
            passfile.touch(mode=0o600)
            passfile.write_text(f"*:*:*:*:{password}\n")
            environment["PGPASSFILE"] = str(passfile)
        yield arguments, environment


def _run(command: list[str], environment: dict[str, str]) -> None:
    program = _postgres_program(command[0])
    done = subprocess.run([program, *command[1:]], env=environment, capture_output=True, check=False)
    if done.returncode:
        first = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[0]
        raise CommandError(f"{command[0]} failed: {first}")


def _postgres_program(name: str) -> str:
    """Find pg_dump or pg_restore of the newest version: an older one cannot read a newer server."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise CommandError(f"{name} is missing. Type: apt-get install --no-install-recommends postgresql-client")
    return program
