"""Two people, one moment: two reports end up together or apart, and never half."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.core.errors import LindungError
from lindung.reporting import services as reporting
from lindung.reporting.models import Report, State
from lindung.reporting.services import mailbox
from lindung.reporting.tests.conftest import Sent
from lindung.reporting.tests.races import at_once, on_a_file
from lindung.reporting.tests.staff import CALM, Desk, events
from lindung.series.models import Merge, SeriesMember
from lindung.series.services import join, merge, unmerge

Send = Callable[..., Sent]
Race = Callable[[Any, Send], None]


def agrees() -> None:
    """The column and the row of a merge say the same; nobody is merged into something merged."""
    rows = dict(Merge.objects.values_list("merged", "lead"))
    assert rows == dict(Report.objects.exclude(merged_into=None).values_list("pk", "merged_into"))
    assert not set(rows) & set(rows.values())


def expected(results: list[Any]) -> None:
    """Whoever did not get it was told so in words; nobody waited in a ring."""
    assert all(not isinstance(r, Exception) or isinstance(r, LindungError) for r in results), results


def of_merging_both_ways(cast: Any, send: Send) -> None:
    one, two = send(**CALM).report.pk, send(**CALM).report.pk
    actors = [cast.actor(cast.analyst), cast.actor(cast.second_analyst)]
    results = at_once(lambda: merge(actors[0], one, two), lambda: merge(actors[1], two, one))
    expected(results)
    assert sum(isinstance(r, Merge) for r in results) == 1, results
    agrees()


def of_merging_in_a_ring(cast: Any, send: Send) -> None:
    a, b, c = (send(**CALM).report.pk for _ in range(3))
    actor = cast.actor(cast.analyst)
    results = at_once(*[lambda p=pair: merge(actor, *p) for pair in ((a, b), (b, c), (c, a))])
    expected(results)
    assert Merge.objects.exists()
    agrees()


def of_merging_and_a_wish_to_stop(cast: Any, send: Send) -> None:
    lead, other = send(**CALM), send(**CALM)
    visit, actor = other.visit(), cast.actor(cast.analyst)
    results = at_once(lambda: merge(actor, other.report.pk, lead.report.pk), lambda: mailbox.ask_to_stop(visit))
    expected(results)
    assert not isinstance(results[1], Exception), results
    assert other.again().state == State.WITHDRAWN
    assert not Merge.objects.exists()
    assert lead.again().state == State.NEW
    agrees()


def of_writing_and_judging(cast: Any, send: Send) -> None:
    lead, other = send(**CALM), send(**CALM)
    desk = Desk(cast, cast.analyst)
    merge(desk.actor, other.report.pk, lead.report.pk)
    visits = [lead.visit(), other.visit()]
    jobs = [lambda v=visit: mailbox.write(v, "Halo.", "text", secrets.token_hex(8)) for visit in visits * 2]
    results = at_once(*jobs, lambda: desk.triage(lead.report), lambda: desk.answer(other.report))
    expected(results)
    assert all(not isinstance(r, Exception) for r in results[:4]), results
    agrees()


def of_taking_apart_twice(cast: Any, send: Send) -> None:
    lead, other = send(**CALM), send(**CALM)
    actor = cast.actor(cast.analyst)
    merge(actor, other.report.pk, lead.report.pk)
    results = at_once(*[lambda: unmerge(actor, other.report.pk)] * 2, lambda: reporting.claim(actor, lead.report.pk))
    expected(results)
    assert sum(not isinstance(r, Exception) for r in results[:2]) == 1, results
    assert len(events(other.report.pk, "series.unmerged")) == 1
    agrees()


def of_joining(cast: Any, send: Send) -> None:
    one, two, three = (send(**CALM).report.pk for _ in range(3))
    actors = [cast.actor(cast.analyst), cast.actor(cast.second_analyst)]
    results = at_once(lambda: join(actors[0], one, two, "hand"), lambda: join(actors[1], two, one, "hand"))
    expected(results)
    assert SeriesMember.objects.count() == 2
    join(actors[0], one, three, "hand")
    assert SeriesMember.objects.count() == 3


RACES: list[Race] = [
    of_merging_both_ways,
    of_merging_in_a_ring,
    of_merging_and_a_wish_to_stop,
    of_writing_and_judging,
    of_taking_apart_twice,
    of_joining,
]


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Race, cast: Any, send: Send, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast, send)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Race, cast: Any, send: Send) -> None:
    race(cast, send)
