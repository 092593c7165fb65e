"""Two reports handled as one: what they share, what stays apart, and the way back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lindung.core import clock
from lindung.core.errors import LindungError, NotAllowed, NotFound
from lindung.reporting import inbox, selectors, services
from lindung.reporting.errors import HeldByColleague, Merged, NotYet
from lindung.reporting.models import PoliceClock, Report, ReportExclusion, State
from lindung.reporting.services import handing_over, mailbox
from lindung.reporting.tests.conftest import MONDAY, Sent
from lindung.reporting.tests.staff import CALM, DANGER, Desk, events, later
from lindung.series.errors import CannotMerge
from lindung.series.models import Merge
from lindung.series.services import merge, unmerge
from lindung.vault import services as vault
from lindung.vault.models import SealedField

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]

KEPT = (
    "state",
    "risk",
    "risk_source",
    "due_at",
    "promised_at",
    "claimed_by_id",
    "claimed_at",
    "danger_now",
    "selfharm",
)


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


def columns(report: Report) -> dict[str, Any]:
    return Report.objects.filter(pk=report.pk).values(*KEPT).get()


def write(sent: Sent, text: str = "Aku di sini.", kind: str = "text") -> None:
    mailbox.write(sent.visit(), text, kind, secrets.token_hex(8))


def listed(desk: Desk) -> dict[Any, Any]:
    return {row.report.pk: row for row in inbox.listed(desk.actor)}


class TestTogether:
    def test_the_queue_shows_one_with_the_worse_risk_and_the_earlier_time(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**DANGER)
        due = other.report.due_at
        merge(analyst.actor, other.report.pk, lead.report.pk)
        assert list(listed(analyst)) == [lead.report.pk]
        lead.again()
        assert (lead.report.risk, lead.report.danger_now, lead.report.due_at) == ("high", True, due)
        assert selectors.visible_to(analyst.actor).count() == 2, "both stay visible"
        assert [e.subject for e in events(kind="series.merged")] == [other.report.pk.hex]

    def test_a_claim_a_judgement_and_an_ending_are_those_of_both(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.claim(lead.report)
        assert other.again().claimed_by_id == analyst.actor.user_id
        analyst.triage(lead.report, risk="high", next_step="takedown", forms=("sextortion",))
        assert (other.again().risk, other.report.risk_source) == ("high", "staff")
        assert mailbox.view(other.visit()).step_code == mailbox.view(lead.visit()).step_code == "claimed"
        analyst.police(lead.report, "not_enough")
        analyst.propose(lead.report)
        assert other.again().state == lead.again().state == State.CLOSED
        assert (other.report.outcome, other.report.claimed_by_id) == (lead.report.outcome, None)
        assert mailbox.view(other.visit()).outcome == mailbox.view(lead.visit()).outcome != ""
        services.reopen(analyst.actor, lead.report.pk)
        assert other.again().state == State.WAITING_STAFF
        assert other.report.closed_at is None

    def test_what_is_handed_to_a_colleague_goes_along(self, send: Send, analyst: Desk, second: Desk, cast: Any) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.claim(lead.report)
        mine, colleague = analyst.actor.user_id, second.actor.user_id
        assert list(handing_over.held_by(analyst.actor, cast.intake.pk, mine)) == [lead.again()]
        handing_over.hand_over(analyst.actor, cast.intake.pk, mine, [colleague], [lead.report.pk])
        assert other.again().claimed_by_id == lead.again().claimed_by_id == colleague
        second.answer(other.report, "Aku yang melanjutkan.")

    def test_what_belongs_to_the_lead_is_not_done_on_the_other(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        with pytest.raises(Merged):
            analyst.claim(other.report)
        with pytest.raises(Merged):
            analyst.triage(other.report)
        analyst.claim(lead.report)
        with pytest.raises(NotYet) as error:
            analyst.propose(other.report)
        assert error.value.obstacles == ("merged",)

    def test_what_either_reporter_writes_makes_the_lead_look_new(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.answer(lead.again())
        analyst.answer(other.again())
        assert lead.again().state == State.WAITING_REPORTER
        write(other)
        row = listed(analyst)[lead.report.pk]
        assert row.new_message
        assert row.report.state == State.WAITING_STAFF
        with pytest.raises(NotYet, match="not_yet"):
            analyst.propose(lead.report)
        analyst.open(other.again())
        assert not listed(analyst)[lead.report.pk].new_message
        analyst.answer(other.again())
        assert lead.again().state == State.WAITING_REPORTER, "no box waits any more"

    def test_an_answer_goes_into_one_box_and_the_other_still_waits(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.answer(lead.again(), "Hanya untukmu.")
        assert [m.text for m in mailbox.view(lead.visit()).messages] == ["Hanya untukmu."]
        assert mailbox.view(other.visit()).messages == ()
        assert mailbox.view(other.visit()).step_code == "waiting_staff", "nobody tells of an answer that is not there"
        assert lead.again().state == State.WAITING_STAFF, "a reporter without an answer is not forgotten"
        assert listed(analyst)[lead.report.pk].report.due_at == other.report.due_at

    def test_a_closed_one_wakes_up_whole_when_somebody_writes(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.triage(lead.again(), next_step="advice", child_known=False)
        analyst.propose(lead.again())
        write(other)
        assert other.again().state == lead.again().state == State.WAITING_STAFF
        assert lead.report.outcome == ""

    def test_pressure_on_one_raises_both(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        mailbox.ask_to_stop(other.visit(), True)
        assert (lead.again().risk, lead.report.stop_pressure) == ("high", True)

    def test_the_earlier_police_clock_counts_and_one_decision_is_enough(self, send: Send, analyst: Desk) -> None:
        early = send(**CALM)
        with later(hours=20):
            lead = send(**CALM)
            analyst.triage(early.report, forms=("sextortion",), child_known=True)
            analyst.triage(lead.report, forms=("sextortion",), child_known=True)
            merge(analyst.actor, early.report.pk, lead.report.pk)
            running = PoliceClock.objects.get(report=lead.report)
            assert running.starts_at == early.report.received_at
            analyst.police(lead.report, "reported")
            assert PoliceClock.objects.get(report=early.report).decision == "reported"


class TestRefused:
    @pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN])
    def test_what_is_not_open(self, send: Send, analyst: Desk, state: str) -> None:
        lead, other = send(**CALM), send(**CALM)
        Report.objects.filter(pk=other.report.pk).update(state=state)
        with pytest.raises(LindungError) as error:
            merge(analyst.actor, other.report.pk, lead.report.pk)
        assert error.value.code == ("not_found" if state == State.WITHDRAWN else "cannot_merge")

    def test_a_report_that_somebody_may_not_see(self, send: Send, analyst: Desk, cast: Any) -> None:
        mine, hidden, elsewhere = send(**CALM), send(concern=["works_here"]), send(province="91")
        for other in (hidden, elsewhere):
            for pair in ((mine, other), (other, mine)):
                with pytest.raises(NotFound):
                    merge(analyst.actor, *(sent.report.pk for sent in pair))
        with pytest.raises(NotAllowed):
            merge(cast.actor(cast.case_worker), mine.report.pk, send(**CALM).report.pk)

    def test_one_that_is_hidden_from_a_team_the_other_is_not(self, send: Send, analyst: Desk, cast: Any) -> None:
        named, other = send(**CALM), send(**CALM)
        ReportExclusion.objects.create(report=named.report, team=cast.partner_team)
        with pytest.raises(CannotMerge):
            merge(analyst.actor, named.report.pk, other.report.pk)

    def test_chains_rings_and_what_a_colleague_holds(self, send: Send, analyst: Desk, second: Desk) -> None:
        one, two, three = send(**CALM), send(**CALM), send(**CALM)
        merge(analyst.actor, two.report.pk, one.report.pk)
        assert merge(analyst.actor, two.report.pk, one.report.pk) == Merge.objects.get(), "twice is once"
        for pair in ((one, two), (one, three), (three, two), (two, three)):
            with pytest.raises(CannotMerge):
                merge(analyst.actor, *(sent.report.pk for sent in pair))
        second.claim(three.report)
        with pytest.raises(HeldByColleague):
            merge(analyst.actor, three.report.pk, one.report.pk)
        with pytest.raises(LindungError):
            merge(analyst.actor, one.report.pk, one.report.pk)


class TestApart:
    def test_undoing_puts_both_back_exactly(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**DANGER)
        analyst.claim(other.report)
        before = columns(lead.report), columns(other.report)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        assert (columns(lead.report), columns(other.report)) != before
        assert unmerge(analyst.actor, other.report.pk).stayed == ()
        assert (columns(lead.report), columns(other.report)) == before
        assert set(listed(analyst)) == {lead.report.pk, other.report.pk}
        assert Merge.objects.count() == 0

    def test_what_was_decided_since_stays_and_is_named(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.triage(lead.report, risk="low")
        undone = unmerge(analyst.actor, other.report.pk)
        assert {"risk", "claim"} <= set(undone.stayed)
        assert lead.again().risk == other.again().risk == "low"

    def test_whose_turn_it_is_goes_by_the_own_thread_afterwards(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        analyst.answer(lead.again())
        analyst.answer(other.again())
        write(other)
        unmerge(analyst.actor, other.report.pk)
        assert lead.again().state == State.WAITING_REPORTER
        assert other.again().state == State.WAITING_STAFF

    def test_of_three_the_one_that_goes_takes_only_its_own_along(self, send: Send, analyst: Desk) -> None:
        lead, calm, danger = send(**CALM), send(**CALM), send(**DANGER)
        before = columns(lead.report)
        merge(analyst.actor, danger.report.pk, lead.report.pk)
        merge(analyst.actor, calm.report.pk, lead.report.pk)
        unmerge(analyst.actor, danger.report.pk)
        assert (lead.again().risk, lead.report.danger_now) == ("medium", False)
        unmerge(analyst.actor, calm.report.pk)
        assert columns(lead.report) == before

    def test_the_police_clock_goes_back_too(self, send: Send, analyst: Desk) -> None:
        lead, other = send(**CALM), send(**CALM)
        analyst.triage(other.report, forms=("sextortion",), child_known=True)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        assert PoliceClock.objects.filter(report=lead.report).exists()
        unmerge(analyst.actor, other.report.pk)
        assert not PoliceClock.objects.filter(report=lead.report).exists()
        assert PoliceClock.objects.filter(report=other.report).exists()

    def test_nobody_else_can(self, send: Send, analyst: Desk, cast: Any) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        for name in ("other_analyst", "partner", "administrator"):
            with pytest.raises(NotFound):
                unmerge(cast.actor(getattr(cast, name)), other.report.pk)
        with pytest.raises(NotAllowed):
            unmerge(cast.actor(cast.case_worker), other.report.pk)
        with pytest.raises(NotFound):
            unmerge(analyst.actor, lead.report.pk)

    @pytest.mark.parametrize("stops", ["lead", "other"])
    def test_a_wish_to_stop_leaves_the_other_whole(self, send: Send, analyst: Desk, stops: str) -> None:
        reports = {"lead": send(**CALM), "other": send(**CALM)}
        stays = reports["other" if stops == "lead" else "lead"]
        before = columns(stays.report)
        merge(analyst.actor, reports["other"].report.pk, reports["lead"].report.pk)
        mailbox.ask_to_stop(reports[stops].visit())
        assert columns(stays.report) == before
        assert list(listed(analyst)) == [stays.report.pk]
        analyst.open(stays.again())
        vault.shred(record_id=reports[stops].report.record_id)
        assert list(Report.objects.all()) == [stays.report]
        analyst.open(stays.again())
        assert mailbox.view(stays.visit()).step_code == "new"

    @pytest.mark.parametrize("goes", ["lead", "other"])
    def test_erasing_one_leaves_the_other_whole(self, send: Send, analyst: Desk, goes: str) -> None:
        reports = {"lead": send(**CALM), "other": send(**CALM)}
        stays = reports["other" if goes == "lead" else "lead"]
        merge(analyst.actor, reports["other"].report.pk, reports["lead"].report.pk)
        vault.shred(record_id=reports[goes].report.record_id)
        assert list(Report.objects.all()) == [stays.report]
        assert stays.again().merged_into_id is None
        assert stays.report.state == State.NEW
        assert Merge.objects.count() == 0

    def test_a_report_that_names_a_team_is_handled_alone(self, send: Send, analyst: Desk, cast: Any) -> None:
        lead, other = send(**CALM), send(**CALM)
        merge(analyst.actor, other.report.pk, lead.report.pk)
        services.mark_conflict(analyst.actor, analyst.keyring, other.report.pk, cast.partner_team.pk)
        assert other.again().merged_into_id is None
        assert set(listed(analyst)) == {lead.report.pk, other.report.pk}


def test_no_receipt_and_no_key_opens_anything_of_the_other(send: Send, analyst: Desk) -> None:
    """Every sealed row against every key that either receipt gives, before, while and after the two are merged."""
    lead, other = send(**DANGER, accounts="@satu_akun"), send(**CALM, accounts="@satu_akun")

    def try_all() -> set[tuple[Any, Any]]:
        opened = set()
        for holder in (lead, other):
            visit = holder.visit()
            for target in (lead, other):
                try:
                    keys = vault.open_with_receipt(record_id=target.report.record_id, receipt=visit.receipt)
                except LindungError:
                    keys = vault.open_with_receipt(record_id=holder.report.record_id, receipt=visit.receipt)
                for row in SealedField.objects.filter(record=target.report.record_id):
                    try:
                        vault.get(record_id=row.record_id, keys=keys, field=row.field, version=row.version)
                    except LindungError:
                        continue
                    opened.add((holder.report.pk, target.report.pk, row.key_name))
        return opened

    own = {(sent.report.pk, sent.report.pk, "reporter") for sent in (lead, other)}
    assert try_all() == own
    merge(analyst.actor, other.report.pk, lead.report.pk)
    analyst.triage(lead.again(), risk="high")
    analyst.note(other.report, "Catatan rekan.")
    analyst.answer(lead.again(), "Untuk yang pertama.")
    analyst.answer(other.again(), "Untuk yang kedua.")
    write(other, "Dari yang kedua.")
    assert try_all() == own
    assert [m.text for m in mailbox.view(lead.visit()).messages] == ["Untuk yang pertama."]
    assert [m.text for m in mailbox.view(other.visit()).messages] == ["Untuk yang kedua.", "Dari yang kedua."]
    unmerge(analyst.actor, other.report.pk)
    assert try_all() == own
