"""The people of the cast at work from a report to the end of its case, so that a scenario reads like a sentence.

Everything goes through the public services, in the order in which people do it; nothing is written past them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.casework import services as casework
from lindung.casework.models import Case
from lindung.casework.models_closing import Approval
from lindung.casework.models_plan import Goal
from lindung.casework.services import approving, barring, closing, consents, decisions, letters, people, tips
from lindung.core import clock, worktime
from lindung.directory import services as directory
from lindung.directory.models import Organisation
from lindung.directory.services import OrganisationInput, ServiceInput
from lindung.referrals import services as referrals
from lindung.referrals.models import Referral
from lindung.reporting import services as reporting
from lindung.reporting.services import mailbox
from lindung.reporting.tests.conftest import Sent
from lindung.reporting.tests.staff import Desk
from lindung.vault import receipts

SOURCE = "203.0.113.9"
DECIDED = {
    "question": "Apakah wali dilibatkan?",
    "options": "Dilibatkan, atau tidak.",
    "child_view": "Aku tidak mau ia tahu.",
    "consulted": "Pendamping kedua.",
    "left_out": "Wali.",
    "left_out_why": "Diduga terlibat.",
    "reasons": "Supaya anak aman.",
}
"""A whole best-interests decision in few words."""


def at(text: str, zone: int) -> datetime:
    """A moment on the clock of a place: `at("2026-11-22 01:20", 8)` is 01:20 WITA."""
    return datetime.fromisoformat(f"{text}:00+{zone:02d}:00").astimezone(UTC)


def tell(**answers: Any) -> Sent:
    """Somebody reports through the portal's door, and keeps the receipt."""
    code, walk = receipts.generate(), secrets.token_bytes(32)
    report = reporting.receive(answers=answers, code=code, walk_id=walk, language="id", source=SOURCE)
    return Sent(report, code, walk)


def box(sent: Sent) -> mailbox.MailboxView:
    """What the mailbox of a receipt shows."""
    return mailbox.view(sent.visit())


class Colleague(Desk):
    """One person with their keys, at reports, cases and referrals."""

    @property
    def hands(self) -> tuple[Any, Any]:
        return self.actor, self.keyring

    # -- the case ---------------------------------------------------------------------------------------------------
    def opens(self, case: Case) -> Any:
        return casework.open_case(*self.hands, case.pk)

    def today(self, case: Case) -> Any:
        return worktime.local_day(clock.now(), case.tz)

    def names(self, case: Case, role: str, standing: str = "", **words: Any) -> Any:
        also_child = words.pop("also_child", False)
        return people.add_person(*self.hands, case.pk, role, words, standing=standing, also_child=also_child)

    def asked(self, case: Case, giver: str, *scopes: str, answer: str = "given", **more: Any) -> list[Any]:
        """Note what a giver said about some scopes."""
        official = "Dinas" if giver == "official" else ""
        words = {"how": "Bertemu langsung.", "official": official}
        entry = consents.ConsentInput(giver, answer, scopes, self.today(case), words=words, **more)
        return consents.record(*self.hands, case.pk, entry)

    def both_agree(self, case: Case, *scopes: str) -> Any:
        """A safe guardian is known, and the child and the guardian say yes."""
        guardian = self.names(case, "guardian", "safe", name="Bu Wali")
        self.asked(case, "child", *scopes)
        self.asked(case, "guardian", *scopes, person_id=guardian.pk)
        return guardian

    def drafts_decision(self, case: Case, question: str, *, scope: str = "", words: Any = DECIDED) -> Any:
        review = decisions.longest_review(question, self.today(case))
        entry = decisions.DecisionInput(question, review_on=review, choice="go_ahead", scope=scope, words=words)
        return decisions.draft(*self.hands, case.pk, entry)

    def signs(self, row: Any) -> Any:
        row.refresh_from_db()
        seen = {"version": row.version, "sealed_version": row.sealed_version}
        return decisions.sign(*self.hands, row.case_id, row.pk, **seen)

    def bars(self, case: Case, what: str, **more: Any) -> Any:
        return barring.bar(*self.hands, case.pk, barring.BarInput(more.pop("kind", "fact"), what, **more))

    def writes(self, case: Case, letter: str, **more: Any) -> Any:
        entry = letters.LetterInput(letter, body="Mohon bertemu hari Senin.", phone="021 555 0101", **more)
        return letters.write_letter(*self.hands, case.pk, entry)

    def tips_off(self, case: Case, to: str, basis: str) -> Any:
        return tips.hand_over(
            *self.hands, case.pk, to=to, basis=basis, way="official_channel", handed_on=self.today(case),
            told="Nomor akun dan waktu kiriman.", taken_by="Petugas penerima",
        )  # fmt: skip

    def proposes_end(self, case: Case, reason: str = "goals_reached", **more: Any) -> Approval:
        said = {"summary": "Sudah dibahas bersama anak.", "child_agrees": True, **more}
        return closing.propose(*self.hands, case.pk, reason=reason, **said)

    def approves(self, row: Approval) -> Approval:
        return approving.decide(*self.hands, row.pk, approve=True)

    # -- referrals --------------------------------------------------------------------------------------------------
    def drafts(self, case: Case, body: Organisation, service: str, **more: Any) -> Referral:
        said = {"goal": "Pendampingan anak", "sections": {"contact": "Lewat kode saja"}, **more}
        return referrals.draft(*self.hands, case.pk, referrals.DraftInput(service, body.pk, **said))

    def sends(self, referral: Referral, **more: Any) -> Referral:
        return referrals.send(*self.hands, referral.pk, **more)

    def reads(self, referral: Referral) -> Any:
        """What the receiver reads."""
        return referrals.open_received(*self.hands, referral.pk)

    def serves(self, referral: Referral, *, person: str = "") -> Referral:
        """Say yes as the receiver (by voice where a name is given), give the service, say how it ended."""
        referrals.accept(*self.hands, referral.pk)
        if person:
            referrals.voice(*self.hands, referral.pk, person=person)
        today = worktime.local_day(clock.now(), referral.organisation.tz)
        referrals.deliver(*self.hands, referral.pk, referrals.DeliveredInput(on=today, minutes=60))
        return referrals.complete(*self.hands, referral.pk, "reached", words="")

    def hears_the_end(self, referral: Referral) -> Referral:
        """What a body without an account tells by telephone: the service was given, and how it ended."""
        today = worktime.local_day(clock.now(), referral.organisation.tz)
        referrals.heard_delivery(*self.hands, referral.pk, referrals.DeliveredInput(on=today, minutes=60))
        return referrals.heard_outcome(*self.hands, referral.pk, "reached", words="")


