"""Best-interests decisions: written, signed by two, void when changed, over at their review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.casework.errors import NoConsent, NotYet
from lindung.casework.models import CaseTask, TaskKind
from lindung.casework.models_rights import Decision, DecisionState
from lindung.casework.services import consents, decisions
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault import services as vault

from .rights import WORDS, Worker, decided, pair

pytestmark = pytest.mark.django_db


def test_two_people_sign_and_it_holds_until_its_review(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.drafts("consent_overridden", scope="health")
    with pytest.raises(NoConsent):
        worker.basis()
    row = worker.signs(row)
    assert row.state == DecisionState.DRAFT
    with pytest.raises(NoConsent):
        worker.basis()
    row = second.signs(row)
    assert row.state == DecisionState.SIGNED
    assert {row.first_signed_by_id, row.second_signed_by_id} == {worker.user.pk, second.user.pk}
    found = worker.basis()
    assert (found.decision_id, found.ground) == (row.pk, "best_interests")
    task = CaseTask.objects.get(kind=TaskKind.DECISION)
    assert (task.subject, task.due_at.date()) == (row.pk, row.review_on)
    with clock.frozen(clock.now() + timedelta(days=10)):
        assert worker.basis()
    with clock.frozen(clock.now() + timedelta(days=11)), pytest.raises(NoConsent):
        worker.basis()


def test_nobody_signs_twice(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.signs(worker.drafts())
    with pytest.raises(BadInput, match="bad_input"):
        worker.signs(row)
    second.signs(row)
    with pytest.raises(Conflict):
        second.signs(row)
    assert Event.objects.filter(kind="case.decision_signed").count() == 2


def test_a_change_takes_the_first_signature_away_and_the_second_signs_what_the_first_read(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.signs(worker.drafts())
    read = {"version": row.version, "sealed_version": row.sealed_version}
    changed = decisions.change(
        worker.actor,
        worker.keyring,
        worker.case.pk,
        row.pk,
        worker.entry(words=WORDS | {"reasons": "Lain."}),
        row.version,
    )
    assert changed.first_signed_by is None
    assert changed.sealed_version == 2
    with pytest.raises(Conflict):
        second.signs(row, **read)
    second.signs(changed)
    assert Decision.objects.get().state == DecisionState.DRAFT
    assert worker.signs(changed).state == DecisionState.SIGNED
    first = vault.get(record_id=worker.case.record_id, keys=worker.keys, field=row.field, version=1)
    assert WORDS["reasons"].encode() in first


@pytest.mark.parametrize("change", [{"choice": "not_now"}, {"scope": "legal"}, {"days": 5}])
def test_a_changed_code_or_day_voids_the_signature_too(cast: Any, change: dict[str, Any]) -> None:
    worker, _ = pair(cast)
    days = change.pop("days", 10)
    row = worker.signs(worker.drafts())
    entry = worker.entry(review_on=worker.today + timedelta(days=days), **change)
    row = decisions.change(worker.actor, worker.keyring, worker.case.pk, row.pk, entry, row.version)
    assert (row.first_signed_by, row.first_signed_at, row.sealed_version) == (None, None, 2)


def test_two_who_write_at_once_do_not_write_over_each_other(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.drafts()
    decisions.change(second.actor, second.keyring, worker.case.pk, row.pk, second.entry(choice="not_now"), row.version)
    with pytest.raises(Conflict):
        decisions.change(worker.actor, worker.keyring, worker.case.pk, row.pk, worker.entry(), row.version)
    assert Decision.objects.get().choice == "not_now"


@pytest.mark.parametrize(
    ("lacking", "codes"),
    [({"child_view": ""}, ("child_view",)), ({"left_out": "", "left_out_why": ""}, ("left_out",)),
     ({"left_out_why": " "}, ("left_out_why",)), ({"options": "", "reasons": ""}, ("options", "reasons"))],
)  # fmt: skip
def test_nobody_signs_half_a_decision(cast: Any, lacking: dict[str, str], codes: tuple[str, ...]) -> None:
    worker, _ = pair(cast)
    row = worker.drafts(words=WORDS | lacking)
    with pytest.raises(NotYet) as unfinished:
        worker.signs(row)
    assert unfinished.value.obstacles == codes
    undecided = worker.drafts(choice="")
    with pytest.raises(NotYet) as unfinished:
        worker.signs(undecided)
    assert unfinished.value.obstacles == ("choice",)


def test_a_decision_whose_codes_were_changed_behind_our_back_allows_nothing(cast: Any) -> None:
    worker, second = pair(cast)
    row = decided(worker, second, "consent_overridden", scope="health")
    Decision.objects.filter(pk=row.pk).update(scope="shelter")
    for scope in ("health", "shelter"):
        with pytest.raises(NoConsent):
            worker.basis(scope)
    draft = worker.drafts("consent_overridden", scope="health")
    Decision.objects.filter(pk=draft.pk).update(scope="shelter")
    with pytest.raises(Conflict):
        worker.signs(draft)


def test_a_new_decision_takes_the_place_of_the_old_one_when_it_is_signed(cast: Any) -> None:
    worker, second = pair(cast)
    old = decided(worker, second, "consent_overridden", scope="health")
    new = worker.drafts("consent_overridden", scope="health", choice="not_now", replaces=old.pk)
    assert worker.basis().decision_id == old.pk
    worker.signs(new)
    second.signs(new)
    assert Decision.objects.get(pk=old.pk).state == DecisionState.REPLACED
    with pytest.raises(NoConsent):
        worker.basis()
    assert list(CaseTask.objects.filter(done_at=None, kind=TaskKind.DECISION).values_list("subject", flat=True)) == [
        new.pk
    ]
    with pytest.raises(NotFound):
        worker.drafts(replaces=old.pk)


def test_a_draft_is_put_aside_and_a_signed_one_is_not(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.drafts()
    assert decisions.drop(worker.actor, worker.case.pk, row.pk, row.version).state == DecisionState.DROPPED
    with pytest.raises(Conflict):
        worker.signs(row)
    signed = decided(worker, second)
    with pytest.raises(Conflict):
        decisions.drop(worker.actor, worker.case.pk, signed.pk, signed.version)


def test_what_must_be_decided_before_a_step(cast: Any) -> None:
    worker, second = pair(cast)
    case = worker.case
    assert decisions.required(case, scope="legal") == ()
    assert decisions.required(case, scope="legal", leaves_home=True) == ("leaves_home",)
    assert decisions.required(case, scope="shelter") == ("leaves_home",)
    worker.guardian("implicated")
    worker.says("child", "shelter", answer="refused")
    asked = {"scope": "shelter", "leaves_home": True, "breaks_confidence": True, "overrides": True}
    assert decisions.required(case, **asked) == (
        "guardian_left_out", "consent_overridden", "child_disagrees", "confidence_broken", "leaves_home",
    )  # fmt: skip
    with pytest.raises(NotYet) as needed:
        decisions.need(case, scope="shelter")
    assert needed.value.obstacles == (
        "decision_guardian_left_out", "decision_child_disagrees", "decision_leaves_home",
    )  # fmt: skip
    for question in ("guardian_left_out", "consent_overridden", "confidence_broken", "leaves_home"):
        decided(worker, second, question)
        decisions.need_decision(case, question)
    decided(worker, second, "child_disagrees", scope="shelter")
    decisions.need(case, **asked)
    assert decisions.required(case, scope="legal", leaves_home=True) == ()
    worker.says("child", "shelter", answer="refused")
    assert decisions.required(case, **asked) == ("child_disagrees",)
    with pytest.raises(NotYet):
        decisions.need_decision(case, "returns_home")


def test_a_no_of_the_child_is_answered_only_by_a_decision_that_came_after_it(cast: Any) -> None:
    worker, second = pair(cast)
    worker.guardian()
    decided(worker, second, "child_disagrees", scope="health")
    assert worker.basis().decision_id
    worker.says("child", answer="refused")
    with pytest.raises(NoConsent) as none:
        worker.basis()
    assert none.value.reasons == ("child_no", "guardian_yes")
    decided(worker, second, "child_disagrees", scope="health")
    assert worker.basis().decision_id


@pytest.mark.parametrize(
    ("values", "field"),
    [({"question": "anything"}, "question"), ({"choice": "perhaps"}, "choice"), ({"scope": "all"}, "scope"),
     ({"question": "returns_home", "scope": "health"}, "scope"), ({"days": 0}, "review_on"),
     ({"days": 31}, "review_on"), ({"words": {"question": ""}}, "question"), ({"words": {"else": "x"}}, "else")],
)  # fmt: skip
def test_what_is_wrong_is_named(cast: Any, values: dict[str, Any], field: str) -> None:
    worker, _ = pair(cast)
    days = values.pop("days", 10)
    with pytest.raises(BadInput) as wrong:
        worker.drafts(review_on=worker.today + timedelta(days=days), **values)
    assert wrong.value.field == field


def test_who_does_not_work_on_the_case_writes_and_signs_nothing(cast: Any) -> None:
    worker, _ = pair(cast)
    row = worker.drafts()
    for user in (cast.analyst, cast.other_analyst, cast.partner):
        stranger = Worker(cast, user, worker.case)
        with pytest.raises((NotFound, NotAllowed)):
            stranger.drafts()
        with pytest.raises((NotFound, NotAllowed)):
            stranger.signs(row)
    assert Worker(cast, cast.supervisor, worker.case).signs(row).first_signed_by_id == cast.supervisor.pk


def test_the_list_of_findings_says_for_every_purpose_what_is_missing(cast: Any) -> None:
    worker, second = pair(cast)
    decided(worker, second, "consent_overridden", scope="health")
    found = consents.findings(worker.case, worker.keys)
    assert found["health"].basis
    assert all(finding.missing for scope, finding in found.items() if scope != "health")
