"""Ending a report: two people for what could leave a child alone, nothing open left behind, nobody called a liar."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import knowledge, services
from lindung.reporting.errors import NotYet
from lindung.reporting.models import Alert, ClosureProposal, PoliceClock, Report, State
from lindung.reporting.services import closing, mailbox

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, events

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]
TWO = ["misuse", "out_of_scope", "duplicate"]


def judged(send: Send, desk: Desk, **entry: Any) -> Sent:
    sent = send(**CALM)
    desk.triage(sent.report, **entry)
    return sent


class TestTwoPeople:
    @pytest.mark.parametrize("reason", TWO)
    def test_one_proposes_and_another_confirms(self, send: Send, analyst: Desk, second: Desk, reason: str) -> None:
        sent = judged(send, analyst)
        proposal = analyst.propose(sent.report, reason)
        assert sent.again().state == State.CLAIMED
        second.confirm(proposal)
        report = sent.again()
        assert (report.state, report.outcome, report.claimed_by_id) == (State.CLOSED, reason, None)
        assert report.closed_at is not None
        (closed,) = events(report.pk, "report.closed")
        assert closed.actor == second.user.pk.hex
        assert analyst.user.pk.hex in closed.data

    @pytest.mark.parametrize("reason", TWO)
    def test_the_proposer_never_confirms_not_even_as_supervisor(
        self, send: Send, supervisor: Desk, reason: str
    ) -> None:
        sent = judged(send, supervisor)
        with pytest.raises(NotAllowed):
            supervisor.confirm(supervisor.propose(sent.report, reason))
        assert sent.again().state == State.CLAIMED

    @pytest.mark.parametrize("reason", TWO)
    def test_without_a_safety_check_nothing_is_proposed(self, send: Send, analyst: Desk, reason: str) -> None:
        sent = judged(send, analyst)
        with pytest.raises(BadInput) as caught:
            analyst.propose(sent.report, reason, safety_checked=False)
        assert caught.value.field == "safety_checked"
        assert ClosureProposal.objects.count() == 0

    def test_nor_confirmed_if_the_row_was_forged(self, send: Send, analyst: Desk, second: Desk) -> None:
        proposal = analyst.propose(judged(send, analyst).report, "misuse")
        ClosureProposal.objects.update(safety_checked=False)
        with pytest.raises(BadInput):
            second.confirm(proposal)

    def test_case_workers_and_outsiders_do_not_confirm(self, send: Send, analyst: Desk, cast: Any) -> None:
        proposal = analyst.propose(judged(send, analyst).report, "misuse")
        with pytest.raises(NotAllowed):
            services.confirm_closure(cast.actor(cast.case_worker), proposal.pk)
        for user in (cast.other_analyst, cast.independent_analyst, cast.partner, cast.administrator):
            with pytest.raises(NotFound):
                services.confirm_closure(cast.actor(user), proposal.pk)

    def test_one_open_proposal_at_a_time_and_one_decision_on_it(
        self, send: Send, analyst: Desk, second: Desk, supervisor: Desk
    ) -> None:
        sent = judged(send, analyst)
        proposal = analyst.propose(sent.report, "misuse")
        with pytest.raises(Conflict):
            second.propose(sent.report, "out_of_scope")
        second.reject(proposal)
        for desk in (second, supervisor):
            with pytest.raises(Conflict):
                desk.confirm(proposal)
        assert sent.again().state == State.CLAIMED
        analyst.propose(sent.report, "misuse")

    def test_what_came_in_meanwhile_is_read_first(self, send: Send, analyst: Desk, second: Desk) -> None:
        sent = judged(send, analyst)
        proposal = analyst.propose(sent.report, "misuse")
        mailbox.write(sent.visit(), "tunggu", "text", b"1")
        with pytest.raises(NotYet) as caught:
            second.confirm(proposal)
        assert caught.value.obstacles == ("unread",)
        assert sent.again().state != State.CLOSED

    @given(
        st.lists(
            st.tuples(st.sampled_from(["a", "b", "s"]), st.sampled_from(["propose", "confirm", "reject"])), max_size=8
        )
    )
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_however_they_act_it_takes_two(
        self, send: Send, analyst: Desk, second: Desk, supervisor: Desk, moves: list[tuple[str, str]]
    ) -> None:
        desks = {"a": analyst, "b": second, "s": supervisor}
        sent = judged(send, analyst)
        for who, what in moves:
            open_one = ClosureProposal.objects.filter(report=sent.report, state="open").first()
            try:
                if what == "propose":
                    desks[who].propose(sent.report, "misuse")
                elif open_one is not None:
                    getattr(desks[who], what)(open_one)
            except (NotAllowed, Conflict):
                continue
        report = sent.again()
        confirmed = ClosureProposal.objects.filter(report=report, state="confirmed")
        assert (report.state == State.CLOSED) == confirmed.exists()
        for row in confirmed:
            assert row.safety_checked
            assert row.confirmed_by_id not in (None, row.proposed_by_id)


class TestDone:
    def test_one_person_closes_what_is_done(self, send: Send, analyst: Desk) -> None:
        sent = judged(send, analyst, next_step="advice")
        proposal = analyst.propose(sent.report, "done", safety_checked=False)
        assert proposal.state == "confirmed"
        assert (sent.again().state, sent.report.outcome) == (State.CLOSED, "advice")
        assert mailbox.view(sent.visit()).outcome

    def test_not_out_of_a_colleagues_hands(self, send: Send, analyst: Desk, second: Desk) -> None:
        sent = judged(send, analyst)
        with pytest.raises(Conflict):
            second.propose(sent.report, "done")

    @pytest.mark.parametrize("step", ["misuse", "out_of_scope"])
    def test_what_was_judged_so_is_never_closed_alone_under_the_name_done(
        self, send: Send, analyst: Desk, second: Desk, step: str
    ) -> None:
        sent = judged(send, analyst, next_step=step)
        with pytest.raises(BadInput) as caught:
            analyst.propose(sent.report, "done", safety_checked=False)
        assert caught.value.field == "safety_checked"
        proposal = analyst.propose(sent.report, "done")
        assert (proposal.state, sent.again().state) == ("open", State.CLAIMED)
        second.confirm(proposal)
        assert (sent.again().state, sent.report.outcome) == (State.CLOSED, "done")

    def test_a_new_report_cannot_be_closed_unread(self, send: Send, analyst: Desk) -> None:
        with pytest.raises(Conflict):
            analyst.propose(send(**CALM).report, "done")

    def test_says_everything_that_is_missing(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        mailbox.write(sent.visit(), "ada lagi", "text", b"1")
        PoliceClock.objects.create(report=sent.report, starts_at=sent.report.received_at, due_at=sent.report.due_at)
        with pytest.raises(NotYet) as caught:
            analyst.propose(sent.report)
        assert caught.value.obstacles == ("not_judged", "unread", "police")
        assert set(caught.value.obstacles) <= set(closing.OBSTACLES)

    def test_a_wish_to_stop_is_decided_first(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        analyst.triage(sent.report, risk="high", next_step="referral")
        mailbox.ask_to_stop(sent.visit())
        with pytest.raises(NotYet) as caught:
            analyst.propose(sent.report)
        assert caught.value.obstacles == ("withdrawal",)

    def test_alerts_stop(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        analyst.triage(sent.report, risk="high", next_step="advice")
        analyst.propose(sent.report)
        assert not Alert.objects.filter(stopped=False).exists()


class TestReopening:
    def test_by_staff(self, send: Send, analyst: Desk, second: Desk) -> None:
        sent = judged(send, analyst)
        analyst.propose(sent.report)
        report = services.reopen(second.actor, sent.report.pk)
        assert (report.state, report.closed_at, report.outcome) == (State.WAITING_STAFF, None, "")
        with pytest.raises(Conflict):
            services.reopen(second.actor, sent.report.pk)

    def test_gives_it_new_times(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            sent = judged(send, analyst)
            analyst.propose(sent.report)
        with clock.frozen(MONDAY + timedelta(days=30)):
            report = services.reopen(analyst.actor, sent.report.pk)
        assert report.due_at == clock.coarse(MONDAY) + timedelta(days=30, hours=6)
        assert report.promised_at >= report.due_at

    def test_by_the_reporter_who_writes_again(self, send: Send, analyst: Desk) -> None:
        sent = judged(send, analyst)
        analyst.propose(sent.report)
        mailbox.write(sent.visit(), "terjadi lagi", "text", b"1")
        assert (sent.again().state, sent.report.closed_at) == (State.WAITING_STAFF, None)


def test_no_sentence_about_an_ending_calls_anybody_a_liar() -> None:
    blaming = re.compile(r"bohong|dusta|palsu|mengada|lying|liar|\blie\b|false|fake", re.IGNORECASE)
    texts = [str(text) for text in closing.OBSTACLES.values()]
    for outcome in knowledge.outcomes().values():
        texts += [outcome.label_id, outcome.label_en, outcome.told.label_id, outcome.told.label_en]
    texts += [str(label) for _, label in ClosureProposal._meta.get_field("reason").choices]
    assert not [text for text in texts if blaming.search(text)]


def test_nothing_is_lost_when_it_cannot_be_closed(send: Send, analyst: Desk, second: Desk) -> None:
    sent = judged(send, analyst)
    proposal = analyst.propose(sent.report, "misuse")
    Report.objects.filter(pk=sent.report.pk).update(state=State.NEW, claimed_by=None)
    with pytest.raises(Conflict):
        second.confirm(proposal)
    proposal.refresh_from_db()
    assert proposal.state == "open"