class Office:
    """A team at work: one who judges reports, one who works with the child, one who looks over both."""

    def __init__(
        self, cast: Any, analyst: User | None = None, worker: User | None = None, supervisor: User | None = None
    ) -> None:
        self.cast = cast
        self.analyst = Colleague(cast, analyst or cast.analyst)
        self.worker = Colleague(cast, worker or cast.case_worker)
        self.supervisor = Colleague(cast, supervisor or cast.supervisor)

    def judge(self, *sent: Sent, **entry: Any) -> None:
        """Read each report and judge that it becomes a case."""
        for one in sent:
            self.analyst.open(one.report)
            self.analyst.triage(one.again(), **{"next_step": "case", **entry})

    def police(self, sent: Sent, decision: str = "reported") -> None:
        self.analyst.police(sent.again(), decision)

    def case(self, *sent: Sent, worker: Colleague | None = None, **more: Any) -> Case:
        """The analyst opens one case from reports, and a supervisor gives it to a case worker."""
        case = casework.open_from_reports(*self.analyst.hands, [one.report.pk for one in sent], take=False, **more)
        person = worker or self.worker
        casework.assign(self.supervisor.actor, case.pk, person.user.pk)
        return self.again(case)

    @staticmethod
    def again(case: Case) -> Case:
        return Case.objects.get(pk=case.pk)

    def plan(self, case: Case, service: str, *, worker: Colleague | None = None, provider: UUID | None = None) -> Goal:
        """A plan of one goal, drawn up with the child, approved by a second person."""
        hands, case = (worker or self.worker).hands, self.again(case)
        words = casework.PlanWords(wishes="Ingin kembali tenang.")
        plan = casework.new_plan(*hands, case.pk, words, with_child=True, version=case.version)
        entry = casework.GoalInput(service=service, words="Bertemu pendamping.", working_days=5, provider_id=provider)
        goal = casework.add_goal(*hands, plan.pk, entry)
        plan.refresh_from_db()
        self.supervisor.approves(casework.ask_approval(*hands, plan.pk, "", plan.version))
        goal.refresh_from_db()
        return goal

    def decided(self, case: Case, question: str, **more: Any) -> Any:
        """A best-interests decision that the worker and the supervisor signed."""
        row = self.worker.drafts_decision(case, question, **more)
        self.worker.signs(row)
        return self.supervisor.signs(row)

    def end(self, case: Case, reason: str = "goals_reached", *, worker: Colleague | None = None, **more: Any) -> Case:
        """The worker proposes the end, a different person agrees."""
        self.supervisor.approves((worker or self.worker).proposes_end(case, reason, **more))
        return self.again(case)


def listed(
    code: str,
    kind: str,
    service: str,
    regions: Sequence[str],
    *,
    team: Team | None = None,
    phone: str = "",
    **terms: Any,
) -> Organisation:
    """A body of the directory with one service; with `team` it works on the platform."""
    system = Actor.system()
    entry = OrganisationInput(code=code, name=f"Lembaga {code}", kind=kind, region=regions[0], phone=phone)
    body = directory.save_organisation(system, entry, verified=True)
    known = {"does": "provides", "accepts_boys": True, "accepts_girls": True, "hours": "24 jam", **terms}
    directory.save_service(system, body.pk, ServiceInput(service=service, coverage=tuple(regions), **known))
    if team is not None:
        directory.link_team(system, body.pk, team.pk)
    body.refresh_from_db()
    return body
