"""Recording a yes or no, taking it back, and the basis that other services ask for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.casework import signals
from lindung.casework.errors import Barred, NoConsent
from lindung.casework.models_rights import Consent
from lindung.casework.services import consents, people
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault import services as vault

from .cases import TOLD, send
from .rights import Worker, decided, pair

pytestmark = pytest.mark.django_db


def test_the_child_and_a_safe_guardian_say_yes_and_it_is_a_basis(cast: Any) -> None:
    worker, _ = pair(cast)
    mother = worker.guardian()
    with pytest.raises(NoConsent) as none:
        worker.basis()
    assert none.value.reasons == ("child_yes", "guardian_yes")
    assert "Anak belum ditanya" in str(none.value.message)
    [child] = worker.says("child", words={"how": "Bicara berdua.", "words": "Aku mau."})
    [guardian] = worker.says("guardian", person_id=mother.pk)
    found = worker.basis()
    assert found.consent_ids == (guardian.pk, child.pk)
    assert found.consent_id == guardian.pk
    assert found.ground == "uu_27_2022_25_2"
    with pytest.raises(NoConsent):
        worker.basis("shelter")


def test_one_answer_may_be_for_several_purposes_and_its_words_are_sealed(cast: Any) -> None:
    worker, _ = pair(cast)
    rows = worker.says("child", "health", "legal", "health", words={"words": "Mau, asal ditemani."})
    assert [row.scope for row in rows] == ["health", "legal"]
    assert b"ditemani" in vault.get(record_id=worker.case.record_id, keys=worker.keys, field=rows[0].field)
    assert Event.objects.filter(kind="case.consent_recorded").count() == 1


def test_a_guardian_who_is_implicated_barred_or_not_judged_is_never_asked(cast: Any) -> None:
    worker, _ = pair(cast)
    implicated, unknown, safe = (worker.guardian(standing) for standing in ("implicated", "unknown", "safe"))
    worker.bars("person", "Bibi", person_id=safe.pk)
    for person in (implicated, safe):
        with pytest.raises(Barred):
            worker.says("guardian", person_id=person.pk)
    with pytest.raises(BadInput, match="bad_input"):
        worker.says("guardian", person_id=unknown.pk)
    with pytest.raises(BadInput):
        worker.says("guardian", person_id=worker.person("relative", name="Paman").pk)
    with pytest.raises(BadInput):
        worker.says("guardian")
    assert not Consent.objects.exists()


def test_a_yes_ends_when_its_guardian_turns_out_to_be_implicated(cast: Any) -> None:
    worker, second = pair(cast)
    father = worker.guardian()
    worker.says("child")
    worker.says("guardian", person_id=father.pk)
    assert worker.basis()
    people.change_person(worker.actor, worker.keyring, father.pk, words={}, role="guardian", standing="implicated")
    with pytest.raises(NoConsent) as none:
        worker.basis()
    assert none.value.reasons == ("official_yes", "decision_guardian_left_out")
    worker.says("official")
    decided(worker, second)
    assert worker.basis().ground == "best_interests"


def test_a_yes_that_is_taken_back_ends_and_other_rooms_hear_of_it(cast: Any) -> None:
    worker, _ = pair(cast)
    mother = worker.guardian()
    [child] = worker.says("child")
    worker.says("guardian", person_id=mother.pk)
    heard: list[dict[str, Any]] = []

    def listen(**news: Any) -> None:
        heard.append(news)

    signals.consent_withdrawn.connect(listen)
    try:
        consents.withdraw(worker.actor, worker.keyring, worker.case.pk, child.pk, "Aku berubah pikiran.")
        with pytest.raises(Conflict):
            consents.withdraw(worker.actor, worker.keyring, worker.case.pk, child.pk)
        worker.says("child", "legal", answer="refused")
    finally:
        signals.consent_withdrawn.disconnect(listen)
    assert [(news["scope"], news["giver"]) for news in heard] == [("health", "child"), ("legal", "child")]
    assert {news["case_id"] for news in heard} == {worker.case.pk}
    with pytest.raises(NoConsent) as none:
        worker.basis()
    assert none.value.reasons == ("child_no",)
    worker.says("child")
    assert worker.basis()


def test_the_date_of_birth_outranks_the_band_and_the_child_grows_while_the_case_runs() -> None:
    def band(day: str, **child: Any) -> str:
        return consents.facts_from(child, {}, date.fromisoformat(day)).band

    assert band("2026-11-22", age_band="6-9", born_on="2010-11-23") == "13-15"
    assert band("2026-11-23", born_on="2010-11-23") == "16-17"
    assert band("2028-11-23", born_on="2010-11-23") == "18plus"
    assert band("2026-11-23", age_band="10-12") == "10-12"
    assert band("2026-11-23") == "unknown"


def test_whether_a_child_understands_is_judged_with_a_reason_and_nobody_writes_over_it(cast: Any) -> None:
    worker, second = pair(cast, report=send(**TOLD | {"age_band": "16-17"}))
    worker.guardian("implicated")
    decided(worker, second)
    worker.says("child")
    with pytest.raises(NoConsent):
        worker.basis()
    judge = (worker.actor, worker.keyring, worker.case.pk)
    with pytest.raises(BadInput):
        consents.judge_maturity(*judge, "yes", " ", 0)
    consents.judge_maturity(*judge, "yes", "Menjelaskan sendiri akibatnya.", 0)
    assert worker.basis().ground == "best_interests"
    with pytest.raises(Conflict):
        consents.judge_maturity(*judge, "not_yet", "Terlambat.", 0)
    consents.judge_maturity(*judge, "not_yet", "Ditanya lagi, belum paham.", 1)
    with pytest.raises(NoConsent):
        worker.basis()


def test_an_installation_may_follow_the_strict_reading(cast: Any, settings: Any) -> None:
    worker, second = pair(cast, report=send(**TOLD | {"age_band": "16-17"}))
    worker.guardian("implicated")
    decided(worker, second)
    worker.says("child")
    consents.judge_maturity(worker.actor, worker.keyring, worker.case.pk, "yes", "Paham.", 0)
    assert worker.basis()
    settings.LINDUNG_CONSENT_READING = "strict"
    with pytest.raises(NoConsent) as none:
        worker.basis()
    assert none.value.reasons == ("official_yes",)
    settings.LINDUNG_CONSENT_READING = "nothing of the kind"
    assert worker.basis()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"giver": "somebody"}, "giver"), ({"answer": "maybe"}, "answer"), ({"scopes": ()}, "scopes"),
     ({"scopes": ("everything",)}, "scopes"), ({"days": 1}, "asked_on"), ({"words": {"secret": "x"}}, "secret"),
     ({"giver": "official", "words": {}}, "official"), ({"words": {"how": "data:image/png;base64,AAAA"}}, "how")],
)  # fmt: skip
def test_what_is_wrong_is_named(cast: Any, values: dict[str, Any], field: str) -> None:
    worker, _ = pair(cast)
    days = values.pop("days", 0)
    given = {
        "giver": "child", "answer": "given", "scopes": ("health",), "asked_on": worker.today + timedelta(days=days),
        **values,
    }  # fmt: skip
    with pytest.raises(BadInput) as wrong:
        consents.record(worker.actor, worker.keyring, worker.case.pk, consents.ConsentInput(**given))
    assert wrong.value.field == field


def test_who_does_not_work_on_the_case_records_and_withdraws_nothing(cast: Any) -> None:
    worker, _ = pair(cast)
    [row] = worker.says("child")
    for user in (cast.analyst, cast.other_analyst, cast.independent_analyst, cast.partner):
        stranger = Worker(cast, user, worker.case)
        with pytest.raises((NotFound, NotAllowed)):
            stranger.says("child")
        with pytest.raises((NotFound, NotAllowed)):
            consents.withdraw(stranger.actor, stranger.keyring, worker.case.pk, row.pk)
    assert Consent.objects.filter(withdrawn_at=None).count() == 1
