"""Short ways for the tests of referrals: a case with a yes, a body with a team, one referral on its way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lindung.accounts.models import Team, User
from lindung.casework.models import Case, Person, PersonRole, Standing
from lindung.casework.models_rights import Answer, Consent, Decision, Giver
from lindung.casework.services import consents, decisions
from lindung.casework.services.access import open_keys, seal
from lindung.casework.services.consents import ConsentInput
from lindung.casework.services.decisions import DecisionInput
from lindung.casework.tests import cases
from lindung.core import clock, worktime
from lindung.directory.models import Coverage, Does, Kind, OpeningHours, Organisation, Service
from lindung.referrals import services
from lindung.referrals.models import Referral
from lindung.referrals.services import DeliveredInput, DraftInput

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Jakarta."""
SERVICE = "psychological"
GOAL = "Pendampingan psikologis setelah ancaman"


class Worker:
    """One person of the cast at work with referrals, from either side."""

    def __init__(self, cast: Any, user: User) -> None:
        self.cast, self.user, self.actor, self.keyring = cast, user, cast.actor(user), cast.keyring(user)

    # -- the case ---------------------------------------------------------------------------------------------------
    def case(self, *, risk: str = "medium", **told: Any) -> Case:
        case = cases.make_case(self.cast, self.user, report=cases.send(**{**cases.TOLD, **told}))
        Case.objects.filter(pk=case.pk).update(risk=risk)
        case.refresh_from_db()
        return case

    def guardian(self, case: Case, standing: str = Standing.SAFE, **words: str) -> Person:
        row = Person.objects.create(
            case=case, role=PersonRole.GUARDIAN, standing=standing, added_at=clock.now(), added_by=self.user
        )
        seal(case, open_keys(case, self.keyring), row.field, {"name": "Ibu Sari", "relation": "ibu", **words})
        return row

    def consent(
        self, case: Case, *scopes: str, giver: str = Giver.CHILD, answer: str = Answer.GIVEN, person: UUID | None = None
    ) -> Consent:
        today = worktime.local_day(clock.now(), case.tz)
        entry = ConsentInput(giver, answer, scopes or (SERVICE,), today, person_id=person)
        return consents.record(self.actor, self.keyring, case.pk, entry)[0]

    def ready_case(self, *scopes: str, **told: Any) -> Case:
        """A case with a safe guardian and the yes of both for these services."""
        case = self.case(**told)
        guardian = self.guardian(case)
        self.consent(case, *scopes)
        self.consent(case, *scopes, giver=Giver.GUARDIAN, person=guardian.pk)
        return case

    def withdraw(self, case: Case, giver: str = Giver.CHILD) -> Consent:
        row = Consent.objects.filter(case=case, giver=giver, withdrawn_at=None).latest("recorded_at")
        return consents.withdraw(self.actor, self.keyring, case.pk, row.pk)

    # -- the sender -------------------------------------------------------------------------------------------------
    def draft(self, case: Case, body: Organisation, **more: Any) -> Referral:
        values: dict[str, Any] = {
            "service": SERVICE, "goal": GOAL, "sections": {"contact": "Lewat kode saja", "needs": "Bahasa Jawa"}, **more
        }  # fmt: skip
        return services.draft(self.actor, self.keyring, case.pk, DraftInput(organisation_id=body.pk, **values))

    def send(self, referral: Referral, **more: Any) -> Referral:
        return services.send(self.actor, self.keyring, referral.pk, **more)

    def sent(self, body: Organisation, case: Case | None = None, *, override: str = "", **more: Any) -> Referral:
        return self.send(self.draft(case or self.ready_case(), body, **more), override=override)

    def revoke(self, referral: Referral, reason: str = "not_needed", **more: Any) -> Referral:
        return services.revoke(self.actor, self.keyring, referral.pk, reason, **more)

    def amend(self, referral: Referral, **more: Any) -> Any:
        values: dict[str, Any] = {"goal": GOAL, "sections": {"contact": "Versi berikut"}, **more}
        return services.amend(self.actor, self.keyring, referral.pk, **values)

    # -- the receiver -----------------------------------------------------------------------------------------------
    def accept(self, referral: Referral, **more: Any) -> Referral:
        return services.accept(self.actor, self.keyring, referral.pk, **more)

    def decline(self, referral: Referral, reason: str = "full", **more: Any) -> Referral:
        return services.decline(self.actor, self.keyring, referral.pk, reason, **more)

    def deliver(self, referral: Referral, **more: Any) -> Any:
        today = worktime.local_day(clock.now(), referral.organisation.tz)
        entry = DeliveredInput(**{"on": today, "minutes": 60, **more})
        return services.deliver(self.actor, self.keyring, referral.pk, entry)

    def complete(self, referral: Referral, outcome: str = "reached", words: str = "", **more: Any) -> Referral:
        return services.complete(self.actor, self.keyring, referral.pk, outcome, words=words, **more)

    def opens(self, referral: Referral) -> Any:
        """What the receiver reads."""
        return services.open_received(self.actor, self.keyring, referral.pk)

    def reads(self, referral: Referral) -> Any:
        """What the sender reads."""
        return services.open_sent(self.actor, self.keyring, referral.pk)


def provider(team: Team | None = None, *, service: str = SERVICE, regions: Iterable[str] = ("31",), **more: Any) -> Any:
    """A body that provides a service for some regions, takes every child, and is always open."""
    number = Organisation.objects.count()
    answers = dict.fromkeys(("accepts_boys", "accepts_girls", "wheelchair", "sign_language", "night_admission"), True)
    offered = {"does": Does.PROVIDES, "always_open": True, **answers}
    for name in list(more):
        if name in {field.name for field in Service._meta.get_fields()}:
            offered[name] = more.pop(name)
    hours = more.pop("hours_of_day", ())
    row = Organisation.objects.create(
        code=f"lembaga-{number}", name=f"Lembaga {number}", kind=more.pop("kind", Kind.PSYCHOLOGIST), team=team,
        verified_on=clock.now().date(), changed_at=clock.now(), **more,
    )  # fmt: skip
    made = Service.objects.create(organisation=row, service=service, **offered)
    Coverage.objects.bulk_create([Coverage(service=made, region=code) for code in regions])
    OpeningHours.objects.bulk_create([OpeningHours(service=made, **span) for span in hours])
    return row


def decide(cast: Any, case: Case, scope: str = SERVICE, question: str = "consent_overridden", **more: Any) -> Decision:
    """A best-interests decision for a scope, signed by two different people."""
    first, second = cast.case_worker, cast.supervisor
    today = worktime.local_day(clock.now(), case.tz)
    words = dict.fromkeys(decisions.knowledge.parts(), "Pertimbangan singkat.")
    entry = DecisionInput(
        question=question, review_on=more.pop("review_on", decisions.longest_review(question, today)),
        choice=more.pop("choice", "go_ahead"), scope=scope, words=words,
    )  # fmt: skip
    row = decisions.draft(cast.actor(first), cast.keyring(first), case.pk, entry, **more)
    for user in (first, second):
        row.refresh_from_db()
        row = decisions.sign(
            cast.actor(user), cast.keyring(user), case.pk, row.pk, version=row.version,
            sealed_version=row.sealed_version,
        )  # fmt: skip
    return row
