"""A child's safety: handover by voice, the follow-up within 24 hours, every try to reach a child on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import services
from lindung.reporting.errors import NotYet
from lindung.reporting.models import Attempt, FollowUp, Handover, Report, State

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, at, events, later
from .test_triage import SELFHARM

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]


class TestFollowUp:
    def test_is_overdue_after_24_calendar_hours_on_a_holiday_too(self, send: Send, analyst: Desk) -> None:
        """Noted on Idul Fitri, Saturday 21 March 2026, at 23:40 in Palu (WITA): due on Sunday at 23:40."""
        with clock.frozen(at("2026-03-21 15:40")):
            report = send(**CALM).report
            analyst.triage(report, **SELFHARM)
        for moment, overdue in (("2026-03-22 15:39", False), ("2026-03-22 15:40", True), ("2026-03-23 01:00", True)):
            with clock.frozen(at(moment)):
                (seen,) = analyst.open(report).follow_ups
                assert seen.overdue is overdue

    def test_done_it_is_no_longer_overdue_and_is_done_once(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(**CALM).report
            analyst.triage(report, **SELFHARM)
            row = FollowUp.objects.get()
            with later(hours=20):
                services.complete_follow_up(analyst.actor, row.pk)
                with pytest.raises(Conflict):
                    services.complete_follow_up(analyst.actor, row.pk)
            with later(hours=30):
                (seen,) = analyst.open(report).follow_ups
        assert (seen.overdue, seen.by) == (False, "Analyst")
        assert len(events(report.pk, "report.follow_up_done")) == 1

    def test_of_another_team_does_not_exist(self, send: Send, cast: Any, analyst: Desk) -> None:
        analyst.triage(send(**CALM).report, **SELFHARM)
        with pytest.raises(NotFound):
            services.complete_follow_up(cast.actor(cast.other_analyst), FollowUp.objects.get().pk)
        assert FollowUp.objects.get().done_at is None


class TestHandover:
    def test_by_voice_moves_a_referral_on_and_promises_news(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            sent = send(**DANGER)
            analyst.triage(sent.report, risk="high", next_step="referral")
            analyst.hand_over(sent.report, "Bu Ratna, UPTD PPA")
            report = sent.again()
            assert report.state == State.REFERRED
            assert report.promised_at > MONDAY
            (seen,) = analyst.open(report).handovers
        assert (seen.name, seen.by_voice, seen.by) == ("Bu Ratna, UPTD PPA", True, "Analyst")

    def test_sent_alone_moves_nothing(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        analyst.triage(sent.report, risk="high", next_step="referral")
        analyst.hand_over(sent.report, "surel ke UPTD", by_voice=False)
        assert sent.again().state == State.CLAIMED

    def test_before_any_judgement_an_emergency_is_handed_over_and_only_recorded(
        self, send: Send, analyst: Desk
    ) -> None:
        sent = send(**DANGER)
        analyst.hand_over(sent.report, "Polisi 110")
        assert sent.again().state == State.NEW
        assert Handover.objects.count() == 1

    def test_needs_a_name(self, send: Send, analyst: Desk) -> None:
        with pytest.raises(BadInput):
            analyst.hand_over(send(**DANGER).report, " ")


class TestSelfharmIsClosedLast:
    def test_only_after_the_follow_up_and_a_handover_by_voice(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            sent = send(**CALM)
            analyst.hand_over(sent.report, "sebelum dinilai")
            with later(minutes=10):
                analyst.triage(sent.report, **SELFHARM)
                with pytest.raises(NotYet) as caught:
                    analyst.propose(sent.report)
                assert caught.value.obstacles == ("follow_up", "handover")
                analyst.hand_over(sent.report, "surel", by_voice=False)
                services.complete_follow_up(analyst.actor, FollowUp.objects.get().pk)
                with pytest.raises(NotYet) as again:
                    analyst.propose(sent.report)
                assert again.value.obstacles == ("handover",)
                analyst.hand_over(sent.report, "Psikolog, menerima lewat telepon")
                analyst.propose(sent.report)
        assert (sent.again().state, sent.report.outcome) == (State.CLOSED, "safety_plan")


class TestAttempts:
    def test_show_who_tried_what_and_who_stopped_and_why(self, send: Send, analyst: Desk) -> None:
        report = send(**DANGER).report
        analyst.attempt(report, "mailbox", "Sudah ditanya tempatnya.")
        analyst.attempt(report, "police", "Patroli tidak menemukan.", stopped=True, stop_reason="Anak sudah di rumah.")
        first, last = analyst.open(report).attempts
        assert (first.channel, first.stopped, first.by) == ("mailbox", False, "Analyst")
        assert (last.stop_reason, last.stopped) == ("Anak sudah di rumah.", True)
        assert len(events(report.pk, "report.attempt_logged")) == 2

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"channel": "pigeon"}, "channel"),
            ({"note": ""}, "note"),
            ({"stopped": True}, "stop_reason"),
            ({"stop_reason": "lelah"}, "stopped"),
        ],
    )
    def test_say_what_is_missing(self, send: Send, analyst: Desk, more: dict[str, Any], field: str) -> None:
        with pytest.raises(BadInput) as caught:
            analyst.attempt(send(**DANGER).report, **more)
        assert caught.value.field == field
        assert Attempt.objects.count() == 0

    def test_change_nothing_else(self, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        analyst.attempt(sent.report)
        assert Report.objects.get().version == sent.report.version
