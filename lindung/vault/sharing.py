"""A record that two teams open: the one that made it, and another one for as long as it is shared.

Both hold wraps of the same two keys. Taking the share back removes the other team's wraps; it takes nothing out of a
memory. Whoever copied the keys while they held them goes on opening that record in a copy of the database, also what is
sealed under it later. So what must not be read any more after the share was taken back belongs into a record of its own
(decision 0017).
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.core.errors import Conflict
from lindung.vault.keyring import Keyring
from lindung.vault.models import WrappedKey
from lindung.vault.records import lock_record, open_with_team, team_wraps

_TEAM, _OFFERED = WrappedKey.Recipient.TEAM, WrappedKey.Recipient.OFFERED


def share(*, record_id: UUID, keyring: Keyring, to_team_id: UUID) -> None:
    """Wrap both keys of a record for a second team, which opens it from the commit on.

    It may be offered to a third team meanwhile. Raises NotFound for a shredded record, NotAllowed when the keyring does
    not open it or the other team has no key, Conflict when that team has it already or is offered it.
    """
    with transaction.atomic():
        lock_record(record_id)
        keys = open_with_team(record_id=record_id, keyring=keyring)
        if WrappedKey.objects.filter(record=record_id, team_key__team=to_team_id).exists():
            raise Conflict
        WrappedKey.objects.bulk_create(team_wraps(keys, to_team_id))


def unshare(*, record_id: UUID, team_id: UUID, still_offered: bool = False) -> bool:
    """Remove every wrap of one team, also held ones; True when there were some. Needs no key: it only takes away.

    `still_offered`: that team is being asked to take the record over, so its wraps become those of an offer.
    Raises NotFound for a shredded record, Conflict when nobody else would open it any more: that is what `shred` is
    for. On PostgreSQL the old bytes leave the disk with the next `after_shred`.
    """
    with transaction.atomic():
        lock_record(record_id)
        wraps = WrappedKey.objects.select_for_update(of=("self",)).filter(record=record_id, team_key__isnull=False)
        rows = list(wraps.select_related("team_key"))
        theirs = [row.pk for row in rows if row.team_key is not None and row.team_key.team == team_id]
        others = [row for row in rows if row.pk not in theirs and row.recipient != _OFFERED]
        if theirs and not others:
            raise Conflict
        if still_offered:
            WrappedKey.objects.filter(pk__in=theirs, recipient=_TEAM).update(recipient=_OFFERED)
        else:
            WrappedKey.objects.filter(pk__in=theirs).delete()
    return bool(theirs)
