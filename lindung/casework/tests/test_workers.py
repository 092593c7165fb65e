"""Who works with a child: taken, assigned, handed over, ended; never with two children of one incident."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts import leaving
from lindung.accounts.models import User
from lindung.accounts.signals import left_teams
from lindung.audit.models import Event
from lindung.casework import selectors, services
from lindung.casework.errors import SharedWorker
from lindung.casework.models import Case, CaseExclusion, CaseTask, CaseWorker
from lindung.casework.services import pairing, workers
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

from .cases import give_to, make_case, send

pytestmark = pytest.mark.django_db


def present(case: Case) -> dict[Any, str]:
    return dict(CaseWorker.objects.filter(case=case, until=None).values_list("user_id", "role"))


def free_case(cast: Any, **more: Any) -> Case:
    return make_case(cast, cast.supervisor, take=False, **more)


def test_whoever_opens_a_case_leads_it_unless_they_say_otherwise(cast: Any) -> None:
    assert present(make_case(cast)) == {cast.case_worker.pk: "lead"}
    assert present(make_case(cast, take=False)) == {}


def test_a_free_case_is_taken_once(cast: Any) -> None:
    case = free_case(cast)
    services.take(cast.actor(cast.analyst), case.pk)
    with pytest.raises(NotFound):
        services.take(cast.actor(cast.case_worker), case.pk)
    with pytest.raises(NotAllowed):
        services.take(cast.actor(cast.supervisor), case.pk)
    assert present(case) == {cast.analyst.pk: "lead"}


def test_a_new_lead_follows_the_old_one_and_gets_the_open_tasks(cast: Any) -> None:
    case = make_case(cast)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    due = clock.now() + timedelta(days=1)
    mine = services.add_task(actor, keyring, case.pk, "Telepon sekolah.", due, assignee_id=cast.case_worker.pk)
    with pytest.raises(BadInput):
        services.add_task(actor, keyring, case.pk, "Telepon.", due, assignee_id=cast.analyst.pk)
    services.assign(cast.actor(cast.supervisor), case.pk, cast.analyst.pk)
    assert present(case) == {cast.analyst.pk: "lead"}
    assert CaseTask.objects.get(pk=mine.pk).assignee == cast.analyst
    with pytest.raises(NotFound):
        services.open_case(actor, keyring, case.pk)


def test_the_lead_chooses_who_works_along_and_others_do_not(cast: Any) -> None:
    case = make_case(cast)
    lead = cast.actor(cast.case_worker)
    services.assign(lead, case.pk, cast.analyst.pk, "co")
    assert present(case) == {cast.case_worker.pk: "lead", cast.analyst.pk: "co"}
    with pytest.raises(NotAllowed):
        services.assign(cast.actor(cast.analyst), case.pk, cast.second_analyst.pk, "co")
    with pytest.raises(NotAllowed):
        services.end_work(cast.actor(cast.analyst), case.pk, cast.case_worker.pk)
    with pytest.raises(Conflict):
        services.assign(lead, case.pk, cast.analyst.pk, "co")
    services.assign(lead, case.pk, cast.analyst.pk, "lead")
    assert present(case) == {cast.analyst.pk: "lead"}
    services.end_work(cast.actor(cast.analyst), case.pk, cast.analyst.pk)
    assert present(case) == {}


@pytest.mark.parametrize("person", ["other_analyst", "partner", "administrator", "data_analyst"])
def test_only_people_of_the_team_with_its_key_are_given_a_case(cast: Any, person: str) -> None:
    case = make_case(cast)
    with pytest.raises(BadInput):
        services.assign(cast.actor(cast.supervisor), case.pk, getattr(cast, person).pk)
    assert present(case) == {cast.case_worker.pk: "lead"}


def test_who_belongs_to_an_excluded_team_is_not_given_the_case(cast: Any) -> None:
    from lindung.accounts.models import Membership

    case = make_case(cast)
    Membership.objects.create(user=cast.analyst, team=cast.partner_team, role="case_worker")
    CaseExclusion.objects.create(case=case, team=cast.partner_team)
    with pytest.raises(BadInput):
        services.assign(cast.actor(cast.supervisor), case.pk, cast.analyst.pk)


def test_who_works_with_one_child_is_never_given_the_other_one(cast: Any) -> None:
    report = send()
    first = make_case(cast, cast.case_worker, report=report)
    second = make_case(cast, cast.supervisor, report=report, another_child=True, take=False)
    supervisor = cast.actor(cast.supervisor)
    with pytest.raises(SharedWorker):
        services.assign(supervisor, second.pk, cast.case_worker.pk)
    with pytest.raises(NotFound):
        services.take(cast.actor(cast.case_worker), second.pk)
    assert cast.case_worker not in workers.who_can(second)
    services.assign(supervisor, second.pk, cast.analyst.pk)
    services.end_work(supervisor, first.pk, cast.case_worker.pk)
    services.assign(supervisor, second.pk, cast.case_worker.pk, "co")


def test_cases_are_handed_over_evenly_and_to_nobody_who_may_not_have_them(cast: Any) -> None:
    supervisor = cast.actor(cast.supervisor)
    report = send()
    cases = [make_case(cast) for _ in range(3)] + [make_case(cast, report=report)]
    other = make_case(cast, cast.supervisor, report=report, another_child=True, take=False)
    services.assign(supervisor, other.pk, cast.analyst.pk)
    people = [cast.analyst.pk, cast.second_analyst.pk]
    with pytest.raises(BadInput):
        services.hand_over(supervisor, cast.intake.pk, cast.case_worker.pk, [cast.analyst.pk], [c.pk for c in cases])
    given = services.hand_over(supervisor, cast.intake.pk, cast.case_worker.pk, people, [case.pk for case in cases])
    assert set(given) == {case.pk for case in cases}
    assert given[cases[3].pk] == cast.second_analyst.pk
    assert sorted(workers.loads(people).values()) == [2, 3]
    assert Event.objects.filter(kind="case.handed_over").count() == 4
    with pytest.raises(Conflict):
        services.hand_over(supervisor, cast.intake.pk, cast.case_worker.pk, people, [cases[0].pk])
    with pytest.raises(NotFound):
        services.hand_over(
            cast.actor(cast.analyst), cast.intake.pk, cast.second_analyst.pk, [cast.analyst.pk], [cases[0].pk]
        )


def test_what_a_leaver_still_works_on_is_counted_and_free_afterwards(cast: Any) -> None:
    case = make_case(cast)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    due = clock.now() + timedelta(days=1)
    services.add_task(actor, keyring, case.pk, "Telepon.", due, assignee_id=cast.case_worker.pk)
    numbers = {str(entry.label): entry.number for entry in leaving.in_hand(cast.case_worker.pk)}
    assert numbers["Kasus yang didampingi"] == 1
    assert numbers["Tugas kasus"] == 1
    from django.db import transaction

    with transaction.atomic():
        left_teams.send(sender=User, user_id=cast.case_worker.pk, teams={cast.intake.pk}, actor="system")
    assert present(case) == {}
    assert CaseTask.objects.get(kind="hand").assignee is None
    assert selectors.visible_to(cast.actor(cast.analyst)).filter(pk=case.pk).exists()


def test_a_task_is_changed_and_done_once_and_rules_end_their_own(cast: Any) -> None:
    case = make_case(cast)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    due = clock.now() + timedelta(days=1)
    task = services.add_task(actor, keyring, case.pk, "Telepon sekolah.", due)
    services.change_task(actor, task.pk, due_at=due + timedelta(days=1), assignee_id=cast.case_worker.pk)
    services.finish_task(actor, task.pk)
    with pytest.raises(Conflict):
        services.finish_task(actor, task.pk)
    ruled = CaseTask.objects.create(case=case, kind="review", due_at=due, created_at=clock.now())
    with pytest.raises(BadInput):
        services.finish_task(actor, ruled.pk)
    with pytest.raises(NotFound):
        services.finish_task(cast.actor(cast.analyst), ruled.pk)


def test_links_and_holds(cast: Any) -> None:
    one, two = make_case(cast, cast.supervisor), make_case(cast, cast.supervisor)
    actor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    link = services.link_cases(actor, one.pk, two.pk, "siblings")
    assert services.link_cases(actor, two.pk, one.pk, "siblings") == link
    with pytest.raises(BadInput):
        services.link_cases(actor, one.pk, one.pk, "siblings")
    services.unlink_cases(actor, link.pk)
    with pytest.raises(NotFound):
        services.unlink_cases(actor, link.pk)
    services.put_on_hold(actor, one.pk, "court")
    with pytest.raises(Conflict):
        services.put_on_hold(actor, one.pk, "court")
    services.assign(actor, one.pk, cast.case_worker.pk, "co")
    asked = services.ask_to_lift(actor, keyring, one.pk, "Putusan sudah tetap.")
    with pytest.raises(NotAllowed):
        services.approving.decide(actor, keyring, asked.pk, approve=True)
    worker = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    services.approving.decide(*worker, asked.pk, approve=True)
    one.refresh_from_db()
    assert (one.legal_hold, one.hold_reason) == (False, "")
    assert Event.objects.filter(kind="case.hold_lifted", subject=one.pk.hex).exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
@given(steps=st.lists(st.tuples(st.sampled_from(["take", "assign", "end", "share"]), st.integers(0, 3),
                                st.integers(0, 2)), max_size=14))  # fmt: skip
def test_whatever_people_do_two_children_of_an_incident_never_share_a_worker(
    cast: Any, steps: list[tuple[str, int, int]]
) -> None:
    from django.db import transaction

    people = [cast.analyst, cast.second_analyst, cast.case_worker, cast.supervisor]
    supervisor = cast.actor(cast.supervisor)
    with transaction.atomic():
        report = send()
        cases = [free_case(cast, report=report), free_case(cast), free_case(cast, report=report, another_child=True)]
        for what, who, which in steps:
            case, person = cases[which], people[who]
            try:
                if what == "take":
                    services.take(cast.actor(person), case.pk)
                elif what == "assign":
                    services.assign(supervisor, case.pk, person.pk, "co" if who % 2 else "lead")
                elif what == "end":
                    services.end_work(supervisor, case.pk, person.pk)
                else:
                    incident = cases[0].incidents.get().incident_id
                    services.share_incident(supervisor, cases[0].pk, incident, case.pk)
            except (Conflict, NotFound, NotAllowed, BadInput):
                pass
            for one in cases:
                together = pairing.together_with({one.pk})
                assert not set(present(one)) & pairing.workers_of(together)
                assert list(present(one).values()).count("lead") <= 1
        transaction.set_rollback(True)


def test_a_worker_written_past_the_rules_is_still_kept_apart(cast: Any) -> None:
    """`check_group` looks at what is there, whoever wrote it."""
    one, two = free_case(cast), free_case(cast)
    for case in (one, two):
        give_to(case, cast.analyst)
    with pytest.raises(SharedWorker):
        pairing.check_group({one.pk, two.pk})
