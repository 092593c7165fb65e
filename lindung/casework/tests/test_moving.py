"""A case changes hands with the other team's yes, and its reports with it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.casework import moves, signals
from lindung.casework.models import Case, CaseExclusion, CaseTask, CaseWorker, State
from lindung.casework.models_closing import Approval, ApprovalState, CaseMove, MoveState
from lindung.casework.models_plan import Plan
from lindung.casework.services import moving
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.models import Report
from lindung.reporting.tests.staff import at
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

from .cases import make_case, send
from .desks import Desk, kinds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with clock.frozen(at("2026-11-23 03:00")):
        yield


@pytest.fixture
def ours(cast: Any) -> Desk:
    return Desk(cast, cast.supervisor)


@pytest.fixture
def theirs(cast: Any) -> Desk:
    """The supervisor of the other team: the analyst of the cast with one role more."""
    return receiving(cast)


def receiving(cast: Any) -> Desk:
    roles = [(cast.other_intake.pk, "analyst"), (cast.other_intake.pk, "supervisor")]
    accounts.set_roles(actor=Actor.system(), user=cast.other_analyst, roles=roles)
    return Desk(cast, cast.other_analyst)


def test_nothing_of_it_is_seen_before_the_yes_and_everything_is_theirs_after(
    cast: Any, ours: Desk, theirs: Desk
) -> None:
    report = send()
    case = make_case(cast, report=report)
    row = ours.offer(case, cast.other_intake)
    (card,) = moves.cards(theirs.actor)
    assert (card.risk, card.reason, card.from_team) == (case.risk, "child_moved", cast.intake.name)
    with pytest.raises(NotAllowed):
        vault.open_with_team(record_id=case.record_id, keyring=theirs.keyring)
    moving.accept(*theirs.hands, row.pk)
    case.refresh_from_db()
    assert case.team_id == cast.other_intake.pk
    assert theirs.words(case, row.field) == {"words": "Anak pindah."}
    assert Report.objects.get().team_id == cast.other_intake.pk, "the child's box goes along"
    with pytest.raises(NotAllowed):
        vault.open_with_team(record_id=case.record_id, keyring=ours.keyring)
    assert not CaseWorker.objects.filter(until=None).exists()
    assert not CaseTask.objects.filter(done_at=None).exclude(assignee=None).exists()
    assert kinds(case)[-1] == "case.move_accepted"


def test_what_waited_for_a_second_person_falls_when_the_case_moves(cast: Any, ours: Desk, theirs: Desk) -> None:
    case = make_case(cast)
    row = ours.offer(case, cast.other_intake)
    plan = Plan.objects.create(case=case, number=1, state="waiting", made_at=clock.now(), made_by=cast.case_worker)
    approval = Approval.objects.create(
        case=case, subject="plan", plan=plan, asked_by=cast.case_worker, asked_at=clock.now()
    )
    moving.accept(*theirs.hands, row.pk)
    approval.refresh_from_db()
    plan.refresh_from_db()
    assert (approval.state, plan.state) == (ApprovalState.TAKEN_BACK, "draft")


def test_a_no_has_a_reason_and_leaves_nothing_behind(cast: Any, ours: Desk, theirs: Desk) -> None:
    case = make_case(cast)
    row = ours.offer(case, cast.other_intake)
    with pytest.raises(BadInput):
        moving.decline(theirs.actor, row.pk, reason="invented")
    moving.decline(theirs.actor, row.pk, reason="full")
    row.refresh_from_db()
    assert (row.state, row.decline_reason) == (MoveState.DECLINED, "full")
    assert not WrappedKey.objects.filter(recipient="offered").exists()
    assert Case.objects.get().team_id == Report.objects.get().team_id == cast.intake.pk
    with pytest.raises(Conflict):
        moving.accept(*theirs.hands, row.pk)


def test_an_offer_is_taken_back_by_a_supervisor_of_the_team_that_made_it(cast: Any, ours: Desk, theirs: Desk) -> None:
    case = make_case(cast)
    row = ours.offer(case, cast.other_intake)
    for user in (cast.case_worker, cast.other_analyst):
        with pytest.raises(NotFound):
            moving.take_back(cast.actor(user), row.pk)
    moving.take_back(ours.actor, row.pk)
    assert CaseMove.objects.get().state == MoveState.TAKEN_BACK
    assert not WrappedKey.objects.filter(recipient="offered").exists()
    ours.offer(case, cast.other_intake)


def test_only_supervisors_offer_and_only_to_teams_that_hold_cases_and_are_not_excluded(cast: Any, ours: Desk) -> None:
    case = make_case(cast)
    with pytest.raises(NotAllowed):
        Desk(cast, cast.case_worker).offer(case, cast.other_intake)
    for team in (cast.partner_team, cast.intake):
        with pytest.raises(BadInput):
            ours.offer(case, team)
    CaseExclusion.objects.create(case=case, team=cast.other_intake)
    with pytest.raises(BadInput):
        ours.offer(case, cast.other_intake)
    assert not CaseMove.objects.exists()


def test_a_case_that_comes_to_exclude_the_asked_team_is_offered_no_more(cast: Any, ours: Desk) -> None:
    case = make_case(cast)
    ours.offer(case, cast.other_intake)
    with transaction.atomic():
        CaseExclusion.objects.create(case=case, team=cast.other_intake)
        signals.case_excluded.send(sender=Case, case_id=case.pk, team_id=cast.other_intake.pk)
    assert CaseMove.objects.get().state == MoveState.TAKEN_BACK
    assert kinds(case)[-1] == "case.move_fell"


def test_a_case_that_is_about_to_end_does_not_move(cast: Any, ours: Desk) -> None:
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSING)
    with pytest.raises(Conflict):
        ours.offer(case, cast.other_intake)


def test_a_report_of_a_sibling_who_stays_does_not_go_along(cast: Any, ours: Desk, theirs: Desk) -> None:
    report = send()
    case = make_case(cast, report=report)
    Report.objects.update(claimed_by=None)
    make_case(cast, cast.analyst, report=report, another_child=True)
    moving.accept(*theirs.hands, ours.offer(case, cast.other_intake).pk)
    assert Report.objects.get().team_id == cast.intake.pk
