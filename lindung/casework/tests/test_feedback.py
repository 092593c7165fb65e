"""What a child says about us reaches somebody who does not work with it, and nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.casework import moves, rules_closing, services
from lindung.casework.models import Case
from lindung.casework.models_closing import Feedback
from lindung.casework.services import feedback
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.ids import new_id
from lindung.reporting.errors import StoppedMeanwhile
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox
from lindung.vault.models import SealedField

from .cases import give_to, make_case, send_with_receipt
from .desks import Desk

pytestmark = pytest.mark.django_db

SAID = {"kind": "complaint", "mood": "2", "text": "Kakak sering terlambat.", "token": "form-1"}


def test_it_goes_to_a_supervisor_who_does_not_work_with_the_child(cast: Any) -> None:
    report, code = send_with_receipt()
    case = make_case(cast, report=report)
    assert feedback.can_say(report.pk)
    assert not feedback.told(report.pk).said
    row = feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)
    assert (row.team_id, row.for_user_id, row.mood) == (cast.intake.pk, cast.supervisor.pk, 2)
    worker, supervisor = Desk(cast, cast.case_worker), Desk(cast, cast.supervisor)
    with pytest.raises(NotFound):
        feedback.open_feedback(*worker.hands, row.pk)
    opened = feedback.open_feedback(*supervisor.hands, row.pk)
    assert opened.words == SAID["text"]
    assert SAID["text"] not in repr(opened)
    names = set(SealedField.objects.filter(record=case.record_id).values_list("field", flat=True))
    assert not any(name.startswith("feedback") for name in names), "no page of the case opens it"


def test_where_every_supervisor_works_with_the_child_it_goes_to_the_independent_team(cast: Any) -> None:
    report, code = send_with_receipt()
    case = make_case(cast, report=report)
    give_to(case, cast.supervisor)
    row = feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)
    assert row.team_id == cast.independent.pk
    with pytest.raises(NotFound):
        feedback.open_feedback(*Desk(cast, cast.supervisor).hands, row.pk)
    independent = Desk(cast, cast.independent_analyst)
    assert feedback.open_feedback(*independent.hands, row.pk).words == SAID["text"]
    feedback.answer(*independent.hands, row.pk, words="Dibicarakan dengan penyelia.")
    assert feedback.told(report.pk) == feedback.Told(said=True, read=True)
    with pytest.raises(Conflict):
        feedback.answer(*independent.hands, row.pk, words="Lagi.")


def test_a_supervisor_who_begins_to_work_with_the_child_reads_it_no_more(cast: Any) -> None:
    report, code = send_with_receipt()
    case = make_case(cast, report=report)
    row = feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)
    give_to(case, cast.supervisor)
    with pytest.raises(NotFound):
        feedback.open_feedback(*Desk(cast, cast.supervisor).hands, row.pk)


def test_one_word_or_one_mood_is_enough_nothing_is_not_and_twice_is_once(cast: Any) -> None:
    report, code = send_with_receipt()
    make_case(cast, report=report)
    visit = mailbox.enter(code, "203.0.113.9")
    with pytest.raises(BadInput):
        feedback.from_mailbox(visit, kind="feedback", mood="", text=" ", token="a")
    with pytest.raises(BadInput):
        feedback.from_mailbox(visit, kind="feedback", mood="5", text="", token="a")
    first = feedback.from_mailbox(visit, kind="feedback", mood="4", text="", token="a")
    assert feedback.from_mailbox(visit, kind="feedback", mood="4", text="", token="a") == first
    assert Feedback.objects.count() == 1
    event = Event.objects.filter(kind="case.feedback_received").get()
    assert event.actor == ""
    assert event.at.second == 0


def test_a_box_without_a_case_offers_nothing(cast: Any) -> None:
    report, code = send_with_receipt()
    assert not feedback.can_say(report.pk)
    with pytest.raises(NotFound):
        feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)


def test_the_box_of_a_child_who_is_missing_offers_nothing(cast: Any) -> None:
    report, _code = send_with_receipt()
    case = make_case(cast, report=report)
    services.record_event(*Desk(cast, cast.case_worker).hands, case.pk, "missing", date(2026, 1, 2))
    assert not feedback.can_say(report.pk)


def test_while_a_wish_to_stop_locks_the_box_nothing_is_taken(cast: Any) -> None:
    report, code = send_with_receipt()
    make_case(cast, report=report)
    visit = mailbox.enter(code, "203.0.113.9")
    Report.objects.filter(pk=report.pk).update(state="withdrawn")
    with pytest.raises(StoppedMeanwhile):
        feedback.from_mailbox(visit, **SAID)
    assert not Feedback.objects.exists()


def test_a_colleague_passes_on_what_a_child_said_and_does_not_read_it_again(cast: Any) -> None:
    case = make_case(cast)
    worker = Desk(cast, cast.case_worker)
    row = feedback.from_colleague(worker.actor, case.pk, kind="feedback", mood="", text="Senang ditemani.")
    with pytest.raises(NotFound):
        feedback.open_feedback(*worker.hands, row.pk)


def test_it_goes_with_its_case(cast: Any) -> None:
    report, code = send_with_receipt()
    case = make_case(cast, report=report)
    row = feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)
    with transaction.atomic():
        feedback.on_case_erased(Case, case_id=case.pk)
    assert not SealedField.objects.filter(record=row.record_id).exists()


ROLES = ("analyst", "case_worker", "supervisor", "partner")


@given(
    role=some.sampled_from(ROLES),
    here=some.booleans(),
    worked=some.booleans(),
    excluded=some.booleans(),
    kind=some.sampled_from(["intake", "independent"]),
)
@settings(max_examples=64, deadline=None)
def test_the_rule_never_lets_in_who_works_with_the_child(
    role: str, here: bool, worked: bool, excluded: bool, kind: str
) -> None:
    team, other, me = new_id(), new_id(), new_id()
    actor = Actor(me, "x", roles=frozenset({(team if here else other, role)}))
    allowed = rules_closing.may_read_feedback(
        actor,
        team_id=team,
        team_kind=kind,
        workers={me} if worked else set(),
        excluded={team, other} if excluded else set(),
    )
    roles = {"supervisor", "analyst"} if kind == "independent" else {"supervisor"}
    assert allowed == (here and role in roles and not worked and not excluded)


def test_the_list_agrees_with_the_rule(cast: Any) -> None:
    report, code = send_with_receipt()
    case = make_case(cast, report=report)
    row = feedback.from_mailbox(mailbox.enter(code, "203.0.113.9"), **SAID)
    workers = {cast.case_worker.pk}
    for user in cast.everybody().values():
        actor = cast.actor(user)
        allowed = rules_closing.may_read_feedback(
            actor, team_id=row.team_id, team_kind=row.team.kind, workers=workers, excluded=()
        )
        assert moves.feedback_for(actor).filter(pk=row.pk).exists() == allowed, user.username
    assert case.pk == row.case_id
