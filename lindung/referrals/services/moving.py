"""A case changes hands: every version of what it handed over goes along, and the receivers keep what is shared."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from lindung.casework.along import Along
from lindung.casework.models import Case
from lindung.casework.models_closing import CaseMove, MoveState
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey
from lindung.vault.services import Keyring

from ..models import Version


def offer(case: Case, keyring: Keyring, to_team_id: UUID) -> None:
    """Offer every version; what that team already reads as a receiver needs no offer."""
    for version in _versions(case):
        if not _reads(version, to_team_id):
            vault.offer(record_id=version.record_id, keyring=keyring, to_team_id=to_team_id)


def offer_also(case: Case, version: Version, keyring: Keyring) -> None:
    """The same for a version that is written while the case is offered. Inside its transaction, the case held still."""
    move = CaseMove.objects.filter(case=case, state=MoveState.OFFERED).first()
    if move is not None and not _reads(version, move.to_team_id):
        vault.offer(record_id=version.record_id, keyring=keyring, to_team_id=move.to_team_id)


def take_over(case: Case, keyring: Keyring, from_team_id: UUID) -> None:
    """The team that said yes has every version now; the one that offered has none."""
    for version in _versions(case):
        if vault.is_offered(version.record_id):
            vault.take_over(record_id=version.record_id, keyring=keyring, from_team_id=from_team_id)
        else:
            vault.unshare(record_id=version.record_id, team_id=from_team_id)


def take_back(case: Case) -> None:
    """Nothing came of it."""
    for version in _versions(case):
        vault.take_back(record_id=version.record_id)


def leave(case: Case, keyring: Keyring, from_team_id: UUID, to_team_id: UUID) -> None:
    """A conflict of interest took the case from a team, and its versions too; receivers keep what is shared."""
    for version in _versions(case):
        if not _reads(version, to_team_id):
            vault.share(record_id=version.record_id, keyring=keyring, to_team_id=to_team_id)
        vault.unshare(record_id=version.record_id, team_id=from_team_id)


def _versions(case: Case) -> QuerySet[Version]:
    return Version.objects.filter(referral__case=case).order_by("referral", "number")


def _reads(version: Version, team_id: UUID) -> bool:
    return WrappedKey.objects.filter(record=version.record_id, team_key__team=team_id).exists()


ALONG = Along(offer, take_over, take_back, leave)
