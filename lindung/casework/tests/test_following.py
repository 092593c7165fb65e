"""What becomes of a report becomes of its case: exclusions, conflicts, wishes to stop, merging, and what is erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from lindung.audit.models import Event
from lindung.casework import following, retention, selectors, services, told
from lindung.casework.models import (
    Case,
    CaseExclusion,
    CaseIncident,
    CaseReport,
    CaseWorker,
    Incident,
    Person,
    PersonRole,
    Standing,
    State,
)
from lindung.casework.models_closing import FollowUp
from lindung.casework.models_rights import Barred, Consent
from lindung.casework.retention import Kept, keep_reason
from lindung.core import clock
from lindung.core.errors import NotAllowed, NotFound
from lindung.reporting import keepers
from lindung.reporting import retention as report_retention
from lindung.reporting import services as reporting
from lindung.reporting.models import NextStep, Report, Withdrawal
from lindung.reporting.models import State as ReportState
from lindung.reporting.services import mailbox, transferring, withdrawal
from lindung.reporting.services.deciding import OnHold, decide_withdrawal
from lindung.reporting.services.transferring import GoesWithCase
from lindung.vault import services as vault
from lindung.vault.models import SealedRecord

from .cases import TOLD, make_case, send, send_with_receipt

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cleaning the disk runs outside transactions; a test is one. What it does is tested in the vault."""
    found: list[int] = []
    monkeypatch.setattr(vault, "after_shred", lambda: found.append(1))
    return found


def closed(case: Case, days: float = 0) -> Case:
    """Close a case and its reports, so many days ago, past all rules."""
    at = clock.now() - timedelta(days=days)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=at, outcome="done")
    Report.objects.filter(case_reports__case=case).update(state=ReportState.CLOSED, closed_at=at, outcome=NextStep.CASE)
    case.refresh_from_db()
    return case


# --- exclusions and conflicts -----------------------------------------------------------------------------------------


def test_a_team_that_a_report_names_later_learns_nothing_of_the_case_either(cast: Any) -> None:
    report = send()
    case = make_case(cast, cast.supervisor, report=report)
    actor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    reporting.mark_conflict(actor, keyring, report.pk, cast.other_intake.pk)
    assert CaseExclusion.objects.get(case=case).team == cast.other_intake
    assert CaseWorker.objects.filter(case=case, until=None).exists()


def test_a_conflict_takes_the_case_and_all_its_reports_away_from_the_team(cast: Any) -> None:
    one, two = send(), send(**TOLD)
    actor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    case = services.open_from_reports(actor, keyring, [one.pk, two.pk])
    reporting.mark_conflict(actor, keyring, one.pk, cast.intake.pk)
    case.refresh_from_db()
    assert case.team == cast.independent
    assert set(Report.objects.values_list("team_id", flat=True)) == {cast.independent.pk}
    assert not CaseWorker.objects.filter(case=case, until=None).exists()
    assert CaseExclusion.objects.filter(case=case, team=cast.intake).exists()
    with pytest.raises(NotFound):
        services.open_case(actor, keyring, case.pk)
    with pytest.raises(NotAllowed):
        vault.open_with_team(record_id=case.record_id, keyring=keyring)
    theirs = cast.independent_analyst
    opened = services.open_case(cast.actor(theirs), cast.keyring(theirs), case.pk)
    assert opened.child["sex"] == "female"
    assert Event.objects.filter(kind="case.conflict_moved", subject=case.pk.hex).count() == 1


def test_a_report_is_not_handed_over_without_its_case(cast: Any) -> None:
    report = send()
    make_case(cast, cast.supervisor, report=report)
    actor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    with pytest.raises(GoesWithCase):
        transferring.offer(actor, keyring, report.pk, cast.other_intake.pk, "place", "x")


def test_a_report_that_is_merged_into_one_of_a_case_is_kept_with_it(cast: Any) -> None:
    from lindung.series import services as series

    lead, later = send(), send(**TOLD)
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    case = services.open_from_reports(actor, keyring, [lead.pk])
    assert keepers.standing(later.pk) == ""
    series.merge(actor, later.pk, lead.pk)
    assert keepers.standing(later.pk) == keepers.NEEDED
    services.add_report(actor, keyring, case.pk, later.pk)
    assert CaseReport.objects.filter(case=case).count() == 2


# --- wishes to stop ---------------------------------------------------------------------------------------------------


