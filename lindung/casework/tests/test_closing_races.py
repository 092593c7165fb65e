"""Four eyes and moves at the same moment: one decision counts, one team holds the case, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.casework import tasks
from lindung.casework.models import Case, State
from lindung.casework.models_closing import Approval, ApprovalState, CaseCall, CaseMove, FollowUp, MoveState
from lindung.casework.services import approving, closing, following_up, legal, moving
from lindung.core import clock
from lindung.core.errors import Conflict, LindungError, NotAllowed, NotFound
from lindung.reporting.models import Report
from lindung.reporting.tests.races import at_once, on_a_file
from lindung.reporting.tests.staff import at
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

from .cases import give_to, make_case
from .desks import Desk
from .test_moving import receiving

Race = Callable[[Any], None]


def ready(cast: Any) -> tuple[Case, Desk, Desk]:
    """A case that can end, who works on it, and its supervisor."""
    case, worker = make_case(cast), Desk(cast, cast.case_worker)
    legal.decide_police(*worker.hands, case.pk, decision="reported", reason="Ya.", who_told_child="Saya.")
    return case, worker, Desk(cast, cast.supervisor)


def expected(results: list[Any], failures: int) -> None:
    """Nothing broke, and so many of them were too late."""
    assert all(not isinstance(one, Exception) or isinstance(one, LindungError) for one in results), results
    assert sum(isinstance(one, Exception) for one in results) == failures, results


def of_two_who_decide(cast: Any) -> None:
    case, worker, supervisor = ready(cast)
    give_to(case, cast.analyst)
    row, colleague = supervisor.propose(case), Desk(cast, cast.analyst)
    results = at_once(
        lambda: approving.decide(*colleague.hands, row.pk, approve=True),
        lambda: approving.decide(*worker.hands, row.pk, approve=False, words="Belum."),
    )
    expected(results, 1)
    approved = Approval.objects.get().state == ApprovalState.APPROVED
    assert Case.objects.get().state == (State.CLOSED if approved else State.OPEN)
    assert FollowUp.objects.count() == (2 if approved else 0)


def of_deciding_and_taking_back(cast: Any) -> None:
    case, worker, supervisor = ready(cast)
    row = worker.propose(case)
    results = at_once(
        lambda: approving.decide(*supervisor.hands, row.pk, approve=True),
        lambda: approving.take_back(*worker.hands, row.pk),
    )
    expected(results, 1)
    closed = Approval.objects.get().state == ApprovalState.APPROVED
    assert Case.objects.get().state == (State.CLOSED if closed else State.OPEN)


def of_two_who_propose(cast: Any) -> None:
    case, worker, supervisor = ready(cast)
    expected(at_once(lambda: worker.propose(case), lambda: supervisor.propose(case)), 1)
    assert Approval.objects.count() == 1
    assert Case.objects.get().state == State.CLOSING


def of_two_who_open_again(cast: Any) -> None:
    case, worker, supervisor = ready(cast)
    approving.decide(*supervisor.hands, worker.propose(case).pk, approve=True)
    again = {"reason": "danger", "words": "Ada bahaya lagi."}
    first, look = supervisor.hands, FollowUp.objects.first()
    assert look is not None
    results = at_once(
        lambda: closing.reopen(*first, case.pk, **again),
        lambda: closing.reopen(*worker.hands, case.pk, **again),
    )
    expected(results, 1)
    with pytest.raises(Conflict):
        following_up.done(*worker.hands, look.pk, result="safe_well")


def of_accepting_and_taking_back(cast: Any) -> None:
    case, _worker, supervisor = ready(cast)
    theirs = receiving(cast)
    row = supervisor.offer(case, cast.other_intake)
    results = at_once(lambda: moving.accept(*theirs.hands, row.pk), lambda: moving.take_back(supervisor.actor, row.pk))
    assert sum(isinstance(one, (Conflict, NotFound)) for one in results) == 1, results
    accepted = CaseMove.objects.get().state == MoveState.ACCEPTED
    team = cast.other_intake if accepted else cast.intake
    assert Case.objects.get().team_id == Report.objects.get().team_id == team.pk
    assert not WrappedKey.objects.filter(recipient="offered").exists()
    opens = []
    for name, desk in (("ours", supervisor), ("theirs", theirs)):
        try:
            vault.open_with_team(record_id=case.record_id, keyring=desk.keyring)
        except NotAllowed:
            continue
        opens.append(name)
    assert opens == (["theirs"] if accepted else ["ours"])


def of_accepting_and_proposing_to_close(cast: Any) -> None:
    case, worker, supervisor = ready(cast)
    theirs = receiving(cast)
    row = supervisor.offer(case, cast.other_intake)
    results = at_once(lambda: moving.accept(*theirs.hands, row.pk), lambda: worker.propose(case))
    # An offered case does not end: whoever proposes is told so, or comes too late.
    expected(results, 1)
    assert CaseMove.objects.get().state == MoveState.ACCEPTED
    assert Case.objects.get().state == State.OPEN


def of_loops(cast: Any) -> None:
    now = at("2026-11-23 03:00")
    with clock.frozen(now):
        case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(review_due_at=at("2026-11-22 03:00"))
    results = at_once(*[lambda: tasks.call(now)] * 3)
    assert sorted(results) == [0, 0, 1], results
    assert CaseCall.objects.count() == 1


RACES: list[Race] = [
    of_two_who_decide, of_deciding_and_taking_back, of_two_who_propose, of_two_who_open_again,
    of_accepting_and_taking_back, of_accepting_and_proposing_to_close, of_loops,
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Race, cast: Any, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Race, cast: Any) -> None:
    race(cast)
