"""Real races: threads with connections of their own, on a SQLite file or on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections

from lindung.audit.tests.filedatabase import file_database

ROOMS = tuple(config.label for config in apps.get_app_configs() if config.name.startswith("lindung."))
"""All of them: rooms above reporting write their rows in the same transactions."""

COPIED = (
    ("accounts", "Organisation"),
    ("accounts", "Team"),
    ("accounts", "User"),
    ("accounts", "Membership"),
    ("vault", "MemberKey"),
    ("vault", "RecoveryKey"),
    ("vault", "TeamKey"),
    ("vault", "TeamKeyGrant"),
)


_migrated: list[bytes] = []
"""The empty, migrated file, made once in a run."""


@contextmanager
def on_a_file(path: Path) -> Iterator[None]:
    """Move the cast of the present test into a SQLite file and work there until the block ends."""
    models = [apps.get_model(*name) for name in COPIED]
    rows = {model: list(model.objects.all()) for model in models}
    if _migrated:
        path.write_bytes(_migrated[0])
    with file_database(path, *ROOMS):
        if not _migrated:
            connections["default"].close()
            _migrated.append(path.read_bytes())
        for model, found in rows.items():
            model.objects.bulk_create(found)
        yield


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs at the same moment; return what each gave or raised, in order."""
    start, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def work(number: int, job: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work, args=(n, job)) for n, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
