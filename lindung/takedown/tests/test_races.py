"""Two people, two loops, one moment: exactly one gets it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connections

from lindung.audit.models import Event
from lindung.audit.tests.filedatabase import file_database
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.reporting.tests.races import COPIED, at_once
from lindung.takedown import services, tasks
from lindung.takedown.models import Answer, Check, Entry, Item, Notice, State

from .conftest import MONDAY, Desk

Race = Callable[[Any, Any], None]
ROOMS = ("audit", "vault", "accounts", "reporting", "takedown")


def at_noon(job: Callable[[], Any]) -> Callable[[], Any]:
    """Threads have a clock of their own."""

    def run() -> Any:
        with clock.frozen(MONDAY):
            return job()

    return run


def desks(cast: Any) -> list[Desk]:
    return [Desk(cast, cast.analyst), Desk(cast, cast.second_analyst), Desk(cast, cast.supervisor)]


def of_checks(cast: Any, send: Any) -> None:
    """Three people note "not there" in the same moment: one counts, and nothing is closed by it."""
    people = desks(cast)
    [item] = people[0].add(send())
    people[0].send(item)
    version = Item.objects.get().version
    results = at_once(*[at_noon(lambda d=d: d.check(item, version=version)) for d in people])
    assert sum(isinstance(r, Conflict) for r in results) == 2, results
    assert Check.objects.count() == 1
    assert Item.objects.get().version == version + 1


def of_answers_and_checks(cast: Any, send: Any) -> None:
    people = desks(cast)
    [item] = people[0].add(send())
    people[0].send(item)
    version = Item.objects.get().version
    jobs = [
        lambda: people[0].answer(item, "refused", version=version),
        lambda: people[1].check(item, "there", version=version),
        lambda: services.end(people[2].actor, item.pk, "withdraw", "mistake", version=version),
    ]
    results = at_once(*[at_noon(job) for job in jobs])
    assert sum(isinstance(r, Conflict) for r in results) == 2, results
    assert Answer.objects.count() + Check.objects.count() <= 1


def of_letters(cast: Any, send: Any) -> None:
    """The same request is put on one letter only."""
    people = desks(cast)
    [item] = people[0].add(send())
    results = at_once(*[at_noon(lambda d=d: d.notice(item)) for d in people])
    assert sum(isinstance(r, Notice) for r in results) == 1, results
    assert sum(isinstance(r, Conflict) for r in results) == 2, results
    assert Notice.objects.count() == Entry.objects.count() == 1


def of_sending(cast: Any, send: Any) -> None:
    people = desks(cast)
    [item] = people[0].add(send())
    notice = people[0].notice(item)
    jobs = [lambda d=d: services.mark_sent(d.actor, d.keyring, notice.pk, reference="R") for d in people]
    results = at_once(*[at_noon(job) for job in jobs])
    assert sum(isinstance(r, Notice) for r in results) == 1, results
    assert Item.objects.get().state == State.SENT
    assert Event.objects.filter(kind="takedown.notice_sent").count() == 1


def of_adding(cast: Any, send: Any) -> None:
    people, sent = desks(cast), send()
    results = at_once(*[at_noon(lambda d=d: d.add(sent)) for d in people])
    assert sum(isinstance(r, list) for r in results) == 1, results
    assert sum(isinstance(r, BadInput) for r in results) == 2, results
    assert Item.objects.count() == 1


def of_loops(cast: Any, send: Any) -> None:
    people = desks(cast)
    people[0].send(*people[0].add(send()))
    due = MONDAY.replace(day=24)
    results = at_once(*[lambda: tasks.remind(due)] * 4)
    assert sorted(results) == [0, 0, 0, 1], results
    assert len(mail.outbox) == 1
    assert Event.objects.filter(kind="takedown.reminded").count() == 1


_migrated: list[bytes] = []
"""The empty, migrated file, made once in a run."""

RACES: list[Race] = [of_checks, of_answers_and_checks, of_letters, of_sending, of_adding, of_loops]


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Race, cast: Any, send: Any, tmp_path: Path) -> None:
    models = [apps.get_model(*name) for name in COPIED]
    rows = {model: list(model.objects.all()) for model in models}
    path = tmp_path / "race.sqlite3"
    if _migrated:
        path.write_bytes(_migrated[0])
    with file_database(path, *ROOMS):
        if not _migrated:
            connections["default"].close()
            _migrated.append(path.read_bytes())
        for model, found in rows.items():
            model.objects.bulk_create(found)
        race(cast, send)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Race, cast: Any, send: Any) -> None:
    race(cast, send)
