"""What happens to referrals when something happens to their case: the yes is taken back, a team is excluded, the case
ends, moves or is erased. Inside the transaction that caused it, which holds the case's row."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.casework.models import Case
from lindung.casework.models_rights import Decision, DecisionState, Giver
from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.vault import services as vault

from .models import ACTIVE, Referral, State, Version
from .services import calling
from .services.access import write
from .services.revoking import taken_back

_SYSTEM = Actor.system()


def on_consent_withdrawn(sender: Any, *, case_id: UUID, consent_id: UUID, scope: str, giver: str, **_: Any) -> None:
    """Stop sharing at once and tell the worker. A no of the child ends also what a decision stood for: it takes a new
    decision, made after the no."""
    rows = _active(case_id).filter(service=scope)
    if giver != Giver.CHILD:
        rows = rows.exclude(consent=None)
    _stop(rows, "consent_withdrawn")


def on_case_excluded(sender: Any, *, case_id: UUID, team_id: UUID, **_: Any) -> None:
    """A team that the case names reads no more of it."""
    _stop(_active(case_id).filter(receiving_team=team_id), "conflict_of_interest")


def on_case_closed(sender: Any, *, case_id: UUID, **_: Any) -> None:
    """Nothing goes on by itself after the end."""
    _stop(_active(case_id), "case_closed", tell=False)


def on_case_changed(sender: Any, *, case_id: UUID, what: str, **_: Any) -> None:
    """A decision took another one's place: what rests on the old one rests on the new one, or ends."""
    if what != "case.decision_signed":
        return
    gone = Decision.objects.filter(case=case_id, state=DecisionState.REPLACED)
    for referral in _active(case_id).filter(decision__in=gone):
        after = Decision.objects.filter(
            replaces=referral.decision_id, state=DecisionState.SIGNED, scope=referral.service, choice="go_ahead"
        ).first()
        if after is not None:
            write(referral, decision=after)
        else:
            _stop(Referral.objects.filter(pk=referral.pk).select_related("case"), "consent_withdrawn")


def on_case_erased(sender: Any, *, case_id: UUID, **_: Any) -> None:
    """What was handed over goes with the case, from both sides."""
    versions = list(Version.objects.filter(referral__case=case_id).values_list("record_id", flat=True))
    Referral.objects.filter(case=case_id, second_choice_of__isnull=False).update(second_choice_of=None)
    Referral.objects.filter(case=case_id).delete()
    for record_id in versions:
        vault.shred(record_id=record_id)
    if versions:
        audit.record("referral.erased", actor="system", subject=case_id.hex, data={"versions": len(versions)})


def left_to_do(case: Case) -> Iterable[tuple[str, str | Promise]]:
    """What keeps a case from ending: registered with casework's closing."""
    if Referral.objects.filter(case=case, state__in=ACTIVE).exists():
        yield "referral", _("Masih ada rujukan yang berjalan. Tunggu hasilnya, atau cabut dulu.")


def _active(case_id: UUID) -> QuerySet[Referral]:
    rows = Referral.objects.filter(case=case_id, state__in=ACTIVE)
    return rows.select_related("case", "organisation").order_by("made_at", "id")


def _stop(rows: QuerySet[Referral], reason: str, *, tell: bool = True) -> None:
    for referral in rows:
        try:
            taken_back(referral, reason, _SYSTEM)
        except Conflict:  # the receiver ended it in this very moment: look again under our lock on the case
            referral.refresh_from_db()
            if referral.state not in ACTIVE:
                continue
            taken_back(referral, reason, _SYSTEM)
        if tell:
            calling.ask(referral, clock.now())
            transaction.on_commit(partial(calling.call_workers, referral))
        if referral.state == State.REVOKED:
            transaction.on_commit(partial(calling.call_receivers, referral))
