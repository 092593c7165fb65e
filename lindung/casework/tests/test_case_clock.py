"""What waits too long calls somebody: content-free, once a day at most, in office hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.casework import tasks
from lindung.casework.models import Case, CaseWorker
from lindung.casework.models_closing import Approval, CaseCall
from lindung.casework.services import feedback
from lindung.casework.services.access import settle_free
from lindung.core import clock
from lindung.reporting.tasks import _steps_above
from lindung.reporting.tests.staff import at

from .cases import give_to, make_case
from .desks import Desk
from .test_moving import receiving

pytestmark = pytest.mark.django_db

MONDAY = at("2026-11-23 03:00")
"""10:00 in Jakarta, 12:00 in Jayapura."""


def called(now: Any) -> list[str]:
    """Who is called in one turn, by the name before the @; the letter says nothing."""
    mail.outbox.clear()
    tasks.call(now)
    assert all("Lindung" in letter.subject and len(letter.body) < 200 for letter in mail.outbox)
    return sorted(letter.to[0].partition("@")[0] for letter in mail.outbox)


@pytest.fixture
def case(cast: Any) -> Case:
    with clock.frozen(MONDAY - timedelta(days=3)):
        return make_case(cast)


def due(case: Case, **columns: Any) -> None:
    Case.objects.filter(pk=case.pk).update(**columns)


def test_an_overdue_review_calls_who_works_on_it_once_a_day(case: Case) -> None:
    due(case, review_due_at=MONDAY + timedelta(days=30))
    assert called(MONDAY) == []
    due(case, review_due_at=MONDAY - timedelta(hours=1))
    assert called(MONDAY) == ["case-worker"]
    assert called(MONDAY + timedelta(hours=1)) == []
    assert called(MONDAY + timedelta(hours=24)) == ["case-worker"]
    event = Event.objects.filter(kind="case.called").latest("seq")
    assert event.data == '{"for":"review"}'


def test_a_week_later_its_supervisors_are_called_too(case: Case) -> None:
    due(case, review_due_at=MONDAY - timedelta(days=8))
    assert called(MONDAY) == ["case-worker", "supervisor"]


def test_nobody_is_called_at_night_or_on_a_free_day_about_what_can_wait(case: Case) -> None:
    due(case, review_due_at=MONDAY - timedelta(days=8))
    assert called(at("2026-11-22 03:00")) == []  # Sunday
    assert called(at("2026-11-23 19:00")) == []  # two in the night
    assert called(at("2026-12-25 03:00")) == []  # Christmas


def test_an_offered_case_calls_high_risk_at_once_and_both_teams_when_the_time_is_over(cast: Any, case: Case) -> None:
    receiving(cast)
    due(case, review_due_at=None, risk="high")
    night = at("2026-11-23 19:00")
    with clock.frozen(night):
        Desk(cast, cast.supervisor).offer(Case.objects.get(), cast.other_intake)
    assert called(night) == ["other-analyst"]
    assert called(night + timedelta(hours=33)) == ["other-analyst", "supervisor"]


def test_a_question_that_waits_two_days_calls_everybody_but_who_asked(cast: Any, case: Case) -> None:
    due(case, review_due_at=None)
    give_to(case, cast.analyst)
    Approval.objects.create(
        case=case, subject="mediation", asked_by=cast.case_worker, asked_at=MONDAY - timedelta(days=2, hours=1)
    )
    assert called(MONDAY) == ["analyst", "supervisor"]


def test_unread_feedback_calls_its_reader_and_a_case_without_anybody_the_supervisor(cast: Any, case: Case) -> None:
    due(case, review_due_at=None)
    with clock.frozen(MONDAY - timedelta(days=2)):
        feedback.from_colleague(cast.actor(cast.case_worker), case.pk, kind="feedback", mood="1", text="")
    assert called(MONDAY) == ["supervisor"]
    CaseWorker.objects.update(until=MONDAY)
    settle_free(case.pk)
    assert called(MONDAY + timedelta(minutes=10)) == ["supervisor"]
    assert set(CaseCall.objects.values_list("kind", flat=True)) == {"feedback", "unled"}


def test_a_letter_that_did_not_go_is_tried_again_half_an_hour_later(case: Case, monkeypatch: Any) -> None:
    due(case, review_due_at=MONDAY - timedelta(hours=1))
    monkeypatch.setattr(tasks.alerts, "tell", lambda people: False)
    assert tasks.call(MONDAY) == 0
    monkeypatch.undo()
    assert called(MONDAY + timedelta(minutes=20)) == []
    assert called(MONDAY + timedelta(minutes=31)) == ["case-worker"]


def test_a_leaver_is_called_no_more_and_is_told_of_nothing(cast: Any, case: Case) -> None:
    due(case, review_due_at=MONDAY - timedelta(hours=1))
    accounts.deactivate(actor=Actor.system(), user=cast.case_worker, release=True)
    assert called(MONDAY) == ["supervisor"], "a case without anybody"


def test_the_clock_runs_with_the_others() -> None:
    assert _steps_above["casework"] is tasks.call