def test_a_wish_to_stop_with_a_case_goes_to_a_supervisor(cast: Any, cleaned: list[int]) -> None:
    report, code = send_with_receipt(path="child", words="cerita")
    case = make_case(cast, cast.supervisor, report=report)
    visit = mailbox.enter(code, "203.0.113.9")
    result = withdrawal.ask(visit)
    assert (result.state, result.reason) == ("supervisor", "open_case")
    actor, keyring = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    services.put_on_hold(actor, case.pk, "court")
    with pytest.raises(OnHold):
        decide_withdrawal(actor, report.pk, "allow")
    Case.objects.filter(pk=case.pk).update(legal_hold=False)
    decide_withdrawal(actor, report.pk, "allow")
    case.refresh_from_db()
    assert case.review_due_at is not None
    assert case.review_due_at <= clock.now()
    shred_at = Withdrawal.objects.get().shred_at
    assert shred_at is not None
    with clock.frozen(shred_at + timedelta(minutes=1)):
        assert report_retention.run_withdrawals() == 1
    assert not Report.objects.exists()
    opened = services.open_case(actor, keyring, case.pk)
    assert opened.reports == {}
    assert opened.incidents[0].report_id is None
    assert opened.child["statuses"] == ["victim"]


# --- erasing ----------------------------------------------------------------------------------------------------------


def test_a_report_of_a_case_outlives_its_own_period(cast: Any, cleaned: list[int]) -> None:
    report = send()
    case = closed(make_case(cast, report=report), days=200)
    Report.objects.filter(pk=report.pk).update(outcome="advice")
    assert report_retention.run() == 0
    CaseReport.objects.filter(case=case).delete()
    assert report_retention.run() == 1


def test_an_erased_case_leaves_no_row_no_key_and_takes_its_reports_along(cast: Any, cleaned: list[int]) -> None:
    report = send(**TOLD, must_not_know="Orang di rumah")
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    case = make_case(cast, report=report)
    guardian = services.add_person(actor, keyring, case.pk, PersonRole.GUARDIAN, {"name": "Wali"})
    Consent.objects.create(
        case=case, giver="guardian", person=guardian, scope="psychosocial", answer="given", asked_on=clock.now().date(),
        recorded_at=clock.now(), recorded_by=cast.case_worker,
    )  # fmt: skip
    Barred.objects.create(case=case, kind="person", person=guardian, added_at=clock.now(), added_by=cast.case_worker)
    closed(case, days=settings.LINDUNG_CASE_RETENTION_DAYS - 1)
    assert retention.run() == 0
    heard: list[Any] = []
    from lindung.casework import signals

    def hear(sender: Any, *, case_id: Any, **_: Any) -> None:
        heard.append((case_id, Case.objects.filter(pk=case_id).exists()))

    signals.case_erased.connect(hear)
    try:
        with clock.frozen(clock.now() + timedelta(days=2)):
            assert retention.run() == 1
            assert retention.run() == 0
    finally:
        signals.case_erased.disconnect(hear)
    assert heard == [(case.pk, True)]
    assert cleaned == [1]
    for table in (Case, CaseReport, CaseIncident, Incident, Person, Consent, Barred, Report):
        assert not table.objects.exists(), table
    assert set(SealedRecord.objects.filter(kind__in=("case", "report")).values_list("shredded_at", flat=True)) != {None}
    assert not SealedRecord.objects.filter(kind__in=("case", "report"), shredded_at=None).exists()
    assert set(Event.objects.filter(actor="system").values_list("kind", flat=True)) >= {"case.erased", "report.erased"}


def test_a_report_of_two_cases_goes_with_the_last_one(cast: Any, cleaned: list[int]) -> None:
    report = send()
    first = make_case(cast, report=report)
    second = make_case(cast, cast.supervisor, report=report, another_child=True)
    closed(first, days=settings.LINDUNG_CASE_RETENTION_DAYS + 1)
    assert retention.run() == 1
    assert Report.objects.filter(pk=report.pk).exists()
    closed(second, days=settings.LINDUNG_CASE_RETENTION_DAYS + 1)
    assert retention.run() == 1
    assert not Report.objects.exists()
    assert not Incident.objects.exists()


