"""Deeds of the demonstration's stories inside a case: assessment, consent, decisions, plans, referrals and answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from lindung.casework import services
from lindung.casework.models import Case, Person
from lindung.casework.models_closing import Approval, ApprovalState
from lindung.casework.models_plan import Goal, Plan
from lindung.casework.models_rights import Decision
from lindung.casework.services import approving, consents, decisions
from lindung.casework.services.consents import ConsentInput
from lindung.casework.services.decisions import DecisionInput
from lindung.cli.demo.cases import of_report
from lindung.core import clock, worktime
from lindung.directory import selectors as directory
from lindung.referrals import services as referrals
from lindung.referrals.models import Referral
from lindung.referrals.models import State as ReferralState
from lindung.referrals.services import DraftInput
from lindung.reporting.models import Report


def _today(case: Case) -> date:
    return worktime.local_day(clock.now(), case.tz)


def _assess(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    case = of_report(report, step)
    answers = dict.fromkeys(step["yes_to"], "yes") | dict.fromkeys(step.get("no_to", ()), "no")
    entry = services.AssessmentInput(answers, step["risk"], needs=step.get("needs", ""))
    services.assess(actor, keyring, case.pk, entry, case.version)


def _safety(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    case = of_report(report, step)
    review = _today(case) + timedelta(days=7)
    entry = services.SafetyInput(step["words"], with_child=True, review_on=review)
    services.write_safety_plan(actor, keyring, case.pk, entry, case.version)


def _consent(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    case = of_report(report, step)
    guardian = Person.objects.filter(case=case, role="guardian", standing="safe").first()
    entry = ConsentInput(
        step["giver"], step.get("answer", "given"), tuple(step["scopes"]), _today(case),
        person_id=guardian.pk if step["giver"] == "guardian" and guardian else None, words=step.get("words", {}),
    )  # fmt: skip
    consents.record(actor, keyring, case.pk, entry)


def _decision(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    case = of_report(report, step)
    review = _today(case) + timedelta(days=14)
    entry = DecisionInput(
        step["question"], review, choice=step["choice"], scope=step.get("scope", ""), words=step["words"]
    )
    decisions.draft(actor, keyring, case.pk, entry)


def _sign(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    row = Decision.objects.filter(case=of_report(report, step)).latest("written_at")
    decisions.sign(actor, keyring, row.case_id, row.pk, version=row.version, sealed_version=row.sealed_version)


def _plan(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    """A plan with its goals; it waits for a second person unless `ask: false`."""
    case = of_report(report, step)
    words = services.PlanWords(step["wishes"], step.get("agreed", ""))
    plan = services.new_plan(actor, keyring, case.pk, words, with_child=True, version=case.version)
    for goal in step["goals"]:
        body = directory.by_code(goal["body"]) if goal.get("body") else None
        entry = services.GoalInput(
            goal["service"], goal["words"], provider_id=body.pk if body else None, working_days=goal["days"]
        )
        services.add_goal(actor, keyring, plan.pk, entry)
    if step.get("ask", True):
        plan.refresh_from_db()
        services.ask_approval(actor, keyring, plan.pk, step.get("message", ""), plan.version)


def _approve(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    row = Approval.objects.get(case=of_report(report, step), state=ApprovalState.OPEN)
    approving.decide(actor, keyring, row.pk, approve=True, words=step.get("words", ""))


def _refer(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    """Write and send a referral; `instead`: after the latest one that was declined."""
    case = of_report(report, step)
    body = directory.by_code(step["body"])
    assert body is not None, step["body"]
    plan = Plan.objects.filter(case=case).order_by("-number").first()
    goal = Goal.objects.filter(plan=plan, service=step["service"]).first() if plan else None
    before = Referral.objects.filter(case=case, state=ReferralState.DECLINED).order_by("-made_at").first()
    entry = DraftInput(
        step["service"], body.pk, step["goal"], sections=step["sections"], goal_id=goal.pk if goal else None,
        second_choice_of=before.pk if before and step.get("instead") else None, way=step.get("way", ""),
    )  # fmt: skip
    made = referrals.draft(actor, keyring, case.pk, entry)
    if step.get("send", True):
        referrals.send(actor, keyring, made.pk, override=step.get("override", ""))


def _latest(report: Report, step: dict[str, Any]) -> UUID:
    return Referral.objects.filter(case=of_report(report, step)).latest("made_at").pk


def _heard_yes(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    referrals.heard_yes(actor, keyring, _latest(report, step))
    if step.get("voice"):
        referrals.heard_voice(actor, keyring, _latest(report, step), person=step["voice"], at=clock.now())


def _heard_no(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    referrals.heard_no(actor, keyring, _latest(report, step), step["reason"], words=step.get("words", ""))


def _accept(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    """The partner says yes on the platform, and by voice where that is needed."""
    referrals.accept(actor, keyring, _latest(report, step), words=step.get("words", ""))
    if step.get("voice"):
        referrals.voice(actor, keyring, _latest(report, step), person=step["voice"], at=clock.now())


DEEDS = {
    "case_assess": _assess,
    "case_safety": _safety,
    "case_consent": _consent,
    "case_decision": _decision,
    "case_sign": _sign,
    "case_plan": _plan,
    "case_approve": _approve,
    "case_refer": _refer,
    "case_heard_yes": _heard_yes,
    "case_heard_no": _heard_no,
    "referral_accept": _accept,
}
