"""Two people, two loops, one moment: exactly one gets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.reporting import retention, services, tally
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import Alert, ClosureProposal, Report, State
from lindung.reporting.services import alerts

from .conftest import Sent
from .races import at_once, on_a_file
from .staff import CALM, DANGER, Desk, events

Send = Callable[..., Sent]
Race = Callable[[Any, Send], None]


def of_claims(cast: Any, send: Send) -> None:
    report = send(**CALM).report
    actors = [cast.actor(user) for user in (cast.analyst, cast.second_analyst, cast.supervisor, cast.case_worker)]
    results = at_once(*[lambda a=actor: services.claim(a, report.pk) for actor in actors])
    won = [r for r in results if isinstance(r, Report)]
    assert len(won) == 1, results
    assert sum(isinstance(r, HeldByColleague) for r in results) == len(actors) - 1, results
    assert Report.objects.get().claimed_by_id == won[0].claimed_by_id
    assert Report.objects.get().version == report.version + 1
    assert len(events(report.pk, "report.claimed")) == 1


def of_answers(cast: Any, send: Send) -> None:
    report = send(**CALM).report
    desks = [Desk(cast, cast.analyst), Desk(cast, cast.second_analyst)]
    results = at_once(*[lambda d=desk: d.answer(report, "Halo.", version=report.version) for desk in desks])
    assert sum(isinstance(r, Conflict) for r in results) == 1, results
    assert len(events(report.pk, "report.message_sent")) == 1


def of_confirmations(cast: Any, send: Send) -> None:
    report = send(**CALM).report
    Desk(cast, cast.analyst).triage(report)
    proposal = Desk(cast, cast.analyst).propose(report, "misuse")
    actors = [cast.actor(cast.second_analyst), cast.actor(cast.supervisor)]
    results = at_once(*[lambda a=actor: services.confirm_closure(a, proposal.pk) for actor in actors])
    assert sum(isinstance(r, ClosureProposal) for r in results) == 1, results
    assert Report.objects.get().state == State.CLOSED
    assert len(events(report.pk, "report.closed")) == 1


def of_loops(cast: Any, send: Send) -> None:
    report = send(**DANGER).report
    now = clock.now() + timedelta(seconds=1)
    results = at_once(*[lambda: alerts.escalate(now)] * 4)
    assert sorted(results) == [0, 0, 0, 1], results
    assert Alert.objects.filter(report=report).count() == 3
    assert len(mail.outbox) == 1
    assert len([e for e in events(report.pk, "report.alert_sent") if '"supervisor"' in e.data]) == 1


def of_erasing(cast: Any, send: Send) -> None:
    report = send(**CALM).report
    Desk(cast, cast.analyst).triage(report)
    Desk(cast, cast.analyst).propose(report)
    now = clock.now() + timedelta(days=91)
    results = at_once(*[lambda: retention.run(now)] * 3)
    assert sorted(results) == [0, 0, 1], results
    assert tally.reports() == 1
    assert len(events(report.pk, "report.erased")) == 1


RACES: list[Race] = [of_claims, of_answers, of_confirmations, of_loops, of_erasing]


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