def test_a_replayed_tombstone_erases_the_case_again(cast: Any) -> None:
    case = make_case(cast)
    vault.shred(record_id=case.record_id)
    assert not Case.objects.exists()
    assert Report.objects.exists()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"closed_at": None}, "open"),
        ({"legal_hold": True}, "legal_hold"),
        ({"demand_open": True}, "demand"),
        ({"follow_up_open": True}, "follow_up"),
        ({"feedback_open": True}, "feedback"),
        ({"report_stays": True}, "report"),
        ({}, ""),
    ],
)
def test_why_a_case_is_kept(facts: dict[str, Any], reason: str) -> None:
    now = clock.now()
    long_ago = now - timedelta(days=settings.LINDUNG_CASE_RETENTION_DAYS)
    assert keep_reason(Kept(**{"closed_at": long_ago, "legal_hold": False, **facts}), now) == reason
    if not reason:
        assert keep_reason(Kept(closed_at=long_ago + timedelta(days=1), legal_hold=False), now) == "period"


def test_a_look_that_was_not_done_and_an_open_report_keep_the_case(cast: Any, cleaned: list[int]) -> None:
    report = send()
    case = closed(make_case(cast, report=report), days=settings.LINDUNG_CASE_RETENTION_DAYS + 1)
    follow_up = FollowUp.objects.create(case=case, months=3, due_on=clock.now().date())
    assert retention.run() == 0
    follow_up.delete()
    Report.objects.filter(pk=report.pk).update(state=ReportState.WAITING_STAFF, closed_at=None)
    assert retention.run() == 0
    closed(case, days=settings.LINDUNG_CASE_RETENTION_DAYS + 1)
    assert retention.run() == 1


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_case_opens_after_its_teams_key_was_changed(cast: Any) -> None:
    from lindung.vault.teamkeys import rewrap_batch, rotate_team_key

    case = make_case(cast)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    rotate_team_key(team_id=cast.intake.pk, keyring=cast.keyring(cast.analyst))
    while rewrap_batch(team_id=cast.intake.pk, keyring=cast.keyring(cast.analyst)):
        pass
    keyring = cast.keyring(cast.case_worker)
    assert services.open_case(actor, keyring, case.pk).child["sex"] == "female"


# --- what the mailbox tells -------------------------------------------------------------------------------------------


def test_the_mailbox_tells_the_steps_of_the_case_in_order(cast: Any) -> None:
    child = {"path": "child"}
    assert told.codes([], by_child=True) == ()
    one = told.Standing(state=State.OPEN)
    assert told.codes([one], by_child=True) == ("opened",)
    served = told.Standing(state=State.CLOSING, planned=True, served=True)
    assert told.codes([served], by_child=True) == ("opened", "plan", "service")
    assert told.codes([served], by_child=False) == ("opened",)
    ended = told.Standing(state=State.CLOSED, planned=True)
    assert told.codes([ended], by_child=True) == ("opened", "plan", "closed")
    assert told.codes([ended, one], by_child=True) == ("opened", "plan")
    assert told.codes([ended], by_child=False) == ("opened", "closed")
    again = told.Standing(state=State.OPEN, planned=True, reopened=True)
    assert told.codes([again], by_child=True) == ("opened", "plan", "reopened")
    report = send(**child, words="cerita")
    assert told.told(report.pk) == ()
    make_case(cast, report=report)
    assert told.told(report.pk) == (told.knowledge.told()["opened"].label,)


def test_the_box_is_silent_while_the_child_is_missing_and_after_a_death(cast: Any) -> None:
    report = send(path="child", words="cerita")
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    case = make_case(cast, report=report)
    day = clock.now().date()
    services.record_event(actor, keyring, case.pk, "missing", day, "Sejak pagi.")
    case.refresh_from_db()
    assert case.risk == "high"
    assert selectors.child_states(case.pk) == {"missing"}
    assert told.told(report.pk) == ()
    services.record_event(actor, keyring, case.pk, "found", day)
    assert told.told(report.pk) != ()
    services.record_event(actor, keyring, case.pk, "died", day)
    assert told.told(report.pk) == ()
    from lindung.core.errors import BadInput

    for kind in ("found", "missing", "moved", "died"):
        with pytest.raises(BadInput):
            services.record_event(actor, keyring, case.pk, kind, day)


def test_the_sentences_name_no_service_no_place_and_nobody() -> None:
    for sentence in told.knowledge.told().values():
        for text in (sentence.label_id.lower(), sentence.label_en.lower()):
            for word in ("polisi", "police", "uptd", "psikolog", "rumah", "wali", "hospital", "kasus", "case"):
                assert word not in text, (sentence.code, word)


def test_what_is_asked_of_cases_about_a_report_without_one() -> None:
    from uuid import uuid4

    assert following.standing(uuid4()) == ""
    assert Standing.IMPLICATED == "implicated"
