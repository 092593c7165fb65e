"""Plans, goals, marks and groups at the same moment: one is first, the other is told, and nobody's words are lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.casework import services
from lindung.casework.models import Case, CaseTask
from lindung.casework.models_plan import Assessment, Goal, GroupMember, Mark, Plan, PlanState
from lindung.casework.services import approving
from lindung.casework.services.access import open_keys, unseal
from lindung.core import clock
from lindung.core.errors import Conflict, LindungError
from lindung.core.worktime import local_day
from lindung.reporting.tests.races import at_once, on_a_file

from .cases import make_case

Race = Callable[[Any], None]
WISHES = services.PlanWords(wishes="Ingin sekolah lagi.")


def hands(cast: Any) -> list[tuple[Any, Any]]:
    """Two people who may write in the case: who works on it, and the supervisor."""
    return [(cast.actor(user), cast.keyring(user)) for user in (cast.case_worker, cast.supervisor)]


def losers(results: list[Any]) -> list[Any]:
    assert all(not isinstance(r, Exception) or isinstance(r, LindungError) for r in results), results
    return [r for r in results if isinstance(r, Exception)]


def draft(cast: Any, case: Case) -> tuple[Plan, Goal]:
    worker = hands(cast)[0]
    version = Case.objects.values_list("version", flat=True).get(pk=case.pk)
    plan = services.new_plan(*worker, case.pk, WISHES, with_child=True, version=version)
    entry = services.GoalInput(service="psychological", words="Bertemu psikolog.", working_days=5)
    goal = services.add_goal(*worker, plan.pk, entry)
    plan.refresh_from_db()
    return plan, goal


def of_two_who_change_one_goal(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    words = ("Dua kali seminggu.", "Sekali sebulan.")

    def change(hand: Any, text: str) -> Any:
        entry = services.GoalInput(service="psychological", words=text, working_days=5)
        return services.change_goal(*hand, goal.pk, entry, goal.version)

    results = at_once(*[lambda h=h, w=w: change(h, w) for h, w in zip(hands(cast), words, strict=True)])
    (error,) = losers(results)
    assert isinstance(error, Conflict)
    kept = words[0] if isinstance(results[0], Goal) else words[1]
    keys = open_keys(case, hands(cast)[0][1])
    assert unseal(case, keys, goal.field)["goal"] == kept


def of_two_who_end_one_goal(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    results = at_once(
        *[
            lambda h=h, s=s: services.move_goal(*h, goal.pk, s, "Psikolog pindah kota.", goal.version)
            for h, s in zip(hands(cast), ("reached", "dropped"), strict=True)
        ]
    )
    assert len(losers(results)) == 1, results
    goal.refresh_from_db()
    assert goal.version == 2


def of_two_who_mark_one_item(cast: Any) -> None:
    case = make_case(cast)
    results = at_once(
        *[
            lambda h=h, s=s: services.mark(*h, case.pk, "simfoni", s, "Belum ada akses.", seen=0)
            for h, s in zip(hands(cast), ("done", "not_applicable"), strict=True)
        ]
    )
    (error,) = losers(results)
    assert isinstance(error, Conflict)
    assert Mark.objects.count() == 1


def of_two_who_mark_two_items_and_one_who_delivers(cast: Any) -> None:
    case = make_case(cast)
    _plan, goal = draft(cast, case)
    one, two = hands(cast)
    today = local_day(clock.now(), case.tz)
    results = at_once(
        lambda: services.mark(*one, case.pk, "simfoni", "done", seen=0),
        lambda: services.mark(*two, case.pk, "case_type", "done", seen=0),
        lambda: services.record_delivery(*one, goal.pk, services.DeliveryInput(on=today)),
    )
    assert not losers(results), results


def of_two_who_assess_from_the_same_page(cast: Any) -> None:
    case = make_case(cast)
    entries = [services.AssessmentInput(answers={}, risk=risk) for risk in ("medium", "high")]
    results = at_once(
        *[
            lambda h=h, e=e: services.assess(*h, case.pk, e, case.version)
            for h, e in zip(hands(cast), entries, strict=True)
        ]
    )
    (error,) = losers(results)
    assert isinstance(error, Conflict)
    case.refresh_from_db()
    assert case.risk == Assessment.objects.get().risk
    assert CaseTask.objects.filter(case=case, kind="first", done_at=None).count() == 1


def of_two_who_begin_a_plan(cast: Any) -> None:
    case = make_case(cast)
    results = at_once(
        *[
            lambda h=h: services.new_plan(*h, case.pk, WISHES, with_child=True, version=case.version)
            for h in hands(cast)
        ]
    )
    (error,) = losers(results)
    assert isinstance(error, Conflict)
    assert Plan.objects.filter(case=case).count() == 1


def of_asking_for_a_plan_while_somebody_adds_a_goal(cast: Any) -> None:
    case = make_case(cast)
    plan, _goal = draft(cast, case)
    one, two = hands(cast)
    entry = services.GoalInput(service="legal", words="Pendampingan hukum.", working_days=2)
    results = at_once(
        lambda: services.ask_approval(*one, plan.pk, "", plan.version),
        lambda: services.add_goal(*two, plan.pk, entry),
    )
    assert len(losers(results)) == 1, results
    plan.refresh_from_db()
    assert (plan.state == PlanState.WAITING) == (plan.goals.count() == 1), "nobody approves what was not read"


def of_approving_and_taking_back(cast: Any) -> None:
    case = make_case(cast)
    plan, _goal = draft(cast, case)
    one, two = hands(cast)
    row = services.ask_approval(*one, plan.pk, "", plan.version)
    results = at_once(
        lambda: approving.decide(*two, row.pk, approve=True),
        lambda: approving.take_back(*one, row.pk),
    )
    assert len(losers(results)) == 1, results
    plan.refresh_from_db()
    row.refresh_from_db()
    assert (plan.state, row.state) in {(PlanState.APPROVED, "approved"), (PlanState.DRAFT, "taken_back")}


def of_a_last_answer_and_the_end_of_a_group(cast: Any) -> None:
    one, two = hands(cast)
    today = local_day(clock.now(), cast.intake.tz)
    group = services.make_group(one[0], cast.intake.pk, "aku_bangkit", today)
    member = services.join(one[0], group.pk, make_case(cast).pk)
    results = at_once(
        lambda: services.answer(*one, member.pk, "before", {"calm": 2}),
        lambda: services.end_group(*two, group.pk, today, group.version),
    )
    lost = losers(results)
    assert isinstance(results[1], type(group)), results
    assert bool(lost) == (GroupMember.objects.get().before_at is None)


RACES: tuple[Race, ...] = (
    of_two_who_change_one_goal,
    of_two_who_end_one_goal,
    of_two_who_mark_one_item,
    of_two_who_mark_two_items_and_one_who_delivers,
    of_two_who_assess_from_the_same_page,
    of_two_who_begin_a_plan,
    of_asking_for_a_plan_while_somebody_adds_a_goal,
    of_approving_and_taking_back,
    of_a_last_answer_and_the_end_of_a_group,
)


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
@pytest.mark.sqlite
def test_a_race_on_sqlite(cast: Any, race: Race, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race_on_postgresql(cast: Any, race: Race) -> None:
    race(cast)
