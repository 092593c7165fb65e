"""Judging: clocks follow the risk, self-harm is an outcome of its own, nothing is closed by a judgement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed
from lindung.reporting import rules_staff as rules
from lindung.reporting import services
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import (
    FollowUp,
    NextStep,
    PoliceClock,
    ReportFact,
    Risk,
    State,
    TriageEntry,
)
from lindung.vault.facts import fact_token

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, at, events, later

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]

SELFHARM = {
    "risk": "high",
    "selfharm": True,
    "safety_plan": "Kakaknya menemani malam ini; 119 tekan 8.",
    "next_step": "safety_plan",
}


class TestJudgement:
    def test_is_kept_sealed_and_taken_by_who_judges(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(**CALM).report
            analyst.triage(report, risk="medium", reason="Sesuai cerita.", forms=("grooming", "sextortion"))
            opened = analyst.open(report)
        assert (opened.report.state, opened.report.claimed_by_id) == (State.CLAIMED, analyst.user.pk)
        (entry,) = opened.triage
        assert (entry.forms, entry.reason, entry.by) == (("grooming", "sextortion"), "Sesuai cerita.", "Analyst")
        assert entry.taxonomy_version
        (event,) = events(report.pk, "report.triaged")
        assert "cerita" not in event.data

    def test_the_newest_counts_and_the_earlier_stay(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(**CALM).report
            analyst.triage(report, risk="low", reason="Pertama.")
            with later(hours=1):
                analyst.triage(report, risk="high", reason="Kedua.")
                assert [t.reason for t in analyst.open(report).triage] == ["Pertama.", "Kedua."]
        report.refresh_from_db()
        assert (report.risk, report.risk_source) == (Risk.HIGH, "staff")

    def test_a_reason_is_never_optional(self, send: Send, analyst: Desk) -> None:
        with pytest.raises(BadInput) as caught:
            analyst.triage(send(**CALM).report, reason="  ")
        assert caught.value.field == "reason"

    @pytest.mark.parametrize(
        ("field", "value"),
        [("risk", "urgent"), ("authority", "mars"), ("next_step", "close"), ("forms", ("nothing_we_know",))],
    )
    def test_codes_must_be_ours(self, send: Send, analyst: Desk, field: str, value: Any) -> None:
        with pytest.raises(BadInput) as caught:
            analyst.triage(send(**CALM).report, **{field: value})
        assert caught.value.field == field
        assert TriageEntry.objects.count() == 0

    def test_forms_that_were_judged_replace_what_was_guessed(self, send: Send, analyst: Desk) -> None:
        report = send(path="child", happened=["threat_to_spread"]).report
        analyst.triage(report, forms=("grooming",))
        tokens = [bytes(t) for t in ReportFact.objects.filter(field="form").values_list("token", flat=True)]
        assert tokens == [fact_token("form", "grooming")]

    def test_a_report_that_changed_is_not_judged_on_old_ground(self, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.claim(sent.report)
        with pytest.raises(Conflict):
            analyst.triage(sent.report, version=sent.report.version)
        assert TriageEntry.objects.count() == 0

    def test_only_one_person_at_a_time(self, send: Send, analyst: Desk, second: Desk) -> None:
        report = send(**CALM).report
        analyst.claim(report)
        with pytest.raises(HeldByColleague):
            second.triage(report)

    def test_out_of_scope_and_misuse_close_nothing(self, send: Send, analyst: Desk) -> None:
        for step in ("out_of_scope", "misuse"):
            report = send(**CALM).report
            analyst.triage(report, next_step=step)
            report.refresh_from_db()
            assert (report.state, report.closed_at, report.outcome) == (State.CLAIMED, None, "")


class TestClocksOfTheRisk:
    def test_a_raise_counts_from_the_receipt_and_promises_sooner(self, send: Send, analyst: Desk) -> None:
        """Received Friday 20:00 in Jakarta as medium (due 02:00), judged high at 21:00: late since 20:15."""
        with clock.frozen(at("2026-11-20 13:00")):
            report = send(**CALM).report
            assert (report.risk, report.due_at) == (Risk.MEDIUM, at("2026-11-20 19:00"))
            promised = report.promised_at
            with later(hours=1):
                analyst.triage(report, risk="high")
        report.refresh_from_db()
        assert report.due_at == at("2026-11-20 13:15")
        assert report.promised_at <= promised

    def test_a_promise_that_was_made_is_kept_when_the_risk_falls(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(**DANGER).report
            promised = report.promised_at
            analyst.triage(report, risk="low")
        report.refresh_from_db()
        assert report.promised_at == promised
        # Three working days after Monday 23 November, 16:00 in Jakarta: Thursday 26 November, 09:00 UTC.
        assert report.due_at == at("2026-11-26 09:00")

    def test_low_risk_over_lebaran_waits_for_working_days_and_high_never_does(self, send: Send, analyst: Desk) -> None:
        """Received on Tuesday 17 March 2026 at 15:00 WIB, the last afternoon before Nyepi and Lebaran.

        Joint leave and holidays: Wed 18 (joint leave of Nyepi), Thu 19 (Nyepi), Fri 20 (joint leave), Sat 21 and Sun
        22 (Idul Fitri), Mon 23 and Tue 24 (joint leave). Working again: Wed 25, Thu 26, Fri 27 March: three days.
        """
        with clock.frozen(at("2026-03-17 08:00")):
            low, high = send(**CALM).report, send(**CALM).report
            analyst.triage(low, risk="low")
            analyst.triage(high, risk="high")
        low.refresh_from_db()
        high.refresh_from_db()
        assert low.due_at == at("2026-03-27 09:00")  # Friday 27 March, 16:00 WIB
        assert high.due_at == at("2026-03-17 08:15")

    @pytest.mark.parametrize(
        ("regency", "zone", "due"),
        [
            # Received on Monday 23 November 2026 at 16:30 UTC: 23:30 WIB that Monday, already Tuesday in the east.
            ("35.09", "Asia/Jakarta", "2026-11-26 09:00"),  # Jember: Tue, Wed, Thu 16:00 WIB
            ("53.71", "Asia/Makassar", "2026-11-27 08:00"),  # Kupang: Wed, Thu, Fri 16:00 WITA
            ("92.71", "Asia/Jayapura", "2026-11-27 07:00"),  # Sorong: Wed, Thu, Fri 16:00 WIT
        ],
    )
    def test_around_midnight_the_place_of_the_child_decides(
        self, send: Send, cast: Any, regency: str, zone: str, due: str
    ) -> None:
        with clock.frozen(at("2026-11-23 16:30")):
            report = send(**CALM, province=regency[:2], regency=regency).report
            assert report.tz == zone
            reader = cast.analyst if report.team_id == cast.intake.pk else cast.other_analyst
            Desk(cast, reader).triage(report, risk="low")
        report.refresh_from_db()
        assert report.due_at == at(due)

    def test_the_medical_window_is_confirmed_moved_or_ended(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(path="child", happened=["touched"], when="within_72h").report
            assert report.medical_until == clock.coarse(MONDAY) + timedelta(hours=72)
            analyst.triage(report, risk="high")
            report.refresh_from_db()
            assert report.medical_until == clock.coarse(MONDAY) + timedelta(hours=72)
            sooner = MONDAY + timedelta(hours=20)
            analyst.triage(report, risk="high", medical_until=sooner)
            report.refresh_from_db()
            assert report.medical_until == clock.coarse(sooner)
            analyst.triage(report, risk="high", medical_over=True)
            report.refresh_from_db()
            assert report.medical_until is None


class TestSelfharm:
    @pytest.mark.parametrize("step", ["advice", "out_of_scope", "misuse"])
    def test_is_never_answered_with_advice_or_a_way_out(self, send: Send, analyst: Desk, step: str) -> None:
        with pytest.raises(BadInput) as caught:
            analyst.triage(send(**CALM).report, **{**SELFHARM, "next_step": step})
        assert caught.value.field == "next_step"
        assert TriageEntry.objects.count() == FollowUp.objects.count() == 0

    def test_needs_a_safety_plan_and_is_always_high(self, send: Send, analyst: Desk) -> None:
        report = send(**CALM).report
        with pytest.raises(BadInput) as plan:
            analyst.triage(report, **{**SELFHARM, "safety_plan": " "})
        with pytest.raises(BadInput) as risk:
            analyst.triage(report, **{**SELFHARM, "risk": "medium"})
        assert (plan.value.field, risk.value.field) == ("safety_plan", "risk")

    def test_opens_one_follow_up_within_24_calendar_hours(self, send: Send, analyst: Desk) -> None:
        """A child of 17 in Palu wrote at 23:40 WITA on the eve of Idul Fitri: the next night, holiday or not."""
        with clock.frozen(at("2026-03-20 15:40")):
            report = send(**CALM).report
            analyst.triage(report, **SELFHARM)
            with later(hours=2):
                analyst.triage(report, **SELFHARM)
        assert [f.due_at for f in FollowUp.objects.all()] == [at("2026-03-21 15:40")]

    def test_the_mark_stays_until_the_follow_up_is_done(self, send: Send, analyst: Desk) -> None:
        report = send(**CALM).report
        analyst.triage(report, **SELFHARM)
        analyst.triage(report, risk="high", next_step="referral")
        report.refresh_from_db()
        assert report.selfharm
        services.complete_follow_up(analyst.actor, FollowUp.objects.get().pk)
        analyst.triage(report, risk="medium", next_step="referral")
        report.refresh_from_db()
        assert not report.selfharm

    @given(
        step=st.sampled_from([*NextStep.values]),
        risk=st.sampled_from([*Risk.values]),
        plan=st.sampled_from(["", "  ", "ada yang menemani"]),
    )
    def test_rule_no_judgement_of_selfharm_is_ever_weak(self, step: str, risk: str, plan: str) -> None:
        problem = rules.selfharm_problem(selfharm=True, next_step=step, risk=risk, safety_plan=plan)
        strong = risk == "high" and bool(plan.strip()) and step not in {"advice", "out_of_scope", "misuse"}
        assert (problem is None) == strong


class TestPoliceClockStarts:
    def test_at_the_receipt_not_at_the_judgement(self, send: Send, analyst: Desk) -> None:
        with clock.frozen(MONDAY):
            report = send(**CALM).report
            with later(hours=30):
                analyst.triage(report, forms=("grooming",))
        row = PoliceClock.objects.get()
        assert row.starts_at == report.received_at
        assert row.due_at == report.received_at + timedelta(hours=72)

    def test_is_not_started_twice_nor_stopped_by_a_later_judgement(self, send: Send, analyst: Desk) -> None:
        report = send(**CALM).report
        analyst.triage(report, forms=("grooming",))
        analyst.triage(report, next_step="out_of_scope")
        assert PoliceClock.objects.get().running

    @pytest.mark.parametrize(
        ("path", "step", "forms", "known", "expected"),
        [
            ("child", "referral", ("grooming",), None, (True, "child_known_as_victim")),
            ("parent", "case", ("contact",), None, (True, "child_known_as_victim")),
            ("witness", "takedown", ("csam",), None, (False, "no_child_known")),
            ("witness", "takedown", ("csam",), True, (True, "child_known_as_victim")),
            ("worried_self", "advice", (), None, (False, "no_child_known")),
            ("child", "advice", (), None, (False, "no_form_named")),
            ("child", "advice", ("unknown",), None, (False, "no_form_named")),
            ("child", "referral", ("unknown",), True, (True, "child_known_as_victim")),
            ("child", "referral", ("grooming",), False, (False, "no_child_known")),
            ("child", "misuse", ("grooming",), True, (False, "no_offence_seen")),
        ],
    )
    def test_rule(self, path: str, step: str, forms: tuple[str, ...], known: bool | None, expected: Any) -> None:
        found = rules.police_clock_applies(path=path, next_step=step, forms=forms, child_known=known)
        assert found == expected

    def test_nobody_but_analysts_and_supervisors_judges(self, send: Send, cast: Any) -> None:
        report = send(**CALM).report
        with pytest.raises(NotAllowed):
            Desk(cast, cast.case_worker).triage(report)
        assert Desk(cast, cast.supervisor).triage(report)
