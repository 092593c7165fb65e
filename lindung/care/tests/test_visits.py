"""Somebody goes to a home: how they may go, what the clock does when they are not back, who may know where."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from lindung.accounts.models import User
from lindung.care import rules, services, tasks
from lindung.care.knowledge import read_visits, visit_rules
from lindung.care.models import Visit, VisitLevel, VisitState
from lindung.casework.models import Case, CaseExclusion
from lindung.casework.tests.cases import make_case
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.core.knowledge import KnowledgeError

pytestmark = pytest.mark.django_db

PLACE = "Contoh: rumah nomor tujuh, dekat balai desa."


def plan(**more: Any) -> services.VisitPlan:
    now = clock.now()
    usual = services.VisitPlan(now + timedelta(minutes=1), now + timedelta(hours=2), PLACE, reach="0800-000")
    return replace(usual, **more)


@pytest.fixture
def case(cast: Any) -> Case:
    User.objects.update(email="x@example.org")
    return make_case(cast)


@pytest.fixture
def out(cast: Any, case: Case) -> Visit:
    worker = cast.actor(cast.case_worker)
    visit = services.plan_visit(worker, cast.keyring(cast.case_worker), case.pk, plan())
    return services.go_out(worker, visit.pk)


def later(visit: Visit, **by: int) -> datetime:
    return visit.back_by + timedelta(**by)


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ((), "alone"),
        (("night",), "pair"),
        (("night", "weapon"), "escort"),
        (("weapon", "crowd", "night"), "not_now"),
    ],
)
def test_the_strictest_answer_says_how_somebody_may_go(answers: tuple[str, ...], level: str) -> None:
    assert rules.level_of(answers, visit_rules().levels) == level


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"answers": ("night",)}, "companion"),
        ({"answers": ("weapon",)}, "escort"),
        ({"answers": ("weapon",), "level": "alone"}, "level"),
        ({"answers": ("crowd",)}, "answers"),
        ({"answers": ("nothing known",)}, "answers"),
        ({"place": " "}, "place"),
        ({"back_by": clock.now() + timedelta(days=2)}, "back_by"),
    ],
)
def test_a_visit_that_is_not_safe_is_not_planned(cast: Any, case: Case, more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        services.plan_visit(cast.actor(cast.case_worker), cast.keyring(cast.case_worker), case.pk, plan(**more))
    assert refused.value.field == field
    assert not Visit.objects.exists()


def test_a_companion_is_a_colleague_of_the_team(cast: Any, case: Case) -> None:
    hands = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    for wrong in (cast.case_worker, cast.other_analyst, cast.auditor):
        with pytest.raises(BadInput):
            services.plan_visit(*hands, case.pk, plan(answers=("night",), companion=wrong.pk))
    visit = services.plan_visit(*hands, case.pk, plan(answers=("night",), companion=cast.analyst.pk))
    assert visit.level == VisitLevel.PAIR
    assert [one.words["place"] for one in services.open_visits(*hands, case.pk)] == [PLACE]


def test_only_who_goes_leaves_and_a_supervisor_may_say_that_they_are_back(cast: Any, case: Case) -> None:
    hands = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    visit = services.plan_visit(*hands, case.pk, plan())
    for other in (cast.supervisor, cast.analyst, cast.other_analyst):
        with pytest.raises(NotAllowed):
            services.go_out(cast.actor(other), visit.pk)
    services.go_out(hands[0], visit.pk)
    with pytest.raises(Conflict):
        services.call_off(hands[0], visit.pk)
    with pytest.raises(NotAllowed):
        services.come_back(cast.actor(cast.analyst), visit.pk)
    assert services.come_back(cast.actor(cast.supervisor), visit.pk).state == VisitState.BACK
    with pytest.raises(Conflict):
        services.come_back(hands[0], visit.pk)


def test_the_clock_calls_every_quarter_of_an_hour_until_somebody_is_back(cast: Any, out: Visit) -> None:
    assert tasks.alarm(later(out, minutes=14)) == 0
    assert tasks.alarm(later(out, minutes=15)) == 1
    first = {address for one in mail.outbox for address in one.to}
    assert first
    assert tasks.alarm(later(out, minutes=16)) == 0, "called once"
    assert tasks.alarm(later(out, minutes=30)) == 1
    out.refresh_from_db()
    assert out.alarms == 2
    assert all(PLACE not in one.body and out.pk.hex not in one.body for one in mail.outbox)
    services.come_back(cast.actor(cast.case_worker), out.pk)
    assert tasks.alarm(later(out, hours=5)) == 0


def test_who_says_that_all_is_well_is_called_later(cast: Any, out: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    late = later(out, minutes=20)
    tasks.alarm(late)
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(BadInput):
        services.say_all_well(cast.actor(cast.case_worker), out.pk)
    services.say_all_well(cast.actor(cast.case_worker), out.pk, back_by=late + timedelta(hours=1))
    assert tasks.alarm(late + timedelta(minutes=74)) == 0
    assert tasks.alarm(late + timedelta(minutes=75)) == 1
    out.refresh_from_db()
    assert out.alarms == 1, "counted anew"


def test_where_somebody_is_opens_to_the_team_only_once_they_are_overdue(
    cast: Any, out: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    with pytest.raises(NotFound):
        services.open_overdue(*analyst, out.pk)
    monkeypatch.setattr(clock, "now", lambda: later(out, minutes=15))
    assert services.open_overdue(*analyst, out.pk).words["place"] == PLACE
    with pytest.raises(NotFound):
        services.open_overdue(cast.actor(cast.other_analyst), cast.keyring(cast.other_analyst), out.pk)
    CaseExclusion.objects.create(case=out.case, team=cast.intake)
    with pytest.raises(NotFound):
        services.open_overdue(*analyst, out.pk)


def test_a_wrong_file_of_questions_says_what_was_expected() -> None:
    with pytest.raises(KnowledgeError, match="'night': expected a level"):
        read_visits({"version": "1", "questions": [{"code": "night", "id": "a", "en": "b", "level": "alone"}]})
