"""Who sees a report: the list, the rule and the conflict of interest say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ALL_ROLES
from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import NotAllowed, NotFound
from lindung.reporting import inbox, rules, selectors, services
from lindung.reporting.errors import NoRecipient
from lindung.reporting.models import OPEN_STATES, Alert, ClosureProposal, Report, ReportExclusion, State
from lindung.vault import services as vault
from lindung.vault.models import TeamKey

from .conftest import Sent

pytestmark = pytest.mark.django_db


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(data=st.data())
def test_the_list_and_the_rule_agree_for_everybody(cast: Any, data: st.DataObject) -> None:
    """One report in any team and state, any teams excluded, against an actor with any roles anywhere."""
    teams = [cast.intake, cast.other_intake, cast.independent, cast.partner_team]
    held = data.draw(st.sampled_from(teams))
    excluded = data.draw(st.sets(st.sampled_from([t.pk for t in teams if t != held])))
    state = data.draw(st.sampled_from(list(State)))
    ids = st.sampled_from([*(t.pk for t in teams), None])
    roles = data.draw(st.frozensets(st.tuples(ids, st.sampled_from(sorted(ALL_ROLES))), max_size=4))
    actor = Actor(cast.analyst.pk, "x", roles=roles, is_system=data.draw(st.booleans()))
    with transaction.atomic():
        keys = vault.new_record(kind="report", team_id=held.pk)
        now = clock.now()
        report = Report.objects.create(
            record_id=keys.record_id, receipt_tag=keys.record_id.bytes, walk_tag=keys.record_id.bytes, team=held,
            state=state, received_at=now, due_at=now, promised_at=now,
        )  # fmt: skip
        ReportExclusion.objects.bulk_create(ReportExclusion(report=report, team_id=t) for t in excluded)
        facts = selectors.facts_of(report)
        assert facts.excluded_team_ids == excluded
        assert (report in selectors.visible_to(actor)) == rules.may_open(actor, facts)
        listed = {row.report.pk for row in inbox.listed(actor)}
        holds = selectors.keyed_teams(actor).filter(team_key__team=held.pk).exists()
        assert (report.pk in listed) == (rules.may_open(actor, facts) and state in OPEN_STATES and holds)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        ("analyst", True),
        ("second_analyst", True),
        ("supervisor", True),
        ("case_worker", True),
        ("data_analyst", False),
        ("administrator", False),
        ("auditor", False),
        ("other_analyst", False),
        ("independent_analyst", False),
        ("partner", False),
    ],
)
def test_the_cast(send: Callable[..., Sent], cast: Any, person: str, sees: bool) -> None:
    report = send().report
    actor = cast.actor(getattr(cast, person))
    assert (report in selectors.visible_to(actor)) is sees
    assert (report.pk in {row.report.pk for row in inbox.listed(actor)}) is sees
    assert Report.objects.count() == 1


def test_nobody_of_a_named_team_sees_a_report_whatever_else_they_are(send: Callable[..., Sent], cast: Any) -> None:
    report = send(concern=["works_here"]).report
    both = Actor(
        cast.analyst.pk, "x", roles=frozenset({(cast.intake.pk, "case_worker"), (cast.independent.pk, "analyst")})
    )
    assert report not in selectors.visible_to(both)
    assert report in selectors.visible_to(cast.actor(cast.independent_analyst))


def test_a_conflict_moves_the_report_with_its_keys_and_shuts_the_old_team_out(
    send: Callable[..., Sent], cast: Any
) -> None:
    sent = send(danger="yes", words="rahasia")
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    Report.objects.filter(pk=sent.report.pk).update(state=State.CLAIMED, claimed_by=cast.analyst)
    ClosureProposal.objects.create(report=sent.report, reason="done", proposed_by=cast.analyst, proposed_at=clock.now())
    moved = services.mark_conflict(actor, keyring, sent.report.pk, cast.intake.pk)
    assert moved.team == cast.independent
    assert (moved.state, moved.claimed_by) == (State.NEW, None)
    for person in (cast.analyst, cast.second_analyst, cast.supervisor):
        assert moved not in selectors.visible_to(cast.actor(person))
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=moved.record_id, keyring=cast.keyring(person))
    theirs = cast.keyring(cast.independent_analyst)
    assert vault.open_with_team(record_id=moved.record_id, keyring=theirs).staff
    assert not ClosureProposal.objects.filter(state="open").exists()
    assert Alert.objects.filter(report=moved, stopped=False).count() == 3
    event = Event.objects.get(kind="report.moved")
    assert event.subject == moved.pk.hex
    assert sent.visit().report_id == moved.pk
    with pytest.raises(NotFound):
        services.mark_conflict(actor, keyring, moved.pk, cast.intake.pk)


def test_a_conflict_with_a_team_that_does_not_hold_it_only_hides_it(send: Callable[..., Sent], cast: Any) -> None:
    report = send().report
    found = services.mark_conflict(
        cast.actor(cast.analyst), cast.keyring(cast.analyst), report.pk, cast.partner_team.pk
    )
    assert found.team == cast.intake
    assert found.version == report.version + 1
    assert found.exclusions.get().team == cast.partner_team


def test_without_another_recipient_nothing_changes(send: Callable[..., Sent], cast: Any) -> None:
    report = send().report
    TeamKey.objects.exclude(team=cast.intake.pk).delete()
    with pytest.raises(NoRecipient):
        services.mark_conflict(cast.actor(cast.analyst), cast.keyring(cast.analyst), report.pk, cast.intake.pk)
    assert not ReportExclusion.objects.exists()
    same = Report.objects.get()
    assert (same.team_id, same.version, same.state) == (report.team_id, report.version, report.state)
    assert vault.open_with_team(record_id=report.record_id, keyring=cast.keyring(cast.analyst)).staff
    assert not Event.objects.filter(kind="report.moved").exists()


@pytest.mark.parametrize("person", ["partner", "administrator", "auditor", "data_analyst", "other_analyst"])
def test_others_cannot_mark_a_conflict(send: Callable[..., Sent], cast: Any, person: str) -> None:
    report = send().report
    user = getattr(cast, person)
    with pytest.raises(NotFound):
        services.mark_conflict(cast.actor(user), cast.keyring(user), report.pk, cast.intake.pk)


def test_the_inbox_shows_what_is_urgent_first(send: Callable[..., Sent], cast: Any) -> None:
    medium, high, waiting = send(), send(danger="yes"), send(danger="yes")
    low = send()
    Report.objects.filter(pk=low.report.pk).update(risk="low", due_at=clock.now())
    Report.objects.filter(pk=waiting.report.pk).update(state=State.WAITING_REPORTER)
    rows = inbox.listed(cast.actor(cast.analyst))
    assert [r.report.pk for r in rows] == [s.report.pk for s in (high, medium, low, waiting)]


def test_the_inbox_filters_and_counts_only_what_may_be_seen(send: Callable[..., Sent], cast: Any) -> None:
    actor = cast.actor(cast.analyst)
    mine, help_wanted, closed = send(), send(path="worried_self"), send()
    Report.objects.filter(pk=mine.report.pk).update(claimed_by=cast.analyst, state=State.CLAIMED)
    Report.objects.filter(pk=closed.report.pk).update(state=State.CLOSED)
    send(concern=["works_here"])
    assert [r.report.pk for r in inbox.listed(actor, whose="mine")] == [mine.report.pk]
    assert [r.report.pk for r in inbox.listed(actor, queue="help")] == [help_wanted.report.pk]
    assert [r.report.pk for r in inbox.listed(actor, queue="reports")] == [mine.report.pk]
    assert [r.report.pk for r in inbox.listed(actor, state="closed")] == [closed.report.pk]
    assert len(inbox.listed(actor, state="all")) == 3
    assert inbox.listed(actor, risk="high") == []
    assert inbox.listed(actor, state="withdrawn") == []


def test_the_place_of_a_report_is_read_through_the_statistics_key(send: Callable[..., Sent], cast: Any) -> None:
    district, province, nowhere = send(province="53", regency="53.71"), send(province="53"), send()
    labels = {row.report.pk: row.place for row in inbox.listed(cast.actor(cast.analyst))}
    assert labels[district.report.pk] == "Kota Kupang"
    assert labels[province.report.pk] == "Nusa Tenggara Timur"
    assert labels[nowhere.report.pk] == ""


def test_a_long_inbox_asks_no_more_than_a_short_one(send: Callable[..., Sent], cast: Any) -> None:
    actor = cast.actor(cast.analyst)
    send(province="53")
    with CaptureQueriesContext(connection) as short:
        inbox.listed(actor)
    for _ in range(5):
        send(province="31")
    with CaptureQueriesContext(connection) as long:
        assert len(inbox.listed(actor)) == 6
    assert len(short) == len(long) <= 4


def test_a_report_hides_from_a_team_only_once(send: Callable[..., Sent], cast: Any) -> None:
    report = send(concern=["partner"]).report
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportExclusion.objects.create(report=report, team=cast.partner_team)


def test_the_portal_says_when_somebody_reads_again(cast: Any) -> None:
    from datetime import timedelta

    from lindung.reporting.models import DutyShift

    from .conftest import MONDAY

    with clock.frozen(MONDAY):
        assert selectors.portal_duty().on_duty is False
        assert selectors.portal_duty().next_text == ""
        shift = DutyShift.objects.create(
            team=cast.intake, user=cast.analyst, starts_at=MONDAY + timedelta(hours=2),
            ends_at=MONDAY + timedelta(hours=4),
        )  # fmt: skip
        duty = selectors.portal_duty("53")
        assert (duty.on_duty, duty.next_start) == (False, shift.starts_at)
        assert duty.next_text == "Senin, 23 November, 13.00 WITA"
        assert selectors.on_duty(cast.intake) == []
    with clock.frozen(MONDAY + timedelta(hours=2)):
        assert selectors.portal_duty().on_duty is True
        assert selectors.on_duty(cast.intake) == [shift]
        assert selectors.portal_duty("91").on_duty is False
    with clock.frozen(MONDAY + timedelta(hours=4)):
        assert selectors.next_reading(cast.intake) == (False, None)
