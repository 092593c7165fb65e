"""Everything that can happen to an offer at the same moment: one wins, and exactly one team opens the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.core.errors import Conflict, LindungError, NotAllowed, NotFound
from lindung.reporting import services
from lindung.reporting.models import Report, State
from lindung.reporting.models_moves import Transfer
from lindung.reporting.services import mailbox, reminding, transferring
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

from .conftest import Sent
from .races import at_once, on_a_file
from .staff import CALM, Desk, events

Send = Callable[..., Sent]
Race = Callable[[Any, Send], None]


class Set:
    """An offered report, the two desks, and who opens it afterwards."""

    def __init__(self, cast: Any, send: Send) -> None:
        self.cast, self.sent = cast, send(**CALM)
        self.ours, self.theirs = Desk(cast, cast.analyst), Desk(cast, cast.other_analyst)
        self.supervisor = Desk(cast, cast.supervisor)
        self.ours.triage(self.sent.report, child_known=False)
        self.row = transferring.offer(
            self.supervisor.actor, self.supervisor.keyring, self.sent.report.pk, cast.other_intake.pk, "place", "x"
        )  # fmt: skip
        self.visit = self.sent.visit()

    def accept(self) -> Report:
        return transferring.accept(self.theirs.actor, self.theirs.keyring, self.row.pk)

    def open_for(self) -> list[str]:
        found = []
        for name, desk in (("ours", self.ours), ("theirs", self.theirs)):
            try:
                vault.open_with_team(record_id=self.sent.report.record_id, keyring=desk.keyring)
            except NotAllowed:
                continue
            found.append(name)
        return found

    def check(self, results: list[Any]) -> Transfer:
        """Nothing broke, nothing is half done: the offer has ended once, and no offered wrap is left over."""
        assert all(not isinstance(r, Exception) or isinstance(r, LindungError) for r in results), results
        row = Transfer.objects.get()
        assert row.state != "offered"
        assert not WrappedKey.objects.filter(recipient="offered").exists()
        ended = [e for e in events(row.report_id) if e.kind.startswith("report.transfer_") and "offered" not in e.kind]
        assert len(ended) == 1, [e.kind for e in ended]
        report = Report.objects.get()
        accepted = row.state == "accepted"
        assert report.team_id == (row.to_team_id if accepted else row.from_team_id)
        if report.state != State.WITHDRAWN:
            assert self.open_for() == (["theirs"] if accepted else ["ours"])
        else:
            assert self.open_for() == []
        return row


def of_accepting_and_taking_back(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    results = at_once(case.accept, lambda: transferring.take_back(case.ours.actor, case.row.pk))
    assert sum(isinstance(r, (Conflict, NotFound)) for r in results) == 1, results
    case.check(results)


def of_accepting_twice_and_declining(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    jobs = [case.accept, case.accept, lambda: transferring.decline(case.theirs.actor, case.row.pk, "full")]
    results = at_once(*jobs)
    assert sum(isinstance(r, Exception) for r in results) == 2, results
    case.check(results)


def of_accepting_and_a_wish_to_stop(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    results = at_once(case.accept, lambda: mailbox.ask_to_stop(case.visit))
    row = case.check(results)
    report = Report.objects.get()
    assert report.state == State.WITHDRAWN, "whoever asked to stop is never overheard"
    mailbox.undo_stop(case.visit)
    assert case.open_for() == (["theirs"] if row.state == "accepted" else ["ours"])


def of_accepting_and_closing(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    results = at_once(case.accept, lambda: case.ours.propose(case.sent.report))
    row = case.check(results)
    assert (Report.objects.get().state == State.CLOSED) == (row.state == "fallen")


def of_accepting_and_a_conflict_of_interest(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    ours = case.ours
    results = at_once(
        case.accept,
        lambda: services.mark_conflict(ours.actor, ours.keyring, case.sent.report.pk, cast.other_intake.pk),
    )
    row = case.check(results)
    hidden = Report.objects.get().exclusions.filter(team=cast.other_intake).exists()
    assert hidden == (row.state == "fallen"), "never with a team that it is hidden from"


def of_offers(cast: Any, send: Send) -> None:
    """Two colleagues offer the same report to different teams: one offer."""
    sent, desks = send(**CALM), [Desk(cast, cast.analyst), Desk(cast, cast.second_analyst)]
    teams = [cast.other_intake, cast.independent]
    results = at_once(
        *[
            lambda d=desk, t=team: transferring.offer(d.actor, d.keyring, sent.report.pk, t.pk, "place", "x")
            for desk, team in zip(desks, teams, strict=True)
        ]
    )
    assert sum(isinstance(r, Transfer) for r in results) == 1, results
    assert WrappedKey.objects.filter(recipient="offered").count() == 2


def of_loops(cast: Any, send: Send) -> None:
    case = Set(cast, send)
    results = at_once(*[lambda: reminding.call_for_answers(case.row.due_at)] * 3)
    assert sorted(results) == [0, 0, 1], results
    assert len(events(case.row.report_id, "report.transfer_called")) == 1


def of_handing_over_and_releasing(cast: Any, send: Send) -> None:
    sent, supervisor = send(**CALM), cast.actor(cast.supervisor)
    services.claim(cast.actor(cast.analyst), sent.report.pk)
    hand = services.handing_over.hand_over
    results = at_once(
        lambda: hand(supervisor, cast.intake.pk, cast.analyst.pk, [cast.second_analyst.pk], [sent.report.pk]),
        lambda: services.release(cast.actor(cast.analyst), sent.report.pk),
    )
    holder = sent.again().claimed_by
    assert sum(isinstance(r, Exception) for r in results) == 1, results
    assert holder == (None if isinstance(results[0], Exception) else cast.second_analyst)


RACES: list[Race] = [
    of_accepting_and_taking_back, of_accepting_twice_and_declining, of_accepting_and_a_wish_to_stop,
    of_accepting_and_closing, of_accepting_and_a_conflict_of_interest, of_offers, of_loops,
    of_handing_over_and_releasing,
]  # fmt: skip


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
