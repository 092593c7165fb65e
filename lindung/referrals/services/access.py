"""What every service of this room begins with: find the referral from one's own side, write under its version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from lindung.accounts.actors import Actor
from lindung.casework import rules as casework
from lindung.casework.models import Case
from lindung.casework.models_closing import CaseMove, MoveState
from lindung.casework.services.access import May, case_for
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed, NotFound
from lindung.reporting.selectors import keyed_teams
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules, selectors
from ..models import Referral, Version
from ..rules import ReferralFacts
from ..signals import referral_changed
from ..state import Event, next_state

MayReceive = Callable[[Actor, ReferralFacts], bool]


def sent(actor: Actor, referral_id: UUID, may: May = casework.may_work) -> Referral:
    """A referral of a case that the actor may open and `may` act on. Raises NotFound or NotAllowed, shown alike."""
    referral = selectors.sent_from_cases_of(actor).filter(pk=referral_id).select_related(*_BESIDE).first()
    if referral is None:
        raise NotFound
    referral.case = case_for(actor, referral.case_id, may)
    return referral


def of_opened(case: Case, referral_id: UUID) -> Referral:
    """A referral of a case that the caller has opened for this person. Raises NotFound."""
    referral = Referral.objects.filter(pk=referral_id, case=case).select_related(*_BESIDE).first()
    if referral is None:
        raise NotFound
    referral.case = case
    return referral


def received(actor: Actor, referral_id: UUID, may: MayReceive = rules.may_answer) -> Referral:
    """A referral that was sent to a team of the actor's, who holds that team's present key, and `may` act on.

    Raises NotFound or NotAllowed, shown alike.
    """
    rows = selectors.received_by(actor).filter(pk=referral_id).select_related("case", *_BESIDE)
    holds = Exists(keyed_teams(actor).filter(team_key__team=OuterRef("receiving_team")))
    referral = rows.annotate(is_keyed=holds).first()
    if referral is None:
        raise NotFound
    if not may(actor, selectors.facts_of(referral)) or not vars(referral)["is_keyed"]:
        raise NotAllowed
    return referral


_BESIDE = ("organisation", "receiving_team", "second_choice_of")


def move(referral: Referral, event: Event, *, version: int | None = None, **changes: Any) -> None:
    """Write the next state, one conditional UPDATE: state and version must still be what the person saw.

    `version` is the one the form was made from (None: the one just read). Refreshes `referral` and sends
    `signals.referral_changed`. Raises Conflict and writes nothing otherwise.
    """
    target = next_state(referral.state, event)
    write(referral, version=version, state=target, **changes)
    referral_changed.send(sender=Referral, referral=referral, event=event.value)


def write(referral: Referral, *, version: int | None = None, **changes: Any) -> None:
    """Write columns without a step of its own, under the same condition."""
    seen = referral.version if version is None else version
    same = Referral.objects.filter(pk=referral.pk, receiving_team=referral.receiving_team_id)
    rows = same.filter(state=referral.state, version=seen)
    if rows.update(version=F("version") + 1, changed_at=clock.now(), **changes) != 1:
        raise Conflict
    referral.refresh_from_db(fields=[field.attname for field in Referral._meta.concrete_fields])


def hold_case(referral: Referral) -> None:
    """Hold the case's row until the commit, before the referral's: every write takes them in this order."""
    Case.objects.select_for_update(of=("self",)).filter(pk=referral.case_id).first()


def versions_of(referral: Referral) -> list[Version]:
    """Every version, the first one first."""
    return list(Version.objects.filter(referral=referral).order_by("number"))


def shared(referral: Referral) -> QuerySet[Version]:
    """The versions that the receiver opens at present."""
    return Version.objects.filter(referral=referral, shared_at__isnull=False, unshared_at=None)


def unshare(referral: Referral) -> int:
    """Take the receiver's keys away from everything that was shared; return from how many versions. In a transaction.

    What was read before is read; what is written from now on never reaches them.
    """
    if referral.receiving_team_id is None:
        return 0
    rows = list(shared(referral))
    asked = CaseMove.objects.filter(
        case=referral.case_id, to_team=referral.receiving_team_id, state=MoveState.OFFERED
    ).exists()
    for row in rows:
        if referral.receiving_team_id != referral.case.team_id:
            vault.unshare(record_id=row.record_id, team_id=referral.receiving_team_id, still_offered=asked)
    shared(referral).update(unshared_at=clock.now())
    return len(rows)


def newest_for(referral: Referral, keyring: Keyring, *, receiver: bool) -> tuple[Version, RecordKeys]:
    """The newest version that this side opens, with its keys: where its words go.

    Raises NotAllowed when there is none, or the keyring does not open it.
    """
    rows = shared(referral) if receiver else Version.objects.filter(referral=referral)
    newest = rows.order_by("-number").first()
    if newest is None:
        raise NotAllowed
    return newest, vault.open_with_team(record_id=newest.record_id, keyring=keyring)
