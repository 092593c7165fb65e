"""The rules of people, written out as tables."""

from __future__ import annotations

from itertools import combinations
from uuid import uuid4

import pytest

from lindung.accounts import rules
from lindung.accounts.actors import Actor

TEAM, OTHER_TEAM, BODY, OTHER_BODY = uuid4(), uuid4(), uuid4(), uuid4()


def actor(role: str, team: object = TEAM, body: object = BODY) -> Actor:
    wide = role in rules.WIDE_ROLES
    return Actor(uuid4(), role, frozenset({(None if wide else team, role)}), frozenset({body}))


def test_which_two_roles_one_person_may_have() -> None:
    allowed = {
        ("analyst", "case_worker"), ("analyst", "supervisor"), ("analyst", "data_analyst"),
        ("case_worker", "supervisor"), ("case_worker", "data_analyst"), ("case_worker", "partner"),
        ("data_analyst", "supervisor"),
    }  # fmt: skip
    for pair in combinations(sorted(rules.ALL_ROLES), 2):
        assert rules.roles_fit_together(pair) is (pair in allowed), pair


@pytest.mark.parametrize("role", sorted(rules.ALL_ROLES))
def test_one_role_alone_is_always_possible(role: str) -> None:
    assert rules.roles_fit_together([role])


def test_an_unknown_role_never_fits() -> None:
    assert not rules.roles_fit_together(["superuser"])


def test_whoever_manages_or_checks_people_never_holds_a_team_key() -> None:
    for content in rules.CONTENT_ROLES:
        for separate in rules.SEPARATE_ROLES:
            assert not rules.roles_fit_together([content, separate])
    for role in rules.WIDE_ROLES:
        assert not rules.may_hold_team_key(actor(role), TEAM)


def test_which_roles_a_team_knows() -> None:
    assert rules.role_fits_team("analyst", "intake")
    assert rules.role_fits_team("analyst", "independent")
    assert rules.role_fits_team("partner", "partner")
    assert rules.role_fits_team("administrator", None)
    assert not rules.role_fits_team("analyst", "partner")
    assert not rules.role_fits_team("partner", "intake")
    assert not rules.role_fits_team("administrator", "intake")
    assert not rules.role_fits_team("analyst", None)


def test_the_independent_team_shares_nobody() -> None:
    assert rules.team_kinds_fit_together(["independent", "independent"])
    assert rules.team_kinds_fit_together(["intake", "partner"])
    assert not rules.team_kinds_fit_together(["independent", "intake"])


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        (lambda a: rules.may_manage_people(a, BODY), {"administrator"}),
        (lambda a: rules.may_read_audit(a), {"auditor"}),
        (lambda a: rules.may_manage_duty(a, TEAM), {"supervisor"}),
        (lambda a: rules.may_decide_withdrawal(a, TEAM), {"supervisor"}),
        (lambda a: rules.may_confirm_closure(a, TEAM, uuid4()), {"analyst", "supervisor"}),
        (lambda a: rules.may_decide_grant(a, TEAM, uuid4()), {"analyst", "case_worker", "supervisor", "partner"}),
        (lambda a: rules.may_create_organisations(a), set()),
    ],
)
def test_who_may_do_it(rule: object, who: set[str]) -> None:
    assert {role for role in rules.ALL_ROLES if rule(actor(role))} == who
    elsewhere = {role for role in rules.ALL_ROLES if rule(actor(role, OTHER_TEAM, OTHER_BODY))}
    assert elsewhere <= {"auditor"}


def test_nobody_decides_about_themselves() -> None:
    me = actor("analyst")
    assert not rules.may_decide_grant(me, TEAM, me.user_id)
    assert not rules.may_confirm_closure(me, TEAM, me.user_id)


def test_the_command_line_manages_and_holds_no_key() -> None:
    system = Actor.system()
    assert rules.may_manage_people(system, BODY)
    assert rules.may_create_organisations(system)
    assert not rules.may_hold_team_key(system, TEAM)
    assert not rules.may_decide_grant(system, TEAM, uuid4())
    assert system.audit_name == "system"


@pytest.mark.parametrize("kind", ["partner", "uptd", "school"])
def test_a_body_that_reports_may_name_has_no_auditor(kind: str) -> None:
    assert not rules.role_fits_organisation("auditor", kind)
    assert all(rules.role_fits_organisation(role, kind) for role in rules.ALL_ROLES - {"auditor"})
    assert rules.role_fits_organisation("auditor", "network")
    assert rules.role_fits_organisation("auditor", "ministry")
