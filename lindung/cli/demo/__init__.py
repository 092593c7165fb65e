"""Demonstration data: invented people, twelve scenarios, about 300 reports over two years, by the real services.

`ensure` fills an empty database once; later calls only keep the duty roster going. What visitors need to look around
(accounts, receipts of a few scenarios) is kept in `demo.json` in the data folder, and printed by `introduce`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from lindung.accounts.models import Organisation, Team
from lindung.cli import databases, prepare
from lindung.cli.archive import write_private
from lindung.cli.bootstrap import CommandError
from lindung.cli.demo import answers, directory, invented, people, play, story
from lindung.core import clock
from lindung.reporting import tasks
from lindung.reporting.models import Report

Say = Callable[[str], None]


def notebook() -> Path:
    """The file that remembers what was filled in, so that it is done once."""
    return Path(settings.LINDUNG_DATA_DIR) / "demo.json"


def ensure(say: Say) -> None:
    """Fill an empty database; refuse one that holds anything else. An interrupted filling is begun anew on SQLite."""
    notes = _read()
    names = set(Organisation.objects.values_list("name", flat=True))
    if names - people.ORGANISATION_NAMES or (Report.objects.exists() and not names):
        raise CommandError(
            "The database holds data that is not the demonstration's. Use another LINDUNG_DATA_DIR, or `lindung serve`."
        )
    if names and notes.get("done"):
        people.keep_roster(clock.now())
        return
    if names:
        _begin_anew()
    _fill(say)


def _fill(say: Say) -> None:
    say("Filling in invented demonstration data (once) ...")
    began = time.monotonic()
    now = clock.coarse_now()
    with _quick_writes():
        notebook().unlink(missing_ok=True)
        cast = people.create(now - timedelta(days=invented.DAYS + 30), now)
        directory.fill()
        answers.fill(cast, now - timedelta(days=invented.DAYS + 29))
        stories = [*story.load(now), *invented.reports(now)]
        receipts = play.run(stories, cast, now)
        tasks.retention(now)
    _write({"done": True, "receipts": receipts})
    say(f"{Report.objects.count()} invented reports in {time.monotonic() - began:.0f} s.")


@contextmanager
def _quick_writes() -> Iterator[None]:
    """Let SQLite not wait for the disk while invented data is written; a crash here only means to begin anew."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA journal_mode=MEMORY")
    try:
        yield
    finally:
        connection.close()


def _begin_anew() -> None:
    if connection.vendor != "sqlite":
        raise CommandError("Filling in was interrupted. Give the demonstration an empty database and start again.")
    databases.make_empty()
    prepare.migrate()


def _read() -> dict[str, Any]:
    try:
        return dict(json.loads(notebook().read_text()))
    except (OSError, ValueError):
        return {}


def _write(notes: dict[str, Any]) -> None:
    write_private(notebook(), json.dumps(notes, indent=1, ensure_ascii=False).encode())


def introduce(say: Say) -> None:
    """Print who can sign in, and the receipts that open a mailbox."""
    say("\nThe demonstration. Everything in it is invented; its accounts need no second factor.\n")
    say(f"  Sign in at /kerja/ with the passphrase: {people.PASSPHRASE}\n")
    teams = dict(Team.objects.values_list("pk", "name"))
    for username, roles in people.overview(teams):
        say(f"    {username:10} {roles}")
    receipts = _read().get("receipts", [])
    if receipts:
        say("\n  Receipts that open a mailbox at /kotak/:\n")
        for entry in receipts:
            say(f"    {entry['code']}   {entry['title']}")
