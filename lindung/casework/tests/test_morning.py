"""What waits for a second person, as a list: the same as the rule says of each, for everybody."""

from __future__ import annotations

import itertools

import pytest

from conftest import Cast
from lindung.casework import morning
from lindung.casework.models import Case, CaseExclusion, CaseWorker, State
from lindung.casework.models_closing import Approval, Subject
from lindung.casework.models_plan import Plan
from lindung.casework.models_rights import Decision
from lindung.casework.services import approving
from lindung.casework.services.access import settle_free
from lindung.core import clock
from lindung.vault.models import SealedRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(cast: Cast) -> list[Approval]:
    """Every subject, asked by the case worker or the supervisor, of a case that one, two or nobody works on."""
    now = clock.coarse_now()
    askers = (cast.case_worker, cast.supervisor)
    crews = ((), (cast.case_worker,), (cast.case_worker, cast.second_analyst))
    found = []
    for subject, asker, crew in itertools.product(Subject, askers, crews):
        case = Case.objects.create(
            record=SealedRecord.objects.create(kind="case"), team=cast.intake, standard="2026.1", opened_at=now,
            opened_by=cast.analyst, changed_at=now,
        )  # fmt: skip
        for number, person in enumerate(crew):
            role = "co" if number else "lead"
            CaseWorker.objects.create(case=case, user=person, role=role, since=now, assigned_by=cast.supervisor)
        settle_free(case.pk)
        plan = None
        if subject == Subject.PLAN:
            plan = Plan.objects.create(case=case, number=1, made_at=now, made_by=asker)
        found.append(Approval.objects.create(case=case, subject=subject, plan=plan, asked_by=asker, asked_at=now))
    return found


def test_what_waits_for_a_second_person_is_what_the_rule_lets_them_decide(
    cast: Cast, questions: list[Approval]
) -> None:
    CaseExclusion.objects.create(case=questions[0].case, team=cast.intake)
    teams = frozenset({cast.intake.pk})
    for user in cast.everybody().values():
        actor = cast.actor(user)
        listed = set(morning._approvals(actor, teams & actor.team_ids))
        allowed = {row for row in questions if approving.may_decide(actor, row.case, row)}
        assert listed == allowed, user.username
    supervisor = cast.actor(cast.supervisor)
    assert questions[0] not in set(morning._approvals(supervisor, teams))


def test_a_decision_waits_for_somebody_else_than_who_signed_it(cast: Cast, questions: list[Approval]) -> None:
    case, today = questions[-1].case, clock.now().date()
    row = Decision.objects.create(
        case=case, question="guardian_left_out", written_by=cast.case_worker, written_at=clock.now(),
        review_on=today, first_signed_by=cast.case_worker, first_signed_at=clock.now(),
    )  # fmt: skip
    teams = frozenset({cast.intake.pk})
    assert row not in set(morning._decisions(cast.actor(cast.case_worker), teams))
    assert row in set(morning._decisions(cast.actor(cast.second_analyst), teams))
    assert row in set(morning._decisions(cast.actor(cast.supervisor), teams))
    assert row not in set(morning._decisions(cast.actor(cast.analyst), teams))
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=clock.now())
    assert row not in set(morning._decisions(cast.actor(cast.supervisor), teams))
