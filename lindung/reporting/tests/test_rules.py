"""Who receives, how urgent, and when a supervisor looks first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.reporting import knowledge, rules
from lindung.reporting.models import State

CONCERN_SETS = st.lists(st.sampled_from(["works_here", "partner", "school", "none"]), max_size=4)
TEAMS = st.lists(
    st.builds(
        rules.TeamFacts,
        id=st.uuids(version=4),
        kind=st.sampled_from(["intake", "independent", "partner"]),
        organisation_kind=st.sampled_from(["network", "uptd", "partner", "school", "ministry"]),
        intake_order=st.none() | st.integers(0, 3),
        province=st.sampled_from(["", "31", "32"]),
    ),
    max_size=8,
    unique_by=lambda team: team.id,
)


def team(
    kind: str = "intake", order: int | None = 1, organisation: str = "network", province: str = ""
) -> rules.TeamFacts:
    from lindung.core.ids import new_id

    return rules.TeamFacts(new_id(), kind, organisation, order, province)


@given(CONCERN_SETS, TEAMS, st.sampled_from(["", "31"]), st.data())
def test_a_report_never_reaches_a_team_that_it_names(
    concerns: list[str], teams: list[rules.TeamFacts], province: str, data: st.DataObject
) -> None:
    more = data.draw(st.sets(st.sampled_from([t.id for t in teams]))) if teams else set()
    chosen = rules.recipient(concerns, teams, province=province, excluded=more)
    named = rules.excluded_teams(concerns, teams)
    if chosen is not None:
        assert chosen.id not in named
        assert chosen.id not in more
        assert chosen.kind in {"intake", "independent"}
        assert chosen.intake_order is not None
    if "works_here" in concerns:
        assert {t.id for t in teams if t.kind == "intake"} <= named


@given(CONCERN_SETS, TEAMS)
def test_a_sensitive_report_goes_to_an_independent_team_whenever_one_may_have_it(
    concerns: list[str], teams: list[rules.TeamFacts]
) -> None:
    chosen = rules.recipient(concerns, teams)
    free = [
        t for t in teams
        if t.kind == "independent" and t.intake_order is not None and not rules.named_by(t, concerns)
    ]  # fmt: skip
    if set(concerns) & {"works_here", "partner", "school"} and free:
        assert chosen is not None
        assert chosen.kind == "independent"


@given(TEAMS)
def test_the_order_in_which_teams_are_listed_changes_nothing(teams: list[rules.TeamFacts]) -> None:
    assert rules.recipient((), teams, province="31") == rules.recipient((), teams[::-1], province="31")


def test_an_ordinary_report_goes_to_the_intake_of_its_province_else_a_national_one_else_the_first() -> None:
    jakarta, national, papua = team(province="31", order=1), team(order=3), team(province="91", order=2)
    independent = team("independent", order=0)
    teams = [independent, jakarta, national, papua]
    assert rules.recipient((), teams, province="91") == papua
    assert rules.recipient((), teams, province="53") == national
    assert rules.recipient((), [independent, jakarta, papua], province="53") == jakarta
    assert rules.recipient((), [independent, jakarta]) == jakarta


def test_nobody_is_chosen_when_everybody_is_named() -> None:
    assert rules.recipient(["works_here"], [team(), team("partner", None, "partner")]) is None


@pytest.mark.parametrize(
    ("answers", "risk", "reason"),
    [
        ({}, "medium", None),
        ({"words": "x"}, "medium", None),
        ({"happened": ["hard_to_say"]}, "medium", None),
        ({"danger": "no"}, "medium", None),
        ({"danger": "yes"}, "high", "danger_now"),
        ({"feeling": "selfharm"}, "high", "selfharm"),
        ({"feeling": "no"}, "medium", None),
        ({"happened": ["touched"], "when": "within_72h"}, "high", "contact_72h"),
        ({"happened": ["touched"], "when": "year"}, "medium", "contact"),
        ({"happened": ["touched"], "when": "ongoing"}, "high", "contact_ongoing"),
        ({"age_band": "u6"}, "high", "under_six"),
        ({"age_band": "unknown", "when": "unknown"}, "medium", None),
        ({"happened": ["threat_to_spread"]}, "high", "threat_to_spread"),
        ({"happened": ["images_spread"]}, "medium", "images_spread"),
        ({"happened": ["paid"], "when": "ongoing"}, "high", "paid_ongoing"),
        ({"given": ["ewallet"]}, "medium", "payment_named"),
        ({"given": ["nothing"]}, "medium", None),
        ({"path": "young_child"}, "high", "young_child_alone"),
        ({"happened": ["marriage_travel"]}, "high", "taken_away"),
    ],
)
def test_the_first_risk_and_its_reason(answers: dict[str, Any], risk: str, reason: str | None) -> None:
    found, reasons = rules.initial_risk(answers)
    assert found == risk
    assert (reason in reasons) if reason else not reasons


@given(st.data())
def test_one_more_answer_never_makes_a_report_less_urgent(data: st.DataObject) -> None:
    happened = data.draw(st.lists(st.sampled_from(list(knowledge.statements())), unique=True))
    when = data.draw(st.sampled_from(list(knowledge.questions()["when"].options)))
    less: dict[str, Any] = {"happened": happened[:-1], "when": when}
    more: dict[str, Any] = {"happened": happened, "when": when}
    order = rules.RISK_ORDER
    assert order[rules.initial_risk(more)[0]] <= order[rules.initial_risk(less)[0]] <= order["medium"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"risk": "high"}, "high_risk"),
        ({"danger_now": True}, "high_risk"),
        ({"police_clock_running": True}, "police_clock"),
        ({"legal_hold": True, "risk": "high"}, "legal_hold"),
        ({"state": State.REFERRED}, "open_case"),
        ({"risk": "low", "state": State.CLOSED, "in_other_hands": True}, "open_case"),
        ({"risk": "low", "state": State.CLOSED}, ""),
    ],
)
def test_when_a_supervisor_looks_before_anything_is_locked(changes: dict[str, Any], reason: str) -> None:
    facts = {"risk": "medium", "police_clock_running": False, "legal_hold": False, "state": State.NEW, **changes}
    assert rules.withdrawal_needs_supervisor(**facts) == reason


def test_pressure_to_stop_is_a_danger_of_its_own() -> None:
    assert {rules.raised_risk(risk) for risk in ("low", "medium", "high")} == {"high"}


def test_the_system_and_an_unknown_person_open_nothing() -> None:
    from lindung.accounts.actors import Actor

    facts = rules.ReportFacts(UUID(int=1), frozenset(), State.NEW)
    assert not rules.may_open(Actor.system(), facts)
    assert not rules.may_open(Actor(UUID(int=7), "x"), facts)
