"""Plans: drawn up with the child, approved by a second person, replaced by the next, and what became of the goals."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lindung.casework import services
from lindung.casework.models import Case, CaseExclusion, CaseTask, Stage, TaskKind
from lindung.casework.models_plan import Delivery, Goal, GoalState, Plan, PlanState
from lindung.casework.services import approving, planning
from lindung.casework.services.access import open_keys, unseal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.core.worktime import local_day
from lindung.directory.models import Does

from .bodies import body
from .cases import make_case

pytestmark = pytest.mark.django_db
WIB, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
WISHES = services.PlanWords(wishes="Ingin tidur nyenyak dan kembali ke sekolah.")


def who(cast: Any, name: str = "case_worker") -> tuple[Any, Any]:
    user = getattr(cast, name)
    return cast.actor(user), cast.keyring(user)


def goal_input(**more: Any) -> services.GoalInput:
    given: dict[str, Any] = {"service": "psychological", "words": "Bertemu psikolog.", "working_days": 5}
    return services.GoalInput(**{**given, **more})


def draft(cast: Any, case: Case) -> tuple[Plan, Goal]:
    case.refresh_from_db()
    plan = services.new_plan(*who(cast), case.pk, WISHES, with_child=True, version=case.version)
    return plan, services.add_goal(*who(cast), plan.pk, goal_input())


def approve(cast: Any, plan: Plan) -> None:
    plan.refresh_from_db()
    row = services.ask_approval(*who(cast), plan.pk, "", plan.version)
    approving.decide(*who(cast, "supervisor"), row.pk, approve=True)
    plan.refresh_from_db()


def tasks(case: Case) -> list[CaseTask]:
    return list(CaseTask.objects.filter(case=case, kind=TaskKind.GOAL, done_at=None))


# --- drawing up


def test_a_plan_is_a_draft_until_somebody_else_approves_it(cast: Any) -> None:
    case = make_case(cast)
    plan, goal = draft(cast, case)
    assert (plan.state, plan.number, plan.with_child) == (PlanState.DRAFT, 1, True)
    case.refresh_from_db()
    assert case.stage == Stage.PLAN
    plan.refresh_from_db()
    row = services.ask_approval(*who(cast), plan.pk, "Tolong dibaca.", plan.version)
    plan.refresh_from_db()
    assert plan.state == PlanState.WAITING
    with pytest.raises(NotAllowed):
        approving.decide(*who(cast), row.pk, approve=True)
    approving.decide(*who(cast, "supervisor"), row.pk, approve=True)
    plan.refresh_from_db()
    case.refresh_from_db()
    assert (plan.state, case.stage) == (PlanState.APPROVED, Stage.SERVICE)
    assert [task.subject for task in tasks(case)] == [goal.pk]
    assert local_day(tasks(case)[0].due_at, case.tz) == goal.due_on


def test_a_plan_that_waits_does_not_change_and_a_no_gives_it_back(cast: Any) -> None:
    case = make_case(cast)
    plan, goal = draft(cast, case)
    plan.refresh_from_db()
    row = services.ask_approval(*who(cast), plan.pk, "", plan.version)
    plan.refresh_from_db()
    for attempt in (
        lambda: services.add_goal(*who(cast), plan.pk, goal_input()),
        lambda: services.change_goal(*who(cast), goal.pk, goal_input(words="Lain."), goal.version),
        lambda: services.remove_goal(cast.actor(cast.case_worker), goal.pk, goal.version),
        lambda: services.write_plan(*who(cast), plan.pk, WISHES, with_child=False, version=plan.version),
        lambda: services.discard(cast.actor(cast.case_worker), plan.pk, plan.version),
    ):
        with pytest.raises(Conflict):
            attempt()
    approving.decide(*who(cast, "supervisor"), row.pk, approve=False, words="Tambah layanan hukum.")
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT
    services.add_goal(*who(cast), plan.pk, goal_input(service="legal", words="Pendampingan hukum."))
    approve(cast, plan)
    assert plan.state == PlanState.APPROVED


def test_an_empty_plan_is_not_asked_for_and_a_changed_one_neither(cast: Any) -> None:
    case = make_case(cast)
    plan = services.new_plan(*who(cast), case.pk, WISHES, with_child=True, version=case.version)
    with pytest.raises(BadInput):
        services.ask_approval(*who(cast), plan.pk, "", plan.version)
    services.add_goal(*who(cast), plan.pk, goal_input())
    with pytest.raises(Conflict):
        services.ask_approval(*who(cast), plan.pk, "", plan.version)
    plan.refresh_from_db()
    assert plan.state == PlanState.DRAFT


def test_a_new_plan_takes_the_open_goals_along_and_replaces_the_old_once_approved(cast: Any) -> None:
    case = make_case(cast)
    old, goal = draft(cast, case)
    ended = services.add_goal(*who(cast), old.pk, goal_input(service="health", words="Periksa dokter."))
    approve(cast, old)
    services.move_goal(*who(cast), ended.pk, GoalState.REACHED, "", ended.version)
    case.refresh_from_db()
    new = services.new_plan(*who(cast), case.pk, WISHES, with_child=False, version=case.version)
    taken = Goal.objects.get(plan=new)
    assert (taken.service, taken.due_on, new.number) == ("psychological", goal.due_on, 2)
    keys = open_keys(case, cast.keyring(cast.case_worker))
    words = unseal(case, keys, taken.field)
    assert (words["goal"], words["carried_from"]) == ("Bertemu psikolog.", goal.pk.hex)
    old.refresh_from_db()
    assert old.state == PlanState.APPROVED
    approve(cast, new)
    old.refresh_from_db()
    assert (old.state, new.state) == (PlanState.REPLACED, PlanState.APPROVED)
    assert [task.subject for task in tasks(case)] == [taken.pk]
    with pytest.raises(Conflict):
        services.move_goal(*who(cast), goal.pk, GoalState.REACHED, "", goal.version)
    assert planning.goal_states(new) == {"planned": 1}


def test_one_draft_at_a_time_and_it_can_be_put_aside(cast: Any) -> None:
    case = make_case(cast)
    plan, _goal = draft(cast, case)
    case.refresh_from_db()
    with pytest.raises(Conflict):
        services.new_plan(*who(cast), case.pk, WISHES, with_child=True, version=case.version)
    plan.refresh_from_db()
    services.discard(cast.actor(cast.case_worker), plan.pk, plan.version)
    case.refresh_from_db()
    again = services.new_plan(*who(cast), case.pk, WISHES, with_child=True, version=case.version)
    assert again.number == 2


# --- goals


def test_working_days_are_those_of_the_place_of_the_case(cast: Any) -> None:
    moment = datetime(2026, 4, 6, 23, 30, tzinfo=WIB)  # Monday night, in Jayapura Tuesday 01:30
    with clock.frozen(moment):
        here = make_case(cast)
        plan, goal = draft(cast, here)
        # From Monday 6 April: Tu 7, We 8, Th 9, Fr 10, Mo 13.
        assert (goal.due_on, goal.working_days) == (date(2026, 4, 13), 5)
        Case.objects.filter(pk=here.pk).update(tz=str(WIT))
        there = services.add_goal(*who(cast), plan.pk, goal_input())
        assert there.due_on == date(2026, 4, 14)
    with clock.frozen(datetime(2026, 3, 17, 9, tzinfo=WIB)):
        Case.objects.filter(pk=here.pk).update(tz=str(WIB))
        lebaran = services.add_goal(*who(cast), plan.pk, goal_input(working_days=1))
        assert lebaran.due_on == date(2026, 3, 25)


def test_a_goal_names_the_body_that_itself_provides_the_service(cast: Any) -> None:
    case = make_case(cast)
    plan, _goal = draft(cast, case)
    provides, facilitates = body(), body(does=Does.FACILITATES)
    other = body(service="legal")
    own = body(team=cast.partner_team)
    CaseExclusion.objects.create(case=case, team=cast.partner_team)
    for wrong in (facilitates, other, own):
        with pytest.raises(BadInput) as error:
            services.add_goal(*who(cast), plan.pk, goal_input(provider_id=wrong.pk))
        assert error.value.field == "provider"
    goal = services.add_goal(*who(cast), plan.pk, goal_input(provider_id=provides.pk))
    assert goal.provider_id == provides.pk


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"service": "pijat"}, "service"),
        ({"words": " "}, "words"),
        ({"working_days": None}, "due_on"),
        ({"working_days": 300}, "working_days"),
        ({"working_days": None, "due_on": date(2020, 1, 1)}, "due_on"),
    ],
)
def test_a_goal_that_cannot_be_is_refused(cast: Any, more: dict[str, Any], field: str) -> None:
    case = make_case(cast)
    plan = services.new_plan(*who(cast), case.pk, WISHES, with_child=True, version=case.version)
    with pytest.raises(BadInput) as error:
        services.add_goal(*who(cast), plan.pk, goal_input(**more))
    assert error.value.field == field
    assert not plan.goals.exists()


def test_of_two_who_change_one_goal_the_second_is_told_and_the_first_words_stay(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    services.change_goal(*who(cast), goal.pk, goal_input(words="Dua kali seminggu."), goal.version)
    with pytest.raises(Conflict):
        services.change_goal(*who(cast, "supervisor"), goal.pk, goal_input(words="Sekali sebulan."), goal.version)
    keys = open_keys(case, cast.keyring(cast.case_worker))
    assert unseal(case, keys, goal.field)["goal"] == "Dua kali seminggu."


def test_an_overdue_goal_keeps_its_day_when_only_its_words_are_mended(cast: Any) -> None:
    with clock.frozen(datetime(2026, 4, 6, 9, tzinfo=WIB)):
        case = make_case(cast)
        _plan, goal = draft(cast, case)
    with clock.frozen(datetime(2026, 5, 6, 9, tzinfo=WIB)):
        mended = services.change_goal(
            *who(cast), goal.pk, goal_input(words="Tiap Kamis.", working_days=None, due_on=goal.due_on), goal.version
        )
        assert (mended.due_on, mended.working_days) == (date(2026, 4, 13), 5)


def test_an_outcome_is_about_the_services_and_needs_words_unless_it_was_reached(cast: Any) -> None:
    case = make_case(cast)
    plan, goal = draft(cast, case)
    approve(cast, plan)
    for state in (GoalState.PARTLY, GoalState.NOT_REACHED, GoalState.DROPPED):
        with pytest.raises(BadInput):
            services.move_goal(*who(cast), goal.pk, state, "", goal.version)
    moved = services.move_goal(*who(cast), goal.pk, GoalState.PARTLY, "Psikolog pindah kota.", goal.version)
    assert moved.ended_at is not None
    assert tasks(case) == []
    with pytest.raises(Conflict):
        services.move_goal(*who(cast), goal.pk, GoalState.REACHED, "", moved.version)
    again = services.move_goal(*who(cast), goal.pk, GoalState.UNDER_WAY, "", moved.version)
    assert again.ended_at is None
    assert [task.subject for task in tasks(case)] == [goal.pk]


def test_a_goal_with_a_delivery_is_not_removed(cast: Any) -> None:
    case = make_case(cast)
    plan, goal = draft(cast, case)
    second = services.add_goal(*who(cast), plan.pk, goal_input())
    services.remove_goal(cast.actor(cast.case_worker), second.pk, second.version)
    today = local_day(clock.now(), case.tz)
    services.record_delivery(*who(cast), goal.pk, services.DeliveryInput(on=today))
    goal.refresh_from_db()
    with pytest.raises(Conflict):
        services.remove_goal(cast.actor(cast.case_worker), goal.pk, goal.version)


# --- deliveries


def test_a_service_may_begin_before_the_paper_is_approved(cast: Any) -> None:
    case = make_case(cast)
    services.assess(
        *who(cast), case.pk, services.AssessmentInput(answers={"danger_now": "yes"}, risk="high"), case.version
    )
    _plan, goal = draft(cast, case)
    assert CaseTask.objects.filter(case=case, kind=TaskKind.FIRST, done_at=None).exists()
    today = local_day(clock.now(), case.tz)
    row = services.record_delivery(
        *who(cast), goal.pk, services.DeliveryInput(on=today, minutes=45, words="Ditemani malam itu juga.")
    )
    goal.refresh_from_db()
    assert goal.state == GoalState.UNDER_WAY
    assert not CaseTask.objects.filter(case=case, kind=TaskKind.FIRST, done_at=None).exists()
    keys = open_keys(case, cast.keyring(cast.case_worker))
    assert unseal(case, keys, row.field)["text"] == "Ditemani malam itu juga."


def test_a_visit_to_which_the_child_did_not_come_is_written_down_with_words(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    today = local_day(clock.now(), case.tz)
    with pytest.raises(BadInput):
        services.record_delivery(*who(cast), goal.pk, services.DeliveryInput(on=today, child_came=False))
    services.record_delivery(
        *who(cast), goal.pk, services.DeliveryInput(on=today, child_came=False, words="Hujan, jalan putus.")
    )
    assert Delivery.objects.get(goal=goal).child_came is False


def test_a_delivery_that_cannot_be_is_refused(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    today, other = local_day(clock.now(), case.tz), body(service="legal")
    for more, field in (
        ({"on": today + timedelta(days=1)}, "on"),
        ({"on": today - timedelta(days=2)}, "on"),
        ({"on": today, "minutes": 0}, "minutes"),
        ({"on": today, "minutes": 2000}, "minutes"),
        ({"on": today, "organisation_id": other.pk}, "organisation"),
    ):
        with pytest.raises(BadInput) as error:
            services.record_delivery(*who(cast), goal.pk, services.DeliveryInput(**more))
        assert error.value.field == field


def test_nobody_without_the_case_reaches_its_plan(cast: Any) -> None:
    case = make_case(cast)
    plan, goal = draft(cast, case)
    today = local_day(clock.now(), case.tz)
    for name in ("analyst", "other_analyst", "partner"):
        for attempt in (
            lambda name=name: services.add_goal(*who(cast, name), plan.pk, goal_input()),
            lambda name=name: services.move_goal(*who(cast, name), goal.pk, "dropped", "x", goal.version),
            lambda name=name: services.record_delivery(*who(cast, name), goal.pk, services.DeliveryInput(on=today)),
        ):
            with pytest.raises(NotFound):
                attempt()
