"""From reports to a case: nothing typed twice, and nobody learns more than before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.casework import facts, prefill, selectors, services, shapes
from lindung.casework.errors import AlreadyACase, CaseClosed, NoCaseFromHelp
from lindung.casework.models import Case, CaseExclusion, CaseFact, CaseReport, CaseWorker, Person, State
from lindung.casework.models_rights import Barred
from lindung.casework.opened import OpenedCase
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import services as reporting
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import Report, ReportExclusion
from lindung.reporting.models import State as ReportState
from lindung.vault.facts import fact_token

from .cases import TOLD, make_case, send

pytestmark = pytest.mark.django_db


def opened(cast: Any, case: Case, person: str = "case_worker") -> OpenedCase:
    user = getattr(cast, person)
    return services.open_case(cast.actor(user), cast.keyring(user), case.pk)


def test_what_a_report_told_stands_in_its_case(cast: Any) -> None:
    report = send(**TOLD, must_not_know="Orang di rumah", easier=["writing"], online_where=["whatsapp"])
    case = make_case(cast, report=report)
    seen = opened(cast, case)
    assert seen.child["age_band"] == "13-15"
    assert seen.child["sex"] == "female"
    assert seen.child["must_not_know"] == "Orang di rumah"
    assert seen.child["accommodations"] == ["writing"]
    assert seen.child["from_report"]["sex"] == report.pk.hex
    barred = Barred.objects.get(case=case, lifted_at=None)
    assert seen.words(barred.field)["what"] == "Orang di rumah"
    assert seen.places["present"]["regency"] == "31.71"
    assert seen.incidents[0].words["platforms"] == ["whatsapp"]
    assert "online" in seen.incidents[0].words["where"]
    assert seen.people[0].role == "alleged_offender"
    assert seen.people[0].words["accounts"] == "@akun_palsu"
    assert seen.reports[report.pk.hex]["answers"]["words"] == TOLD["words"]
    assert (case.risk, case.tz, case.authority) == (report.risk, report.tz, "district")
    assert case.review_due_at is not None
    assert case.standard
    tokens = {(row.field, bytes(row.token)) for row in CaseFact.objects.filter(case=case)}
    for field, value in (("age_band", "13-15"), ("sex", "female"), ("present_regency", "31.71"), ("status", "victim")):
        assert (field, fact_token(field, value)) in tokens
    assert Report.objects.get(pk=report.pk).state == ReportState.REFERRED


def test_what_the_analyst_judged_outranks_what_the_sentences_point_to(cast: Any) -> None:
    report = send()
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    entry = reporting.TriageInput(risk="high", reason="Dibaca.", next_step="case", forms=("grooming",))
    reporting.triage(actor, keyring, report.pk, entry, report.version)
    case = make_case(cast, cast.analyst, report=report)
    assert opened(cast, case, "analyst").incidents[0].words["forms"] == ["grooming"]
    assert case.risk == "high"


def test_a_colleagues_words_outrank_a_report_and_are_marked_as_theirs(cast: Any) -> None:
    case = make_case(cast, for_child={"nickname": "Melati", "sex": "male"})
    child = opened(cast, case).child
    assert (child["nickname"], child["sex"]) == ("Melati", "male")
    assert "sex" not in child["from_report"]
    assert "age_band" in child["from_report"]


def test_a_mother_who_calls_is_a_guardian_of_whom_nothing_is_known_yet(cast: Any) -> None:
    report = send(path="parent", who="parent", age_band="6-9", reach="contact", reach_how="Pagi saja")
    seen = opened(cast, make_case(cast, report=report))
    (mother,) = seen.people
    assert (mother.role, mother.standing, mother.words["contact"]) == ("guardian", "unknown", "Pagi saja")
    assert "reach_how" not in seen.child


def test_several_reports_make_one_case_and_each_stays_readable(cast: Any) -> None:
    one, two = send(path="witness", age_band="10-12", accounts="@satu_akun"), send(**TOLD)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    case = services.open_from_reports(actor, keyring, [one.pk, two.pk])
    seen = opened(cast, case)
    assert set(seen.reports) == {one.pk.hex, two.pk.hex}
    assert seen.child["age_band"] == "10-12"
    assert seen.child["from_report"]["age_band"] == one.pk.hex
    assert seen.child["sex"] == "female"
    assert seen.people[0].words["accounts"].splitlines() == ["@satu_akun", "@akun_palsu"]


def test_reports_that_were_merged_come_along(cast: Any) -> None:
    from lindung.series import services as series

    lead, merged = send(**TOLD), send(path="child", age_band="13-15")
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    series.merge(actor, merged.pk, lead.pk)
    case = services.open_from_reports(actor, keyring, [merged.pk])
    assert set(CaseReport.objects.filter(case=case).values_list("report_id", flat=True)) == {lead.pk, merged.pk}
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.REFERRED}


def test_a_report_that_has_a_case_leads_to_another_only_for_another_child(cast: Any) -> None:
    report = send()
    first = make_case(cast, report=report)
    with pytest.raises(AlreadyACase):
        make_case(cast, cast.supervisor, report=report)
    second = make_case(cast, cast.supervisor, report=report, another_child=True)
    incidents = {case.pk: case.incidents.get().incident_id for case in (first, second)}
    assert incidents[first.pk] == incidents[second.pk]


def test_who_works_with_one_child_does_not_become_the_worker_of_the_other(cast: Any) -> None:
    report = send()
    make_case(cast, cast.analyst, report=report)
    second = make_case(cast, cast.analyst, report=report, another_child=True)
    assert not CaseWorker.objects.filter(case=second).exists()
    assert not selectors.visible_to(cast.actor(cast.analyst)).filter(pk=second.pk).exists()
    assert selectors.visible_to(cast.actor(cast.second_analyst)).filter(pk=second.pk).exists()


def test_who_asks_for_help_about_themselves_never_becomes_a_case(cast: Any) -> None:
    report = send(path="worried_self", words="Aku takut.")
    with pytest.raises(NoCaseFromHelp):
        make_case(cast, report=report)
    assert not Case.objects.exists()


def test_teams_that_a_report_excludes_are_excluded_from_its_case(cast: Any) -> None:
    report = send()
    ReportExclusion.objects.create(report=report, team=cast.partner_team)
    case = make_case(cast, report=report)
    assert CaseExclusion.objects.get(case=case).team == cast.partner_team


def test_a_report_in_other_hands_is_not_taken_from_them(cast: Any) -> None:
    report = send()
    reporting.claim(cast.actor(cast.analyst), report.pk)
    with pytest.raises(HeldByColleague):
        make_case(cast, report=report)
    assert make_case(cast, cast.supervisor, report=report).pk
    for person in (cast.partner, cast.other_analyst):
        with pytest.raises(NotFound):
            make_case(cast, person, report=report)


def test_nothing_is_left_behind_when_something_typed_cannot_be_kept(cast: Any) -> None:
    with pytest.raises(BadInput):
        make_case(cast, for_child={"sex": "nothing we know"})
    with pytest.raises(BadInput):
        make_case(cast, for_child={"favourite_colour": "red"})
    assert not Case.objects.exists()
    assert not Person.objects.exists()
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.NEW}


def test_a_further_report_fills_what_nobody_told_and_changes_nothing_else(cast: Any) -> None:
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    case = make_case(cast, report=send(path="child", sex="female", happened=["threat_to_spread"]))
    more = send(**{**TOLD, "sex": "male", "happened": ["asked_images"]})
    services.add_report(actor, keyring, case.pk, more.pk)
    seen = opened(cast, case)
    assert (seen.child["sex"], seen.child["age_band"]) == ("female", "13-15")
    assert len(seen.incidents) == 1
    assert seen.incidents[0].words["statements"] == ["threat_to_spread", "asked_images"]
    assert [person.role for person in seen.people] == ["alleged_offender"]
    assert seen.places["present"]["regency"] == "31.71"
    assert Case.objects.get(pk=case.pk).authority == "district"
    with pytest.raises(Conflict):
        services.add_report(actor, keyring, case.pk, more.pk)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED)
    with pytest.raises(CaseClosed):
        services.add_report(actor, keyring, case.pk, send().pk)


def test_cases_that_name_the_same_account_find_each_other_as_far_as_they_are_seen(cast: Any) -> None:
    one, two = make_case(cast, cast.supervisor), make_case(cast, cast.case_worker)
    assert selectors.alike(cast.actor(cast.supervisor), one) == [two]
    assert selectors.alike(cast.actor(cast.case_worker), two) == []


ANSWERS = st.fixed_dictionaries(
    {"path": st.sampled_from(["child", "parent", "witness", "professional", "other_child"])},
    optional={
        "age_band": st.sampled_from(["u6", "13-15", "unknown"]),
        "sex": st.sampled_from(["female", "unsaid"]),
        "happened": st.lists(st.sampled_from(["threat_to_spread", "asked_images", "approached"]), unique=True),
        "online_where": st.lists(st.sampled_from(["whatsapp", "instagram"]), unique=True),
        "given": st.lists(st.sampled_from(["pulsa", "nothing"]), unique=True),
        "province": st.sampled_from(["31", "91"]),
        "regency": st.sampled_from(["31.71", ""]),
        "who": st.sampled_from(["self", "parent", "teacher", "other"]),
        "reach": st.sampled_from(["contact", "code_only"]),
        "reach_how": st.text(max_size=20),
        "accounts": st.text(max_size=40),
        "happened_on": st.sampled_from(["2026-03-20", "kemarin", ""]),
        "easier": st.lists(st.sampled_from(["sign", "none", "writing"]), unique=True),
        "danger_place": st.text(max_size=20),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(told=st.lists(ANSWERS, min_size=1, max_size=3))
def test_whatever_reports_told_can_stand_in_a_case(told: list[dict[str, Any]]) -> None:
    """Every beginning passes the checks of a case, and each part that it holds stands in the report that it names."""
    from uuid import UUID

    reports = [
        prefill.Told(UUID(int=number + 1), answers["path"], "id", answers, caller="Bu Sari" if number else "")
        for number, answers in enumerate(told)
    ]
    begun = prefill.begin(reports)
    child = shapes.check_child(begun.child)
    by_id = {report.hex: report.answers for report in reports}
    for part in ("age_band", "sex"):
        if part in child:
            assert by_id[child["from_report"][part]][part] == child[part]
    shapes.check_incident(begun.incident)
    for place in begun.places.values():
        shapes.check_place(place)
    for person in begun.people:
        words = shapes.check_person(person.words)
        assert person.standing in {"", "unknown"}
        assert (person.standing == "unknown") == (person.role == "guardian")
        shapes.identifiers_of(words)
    assert facts.of_child(child)


PARTS = st.dictionaries(
    st.sampled_from(["forms", "given", "where", "when", "summary"]),
    st.one_of(st.lists(st.sampled_from("abc"), unique=True, min_size=1), st.sampled_from(["x", "y"])),
)


@settings(deadline=None, max_examples=60)
@given(before=PARTS, more=PARTS)
def test_a_further_report_never_takes_anything_away(before: dict[str, Any], more: dict[str, Any]) -> None:
    """Lists grow, what was empty is filled, everything else stays as a colleague left it."""
    from lindung.casework.services.filling import LISTS, joined

    def shaped(value: dict[str, Any]) -> dict[str, Any]:
        return {part: list(words) if part in LISTS else str(words) for part, words in value.items()}

    one, two = shaped(before), shaped(more)
    both = joined(one, two)
    assert set(both) == set(one) | set(two)
    for part, value in both.items():
        if part in one and part in LISTS:
            assert value[: len(one[part])] == one[part]
            assert set(value) == set(one[part]) | set(two.get(part, []))
        else:
            assert value == (one[part] if part in one else two[part])
