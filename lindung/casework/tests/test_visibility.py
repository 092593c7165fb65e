"""Who sees a case: the list, the rule and what a service lets through say the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ALL_ROLES
from lindung.casework import rules, selectors, services
from lindung.casework.models import Case, CaseExclusion, CaseIncident, CaseWorker, Incident, State
from lindung.casework.services.access import case_for, settle_free
from lindung.core import clock
from lindung.core.errors import NotAllowed, NotFound
from lindung.vault import services as vault

from .cases import give_to, make_case, send

pytestmark = pytest.mark.django_db


def _bare_case(team_id: Any, state: str) -> Case:
    keys, now = vault.new_record(kind="case", team_id=team_id), clock.now()
    case = Case(record_id=keys.record_id, team_id=team_id, state=state, standard="x", opened_at=now, changed_at=now)
    return case


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.data())
def test_the_list_and_the_rule_agree_for_everybody(cast: Any, data: st.DataObject) -> None:
    """One case of any team, state, exclusions, workers past and present, siblings: against any actor."""
    teams = [cast.intake, cast.other_intake, cast.independent, cast.partner_team]
    people = [cast.analyst, cast.case_worker, cast.supervisor, cast.other_analyst]
    held = data.draw(st.sampled_from(teams))
    excluded = data.draw(st.sets(st.sampled_from([t.pk for t in teams if t != held])))
    ids = st.sampled_from([*(t.pk for t in teams), None])
    roles = data.draw(st.frozensets(st.tuples(ids, st.sampled_from(sorted(ALL_ROLES))), max_size=4))
    actor = Actor(cast.analyst.pk, "x", roles=roles, is_system=data.draw(st.booleans()))
    with transaction.atomic():
        cases = []
        for team in (held, data.draw(st.sampled_from(teams))):
            case = _bare_case(team.pk, data.draw(st.sampled_from(State.values)))
            case.opened_by = cast.supervisor
            case.save(force_insert=True)
            cases.append(case)
            present = data.draw(st.sets(st.sampled_from(people), max_size=2))
            past = data.draw(st.sets(st.sampled_from(people), max_size=2))
            for user in present:
                give_to(case, user)
            for user in past - present:
                CaseWorker.objects.filter(pk=give_to(case, user).pk).update(until=clock.now())
            settle_free(case.pk)
        first = cases[0]
        CaseExclusion.objects.bulk_create(CaseExclusion(case=first, team_id=team) for team in excluded)
        if data.draw(st.booleans()):
            incident = Incident.objects.create(created_at=clock.now())
            for case in cases:
                CaseIncident.objects.create(
                    case=case, incident=incident, added_at=clock.now(), added_by=cast.supervisor
                )
        for case in cases:
            facts = selectors.facts_of(case)
            seen = selectors.visible_to(actor).filter(pk=case.pk).exists()
            assert seen == rules.may_open(actor, facts)
            holds = selectors.keyed_teams(actor).filter(team_key__team=case.team_id).exists()
            assert selectors.keyed(actor).filter(pk=case.pk).exists() == (seen and holds)
            for may in (rules.may_open, rules.may_work, rules.may_supervise, rules.may_take):
                assert _lets(actor, case, may) == (seen and holds and may(actor, facts)), may
        transaction.set_rollback(True)


def _lets(actor: Actor, case: Case, may: Any) -> bool:
    try:
        return case_for(actor, case.pk, may).pk == case.pk
    except (NotFound, NotAllowed):
        return False


def test_a_partner_never_sees_a_case_and_neither_does_who_only_manages(cast: Any) -> None:
    case = make_case(cast)
    for person in ("partner", "administrator", "auditor", "data_analyst", "other_analyst", "independent_analyst"):
        user = getattr(cast, person)
        with pytest.raises(NotFound):
            services.open_case(cast.actor(user), cast.keyring(user), case.pk)


def test_a_case_that_somebody_works_on_is_seen_by_them_and_by_supervisors_alone(cast: Any) -> None:
    case = make_case(cast)
    sees = {
        name: selectors.visible_to(cast.actor(getattr(cast, name))).filter(pk=case.pk).exists()
        for name in ("case_worker", "supervisor", "analyst", "second_analyst")
    }
    assert sees == {"case_worker": True, "supervisor": True, "analyst": False, "second_analyst": False}
    services.end_work(cast.actor(cast.case_worker), case.pk, cast.case_worker.pk)
    assert selectors.visible_to(cast.actor(cast.analyst)).filter(pk=case.pk).exists()
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED)
    assert not selectors.visible_to(cast.actor(cast.analyst)).filter(pk=case.pk).exists()


def test_a_role_without_the_teams_key_lists_the_case_but_opens_nothing(cast: Any) -> None:
    from lindung.vault.models import TeamKeyGrant

    case = make_case(cast)
    TeamKeyGrant.objects.filter(member_key__holder=cast.supervisor.pk).delete()
    actor = cast.actor(cast.supervisor)
    assert not selectors.keyed(actor).exists()
    with pytest.raises(NotAllowed):
        services.put_on_hold(actor, case.pk, "court")


def test_a_page_of_a_case_opens_with_few_queries(cast: Any, django_assert_max_num_queries: Any) -> None:
    case = make_case(cast, report=send())
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    with django_assert_max_num_queries(10):  # one of them is the lock of the audit on PostgreSQL
        services.open_case(actor, keyring, case.pk)
