"""Short ways for the tests of consent, decisions and what may not be told: two colleagues at one case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from lindung.accounts.models import User
from lindung.casework.models import Case, Person, WorkerRole
from lindung.casework.models_rights import Barred, Consent, Decision
from lindung.casework.outgoing import Guarded, guard
from lindung.casework.services import access, barring, consents, decisions, letters, people
from lindung.core import clock, worktime
from lindung.directory.models import Organisation

from .cases import give_to, make_case

WORDS = {
    "question": "Apakah wali dilibatkan?",
    "options": "Dilibatkan, atau tidak.",
    "child_view": "Aku tidak mau ia tahu.",
    "consulted": "Pendamping kedua.",
    "left_out": "Ayah.",
    "left_out_why": "Diduga terlibat.",
    "reasons": "Tidak dilibatkan, supaya anak aman.",
}
"""A whole decision in few words."""


class Worker:
    """One colleague at one case."""

    def __init__(self, cast: Any, user: User, case: Case) -> None:
        self.user, self.actor, self.keyring = user, cast.actor(user), cast.keyring(user)
        self.case = case

    @property
    def keys(self) -> Any:
        return access.open_keys(self.case, self.keyring)

    @property
    def today(self) -> date:
        return worktime.local_day(clock.now(), self.case.tz)

    @property
    def guarded(self) -> Guarded:
        return guard(self.case, self.keys)

    def person(self, role: str, standing: str = "", **words: Any) -> Person:
        return people.add_person(self.actor, self.keyring, self.case.pk, role, words, standing=standing)

    def guardian(self, standing: str = "safe", **words: Any) -> Person:
        return self.person("guardian", standing, **{"name": "Bu Wali", **words})

    def says(self, giver: str, *scopes: str, answer: str = "given", **more: Any) -> list[Consent]:
        words = more.pop("words", {"how": "Bertemu langsung.", "official": "Dinas" if giver == "official" else ""})
        entry = consents.ConsentInput(
            giver, answer, scopes or ("health",), more.pop("on", self.today), words=words, **more
        )
        return consents.record(self.actor, self.keyring, self.case.pk, entry)

    def basis(self, scope: str = "health") -> Any:
        return consents.basis_for(self.case, self.keys, scope)

    def entry(self, question: str = "guardian_left_out", words: Mapping[str, str] = WORDS, **more: Any) -> Any:
        values = {"choice": "go_ahead", "review_on": self.today + timedelta(days=10), **more}
        return decisions.DecisionInput(question=question, words=words, **values)

    def drafts(self, question: str = "guardian_left_out", *, replaces: UUID | None = None, **more: Any) -> Decision:
        entry = self.entry(question, **more)
        return decisions.draft(self.actor, self.keyring, self.case.pk, entry, replaces=replaces)

    def signs(self, row: Decision, **seen: int) -> Decision:
        if not seen:
            row = Decision.objects.get(pk=row.pk)
            seen = {"version": row.version, "sealed_version": row.sealed_version}
        return decisions.sign(self.actor, self.keyring, self.case.pk, row.pk, **seen)

    def bars(self, kind: str = "fact", what: str = "Hal pribadi", **more: Any) -> Barred:
        return barring.bar(self.actor, self.keyring, self.case.pk, barring.BarInput(kind, what, **more))

    def writes(self, letter: str, **more: Any) -> letters.Made:
        values = {"body": "Mohon bertemu hari Senin.", "phone": "021 555 0101", **more}
        return letters.write_letter(self.actor, self.keyring, self.case.pk, letters.LetterInput(letter, **values))


def pair(cast: Any, **more: Any) -> tuple[Worker, Worker]:
    """A case with its lead worker, and a colleague who works on it too."""
    case = make_case(cast, **more)
    give_to(case, cast.second_analyst, WorkerRole.CO)
    return Worker(cast, cast.case_worker, case), Worker(cast, cast.second_analyst, case)


def decided(first: Worker, second: Worker, question: str = "guardian_left_out", **more: Any) -> Decision:
    """A decision that both signed."""
    row = first.drafts(question, **more)
    first.signs(row)
    return second.signs(row)


def school(**more: Any) -> Organisation:
    values = {"code": "SMP-1", "name": "SMP Satu", "kind": "school", "changed_at": clock.now(), **more}
    return Organisation.objects.create(**values)
