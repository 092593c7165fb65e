"""Work that changes hands: clocks go on, nobody gets what they may not see, nothing stays with somebody who left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from lindung.accounts import services as accounts
from lindung.accounts.models import Membership, Team
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import selectors, selectors_moves, services
from lindung.reporting.models import Alert, PoliceClock, Report, ReportExclusion
from lindung.reporting.models_moves import LegalHold, Reassignment
from lindung.reporting.services import alerts, handing_over, holding
from lindung.vault import services as vault

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, events, later

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.frozen(MONDAY):
        yield


def hand_over(desk: Desk, cast: Any, sents: list[Sent], *people: Any) -> dict[Any, Any]:
    to = [person.pk for person in people]
    return handing_over.hand_over(desk.actor, cast.intake.pk, cast.analyst.pk, to, [s.report.pk for s in sents])


class TestHandingOver:
    def test_clocks_state_and_words_go_on(self, cast: Any, send: Send, analyst: Desk, supervisor: Desk) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, child_known=True)
        before, police = sent.again(), PoliceClock.objects.get().due_at
        with later(hours=3):
            hand_over(supervisor, cast, [sent], cast.second_analyst)
        after = sent.again()
        assert after.claimed_by == cast.second_analyst
        assert (after.state, after.due_at, after.promised_at, after.version) == (
            before.state, before.due_at, before.promised_at, before.version + 1,
        )  # fmt: skip
        assert PoliceClock.objects.get().due_at == police
        row = Reassignment.objects.get()
        assert (row.from_user, row.to_user, row.by) == (cast.analyst, cast.second_analyst, cast.supervisor)
        assert len(events(sent.report.pk, "report.handed_on")) == 1
        line = next(x for x in Desk(cast, cast.second_analyst).open(sent.report).timeline if x.kind == "handed_on")
        assert (line.by, line.text) == ("Supervisor", "dari Analyst ke Second Analyst")

    def test_evenly_to_whoever_holds_fewest(
        self, cast: Any, send: Send, analyst: Desk, second: Desk, supervisor: Desk
    ) -> None:
        for _ in range(2):
            second.claim(send(**CALM).report)
        sents = [send(**CALM) for _ in range(4)]
        for sent in sents:
            analyst.claim(sent.report)
        given = hand_over(supervisor, cast, sents, cast.second_analyst, cast.case_worker)
        people = list(given.values())
        assert (people.count(cast.case_worker.pk), people.count(cast.second_analyst.pk)) == (3, 1)

    def test_never_to_somebody_of_a_team_that_the_report_is_hidden_from(
        self, cast: Any, send: Send, analyst: Desk, supervisor: Desk
    ) -> None:
        named, plain = send(**CALM), send(**CALM)
        for sent in (named, plain):
            analyst.claim(sent.report)
        ReportExclusion.objects.create(report=named.report, team=cast.partner_team)
        Membership.objects.create(user=cast.second_analyst, team=cast.partner_team, role="case_worker")
        with pytest.raises(BadInput):
            hand_over(supervisor, cast, [named, plain], cast.second_analyst)
        assert not Reassignment.objects.exists(), "all or nothing"
        given = hand_over(supervisor, cast, [named, plain], cast.second_analyst, cast.case_worker)
        assert given[named.report.pk] == cast.case_worker.pk

    def test_never_to_somebody_without_the_key_or_of_another_team(
        self, cast: Any, send: Send, analyst: Desk, supervisor: Desk
    ) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        vault.reset_member_key(holder=cast.second_analyst.pk, new_passphrase="frasa yang baru sekali")
        for person in (cast.second_analyst, cast.other_analyst, cast.administrator, cast.analyst):
            with pytest.raises(BadInput):
                hand_over(supervisor, cast, [sent], person)

    def test_is_for_the_person_or_a_supervisor(self, cast: Any, send: Send, analyst: Desk, second: Desk) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        for desk in (second, Desk(cast, cast.other_analyst), Desk(cast, cast.administrator)):
            with pytest.raises(NotFound):
                hand_over(desk, cast, [sent], cast.case_worker)
        assert hand_over(analyst, cast, [sent], cast.case_worker)
        with pytest.raises(Conflict):
            hand_over(analyst, cast, [sent], cast.second_analyst)

    def test_a_report_that_the_supervisor_may_not_see_is_not_there(
        self, cast: Any, send: Send, analyst: Desk, supervisor: Desk
    ) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        team = Team.objects.create(organisation=cast.organisation, name="Mitra", kind="partner")
        Membership.objects.create(user=cast.supervisor, team=team, role="case_worker")
        ReportExclusion.objects.create(report=sent.report, team=team)
        desk = Desk(cast, cast.supervisor)
        assert [load.reports for load in handing_over.workloads(desk.actor, cast.intake)] == [0, 0, 0, 0]
        with pytest.raises(Conflict):
            hand_over(desk, cast, [sent], cast.second_analyst)


class TestLeaving:
    def test_what_is_left_goes_back_and_high_risk_calls_again(self, cast: Any, send: Send, analyst: Desk) -> None:
        urgent, calm = send(**DANGER), send(**CALM)
        for sent in (urgent, calm):
            analyst.claim(sent.report)
        assert not Alert.objects.filter(stopped=False).exists()
        admin = cast.actor(cast.administrator)
        with pytest.raises(BadInput):
            accounts.deactivate(actor=admin, user=cast.analyst)
        accounts.deactivate(actor=admin, user=cast.analyst, release=True)
        assert set(Report.objects.values_list("claimed_by", "state")) == {(None, "new")}
        assert [e.actor for e in events(urgent.report.pk, "report.released")] == [cast.administrator.pk.hex]
        mail.outbox.clear()
        alerts.escalate(clock.now())
        assert mail.outbox, "the duty is called again"

    def test_a_lost_role_releases_the_reports_of_that_team_only(self, cast: Any, send: Send, analyst: Desk) -> None:
        other = Team.objects.create(organisation=cast.organisation, name="kedua", kind="intake")
        Membership.objects.create(user=cast.analyst, team=other, role="analyst")
        kept, lost = send(**CALM), send(**CALM)
        for sent in (kept, lost):
            analyst.claim(sent.report)
        Report.objects.filter(pk=kept.report.pk).update(team=other)
        accounts.set_roles(actor=cast.actor(cast.administrator), user=cast.analyst, roles=[(other.pk, "analyst")])
        assert (kept.again().claimed_by, lost.again().claimed_by) == (cast.analyst, None)

    def test_another_role_in_the_same_team_keeps_the_work(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        roles = [(cast.intake.pk, "case_worker")]
        accounts.set_roles(actor=cast.actor(cast.administrator), user=cast.analyst, roles=roles)
        assert sent.again().claimed_by == cast.analyst


class TestHolds:
    def test_one_person_sets_and_two_end(self, cast: Any, send: Send, analyst: Desk, supervisor: Desk) -> None:
        sent = send(**CALM)
        row = holding.put_on_hold(supervisor.actor, sent.report.pk, "court")
        assert row.review_at == MONDAY + timedelta(days=90)
        with pytest.raises(Conflict):
            holding.put_on_hold(supervisor.actor, sent.report.pk, "police")
        with pytest.raises(BadInput):
            holding.ask_to_lift(supervisor.actor, sent.report.pk, "because")
        with pytest.raises(Conflict):
            holding.confirm_lifting(analyst.actor, sent.report.pk)
        holding.ask_to_lift(supervisor.actor, sent.report.pk, "over")
        with pytest.raises(NotAllowed):
            holding.confirm_lifting(supervisor.actor, sent.report.pk)
        with pytest.raises(NotAllowed):
            holding.confirm_lifting(cast.actor(cast.case_worker), sent.report.pk)
        assert sent.again().legal_hold
        row = holding.confirm_lifting(analyst.actor, sent.report.pk)
        assert (row.lifted_by_id, sent.again().legal_hold, sent.report.hold_reason) == (cast.analyst.pk, False, "")
        holding.put_on_hold(supervisor.actor, sent.report.pk, "lawyer")
        assert LegalHold.objects.count() == 2, "the history stays"

    def test_reviews_are_counted_when_due(self, cast: Any, send: Send, supervisor: Desk) -> None:
        sent = send(**CALM)
        holding.put_on_hold(supervisor.actor, sent.report.pk, "court")
        due = MONDAY + timedelta(days=90)
        assert selectors_moves.holds_due(supervisor.actor, due - timedelta(minutes=1)).count() == 0
        assert selectors_moves.holds_due(supervisor.actor, due).count() == 1
        with clock.frozen(due):
            holding.review_hold(supervisor.actor, sent.report.pk)
        assert selectors_moves.holds_due(supervisor.actor, due).count() == 0

    def test_a_hold_goes_along_to_another_team_without_the_wish_to_end_it(
        self, cast: Any, send: Send, analyst: Desk, supervisor: Desk
    ) -> None:
        sent = send(**CALM)
        holding.put_on_hold(supervisor.actor, sent.report.pk, "court")
        holding.ask_to_lift(supervisor.actor, sent.report.pk, "mistake")
        row = services.transferring.offer(
            analyst.actor, analyst.keyring, sent.report.pk, cast.other_intake.pk, "place", "Pindah."
        )
        other = Desk(cast, cast.other_analyst)
        services.transferring.accept(other.actor, other.keyring, row.pk)
        hold = LegalHold.objects.get()
        assert (hold.lifted_at, hold.lift_asked_by) == (None, None)
        assert sent.again().legal_hold
        assert not selectors_moves.holds_visible_to(supervisor.actor).exists()
        assert selectors_moves.holds_visible_to(other.actor).exists()

    def test_they_are_listed_for_exactly_the_reports_that_are_visible(
        self, cast: Any, send: Send, supervisor: Desk
    ) -> None:
        plain, hidden, stopped = send(**CALM), send(**CALM), send(**CALM)
        for sent in (plain, hidden, stopped):
            holding.put_on_hold(supervisor.actor, sent.report.pk, "court")
        ReportExclusion.objects.create(report=hidden.report, team=cast.intake)
        Report.objects.filter(pk=stopped.report.pk).update(state="withdrawn")
        for user in cast.everybody().values():
            actor = cast.actor(user)
            seen = set(selectors.visible_to(actor).values_list("pk", flat=True))
            listed = set(selectors_moves.holds_visible_to(actor).values_list("report", flat=True))
            assert listed == (seen if actor.has_role("analyst", "supervisor") else set())
        assert set(selectors_moves.holds_visible_to(supervisor.actor).values_list("report", flat=True)) == {
            plain.report.pk
        }

    def test_of_a_report_that_is_hidden_there_is_none(self, cast: Any, send: Send, supervisor: Desk) -> None:
        sent = send(**CALM)
        holding.put_on_hold(supervisor.actor, sent.report.pk, "court")
        ReportExclusion.objects.create(report=sent.report, team=cast.intake)
        assert not selectors_moves.holds_visible_to(supervisor.actor).exists()
