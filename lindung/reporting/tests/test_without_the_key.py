"""A role alone is not enough: whoever waits for the team's key lists nothing, decides nothing, and is not called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from lindung.accounts import selectors as people
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, Team, User
from lindung.core import clock
from lindung.core.errors import NotAllowed
from lindung.reporting import inbox, selectors, services
from lindung.reporting.models import DutyShift, Report, ReportExclusion, State
from lindung.reporting.services import alerts, mailbox

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, later

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]


@pytest.fixture
def taken_over(cast: Any) -> Actor:
    """The supervisor's account in the hands of the administrator who reset its passphrase and second factor."""
    administrator = cast.actor(cast.administrator)
    accounts.reset_passphrase(actor=administrator, user=cast.supervisor, remove_second_factor=True)
    user = User.objects.get(pk=cast.supervisor.pk)
    accounts.choose_passphrase(actor=people.actor_for(user), user=user, new="frasa yang dipilih orang lain")
    return people.actor_for(User.objects.get(pk=user.pk))


def test_a_reset_account_lists_no_report_until_a_colleague_gives_the_key(send: Send, taken_over: Actor) -> None:
    send(**DANGER)
    assert inbox.listed(taken_over) == []


@pytest.mark.parametrize("decision", ["allow", "keep"])
def test_a_reset_account_decides_on_no_wish_to_stop(send: Send, taken_over: Actor, decision: str) -> None:
    sent = send(**DANGER)
    mailbox.ask_to_stop(sent.visit())
    with pytest.raises(NotAllowed):
        services.decide_withdrawal(taken_over, sent.report.pk, decision)
    assert sent.again().state == State.NEW


def test_a_reset_account_takes_closes_and_releases_nothing(send: Send, cast: Any, taken_over: Actor) -> None:
    sent = send(**CALM)
    analyst = Desk(cast, cast.analyst)
    analyst.triage(sent.report)
    proposal = analyst.propose(sent.report, "duplicate")
    for deed in (
        lambda: services.claim(taken_over, sent.report.pk, take_over=True),
        lambda: services.release(taken_over, sent.report.pk),
        lambda: services.holding.put_on_hold(taken_over, sent.report.pk, "court"),
        lambda: services.propose_closure(taken_over, sent.report.pk, "done", True),
        lambda: services.confirm_closure(taken_over, proposal.pk),
        lambda: services.reject_closure(taken_over, proposal.pk),
    ):
        with pytest.raises(NotAllowed):
            deed()
    report = sent.again()
    assert (report.state, report.claimed_by_id) == (State.CLAIMED, cast.analyst.pk)


@pytest.fixture
def in_both(cast: Any) -> Team:
    """A second team, of partners, to which the analyst of the intake team belongs as well."""
    team: Team = Team.objects.create(organisation=cast.organisation, name="Mitra", kind="partner")
    Membership.objects.create(user=cast.analyst, team=team, role="case_worker")
    return team


def test_nobody_is_called_for_a_report_that_names_another_team_of_theirs(send: Send, cast: Any, in_both: Team) -> None:
    with clock.frozen(MONDAY):
        for level, user in (("analyst", cast.analyst), ("second", cast.second_analyst)):
            DutyShift.objects.create(
                team=cast.intake, user=user, level=level, starts_at=MONDAY, ends_at=MONDAY.replace(hour=9)
            )
        sent = send(**DANGER)
        ReportExclusion.objects.create(report=sent.report, team=in_both)
        with later(minutes=1):
            alerts.escalate()
            alerts.escalate()
    assert [letter.to for letter in mail.outbox] == [[cast.second_analyst.email]]


def test_whoever_is_named_while_holding_a_report_lets_go_of_it(send: Send, cast: Any, in_both: Team) -> None:
    sent = send(**DANGER)
    Desk(cast, cast.analyst).claim(sent.report)
    supervisor = Desk(cast, cast.supervisor)
    services.mark_conflict(supervisor.actor, supervisor.keyring, sent.report.pk, in_both.pk)
    report = Report.objects.get(pk=sent.report.pk)
    assert (report.team_id, report.state, report.claimed_by_id) == (cast.intake.pk, State.NEW, None)
    assert report not in selectors.visible_to(cast.actor(cast.analyst))
    assert report in alerts.needing_attention(clock.now())
