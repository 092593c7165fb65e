"""The child, the people around it and what happened: written once, changed knowingly, never against the child."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.casework import services
from lindung.casework.errors import CaseClosed, SharedWorker
from lindung.casework.models import Case, CaseFact, CaseIncident, Incident, Person, State
from lindung.casework.services.child import status_problem
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault import blind
from lindung.vault.facts import fact_token
from lindung.vault.models import BlindEntry

from .cases import make_case, send
from .test_opening import opened

pytestmark = pytest.mark.django_db


class Hand:
    """One colleague and one case."""

    def __init__(self, cast: Any, person: str = "case_worker", **more: Any) -> None:
        user = getattr(cast, person)
        self.actor, self.keyring = cast.actor(user), cast.keyring(user)
        self.case = make_case(cast, user, **more)

    def do(self, service: Any, *args: Any, **more: Any) -> Any:
        return service(self.actor, self.keyring, self.case.pk, *args, **more)


def tokens(case: Case, field: str) -> set[bytes]:
    return {bytes(token) for token in CaseFact.objects.filter(case=case, field=field).values_list("token", flat=True)}


def test_a_part_of_the_child_changes_alone_and_forgets_where_it_came_from(cast: Any) -> None:
    hand = Hand(cast)
    hand.do(services.change_child, {"sex": "male", "disabilities": ["hearing"]}, version=1)
    child = opened(cast, hand.case).child
    assert (child["sex"], child["age_band"], child["statuses"]) == ("male", "13-15", ["victim"])
    assert "sex" not in child["from_report"]
    assert "age_band" in child["from_report"]
    assert tokens(hand.case, "sex") == {fact_token("sex", "male")}
    assert tokens(hand.case, "disability") == {fact_token("disability", "hearing")}
    hand.do(services.change_child, {"sex": ""})
    assert "sex" not in opened(cast, hand.case).child
    assert tokens(hand.case, "sex") == set()


def test_of_two_who_change_the_child_the_second_is_told(cast: Any) -> None:
    hand = Hand(cast)
    hand.do(services.change_child, {"nickname": "Melati"}, version=1)
    with pytest.raises(Conflict):
        hand.do(services.change_child, {"nickname": "Mawar"}, version=1)
    assert opened(cast, hand.case).child["nickname"] == "Melati"


def test_a_child_may_be_a_victim_and_show_harmful_behaviour_at_once(cast: Any) -> None:
    hand = Hand(cast)
    hand.do(services.set_statuses, ["victim", "hsb_12_17", "witness"])
    assert tokens(hand.case, "status") == {fact_token("status", s) for s in ("victim", "hsb_12_17", "witness")}
    with pytest.raises(BadInput):
        hand.do(services.set_statuses, ["hsb_under_12"])


@pytest.mark.parametrize(
    ("statuses", "age", "problem"),
    [
        ([], "", "none"),
        (["victim"], "u6", ""),
        (["hsb_under_12", "victim"], "6-9", ""),
        (["hsb_under_12"], "10-12", ""),
        (["hsb_12_17"], "10-12", ""),
        (["hsb_under_12"], "16-17", "too_old"),
        (["hsb_12_17"], "6-9", "too_young"),
        (["in_conflict"], "u6", "too_young"),
        (["in_conflict", "victim"], "13-15", ""),
        (["hsb_12_17", "hsb_under_12"], "", "both"),
    ],
)
def test_a_child_under_twelve_is_never_one_to_be_prosecuted(statuses: list[str], age: str, problem: str) -> None:
    assert status_problem(statuses, age) == problem


def test_factors_and_places_are_facts_in_tokens_and_words_are_sealed(cast: Any) -> None:
    hand = Hand(cast)
    hand.do(services.set_factors, ["institution", "far_from_services"])
    assert len(tokens(hand.case, "vulnerability")) == 2
    hand.do(services.set_place, "suspect", {"province": "91", "words": "dekat pelabuhan"})
    hand.case.refresh_from_db()
    assert hand.case.authority == "national"
    assert tokens(hand.case, "suspect_province") == {fact_token("suspect_province", "91")}
    hand.do(services.set_place, "suspect", {"country": "PH"})
    hand.case.refresh_from_db()
    assert hand.case.authority == "other_country"
    assert tokens(hand.case, "suspect_province") == set()
    hand.do(services.set_place, "suspect", {})
    hand.case.refresh_from_db()
    assert hand.case.authority == "district"
    for wrong in ({"province": "31", "regency": "91.71"}, {"country": "PH", "province": "31"}, {"country": "Filipina"}):
        with pytest.raises(BadInput):
            hand.do(services.set_place, "event", wrong)


def test_an_implicated_guardian_is_lifted_by_a_supervisor_alone_and_never_taken_off(cast: Any) -> None:
    hand = Hand(cast)
    person = hand.do(services.add_person, "guardian", {"name": "Wali"}, standing="implicated")
    change = {"words": {"name": "Wali"}, "role": "guardian", "standing": "safe"}
    with pytest.raises(BadInput):
        services.change_person(hand.actor, hand.keyring, person.pk, **change)
    with pytest.raises(BadInput):
        services.change_person(hand.actor, hand.keyring, person.pk, words={"name": "Wali"}, role="relative")
    with pytest.raises(BadInput):
        services.remove_person(hand.actor, hand.keyring, person.pk)
    supervisor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    changed = services.change_person(supervisor, keyring, person.pk, version=1, **change)
    assert (changed.standing, changed.version) == ("safe", 2)
    with pytest.raises(Conflict):
        services.change_person(supervisor, keyring, person.pk, version=1, **change)
    services.remove_person(hand.actor, hand.keyring, person.pk)
    assert Person.objects.get(pk=person.pk).removed_at


def test_the_blind_index_follows_the_alleged_offenders_and_never_names_a_child(cast: Any) -> None:
    hand = Hand(cast, report=send(path="child", words="cerita"))
    assert not BlindEntry.objects.filter(record=hand.case.record_id).exists()
    words = {"name": "X", "identifiers": [{"kind": "phone", "text": "0812 3456 7890"}], "accounts": "@akun_lain"}
    person = hand.do(services.add_person, "alleged_offender", words)
    assert set(blind.tokens_of(hand.case.record_id).values()) == {"phone", "handle"}
    services.change_person(hand.actor, hand.keyring, person.pk, words=words, role="alleged_offender", also_child=True)
    assert blind.tokens_of(hand.case.record_id) == {}
    hand.do(services.add_person, "trusted", words)
    assert blind.tokens_of(hand.case.record_id) == {}
    with pytest.raises(BadInput):
        hand.do(services.add_person, "alleged_offender", {"identifiers": [{"kind": "face", "text": "x"}]})


def test_an_incident_is_changed_added_and_the_last_one_stays(cast: Any) -> None:
    hand = Hand(cast)
    (first,) = CaseIncident.objects.filter(case=hand.case)
    hand.do(
        services.change_incident, first.incident_id, {"forms": ["grooming"], "happened_on": "2026-03-20"}, version=1
    )
    more = hand.do(services.add_incident, {"forms": ["sextortion"]})
    assert tokens(hand.case, "form") == {fact_token("form", "grooming"), fact_token("form", "sextortion")}
    hand.do(services.remove_incident, more.incident_id)
    assert tokens(hand.case, "form") == {fact_token("form", "grooming")}
    assert not Incident.objects.filter(pk=more.incident_id).exists()
    with pytest.raises(BadInput):
        hand.do(services.remove_incident, first.incident_id)
    with pytest.raises(NotFound):
        hand.do(services.change_incident, more.incident_id, {})


def test_cases_that_share_a_worker_are_not_joined_by_an_incident(cast: Any) -> None:
    one, two = Hand(cast, "supervisor"), Hand(cast, "supervisor")
    incident = one.case.incidents.get().incident_id
    with pytest.raises(SharedWorker):
        services.share_incident(one.actor, one.case.pk, incident, two.case.pk)
    services.assign(one.actor, two.case.pk, cast.case_worker.pk)
    services.share_incident(one.actor, one.case.pk, incident, two.case.pk)
    assert CaseIncident.objects.filter(incident=incident).count() == 2
    with pytest.raises(NotAllowed):
        services.share_incident(one.actor, one.case.pk, incident, two.case.pk)


def test_nothing_is_written_into_a_closed_case_but_a_note(cast: Any) -> None:
    hand = Hand(cast)
    Case.objects.filter(pk=hand.case.pk).update(state=State.CLOSED)
    for service, args in (
        (services.change_child, ({"sex": "male"},)),
        (services.add_person, ("relative", {})),
        (services.add_incident, ({},)),
        (services.set_place, ("home", {})),
    ):
        with pytest.raises(CaseClosed):
            hand.do(service, *args)
    hand.do(services.add_note, "Kabar baik.")


def test_no_word_of_a_child_gets_into_the_audit(cast: Any) -> None:
    hand = Hand(cast)
    hand.do(services.change_child, {"name": "NAMA RAHASIA", "school": "SEKOLAH RAHASIA"})
    hand.do(services.add_person, "trusted", {"name": "NAMA RAHASIA"})
    hand.do(services.add_note, "CATATAN RAHASIA")
    assert not Event.objects.filter(data__contains="RAHASIA").exists()
    kinds = list(Event.objects.filter(subject=hand.case.pk.hex).order_by("seq").values_list("kind", flat=True))
    assert kinds[-4:] == ["case.made", "case.child_changed", "case.person_added", "case.noted"]
