"""What a partner learns of a report: three words, never backwards, and nothing of what it must not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core import clock
from lindung.partners import retention, rules
from lindung.partners.models import CoarseState, Submission
from lindung.reporting import services as reporting
from lindung.reporting.models import Report, ReportExclusion, State
from lindung.reporting.services import mailbox
from lindung.reporting.tests.staff import Desk
from lindung.vault import services as vault

from .machines import MINIMAL, Machine, machine, new_key

pytestmark = pytest.mark.django_db

ORDER = [CoarseState.RECEIVED, CoarseState.IN_PROGRESS, CoarseState.CLOSED]


def work_on(cast: Any, report: Report) -> Desk:
    desk = Desk(cast, cast.analyst)
    desk.triage(report)
    return desk


def test_three_words_on_the_way(cast: Any, helpline: Machine) -> None:
    report, reference = helpline.report()
    assert helpline.state(reference) == "received"
    desk = work_on(cast, report)
    assert helpline.state(reference) == "in_progress"
    desk.answer(report, "Halo.")
    assert helpline.state(reference) == "in_progress"
    desk.propose(report)
    assert helpline.state(reference) == "closed"
    report.refresh_from_db()
    reporting.reopen(cast.actor(cast.analyst), report.pk)
    assert helpline.state(reference) == "in_progress"


def test_letting_go_of_a_report_does_not_turn_it_back(cast: Any, helpline: Machine) -> None:
    report, reference = helpline.report()
    reporting.claim(cast.actor(cast.analyst), report.pk)
    assert helpline.state(reference) == "in_progress"
    reporting.release(cast.actor(cast.analyst), report.pk)
    assert Report.objects.get().state == State.NEW
    assert helpline.state(reference) == "in_progress"


def test_only_the_organisation_that_sent_it_is_told(cast: Any, helpline: Machine, school: Machine) -> None:
    _report, reference = helpline.report()
    colleague = machine(cast.organisation, cast.partner_organisation, "platform", ["report:state"])
    stranger = machine(cast.organisation, cast.independent_organisation, "ngo")
    assert colleague.state(reference) == "received"
    assert {stranger.state(reference), school.state(reference), helpline.state("R" + "0" * 16)} == {"404"}


def test_a_school_never_learns_outcomes(cast: Any, school: Machine) -> None:
    report, reference = school.report()
    work_on(cast, report).propose(report)
    assert Report.objects.get().state == State.CLOSED
    assert school.state(reference) == "received"
    vault.shred(record_id=report.record_id)
    assert school.state(reference) == "received"


def test_a_report_that_names_the_partner_stays_where_it_is_for_ever(cast: Any, helpline: Machine) -> None:
    report, reference = helpline.report({**MINIMAL, "concern": ["partner"]})
    assert report.team == cast.independent
    Report.objects.update(state=State.CLOSED)
    assert helpline.state(reference) == "received"


def test_also_when_the_partner_has_no_team_that_could_be_kept_away(cast: Any) -> None:
    from lindung.accounts import services as accounts
    from lindung.accounts.actors import Actor

    small = accounts.create_organisation(actor=Actor.system(), name="Mitra kecil", kind="partner")
    sender = machine(cast.organisation, small)
    _report, reference = sender.report({**MINIMAL, "concern": ["partner"]})
    Report.objects.update(state=State.CLAIMED)
    assert sender.state(reference) == "received"
    _other, reference = sender.report({**MINIMAL, "concern": ["school"]})
    Report.objects.update(state=State.CLAIMED)
    assert sender.state(reference) == "in_progress"


def test_a_partner_that_turns_out_to_be_named_sees_no_change_at_all(cast: Any, helpline: Machine) -> None:
    early, first = helpline.report()
    late, second = helpline.report()
    work_on(cast, late)
    assert (helpline.state(first), helpline.state(second)) == ("received", "in_progress")
    for report in (early, late):
        ReportExclusion.objects.create(report=report, team=cast.partner_team)
    Report.objects.update(state=State.CLOSED)
    assert (helpline.state(first), helpline.state(second)) == ("received", "in_progress")


def test_stopping_shows_nowhere_and_ends_like_any_end(cast: Any, helpline: Machine) -> None:
    rows = {}
    for name in ("unread", "read"):
        answer = helpline.send(MINIMAL, new_key()).json()
        report = Submission.objects.get(reference=answer["reference"]).report
        assert report is not None
        rows[name] = (report, answer)
    work_on(cast, rows["read"][0])
    refs = {name: answer["reference"] for name, (_report, answer) in rows.items()}
    before = {name: helpline.state(ref) for name, ref in refs.items()}
    assert before == {"unread": "received", "read": "in_progress"}
    for _report, answer in rows.values():
        mailbox.ask_to_stop(mailbox.enter(answer["receipt"], "x"))
    assert {name: helpline.state(ref) for name, ref in refs.items()} == before
    for report, _answer in rows.values():
        vault.shred(record_id=report.record_id)
    assert Report.objects.count() == 0
    assert {name: helpline.state(ref) for name, ref in refs.items()} == {"unread": "received", "read": "closed"}


def test_an_erased_report_that_was_closed_stays_closed_though_nobody_asked_before(cast: Any, helpline: Machine) -> None:
    report, reference = helpline.report()
    work_on(cast, report).propose(report)
    vault.shred(record_id=report.record_id)
    assert helpline.state(reference) == "closed"
    assert Submission.objects.get().report is None


def test_a_report_handled_with_another_moves_on_with_that_one(cast: Any, helpline: Machine) -> None:
    report, reference = helpline.report()
    lead, _ = helpline.report()
    Report.objects.filter(pk=report.pk).update(merged_into=lead)
    Report.objects.filter(pk=lead.pk).update(state=State.CLOSED)
    assert helpline.state(reference) == "closed"
    ReportExclusion.objects.create(report=lead, team=cast.partner_team)
    Report.objects.filter(pk=lead.pk).update(state=State.CLAIMED)
    assert helpline.state(reference) == "closed"


def test_references_are_forgotten_at_one_age_whatever_became_of_the_report(cast: Any, helpline: Machine) -> None:
    report, first = helpline.report()
    _other, second = helpline.report()
    vault.shred(record_id=report.record_id)
    retention.forget_old(clock.now() + timedelta(days=729))
    assert Submission.objects.count() == 2
    retention.forget_old(clock.now() + timedelta(days=731))
    assert {helpline.state(first), helpline.state(second)} == {"404"}
    assert Report.objects.count() == 1


@given(st.lists(st.tuples(st.sampled_from(State.values), st.booleans()), max_size=8))
def test_nobody_is_told_received_again_and_hidden_reports_never_move(steps: list[tuple[str, bool]]) -> None:
    told = CoarseState.RECEIVED
    for state, hidden in steps:
        now = rules.told_now(told=told, state=state, hidden=hidden)
        if hidden or state == State.WITHDRAWN:
            assert now == told
        if told != CoarseState.RECEIVED:
            assert now != CoarseState.RECEIVED
        after = rules.told_after_erasing(told=now, state=state, hidden=hidden)
        assert after == now if hidden else ORDER.index(after) >= ORDER.index(now)
        told = now
