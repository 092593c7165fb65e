"""People of the cast at work on cases, so that a test reads like a sentence."""

from __future__ import annotations

from typing import Any

from lindung.accounts.models import User
from lindung.audit.models import Event
from lindung.casework.models import Case
from lindung.casework.services import closing, moving
from lindung.casework.services.access import open_keys, unseal

DONE = {"reason": "goals_reached", "summary": "Tujuan tercapai.", "child_agrees": True}


class Desk:
    """One person with their keys."""

    def __init__(self, cast: Any, user: User) -> None:
        self.cast, self.user = cast, user
        self.actor, self.keyring = cast.actor(user), cast.keyring(user)

    @property
    def hands(self) -> tuple[Any, Any]:
        return self.actor, self.keyring

    def words(self, case: Case, field: str) -> dict[str, Any]:
        case = Case.objects.get(pk=case.pk)
        return unseal(case, open_keys(case, self.keyring), field)

    def propose(self, case: Case, **more: Any) -> Any:
        return closing.propose(*self.hands, case.pk, **{**DONE, **more})

    def offer(self, case: Case, team: Any, **more: Any) -> Any:
        said = {"reason": "child_moved", "words": "Anak pindah.", **more}
        return moving.offer(*self.hands, case.pk, team.pk, **said)


def kinds(case: Case) -> list[str]:
    """The audit events of a case, in order."""
    return list(Event.objects.filter(subject=case.pk.hex).order_by("seq").values_list("kind", flat=True))
