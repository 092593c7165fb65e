"""A real SQLite file in place of the test database, for what memory cannot show: triggers, bytes, threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.migrations.executor import MigrationExecutor

OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    # SQLite wakes waiting writers by luck; on a busy machine one of several may sleep through twenty seconds.
    "timeout": 120,
    "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
}


@contextmanager
def file_database(path: Path, *apps: str) -> Iterator[Path]:
    """Let the default connection of every thread mean `path`, migrated for these apps, until the block ends."""
    before: dict[str, Any] = connections.settings["default"]
    kept = connections["default"]
    connections.settings["default"] = {
        **before,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": OPTIONS,
    }
    del connections["default"]
    try:
        executor = MigrationExecutor(connections["default"])
        executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in apps])
        yield path
    finally:
        connections["default"].close()
        connections.settings["default"] = before
        connections["default"] = kept
