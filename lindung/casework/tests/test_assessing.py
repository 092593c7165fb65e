"""Assessments, safety plans and reviews: a person decides, high risk is served at once, clocks run from the report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lindung.audit.models import Event
from lindung.casework import services
from lindung.casework.models import Case, CaseTask, State, TaskKind
from lindung.casework.models_plan import Assessment
from lindung.casework.services.access import open_keys, unseal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day

from .cases import make_case

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
SAFE = {"danger_now": "no", "selfharm": "no", "guardian_implicated": "no", "safe_place": "yes"}


def who(cast: Any, name: str = "case_worker") -> tuple[Any, Any]:
    user = getattr(cast, name)
    return cast.actor(user), cast.keyring(user)


def entry(risk: str, **more: Any) -> services.AssessmentInput:
    return services.AssessmentInput(answers=more.pop("answers", SAFE), risk=risk, **more)


def task(case: Case, kind: TaskKind) -> CaseTask:
    return CaseTask.objects.get(case=case, kind=kind, done_at=None)


def test_a_person_decides_and_the_case_follows(cast: Any) -> None:
    with clock.frozen(datetime(2026, 3, 14, 9, tzinfo=WIB)):
        case = make_case(cast)
        row = services.assess(*who(cast), case.pk, entry("low", needs="Ingin sekolah lagi."), case.version)
        case.refresh_from_db()
        assert (row.suggested, row.risk, case.risk, case.stage) == ("low", "low", "low", "assessment")
        assert case.review_due_at == datetime(2026, 4, 13, 16, tzinfo=WIB)
        # Low: three working days after Saturday 14 March: Mo 16, Tu 17, and after the long leave We 25.
        assert task(case, TaskKind.FIRST).due_at == datetime(2026, 3, 25, 16, tzinfo=WIB)
        keys = open_keys(case, cast.keyring(cast.case_worker))
        assert unseal(case, keys, row.field)["needs"] == "Ingin sekolah lagi."


def test_high_risk_is_served_at_once_on_idul_fitri_too(cast: Any) -> None:
    with clock.frozen(datetime(2026, 3, 20, 9, tzinfo=WIB)):
        case = make_case(cast)
    now = datetime(2026, 3, 21, 2, tzinfo=WIB)
    with clock.frozen(now):
        answers = SAFE | {"selfharm": "yes"}
        row = services.assess(*who(cast), case.pk, entry("high", answers=answers), case.version)
        assert row.suggested == "high"
        assert task(case, TaskKind.FIRST).due_at == now
        case.refresh_from_db()
        assert case.review_due_at == datetime(2026, 3, 28, 16, tzinfo=WIB)
        keys = open_keys(case, cast.keyring(cast.case_worker))
        assert unseal(case, keys, row.field)["fired"] == ["selfharm"]


def test_medium_risk_is_six_hours_from_the_report_and_a_lower_risk_never_moves_it_back(cast: Any) -> None:
    with clock.frozen(datetime(2026, 3, 20, 22, tzinfo=WIB)):
        case = make_case(cast)
        services.assess(*who(cast), case.pk, entry("medium"), case.version)
        six = datetime(2026, 3, 21, 4, tzinfo=WIB)
        assert task(case, TaskKind.FIRST).due_at == six
        case.refresh_from_db()
        services.assess(*who(cast), case.pk, entry("low"), case.version)
        assert task(case, TaskKind.FIRST).due_at == six
        assert Assessment.objects.filter(case=case).count() == 2


def test_below_the_suggestion_needs_a_rationale_and_unknown_words_are_refused(cast: Any) -> None:
    case = make_case(cast)
    danger = SAFE | {"danger_now": "yes"}
    for answers, risk, rationale, field in (
        (danger, "medium", " ", "rationale"),
        (danger, "none", "x", "risk"),
        ({"nakal": "yes"}, "high", "", "answers"),
        ({"danger_now": "mungkin"}, "high", "", "answers"),
    ):
        with pytest.raises(BadInput) as error:
            services.assess(*who(cast), case.pk, entry(risk, answers=answers, rationale=rationale), case.version)
        assert error.value.field == field
    row = services.assess(
        *who(cast), case.pk, entry("medium", answers=danger, rationale="Sudah di rumah aman."), case.version
    )
    assert (row.suggested, row.risk) == ("high", "medium")


def test_of_two_assessments_from_the_same_page_one_is_kept_and_the_other_told(cast: Any) -> None:
    case = make_case(cast)
    services.assess(*who(cast), case.pk, entry("low"), case.version)
    with pytest.raises(Conflict):
        services.assess(*who(cast, "supervisor"), case.pk, entry("medium"), case.version)
    assert Assessment.objects.get(case=case).risk == "low"


def test_nobody_without_the_case_assesses_it_and_nothing_is_written(cast: Any) -> None:
    case = make_case(cast)
    for name in ("analyst", "other_analyst", "partner", "independent_analyst"):
        before = Event.objects.count()
        with pytest.raises(NotFound):
            services.assess(*who(cast, name), case.pk, entry("low"), case.version)
        assert Event.objects.count() == before


def test_a_closed_case_takes_no_assessment(cast: Any) -> None:
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED)
    with pytest.raises(Conflict):
        services.assess(*who(cast), case.pk, entry("low"), case.version)


def test_a_safety_plan_needs_steps_and_its_review_makes_one_task(cast: Any) -> None:
    case = make_case(cast)
    today = local_day(clock.now(), case.tz)
    with pytest.raises(BadInput):
        services.write_safety_plan(*who(cast), case.pk, _safety("", today), case.version)
    for day in (today - timedelta(days=1), today + timedelta(days=400)):
        with pytest.raises(BadInput):
            services.write_safety_plan(*who(cast), case.pk, _safety("Ke rumah tetangga.", day), case.version)
    first = services.write_safety_plan(*who(cast), case.pk, _safety("Ke rumah tetangga.", today), case.version)
    case.refresh_from_db()
    day = today + timedelta(days=14)
    second = services.write_safety_plan(*who(cast), case.pk, _safety("Ke rumah bibi.", day), case.version)
    open_task = task(case, TaskKind.SAFETY)
    assert open_task.subject == second.pk
    assert local_day(open_task.due_at, case.tz) == day
    keys = open_keys(case, cast.keyring(cast.case_worker))
    assert unseal(case, keys, first.field)["steps"] == "Ke rumah tetangga."
    assert unseal(case, keys, second.field)["steps"] == "Ke rumah bibi."


def _safety(steps: str, day: date) -> services.SafetyInput:
    return services.SafetyInput(words={"steps": steps}, with_child=True, review_on=day)


def test_a_review_moves_the_date_by_the_risk_and_says_when_it_was_late(cast: Any) -> None:
    with clock.frozen(datetime(2026, 3, 2, 9, tzinfo=WIB)):
        case = make_case(cast)
        services.assess(*who(cast), case.pk, entry("high"), case.version)
    case.refresh_from_db()
    assert case.review_due_at == datetime(2026, 3, 9, 16, tzinfo=WIB)
    with clock.frozen(datetime(2026, 3, 10, 9, tzinfo=WIB)):
        row = services.review(*who(cast), case.pk, "Anak merasa lebih aman.", case.version)
        case.refresh_from_db()
        assert row.due_at == datetime(2026, 3, 9, 16, tzinfo=WIB)
        assert case.review_due_at == datetime(2026, 3, 17, 16, tzinfo=WIB)
        assert '"late":true' in Event.objects.latest("seq").data.replace(" ", "")
        with pytest.raises(BadInput):
            services.review(*who(cast), case.pk, "Lagi.", case.version, next_on=date(2026, 3, 18))
        services.review(*who(cast), case.pk, "Lagi.", case.version, next_on=date(2026, 3, 12))
        case.refresh_from_db()
        assert case.review_due_at == datetime(2026, 3, 12, 16, tzinfo=WIB)
